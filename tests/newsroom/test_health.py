"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from comments import privacy, reporting
from comments.models import Comment, Outbox, Reader, Thread
from newsroom import health, metrics
from newsroom.celery import check_broker


def test_alive_asks_no_database(client: Client) -> None:
    # No `db` fixture: a query would fail.
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_ready_where_all_parts_work(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": "ok", "broker": "ok", "cache": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_not_ready_before_the_migrations(client: Client) -> None:
    ((app, last),) = MigrationLoader(connection).graph.leaf_nodes("comments")
    MigrationRecorder(connection).record_unapplied(app, last)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": "not migrated", "broker": "ok", "cache": "ok"}


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["database", "broker", "cache"])
def test_the_part_that_fails_is_named_and_its_words_stay_in_the_log(
    client: Client, part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("cannot reach user:secret@db.internal")

    monkeypatch.setitem(health._CHECKS, part, fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()[part] == "unreachable"
    assert b"secret" not in response.content
    assert f"{part} is not ready" in caplog.text


def test_a_broker_whose_folder_is_no_folder_is_not_ready(settings: LazySettings, tmp_path: Path) -> None:
    (tmp_path / "queue").write_text("")
    settings.CELERY_BROKER_URL = "filesystem://localhost"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "queue")}
    with pytest.raises(OSError, match="queue"):
        check_broker()


@pytest.fixture
def figures(client: Client) -> Callable[[], dict[str, float]]:
    def read(**headers: Any) -> dict[str, float]:
        cache.delete(metrics._CACHE_KEY)
        lines = client.get("/metrics", **headers).content.decode().splitlines()
        return {name: float(value) for name, value in (row.rsplit(" ", 1) for row in lines if not row.startswith("#"))}

    return read


def test_metrics_count_comments_by_where_they_stand(
    figures: Callable[[], dict[str, float]], write: Callable[..., Comment]
) -> None:
    write()
    reported = write()
    write(status="pending")
    write(status="spam")
    reporting.report(reported, reader=Reader.objects.create(cookie_digest="x"), reason="spam")
    read = figures()
    assert read['comments{status="approved"}'] == 2
    assert read['comments{status="pending"}'] == 1
    assert read['comments{status="spam"}'] == 1
    assert read['comments{status="withdrawn"}'] == 0
    assert read["comments_reported"] == 1
    assert read["comments_untagged"] == 4
    assert read["threads"] == 1
    assert read["process_resident_memory_bytes"] > 0


def test_metrics_say_how_the_mail_stands(figures: Callable[[], dict[str, float]], thread: Thread) -> None:
    commenter = privacy.commenter_for("rita@example.org")
    late = timezone.now() - timedelta(seconds=100)
    for state in ("waiting", "sending", "sent", "dropped", "given_up"):
        Outbox.objects.create(commenter=commenter, kind="confirm", state=state, due_at=late)
    read = figures()
    assert read["mails_waiting"] == 2
    assert read["mails_given_up"] == 1
    assert 100 <= read["mails_oldest_due_seconds"] < 200


def test_metrics_hold_nothing_about_persons(client: Client, write: Callable[..., Comment]) -> None:
    write(name="Rosalind", email="rosalind@example.org", body="About the harbour.")
    text = client.get("/metrics").content.decode()
    assert "osalind" not in text
    assert "harbour" not in text


def test_an_impatient_scraper_counts_once(
    client: Client, write: Callable[..., Comment], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write()
    client.get("/metrics")
    with django_assert_num_queries(0):
        client.get("/metrics")


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer guess", "Bearer ", "token"])
def test_metrics_with_a_token_are_for_who_bears_it(client: Client, settings: LazySettings, header: str) -> None:
    settings.METRICS_TOKEN = "token"
    refused = client.get("/metrics", headers={"Authorization": header})
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == "Bearer"
    assert client.get("/metrics", headers={"Authorization": "Bearer token"}).status_code == 200
