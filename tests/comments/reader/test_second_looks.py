"""The pages of an author whose comment was rejected: the reason, the message, another look, a revised text. And what
readers see of pins, of edits by staff, and of a block."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments import blocks, editing, moderation, pinning
from comments.models import Appeal, Comment, Thread
from tests.comments.reader.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
URL = "/articles/harbour/"


@pytest.fixture
def rejected(carl: Client, typed: dict[str, str], send: Any, mona: User, settings: Any) -> Any:
    """Carl posts, and Mona rejects it."""

    def rejected(**choice: Any) -> Comment:
        send(carl, {**typed, "website": ""})
        comment = Comment.objects.get()
        moderation.decide(
            comment,
            to="rejected",
            by=mona,
            seen=moderation.Seen(comment.status, comment.revision),
            **{"reason": "off_topic", **choice},
        )
        comment.refresh_from_db()
        return comment

    return rejected


def test_an_author_reads_why_and_revises(rejected: Any, carl: Client, read: Any) -> None:
    comment = rejected(message="Say what *it* is about.\n\nThank you.", invite=True)
    page = read(carl, f"/comments/{comment.pk}/status/")
    assert "It is not about the article." in page.text
    assert "The moderators write to you: Say what *it* is about. Thank you." in page.text
    (link,) = page.links("Revise and send again")
    assert not page.links("Ask for another look")

    form = read(carl, link.get("href"))
    assert (form.by_id("lar-body").text or "").strip() == comment.body

    answer = carl.post(link.get("href"), {"body": "The port's channel silts up."})

    assert (answer.status_code, answer["Location"]) == (303, f"/comments/{comment.pk}/status/")
    assert "no-store" in answer["Cache-Control"]
    comment.refresh_from_db()
    assert (comment.status, comment.text) == ("pending", "The port's channel silts up.")
    assert "awaiting moderation" in read(carl, answer["Location"]).text


def test_an_author_asks_for_another_look(rejected: Any, carl: Client, read: Any) -> None:
    comment = rejected()
    page = read(carl, f"/comments/{comment.pk}/status/")
    (link,) = page.links("Ask for another look")
    assert "You can do so until" in page.text
    read(carl, link.get("href"))

    answer = carl.post(link.get("href"), {"text": "It is about the port."})
    again = carl.post(link.get("href"), {"text": "Sent twice."})

    assert (answer.status_code, again.status_code) == (303, 303)
    assert Appeal.objects.get().text == "It is about the port."
    assert "You asked for another look; a moderator will decide." in read(carl, answer["Location"]).text


@pytest.mark.parametrize("invite", [True, False])
def test_what_is_refused_is_said_at_the_field_and_kept(invite: bool, rejected: Any, carl: Client, parse: Any) -> None:
    comment = rejected(invite=invite)
    page, field, long = ("revise", "body", "x" * 10_001) if invite else ("appeal", "text", "y" * 1_001)

    answer = carl.post(f"/comments/{comment.pk}/{page}/", {field: long})

    assert answer.status_code == 422
    shown = parse(answer)
    area = shown.by_id(f"lar-{field}")
    assert (area.text or "").strip() == long
    assert area.get("aria-invalid") == "true"
    assert f"lar-{field}-error" in (area.get("aria-describedby") or "")
    assert "shorten" in words(shown.by_id(f"lar-{field}-error"))
    comment.refresh_from_db()
    assert comment.status == "rejected"


@pytest.mark.parametrize("invite", [True, False])
def test_the_page_that_does_not_apply_leads_back(invite: bool, rejected: Any, carl: Client) -> None:
    comment = rejected(invite=invite)
    page, field = ("appeal", "text") if invite else ("revise", "body")
    assert carl.get(f"/comments/{comment.pk}/{page}/")["Location"] == f"/comments/{comment.pk}/status/"
    answer = carl.post(f"/comments/{comment.pk}/{page}/", {field: "Something else altogether."})
    assert answer.status_code == 403
    assert "Something else altogether." in answer.content.decode()


@pytest.mark.parametrize("page", ["appeal", "revise"])
def test_a_stranger_finds_none_of_it(page: str, rejected: Any, rita: Client, send: Any, typed: dict[str, str]) -> None:
    comment = rejected(invite=page == "revise")
    send(rita, {**typed, "name": "Rita", "email": "rita@example.org", "body": "Rita's own words."})
    url = f"/comments/{comment.pk}/{page}/"
    for client in (rita, Client()):
        assert client.get(url).status_code == 404
        assert client.post(url, {"text": "x", "body": "Another."}).status_code == 404
    assert rita.get(f"/comments/{2**70}/{page}/").status_code == 404


@pytest.mark.parametrize("page", ["appeal", "revise"])
def test_another_sites_page_changes_nothing(page: str, rejected: Any, carl: Client) -> None:
    comment = rejected(invite=page == "revise")
    answer = carl.post(
        f"/comments/{comment.pk}/{page}/", {"text": "x", "body": "Another."}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    comment.refresh_from_db()
    assert comment.status == "rejected"


def test_the_panel_above_the_discussion_says_it_too(rejected: Any, carl: Client, read: Any) -> None:
    comment = rejected(message="Say how.", invite=True)
    page = read(carl, URL)
    own = words(page.by_id(f"comment-{comment.pk}"))
    assert "It is not about the article." in own
    assert "Say how." in own
    assert page.links("Revise and send again")


def test_my_data_says_it_too(rejected: Any, carl: Client, read: Any) -> None:
    rejected(message="Say how.")
    page = read(carl, "/comments/mine/")
    assert "It is not about the article" in page.text
    assert "Say how." in page.text
    assert page.links("Ask for another look")


def test_spam_is_never_told_apart_from_waiting(rejected: Any, carl: Client, read: Any, mona: User) -> None:
    comment = rejected(message="A secret.", invite=True)
    seen = moderation.Seen("rejected", 1)
    moderation.decide(comment, to="spam", by=mona, seen=seen)
    page = read(carl, f"/comments/{comment.pk}/status/")
    assert "awaiting moderation" in page.text
    assert "A secret." not in page.text
    assert not page.links("Revise")
    assert not page.links("Ask")
    assert carl.get(f"/comments/{comment.pk}/appeal/").status_code == 303


def test_a_message_is_no_markup(rejected: Any, carl: Client) -> None:
    comment = rejected(message="<img src=x onerror=alert(1)>")
    assert b"<img" not in carl.get(f"/comments/{comment.pk}/status/").content


# --- What readers see


def test_a_pinned_comment_stands_above_the_first_page(
    write: Any, rita: Client, read: Any, mona: User, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "COMMENTS_PER_PAGE": 2}
    root = write("Read this first.")
    reply = write("The timetable.", parent=root)
    for _ in range(3):
        write()
    pinning.pin(reply, by=mona)

    page = read(rita, URL)

    pinned = page.by_id("lar-pinned")
    assert words(pinned).startswith("Pinned by the newsroom")
    assert "The timetable." in words(pinned)
    assert pinned.get("aria-label") == "Pinned by the newsroom"
    assert not read(rita, page.by_id("lar-next").get("href")).has_id("lar-pinned")
    assert not read(rita, f"{URL}?focus={reply.pk}").has_id("lar-pinned")
    pinning.unpin(reply, by=mona)
    assert not read(rita, URL).has_id("lar-pinned")


def test_a_pin_costs_one_query(write: Any, rita: Client, mona: User) -> None:
    comment = write()

    def cost() -> tuple[int, int]:
        cache.clear()
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert rita.get(URL).status_code == 200
            counts.append(len(queries))
        return counts[0], counts[1]

    without = cost()
    pinning.pin(comment, by=mona)
    assert cost() == (without[0] + 1, without[1])
    assert without[0] < 12


def test_the_api_names_the_pinned_comment(write: Any, thread: Thread, rita: Client, mona: User) -> None:
    comment = write()
    url = f"/api/v1/threads/{thread.pk}/"
    assert rita.get(url).json()["pinned"] is None
    pinning.pin(comment, by=mona)
    assert rita.get(url).json()["pinned"] == comment.pk


def test_an_edit_by_staff_is_marked(write: Any, rita: Client, read: Any, mona: User) -> None:
    comment = write()
    editing.edit(comment, by=mona, body="Other words.", seen=moderation.Seen("approved", 1))
    assert "edited by the newsroom" in words(read(rita, URL).by_id(f"comment-{comment.pk}"))


def test_a_blocked_reader_is_told_and_loses_nothing(
    carl: Client, typed: dict[str, str], send: Any, parse: Any, mona: User
) -> None:
    send(carl, typed)
    blocks.block(Comment.objects.get(), by=mona, days=3, everywhere=False)

    answer = send(carl, {**typed, "body": "And another thing."})

    assert answer.status_code == 403
    page = parse(answer)
    assert "The moderators have blocked you from this discussion until" in words(page.by_id("lar-errors"))
    assert (page.field("body") or "").strip() == "And another thing."
    assert Comment.objects.count() == 1


def test_a_blocked_reader_reports_nothing_and_loses_no_note(
    carl: Client, write: Any, typed: dict[str, str], send: Any, parse: Any, mona: User
) -> None:
    other = write(name="Rita", email="rita@example.org")
    send(carl, typed)
    blocks.block(Comment.objects.latest("pk"), by=mona, days=3, everywhere=False)

    answer = carl.post(f"/comments/{other.pk}/report/", {"reason": "spam", "note": "Sold here as well."})

    assert answer.status_code == 403
    page = parse(answer)
    assert "The moderators have blocked you from this discussion until" in page.text
    assert ".." not in page.text
    assert (page.by_id(f"lar-note-{other.pk}").text or "").strip() == "Sold here as well."
    assert not other.reports.exists()


def test_a_blocked_program_is_told(
    write: Any, thread: Thread, carl: Client, typed: dict[str, str], send: Any, mona: User
) -> None:
    send(carl, typed)
    blocks.block(Comment.objects.get(), by=mona, days=None, everywhere=True)
    answer = carl.post(
        f"/api/v1/threads/{thread.pk}/comments/", {**typed, "body": "By program."}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "blocked")
