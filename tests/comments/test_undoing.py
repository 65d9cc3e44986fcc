"""Undo: what a decision changed is as it was, and what happened since is never overwritten."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments import editing, erasing, moderation, posting, reporting, undoing
from comments.errors import IllegalTransition, Refusal, StaleDecision
from comments.models import Comment, ModerationEvent, Notice, Outbox, Report, Subscription, Thread
from comments.moderation import Seen
from tests.comments.people import browser

pytestmark = pytest.mark.django_db

PENDING, APPROVED, REJECTED, SPAM = "pending", "approved", "rejected", "spam"


def seen(comment: Comment) -> Seen:
    return Seen(comment.status, comment.revision)


def decide(comment: Comment, to: str, by: User, **said: Any) -> ModerationEvent:
    comment.refresh_from_db()
    said.setdefault("reason", "other" if to == REJECTED else "")
    event = moderation.decide(comment, to=to, by=by, seen=seen(comment), **said).event
    comment.refresh_from_db()
    assert event is not None
    return event


UNDOS = [
    (was, to, rule)
    for was, to, rule in [
        (PENDING, APPROVED, "What was let through waits again."),
        (PENDING, REJECTED, "What was turned down waits again."),
        (PENDING, SPAM, "What was marked by a slip waits again, which no decision could bring about."),
        (APPROVED, REJECTED, "What was taken down is public again."),
        (APPROVED, SPAM, "What was marked as spam is public again."),
        (REJECTED, APPROVED, "What was published is turned down again, for the reason that it had."),
        (REJECTED, SPAM, "What was marked as spam is turned down again, for the reason that it had."),
        (SPAM, APPROVED, "What was published is spam again."),
        (SPAM, REJECTED, "What was turned down is spam again."),
    ]
]


@pytest.mark.parametrize(("was", "to", "rule"), UNDOS, ids=[f"{was}-{to}" for was, to, _ in UNDOS])
def test_a_decision_is_taken_back(
    was: str, to: str, rule: str, write: Any, mona: User, ed: User, thread: Thread
) -> None:
    comment = write(status=was)
    thread.refresh_from_db()
    count, reason = thread.comment_count, comment.reason
    event = decide(comment, to, mona)
    done = undoing.undo(event, by=ed)
    comment.refresh_from_db()
    thread.refresh_from_db()
    assert (comment.status, comment.reason, comment.revision) == (was, reason, 1), rule
    assert (thread.comment_count, comment.is_listed) == (count, was == APPROVED), rule
    assert done.event is not None
    assert (done.event.action, done.event.from_status, done.event.to_status) == ("undo", to, was)
    assert (done.event.undoes, done.event.by, done.event.actor) == (event, ed, "moderator")


def test_the_table_has_every_decision_that_changes_a_status() -> None:
    legal = {(was, to) for to, found in moderation.UNDONE.items() for was in found}
    assert legal == {(was, to) for was, to, _ in UNDOS}


def test_undoing_twice_is_undoing_once_by_whomever(write: Any, mona: User, ed: User) -> None:
    comment = write(status=PENDING)
    event = decide(comment, SPAM, mona)
    assert undoing.undo(event, by=mona).event is not None
    assert undoing.undo(event, by=ed).event is None
    decide(comment, APPROVED, ed)
    again = undoing.undo(event, by=mona)
    assert (again.event, again.comment.status) == (None, APPROVED)


def test_what_was_decided_since_is_not_overwritten(write: Any, mona: User, ed: User) -> None:
    comment = write(status=PENDING)
    event = decide(comment, APPROVED, mona)
    decide(comment, SPAM, ed)
    with pytest.raises(StaleDecision) as stale:
        undoing.undo(event, by=mona)
    comment.refresh_from_db()
    assert (comment.status, stale.value.standing.decided_by) == (SPAM, "ed")


def test_a_decision_that_was_changed_and_changed_back_is_not_the_first_one(write: Any, mona: User, ed: User) -> None:
    comment = write(status=PENDING)
    first = decide(comment, APPROVED, mona)
    decide(comment, SPAM, ed)
    decide(comment, APPROVED, ed)
    with pytest.raises(StaleDecision):
        undoing.undo(first, by=mona)


def test_decisions_are_undone_one_after_the_other(write: Any, mona: User) -> None:
    comment = write(status=PENDING)
    first = decide(comment, REJECTED, mona, reason="abuse")
    second = decide(comment, REJECTED, mona, reason="duplicate")
    third = decide(comment, APPROVED, mona)
    stood = []
    for event in (third, second, first):
        undoing.undo(event, by=mona)
        comment.refresh_from_db()
        stood.append((comment.status, comment.reason))
    assert stood == [(REJECTED, "duplicate"), (REJECTED, "abuse"), (PENDING, "")]


def test_other_words_than_those_decided_on_are_not_sent_back(write: Any, mona: User, carls_browser: Any) -> None:
    comment = write(status=PENDING, reader=carls_browser)
    event = decide(comment, APPROVED, mona)
    posting.edit(comment, body="Quite other words.", reader=carls_browser)
    with pytest.raises(StaleDecision) as stale:
        undoing.undo(event, by=mona)
    assert stale.value.standing.revision == 2


def test_what_its_author_withdrew_stays_withdrawn(write: Any, mona: User, carls_browser: Any) -> None:
    comment = write(status=PENDING, reader=carls_browser)
    event = decide(comment, APPROVED, mona)
    posting.withdraw(comment, reader=carls_browser)
    with pytest.raises(StaleDecision):
        undoing.undo(event, by=mona)


def test_a_text_that_is_gone_is_not_published_again(write: Any, mona: User) -> None:
    comment = write()
    event = decide(comment, SPAM, mona)
    erasing.blank([comment])
    with pytest.raises(IllegalTransition):
        undoing.undo(event, by=mona)


def test_only_a_decision_of_a_moderator_can_be_undone(write: Any, mona: User, carls_browser: Any) -> None:
    comment = write(reader=carls_browser)
    undone = undoing.undo(decide(comment, SPAM, mona), by=mona).event
    comment.refresh_from_db()
    editing.edit(comment, by=mona, body="Other words.", seen=seen(comment), note="")
    posting.withdraw(Comment.objects.get(pk=comment.pk), reader=carls_browser)
    others = ModerationEvent.objects.exclude(action="status", actor="moderator")
    assert undone is not None
    assert {row.action for row in others} == {"undo", "edit", "status"}
    for row in others:
        with pytest.raises(Refusal) as refused:
            undoing.undo(row, by=mona)
        assert refused.value.code == "not_undoable"


def test_reports_that_the_decision_settled_wait_again_and_others_do_not(write: Any, mona: User) -> None:
    comment = write()
    reporting.report(comment, reader=browser("old"), reason="spam")
    decide(comment, APPROVED, mona)
    for name in ("one", "two"):
        reporting.report(comment, reader=browser(name), reason="abuse")
    event = decide(comment, REJECTED, mona)
    undoing.undo(event, by=mona)
    comment.refresh_from_db()
    assert comment.report_count == 2
    waiting = Report.objects.filter(resolved_at__isnull=True)
    assert set(waiting.values_list("reason", flat=True)) == {"abuse"}
    assert list(Comment.objects.in_queue("reported")) == [comment]


def test_reports_that_were_turned_down_by_a_slip_wait_again(write: Any, mona: User) -> None:
    comment = write()
    reporting.report(comment, reader=browser("one"), reason="spam")
    undoing.undo(decide(comment, APPROVED, mona), by=mona)
    comment.refresh_from_db()
    assert (comment.status, comment.report_count) == (APPROVED, 1)


def test_news_of_a_comment_that_is_not_public_any_more_does_not_go(
    write: Any, mona: User, deliver: Any, thread: Thread
) -> None:
    comment = write(status=PENDING, email="carl@example.org")
    other = write(email="rita@example.org", name="Rita")
    Subscription.objects.create(thread=thread, commenter_id=other.commenter_id, confirmed_at=timezone.now())
    event = decide(comment, APPROVED, mona)
    assert Notice.objects.filter(comment=comment).exists()
    undoing.undo(event, by=mona)
    assert deliver() == []
    assert set(Outbox.objects.values_list("state", flat=True)) == {"dropped"}
    # Published after all, it is news again.
    decide(comment, APPROVED, mona)
    assert len(deliver()) == 1


def test_the_last_decision_is_ones_own_newest_that_stands(write: Any, mona: User, ed: User) -> None:
    assert undoing.last_decision_of(mona) is None
    one, two, three = (write(status=PENDING) for _ in range(3))
    first, second = decide(one, APPROVED, mona), decide(two, SPAM, mona)
    decide(three, SPAM, ed)
    assert undoing.last_decision_of(mona) == second
    undoing.undo(second, by=ed)
    assert undoing.last_decision_of(mona) == first


def test_a_decision_of_long_ago_is_not_the_last_one(write: Any, mona: User) -> None:
    event = decide(write(status=PENDING), APPROVED, mona)
    ModerationEvent.objects.filter(pk=event.pk).update(at=timezone.now() - undoing.RECENT - timedelta(minutes=1))
    assert undoing.last_decision_of(mona) is None


@pytest.mark.parametrize("number", [10**9, 2**63, 10**30])
def test_an_entry_that_does_not_exist_is_a_404(number: int) -> None:
    with pytest.raises(Refusal) as refused:
        undoing.find_event(number)
    assert refused.value.status == 404


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from([APPROVED, REJECTED, SPAM, "undo", "report"]), max_size=9))
def test_however_decisions_and_undos_follow_each_other_the_log_tells_how_it_stands(
    steps: list[str], write: Any, mona: User, thread: Thread
) -> None:
    comment = write(status=PENDING)
    stack = [(PENDING, "")]
    made: list[ModerationEvent] = []
    for number, step in enumerate(steps):
        comment.refresh_from_db()
        if step == "report":
            if comment.is_public:
                reporting.report(comment, reader=browser(f"{comment.pk} {number}"), reason="spam")
        elif step == "undo":
            if made:
                undoing.undo(made.pop(), by=mona)
                stack.pop()
        else:
            reason = ["abuse", "other"][number % 2] if step == REJECTED else ""
            done = moderation.decide(comment, to=step, by=mona, seen=seen(comment), reason=reason)
            if done.event is not None:
                made.append(done.event)
                stack.append((step, reason))
    comment.refresh_from_db()
    thread.refresh_from_db()
    log = list(ModerationEvent.objects.filter(comment=comment).order_by("pk"))
    assert (comment.status, comment.reason) == stack[-1]
    assert all(before.to_status == after.from_status for before, after in itertools.pairwise(log))
    assert log[-1].to_status == comment.status
    assert comment.report_count == Report.objects.filter(comment=comment, resolved_at__isnull=True).count()
    assert thread.comment_count == Comment.objects.public().filter(thread=thread).count()
