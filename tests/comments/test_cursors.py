"""What a URL may ask of a discussion: an order, tags, a place. Whatever else it says is refused, never an error."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from django.core import signing
from hypothesis import given, settings
from hypothesis import strategies as st

from comments import listing, tagging
from comments.errors import Refusal
from comments.listing import Cursor, Sort
from comments.models import Thread

pytestmark = pytest.mark.django_db

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SORTS = list(Sort)


@pytest.mark.parametrize(("typed", "sort"), [("", Sort.NEWEST), ("oldest", Sort.OLDEST), ("replies", Sort.REPLIES)])
def test_an_order_is_read(typed, sort):
    assert listing.read_sort(typed) is sort


@pytest.mark.parametrize("typed", ["best", "NEWEST", "newest ", "-created_at", "\x00", "\ud800"])
def test_an_order_that_does_not_exist_is_refused(typed):
    with pytest.raises(Refusal) as refused:
        listing.read_sort(typed)
    assert (refused.value.status, refused.value.code) == (400, "unknown_sort")


@pytest.mark.parametrize("slug", ["unknown", "", "DREDGING", "dredging ", "\x00", "x" * 5000, "\ud800"])
def test_a_tag_that_does_not_exist_is_refused(slug, thread, tags):
    with pytest.raises(Refusal) as refused:
        listing.select(thread, ["dredging", slug])
    assert (refused.value.status, refused.value.code) == (400, "unknown_tag")


def test_a_tag_of_another_thread_is_refused(thread, tags):
    elsewhere = Thread.objects.create(key="elsewhere")
    tagging.define_tags(elsewhere, [tagging.TagSpec("fish", "indicator")])
    with pytest.raises(Refusal):
        listing.select(thread, ["fish"])


def signed(value: object) -> str:
    packed = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return signing.Signer(salt="comments.cursor").sign(packed)


GOOD = Cursor(Sort.REPLIES, 3, 7)


@pytest.mark.parametrize(
    "opaque",
    [
        "",
        "x",
        ":",
        "a:b",
        "\x00",
        "пошта",
        "\ud800",
        "x" * 10_000,
        GOOD.encode()[:-1],
        GOOD.encode() + "x",
        "x" + GOOD.encode(),
        GOOD.encode().replace(":", "."),
        base64.urlsafe_b64encode(b'["replies",3,7,0]').decode(),
        signing.Signer(salt="another.salt").sign("WyJyZXBsaWVzIiwzLDcsMF0"),
        signing.Signer(salt="comments.cursor").sign("%%%"),
        signing.Signer(salt="comments.cursor").sign("x"),
        signed(None),
        signed({}),
        signed([]),
        signed(["replies", 3, 7]),
        signed(["best", 3, 7, 0]),
        signed(["newest", 3, 7, 0]),
        signed(["newest", "yesterday", 7, 0]),
    ],
)
def test_a_cursor_that_we_did_not_give_is_refused(opaque):
    for sort in Sort:
        with pytest.raises(Refusal) as refused:
            Cursor.decode(opaque, sort)
        assert (refused.value.status, refused.value.code) == (400, "bad_cursor")


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_of_another_order_is_refused(sort):
    value = NOON if sort.column == "created_at" else 3
    cursor = Cursor(sort, value, 7, is_backward=True)
    assert Cursor.decode(cursor.encode(), sort) == cursor
    for other in SORTS:
        if other is not sort:
            with pytest.raises(Refusal):
                Cursor.decode(cursor.encode(), other)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_text_makes_reading_a_cursor_fail_otherwise(text):
    with pytest.raises(Refusal):
        Cursor.decode(text, Sort.NEWEST)


def test_a_cursor_is_fit_for_a_url():
    for value in (NOON, NOON.replace(microsecond=123456), 0, 10**9):
        sort = Sort.NEWEST if isinstance(value, datetime) else Sort.REPLIES
        opaque = Cursor(sort, value, 2**60).encode()
        assert set(opaque) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:")
        assert Cursor.decode(opaque, sort).value == value
