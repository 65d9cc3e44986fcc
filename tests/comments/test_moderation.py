"""The state machine as one table: what a moderator may decide, what an author may do, and what each leaves behind."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from comments import moderation, posting, reporting
from comments.errors import IllegalTransition, InvalidFields, Refusal, StaleDecision
from comments.models import Comment, ModerationEvent, Reader, Report, Status, Thread
from comments.moderation import Seen

pytestmark = pytest.mark.django_db

PENDING, APPROVED, REJECTED, SPAM, WITHDRAWN = "pending", "approved", "rejected", "spam", "withdrawn"
BUDGET = 9
"""Queries of an approval: two ends of a savepoint, a lock, a look, the change, three counters, the log."""

CHANGES, HOLDS_ALREADY, IMPOSSIBLE, NOT_A_DECISION = "changes", "holds already", "impossible", "not a decision"

DECISIONS = [
    # from, to, what happens, the rule
    (PENDING, PENDING, NOT_A_DECISION, "Nobody decides for waiting."),
    (PENDING, APPROVED, CHANGES, "A waiting comment is let through."),
    (PENDING, REJECTED, CHANGES, "A waiting comment is turned down, with a reason."),
    (PENDING, SPAM, CHANGES, "A waiting comment is marked as spam."),
    (PENDING, WITHDRAWN, NOT_A_DECISION, "Only its author withdraws a comment."),
    (APPROVED, PENDING, NOT_A_DECISION, "A public comment is not sent back to wait; it is decided on."),
    (APPROVED, APPROVED, HOLDS_ALREADY, "Approving twice is approving once."),
    (APPROVED, REJECTED, CHANGES, "A public comment is taken down, with a reason."),
    (APPROVED, SPAM, CHANGES, "A public comment turns out to be spam."),
    (APPROVED, WITHDRAWN, NOT_A_DECISION, "Only its author withdraws a comment."),
    (REJECTED, PENDING, NOT_A_DECISION, "A rejected comment does not wait again."),
    (REJECTED, APPROVED, CHANGES, "A rejection is taken back."),
    (REJECTED, REJECTED, HOLDS_ALREADY, "Rejecting twice for one reason is rejecting once."),
    (REJECTED, SPAM, CHANGES, "A rejected comment turns out to be spam."),
    (REJECTED, WITHDRAWN, NOT_A_DECISION, "Only its author withdraws a comment."),
    (SPAM, PENDING, NOT_A_DECISION, "Spam does not wait again."),
    (SPAM, APPROVED, CHANGES, "It was no spam."),
    (SPAM, REJECTED, CHANGES, "It was no spam, and is turned down for another reason."),
    (SPAM, SPAM, HOLDS_ALREADY, "Marking as spam twice is marking once."),
    (SPAM, WITHDRAWN, NOT_A_DECISION, "Only its author withdraws a comment."),
    (WITHDRAWN, PENDING, NOT_A_DECISION, "What is gone does not wait."),
    (WITHDRAWN, APPROVED, IMPOSSIBLE, "What its author took back nobody publishes."),
    (WITHDRAWN, REJECTED, IMPOSSIBLE, "What is gone cannot be turned down."),
    (WITHDRAWN, SPAM, IMPOSSIBLE, "What is gone cannot be marked."),
    (WITHDRAWN, WITHDRAWN, NOT_A_DECISION, "Only its author withdraws a comment."),
]

AUTHORS_MOVES = [
    # from, may edit, may withdraw, the rule
    (PENDING, True, True, "An author improves or takes back what waits."),
    (APPROVED, True, True, "An author improves or takes back what is public."),
    (REJECTED, False, False, "A decided comment is not the author's to change."),
    (SPAM, True, True, "Its sender must not learn from a refusal what nothing else tells."),
    (WITHDRAWN, False, True, "What is gone has no text to edit; taking it back twice is taking it back once."),
]


@pytest.fixture
def comment_in(write, carls_browser):
    """A comment of Carl's, brought to a status in the way in which comments come there."""

    def make(status: str) -> Comment:
        if status != WITHDRAWN:
            return write(status=status, reader=carls_browser)
        comment = posting.withdraw(write(reader=carls_browser), reader=carls_browser)
        comment.refresh_from_db()
        return comment

    return make


def seen(comment: Comment) -> Seen:
    return Seen(comment.status, comment.revision)


def events(comment: Comment) -> list[tuple[str, str, str]]:
    """The log of a comment, oldest first."""
    rows = ModerationEvent.objects.filter(comment=comment).order_by("id")
    return list(rows.values_list("from_status", "to_status", "actor"))


def test_a_waiting_comment_is_approved_logged_and_counted(write, thread, mona):
    comment = write(status=PENDING)
    before = events(comment)
    done = moderation.decide(comment, to=APPROVED, by=mona, seen=seen(comment), note="fine")
    comment.refresh_from_db()
    thread.refresh_from_db()
    assert (comment.status, comment.is_listed, thread.comment_count) == (APPROVED, True, 1)
    assert events(comment) == [*before, (PENDING, APPROVED, "moderator")]
    assert done.event is not None
    assert (done.event.by, done.event.note, done.event.revision, done.event.reason) == (mona, "fine", 1, "")


def test_the_table_has_a_row_for_every_pair():
    assert sorted((was, to) for was, to, _, _ in DECISIONS) == sorted(itertools.product(Status.values, repeat=2))
    assert sorted(was for was, *_ in AUTHORS_MOVES) == sorted(Status.values)


def test_the_table_and_the_code_name_the_same_moves():
    for was, to, outcome, rule in DECISIONS:
        assert (outcome == CHANGES) == (to in moderation.DECISIONS and to in moderation.TRANSITIONS[was]), rule
    assert moderation.TRANSITIONS.keys() == set(Status.values)
    assert all(to in Status.values for targets in moderation.TRANSITIONS.values() for to in targets)


def test_only_decisions_can_be_undone_and_they_lead_back_to_what_they_found():
    assert moderation.UNDONE.keys() == set(moderation.DECISIONS)
    for was, to, outcome, rule in DECISIONS:
        assert (outcome == CHANGES) == (was in moderation.UNDONE.get(to, ()) and was != to), rule


def test_what_is_rejected_waits_again_only_by_its_author_or_an_undo():
    assert PENDING in moderation.TRANSITIONS[REJECTED]
    assert PENDING not in moderation.TRANSITIONS[SPAM]
    assert PENDING not in moderation.DECISIONS


@pytest.mark.parametrize(("was", "to", "outcome", "rule"), DECISIONS, ids=[f"{row[0]}-{row[1]}" for row in DECISIONS])
def test_decisions(was, to, outcome, rule, comment_in, thread, mona):
    comment = comment_in(was)
    thread.refresh_from_db()
    log, count, version = events(comment), thread.comment_count, thread.version
    reason = "other" if to == REJECTED else ""

    if outcome == NOT_A_DECISION:
        with pytest.raises(InvalidFields) as refused:
            moderation.decide(comment, to=to, by=mona, seen=seen(comment), reason=reason)
        assert "to" in refused.value.fields
    elif outcome == IMPOSSIBLE:
        with pytest.raises(IllegalTransition) as impossible:
            moderation.decide(comment, to=to, by=mona, seen=seen(comment), reason=reason)
        assert (impossible.value.status, impossible.value.code) == (422, "illegal_transition")
    else:
        done = moderation.decide(comment, to=to, by=mona, seen=seen(comment), reason=reason)
        assert (done.event is not None) == (outcome == CHANGES), rule
        assert done.comment.status == to

    comment.refresh_from_db()
    thread.refresh_from_db()
    if outcome == CHANGES:
        assert (comment.status, comment.reason) == (to, reason), rule
        assert events(comment) == [*log, (was, to, "moderator")], rule
        assert thread.comment_count == count + (to == APPROVED) - (was == APPROVED), rule
        # Only what readers could see is worth a new page.
        assert (thread.version > version) == (APPROVED in {was, to}), rule
    else:
        assert comment.status == was, rule
        assert events(comment) == log, rule
        assert (thread.comment_count, thread.version) == (count, version), rule


@pytest.mark.parametrize(
    ("was", "may_edit", "may_withdraw", "rule"), AUTHORS_MOVES, ids=[row[0] for row in AUTHORS_MOVES]
)
def test_moves_of_the_author(was, may_edit, may_withdraw, rule, comment_in, carls_browser):
    comment = comment_in(was)
    if may_edit:
        posting.edit(comment, body="Better words.", reader=carls_browser)
    else:
        with pytest.raises(Refusal) as refused:
            posting.edit(comment, body="Better words.", reader=carls_browser)
        assert refused.value.status == 403, rule
    comment.refresh_from_db()
    assert comment.revision == 1 + may_edit
    assert comment.status == was, rule

    log = events(comment)
    if may_withdraw:
        posting.withdraw(comment, reader=carls_browser)
    else:
        with pytest.raises(Refusal) as refused:
            posting.withdraw(comment, reader=carls_browser)
        assert refused.value.status == 403, rule
    comment.refresh_from_db()
    assert comment.status == (WITHDRAWN if may_withdraw else was), rule
    assert len(events(comment)) == len(log) + (comment.status != was)


@pytest.mark.parametrize("to", moderation.DECISIONS)
def test_a_view_with_an_old_status_changes_nothing_and_says_what_stands(to, write, mona, ed):
    comment = write(status=PENDING)
    view = seen(comment)
    first = APPROVED if to != APPROVED else SPAM
    moderation.decide(comment, to=first, by=ed, seen=view)
    log = events(comment)
    with pytest.raises(StaleDecision) as stale:
        moderation.decide(comment, to=to, by=mona, seen=view, reason="other")
    comment.refresh_from_db()
    assert (stale.value.status, stale.value.code) == (409, "stale")
    assert (stale.value.standing.status, stale.value.standing.revision) == (first, 1)
    assert stale.value.standing.decided_by == "ed"
    assert comment.status == first
    assert events(comment) == log


def test_a_view_with_an_old_revision_changes_nothing_and_says_what_stands(write, carls_browser, mona):
    comment = write(status=PENDING, reader=carls_browser)
    view = seen(comment)
    posting.edit(comment, body="Quite other words.", reader=carls_browser)
    with pytest.raises(StaleDecision) as stale:
        moderation.decide(comment, to=APPROVED, by=mona, seen=view)
    comment.refresh_from_db()
    assert stale.value.standing.revision == 2
    assert stale.value.comment.body == "Quite other words."
    assert comment.status == PENDING


def test_approving_unseen_words_is_stale_even_where_they_are_public_already(write, carls_browser, mona):
    """The decision "holds", but for another text than the moderator read."""
    comment = write(reader=carls_browser)
    view = seen(comment)
    posting.edit(comment, body="Quite other words.", reader=carls_browser)
    with pytest.raises(StaleDecision):
        moderation.decide(comment, to=APPROVED, by=mona, seen=view)


def test_two_moderators_who_decide_alike_both_succeed_and_it_is_logged_once(write, mona, ed):
    comment = write(status=PENDING)
    view = seen(comment)
    assert moderation.decide(comment, to=APPROVED, by=mona, seen=view).event is not None
    assert moderation.decide(comment, to=APPROVED, by=ed, seen=view).event is None
    assert events(comment)[1:] == [(PENDING, APPROVED, "moderator")]


def test_another_reason_for_a_rejection_is_a_decision_of_its_own(write, mona):
    comment = write(status=REJECTED)
    comment.refresh_from_db()
    done = moderation.decide(comment, to=REJECTED, by=mona, seen=seen(comment), reason="abuse")
    comment.refresh_from_db()
    assert done.event is not None
    assert (comment.status, comment.reason) == (REJECTED, "abuse")
    assert events(comment)[-1] == (REJECTED, REJECTED, "moderator")


@pytest.mark.parametrize("reason", ["", "made_up"])
def test_a_rejection_needs_a_reason_from_the_list(reason, write, mona):
    comment = write(status=PENDING)
    with pytest.raises(InvalidFields) as refused:
        moderation.decide(comment, to=REJECTED, by=mona, seen=seen(comment), reason=reason)
    comment.refresh_from_db()
    assert list(refused.value.fields) == ["reason"]
    assert comment.status == PENDING


@pytest.mark.parametrize("to", [APPROVED, SPAM])
def test_a_reason_means_nothing_where_nothing_is_rejected(to, write, mona):
    comment = write(status=PENDING)
    done = moderation.decide(comment, to=to, by=mona, seen=seen(comment), reason="abuse")
    comment.refresh_from_db()
    assert done.event is not None
    assert (comment.reason, done.event.reason) == ("", "")


def test_a_note_longer_than_its_column_is_refused(write, mona):
    comment = write(status=PENDING)
    moderation.decide(comment, to=SPAM, by=mona, seen=seen(comment), note="n" * 500)
    comment.refresh_from_db()
    with pytest.raises(InvalidFields) as refused:
        moderation.decide(comment, to=APPROVED, by=mona, seen=seen(comment), note="n" * 501)
    assert list(refused.value.fields) == ["note"]


def test_a_decision_settles_the_reports(write, mona, carls_browser):
    comment = write()
    reporting.report(comment, reader=carls_browser, reason="abuse")
    comment.refresh_from_db()
    moderation.decide(comment, to=REJECTED, by=mona, seen=seen(comment), reason="abuse")
    comment.refresh_from_db()
    assert comment.report_count == 0
    assert Report.objects.get().resolved_at is not None
    assert not Comment.objects.in_queue("reported").exists()


def test_keeping_what_is_public_settles_the_reports_and_the_log_says_who_did(write, mona, ed, carls_browser):
    comment = write()
    reporting.report(comment, reader=carls_browser, reason="abuse")
    comment.refresh_from_db()
    done = moderation.decide(comment, to=APPROVED, by=mona, seen=seen(comment))
    again = moderation.decide(comment, to=APPROVED, by=ed, seen=seen(comment))
    comment.refresh_from_db()
    assert done.event is not None
    assert (done.event.by, again.event, comment.report_count) == (mona, None, 0)
    assert events(comment) == [(APPROVED, APPROVED, "moderator")]
    assert Report.objects.get().resolved_at == done.event.at


def test_a_stale_decision_settles_no_report(write, mona, carls_browser):
    comment = write(status=PENDING)
    view = seen(comment)
    moderation.decide(comment, to=APPROVED, by=mona, seen=view)
    reporting.report(comment, reader=carls_browser, reason="abuse")
    with pytest.raises(StaleDecision):
        moderation.decide(comment, to=SPAM, by=mona, seen=view)
    comment.refresh_from_db()
    assert comment.report_count == 1


def test_withdrawing_takes_a_comment_out_of_the_queue_of_reports(write, mona, carls_browser):
    """No decision on a withdrawn comment is possible, so nobody could ever settle them."""
    rita = Reader.objects.create(cookie_digest="rita")
    comment = write(reader=carls_browser)
    reporting.report(comment, reader=rita, reason="abuse")
    posting.withdraw(comment, reader=carls_browser)
    comment.refresh_from_db()
    assert comment.report_count == 0
    assert Report.objects.get().resolved_at is not None


def test_an_edit_that_is_held_is_logged_as_the_screens_doing(write, thread, carls_browser):
    comment = write(reader=carls_browser)
    Thread.objects.filter(pk=thread.pk).update(mode="hold_all")
    comment = Comment.objects.get(pk=comment.pk)
    posting.edit(comment, body="Other words.", reader=carls_browser)
    comment.refresh_from_db()
    thread.refresh_from_db()
    assert (comment.status, comment.revision, comment.is_listed, thread.comment_count) == (PENDING, 2, False, 0)
    assert events(comment) == [(APPROVED, PENDING, "screen")]


def test_two_deciders_without_a_lock_cannot_both_win(write):
    """The filter of the UPDATE alone decides: `move` with an outdated view finds no row."""
    comment = write(status=PENDING)
    one, two = (Comment.objects.get(pk=comment.pk) for _ in range(2))
    view = seen(comment)
    moderation.move(one, to=APPROVED, actor="moderator", seen=view)
    with pytest.raises(StaleDecision):
        moderation.move(two, to=SPAM, actor="moderator", seen=view)
    comment.refresh_from_db()
    assert comment.status == APPROVED


def test_the_deciders_name_and_time_are_told_to_who_came_second(write, mona, ed):
    comment = write(status=PENDING)
    view = seen(comment)
    event = moderation.decide(comment, to=SPAM, by=ed, seen=view).event
    with pytest.raises(StaleDecision) as stale:
        moderation.decide(comment, to=APPROVED, by=mona, seen=view)
    assert event is not None
    assert (stale.value.standing.decided_by, stale.value.standing.decided_at) == ("ed", event.at)
    assert abs(event.at - timezone.now()) < timedelta(minutes=5)


def test_moderators_may_decide_and_others_may_not(mona, ed):
    assert moderation.may_moderate(mona)
    assert not moderation.may_moderate(ed)
    assert not moderation.may_moderate(AnonymousUser())
    mona.is_active = False
    assert not moderation.may_moderate(mona)
    assert not moderation.may_moderate(User.objects.create_user("stranger"))


def test_a_comment_that_does_not_exist_is_a_404():
    with pytest.raises(Refusal) as refused:
        moderation.find_for_decision(10**9)
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_a_message_and_an_invitation_stand_in_the_log(write, mona):
    comment = write(status=PENDING)
    done = moderation.decide(
        comment,
        to=REJECTED,
        by=mona,
        seen=seen(comment),
        reason="abuse",
        message="Leave out\x00 that.\r\n",
        invite=True,
    )
    assert done.event is not None
    assert (done.event.message, done.event.is_invitation, done.event.action) == ("Leave out that.", True, "status")


def test_another_message_is_a_decision_of_its_own_and_the_same_one_is_not(write, mona, ed):
    comment = write(status=PENDING)
    moderation.decide(comment, to=REJECTED, by=mona, seen=seen(comment), reason="abuse", message="One.")
    comment.refresh_from_db()
    same = moderation.decide(comment, to=REJECTED, by=ed, seen=seen(comment), reason="abuse", message="One.")
    none = moderation.decide(comment, to=REJECTED, by=ed, seen=seen(comment), reason="abuse")
    other = moderation.decide(comment, to=REJECTED, by=ed, seen=seen(comment), reason="abuse", message="Two.")
    assert (same.event, none.event) == (None, None)
    assert other.event is not None


@pytest.mark.parametrize(
    ("to", "fields", "fault"),
    [
        (REJECTED, {"reason": "abuse", "message": "m" * 1001}, "message"),
        (APPROVED, {"invite": True}, "invite"),
        (SPAM, {"invite": True}, "invite"),
        (REJECTED, {"reason": "abuse\x00"}, "reason"),
        (REJECTED, {"reason": "\ud800"}, "reason"),
        (REJECTED, {"reason": "a" * 10_000}, "reason"),
        ("\ud800", {}, "to"),
    ],
)
def test_what_no_decision_can_say_is_refused_at_its_field(to, fields, fault, write, mona):
    comment = write(status=PENDING)
    with pytest.raises(InvalidFields) as refused:
        moderation.decide(comment, to=to, by=mona, seen=seen(comment), **fields)
    comment.refresh_from_db()
    assert list(refused.value.fields) == [fault]
    assert comment.status == PENDING


def test_who_sent_spam_is_told_nothing(write, mona):
    comment = write(status=PENDING)
    done = moderation.decide(comment, to=SPAM, by=mona, seen=seen(comment), message="Go away.")
    assert done.event is not None
    assert done.event.message == ""


def test_a_comment_that_was_deleted_meanwhile_is_a_404(write, mona):
    comment = write(status=PENDING)
    Comment.objects.filter(pk=comment.pk).delete()
    with pytest.raises(Refusal) as refused:
        moderation.decide(comment, to=SPAM, by=mona, seen=seen(comment))
    assert refused.value.status == 404


@pytest.mark.parametrize("number", [10**9, 2**63, -(2**63), 10**30])
def test_a_number_of_no_comment_is_a_404(number):
    with pytest.raises(Refusal) as refused:
        moderation.find_for_decision(number)
    assert refused.value.status == 404


def test_approving_asks_the_database_no_more_than_it_has_to(write, mona, django_assert_max_num_queries):
    comment = write(status=PENDING)
    with django_assert_max_num_queries(BUDGET):
        moderation.decide(comment, to=APPROVED, by=mona, seen=seen(comment))
