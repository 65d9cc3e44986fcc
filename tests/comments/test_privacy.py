"""Addresses: sealed, matched by a keyed digest, in one table, and of no use to who steals that table."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comments import posting, privacy, recommending, reporting, retention
from comments.models import Commenter, Reader, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(settings):
    """Set the keys in force, newest first."""

    def put(*keys: str) -> None:
        settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": keys}

    return put


def test_an_address_is_sealed_as_typed_and_opened():
    commenter = privacy.commenter_for(" Carl.O'Hara+News@Example.ORG ")
    commenter.refresh_from_db()
    assert privacy.open_address(commenter) == "Carl.O'Hara+News@Example.ORG"


def test_one_address_is_one_commenter():
    assert privacy.commenter_for("carl@example.org") == privacy.commenter_for("carl@example.org")
    assert Commenter.objects.count() == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("carl@example.org", "CARL@EXAMPLE.ORG"),
        ("carl@example.org", "  carl@example.org\t"),
        ("jose\u0301@example.org", "josé@example.org"),
        ("пошта@приклад.укр", "ПОШТА@ПРИКЛАД.УКР"),
        ("пошта@приклад.укр", "пошта@xn--80aikifvh.xn--j1amh"),
        ("ｃａｒｌ@example.org", "carl@example.org"),
    ],
)
def test_two_typings_of_an_address_are_known_to_be_one(one, two):
    assert privacy.normalise_address(one) == privacy.normalise_address(two)
    assert privacy.commenter_for(one) == privacy.commenter_for(two)


@pytest.mark.parametrize("other", ["carl+x@example.org", "car.l@example.org", "carl@example.com", "karl@example.org"])
def test_different_addresses_are_different_commenters(other):
    assert privacy.commenter_for("carl@example.org") != privacy.commenter_for(other)


def test_the_same_address_never_seals_alike():
    assert privacy.seal_address("carl@example.org") != privacy.seal_address("carl@example.org")


def test_a_sealed_address_that_was_tampered_with_does_not_open():
    commenter = privacy.commenter_for("carl@example.org")
    sealed = bytearray(bytes(commenter.sealed_address))
    sealed[20] ^= 1
    commenter.sealed_address = bytes(sealed)
    with pytest.raises(privacy.UnreadableAddress):
        privacy.open_address(commenter)


# --- Keys ------------------------------------------------------------------------------------------------------------


def test_an_old_key_still_opens_and_the_new_one_seals(keys):
    keys("old")
    commenter = privacy.commenter_for("carl@example.org")
    keys("new", "old")
    assert privacy.open_address(commenter) == "carl@example.org"
    assert privacy.commenter_for("rita@example.org").address_digest != ""
    keys("new")
    assert privacy.open_address(Commenter.objects.get(pk=privacy.commenter_for("rita@example.org").pk))
    with pytest.raises(privacy.UnreadableAddress):
        privacy.open_address(commenter)


def test_an_address_that_is_seen_again_moves_to_the_new_key(keys):
    keys("old")
    before = privacy.commenter_for("carl@example.org")
    keys("new", "old")
    after = privacy.commenter_for("carl@example.org")
    after.refresh_from_db()
    assert after == before
    assert after.address_digest != before.address_digest
    keys("new")
    assert privacy.open_address(after) == "carl@example.org"
    assert privacy.commenter_for("carl@example.org") == before


def test_a_rotation_that_was_taken_back_for_a_while_stops_nobody_from_posting(keys, write):
    keys("old")
    write(email="carl@example.org")
    keys("new")
    write(email="carl@example.org")
    assert Commenter.objects.count() == 2
    keys("new", "old")
    newest = privacy.commenter_for("carl@example.org")
    assert write(email="carl@example.org").commenter == newest
    keys("new")
    assert privacy.open_address(newest) == "carl@example.org"


def test_without_keys_of_its_own_the_sites_secret_serves(keys, settings):
    keys()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "one", []
    commenter = privacy.commenter_for("carl@example.org")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "two", ["one"]
    assert privacy.commenter_for("CARL@example.org") == commenter


def test_a_digest_differs_by_purpose_key_and_value(keys):
    keys("one")
    first = privacy.keyed_digest("client", "192.0.2.1")
    assert first == privacy.keyed_digest("client", "192.0.2.1")
    assert first != privacy.keyed_digest("text", "192.0.2.1")
    assert first != privacy.keyed_digest("client", "192.0.2.2")
    keys("two")
    assert first != privacy.keyed_digest("client", "192.0.2.1")


def test_a_digest_is_as_long_as_asked_and_no_plain_hash():
    value = "carl@example.org"
    digest = privacy.keyed_digest("address", value, length=64)
    assert len(digest) == 64
    assert len(privacy.keyed_digest("address", value)) == 32
    assert digest not in {hashlib.new(name, value.encode()).hexdigest() for name in ("sha256", "sha3_256", "blake2s")}


def test_browsers_get_names_that_cannot_be_guessed():
    names = {privacy.new_reader_cookie() for _ in range(50)}
    assert len(names) == 50
    assert min(map(len, names)) >= 32
    assert len({privacy.reader_digest(name) for name in names}) == 50


# --- The store -------------------------------------------------------------------------------------------------------

ADDRESS = "Carl.Weatherwax+Harbour@Quibbledom-Example.org"
LOCAL = ADDRESS.rpartition("@")[0]


def _read(value: object) -> object:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else value


def dump() -> dict[str, str]:
    """Every column of every row, as somebody with a copy of the database reads it."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = "\n".join(str(_read(value)) for row in cursor.fetchall() for value in row)
    return found


def forms() -> set[str]:
    """The address in the forms in which one looks for it."""
    found = set()
    for text in (ADDRESS, ADDRESS.lower(), LOCAL, LOCAL.lower(), privacy.normalise_address(ADDRESS)):
        raw = text.encode()
        found |= {text, base64.b64encode(raw).decode().rstrip("="), raw.hex()}
        found |= {hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha224", "sha256", "sha512")}
    return {form.casefold() for form in found}


@pytest.fixture
def busy_store(write, thread, tags, mona):
    """A database in which everything has happened that leaves a row."""
    reader = Reader.objects.create(cookie_digest=privacy.reader_digest("carl"))
    comment = write(email=ADDRESS, reader=reader, key="k", client_digest="c" * 32, website="example.org")
    write(email=ADDRESS, reader=reader, status="spam", parent=comment)
    posting.edit(comment, body="Edited.", reader=reader)
    reporting.report(comment, reader=Reader.objects.create(cookie_digest="sam"), reason="other", note="hm")
    recommending.recommend(comment, reader=Reader.objects.create(cookie_digest="rita"))
    return comment


def test_a_stolen_database_does_not_hold_the_address(busy_store):
    stolen = dump()
    assert "comments_commenter" in stolen
    assert Commenter.objects.count() == 1
    hits = [(table, form) for table, rows in stolen.items() for form in forms() if form in rows.casefold()]
    assert hits == []


def test_the_search_would_find_an_address(busy_store):
    busy_store.author_website = f"https://example.org/?{LOCAL}"
    busy_store.save()
    assert any(form in rows.casefold() for rows in dump().values() for form in forms())


def test_only_one_table_holds_the_sealed_address_and_its_digest(busy_store):
    commenter = Commenter.objects.get()
    sealed = bytes(commenter.sealed_address).decode("latin-1")
    tables = {table for table, rows in dump().items() if sealed in rows or commenter.address_digest in rows}
    assert tables == {"comments_commenter"}
    # The digest of the payload covers the address; it is keyed, and forgotten after some days.
    Submission.objects.update(created_at=timezone.now() - timedelta(days=8))
    retention.sweep()
    assert not Submission.objects.exists()


def test_a_commenter_does_not_say_who_it_is(busy_store):
    commenter = Commenter.objects.get()
    assert str(commenter) == f"commenter {commenter.pk}"
    assert LOCAL not in repr(commenter)
