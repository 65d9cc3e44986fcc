"""Filtering and ordering the list: everything is a link, and the state is the URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.test import Client

from comments import moderation, recommending, tagging
from comments.models import Comment, Reader, Thread
from tests.comments.reader.pages import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
URL = "/articles/harbour/"


@pytest.fixture
def tagged(write: Any, tags: dict[str, Any], ed: User) -> Callable[..., Comment]:
    """A public comment that carries these tags."""

    def tagged(*slugs: str, **fields: Any) -> Comment:
        comment = write(**fields)
        for slug in slugs:
            tagging.correct(comment, tags[slug], applies=True, by=ed)
        return comment

    return tagged


@pytest.fixture
def four(tagged: Callable[..., Comment]) -> dict[str, Comment]:
    return {
        "dredging": tagged("dredging"),
        "both": tagged("dredging", "jobs", "expand"),
        "jobs": tagged("jobs", "protect"),
        "none": tagged(),
    }


def chips(page: Page) -> dict[str, int]:
    return {
        chip.get("id", "").removeprefix("lar-facet-"): int(words(page.classed("lar-chip-count", chip)[0]))
        for chip in page.classed("lar-chip")
    }


def chip(page: Page, slug: str) -> Element:
    return page.by_id(f"lar-facet-{slug}")


def test_it_works(four: dict[str, Comment], rita: Client, read: Any) -> None:
    page = read(rita, URL)
    assert chips(page) == {"dredging": 2, "jobs": 2, "expand": 1, "protect": 1}
    assert [words(title) for title in page.classed("lar-chips-title")] == ["Things to watch", "Positions discussed"]

    page = read(rita, chip(page, "dredging").get("href"))

    assert page.comment_ids == [four["both"].pk, four["dredging"].pk]
    assert chip(page, "dredging").get("aria-current") == "true"
    assert chip(page, "jobs").get("aria-current") is None
    assert words(page.classed("lar-matches")[0]).startswith("2 comments match")


@pytest.mark.parametrize(
    ("slugs", "found"),
    [
        ({"dredging", "jobs"}, {"dredging", "both", "jobs"}),
        ({"expand", "protect"}, {"both", "jobs"}),
        ({"dredging", "expand"}, {"both"}),
        ({"dredging", "jobs", "protect"}, {"jobs"}),
        ({"dredging", "protect"}, set()),
    ],
)
def test_any_of_one_kind_and_all_across_kinds(
    slugs: set[str], found: set[str], four: dict[str, Comment], rita: Client, read: Any
) -> None:
    page = read(rita, f"{URL}?{'&'.join(f'tag={slug}' for slug in slugs)}")

    assert set(page.comment_ids) == {four[name].pk for name in found}
    assert words(page.classed("lar-matches")[0]).startswith(f"{len(found)} comment")


def test_a_count_says_what_one_would_get(four: dict[str, Comment], rita: Client, read: Any) -> None:
    assert chips(read(rita, f"{URL}?tag=dredging")) == {"dredging": 2, "jobs": 2, "expand": 1, "protect": 0}


def test_a_chip_takes_itself_away_again_and_clear_takes_all(four: dict[str, Comment], rita: Client, read: Any) -> None:
    page = read(rita, f"{URL}?tag=dredging&tag=expand&sort=oldest")

    assert chip(page, "dredging").get("href") == f"{URL}?tag=expand&sort=oldest#discussion"
    assert chip(page, "jobs").get("href") == f"{URL}?tag=dredging&tag=expand&tag=jobs&sort=oldest#discussion"
    assert page.by_id("lar-clear").get("href") == f"{URL}?sort=oldest#discussion"
    assert "selected, press to remove" in words(chip(page, "dredging"))


def test_an_order_keeps_the_filter(four: dict[str, Comment], rita: Client, read: Any) -> None:
    page = read(rita, f"{URL}?tag=dredging&sort=oldest")

    assert page.comment_ids == [four["dredging"].pk, four["both"].pk]
    assert [link.get("href") for link in page.links("Most replies")] == [f"{URL}?tag=dredging&sort=replies#discussion"]


def test_an_empty_result_helps(four: dict[str, Comment], rita: Client, read: Any) -> None:
    page = read(rita, f"{URL}?tag=dredging&tag=protect")

    empty = page.classed("lar-empty")[0]
    assert "Take one of the tags away" in words(empty)
    assert [link.get("href") for link in empty.iter("a")] == [f"{URL}#discussion"]


def test_a_filtered_reply_says_what_it_answers(tagged: Callable[..., Comment], rita: Client, read: Any) -> None:
    parent = tagged(name="Rita & <Son>")
    reply = tagged("jobs", parent=parent)

    page = read(rita, f"{URL}?tag=jobs")

    assert page.comment_ids == [reply.pk]
    answers = page.classed("lar-answers")[0]
    assert words(answers) == "in reply to Rita & <Son>"
    assert [link.get("href") for link in answers.iter("a")] == [f"/comments/{parent.pk}/"]


def test_a_reply_to_what_is_gone_says_so(tagged: Callable[..., Comment], rita: Client, read: Any, ed: User) -> None:
    parent = tagged(name="Rita")
    tagged("jobs", parent=parent)
    moderation.decide(parent, to="spam", by=ed, seen=moderation.Seen("approved", 1))

    answers = read(rita, f"{URL}?tag=jobs").classed("lar-answers")[0]

    assert words(answers) == "in reply to a comment that is not available"
    assert "Rita" not in words(answers)


def test_a_thread_without_tags_has_no_filter(write: Any, rita: Client, read: Any) -> None:
    write()

    assert not read(rita, URL).classed("lar-filter")


def test_an_empty_tag_asks_for_nothing(four: dict[str, Comment], rita: Client, read: Any) -> None:
    assert len(read(rita, f"{URL}?tag=&sort=&after=").comment_ids) == 4


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("tag=nothing", "This discussion has no such tag."),
        ("tag=dredging&tag=%00", "This discussion has no such tag."),
        ("tag=%ED%A0%80", "This discussion has no such tag."),
        ("sort=upwards", "There is no such order. Choose one of: newest, oldest, replies, recommended."),
        ("after=forged", "This link to a page of the discussion is damaged"),
        ("after=%ED%A0%80:é", "This link to a page of the discussion is damaged"),
        (f"after={quote('x' * 5000)}", "This link to a page of the discussion is damaged"),
    ],
)
def test_a_url_that_makes_no_sense_says_so_and_shows_the_first_page(
    query: str, sentence: str, four: dict[str, Comment], rita: Client, read: Any
) -> None:
    page = read(rita, f"{URL}?{query}", status=400)

    notice = page.classed("lar-notice")[0]
    assert sentence in words(notice)
    assert notice.get("role") == "alert"
    assert len(page.comment_ids) == 4


def test_a_place_in_one_order_is_none_in_another(write: Any, rita: Client, read: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "COMMENTS_PER_PAGE": 1}
    for _ in range(3):
        write()
    following = read(rita, f"{URL}?sort=oldest").by_id("lar-next").get("href")

    read(rita, following.replace("oldest", "replies"), status=400)
    read(rita, following)


@pytest.mark.parametrize("query", ["focus=4711", f"focus={10**30}", "focus=one", f"reply={10**18}", "reply=-1"])
def test_a_number_that_names_nothing_shows_the_first_page(
    query: str, four: dict[str, Comment], rita: Client, read: Any
) -> None:
    page = read(rita, f"{URL}?{query}")

    assert len(page.comment_ids) == 4
    assert words(page.by_id("lar-respond-title")) == "Leave a Reply"


def test_orders(write: Any, rita: Client, read: Any) -> None:
    first, second, third = write(), write(), write()
    write(parent=first)
    recommending.recommend(second, reader=Reader.objects.create(cookie_digest="r"))

    def roots(sort: str) -> list[int]:
        return [pk for pk in read(rita, f"{URL}?sort={sort}").comment_ids if pk <= third.pk]

    assert roots("newest") == [third.pk, second.pk, first.pk]
    assert roots("oldest") == [first.pk, second.pk, third.pk]
    assert roots("replies")[0] == first.pk
    assert roots("recommended")[0] == second.pk


@pytest.mark.parametrize("sort", ["newest", "oldest", "replies", "recommended"])
@pytest.mark.parametrize("tag", ["", "jobs"])
def test_paging_shows_each_comment_once_forth_and_back(
    sort: str, tag: str, tagged: Callable[..., Comment], rita: Client, read: Any, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "COMMENTS_PER_PAGE": 2}
    comments = [tagged(*([tag] if tag else [])) for _ in range(5)]
    url = f"{URL}?sort={sort}" + (f"&tag={tag}" if tag else "")

    page = read(rita, url)
    forth = [page.comment_ids]
    while page.has_id("lar-next"):
        page = read(rita, page.by_id("lar-next").get("href"))
        assert "To the beginning of the discussion" in page.text
        forth.append(page.comment_ids)
    back = [page.comment_ids]
    while page.has_id("lar-previous"):
        page = read(rita, page.by_id("lar-previous").get("href"))
        back.insert(0, page.comment_ids)

    assert sorted(pk for ids in forth for pk in ids) == sorted(comment.pk for comment in comments)
    assert [len(ids) for ids in forth] == [2, 2, 1]
    assert back == forth


def test_a_list_that_all_share_holds_nothing_personal(
    four: dict[str, Comment], carl: Client, rita: Client, typed: dict[str, str], send: Any, read: Any
) -> None:
    Thread.objects.update(mode="hold_all")
    carl.post(f"/comments/{four['none'].pk}/recommend/")
    send(carl, {**typed, "remember": "1"})

    read(carl, URL)
    page = read(rita, URL)

    assert "silts up" not in page.text
    assert page.field("name") == page.field("email") == ""
    assert not [found for found in page.root.iter("button") if found.get("aria-pressed") == "true"]
