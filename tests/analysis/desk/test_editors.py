"""The editors' pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysis.models import TaggingRun
from comments import tagging
from comments.models import Comment, Tag, Thread

Write = Callable[..., Comment]


@pytest.fixture
def tagged(write: Write, tags: dict[str, Tag]) -> Comment:
    comment = write()
    tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("jobs", 0.9, True)])
    TaggingRun.objects.create(comment=comment, revision=1, tagger="test 1", outcome="tagged")
    write()
    return comment


def test_an_editor_sees_what_a_discussion_is_about(ed_client: Client, thread: Thread, tagged: Comment) -> None:
    page = ed_client.get(f"/desk/editors/{thread.pk}/").text

    assert "The harbour" in page
    assert "50 %" in page
    assert '<a href="/articles/harbour/?tag=jobs">The jobs promise</a>' in page
    assert '<rect width="1000" height="10"/>' in page
    assert re.search(r"<h2[^>]*>Things to watch</h2>", page)
    assert "cannot decide" in page


def test_the_bars_are_only_decoration_of_a_table(ed_client: Client, thread: Thread, tagged: Comment) -> None:
    page = ed_client.get(f"/desk/editors/{thread.pk}/").text

    assert page.count("<svg") == page.count('<td class="desk-bar" aria-hidden="true"><svg') == 4
    assert '<th role="rowheader" scope="row"><a href="/articles/harbour/?tag=jobs">' in page


def test_one_discussion_is_listed_all_the_same(ed_client: Client, thread: Thread, tagged: Comment) -> None:
    response = ed_client.get("/desk/editors/")

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert f'<a href="/desk/editors/{thread.pk}/">The harbour</a>' in response.text


def test_without_any_discussion_the_page_says_so(ed_client: Client, db: None) -> None:
    assert "There is no discussion yet." in ed_client.get("/desk/editors/").text


@pytest.mark.parametrize("url", ["/desk/editors/", "/desk/editors/1/"])
def test_a_stranger_is_sent_to_log_in(sam: Client, db: None, url: str) -> None:
    assert sam.get(url)["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("who", ["mona_client", "stranger"])
def test_nobody_else_opens_it(request: pytest.FixtureRequest, sam: Client, thread: Thread, who: str) -> None:
    if who == "stranger":
        sam.force_login(User.objects.create_user("sam"))
    client = sam if who == "stranger" else request.getfixturevalue(who)

    response = client.get(f"/desk/editors/{thread.pk}/")

    assert response.status_code == 403
    assert "for editors" in response.text
    assert "The harbour" not in response.text
    assert response["Cache-Control"] == "private, no-store"


def test_a_superuser_opens_it(admin_client: Client, thread: Thread) -> None:
    assert admin_client.get(f"/desk/editors/{thread.pk}/").status_code == 200


def test_a_discussion_that_is_not_there_and_a_damaged_address_get_a_sentence(ed_client: Client, db: None) -> None:
    assert ed_client.get("/desk/editors/4711/").status_code == 404
    assert ed_client.get("/desk/editors/?before=x").status_code == 400


def test_no_address_and_nothing_inline(ed_client: Client, thread: Thread, write: Write, tagged: Comment) -> None:
    write(email="canary@example.org")
    for url in ["/desk/editors/", f"/desk/editors/{thread.pk}/"]:
        page = ed_client.get(url).text
        assert "canary" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(style|on[a-z]+)=", page)


def test_pages_cost_the_same_queries_with_one_comment_and_with_fifty(
    ed_client: Client, thread: Thread, write: Write, tags: dict[str, Any], tagged: Comment
) -> None:
    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert ed_client.get(url).status_code == 200
        return len(caught)

    urls = ["/desk/editors/", f"/desk/editors/{thread.pk}/"]
    ed_client.get(urls[0])
    at_one = [count(url) for url in urls]
    for number in range(50):
        comment = write(status="pending" if number % 5 == 0 else "")
        tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("expand", 0.9, True)])
        Thread.objects.create(key=f"thread {number}")

    assert [count(url) for url in urls] == at_one
    assert max(at_one) <= 10
