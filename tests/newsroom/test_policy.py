"""The headers of every answer: pages, errors, files, refusals, and the pages of mails."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from comments import confirming, links, privacy
from comments.models import Reader, Thread
from newsroom.articles.models import Article
from newsroom.policy import PERMISSIONS, POLICY

pytestmark = pytest.mark.django_db

ANSWERS = {
    "a page": ("get", "/", 200),
    "an article": ("get", "/articles/harbour/", 200),
    "a file": ("get", "/static/comments/comments.css", 200),
    "a page that is not there": ("get", "/nowhere/", 404),
    "a file that is not there": ("get", "/static/nowhere.css", 404),
    "a redirect": ("get", "/desk/moderation/", 302),
    "a refused method": ("put", "/comments/threads/1/post/", 405),
    "the admin": ("get", "/admin/login/", 200),
    "the schema": ("get", "/api/v1/schema/", 200),
    "a call that is refused": ("get", "/api/v1/comments/99999/", 404),
    "a probe": ("get", "/healthz", 200),
    "the figures": ("get", "/metrics", 200),
    "a link of a mail that is damaged": ("get", "/comments/mail/confirm/x:y:z/", 410),
    "the privacy page": ("get", "/comments/privacy/", 200),
    "one's own data": ("get", "/comments/mine/", 200),
}


@pytest.fixture
def article(thread: Thread) -> Article:
    return Article.objects.create(slug="harbour", title="The harbour", body="It *floods*.", thread=thread)


def assert_headers(headers: object) -> None:
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Permissions-Policy"] == PERMISSIONS
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("what", ANSWERS)
def test_every_answer_carries_the_headers(article: Article, rita: Client, settings: LazySettings, what: str) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example"}
    method, path, status = ANSWERS[what]
    response = getattr(rita, method)(path)
    assert response.status_code == status
    assert_headers(response.headers)
    response.close()  # a file's answer holds it open


def test_a_failure_of_the_server_carries_the_headers(rita: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rita.raise_request_exception = False

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("django.core.handlers.base.BaseHandler.resolve_request", fail)
    response = rita.get("/")
    assert response.status_code == 500
    assert_headers(response.headers)


def test_the_policy_allows_nothing_inline_nothing_from_elsewhere_and_no_frame() -> None:
    assert "default-src 'none'" in POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert "*" not in POLICY + PERMISSIONS
    for feature in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics"):
        assert f"{feature}=()" in PERMISSIONS


def test_no_cache_keeps_a_page_whose_address_is_a_secret_and_no_other_site_is_told_of_it(
    thread: Thread, rita: Client, carls_browser: Reader, settings: LazySettings
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example"}
    request = confirming.ask(address="rita@example.org", reader=carls_browser)
    confirming.settle(request.pk)
    request.refresh_from_db()
    commenter = privacy.commenter_for("rita@example.org")
    for link in (links.of_confirmation(request), links.of_management(commenter), links.of_stopping([])):
        for path in (link.removeprefix("https://news.example"), link.removeprefix("https://news.example")[:-3] + "/"):
            response = rita.get(path)
            assert response.status_code in {200, 410}
            assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
            # Not `no-referrer`: with that, browsers send the page's own button with `Origin: null`.
            assert response["Referrer-Policy"] == "same-origin"
