"""Health checks for load balancers and for the demo: alive (no database), ready (database, broker, cache)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from newsroom.celery import check_broker

log = logging.getLogger(__name__)


class NotReady(Exception):
    """A part does not work; the message is safe to show."""


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 where every part works, 503 with the name of each that does not. What went wrong is in the log only."""
    parts: dict[str, str] = {}
    for name, check in _CHECKS.items():
        try:
            check()
            parts[name] = "ok"
        except NotReady as error:
            parts[name] = str(error)
        except Exception as error:  # whatever a client raises; its words may name hosts and passwords
            log.warning("%s is not ready: %s", name, error)
            parts[name] = "unreachable"
    is_ready = set(parts.values()) == {"ok"}
    return JsonResponse({"ready": is_ready, **parts}, status=200 if is_ready else 503)


def _check_database() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("not migrated")


def _check_cache() -> None:
    cache.set("newsroom.ready", 1, 10)
    if cache.get("newsroom.ready") != 1:
        raise NotReady("does not keep what it is given")


_CHECKS: dict[str, Callable[[], None]] = {"database": _check_database, "broker": check_broker, "cache": _check_cache}
