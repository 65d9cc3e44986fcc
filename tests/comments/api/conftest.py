"""What the tests of the API share: sending JSON, tagging a comment, and a token for Mona."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from comments import tagging
from comments.models import AccessToken, Comment, Thread

Send = Callable[..., HttpResponse]


@pytest.fixture
def send() -> Send:
    """Send JSON as a client: `send(client, "POST", url, data, headers={...})`."""

    def send(client: Client, method: str, url: str, data: Any = None, **extra: Any) -> HttpResponse:
        body = b"" if data is None else data if isinstance(data, bytes) else json.dumps(data).encode()
        kind = extra.pop("content_type", "application/json")
        return client.generic(method, url, body, content_type=kind, **extra)

    return send


@pytest.fixture
def comments_url(thread: Thread) -> str:
    return f"/api/v1/threads/{thread.pk}/comments/"


@pytest.fixture
def tag_by_machine(tags: dict[str, Any]) -> Callable[..., Comment]:
    """Let the machine give tags to a comment, each with its first word as evidence."""

    def give(comment: Comment, *slugs: str, unsure: tuple[str, ...] = ()) -> Comment:
        said = [tagging.MachineTag(slug, 0.9, is_sure=True, evidence=((0, 6),)) for slug in slugs]
        said += [tagging.MachineTag(slug, 0.4, is_sure=False) for slug in unsure]
        with transaction.atomic():
            assert tagging.assign_by_machine(comment, revision=comment.revision, tags=said)
        comment.refresh_from_db()
        return comment

    return give


@pytest.fixture
def monas_token(mona: User) -> dict[str, str]:
    """Headers of a program that acts for Mona."""
    return {"Authorization": f"Bearer {AccessToken.issue(user=mona, label='test')}"}
