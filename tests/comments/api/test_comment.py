"""Calls on one comment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from comments.models import Comment, ModerationEvent, Reader, Report, Tag, Thread

GOOD = {"body": "Dredge *now*!", "name": "Carl", "email": "carl@example.org"}


def url_of(comment: Comment | int, tail: str = "") -> str:
    return f"/api/v1/comments/{comment if isinstance(comment, int) else comment.pk}/{tail}"


@pytest.fixture
def posted(carl: Client, comments_url: str, send: Any) -> Callable[..., Comment]:
    """Carl posts from his browser."""

    def post(body: str = "Dredge now!") -> Comment:
        return Comment.objects.get(pk=send(carl, "POST", comments_url, {**GOOD, "body": body}).json()["id"])

    return post


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_a_public_comment_is_for_everybody_and_for_caches(rita: Client, mona_client: Client, write: Any) -> None:
    comment = write()
    for client in (rita, mona_client):
        answer = client.get(url_of(comment))
        assert answer.status_code == 200
        assert answer.json()["id"] == comment.pk
        assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "Cookie" not in answer.get("Vary", "")
        assert client.get(url_of(comment), headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_a_comment_that_is_not_public_is_not_found_by_strangers(sam: Client, write: Any, status: str) -> None:
    answer = sam.get(url_of(write(status=status)))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "no-store" in answer["Cache-Control"]


def test_a_comment_without_a_reader_is_not_everybodys_own(sam: Client, write: Any) -> None:
    comment = write(status="pending")
    Comment.objects.update(reader=None)
    assert sam.get(url_of(comment)).status_code == 404


def test_a_moderator_reads_every_comment_with_its_status(mona_client: Client, ed_client: Client, write: Any) -> None:
    comment = write(status="spam")
    assert mona_client.get(url_of(comment)).json()["status"] == "spam"
    assert ed_client.get(url_of(comment)).status_code == 404


@pytest.mark.parametrize("number", [0, 999_999, 10**19, 10**40])
def test_a_number_without_a_comment_is_not_found(rita: Client, db: None, number: int) -> None:
    answer = rita.get(url_of(number))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


# --- Editing and withdrawing -----------------------------------------------------------------------------------------


def test_the_author_edits_from_the_same_browser(carl: Client, send: Any, posted: Any) -> None:
    comment = posted()
    answer = send(carl, "PATCH", url_of(comment), {"body": "Dredge tomorrow!"})
    assert answer.status_code == 200
    assert (answer.json()["text"], answer.json()["revision"]) == ("Dredge tomorrow!", 2)
    assert answer.json()["edited_at"].endswith("Z")
    comment.refresh_from_db()
    assert comment.body == "Dredge tomorrow!"


def test_nobody_else_edits(sam: Client, mona_client: Client, send: Any, posted: Any) -> None:
    comment = posted()
    for client in (sam, mona_client):
        answer = send(client, "PATCH", url_of(comment), {"body": "Never!"})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    comment.refresh_from_db()
    assert comment.revision == 1


def test_an_edit_of_what_a_stranger_cannot_see_is_not_found(
    sam: Client, send: Any, posted: Any, thread: Thread
) -> None:
    Thread.objects.update(mode="hold_all")
    assert send(sam, "PATCH", url_of(posted()), {"body": "Never!"}).status_code == 404


def test_the_window_closes(carl: Client, send: Any, posted: Any) -> None:
    comment = posted()
    Comment.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert send(carl, "PATCH", url_of(comment), {"body": "Too late"}).status_code == 403
    assert send(carl, "DELETE", url_of(comment)).status_code == 403


@pytest.mark.parametrize("data", [{}, {"body": ""}, {"body": 1}, {"body": None}, {"body": "x", "name": "Al"}])
def test_an_edit_with_a_fault_changes_nothing(carl: Client, send: Any, posted: Any, data: dict[str, Any]) -> None:
    comment = posted()
    assert send(carl, "PATCH", url_of(comment), data).status_code == 400
    comment.refresh_from_db()
    assert comment.revision == 1


def test_the_author_withdraws_and_the_text_is_gone(carl: Client, rita: Client, send: Any, posted: Any) -> None:
    comment = posted()
    answer = send(carl, "DELETE", url_of(comment))
    assert (answer.status_code, answer.content) == (204, b"")
    comment.refresh_from_db()
    assert (comment.status, comment.body) == ("withdrawn", "")
    assert ModerationEvent.objects.get().actor == "author"
    assert rita.get(url_of(comment)).status_code == 404
    assert send(carl, "DELETE", url_of(comment)).status_code == 204


def test_nobody_else_withdraws(sam: Client, send: Any, posted: Any) -> None:
    comment = posted()
    assert send(sam, "DELETE", url_of(comment)).status_code == 403
    comment.refresh_from_db()
    assert comment.status == "approved"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_another_sites_page_changes_nothing(carl: Client, send: Any, posted: Any, method: str) -> None:
    answer = send(carl, method, url_of(posted()), {"body": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


# --- Reports ---------------------------------------------------------------------------------------------------------


def test_a_reader_reports_a_comment(rita: Client, send: Any, write: Any) -> None:
    comment = write()
    answer = send(rita, "POST", url_of(comment, "reports/"), {"reason": "spam", "note": "An advertisement."})
    assert answer.status_code == 201
    assert answer.json()["reason"] == "spam"
    report = Report.objects.get()
    assert (report.comment, report.note) == (comment, "An advertisement.")
    send(rita, "POST", url_of(comment, "reports/"), {"reason": "abuse"})
    assert Report.objects.get().reason == "abuse"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "reason"),
        ({"reason": "boring"}, "reason"),
        ({"reason": ["spam"]}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": "spam", "note": "x" * 501}, "note"),
        ({"reason": "spam", "note": 5}, "note"),
        ({"reason": "spam", "by": 1}, "by"),
    ],
)
def test_a_report_with_a_fault_stores_nothing(
    rita: Client, send: Any, write: Any, data: dict[str, Any], field: str
) -> None:
    comment = write()
    before = Reader.objects.count()
    answer = send(rita, "POST", url_of(comment, "reports/"), data)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert not Report.objects.exists()
    assert Reader.objects.count() == before


def test_what_is_not_public_cannot_be_reported_nor_recommended(sam: Client, send: Any, write: Any) -> None:
    comment = write(status="pending")
    assert send(sam, "POST", url_of(comment, "reports/"), {"reason": "spam"}).status_code == 404
    assert send(sam, "POST", url_of(comment, "recommendations/")).status_code == 404
    assert send(sam, "DELETE", url_of(comment, "recommendations/")).status_code == 404


# --- Recommendations -------------------------------------------------------------------------------------------------


def test_a_recommendation_is_given_once_and_taken_back(rita: Client, send: Any, write: Any) -> None:
    comment = write()
    url = url_of(comment, "recommendations/")
    for method, count in [("POST", 1), ("POST", 1), ("DELETE", 0), ("DELETE", 0)]:
        answer = send(rita, method, url)
        assert answer.status_code == 200
        assert answer.json() == {"recommendations": count, "recommended": method == "POST"}
    comment.refresh_from_db()
    assert comment.recommendation_count == 0


def test_taking_back_makes_no_reader(sam: Client, send: Any, write: Any) -> None:
    comment = write()
    before = Reader.objects.count()
    answer = send(sam, "DELETE", url_of(comment, "recommendations/"))
    assert answer.json() == {"recommendations": 0, "recommended": False}
    assert Reader.objects.count() == before


def test_authors_do_not_recommend_themselves(carl: Client, send: Any, posted: Any) -> None:
    answer = send(carl, "POST", url_of(posted(), "recommendations/"))
    assert (answer.status_code, answer.json()["code"]) == (403, "own_comment")


# --- Tags ------------------------------------------------------------------------------------------------------------


def test_editors_and_moderators_say_whether_a_tag_applies(
    ed_client: Client, mona_client: Client, send: Any, write: Any, tag_by_machine: Callable[..., Comment], ed: User
) -> None:
    comment = tag_by_machine(write("Dredge now!"), "dredging")
    answer = send(ed_client, "PUT", url_of(comment, "tags/jobs/"), {"applies": True})
    assert answer.status_code == 200
    assert answer.json()["comment"] == comment.pk
    assert [(tag["slug"], tag["source"]) for tag in answer.json()["tags"]] == [
        ("dredging", "machine"),
        ("jobs", "person"),
    ]
    answer = send(mona_client, "PUT", url_of(comment, "tags/dredging/"), {"applies": False})
    assert [tag["slug"] for tag in answer.json()["tags"]] == ["jobs"]
    assert comment.assignments.get(tag__slug="jobs").by == ed


@pytest.mark.parametrize("data", [{}, {"applies": "yes"}, {"applies": 1}, {"applies": None}, {"applies": []}])
def test_a_word_on_a_tag_is_true_or_false(
    ed_client: Client, send: Any, write: Any, tags: Any, data: dict[str, Any]
) -> None:
    answer = send(ed_client, "PUT", url_of(write(), "tags/jobs/"), data)
    assert (answer.status_code, list(answer.json())) == (400, ["applies"])


@pytest.mark.parametrize("slug", ["nothing", "%00", "🐟"])
def test_a_tag_that_the_thread_does_not_have_is_not_found(
    ed_client: Client, send: Any, write: Any, tags: Any, slug: str
) -> None:
    answer = send(ed_client, "PUT", url_of(write(), f"tags/{slug}/"), {"applies": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_none_of_these_is_a_word_on_every_tag(
    ed_client: Client, send: Any, write: Any, tag_by_machine: Callable[..., Comment], ed: User
) -> None:
    comment = tag_by_machine(write("Dredge now!"), "dredging")
    answer = send(ed_client, "POST", url_of(comment, "tags/"), {"none": True})
    assert (answer.status_code, answer.json()) == (200, {"comment": comment.pk, "tags": []})
    said = set(comment.assignments.values_list("tag__slug", "verdict", "source", "by"))
    assert said == {(slug, "no", "person", ed.pk) for slug in Tag.objects.values_list("slug", flat=True)}


@pytest.mark.parametrize("data", [{}, {"none": "yes"}, {"none": 1}, {"none": None}, {"none": []}, {"none": False}])
def test_none_of_these_is_true_or_refused(
    ed_client: Client, send: Any, write: Any, tags: Any, data: dict[str, Any]
) -> None:
    answer = send(ed_client, "POST", url_of(comment := write(), "tags/"), data)
    assert (answer.status_code, list(answer.json())) == (400, ["none"])
    assert not comment.assignments.exists()


def test_where_no_tags_are_none_can_be_denied(ed_client: Client, send: Any, write: Any) -> None:
    answer = send(ed_client, "POST", url_of(write(), "tags/"), {"none": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_tags")


def test_tags_of_a_comment_that_is_not_there_are_not_found(ed_client: Client, send: Any) -> None:
    for number in (999_999, 2**70):
        assert send(ed_client, "POST", f"/api/v1/comments/{number}/tags/", {"none": True}).status_code == 404
