"""The discussion on a site without the add-on. Run by `tests/test_without_analysis.py`, under its settings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client

from comments import moderation, tagging
from comments.models import Comment, Status, Thread
from newsroom.articles.models import Article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    return Article.objects.create(slug="harbour", title="The harbour", body="Text.")


def test_nothing_of_the_add_on_is_there() -> None:
    assert not apps.is_installed("analysis")
    assert not [name for name in sys.modules if name == "analysis" or name.startswith("analysis.")]


def test_a_comment_is_posted_approved_and_read(article: Article, mona: User, rita: Client, sam: Client) -> None:
    assert rita.get(article.get_absolute_url()).status_code == 200
    answer = rita.post(
        f"/api/v1/threads/{article.thread_id}/comments/",
        {"body": "It will flood.", "name": "Rita", "email": "rita@example.org"},
        content_type="application/json",
    )
    assert answer.status_code == 201
    comment = Comment.objects.get()
    assert comment.status == Status.PENDING
    moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("pending", 1))
    assert "It will flood." in sam.get(article.get_absolute_url()).content.decode()


def test_an_editor_tags_by_hand_and_readers_filter(
    thread: Thread, tags: dict[str, Any], write: Callable[..., Comment], ed: User, sam: Client
) -> None:
    article = Article.objects.create(slug="harbour", title="The harbour", body="Text.", thread=thread)
    about, other = write("The licence is void."), write("Good morning.")
    tagging.correct(about, tags["dredging"], applies=True, by=ed)
    page = sam.get(article.get_absolute_url(), {"tag": "dredging"}).content.decode()
    assert "The licence is void." in page
    assert "Good morning." not in page
    listed = sam.get(f"/api/v1/threads/{thread.pk}/comments/", {"tag": "dredging"}).json()["results"]
    assert [row["id"] for row in listed] == [about.pk]
    assert other.pk != about.pk


def test_the_moderation_desk_opens(mona: User, client: Client) -> None:
    client.force_login(mona)
    assert client.get("/desk/moderation/").status_code == 200
