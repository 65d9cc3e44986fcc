"""What tests of the reader's face share: an article page to stand on, and a page as a strict parser sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from comments.models import Thread
from newsroom.articles.models import Article
from tests.comments.reader.pages import Page, parse_page


@pytest.fixture
def parse() -> Callable[[HttpResponse], Page]:
    return parse_page


@pytest.fixture
def read(parse: Callable[[HttpResponse], Page]) -> Callable[..., Page]:
    """Open a page, following redirects, and parse it."""

    def read(client: Client, url: str, *, status: int = 200, **headers: str) -> Page:
        response = client.get(url.partition("#")[0], follow=True, headers=headers)
        assert response.status_code == status, response.content[:500]
        return parse(response)

    return read


@pytest.fixture(autouse=True)
def _quick_forms(settings: Any) -> Iterator[None]:
    """A test fills in a form faster than a person; what is said to that has tests of its own."""
    settings.COMMENTS = {**settings.COMMENTS, "MIN_SECONDS": 0, "TYPING_SPEED": 10**9}
    return


@pytest.fixture
def article(thread: Thread) -> Article:
    """The page that the discussion stands on."""
    return Article.objects.create(slug="harbour", title="The harbour", body="The harbour **grows**.", thread=thread)


@pytest.fixture
def typed() -> dict[str, str]:
    """What Carl types."""
    return {
        "body": "The channel silts up *every* spring.",
        "name": "Carl",
        "email": "carl+harbour@example.org",
        "website": "https://carl.example",
    }


@pytest.fixture
def send(read: Callable[..., Page]) -> Callable[..., HttpResponse]:
    """Fill in the form on a page as a browser without JavaScript does, and send it."""

    def send(client: Client, fields: dict[str, Any], *, url: str = "/articles/harbour/", **extra: Any) -> HttpResponse:
        page = read(client, url)
        form = next(iter(page.classed("lar-form", page.by_id("respond"))))
        hidden = {name: page.field(name) or "" for name in ("stamp", "parent", "homepage")}
        action = (form.get("action") or "").partition("#")[0]
        return client.post(action, {**hidden, **fields}, **extra)

    return send
