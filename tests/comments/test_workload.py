"""How the desk keeps up: what is counted, and what the page shows of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from comments import workload
from comments.desk import plots
from comments.models import Comment, ModerationEvent, Sample, Status
from comments.workload import Period, Workload

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 14, 15, 30, tzinfo=UTC)
Write = Callable[..., Comment]


def decided(
    comment: Comment, by: User | None, *, posted: timedelta, took: float, to: str = "approved", reason: str = ""
) -> ModerationEvent:
    """A decision on a comment that was posted so long before NOW and waited so many seconds."""
    created_at = NOW - posted
    Comment.objects.filter(pk=comment.pk).update(created_at=created_at, status=to)
    return ModerationEvent.objects.create(
        comment=comment,
        from_status=Status.PENDING,
        to_status=to,
        actor=ModerationEvent.Actor.MODERATOR,
        by=by,
        reason=reason,
        revision=1,
        at=created_at + timedelta(seconds=took),
    )


def measured(period: Period = Period.DAY) -> Workload:
    return workload.measure(period, now=NOW)


def test_it_says_how_long_decisions_took_who_took_them_and_why(mona: User, ed: User, write: Write) -> None:
    for minutes, by, to in [(10, mona, "approved"), (20, mona, "rejected"), (30, mona, "approved"), (90, ed, "spam")]:
        reason = "abuse" if to == "rejected" else ""
        decided(write(), by, posted=timedelta(hours=5), took=60 * minutes, to=to, reason=reason)

    found = measured()

    assert (found.decisions, found.median, found.slow, found.timed) == (4, 1200, 5400, 4)
    assert [(person.name, person.decisions, person.hours) for person in found.people] == [("mona", 3, 2), ("ed", 1, 1)]
    assert [(reason.code, reason.count, reason.share) for reason in found.reasons] == [("abuse", 1, 0.25)]
    assert sum(column.decisions for column in found.columns) == 4
    assert len(found.columns) == 24


def test_what_lies_outside_the_period_does_not_count(mona: User, write: Write) -> None:
    decided(write(), mona, posted=timedelta(days=3), took=60)

    assert measured().decisions == 0
    assert measured(Period.WEEK).decisions == 1
    assert measured().median is None


def test_a_comment_that_came_back_waits_from_then_on(mona: User, write: Write) -> None:
    comment = write()
    decided(comment, mona, posted=timedelta(hours=9), took=60, to="rejected", reason="abuse")
    ModerationEvent.objects.create(
        comment=comment,
        action=ModerationEvent.Action.APPEAL,
        from_status="rejected",
        to_status="pending",
        actor=ModerationEvent.Actor.AUTHOR,
        revision=1,
        at=NOW - timedelta(hours=2),
    )
    decided(comment, mona, posted=timedelta(hours=9), took=8 * 3600)

    assert sorted([measured().median or 0, measured().slow or 0]) == [60, 3600]


def test_what_a_machine_decided_alone_is_a_share_of_all_that_is_decided(mona: User, write: Write) -> None:
    Comment.objects.filter(pk__in=[write().pk, write().pk]).update(created_at=NOW - timedelta(hours=1))
    decided(write(), mona, posted=timedelta(hours=2), took=60)
    waiting = write()
    Comment.objects.filter(pk=waiting.pk).update(created_at=NOW, status="pending")

    found = measured()

    assert (found.by_machine.count, found.by_machine.of) == (2, 3)
    assert (found.waiting, found.oldest_at) == (1, NOW)


def test_what_a_screen_rejected_and_what_was_only_pinned_is_the_machines(mona: User, write: Write) -> None:
    rejected, pinned = write(), write()
    Comment.objects.filter(pk__in=[rejected.pk, pinned.pk]).update(created_at=NOW - timedelta(hours=1))
    Comment.objects.filter(pk=rejected.pk).update(status="rejected", reason="other")
    ModerationEvent.objects.create(comment=rejected, from_status="pending", to_status="rejected", actor="screen")
    ModerationEvent.objects.create(comment=pinned, action="pin", actor="moderator", by=mona)

    assert measured().by_machine == workload.Share(2, 2)


def test_the_standing_sample_tells_how_often_people_agree(write: Write) -> None:
    for is_agreed in (True, True, False):
        Sample.objects.create(
            comment=write(), machine_status="approved", settled_at=NOW - timedelta(hours=1), is_agreed=is_agreed
        )
    Sample.objects.create(comment=write(), machine_status="approved")

    assert measured().agreement == workload.Share(2, 3)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_one_of_the_values_and_enough_lie_below_it(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = workload.quantile(ordered, share)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-9


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (1 / 22, "4.5 %"), (1 / 11, "9.1 %"), (1 / 6, "17 %"), (1, "100 %")]
)
def test_shares_are_rounded_and_not_cut(share: float, words: str) -> None:
    assert plots.percent(share) == words


def test_the_page_draws_the_figures_and_spells_them_out(mona_client: Client, mona: User, write: Write) -> None:
    comment = write()
    event = decided(comment, mona, posted=timedelta(hours=2), took=600, to="rejected", reason="off_topic")
    moment = datetime.now(UTC) - timedelta(hours=1)
    ModerationEvent.objects.filter(pk=event.pk).update(at=moment)
    Comment.objects.filter(pk=comment.pk).update(created_at=moment - timedelta(minutes=10))

    page = mona_client.get("/desk/moderation/workload/").text

    assert "10 min" in page
    assert "It is not about the article" in page
    assert "<svg" in page
    assert page.count("<table") == 4


def test_an_empty_desk_has_a_page_too(mona_client: Client) -> None:
    for period in ("day", "week", "month"):
        page = mona_client.get(f"/desk/moderation/workload/?period={period}")
        assert "Nobody decided anything in this period." in page.text
    assert mona_client.get("/desk/moderation/workload/?period=year").status_code == 400


def test_it_is_for_moderators(client: Client, ed_client: Client) -> None:
    assert client.get("/desk/moderation/workload/").status_code == 302
    assert ed_client.get("/desk/moderation/workload/").status_code == 403


def test_the_page_costs_the_same_queries_with_one_decision_and_with_fifty(
    mona_client: Client, mona: User, write: Write
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            mona_client.get("/desk/moderation/workload/?period=month")
        return len(caught)

    now = datetime.now(UTC)
    for number in range(51):
        event = decided(write(), mona, posted=timedelta(hours=1), took=1, to="rejected", reason="abuse")
        ModerationEvent.objects.filter(pk=event.pk).update(at=now)
        if number == 0:
            count()
            at_one = count()

    assert count() == at_one <= 18
