"""A form that came back, on host pages that the plugin has never seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from comments import drafts, posting
from comments.models import Comment, Thread
from tests.comments.reader import hosts
from tests.comments.reader.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.comments.reader.hosts"
    # The newsroom's frame links to its own pages, which these hosts do not have.
    settings.COMMENTS = {"MIN_SECONDS": 0, "MODE": "hold_all"}
    hosts.served.clear()
    return


@pytest.mark.parametrize("url", ["/get-only/", "/cached/", "/class/", "/awaited/", "/статті/порт/"])
def test_the_form_comes_back_on_the_hosts_page(
    url: str, carl: Client, typed: dict[str, str], send: Any, parse: Any
) -> None:
    answer = send(carl, {**typed, "name": ""}, url=url)

    page = parse(answer)
    assert answer.status_code == 422
    assert words(page.root.find(".//h1")) == "Host"
    assert words(page.root.find(".//p")) == "GET"
    assert page.has_id("lar-name-error")
    assert page.field("body") == typed["body"]
    assert page.by_id("lar-title").tag == page.by_id("lar-respond-title").tag == "h3"
    assert "no-store" in answer["Cache-Control"]


def test_the_hosts_page_is_asked_for_by_its_whole_address(carl: Client, typed: dict[str, str], parse: Any) -> None:
    thread = Thread.objects.create(key="/get-only/", url="/get-only/?page=2")

    answer = carl.post(f"/comments/threads/{thread.pk}/post/", {**typed, "name": ""})

    assert words(parse(answer).root.find(".//p")) == "GET 2"


def test_an_address_may_stand_in_its_encoded_form(carl: Client, typed: dict[str, str], parse: Any) -> None:
    thread = Thread.objects.create(key="/статті/порт/", url=quote("/статті/порт/"))

    page = parse(carl.post(f"/comments/threads/{thread.pk}/post/", {**typed, "name": ""}))

    assert words(page.root.find(".//h1")) == "Host"
    assert page.response.status_code == 422


def test_the_hosts_own_address_may_name_the_host(carl: Client, typed: dict[str, str], send: Any, parse: Any) -> None:
    Thread.objects.create(key="/get-only/", url="http://testserver/get-only/")
    thread = Thread.objects.get()

    answer = carl.post(f"/comments/threads/{thread.pk}/post/", {**typed, "name": ""})

    assert words(parse(answer).root.find(".//h1")) == "Host"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/get-only/",
        "/nowhere/",
        "/gone/",
        "/broken/",
        "/bare/",
        "/comments/preview/",
        "//[",
    ],
)
def test_where_the_hosts_page_cannot_be_had_a_page_of_ours_keeps_everything(
    url: str, carl: Client, typed: dict[str, str], parse: Any
) -> None:
    thread = Thread.objects.create(key="far", title="Far away", url=url)

    answer = carl.post(f"/comments/threads/{thread.pk}/post/", {**typed, "name": ""})

    page = parse(answer)
    assert answer.status_code == 422
    assert words(page.root.find(".//h1")) == "Far away"
    assert page.field("body") == typed["body"]
    assert page.has_id("lar-name-error")
    assert not Comment.objects.exists()


def test_a_cached_page_with_an_error_is_never_served_to_anybody_else(
    carl: Client, rita: Client, typed: dict[str, str], send: Any, parse: Any, read: Any
) -> None:
    faulty = send(carl, {**typed, "name": ""}, url="/cached/")
    assert b"carl+harbour" in faulty.content

    for client in (rita, carl):
        page = read(client, "/cached/")
        assert page.field("body") == page.field("email") == ""
        assert not page.has_id("lar-errors")
    assert hosts.served == ["/cached/", "/cached/"], "once for the cache, once for the form that came back"


def test_the_first_answer_that_a_cache_sees_may_be_one_with_an_error(
    carl: Client, rita: Client, typed: dict[str, str], read: Any
) -> None:
    thread = Thread.objects.create(key="/cached/", url="/cached/")
    carl.post(f"/comments/threads/{thread.pk}/post/", {**typed, "name": ""})

    page = read(rita, "/cached/")

    assert page.field("body") == page.field("email") == ""
    assert b"carl+harbour" not in page.response.content


def test_a_cached_page_never_shows_a_waiting_comment_to_anybody_else(
    carl: Client, rita: Client, typed: dict[str, str], send: Any, read: Any
) -> None:
    answer = send(carl, {**typed, "remember": "1"}, url="/cached/")

    own = read(carl, answer["Location"])

    assert own.comment_ids == [Comment.objects.get().pk], "its author is not answered from the cache"
    assert own.field("name") == "Carl"
    for url in ("/cached/", answer["Location"]):
        page = read(rita, url)
        assert page.comment_ids == []
        assert page.field("name") == ""
        assert "silts up" not in page.text


def test_the_same_page_read_by_its_author_first_is_not_kept(
    carl: Client, rita: Client, typed: dict[str, str], parse: Any, read: Any
) -> None:
    thread = Thread.objects.create(key="/cached/", url="/cached/")
    carl.cookies["reader"] = cookie = posting.privacy.new_reader_cookie()
    reader = posting.Reader.objects.create(cookie_digest=posting.privacy.reader_digest(cookie))
    posting.post(thread, drafts.Draft(**typed), posting.Origin(reader=reader))

    assert "awaiting moderation" in read(carl, "/cached/").text
    assert "awaiting moderation" not in read(rita, "/cached/").text


def test_a_logged_in_members_name_is_not_kept_by_a_cache(mona_client: Client, rita: Client, read: Any) -> None:
    Thread.objects.create(key="/cached/", url="/cached/")

    assert read(mona_client, "/cached/").field("name") == "mona"
    assert read(rita, "/cached/").field("name") == ""
