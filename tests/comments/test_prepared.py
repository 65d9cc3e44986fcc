"""Statements that are compiled once: each run says what the ORM would say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from comments.models import Comment, Commenter, FacetCount, Reader, Submission, Thread
from comments.prepared import Insert, Select, Update

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def remark(thread: Thread, **fields) -> Comment:
    """A comment with a value in every kind of column."""
    reader = Reader.objects.create(cookie_digest=f"{Reader.objects.count():032x}", hue=3)
    return Comment(
        **{
            "thread": thread,
            "reader": reader,
            "author_name": "Ca%sl 100 %",
            "html": "<p>Ïf “quoted” 🙂 %s</p>",
            "screening": [{"code": "links", "detail": "3 %"}],
            "created_at": NOON,
            "is_listed": True,
            "tag_mask": 2**61,
            **fields,
        }
    )


@pytest.fixture
def by_name():
    return Select(Thread, lambda rows, given: rows.filter(key=given("key")))


def test_a_look_up_finds_the_row_of_each_value(thread, by_name):
    other = Thread.objects.create(key="station", url="/", close_after_days=3)
    for one in (thread, other, thread):
        found = by_name.first(key=one.key)
        assert found == one
        assert found is not None
        assert not found._state.adding
        assert [getattr(found, field.attname) for field in Thread._meta.concrete_fields] == [
            getattr(one, field.attname) for field in Thread._meta.concrete_fields
        ]
    assert by_name.first(key="nowhere") is None


def test_a_look_up_is_one_query_and_the_orms_own(thread, by_name):
    by_name.first(key="compiled by now")
    with CaptureQueriesContext(connection) as ours:
        by_name.first(key=thread.key)
    with CaptureQueriesContext(connection) as theirs:
        list(Thread.objects.filter(key=thread.key))
    assert len(ours) == 1
    assert ours[0]["sql"].replace("(", "").replace(")", "") == theirs[0]["sql"].replace("(", "").replace(")", "")


def test_values_come_back_as_python_has_them(thread):
    comment = remark(thread)
    comment.save()
    names = ("created_at", "is_listed", "screening", "edited_at", "tag_mask")
    since = Select(Comment, lambda rows, given: rows.filter(created_at__gte=given("created_at")).values_list(*names))
    ((*found,),) = since.rows(created_at=NOON)
    assert found == [getattr(comment, name) for name in names]
    assert since.rows(created_at=NOON + timedelta(seconds=1)) == []


def test_a_value_is_no_part_of_the_statement(thread, by_name):
    assert by_name.first(key="' OR 1=1 --") is None
    assert by_name.first(key="%s") is None


def test_a_change_says_how_many_rows_it_found(thread):
    raise_count = Update(
        FacetCount,
        lambda rows, given: rows.filter(thread_id=given("thread_id"), tag_mask=given("tag_mask")),
        count=F("count") + 2,
    )
    FacetCount.objects.create(thread=thread, tag_mask=5, count=1)
    assert raise_count.run(thread_id=thread.pk, tag_mask=5) == 1
    assert raise_count.run(thread_id=thread.pk, tag_mask=6) == 0
    assert raise_count.run(thread_id=thread.pk, tag_mask=5) == 1
    assert FacetCount.objects.get().count == 5


def test_a_new_row_is_what_the_orm_would_store(thread):
    insert = Insert(Comment)
    for fields in ({}, {"status": "approved", "tag_mask": 0, "screening": [], "reply_count": 7}, {"edited_at": NOON}):
        ours, theirs = remark(thread, **fields), remark(thread, **fields)
        assert insert.add(ours)
        theirs.save()
        assert ours.pk
        assert not ours._state.adding
        stored = [Comment.objects.filter(pk=one.pk).values().get() for one in (ours, theirs)]
        assert [{**row, "id": 0, "reader_id": 0} for row in stored[:1]] == [{**stored[1], "id": 0, "reader_id": 0}]
        ours.author_name = "Changed"
        ours.save()
        assert Comment.objects.get(pk=ours.pk).author_name == "Changed"


def test_digests_are_kept_as_bytes(thread, write):
    comment = write()
    row = Submission(key="ab" * 32, payload_digest="", client_digest="0c" * 16, text_digest="ff" * 16, comment=comment)
    assert Insert(Submission).add(row)
    found = Submission.objects.get(key="ab" * 32)
    assert (found.payload_digest, found.client_digest, found.text_digest) == ("", "0c" * 16, "ff" * 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM comments_submission WHERE id = %s", [row.pk])
        assert bytes(cursor.fetchone()[0]) == b"\xab" * 32


def test_an_error_of_the_database_is_the_orms_own(thread):
    Reader.objects.create(cookie_digest="a" * 32)
    with pytest.raises(IntegrityError), transaction.atomic():
        Insert(Reader).add(Reader(cookie_digest="a" * 32))


def test_a_row_that_is_there_already_stands_where_that_is_asked_for():
    first = Commenter(address_digest="a" * 32, sealed_address=b"1")
    again = Commenter(address_digest="a" * 32, sealed_address=b"2")
    insert = Insert(Commenter, or_ignore=True)
    assert insert.add(first)
    assert not insert.add(again)
    assert again.pk is None
    assert bytes(Commenter.objects.get().sealed_address) == b"1"


def test_who_listens_to_django_hears_of_the_row():
    heard = []

    def hear(instance, created, **_):
        heard.append((instance, created))

    post_save.connect(hear, sender=Reader)
    try:
        reader = Reader(cookie_digest="a" * 32)
        Insert(Reader).add(reader)
    finally:
        post_save.disconnect(hear, sender=Reader)
    assert heard == [(reader, True)]


def test_a_database_that_returns_no_keys_is_served_by_the_orm(monkeypatch):
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    saved = []
    monkeypatch.setattr(Reader, "save", lambda reader, **options: saved.append((reader, options)))
    reader = Reader(cookie_digest="a" * 32)
    assert Insert(Reader).add(reader)
    assert saved == [(reader, {"force_insert": True, "using": "default"})]
    insert = Insert(Commenter, or_ignore=True)
    assert not insert.add(Commenter(address_digest="a" * 32, sealed_address=b"1"))
    assert not insert.add(Commenter(address_digest="a" * 32, sealed_address=b"2"))
    assert bytes(Commenter.objects.get().sealed_address) == b"1"
