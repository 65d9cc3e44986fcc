"""Many decisions at once: one result for each, one name for all, and all of it taken back together."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from comments import bulk, moderation
from comments.bulk import Choice
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, ModerationEvent
from comments.moderation import Seen

pytestmark = pytest.mark.django_db

WAITING = Seen("pending", 1)


def stands(*comments: Comment) -> list[str]:
    return [Comment.objects.get(pk=comment.pk).status for comment in comments]


def test_all_that_was_chosen_is_decided_under_one_name_and_undone_by_it(write: Any, mona: User, ed: User) -> None:
    rows = [write(status="pending") for _ in range(3)]
    done = bulk.decide_many([Choice(row.pk, "spam", WAITING) for row in rows], by=mona)
    assert stands(*rows) == ["spam"] * 3
    assert [result.comment_id for result in done.results] == [row.pk for row in rows]
    assert [result.status_code for result in done.results] == [200] * 3
    assert {result.event.batch for result in done.results if result.event} == {done.batch}
    assert (done.changed, done.refused) == (3, [])
    undone = bulk.undo_batch(done.batch, by=ed)
    assert stands(*rows) == ["pending"] * 3
    assert [result.comment_id for result in undone] == [row.pk for row in reversed(rows)]
    assert all(result.event is not None and result.sentence for result in undone)
    again = bulk.undo_batch(done.batch, by=mona)
    assert [(result.status_code, result.event) for result in again] == [(200, None)] * 3


def test_each_is_refused_by_itself(write: Any, mona: User, ed: User) -> None:
    fine, stale, unreasoned = (write(status="pending") for _ in range(3))
    moderation.decide(stale, to="approved", by=ed, seen=WAITING)
    done = bulk.decide_many(
        [
            Choice(stale.pk, "spam", WAITING),
            Choice(unreasoned.pk, "rejected", WAITING),
            Choice(10**30, "spam", WAITING),
            Choice(fine.pk, "rejected", WAITING, reason="abuse", message="Calm down.", invite=True),
        ],
        by=mona,
    )
    assert [result.status_code for result in done.results] == [409, 422, 404, 200]
    assert all(str(result.sentence) for result in done.results)
    assert stands(fine, stale, unreasoned) == ["rejected", "approved", "pending"]
    event = ModerationEvent.objects.get(batch=done.batch)
    assert (event.message, event.is_invitation) == ("Calm down.", True)


def test_where_the_database_is_busy_the_others_are_told_of_all_the_same(
    write: Any, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [write(status="pending") for _ in range(3)]
    decide = moderation.decide

    def busy(comment: Comment, **fields: Any) -> moderation.Decision:
        if comment.pk == rows[1].pk:
            raise OperationalError("database is locked")
        return decide(comment, **fields)

    monkeypatch.setattr(moderation, "decide", busy)
    done = bulk.decide_many([Choice(row.pk, "spam", WAITING) for row in rows], by=mona)
    assert [result.status_code for result in done.results] == [200, 503, 200]
    assert stands(*rows) == ["spam", "pending", "spam"]


def test_what_somebody_decided_since_is_left_out_when_all_is_undone(write: Any, mona: User, ed: User) -> None:
    one, two = write(status="pending"), write(status="pending")
    done = bulk.decide_many([Choice(row.pk, "approved", WAITING) for row in (one, two)], by=mona)
    moderation.decide(one, to="spam", by=ed, seen=Seen("approved", 1))
    assert [result.status_code for result in bulk.undo_batch(done.batch, by=mona)] == [200, 409]
    assert stands(one, two) == ["spam", "pending"]


def test_nobody_chooses_more_than_a_hundred(write: Any, mona: User) -> None:
    comment = write(status="pending")
    with pytest.raises(Refusal) as refused:
        bulk.decide_many([Choice(comment.pk, "spam", WAITING)] * 101, by=mona)
    assert (refused.value.status, stands(comment)) == (422, ["pending"])


def test_a_name_of_nothing_is_a_404() -> None:
    with pytest.raises(Refusal) as refused:
        bulk.undo_batch(uuid4(), by=User())
    assert refused.value.status == 404


def test_all_of_something_is_decided_where_it_is_no_more_than_was_said(write: Any, mona: User) -> None:
    rows = [write(status="pending") for _ in range(3)]
    other = write(status="spam")
    done = bulk.decide_all(Comment.objects.pending(), by=mona, to="rejected", reason="duplicate", note="n", expected=3)
    assert stands(*rows, other) == ["rejected"] * 3 + ["spam"]
    assert done.changed == 3
    assert set(ModerationEvent.objects.filter(batch=done.batch).values_list("reason", "note")) == {("duplicate", "n")}
    bulk.undo_batch(done.batch, by=mona)
    assert stands(*rows) == ["pending"] * 3


def test_where_there_are_more_than_was_said_nothing_is_decided(write: Any, mona: User) -> None:
    rows = [write(status="pending") for _ in range(3)]
    with pytest.raises(Refusal) as refused:
        bulk.decide_all(Comment.objects.pending(), by=mona, to="spam", expected=2)
    assert (refused.value.status, refused.value.code) == (409, "more_than_expected")
    assert "3" in str(refused.value.detail)
    assert stands(*rows) == ["pending"] * 3


def test_what_others_have_decided_meanwhile_is_not_missed(write: Any, mona: User, ed: User) -> None:
    one, two = write(status="pending"), write(status="pending")
    moderation.decide(one, to="approved", by=ed, seen=WAITING)
    done = bulk.decide_all(Comment.objects.pending(), by=mona, to="spam", expected=2)
    assert (len(done.results), stands(one, two)) == (1, ["approved", "spam"])


def test_no_one_decision_reaches_more_than_a_thousand(thread: Any, mona: User) -> None:
    Comment.objects.bulk_create(Comment(thread=thread, html="x", status="pending") for _ in range(1001))
    with pytest.raises(Refusal) as refused:
        bulk.decide_all(Comment.objects.pending(), by=mona, to="spam", expected=5000)
    assert (refused.value.status, refused.value.code) == (422, "too_many")
    assert Comment.objects.pending().count() == 1001


def test_a_decision_that_could_be_taken_on_none_of_them_is_refused_once(write: Any, mona: User) -> None:
    write(status="pending")
    with pytest.raises(InvalidFields) as refused:
        bulk.decide_all(Comment.objects.pending(), by=mona, to="rejected", expected=1)
    assert list(refused.value.fields) == ["reason"]
