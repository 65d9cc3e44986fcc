"""Whatever JSON is sent, the answer is an answer: never a server error, never a row of a refused request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comments.models import Comment, ModerationEvent, Report, Thread

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=())),
    st.sampled_from(["approved", "spam", "\u202egro.elpmaxe@lrac", "a@b.c", "https://[", "//", "١٢", "𝔸dmin"]),
)
JSON = st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


def fields(*names: str) -> st.SearchStrategy[Any]:
    """An object that has some of these fields, with anything in them."""
    return st.one_of(JSON, st.dictionaries(st.sampled_from(names), JSON, max_size=len(names)))


DRAFTS = fields("body", "name", "email", "website", "parent")
REPORTS = fields("reason", "note")
DECISIONS = st.fixed_dictionaries(
    {"decisions": st.lists(fields("comment", "to", "seen_status", "seen_revision", "reason", "note"), max_size=3)}
)
ANY = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def ask(send: Any) -> Any:
    """Send any value; halves of characters go as escapes, as `json` writes them."""

    def ask(client: Client, url: str, value: Any) -> int:
        answer = send(client, "POST", url, json.dumps(value).encode())
        assert answer.status_code in {200, 201, 400, 403, 404, 422, 429}
        if answer.status_code >= 400:
            assert answer.json()
            assert len(answer.content) < 5_000, "no refusal repeats what was sent, at any length"
        return int(answer.status_code)

    return ask


@ANY
@given(DRAFTS)
def test_any_draft_is_stored_or_refused(rita: Client, ask: Any, thread: Thread, value: Any) -> None:
    before = Comment.objects.count()
    status = ask(rita, f"/api/v1/threads/{thread.pk}/comments/", value)
    assert Comment.objects.count() == before + (status == 201)


@ANY
@given(REPORTS)
@example({"reason": "\ud800"})
@example({"reason": "x" * 100_000})
def test_any_report_is_stored_or_refused(rita: Client, ask: Any, write: Any, value: Any) -> None:
    comment = Comment.objects.first() or write()
    before = Report.objects.count()
    status = ask(rita, f"/api/v1/comments/{comment.pk}/reports/", value)
    assert Report.objects.count() == max(before, status == 201)


@ANY
@given(DECISIONS)
@example({"decisions": [{"comment": 1, "to": "\ud800", "seen_status": "\ud800", "seen_revision": 1}]})
def test_any_decisions_are_answered(mona_client: Client, ask: Any, db: None, value: Any) -> None:
    ask(mona_client, "/api/v1/moderation/decisions/", value)
    assert not ModerationEvent.objects.exists()
