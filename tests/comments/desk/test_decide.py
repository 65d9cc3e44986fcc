"""Deciding at the desk, with and without JavaScript: the answer, the row and the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from comments import moderation, posting, reporting
from comments.models import Comment, ModerationEvent, Reader, Report, Status
from comments.moderation import Seen

Write = Callable[..., Comment]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def waiting(write: Write) -> Comment:
    return write("Let us see about that.", status="pending")


def send(client: Client, comment: Comment, to: str, *, htmx: bool = False, **fields: str) -> Any:
    form = {"view": "", "seen_status": comment.status, "seen_revision": str(comment.revision), "to": to, **fields}
    return client.post(f"/desk/moderation/{comment.pk}/decide/", form, headers=HTMX if htmx else {})


def log_of(comment: Comment) -> ModerationEvent | None:
    return ModerationEvent.objects.filter(comment=comment, by__isnull=False).first()


def test_approving_leads_back_to_the_queue_and_says_so(mona_client: Client, mona: User, waiting: Comment) -> None:
    response = send(mona_client, waiting, "approved", note="Fine")

    assert response.status_code == 303
    assert response["Location"] == "/desk/moderation/"
    assert response["Cache-Control"] == "private, no-store"
    assert "Approved. The comment by Carl." in mona_client.get("/desk/moderation/").text
    waiting.refresh_from_db()
    assert waiting.status == Status.APPROVED
    event = log_of(waiting)
    assert event is not None
    assert (event.from_status, event.to_status, event.by, event.note) == ("pending", "approved", mona, "Fine")


def test_rejecting_stores_the_reason(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "rejected", reason="off_topic")

    assert response.status_code == 303
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("rejected", "off_topic")


def test_marking_as_spam_needs_no_reason(mona_client: Client, waiting: Comment) -> None:
    assert send(mona_client, waiting, "spam").status_code == 303
    waiting.refresh_from_db()
    assert waiting.status == Status.SPAM


def test_the_same_part_of_the_queue_is_shown_again(mona_client: Client, waiting: Comment) -> None:
    view = f"queue=pending&thread={waiting.thread_id}&after=0"

    response = send(mona_client, waiting, "approved", view=view)

    assert response["Location"] == f"/desk/moderation/?thread={waiting.thread_id}&after=0"


def test_a_damaged_view_leads_to_the_queue_and_nowhere_else(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "approved", view="queue=https://evil.example/")

    assert response["Location"] == "/desk/moderation/"


def test_deciding_on_the_page_of_the_comment_stays_there(mona_client: Client, waiting: Comment) -> None:
    form = {"seen_status": "pending", "seen_revision": "1", "to": "approved"}

    response = mona_client.post(f"/desk/moderation/{waiting.pk}/decide/", form)

    assert response["Location"] == f"/desk/moderation/{waiting.pk}/"


def test_with_htmx_the_card_becomes_a_line_and_the_counts_follow(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "approved", htmx=True)

    assert response.status_code == 200
    assert f'id="c-{waiting.pk}"' in response.text
    assert "desk-done" in response.text
    assert "<strong>Approved.</strong>" in response.text
    assert f'<a href="/comments/{waiting.pk}/">View</a>' in response.text
    assert 'id="desk-tabs"' in response.text
    assert 'hx-swap-oob="true"' in response.text
    assert 'Pending <span class="desk-count">0</span>' in response.text
    assert "<html" not in response.text


def test_with_htmx_what_readers_do_not_see_has_no_link_to_it(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "spam", htmx=True)

    assert "Marked as spam." in response.text
    assert f'href="/comments/{waiting.pk}/"' not in response.text


def test_a_stale_decision_changes_nothing_and_shows_what_stands_there(
    mona_client: Client, ed: User, waiting: Comment, write: Write
) -> None:
    other = write("Another one that waits.", status="pending")
    moderation.decide(waiting, to=Status.REJECTED, by=ed, seen=Seen("pending", 1), reason="abuse")

    response = send(mona_client, waiting, "approved", note="My words")

    assert response.status_code == 409
    assert "it is rejected now" in response.text
    assert "by ed: rejected" in response.text
    assert 'value="My words"' in response.text
    assert response.text.index(f'id="c-{waiting.pk}"') < response.text.index(f'id="c-{other.pk}"')
    assert 'name="seen_status" value="rejected"' in response.text
    waiting.refresh_from_db()
    assert waiting.status == Status.REJECTED
    assert ModerationEvent.objects.filter(comment=waiting, to_status="approved", by__username="mona").count() == 0


def test_a_stale_decision_with_htmx_brings_the_card_alone(mona_client: Client, ed: User, waiting: Comment) -> None:
    moderation.decide(waiting, to=Status.SPAM, by=ed, seen=Seen("pending", 1))

    response = send(mona_client, waiting, "approved", htmx=True, note="My words")

    assert response.status_code == 409
    assert response.text.count("<article") == 1
    assert "<html" not in response.text
    assert 'role="alert"' in response.text
    assert 'value="My words"' in response.text


def test_a_text_that_was_edited_meanwhile_has_to_be_read_first(
    mona_client: Client, write: Write, carls_browser: Reader
) -> None:
    comment = write("Harmless.", status="pending", reader=carls_browser)
    posting.edit(comment, body="Not so harmless.", reader=carls_browser)

    response = send(mona_client, comment, "approved")

    assert response.status_code == 409
    assert "Its author has changed the text." in response.text
    assert "Not so harmless." in response.text
    comment.refresh_from_db()
    assert comment.status == Status.PENDING


@pytest.mark.parametrize("htmx", [False, True])
def test_rejecting_without_a_reason_is_said_at_the_field_and_all_is_kept(
    mona_client: Client, waiting: Comment, htmx: bool
) -> None:
    response = send(mona_client, waiting, "rejected", htmx=htmx, note="Half a sentence")

    assert response.status_code == 422
    assert f'aria-describedby="reason-{waiting.pk}-fault"' in response.text
    assert "Choose a reason for the rejection." in response.text
    assert 'value="Half a sentence"' in response.text
    waiting.refresh_from_db()
    assert waiting.status == Status.PENDING
    assert log_of(waiting) is None


def test_a_note_that_is_too_long_is_kept_with_the_reason(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "rejected", reason="abuse", note="n" * 501)

    assert response.status_code == 422
    assert "n" * 501 in response.text
    assert '<option value="abuse" selected>' in response.text
    assert f'id="note-{waiting.pk}-fault"' in response.text


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "withdrawn"},
        {"to": ""},
        {"seen_status": "nothing"},
        {"seen_revision": "x"},
        {"seen_revision": "9" * 40},
        {"to": "rejected", "reason": "because\x00"},
    ],
)
def test_a_made_up_form_is_answered_with_a_sentence(
    mona_client: Client, waiting: Comment, fields: dict[str, str]
) -> None:
    response = send(mona_client, waiting, fields.pop("to", "approved"), **fields)

    assert response.status_code == 422
    waiting.refresh_from_db()
    assert waiting.status == Status.PENDING


def test_a_withdrawn_comment_takes_no_decision(mona_client: Client, write: Write, carls_browser: Reader) -> None:
    comment = write(reader=carls_browser)
    posting.withdraw(comment, reader=carls_browser)
    comment.refresh_from_db()

    response = send(mona_client, comment, "approved", seen_status="withdrawn")

    assert response.status_code == 422
    assert "cannot be changed any more" in response.text


def test_a_comment_that_is_gone_is_not_found(mona_client: Client, waiting: Comment) -> None:
    url = f"/desk/moderation/{waiting.pk + 1}/decide/"

    assert mona_client.post(url, {"to": "approved", "seen_status": "pending", "seen_revision": "1"}).status_code == 404


def test_deciding_twice_is_deciding_once(mona_client: Client, waiting: Comment) -> None:
    send(mona_client, waiting, "approved")
    response = send(mona_client, waiting, "approved", htmx=True)

    assert response.status_code == 200
    assert "Approved already." in response.text
    assert ModerationEvent.objects.filter(comment=waiting, to_status="approved", by__username="mona").count() == 1


def test_keeping_a_reported_comment_settles_its_reports(
    mona_client: Client, write: Write, carls_browser: Reader
) -> None:
    comment = write()
    reporting.report(comment, reader=carls_browser, reason="abuse")

    response = send(mona_client, comment, "approved", view="queue=reported")

    assert response["Location"] == "/desk/moderation/?queue=reported"
    comment.refresh_from_db()
    assert (comment.status, comment.report_count) == ("approved", 0)
    assert Report.objects.get().resolved_at is not None
    page = mona_client.get("/desk/moderation/?queue=reported").text
    assert "Readers have reported nothing that is not settled." in page


def test_looking_decides_nothing(mona_client: Client, waiting: Comment) -> None:
    assert mona_client.get(f"/desk/moderation/{waiting.pk}/decide/").status_code == 405
