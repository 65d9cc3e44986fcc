"""A dump of the database, without the keys: nobody's address can be had from it, in whatever form one looks."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from comments import confirming, mailing, posting, privacy, reporting, subscribing
from comments.models import Comment, Commenter, Outbox, Reader, Thread

pytestmark = pytest.mark.django_db

KEY = "the sealing key, which lies in no table: 4711-0815"
ADDRESSES = (
    "Carl.Weatherwax+Harbour@Quibbledom-Example.org",
    "rita.sandbank@xn--80aikifvh.example",
    "пошта-саме@приклад-дамп.укр",
)


def dumped() -> str:
    """The whole database as its own tool writes it to a file."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return "\n".join(connection.connection.iterdump())
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f"COPY {connection.ops.quote_name(table)} TO STDOUT") as copy:
                found += [table, *(bytes(block).decode() for block in copy)]
    return "\n".join(found)


def forms(address: str) -> dict[str, str]:
    """The forms of an address in which a thief would look for it, lower case."""
    raw = address
    normal = privacy.normalise_address(address)
    local = raw.rpartition("@")[0]
    found = {}
    for name, text in {
        "raw": raw,
        "normal": normal,
        "lower": raw.lower(),
        "local": local,
        "local lower": local.lower(),
    }.items():
        data = text.encode()
        found |= {
            name: text,
            f"{name} reversed": text[::-1],
            f"{name} hex": data.hex(),
            f"{name} escaped": text.encode("unicode_escape").decode(),
        }
        for shift in range(3):
            # Inside a longer text the letters of base64 depend on where the address begins; its ends are not its own.
            encoded = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
            whole = encoded[(0, 2, 3)[shift] : len(encoded) - 1]
            found |= {f"{name} base64 {shift}": whole, f"{name} urlsafe {shift}": whole.translate({43: 45, 47: 95})}
        for kind in ("md5", "sha1", "sha224", "sha256", "sha512"):
            digest = hashlib.new(kind, data)
            found |= {f"{name} {kind}": digest.hexdigest(), f"{name} {kind} cut": digest.hexdigest()[:32]}
            found[f"{name} {kind} base64"] = base64.b64encode(digest.digest()).decode().rstrip("=")
    return {name: form.casefold() for name, form in found.items() if len(form) > 4}


def traces(text: str) -> list[str]:
    text = text.casefold()
    return [f"{name} of {address}" for address in ADDRESSES for name, form in forms(address).items() if form in text]


@pytest.fixture
def busy(write: Callable[..., Comment], thread: Thread, settings: Any) -> Comment:
    """Everything has happened that stores an address, or something that is made of one."""
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": (KEY,), "SITE_URL": "https://news.example"}
    for number, address in enumerate(ADDRESSES):
        reader = Reader.objects.create(cookie_digest=privacy.reader_digest(f"{number}"))
        comment = write(email=address, reader=reader, key=f"k{number}", client_digest="c" * 32)
        posting.edit(comment, body="Edited.", reader=reader)
        subscribing.subscribe(subscribing.Wish(thread), reader=reader, address=address)
        request = confirming.ask(address=address.upper(), reader=reader)
        confirming.settle(request.pk)
        reporting.report(comment, reader=Reader.objects.create(cookie_digest=f"s{number}"), reason="other", note="hm")
    for commenter in Commenter.objects.all():
        commenter.subscriptions.update(confirmed_at=timezone.now())
    write(email="other@example.org")
    mailing.send_due(limit=1)
    assert Outbox.objects.filter(kind="news").exists()
    assert Outbox.objects.filter(kind="confirm").exists()
    return comment


def test_a_dump_holds_no_address_in_any_form_and_no_key(busy: Comment) -> None:
    text = dumped()
    assert "comments_commenter" in text
    assert busy.author_name in text
    assert traces(text) == []
    for form in (KEY, KEY.encode().hex(), base64.b64encode(KEY.encode()).decode().rstrip("="), KEY[:20]):
        assert form not in text


def test_the_search_finds_each_form_where_it_stands(busy: Comment) -> None:
    for address in ADDRESSES:
        for name, form in forms(address).items():
            assert f"{name} of {address}" in traces(f"before{form}after")
    planted = forms(ADDRESSES[0])["raw sha256"]
    Comment.objects.filter(pk=busy.pk).update(html=f"<p>{planted}</p>")
    assert f"raw sha256 of {ADDRESSES[0]}" in traces(dumped())


def test_without_its_key_no_row_opens_and_no_guess_matches(busy: Comment, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ("another",)}
    for row in Commenter.objects.all():
        with pytest.raises(privacy.UnreadableAddress):
            privacy.open_address(row)
    digests = set(Commenter.objects.values_list("address_digest", flat=True))
    assert not {privacy.commenter_for(address).address_digest for address in ADDRESSES} & digests
