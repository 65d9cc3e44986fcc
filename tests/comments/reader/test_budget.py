"""What a page costs in queries: a constant, whatever the length of the thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments import tagging
from comments.models import Comment, Thread
from newsroom.articles.models import Article

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
URL = "/articles/harbour/"
COLD, CACHED = 12, 3


@pytest.fixture
def count(rita: Client) -> Callable[..., tuple[int, int]]:
    """Queries of a page that nobody has asked for yet, and of the same page again."""

    def count(url: str = URL, client: Client = rita) -> tuple[int, int]:
        cache.clear()
        costs = []
        for _ in range(2):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(url).status_code == 200
            costs.append(len(queries))
        return costs[0], costs[1]

    return count


@pytest.fixture
def fill(write: Any, tags: dict[str, Any], ed: User) -> Callable[[int], list[Comment]]:
    """So many conversations, each with four replies and a tag."""

    def fill(number: int) -> list[Comment]:
        roots = []
        for _ in range(number):
            root = write()
            tagging.correct(root, tags["jobs"], applies=True, by=ed)
            for _ in range(4):
                write(parent=root)
            roots.append(root)
        return roots

    return fill


@pytest.mark.parametrize(
    "query", ["", "?sort=oldest", "?sort=replies", "?sort=recommended", "?tag=jobs", "?tag=jobs&sort=oldest"]
)
def test_a_page_of_fifty_costs_what_a_page_of_one_costs(query: str, fill: Any, count: Any) -> None:
    fill(1)
    one = count(URL + query)
    fill(49)
    fifty = count(URL + query)

    assert one == fifty
    assert fifty[0] <= COLD
    assert fifty[1] <= CACHED


def test_a_deep_page_costs_what_the_first_costs(fill: Any, count: Any, read: Any, rita: Client, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "COMMENTS_PER_PAGE": 8}
    fill(8)
    first = count(URL)
    url = URL
    for _ in range(2):
        url = read(rita, url).by_id("lar-next").get("href")

    deep = count(url.partition("#")[0])

    # A cursor may take a second look: for the rows that tie with it, and for those beyond.
    assert deep[0] <= min(first[0] + 1, COLD)
    assert deep[1] == first[1]


def test_a_link_to_one_comment_stays_within_the_budget(fill: Any, count: Any) -> None:
    roots = fill(10)
    reply = Comment.objects.filter(root=roots[0]).last()

    cold, cached = count(f"{URL}?focus={reply.pk}")

    assert cold <= COLD
    assert cached <= CACHED


def test_a_reader_whom_we_know_costs_the_same_at_any_length(
    fill: Any, count: Any, carl: Client, typed: dict[str, str], send: Any
) -> None:
    fill(1)
    send(carl, typed)
    one = count(client=carl)
    for root in fill(20):
        carl.post(f"/comments/{root.pk}/recommend/")

    assert count(client=carl) == one
    assert one[0] <= COLD


def test_counts_for_a_list_of_articles_cost_one_query(write: Any, django_assert_num_queries: Any) -> None:
    threads = [Thread.objects.create(key=f"article-{number}", mode="publish") for number in range(50)]
    for number in range(3):
        write(thread=threads[7])
        assert number < 3
    template = Template(
        "{% load leave_a_reply %}{% comment_counts keys as counts %}"
        "{% for key in keys %}{{ counts|count_of:key }} {% endfor %}{{ counts|count_of:'nothing' }}"
    )

    with django_assert_num_queries(1):
        shown = template.render(Context({"keys": [thread.key for thread in threads], "request": HttpRequest()}))

    assert shown.split() == ["0"] * 7 + ["3"] + ["0"] * 42 + ["0"]


def test_the_list_of_articles_costs_the_same_at_any_length(count: Any) -> None:
    one = count("/")
    for number in range(30):
        Article.objects.create(slug=f"article-{number}", title="Another", body="Text.")

    assert count("/") == one
