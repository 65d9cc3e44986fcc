"""The mail that tells an author of a decision: who gets it, when it goes, when it does not, and what stands in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import mailing, moderation, posting, subscribing, undoing
from comments.models import Comment, ModerationEvent, Outbox, Reader, Subscription
from tests.comments.people import confirm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_site")]

SITE = "https://news.example.org"


@pytest.fixture
def ask(write: Any, carls_browser: Reader) -> Any:
    """A comment that waits, whose author has confirmed the address and asked for mail."""

    def ask(body: str = "The bay silts up.\n\nEvery *spring*.", **fields: Any) -> Comment:
        comment: Comment = write(body, reader=carls_browser, status="pending", **fields)
        assert comment.commenter is not None
        confirm(comment.commenter, carls_browser)
        subscribing.follow_own(comment, reader=carls_browser)
        return comment

    return ask


def decide(comment: Comment, to: str, by: User, **choice: Any) -> ModerationEvent:
    comment.refresh_from_db()
    seen = moderation.Seen(comment.status, comment.revision)
    reason = "off_topic" if to == "rejected" else ""
    event = moderation.decide(comment, to=to, by=by, seen=seen, reason=reason, **choice).event
    assert event is not None
    return event


def waiting() -> list[Outbox]:
    return list(Outbox.objects.filter(kind="decision", state="waiting"))


def test_an_author_hears_of_a_rejection(ask: Any, mona: User, deliver: Any) -> None:
    comment = ask()
    event = decide(comment, "rejected", mona, message="Say how it\nconcerns the port.", invite=True)
    (queued,) = waiting()
    assert (queued.event, queued.commenter, queued.user) == (event, comment.commenter, None)

    (mail,) = deliver()

    assert mail.to == ["carl@example.org"]
    assert mail.subject == "Your comment was not published: The harbour"
    text = re.sub(r"/(stop|subscriptions)/\S+/", r"/\1/TOKEN/", mail.body)
    assert text == (
        "Your comment under “The harbour” was not published.\n\n"
        "> The bay silts up.\n> Every spring.\n\n"
        "The reason: It is not about the article.\n\n"
        "The moderators write to you:\n\nSay how it\nconcerns the port.\n\n"
        f"You can revise it and send it again:\n{SITE}/comments/{comment.pk}/status/\n"
        "The page opens in the browser from which you posted, or in one in which you have confirmed this address.\n\n"
        "-- \nYou get this mail because you asked for it.\n"
        f"Stop these mails:\n{SITE}/comments/mail/stop/TOKEN/\n"
        f"Change what you get:\n{SITE}/comments/mail/subscriptions/TOKEN/\n\n"
        f"The Newsroom\n{SITE}\n"
    )
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "silts" not in str(mail.extra_headers)
    ((html, _kind),) = mail.alternatives
    assert "It is not about the article" in html
    assert "mona" not in mail.body + html


def test_an_author_hears_that_a_comment_that_waited_is_published(ask: Any, mona: User, deliver: Any) -> None:
    comment = ask()
    decide(comment, "approved", mona)
    (mail,) = deliver()
    assert mail.subject == "Your comment was published: The harbour"
    assert f"{SITE}/comments/{comment.pk}/\n" in mail.body
    assert "status" not in mail.body


def test_what_a_reader_typed_is_no_markup_of_the_mail(ask: Any, mona: User, deliver: Any) -> None:
    decide(ask("Look: `<b>`."), "rejected", mona, message="<script>alert(1)</script>")
    ((html, _kind),) = deliver()[0].alternatives
    assert "<script" not in html
    assert "<b>" not in html


def test_nobody_is_told_that_something_is_spam(ask: Any, mona: User, deliver: Any) -> None:
    decide(ask(), "spam", mona)
    assert waiting() == []


def test_who_did_not_ask_hears_nothing(write: Any, mona: User, carls_browser: Reader) -> None:
    comment = write(status="pending", reader=carls_browser)
    confirm(comment.commenter, carls_browser)
    decide(comment, "approved", mona)
    assert waiting() == []


def test_an_address_that_is_only_typed_gets_nothing(write: Any, mona: User) -> None:
    comment = write(status="pending", notify=True)
    assert Subscription.objects.get(comment=comment).confirmed_at is None
    decide(comment, "rejected", mona)
    assert waiting() == []


def test_nobody_hears_of_what_they_did_themselves(ask: Any, mona: User, carls_browser: Reader) -> None:
    own = ask()
    Comment.objects.filter(pk=own.pk).update(user=mona)
    decide(own, "approved", mona)
    another = ask("Another one.")
    posting.withdraw(another, reader=carls_browser)
    assert waiting() == []


def test_a_report_that_is_turned_down_is_no_news(ask: Any, mona: User) -> None:
    comment = ask()
    decide(comment, "approved", mona)
    Outbox.objects.all().delete()
    Comment.objects.filter(pk=comment.pk).update(report_count=1)
    decide(comment, "approved", mona)
    assert waiting() == []


def test_a_site_without_mail_queues_none(ask: Any, mona: User, settings: Any) -> None:
    comment = ask()
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": ""}
    decide(comment, "approved", mona)
    assert waiting() == []


def test_the_mail_waits_until_the_decision_cannot_be_a_slip(ask: Any, mona: User, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "MAIL_DELAY": 60}
    decide(ask(), "approved", mona)
    assert mailing.send_due(limit=10) == 0
    assert len(waiting()) == 1


def test_an_undone_decision_mails_nobody(ask: Any, mona: User, deliver: Any) -> None:
    event = decide(ask(), "rejected", mona)
    undoing.undo(event, by=mona)
    assert deliver() == []
    assert Outbox.objects.get().state == "dropped"


def test_of_two_decisions_only_the_last_is_told(ask: Any, mona: User, deliver: Any) -> None:
    comment = ask()
    decide(comment, "rejected", mona)
    decide(comment, "approved", mona)
    (mail,) = deliver()
    assert mail.subject.startswith("Your comment was published")


@pytest.mark.parametrize("how", ["withdrawn", "stopped"])
def test_what_is_not_wanted_any_more_is_not_sent(
    how: str, ask: Any, mona: User, deliver: Any, carls_browser: Reader
) -> None:
    comment = ask()
    decide(comment, "approved", mona)
    if how == "withdrawn":
        posting.withdraw(comment, reader=carls_browser)
    else:
        subscribing.stop(list(Subscription.objects.values_list("pk", flat=True)))
    assert deliver() == []


def test_a_decision_costs_one_look_more_on_a_site_with_mail(write: Any, mona: User, settings: Any) -> None:
    counts = []
    for url in ("", SITE):
        settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": url}
        comment = write(status="pending")
        with CaptureQueriesContext(connection) as queries:
            decide(comment, "rejected", mona)
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1


def test_an_author_who_was_told_hears_that_it_was_taken_back(ask: Any, mona: User, deliver: Any) -> None:
    comment = ask()
    event = decide(comment, "rejected", mona)
    assert len(deliver()) == 1

    undoing.undo(event, by=mona)

    (mail,) = deliver()
    assert mail.subject == "Your comment waits for a moderator again: The harbour"
    assert mail.body.startswith(
        "The decision of which we wrote to you has been taken back. "
        "Your comment under “The harbour” waits for a moderator again.\n"
    )
    assert f"How it stands:\n{SITE}/comments/{comment.pk}/status/" in mail.body
    ((html, _kind),) = mail.alternatives
    assert "has been taken back" in html


def test_an_author_who_was_told_of_a_rejection_hears_that_it_is_published_again(
    ask: Any, mona: User, deliver: Any
) -> None:
    comment = ask()
    decide(comment, "approved", mona)
    event = decide(comment, "rejected", mona)
    assert [mail.subject for mail in deliver()] == ["Your comment was not published: The harbour"]
    undoing.undo(event, by=mona)
    (mail,) = deliver()
    assert mail.subject == "Your comment was published: The harbour"
    assert "has been taken back" in mail.body


def test_an_author_who_was_not_told_hears_nothing_of_an_undo(ask: Any, mona: User, deliver: Any) -> None:
    undoing.undo(decide(ask(), "rejected", mona), by=mona)
    assert deliver() == []


def test_that_it_is_spam_again_is_told_to_nobody(ask: Any, mona: User, deliver: Any) -> None:
    comment = ask()
    decide(comment, "spam", mona)
    event = decide(comment, "approved", mona)
    assert len(deliver()) == 1
    undoing.undo(event, by=mona)
    assert deliver() == []


def test_what_is_decided_again_before_the_mail_goes_is_all_that_is_told(ask: Any, mona: User, deliver: Any) -> None:
    comment = ask()
    event = decide(comment, "rejected", mona)
    deliver()
    undoing.undo(event, by=mona)
    decide(comment, "approved", mona)
    (mail,) = deliver()
    assert mail.subject.startswith("Your comment was published")
    assert "taken back" not in mail.body
