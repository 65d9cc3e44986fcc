"""Alerts of decisions and of drift: who hears of what, at once and in a digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import alerting, moderation, undoing
from comments.errors import InvalidFields
from comments.models import AlertChoice, Comment, ModerationEvent, Outbox
from comments.moderation import Seen

Deliver = Callable[[], list[Any]]


@pytest.fixture
def ed(ed: User, mail_site: str) -> User:
    """Wants to hear of what others decide, and of drift."""
    ed.email = "ed@newsroom.example"
    ed.is_superuser = True
    ed.save()
    choose(ed, decided="at_once", drift="at_once")
    return ed


def choose(user: User, **choice: Any) -> AlertChoice:
    return alerting.choose(user, **{"pending": "never", "reported": "never", "digest_hours": 24, **choice})


def reject(comment: Comment, by: User) -> ModerationEvent:
    event = moderation.decide(comment, to="rejected", by=by, seen=Seen(comment.status, 1), reason="abuse").event
    assert event is not None
    return event


def test_a_decision_of_somebody_else_is_mailed_at_once(ed: User, mona: User, write: Any, deliver: Deliver) -> None:
    comment = write("The quay is wet.", status="pending")
    reject(comment, mona)

    (sent,) = deliver()

    assert sent.subject == "The Newsroom: 1 decision"
    assert "mona decided: rejected (It attacks a person or a group)" in sent.body
    assert "> The quay is wet." in sent.body
    assert f"https://news.example.org/desk/moderation/{comment.pk}/" in sent.body
    assert "decide/" not in sent.body, "no link of it decides"
    assert "@example.org" not in sent.body


def test_nobody_hears_of_what_they_decided_themselves(ed: User, write: Any) -> None:
    reject(write(status="pending"), ed)
    assert not Outbox.objects.exists()


def test_nobody_hears_of_what_an_author_or_a_screen_did(ed: User, write: Any) -> None:
    comment = write(status="approved")
    moderation.move(comment, to="withdrawn", actor="author", seen=Seen("approved", 1))
    assert not Outbox.objects.exists()


def test_what_was_taken_back_before_the_mail_went_is_no_news(
    ed: User, mona: User, write: Any, deliver: Deliver
) -> None:
    undoing.undo(reject(write(status="pending"), mona), by=mona)
    assert deliver() == []


def test_of_two_decisions_on_one_comment_the_last_is_told(ed: User, mona: User, write: Any, deliver: Deliver) -> None:
    comment = write(status="pending")
    reject(comment, mona)
    comment.refresh_from_db()
    moderation.decide(comment, to="approved", by=mona, seen=Seen("rejected", 1))
    (sent,) = deliver()
    assert sent.subject.endswith(": 1 decision")
    assert "mona decided: approved" in sent.body


def test_what_waits_and_what_was_decided_stand_in_one_mail(ed: User, mona: User, write: Any, deliver: Deliver) -> None:
    choose(ed, pending="at_once", decided="at_once")
    write("One that waits.", status="pending")
    for number in range(25):
        reject(write(f"Part {number} of it.", status="pending"), mona)
    (sent,) = deliver()
    assert sent.subject.endswith(": 1 comment for a moderator, 25 decisions")
    assert sent.body.count("mona decided: rejected") == 20
    assert "And 5 more decisions." in sent.body
    assert sent.body.count("One that waits.") == 1


def test_the_number_of_queries_does_not_grow_with_the_listeners(ed: User, mona: User, write: Any) -> None:
    def cost() -> int:
        comment = write(status="pending")
        with CaptureQueriesContext(connection) as queries:
            reject(comment, mona)
        return len(queries)

    cost()
    one = cost()
    for number in range(5):
        choose(User.objects.create_superuser(f"chief{number}", f"chief{number}@newsroom.example"), decided="at_once")
    cost()
    assert cost() <= one


def test_a_digest_counts_the_decisions_of_others_since_the_last_one(
    ed: User, mona: User, write: Any, deliver: Deliver
) -> None:
    choose(ed, decided="digest", digest_hours=6)
    for _ in range(3):
        reject(write(status="pending"), mona)
    undoing.undo(reject(write(status="pending"), mona), by=mona)
    reject(write(status="pending"), ed)
    AlertChoice.objects.update(digest_at=timezone.now() - timedelta(hours=7))
    ModerationEvent.objects.update(at=timezone.now() - timedelta(hours=1))

    assert alerting.queue_digests() == 1

    (sent,) = deliver()
    assert sent.subject == "The Newsroom: Decided by others: 3"
    assert "https://news.example.org/desk/moderation/log/" in sent.body
    # The next one begins where this one ended.
    AlertChoice.objects.update(digest_at=timezone.now() - timedelta(hours=6, minutes=1))
    ModerationEvent.objects.update(at=timezone.now() - timedelta(hours=7))
    assert alerting.queue_digests() == 1
    assert deliver() == []


def test_drift_is_mailed_to_who_wants_to_hear_of_it(ed: User, mona: User, deliver: Deliver) -> None:
    mona.email = "mona@newsroom.example"
    mona.save()
    choose(mona, decided="at_once")

    assert alerting.tell_drift(agreed=81, number=100, promised=0.934, path="/desk/editors/screening/") == 1

    (sent,) = deliver()
    assert (sent.to, sent.subject) == (["ed@newsroom.example"], "The Newsroom: the screening drifts")
    assert "people agreed with the machine on 81 (81 %). 93 % were promised." in sent.body
    assert "https://news.example.org/desk/editors/screening/" in sent.body


def test_drift_has_no_digest(ed: User) -> None:
    with pytest.raises(InvalidFields) as refused:
        choose(ed, drift="digest")
    assert list(refused.value.fields) == ["drift"]


def test_a_site_that_sends_no_mail_queues_none(ed: User, mona: User, write: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": ""}
    assert alerting.tell_drift(agreed=1, number=100, promised=0.9) == 0
    reject(write(status="pending"), mona)
    assert not Outbox.objects.exists()
