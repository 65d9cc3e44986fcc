"""The article pages and the admin of articles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from comments.models import Comment, Thread
from newsroom.articles import views
from newsroom.articles.models import Article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(thread: Thread) -> Article:
    return Article.objects.create(slug="harbour", title="The harbour", body="It *floods*.", thread=thread)


def test_the_article_stands_with_its_discussion(article: Article, rita: Client, write: Callable[..., Comment]) -> None:
    write("I saw it coming.")
    page = rita.get("/articles/harbour/").content.decode()
    assert "<em>floods</em>" in page
    assert "I saw it coming." in page


def test_the_list_names_each_article_and_counts_its_comments(
    article: Article, rita: Client, write: Callable[..., Comment]
) -> None:
    write()
    write()
    page = rita.get("/").content.decode()
    assert 'href="/articles/harbour/"' in page
    assert "2 comments" in page


def test_the_list_costs_the_same_for_one_article_and_for_thirty(article: Article, rita: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as one:
        rita.get("/")
    for number in range(29):
        Article.objects.create(slug=f"story-{number}", title=f"Story {number}", body="Text.")
    with CaptureQueriesContext(connection) as thirty:
        rita.get("/")
    assert len(thirty) == len(one) <= 2


def test_a_long_list_has_further_pages(rita: Client) -> None:
    for number in range(51):
        Article.objects.create(slug=f"story-{number}", title=f"Story {number}", body="Text.")
    assert rita.get("/").context["page"].has_next()
    assert len(rita.get("/?page=2").context["articles"]) == 1
    assert rita.get("/?page=none").status_code == 200


def test_a_forged_cursor_is_answered_with_its_status(article: Article, rita: Client) -> None:
    assert rita.get("/articles/harbour/?after=forged").status_code == 400


def test_the_status_of_the_discussion_is_that_of_the_page(
    article: Article, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = rf.get("/articles/harbour/")
    request.discussion_status = 410
    from django.http import HttpResponse

    monkeypatch.setattr(views, "render", lambda *_args: HttpResponse("page"))
    assert views.article_page(request, "harbour").status_code == 410


def test_no_shared_cache_keeps_the_page(article: Article, rita: Client) -> None:
    assert {"private", "no-cache"} <= set(rita.get("/articles/harbour/")["Cache-Control"].split(", "))


def test_nothing_inline_and_nothing_from_elsewhere_is_allowed(article: Article, rita: Client) -> None:
    policy = rita.get("/articles/harbour/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_saving_an_article_makes_its_discussion() -> None:
    article = Article.objects.create(slug="levee", title="The levee", body="Text.")
    assert (article.thread.key, article.thread.title, article.thread.url) == ("levee", "The levee", "/articles/levee/")


def test_a_renamed_article_keeps_its_discussion_and_takes_it_along(article: Article) -> None:
    article.title, article.slug = "The port", "port"
    article.save()
    thread = Thread.objects.get()
    assert (thread.pk, thread.title, thread.url) == (article.thread_id, "The port", "/articles/port/")


def test_an_editor_writes_an_article_in_the_admin(ed: User, client: Client) -> None:
    ed.is_staff = True
    ed.save()
    client.force_login(ed)
    answer = client.post(
        "/admin/articles/article/add/",
        {
            "title": "The levee",
            "slug": "levee",
            "body": "Text.",
            "language": "en",
            "published_at_0": "2026-03-01",
            "published_at_1": "08:00:00",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    assert Article.objects.get().thread.key == "levee"


def test_a_moderator_does_not(mona: User, client: Client) -> None:
    mona.is_staff = True
    mona.save()
    client.force_login(mona)
    assert client.get("/admin/articles/article/add/").status_code == 403
