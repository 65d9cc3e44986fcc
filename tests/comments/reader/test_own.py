"""What an author alone may see and do: the status page, editing, withdrawing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from comments import moderation, tagging
from comments.models import Comment, ModerationEvent, Status, Thread
from tests.comments.reader.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
URL = "/articles/harbour/"


@pytest.fixture
def posted(carl: Client, typed: dict[str, str], send: Any) -> Callable[..., Comment]:
    """A comment that Carl posts from his browser, into a discussion of this mode."""

    def posted(mode: str = "publish", **fields: str) -> Comment:
        Thread.objects.update(mode=mode)
        assert send(carl, {**typed, **fields}).status_code == 303
        return Comment.objects.latest("id")

    return posted


def late(comment: Comment) -> None:
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(minutes=16))


@pytest.mark.parametrize("page", ["", "status/", "edit/", "withdraw/"])
@pytest.mark.parametrize("mode", ["hold_all", "publish"])
def test_a_stranger_does_not_find_an_authors_pages(
    page: str, mode: str, posted: Any, rita: Client, mona_client: Client
) -> None:
    comment = posted(mode)
    if mode == "publish" and not page:
        return
    for client in (rita, mona_client):
        assert client.get(f"/comments/{comment.pk}/{page}").status_code == 404


@pytest.mark.parametrize("page", ["edit/", "withdraw/"])
def test_a_stranger_changes_nothing(page: str, posted: Any, rita: Client, typed: dict[str, str], send: Any) -> None:
    comment = posted()
    send(rita, {**typed, "body": "Rita has a browser of her own.", "name": "Rita"})

    assert rita.post(f"/comments/{comment.pk}/{page}", {"body": "Changed."}).status_code == 404

    comment.refresh_from_db()
    assert (comment.body, comment.status) == (typed["body"], "approved")


@pytest.mark.parametrize("page", ["", "status/", "edit/", "withdraw/"])
def test_no_cache_keeps_what_an_author_sees(page: str, posted: Any, carl: Client) -> None:
    answer = carl.get(f"/comments/{posted('hold_all').pk}/{page}")

    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_no_cache_that_readers_share_keeps_the_article_page(posted: Any, carl: Client) -> None:
    posted("hold_all")

    assert "private" in carl.get(URL)["Cache-Control"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("pending", "awaiting moderation"),
        ("spam", "awaiting moderation"),
        ("approved", "is published"),
        ("rejected", "was not published. It is not about the article."),
    ],
)
def test_the_status_page_says_how_a_comment_stands(
    status: str, sentence: str, posted: Any, carl: Client, mona: User, read: Any
) -> None:
    comment = posted("hold_all")
    if status != "pending":
        reason = "off_topic" if status == "rejected" else ""
        moderation.decide(comment, to=status, by=mona, seen=moderation.Seen("pending", 1), reason=reason)

    page = read(carl, f"/comments/{comment.pk}/status/")

    assert sentence in page.text
    assert sentence in read(carl, URL).text
    assert "silts up" in page.text


def test_spam_is_called_spam_nowhere(posted: Any, carl: Client, mona: User, read: Any) -> None:
    comment = posted("hold_all")
    moderation.decide(comment, to="spam", by=mona, seen=moderation.Seen("pending", 1))

    for url in (URL, f"/comments/{comment.pk}/status/"):
        assert b"spam" not in read(carl, url).response.content.lower()


def test_the_notes_of_moderators_are_not_shown(posted: Any, carl: Client, mona: User, read: Any) -> None:
    comment = posted("hold_all")
    moderation.decide(
        comment, to="rejected", by=mona, seen=moderation.Seen("pending", 1), reason="other", note="Third time."
    )

    for url in (URL, f"/comments/{comment.pk}/status/"):
        page = read(carl, url)
        assert "Third time" not in page.text
        assert "mona" not in page.text


def test_an_author_edits(posted: Any, carl: Client, rita: Client, read: Any) -> None:
    comment = posted()
    page = read(carl, f"/comments/{comment.pk}/edit/")
    assert page.by_id("lar-body").text == comment.body

    answer = carl.post(f"/comments/{comment.pk}/edit/", {"body": "Only every *other* spring."})

    comment.refresh_from_db()
    assert answer.status_code == 303
    assert (comment.body, comment.revision, comment.status) == ("Only every *other* spring.", 2, "approved")
    assert "Only every other spring." in words(read(rita, URL).by_id(f"comment-{comment.pk}"))
    assert "edited" in words(read(rita, URL).by_id(f"comment-{comment.pk}"))


@pytest.mark.parametrize("body", ["", " ", "x" * 10_001, "\u2060"])
def test_a_faulty_edit_keeps_what_was_typed(body: str, posted: Any, carl: Client, parse: Any) -> None:
    comment = posted()

    answer = carl.post(f"/comments/{comment.pk}/edit/", {"body": body})

    page = parse(answer)
    assert answer.status_code == 422
    assert (page.by_id("lar-body").text or "") == body
    assert words(page.by_id("lar-body-error"))
    assert Comment.objects.get().revision == 1


def test_after_the_window_an_edit_is_refused_and_the_text_shown_once_more(
    posted: Any, carl: Client, parse: Any, read: Any
) -> None:
    comment = posted()
    late(comment)

    assert carl.get(f"/comments/{comment.pk}/edit/")["Location"] == f"/comments/{comment.pk}/status/"
    answer = carl.post(f"/comments/{comment.pk}/edit/", {"body": "A long afterthought."})

    page = parse(answer)
    assert answer.status_code == 403
    assert "for 15 minutes after posting" in words(page.by_id("lar-body-error"))
    assert page.by_id("lar-body").text == "A long afterthought."
    assert b"/edit/" not in carl.get(f"/comments/{comment.pk}/status/").content
    assert Comment.objects.get().revision == 1


def test_after_the_window_withdrawing_is_refused_with_a_way_back(posted: Any, carl: Client, parse: Any) -> None:
    comment = posted("hold_all")
    late(comment)

    assert carl.get(f"/comments/{comment.pk}/withdraw/").status_code == 303
    answer = carl.post(f"/comments/{comment.pk}/withdraw/")

    page = parse(answer)
    assert answer.status_code == 403
    assert "for 15 minutes" in page.text
    assert page.links("Back to the discussion")
    assert Comment.objects.get().status == Status.PENDING


def test_an_edited_comment_that_waits_again_is_named_once(
    posted: Any, carl: Client, rita: Client, write: Any, read: Any
) -> None:
    comment = posted()
    reply = write(parent=comment)

    answer = carl.post(
        f"/comments/{comment.pk}/edit/",
        {
            "body": "The soundings are on https://a.example, on https://b.example and, for last year, on https://c.example"
        },
    )

    comment.refresh_from_db()
    assert comment.status == Status.PENDING
    page = read(carl, answer["Location"])
    assert sorted(page.comment_ids) == [comment.pk, reply.pk]
    assert "awaiting moderation" in words(page.by_id(answer["Location"].partition("#")[2]))
    others = read(rita, URL)
    assert "This comment is not available." in words(others.by_id(f"comment-{comment.pk}"))
    assert "a.example" not in others.text


def test_an_author_withdraws(posted: Any, carl: Client, rita: Client, read: Any) -> None:
    comment = posted()
    assert "silts up" in read(carl, f"/comments/{comment.pk}/withdraw/").text

    answer = carl.post(f"/comments/{comment.pk}/withdraw/")

    comment.refresh_from_db()
    assert answer["Location"] == f"/comments/{comment.pk}/status/"
    assert (comment.status, comment.body, comment.html, comment.author_name) == ("withdrawn", "", "", "")
    assert comment.events.get().actor == ModerationEvent.Actor.AUTHOR
    assert "You have withdrawn this comment." in read(carl, answer["Location"]).text
    for client in (carl, rita):
        page = read(client, URL)
        assert page.comment_ids == []
        assert "silts up" not in page.text


def test_where_others_have_replied_a_tombstone_stays(
    posted: Any, carl: Client, rita: Client, write: Any, tags: dict[str, Any], ed: User, read: Any
) -> None:
    comment = posted()
    tagging.correct(comment, tags["dredging"], applies=True, by=ed)
    reply = write(parent=comment, name="Rita")
    carl.post(f"/comments/{comment.pk}/withdraw/")

    page = read(rita, URL)

    assert page.comment_ids == [comment.pk, reply.pk]
    stone = page.by_id(f"comment-{comment.pk}").find("article")
    assert words(stone) == "This comment was withdrawn by its author."
    assert not list(stone.iter("a"))
    assert not list(stone.iter("form"))
    assert read(rita, f"/comments/{comment.pk}/").has_id(f"comment-{comment.pk}")


def test_a_withdrawn_comment_cannot_be_edited_nor_answered(
    posted: Any, carl: Client, typed: dict[str, str], send: Any, write: Any, parse: Any
) -> None:
    comment = posted()
    write(parent=comment)
    carl.post(f"/comments/{comment.pk}/withdraw/")

    assert carl.post(f"/comments/{comment.pk}/edit/", {"body": "Back again."}).status_code == 403
    answer = send(carl, {**typed, "parent": comment.pk})

    assert answer.status_code == 422
    assert "is not here any more" in words(parse(answer).by_id("lar-errors"))
    comment.refresh_from_db()
    assert comment.body == ""


def test_withdrawing_twice_is_withdrawing_once(posted: Any, carl: Client) -> None:
    comment = posted()

    answers = [carl.post(f"/comments/{comment.pk}/withdraw/") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert comment.events.count() == 1


@pytest.mark.parametrize("page", ["edit/", "withdraw/"])
def test_another_sites_page_changes_nothing(page: str, posted: Any, carl: Client) -> None:
    comment = posted()

    answer = carl.post(
        f"/comments/{comment.pk}/{page}", {"body": "Changed."}, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 403
    comment.refresh_from_db()
    assert (comment.status, comment.revision) == ("approved", 1)


@pytest.mark.parametrize("number", [4711, 10**18, 10**30])
@pytest.mark.parametrize(
    "page", ["", "status/", "edit/", "withdraw/", "replies/", "recommend/", "report/", "tags/dredging/"]
)
def test_a_number_that_names_nothing_is_not_found(number: int, page: str, carl: Client, posted: Any) -> None:
    posted()

    assert carl.get(f"/comments/{number}/{page}").status_code == 404
