"""The list of conversations: nesting, "show more replies", and links to a single comment."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from comments import moderation
from comments.models import Comment, Thread
from tests.comments.reader.pages import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
URL = "/articles/harbour/"


@pytest.fixture
def small(settings: Any) -> None:
    """Pages small enough to see where they end."""
    settings.COMMENTS = {**settings.COMMENTS, "COMMENTS_PER_PAGE": 3, "REPLIES_PER_ROOT": 2, "REPLIES_PER_PAGE": 4}


def parents(page: Page) -> dict[int, int | None]:
    """Under which comment each comment stands."""
    found: dict[int, int | None] = {}

    def walk(element: Any, above: int | None) -> None:
        name = element.get("id") or ""
        if name.startswith("comment-"):
            found[int(name.removeprefix("comment-"))] = above
            above = int(name.removeprefix("comment-"))
        for child in element:
            walk(child, above)

    walk(page.root, None)
    return found


def test_replies_stand_below_what_they_answer(write: Any, rita: Client, read: Any) -> None:
    one = write()
    two = write(parent=one)
    three = write(parent=two)
    four = write(parent=one)
    five = write()

    page = read(rita, URL)

    assert parents(page) == {one.pk: None, two.pk: one.pk, three.pk: two.pk, four.pk: one.pk, five.pk: None}
    assert page.comment_ids == [five.pk, one.pk, two.pk, three.pk, four.pk]
    assert [words(summary) for summary in page.root.iter("summary")] == ["3 replies", "1 reply"]
    assert all(details.get("open") is not None for details in page.root.iter("details"))
    assert not page.classed("lar-answers"), "what stands below needs no words for it"


def test_indentation_ends_and_words_go_on(write: Any, rita: Client, read: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "MAX_DEPTH": 2, "REPLIES_PER_ROOT": 50}
    chain = [write(name="Voice 0")]
    for number in range(1, 6):
        chain.append(write(parent=chain[-1], name=f"Voice {number}"))

    page = read(rita, URL)

    above = parents(page)
    assert [above[comment.pk] for comment in chain[:3]] == [None, chain[0].pk, chain[1].pk]
    assert {above[comment.pk] for comment in chain[3:]} == {chain[1].pk}
    assert [words(said) for said in page.classed("lar-answers")] == [f"in reply to Voice {n}" for n in (2, 3, 4)]


@pytest.mark.usefixtures("small")
def test_more_replies_come_on_a_page_of_their_own(write: Any, rita: Client, read: Any) -> None:
    root = write()
    replies = [write(parent=root) for _ in range(8)]
    page = read(rita, URL)
    assert page.comment_ids == [root.pk, *(reply.pk for reply in replies[:2])]
    more = page.links("Show more replies")
    assert len(more) == 1

    page = read(rita, more[0].get("href"))

    assert page.comment_ids == [reply.pk for reply in replies[2:6]]
    page = read(rita, page.links("Show more replies")[0].get("href"))
    assert page.comment_ids == [reply.pk for reply in replies[6:]]
    assert not page.links("Show more replies")
    assert page.links("Back to the discussion")


@pytest.mark.usefixtures("small")
def test_more_replies_come_as_a_piece_to_htmx(write: Any, rita: Client) -> None:
    root = write()
    replies = [write(parent=root) for _ in range(5)]

    answer = rita.get(f"/comments/{root.pk}/replies/?after=2", headers={"HX-Request": "true"})

    assert b"<html" not in answer.content
    assert [f'id="comment-{reply.pk}"'.encode() in answer.content for reply in replies] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert "HX-Request" in answer["Vary"], "a browser's cache must not show the piece as a page"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("after", ["x", "-1", "1.5", "٣", str(10**12)])
def test_a_damaged_link_to_more_replies_says_so(after: str, write: Any, rita: Client, read: Any) -> None:
    root = write()

    page = read(rita, f"/comments/{root.pk}/replies/?after={after}", status=400)

    assert "This link is damaged." in page.text
    assert page.links("Back to the discussion")


def test_replies_of_a_reply_have_no_page(write: Any, rita: Client) -> None:
    reply = write(parent=write())

    assert rita.get(f"/comments/{reply.pk}/replies/").status_code == 404


# --- Links to one comment


def follow(read: Any, client: Client, comment: Comment) -> Page:
    answer = client.get(f"/comments/{comment.pk}/")
    assert answer.status_code == 302
    page: Page = read(client, answer["Location"])
    assert page.has_id(answer["Location"].partition("#")[2])
    return page


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("position", range(8))
def test_a_link_leads_to_a_conversation_on_any_page(position: int, write: Any, rita: Client, read: Any) -> None:
    roots = [write() for _ in range(8)]

    page = follow(read, rita, roots[position])

    assert page.comment_ids[0] == roots[position].pk
    assert len(page.comment_ids) == min(3, position + 1)
    if position < 7:
        previous = read(rita, page.by_id("lar-previous").get("href"))
        assert roots[position + 1].pk in previous.comment_ids


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("position", range(14))
def test_a_link_leads_to_a_reply_however_far_down(position: int, write: Any, rita: Client, read: Any) -> None:
    for _ in range(4):
        write()
    root = write()
    replies = [write(parent=root) for _ in range(14)]
    for _ in range(4):
        write()

    page = follow(read, rita, replies[position])

    seen = [pk for pk in page.comment_ids if pk in {reply.pk for reply in replies}]
    for label in ("Show the replies in between", "Show more replies"):
        url = next((link.get("href") for link in page.links(label)), None)
        while url:
            further = read(rita, url)
            seen += further.comment_ids
            url = next((link.get("href") for link in further.links("Show more replies")), None)
    assert sorted(seen) == [reply.pk for reply in replies], "each reply can be reached, and comes once"


@pytest.mark.usefixtures("small")
def test_a_link_leads_to_a_deep_reply(write: Any, rita: Client, read: Any) -> None:
    comment = write()
    for _ in range(12):
        comment = write(parent=comment)

    assert comment.pk in follow(read, rita, comment).comment_ids


def test_a_link_to_a_tombstone_shows_it(write: Any, rita: Client, read: Any, mona: User) -> None:
    comment = write()
    write(parent=comment)
    moderation.decide(comment, to="rejected", by=mona, seen=moderation.Seen("approved", 1), reason="abuse")

    page = follow(read, rita, comment)

    assert words(page.by_id(f"comment-{comment.pk}").find("article")) == "This comment is not available."


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_a_link_to_what_is_not_public_is_not_found(status: str, write: Any, rita: Client) -> None:
    assert rita.get(f"/comments/{write(status=status).pk}/").status_code == 404


def test_a_link_can_be_checked_without_a_body(write: Any, rita: Client) -> None:
    assert rita.head(f"/comments/{write().pk}/").status_code == 302


@pytest.mark.usefixtures("small")
def test_the_reply_link_works_on_every_page(write: Any, rita: Client, read: Any) -> None:
    comments = [write() for _ in range(5)]

    page = follow(read, rita, comments[0])
    link = page.classed("lar-reply", page.by_id(f"comment-{comments[0].pk}"))[0]

    page = read(rita, link.get("href"))
    assert page.field("parent") == str(comments[0].pk)
    assert "Remark number 1" in words(page.by_id("respond")), "it says what is being answered"


def test_a_page_with_a_very_long_path_has_a_discussion_of_its_own(db):
    paths = [f"/{'a' * 400}/{number}/" for number in range(2)]
    threads = [Thread.objects.for_page(path, title="", url=path) for path in paths]
    assert threads[0] != threads[1]
    assert Thread.objects.for_page(paths[0], title="", url=paths[0]) == threads[0]
    assert len(threads[0].key) == 200
