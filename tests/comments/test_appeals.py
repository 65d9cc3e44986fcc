"""What an author can do about a rejection: ask for another look, or send a revised text. Nothing of it publishes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from comments import appealing, appeals, erasing, moderation, owning, posting
from comments.errors import InvalidFields, Refusal
from comments.models import Appeal, Comment, ModerationEvent, Reader
from tests.comments.people import browser, confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def reject(write: Any, carls_browser: Reader, mona: User) -> Any:
    """A comment of Carl's that Mona rejects."""

    def reject(**choice: Any) -> Comment:
        comment = write("The bay silts up.", reader=carls_browser, status="pending")
        seen = moderation.Seen("pending", comment.revision)
        return moderation.decide(
            comment, to="rejected", by=mona, seen=seen, **{"reason": "off_topic", **choice}
        ).comment

    return reject


@pytest.fixture
def nora(db: None) -> User:
    """Another moderator."""
    user = User.objects.create_user("nora")
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


def decide(comment: Comment, to: str, by: User) -> Comment:
    comment.refresh_from_db()
    seen = moderation.Seen(comment.status, comment.revision)
    reason = "other" if to == "rejected" else ""
    return moderation.decide(comment, to=to, by=by, seen=seen, reason=reason).comment


def last(comment: Comment) -> ModerationEvent:
    return ModerationEvent.objects.filter(comment=comment).first()  # type: ignore[return-value]  # newest first


# --- Asking for another look


def test_a_rejected_comment_waits_again_when_its_author_appeals(reject: Any, carls_browser: Reader) -> None:
    comment = reject(message="The article is about the port.")
    answer = appeals.answer(comment)
    assert answer is not None
    assert (answer.reason, answer.message) == ("It is not about the article", "The article is about the port.")
    assert (answer.can_appeal, answer.can_revise, answer.has_appealed) == (True, False, False)

    made = appealing.appeal(comment, reader=carls_browser, text="The bay is where the port is.")

    comment.refresh_from_db()
    assert (comment.status, comment.reason, comment.revision) == ("pending", "", 1)
    assert [entry["code"] for entry in comment.screening][-1] == "appeal"
    assert (made.text, made.settled_at) == ("The bay is where the port is.", None)
    assert made.event.to_status == "rejected"
    event = last(comment)
    assert (event.action, event.actor, event.from_status, event.to_status) == (
        "appeal", "author", "rejected", "pending",
    )  # fmt: skip


def test_an_edit_after_the_appeal_was_decided_on_does_not_mark_it_again(
    reject: Any, carls_browser: Reader, nora: User, settings: Any
) -> None:
    comment = reject()
    appealing.appeal(comment, reader=carls_browser)
    comment = decide(comment, "approved", nora)
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ["eel"]}

    posting.edit(comment, body="The eel is gone.", reader=carls_browser)

    comment.refresh_from_db()
    assert comment.status == "pending"
    assert [entry["code"] for entry in comment.screening] == ["blocked_word"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_who_is_erased_asks_for_nothing_any_more(is_kept: bool, reject: Any, carls_browser: Reader) -> None:
    appealing.appeal(reject(), reader=carls_browser, text="I was there.")
    erasing.erase(owning.of_browser(carls_browser), keep_comments=is_kept)
    made = Appeal.objects.get()
    assert (made.text, made.settled_at is None) == ("", False)


def test_appealing_twice_is_appealing_once(reject: Any, carls_browser: Reader) -> None:
    comment = reject()
    first = appealing.appeal(comment, reader=carls_browser, text="Please.")
    assert appealing.appeal(comment, reader=carls_browser, text="Please, please.") == first
    assert Appeal.objects.get().text == "Please."
    assert comment.events.filter(action="appeal").count() == 1


def test_what_was_looked_at_again_stays_as_it_was_decided(reject: Any, carls_browser: Reader, nora: User) -> None:
    comment = reject()
    appealing.appeal(comment, reader=carls_browser)
    comment = decide(comment, "rejected", nora)
    answer = appeals.answer(comment)
    assert answer is not None
    assert (answer.can_appeal, answer.has_appealed) == (False, True)
    with pytest.raises(Refusal) as refused:
        appealing.appeal(comment, reader=carls_browser)
    assert (refused.value.status, refused.value.code) == (403, "no_appeal")


def test_the_owner_of_the_confirmed_address_appeals_from_another_browser(reject: Any) -> None:
    comment, other = reject(), browser("another")
    assert comment.commenter is not None
    confirm(comment.commenter, other)
    appealing.appeal(comment, reader=other)
    comment.refresh_from_db()
    assert comment.status == "pending"


@pytest.mark.parametrize("whose", ["nobody", "somebody else"])
def test_a_stranger_neither_appeals_nor_revises(whose: str, reject: Any) -> None:
    comment = reject(invite=True)
    reader = browser("sam") if whose == "somebody else" else None
    for act in (
        lambda: appealing.appeal(comment, reader=reader),
        lambda: appealing.resubmit(comment, reader=reader, body="Another text altogether."),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.status == 404
    comment.refresh_from_db()
    assert (comment.status, comment.revision) == ("rejected", 1)


@pytest.mark.parametrize("status", ["pending", "approved", "spam", "withdrawn"])
def test_only_a_rejection_can_be_appealed_against(status: str, write: Any, carls_browser: Reader) -> None:
    comment = write(reader=carls_browser, status="" if status == "withdrawn" else status)
    if status == "withdrawn":
        posting.withdraw(comment, reader=carls_browser)
    assert appeals.answer(comment) is None
    with pytest.raises(Refusal) as refused:
        appealing.appeal(comment, reader=carls_browser)
    assert refused.value.status == 409


def test_the_time_for_an_appeal_ends(reject: Any, carls_browser: Reader, settings: Any) -> None:
    comment = reject()
    ModerationEvent.objects.update(at=timezone.now() - timedelta(days=30))
    answer = appeals.answer(comment)
    assert answer is not None
    assert not answer.can_appeal
    with pytest.raises(Refusal):
        appealing.appeal(comment, reader=carls_browser)
    settings.COMMENTS = {**settings.COMMENTS, "APPEAL_DAYS": 31}
    appealing.appeal(comment, reader=carls_browser)


def test_a_site_can_do_without_appeals(reject: Any, carls_browser: Reader, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "APPEAL_DAYS": 0}
    with pytest.raises(Refusal):
        appealing.appeal(reject(), reader=carls_browser)


def test_a_long_appeal_is_refused_at_its_field(reject: Any, carls_browser: Reader) -> None:
    with pytest.raises(InvalidFields) as refused:
        appealing.appeal(reject(), reader=carls_browser, text="x" * 1_001)
    assert list(refused.value.fields) == ["text"]
    assert not Appeal.objects.exists()


def test_what_no_database_can_hold_is_cleaned(reject: Any, carls_browser: Reader) -> None:
    made = appealing.appeal(reject(), reader=carls_browser, text="Why\0 \ud800not?")
    assert made.text == "Why not?"


def test_what_a_screen_rejected_can_be_appealed_against(write: Any, carls_browser: Reader) -> None:
    comment = write(reader=carls_browser)
    Comment.objects.filter(pk=comment.pk).update(status="rejected", reason="other")
    made = appealing.appeal(comment, reader=carls_browser)
    assert (made.event.actor, made.event.to_status) == ("screen", "rejected")


def test_the_answers_for_a_page_cost_the_same_for_one_and_for_many(
    reject: Any, write: Any, django_assert_num_queries: Any
) -> None:
    rows = [reject()]
    with django_assert_num_queries(1):
        appeals.answers(rows)
    rows += [write(status="rejected") for _ in range(5)]
    with django_assert_num_queries(1):
        assert len(appeals.answers(rows)) == 6
    public = write()
    with django_assert_num_queries(0):
        assert appeals.answers([public]) == {}


# --- Who decides on an appeal


def test_another_moderator_decides_on_an_appeal(reject: Any, carls_browser: Reader, mona: User, nora: User) -> None:
    comment = reject()
    appealing.appeal(comment, reader=carls_browser)
    with pytest.raises(Refusal) as refused:
        decide(comment, "approved", mona)
    assert (refused.value.status, refused.value.code) == (403, "own_decision")
    comment.refresh_from_db()
    assert comment.status == "pending"

    assert decide(comment, "approved", nora).status == "approved"

    assert Appeal.objects.get().settled_at is not None


def test_where_there_is_no_other_moderator_the_same_one_decides(
    reject: Any, carls_browser: Reader, mona: User, nora: User
) -> None:
    User.objects.filter(pk=nora.pk).update(is_active=False)
    comment = reject()
    appealing.appeal(comment, reader=carls_browser)
    assert decide(comment, "rejected", mona).status == "rejected"


def test_an_ordinary_decision_asks_nothing_about_appeals(
    write: Any, mona: User, django_assert_num_queries: Any
) -> None:
    comment = write(status="pending")
    with django_assert_num_queries(0):
        assert appeals.may_decide(comment, mona) is None


def test_an_undone_decision_leaves_the_appeal_open(reject: Any, carls_browser: Reader, nora: User, mona: User) -> None:
    from comments import undoing

    comment = reject()
    appealing.appeal(comment, reader=carls_browser)
    decide(comment, "approved", nora)
    undoing.undo(last(comment), by=nora)
    comment.refresh_from_db()
    assert comment.status == "pending"
    assert Appeal.objects.get().settled_at is None
    assert appeals.may_decide(comment, mona)


# --- Revising


def test_an_invited_author_sends_a_revised_text(reject: Any, carls_browser: Reader) -> None:
    comment = reject(invite=True, message="Say how it concerns the port.")
    answer = appeals.answer(comment)
    assert answer is not None
    assert (answer.can_revise, answer.can_appeal) == (True, False)

    appealing.resubmit(comment, reader=carls_browser, body="The port silts up, *and* the bay.")

    comment.refresh_from_db()
    assert (comment.status, comment.revision, comment.reason) == ("pending", 2, "")
    assert comment.text == "The port silts up, and the bay."
    assert [entry["code"] for entry in comment.screening] == ["resubmitted"]
    assert (last(comment).action, last(comment).actor, last(comment).to_status) == ("resubmit", "author", "pending")
    assert not comment.is_public  # although the discussion publishes at once


def test_who_was_not_invited_cannot_send_it_again(reject: Any, carls_browser: Reader) -> None:
    comment = reject()
    with pytest.raises(Refusal) as refused:
        appealing.resubmit(comment, reader=carls_browser, body="Another text altogether.")
    assert (refused.value.status, refused.value.code) == (403, "not_invited")


def test_an_invited_author_revises_and_does_not_appeal(reject: Any, carls_browser: Reader) -> None:
    with pytest.raises(Refusal, match="asked you to revise"):
        appealing.appeal(reject(invite=True), reader=carls_browser)


@pytest.mark.parametrize("body", ["", "  \n", "The bay silts up.", "x" * 10_001, "\0"])
def test_a_text_that_cannot_be_sent_is_refused_at_its_field(body: str, reject: Any, carls_browser: Reader) -> None:
    comment = reject(invite=True)
    with pytest.raises(InvalidFields) as refused:
        appealing.resubmit(comment, reader=carls_browser, body=body)
    assert list(refused.value.fields) == ["body"]
    comment.refresh_from_db()
    assert (comment.status, comment.revision) == ("rejected", 1)


def test_the_screens_are_asked_about_a_revised_text(reject: Any, carls_browser: Reader, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": ("tests.comments.test_appeals.all_spam",)}
    comment = reject(invite=True)
    appealing.resubmit(comment, reader=carls_browser, body="Buy now.")
    comment.refresh_from_db()
    assert comment.status == "spam"
    assert [event.to_status for event in comment.events.all()[:2]] == ["spam", "pending"]


def test_a_second_rejection_of_the_revised_text_can_be_appealed_against(
    reject: Any, carls_browser: Reader, mona: User
) -> None:
    comment = reject(invite=True)
    appealing.resubmit(comment, reader=carls_browser, body="The port silts up.")
    comment = decide(comment, "rejected", mona)
    answer = appeals.answer(comment)
    assert answer is not None
    assert (answer.can_revise, answer.can_appeal) == (False, True)


def all_spam(facts: Any) -> Any:
    """A screen."""
    from comments.screening import Outcome, Verdict

    return Verdict(Outcome.SPAM, "honeypot") if facts.is_edit else None
