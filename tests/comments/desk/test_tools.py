"""The tools of a card: reply, edit, block, pin, mode and address, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import OperationalError
from django.test import Client

from comments import moderation
from comments.models import Block, Comment, ModerationEvent, Reader, Status, Thread
from comments.moderation import Seen

Write = Callable[..., Comment]
HTMX = {"HX-Request": "true"}
TOOLS = ["reply", "edit", "block", "more"]


@pytest.fixture
def waiting(write: Write, carls_browser: Reader) -> Comment:
    return write("Who counted the eel?", status="pending", reader=carls_browser)


def seen(comment: Comment) -> dict[str, str]:
    return {"seen_status": comment.status, "seen_revision": str(comment.revision)}


def send(client: Client, comment: Comment, tool: str, *, htmx: bool = False, **fields: str) -> Any:
    return client.post(f"/desk/moderation/{comment.pk}/{tool}/", fields, headers=HTMX if htmx else {})


def actions(comment: Comment) -> list[str]:
    return list(ModerationEvent.objects.filter(comment=comment, by__isnull=False).values_list("action", flat=True))


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_is_a_page_and_a_piece_of_one(mona_client: Client, waiting: Comment, tool: str) -> None:
    url = f"/desk/moderation/{waiting.pk}/{tool}/"

    page, piece = mona_client.get(url), mona_client.get(url, headers=HTMX)

    assert page.status_code == piece.status_code == 200
    assert ("<html" in page.text, "<html" in piece.text) == (True, False)
    assert "desk-toolbox" in page.text
    assert "desk-toolbox" in piece.text
    assert f'href="{url}"' in mona_client.get("/desk/moderation/").text


@pytest.mark.parametrize("tool", [*TOOLS, "pin", "mode", "address"])
def test_tools_are_for_moderators_and_for_comments_that_are_there(
    sam: Client, mona_client: Client, waiting: Comment, tool: str
) -> None:
    assert sam.post(f"/desk/moderation/{waiting.pk}/{tool}/").status_code in {302, 403}
    for number in (waiting.pk + 9, 10**30):
        ask = mona_client.get if tool == "more" else mona_client.post
        assert ask(f"/desk/moderation/{number}/{tool}/").status_code == 404
        assert mona_client.get(f"/desk/moderation/{number}/").status_code == 404
    assert actions(waiting) == []


def test_a_reply_publishes_what_it_answers(mona_client: Client, mona: User, waiting: Comment) -> None:
    response = send(mona_client, waiting, "reply", body="Nobody, so far.", **seen(waiting))

    assert response.status_code == 303
    waiting.refresh_from_db()
    answer = Comment.objects.get(parent=waiting)
    assert (waiting.status, answer.status, answer.user, answer.author_name) == ("approved", "approved", mona, "mona")
    assert actions(waiting) == ["reply", "status"]


def test_with_htmx_the_card_becomes_a_line_that_can_be_undone(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "reply", htmx=True, body="Nobody.", view="", **seen(waiting))

    assert response["HX-Retarget"] == f"#c-{waiting.pk}"
    assert "Approved. Your reply is published." in response.text
    assert "Undo" in response.text


def test_a_reply_to_what_is_public_decides_nothing(mona_client: Client, write: Write) -> None:
    public = write()

    response = send(mona_client, public, "reply", htmx=True, body="Thank you.", **seen(public))

    assert "Your reply is published." in response.text
    assert actions(public) == ["reply"]


def test_a_reply_that_is_sent_twice_is_posted_once(mona_client: Client, waiting: Comment) -> None:
    form = mona_client.get(f"/desk/moderation/{waiting.pk}/reply/", headers=HTMX).text
    attempt = re.findall(r'name="attempt" value="([^"]+)"', form)[0]
    for _press in range(2):
        send(mona_client, waiting, "reply", body="Nobody, so far.", attempt=attempt, **seen(waiting))

    assert Comment.objects.filter(parent=waiting).count() == 1
    assert actions(waiting) == ["reply", "status"]


def test_an_empty_reply_is_said_at_the_field_and_approves_nothing(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "reply", body=" ", **seen(waiting))

    assert response.status_code == 422
    assert f'aria-describedby="reply-{waiting.pk}-fault"' in response.text
    waiting.refresh_from_db()
    assert waiting.status == Status.PENDING


def test_a_reply_that_is_refused_approves_nothing(mona_client: Client, waiting: Comment) -> None:
    Thread.objects.update(mode="closed")

    response = send(mona_client, waiting, "reply", body="Nobody, so far.", **seen(waiting))

    assert response.status_code == 403
    assert "Nobody, so far.</textarea>" in response.text
    waiting.refresh_from_db()
    assert waiting.status == "pending"
    assert actions(waiting) == []


def test_a_reply_whose_row_of_the_log_cannot_be_written_is_not_posted(
    mona_client: Client, waiting: Comment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(ModerationEvent.objects, "create", full)

    response = send(mona_client, waiting, "reply", body="Nobody, so far.", **seen(waiting))

    assert response.status_code == 503
    assert "Nobody, so far.</textarea>" in response.text
    assert not waiting.replies.exists()
    assert actions(waiting) == []


def test_a_reply_to_a_stale_view_is_not_sent(mona_client: Client, ed: User, waiting: Comment) -> None:
    moderation.decide(waiting, to=Status.SPAM, by=ed, seen=Seen("pending", 1))

    response = send(mona_client, waiting, "reply", body="Nobody.", **seen(waiting))

    assert response.status_code == 409
    assert "it is spam now" in response.text
    assert not Comment.objects.filter(parent=waiting).exists()
    assert "Nobody.</textarea>" in response.text, "what was typed is not lost"


def test_a_stale_reply_in_place_brings_the_card_with_what_was_typed(
    mona_client: Client, ed: User, waiting: Comment
) -> None:
    moderation.decide(waiting, to=Status.SPAM, by=ed, seen=Seen("pending", 1))

    refused = send(mona_client, waiting, "reply", htmx=True, body="Two hundred.", view="queue=pending", **seen(waiting))

    assert refused.status_code == 409
    assert refused["HX-Retarget"] == f"#c-{waiting.pk}"
    assert refused.text.count(f'id="tool-{waiting.pk}"') == 1
    assert "Two hundred.</textarea>" in refused.text
    assert 'name="seen_status" value="spam"' in refused.text, "the next try rests on what is shown"


def test_an_edit_keeps_the_text_before_in_the_log(mona_client: Client, waiting: Comment) -> None:
    form = mona_client.get(f"/desk/moderation/{waiting.pk}/edit/").text
    assert "Who counted the eel?</textarea>" in form

    response = send(mona_client, waiting, "edit", body="Who counted the eels?", note="Grammar", **seen(waiting))

    assert response.status_code == 303
    waiting.refresh_from_db()
    assert (waiting.text, waiting.revision, waiting.status) == ("Who counted the eels?", 2, "pending")
    event = ModerationEvent.objects.get(comment=waiting, action="edit")
    assert (event.original, event.note) == ("Who counted the eel?", "Grammar")


def test_an_edit_in_place_brings_the_card_anew(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "edit", htmx=True, body="Shorter.", view="queue=pending", **seen(waiting))

    assert response["HX-Retarget"] == f"#c-{waiting.pk}"
    assert "Shorter." in response.text
    assert 'name="seen_revision" value="2"' in response.text


def test_an_edit_of_what_changed_meanwhile_is_refused(mona_client: Client, mona: User, waiting: Comment) -> None:
    send(mona_client, waiting, "edit", body="First.", **seen(waiting))

    response = send(mona_client, waiting, "edit", body="Second.", **seen(waiting))

    assert response.status_code == 409
    assert "A member of staff has changed the text." in response.text
    waiting.refresh_from_db()
    assert waiting.text == "First."
    assert "Second.</textarea>" in response.text, "what was typed is not lost"

    again = send(mona_client, waiting, "edit", body="Second.", seen_status="pending", seen_revision="2")
    assert 'name="seen_revision" value="2"' in response.text
    assert again.status_code == 303


def test_a_block_is_made_shown_and_lifted(mona_client: Client, waiting: Comment) -> None:
    response = send(mona_client, waiting, "block", days="7", everywhere="1", reason="Third time")

    assert response.status_code == 303
    block = Block.objects.get()
    assert (block.reason, block.thread, block.reader_id) == ("Third time", None, waiting.reader_id)
    assert block.expires_at is not None
    page = mona_client.get(f"/desk/moderation/{waiting.pk}/block/").text
    assert "blocked on the whole site until" in page
    assert "Third time" in page

    lifted = mona_client.post(f"/desk/moderation/{waiting.pk}/block/{block.pk}/", headers=HTMX)

    assert lifted.status_code == 200
    assert "was blocked until" in lifted.text
    block.refresh_from_db()
    assert block.lifted_at is not None
    assert actions(waiting) == ["lift", "block"]


def test_a_block_can_be_for_ever_and_in_one_discussion(mona_client: Client, waiting: Comment, thread: Thread) -> None:
    send(mona_client, waiting, "block", htmx=True, days="")

    block = Block.objects.get()
    assert (block.expires_at, block.thread) == (None, thread)
    assert "blocked in one discussion" in mona_client.get("/desk/moderation/").text


@pytest.mark.parametrize("days", ["2", "-1", "x", "9" * 40, "\x00"])
def test_a_made_up_time_blocks_nobody(mona_client: Client, waiting: Comment, days: str) -> None:
    assert send(mona_client, waiting, "block", days=days).status_code == 422
    assert not Block.objects.exists()


def test_somebody_elses_block_is_not_lifted_here(mona_client: Client, waiting: Comment, write: Write) -> None:
    other = write(reader=Reader.objects.create(cookie_digest="sam"), email="sam@example.org")
    send(mona_client, other, "block", days="1")

    block = Block.objects.get()
    assert mona_client.post(f"/desk/moderation/{waiting.pk}/block/{block.pk}/").status_code == 404
    assert mona_client.post(f"/desk/moderation/{waiting.pk}/block/{10**30}/").status_code == 404


def test_a_public_comment_is_pinned_and_let_go(mona_client: Client, write: Write, thread: Thread) -> None:
    public = write()

    send(mona_client, public, "pin", pin="1")
    thread.refresh_from_db()
    assert thread.pinned == public
    assert "Unpin" in mona_client.get(f"/desk/moderation/{public.pk}/more/").text

    send(mona_client, public, "pin", htmx=True)
    thread.refresh_from_db()
    assert thread.pinned is None


def test_a_discussion_is_closed_from_its_comment(mona_client: Client, waiting: Comment, thread: Thread) -> None:
    assert send(mona_client, waiting, "mode", htmx=True, mode="closed").status_code == 200
    thread.refresh_from_db()
    assert thread.mode == "closed"
    assert send(mona_client, waiting, "mode", mode="ajar").status_code == 422


def test_an_address_is_shown_to_who_may_see_it_and_the_log_says_so(
    mona_client: Client, mona: User, waiting: Comment
) -> None:
    assert "Show the address" not in mona_client.get(f"/desk/moderation/{waiting.pk}/more/").text
    assert send(mona_client, waiting, "address").status_code == 403
    mona.user_permissions.add(Permission.objects.get(codename="see_address"))

    assert "Show the address" in mona_client.get(f"/desk/moderation/{waiting.pk}/more/").text
    response = send(mona_client, waiting, "address", htmx=True)

    assert "carl@example.org" in response.text
    assert response["Cache-Control"] == "private, no-store"
    assert actions(waiting) == ["address"]
    assert mona_client.get(f"/desk/moderation/{waiting.pk}/address/").status_code == 405
