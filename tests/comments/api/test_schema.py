"""The OpenAPI document: valid, complete, kept under review, and true of what the API answers."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker

from comments import reporting
from comments.api.schema import document
from comments.models import Comment, Reader, Thread

SNAPSHOT = Path(__file__).with_name("schema.yml")
RENEW = "RENEW=1 pytest tests/comments/api/test_schema.py"
ROOT = Path(__file__).resolve().parents[3]


def dump(schema: dict[str, Any]) -> str:
    return yaml.safe_dump(schema, sort_keys=False, allow_unicode=True, width=110)


@pytest.fixture
def schema(rita: Client) -> dict[str, Any]:
    answer = rita.get("/api/v1/schema/")
    assert answer.status_code == 200
    parsed: dict[str, Any] = answer.json()
    return parsed


def test_the_document_is_openapi_3_1_and_valid(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1.")
    validate_schema(schema)


@pytest.mark.parametrize("settings", [[], ["--custom-settings", "comments.api.schema.SETTINGS"]])
def test_making_it_warns_of_nothing(settings: list[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", *settings, stdout=StringIO())


def test_the_document_is_as_it_was_reviewed() -> None:
    now = dump(json.loads(document()))
    if os.environ.get("RENEW"):
        SNAPSHOT.write_text(now)
    assert now == SNAPSHOT.read_text(), f"The API has changed. If it was meant to, renew the snapshot: {RENEW}"


def test_a_host_without_settings_of_its_own_gets_the_same_document(tmp_path: Path) -> None:
    """A site that knows nothing of drf-spectacular, and has an API of its own that must not leak in."""
    program = textwrap.dedent(
        """
        import django
        from django.conf import settings
        settings.configure(
            SECRET_KEY="x" * 50, ROOT_URLCONF="host", ALLOWED_HOSTS=["testserver"], USE_TZ=True,
            INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "comments"],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            REST_FRAMEWORK={
                "DEFAULT_SCHEMA_CLASS": "rest_framework.schemas.openapi.AutoSchema",
                "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
                "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.TemplateHTMLRenderer"],
                "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"],
                "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
                "DEFAULT_THROTTLE_RATES": {"anon": "1/day"},
                "EXCEPTION_HANDLER": "host.nothing",
                "UNAUTHENTICATED_USER": None,
            },
        )
        django.setup()
        import json, types, sys
        from django.urls import include, path
        from rest_framework.views import APIView
        class Own(APIView):
            def get(self, request): ...
        host = types.ModuleType("host")
        host.urlpatterns = [path("talk/", include("comments.urls")), path("api/v1/own/", Own.as_view())]
        sys.modules["host"] = host
        from django.core.management import call_command
        from django.test import Client
        call_command("migrate", verbosity=0)
        from comments.models import Thread
        Thread.objects.create(key="k", mode="publish")
        client = Client()
        schema = client.get("/talk/api/v1/schema/").json()
        posted = client.post(
            "/talk/api/v1/threads/k/comments/",
            {"body": "Hello there", "name": "Carl", "email": "carl@example.org"}, "application/json",
        )
        refused = client.get("/talk/api/v1/moderation/comments/")
        print(json.dumps([schema, posted.status_code, posted.json()["status"], refused.status_code, refused.json()]))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    schema, *answers = json.loads(done.stdout)
    assert answers[:3] == [201, "approved", 401]
    assert answers[3]["code"] == "not_authenticated"
    assert schema["openapi"].startswith("3.1.")
    assert all(path.startswith("/talk/api/v1/") for path in schema["paths"])
    ours = json.loads(document())
    assert {path.removeprefix("/talk") for path in schema["paths"]} == set(ours["paths"])
    assert schema["components"] == ours["components"]


# --- True ------------------------------------------------------------------------------------------------------------


def closed(schema: Any) -> Any:
    """The same schema where an object may have no property that is not declared."""
    schema = copy.deepcopy(schema)

    def close(node: Any) -> None:
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                node.setdefault("additionalProperties", False)
            for child in node.values():
                close(child)
        elif isinstance(node, list):
            for child in node:
                close(child)

    close(schema["components"])
    return schema


@pytest.fixture
def holds(schema: dict[str, Any]) -> Iterator[Callable[[str, HttpResponse], None]]:
    """Check an answer against what the document says of its operation; in the end all operations have to be checked."""
    strict = closed(schema)
    operations = {
        operation["operationId"]: operation for item in strict["paths"].values() for operation in item.values()
    }
    checked = set()
    checker = FormatChecker(formats=())
    checker.checks("date-time")(
        lambda value: value is None or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value))
    )
    checker.checks("uri")(lambda value: value is None or value.startswith("http"))

    def holds(operation: str, answer: HttpResponse) -> None:
        checked.add(operation)
        declared = operations[operation]["responses"]
        assert str(answer.status_code) in declared, f"{operation} does not declare {answer.status_code}"
        content = declared[str(answer.status_code)].get("content")
        if content is None:
            assert answer.content == b""
            return
        form = {**content["application/json"]["schema"], "components": strict["components"]}
        Draft202012Validator(form, format_checker=checker).validate(json.loads(answer.content))

    yield holds
    assert checked == set(operations)


def test_every_operation_answers_as_the_document_says(
    holds: Any,
    carl: Client,
    sam: Client,
    mona_client: Client,
    send: Any,
    thread: Thread,
    comments_url: str,
    write: Any,
    tag_by_machine: Callable[..., Comment],
    monas_token: dict[str, str],
) -> None:
    good = {"body": "Dredge *now*!", "name": "Carl", "email": "carl@example.org"}
    key = {"Idempotency-Key": "k"}
    held = tag_by_machine(write(status="pending"), "dredging")
    waiting, other = write(status="pending"), write(status="pending")
    posted = send(carl, "POST", comments_url, good, headers=key)
    comment = f"/api/v1/comments/{posted.json()['id']}/"
    tag_by_machine(Comment.objects.get(pk=posted.json()["id"]), "dredging", "protect")
    reply = write(parent=Comment.objects.get(pk=posted.json()["id"]))
    reader = Reader.objects.create(cookie_digest="x")
    reporting.report(reply, reader=reader, reason="abuse", note="Rude.")

    holds("post_comment", posted)
    holds("post_comment", send(carl, "POST", comments_url, good, headers=key))
    holds("post_comment", send(carl, "POST", comments_url, {**good, "body": "No"}, headers=key))
    holds("post_comment", send(carl, "POST", comments_url, {}))
    holds("post_comment", send(carl, "POST", comments_url, b"{"))
    holds("post_comment", send(carl, "POST", comments_url, b"x" * 1_100_000))
    holds("post_comment", send(carl, "POST", comments_url, b"x", content_type="text/plain"))
    holds("post_comment", send(carl, "POST", comments_url, good, headers={"Sec-Fetch-Site": "cross-site"}))
    holds("post_comment", send(carl, "POST", comments_url, good, headers={"Authorization": "Bearer x"}))
    holds("post_comment", send(carl, "POST", "/api/v1/threads/nowhere/comments/", good))

    thread_url = f"/api/v1/threads/{thread.pk}/"
    holds("thread", first := sam.get(thread_url))
    holds("thread", sam.get(thread_url, headers={"If-None-Match": first["ETag"]}))
    holds("thread", sam.get("/api/v1/threads/nowhere/"))
    holds("thread_comments", first := sam.get(f"{comments_url}?page_size=1"))
    assert first.json()["next"]
    holds("thread_comments", sam.get(first.json()["next"]))
    holds("thread_comments", sam.get(f"{comments_url}?page_size=1", headers={"If-None-Match": first["ETag"]}))
    holds("thread_comments", sam.get(f"{comments_url}?sort=best"))
    holds("thread_comments", sam.get("/api/v1/threads/nowhere/comments/"))

    holds("comment", first := sam.get(comment))
    assert first.json()["tags"]
    holds("comment", sam.get(comment, headers={"If-None-Match": first["ETag"]}))
    holds("comment", sam.get("/api/v1/comments/999999/"))
    holds("comment", sam.get(f"/api/v1/comments/{held.pk}/", headers={"Authorization": "Bearer x"}))
    holds("edit_comment", send(carl, "PATCH", comment, {"body": "Dredge later!"}))
    holds("edit_comment", send(carl, "PATCH", comment, {"body": ""}))
    holds("edit_comment", send(sam, "PATCH", comment, {"body": "Never!"}))
    holds("report_comment", send(sam, "POST", f"{comment}reports/", {"reason": "spam"}))
    holds("report_comment", send(sam, "POST", f"{comment}reports/", {"reason": "dull"}))
    holds("recommend_comment", send(sam, "POST", f"{comment}recommendations/"))
    holds("recommend_comment", send(carl, "POST", f"{comment}recommendations/"))
    holds("unrecommend_comment", send(sam, "DELETE", f"{comment}recommendations/"))
    holds("tag_comment", send(mona_client, "PUT", f"{comment}tags/jobs/", {"applies": True}))
    holds("tag_comment", send(mona_client, "PUT", f"{comment}tags/jobs/", {"applies": 1}))
    holds("tag_comment", send(sam, "PUT", f"{comment}tags/jobs/", {"applies": True}))
    holds("deny_tags", send(mona_client, "POST", f"{comment}tags/", {"none": True}))
    holds("deny_tags", send(mona_client, "POST", f"{comment}tags/", {"none": False}))
    holds("deny_tags", send(sam, "POST", f"{comment}tags/", {"none": True}))

    decisions = "/api/v1/moderation/decisions/"
    said = [
        {"comment": pk, "to": to, "seen_status": seen, "seen_revision": 1, "reason": "abuse"}
        for pk, to, seen in [
            (waiting.pk, "rejected", "pending"),
            (waiting.pk, "rejected", "pending"),
            (waiting.pk, "spam", "pending"),
            (other.pk, "withdrawn", "pending"),
            (999_999, "spam", "pending"),
        ]
    ]
    holds("moderation_decisions", answer := send(mona_client, "POST", decisions, {"decisions": said}))
    assert [result["status_code"] for result in answer.json()["results"]] == [200, 200, 409, 422, 404]
    undo = "/api/v1/moderation/undo/"
    batch, event = answer.json()["batch"], answer.json()["results"][0]["event"]
    for _ in range(2):
        holds("moderation_undo", send(mona_client, "POST", undo, {"event": event}))
    holds("moderation_undo", answer := send(mona_client, "POST", undo, {"batch": batch}))
    assert answer.json()["results"]
    for data in ({}, {"batch": "none"}, {"event": 2**62}, []):
        holds("moderation_undo", send(mona_client, "POST", undo, data))
    holds("moderation_undo", send(sam, "POST", undo, {"event": event}))
    holds("moderation_decisions", send(mona_client, "POST", decisions, {"decisions": []}))
    holds("moderation_decisions", send(sam, "POST", decisions, {"decisions": said}))
    queue = "/api/v1/moderation/comments/"
    for name in ("all", "pending", "reported", "rejected", "spam"):
        holds("moderation_comments", sam.get(f"{queue}?queue={name}&page_size=1", headers=monas_token))
    holds("moderation_comments", answer := mona_client.get(f"{queue}?queue=all"))
    assert any(card["events"] for card in answer.json()["results"])
    assert any(card["reports"] for card in answer.json()["results"])
    assert any(card["parent_comment"] for card in answer.json()["results"])
    holds("moderation_comments", mona_client.get(f"{queue}?queue=mine"))
    holds("moderation_comments", sam.get(queue))

    holds("withdraw_comment", send(sam, "DELETE", comment))
    holds("withdraw_comment", send(carl, "DELETE", comment))
    holds("comment", carl.get(comment))
    holds("schema", sam.get("/api/v1/schema/"))


def test_the_document_is_made_once_and_kept_by_caches(rita: Client) -> None:
    answer = rita.get("/api/v1/schema/")
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert rita.get("/api/v1/schema/", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert document() is document()
