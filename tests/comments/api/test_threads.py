"""Reading a thread and the list of its comments."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from comments import recommending, tagging
from comments.models import Comment, Reader, Thread

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def test_a_thread_says_what_it_is_and_how_many_comments_carry_each_tag(
    rita: Client, thread: Thread, write: Any, tag_by_machine: Callable[..., Comment]
) -> None:
    tag_by_machine(write(), "dredging", "protect")
    write(status="pending")
    answer = rita.get(f"/api/v1/threads/{thread.pk}/")
    assert answer.status_code == 200
    said = answer.json()
    assert said["title"] == "The harbour"
    assert said["url"] == "http://testserver/articles/harbour/"
    assert said["open"] is True
    assert said["comment_count"] == 1
    assert {tag["slug"]: tag["count"] for tag in said["tags"]} == {"dredging": 1, "jobs": 0, "expand": 0, "protect": 1}
    assert rita.get(f"/api/v1/threads/{thread.pk}/", headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_closed_thread_is_not_open_and_its_cached_form_is_stale_at_once(rita: Client, thread: Thread) -> None:
    etag = rita.get(f"/api/v1/threads/{thread.pk}/")["ETag"]
    Thread.objects.update(mode="closed")
    answer = rita.get(f"/api/v1/threads/{thread.pk}/", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.json()["open"] is False


@pytest.mark.parametrize("key", ["news/2026/harbour", "/articles/harbour/", "Гавань", "100% of it?", "comments/x"])
def test_a_thread_is_found_by_its_percent_encoded_key(rita: Client, db: None, key: str) -> None:
    thread = Thread.objects.create(key=key)
    for tail in ("", "comments/"):
        answer = rita.get(f"/api/v1/threads/{quote(key, safe='')}/{tail}")
        assert answer.status_code == 200, tail
    assert rita.get(f"/api/v1/threads/{quote(key, safe='')}/").json()["id"] == thread.pk


@pytest.mark.parametrize("name", ["no-such-thread", "999999", "9" * 40, "%00", "a%00b", "%ff%fe", "0", "²"])
def test_a_thread_that_is_not_there_is_not_found(rita: Client, thread: Thread, name: str) -> None:
    for tail in ("", "comments/"):
        answer = rita.get(f"/api/v1/threads/{name}/{tail}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


def test_the_list_shows_public_comments_in_the_shape_of_the_contract(
    rita: Client, thread: Thread, comments_url: str, write: Any, tag_by_machine: Callable[..., Comment]
) -> None:
    root = tag_by_machine(write("Dredge *now*!", website="https://carl.example"), "dredging", unsure=("jobs",))
    reply = write(parent=root)
    for status in ("pending", "rejected", "spam"):
        write(status=status)
    answer = rita.get(comments_url)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["next"], said["previous"]) == (None, None)
    assert [row["id"] for row in said["results"]] == [reply.pk, root.pk]
    row = said["results"][1]
    for name in ("created_at",):
        assert RFC_3339.fullmatch(row.pop(name))
    assert row == {
        "id": root.pk,
        "thread": thread.pk,
        "parent": None,
        "author": {"name": "Carl", "website": "https://carl.example", "confirmed": False, "staff": False},
        "html": "<p>Dredge <em>now</em>!</p>",
        "text": "Dredge now!",
        "edited_at": None,
        "status": "approved",
        "revision": 1,
        "recommendations": 0,
        "reply_count": 1,
        "depth": 0,
        "url": f"http://testserver/comments/{root.pk}/",
        "tags": [
            {
                "slug": "dredging",
                "name": "The dredging licence",
                "kind": "indicator",
                "source": "machine",
                "confidence": 0.9,
                "evidence": [{"start": 0, "end": 6, "text": "Dredge"}],
            }
        ],
    }
    assert said["results"][0]["parent"] == root.pk
    assert said["results"][0]["depth"] == 1


def test_a_persons_word_outranks_the_machines(
    rita: Client, comments_url: str, write: Any, tags: dict[str, Any], mona: Any, tag_by_machine: Callable[..., Comment]
) -> None:
    comment = tag_by_machine(write("Dredge now!"), "dredging", "jobs", unsure=("expand",))
    for slug, applies in {"dredging": True, "jobs": False, "expand": True, "protect": True}.items():
        tagging.correct(comment, tags[slug], applies=applies, by=mona)
    found = {tag["slug"]: tag for tag in rita.get(comments_url).json()["results"][0]["tags"]}
    assert list(found) == ["dredging", "expand", "protect"]
    assert {tag["source"] for tag in found.values()} == {"person"}
    assert found["dredging"]["evidence"][0]["text"] == "Dredge"
    assert (found["protect"]["confidence"], found["protect"]["evidence"]) == (None, [])


def test_a_page_leads_to_the_next_and_back(rita: Client, comments_url: str, write: Any) -> None:
    made = [write().pk for _ in range(5)]
    first = rita.get(f"{comments_url}?page_size=2&sort=oldest").json()
    second = rita.get(first["next"]).json()
    third = rita.get(second["next"]).json()
    seen = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert seen == made
    assert third["next"] is None
    assert rita.get(third["previous"]).json()["results"] == second["results"]
    assert first["next"].startswith("http://testserver/api/v1/threads/")


@pytest.mark.parametrize("sort", ["newest", "oldest", "replies", "recommended"])
def test_each_order_pages_through_every_comment_once(
    rita: Client, comments_url: str, write: Any, db: None, sort: str
) -> None:
    roots = [write() for _ in range(4)]
    write(parent=roots[1])
    recommending.recommend(roots[2], reader=Reader.objects.create(cookie_digest="r"))
    url, seen = f"{comments_url}?page_size=2&sort={sort}", []
    while url:
        page = rita.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert sorted(seen) == sorted(Comment.objects.values_list("pk", flat=True))
    first = {"replies": roots[1].pk, "recommended": roots[2].pk, "oldest": roots[0].pk}
    assert seen[0] == first.get(sort, seen[0])


def test_tags_filter_any_of_a_kind_and_all_across_kinds(
    rita: Client, comments_url: str, write: Any, tag_by_machine: Callable[..., Comment]
) -> None:
    both = tag_by_machine(write(), "dredging", "protect")
    other = tag_by_machine(write(), "jobs", "protect")
    tag_by_machine(write(), "dredging")
    write()
    found = rita.get(f"{comments_url}?tag=dredging&tag=jobs&tag=protect&sort=oldest").json()
    assert [row["id"] for row in found["results"]] == [both.pk, other.pk]


def test_the_next_page_keeps_filter_order_and_size(
    rita: Client, comments_url: str, write: Any, tag_by_machine: Callable[..., Comment]
) -> None:
    made = [tag_by_machine(write(), "dredging").pk for _ in range(3)]
    write()
    first = rita.get(f"{comments_url}?tag=dredging&page_size=2&sort=oldest").json()
    second = rita.get(first["next"]).json()
    assert [row["id"] for page in (first, second) for row in page["results"]] == made


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page_size=0", "bad_page_size"),
        ("page_size=101", "bad_page_size"),
        ("page_size=-1", "bad_page_size"),
        ("page_size=ten", "bad_page_size"),
        ("page_size=", "bad_page_size"),
        ("page_size=²", "bad_page_size"),
        ("page_size=" + "9" * 5000, "bad_page_size"),
        ("sort=best", "unknown_sort"),
        ("sort=%00", "unknown_sort"),
        ("tag=nothing", "unknown_tag"),
        ("tag=%00", "unknown_tag"),
        ("cursor=forged", "bad_cursor"),
        ("cursor=" + "A" * 3000 + ":x", "bad_cursor"),
        ("cursor=%F0%9F%92%A9", "bad_cursor"),
        ("&".join("tag=x" for _ in range(1001)), "bad_request"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_with_a_sentence(
    rita: Client, comments_url: str, tags: Any, query: str, code: str
) -> None:
    answer = rita.get(f"{comments_url}?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["detail"].endswith(".")
    assert "no-store" in answer["Cache-Control"]


def test_a_cursor_of_another_order_is_refused(rita: Client, comments_url: str, write: Any) -> None:
    for _ in range(3):
        write()
    following = rita.get(f"{comments_url}?page_size=2").json()["next"]
    assert rita.get(f"{following}&sort=replies").status_code == 400


def test_a_list_that_has_not_changed_is_not_sent_again_and_costs_one_query(
    rita: Client, comments_url: str, write: Any, django_assert_num_queries: Any
) -> None:
    write()
    first = rita.get(comments_url)
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    for known in (first["ETag"], first["ETag"].removeprefix("W/"), f'"other", {first["ETag"]}', "*"):
        with django_assert_num_queries(1):
            again = rita.get(comments_url, headers={"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], first["Cache-Control"])


def test_every_change_that_a_reader_could_see_gives_the_list_another_etag(
    rita: Client, comments_url: str, write: Any, mona: Any, tags: dict[str, Any], tag_by_machine: Any, db: None
) -> None:
    etags = set()

    def changed() -> None:
        answer = rita.get(comments_url)
        assert answer["ETag"] not in etags
        etags.add(answer["ETag"])

    changed()
    comment = write()
    changed()
    tag_by_machine(comment, "dredging")
    changed()
    tagging.correct(comment, tags["dredging"], applies=True, by=mona)
    changed()
    recommending.recommend(comment, reader=Reader.objects.create(cookie_digest="r"))
    changed()
    tags["dredging"].name = "Another name"
    tagging.save_tag(tags["dredging"])
    changed()
    assert rita.get(comments_url).json()["results"][0]["tags"][0]["name"] == "Another name"


def test_another_query_language_or_host_has_another_etag(rita: Client, comments_url: str, write: Any) -> None:
    write()
    with override_settings(ALLOWED_HOSTS=["testserver", "other.example"]):
        etags = {
            rita.get(comments_url)["ETag"],
            rita.get(f"{comments_url}?page_size=2")["ETag"],
            rita.get(f"{comments_url}?sort=oldest")["ETag"],
            rita.get(comments_url, headers={"Accept-Language": "uk"})["ETag"],
            rita.get(comments_url, headers={"Host": "other.example"})["ETag"],
        }
        assert len(etags) == 5
        other = rita.get(comments_url, headers={"Host": "other.example"}).json()
    assert other["results"][0]["url"].startswith("http://other.example/")


def test_the_list_is_the_same_for_staff_and_says_nothing_about_cookies(
    rita: Client, mona_client: Client, comments_url: str, write: Any
) -> None:
    write()
    write(status="pending")
    by_staff = mona_client.get(comments_url)
    by_reader = rita.get(comments_url)
    assert by_staff.content == by_reader.content
    assert by_staff["ETag"] == by_reader["ETag"]
    for answer in (by_staff, by_reader):
        assert "Cookie" not in answer.get("Vary", "")
        assert not answer.cookies


def test_a_cached_list_costs_one_query_and_goes_with_its_version(
    rita: Client, comments_url: str, write: Any, django_assert_num_queries: Any
) -> None:
    write()
    first = rita.get(comments_url).content
    with django_assert_num_queries(1):
        assert rita.get(comments_url).content == first
    write()
    assert len(rita.get(comments_url).json()["results"]) == 2


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize(("query", "queries"), [("", 4), ("?tag=dredging&tag=protect", 5), ("?sort=replies", 4)])
def test_the_number_of_queries_does_not_depend_on_the_number_of_comments(
    rita: Client,
    comments_url: str,
    write: Any,
    tag_by_machine: Callable[..., Comment],
    django_assert_num_queries: Any,
    count: int,
    query: str,
    queries: int,
) -> None:
    for _ in range(count):
        tag_by_machine(write(), "dredging", "protect")
    cache.clear()
    with django_assert_num_queries(queries):
        assert len(rita.get(comments_url + query).json()["results"]) == count


def test_a_summary_below_a_thread_is_left_to_others() -> None:
    with pytest.raises(Resolver404):
        resolve("/threads/1/summary/", "comments.api.urls")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_method_that_a_list_does_not_take_is_answered_with_those_that_it_takes(
    rita: Client, comments_url: str, method: str
) -> None:
    answer = rita.generic(method, comments_url)
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
    assert answer["Allow"] == "GET, HEAD, POST"


def test_json_is_answered_whatever_is_asked_for(rita: Client, comments_url: str) -> None:
    for accept in ("text/html", "application/json; indent=400000", "nonsense", "image/png;q=x"):
        answer = rita.get(comments_url, headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/json"
    assert rita.get(f"{comments_url}?format=xml").status_code == 200
