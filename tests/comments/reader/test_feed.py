"""The Atom feed of a discussion, and of any filter of it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client

from comments import tagging
from comments.models import Thread

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
ATOM = "{http://www.w3.org/2005/Atom}"


def parse(content: bytes) -> Any:
    root = ElementTree.fromstring(content)
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        # RFC 4287, sections 4.1.1 and 4.1.2: each exactly once.
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, (element.tag, name)
    for entry in root.findall(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return root


def titles(root: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in root.findall(f"{ATOM}entry")]


def test_it_works(thread: Thread, write: Any, rita: Client, read: Any) -> None:
    write("One & <two>.", name="Carl & <Son>")
    reply = write(parent=write(name="Rita"), name="Sam")
    url = read(rita, "/articles/harbour/").links("Feed")[0].get("href")

    answer = rita.get(url)

    root = parse(answer.content)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert titles(root) == ["Sam on The harbour", "Rita on The harbour", "Carl & <Son> on The harbour"]
    entry = root.findall(f"{ATOM}entry")[0]
    assert entry.find(f"{ATOM}link").get("href") == f"http://testserver/comments/{reply.pk}/"
    assert root.findall(f"{ATOM}entry")[2].findtext(f"{ATOM}summary") == "<p>One &amp; &lt;two&gt;.</p>"
    assert "example.org" not in answer.content.decode()


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_only_what_is_public_is_in_it(status: str, thread: Thread, write: Any, rita: Client) -> None:
    write(name="Mallory", status=status)

    assert titles(parse(rita.get(f"/comments/threads/{thread.pk}/feed/").content)) == []


def test_a_filter_has_a_feed_of_its_own(
    thread: Thread, write: Any, tags: dict[str, Any], ed: User, rita: Client, read: Any
) -> None:
    tagging.correct(write(name="Carl"), tags["jobs"], applies=True, by=ed)
    write(name="Rita")
    url = read(rita, "/articles/harbour/?tag=jobs&sort=oldest").links("Feed")[0].get("href")

    root = parse(rita.get(url).content)

    assert url == f"/comments/threads/{thread.pk}/feed/?tag=jobs"
    assert titles(root) == ["Carl on The harbour"]
    assert root.findtext(f"{ATOM}title") == "Comments on The harbour: The jobs promise"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver{url}"
    assert links["alternate"] == "http://testserver/articles/harbour/?tag=jobs"
    assert [category.get("term") for category in root.iter(f"{ATOM}category")] == ["The jobs promise"]


def test_an_unchanged_thread_is_not_sent_again(thread: Thread, write: Any, rita: Client) -> None:
    write()
    url = f"/comments/threads/{thread.pk}/feed/"
    etag = rita.get(url)["ETag"]

    again = rita.get(url, headers={"If-None-Match": etag})
    write()
    changed = rita.get(url, headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_every_reader_gets_the_same(thread: Thread, write: Any, rita: Client) -> None:
    write()

    answer = rita.get(f"/comments/threads/{thread.pk}/feed/")

    assert "public" in answer["Cache-Control"]
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.parametrize("query", ["tag=nothing", "sort=upwards"])
def test_a_url_that_makes_no_sense_is_refused_with_a_sentence(query: str, thread: Thread, rita: Client) -> None:
    answer = rita.get(f"/comments/threads/{thread.pk}/feed/?{query}")

    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


@pytest.mark.parametrize("number", [4711, 10**30])
def test_a_thread_that_is_not_there_is_not_found(number: int, rita: Client) -> None:
    assert rita.get(f"/comments/threads/{number}/feed/").status_code == 404


def test_the_feed_stays_small(thread: Thread, write: Any, rita: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(55):
        write()

    with django_assert_max_num_queries(5):
        root = parse(rita.get(f"/comments/threads/{thread.pk}/feed/").content)

    assert len(titles(root)) == 50
