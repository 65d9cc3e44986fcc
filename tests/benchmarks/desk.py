"""The moderation desk: its queue page at 1,000, 10,000 and 100,000 waiting comments, and decisions by the API."""

from __future__ import annotations

import json
import time

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from comments.models import AccessToken, Comment, Thread
from tests.benchmarks import data
from tests.benchmarks.report import line
from tests.benchmarks.server import Request, Server


def measure(*, quick: bool) -> None:
    """Measure the desk; leaves the waiting comments of the largest queue behind.

    Args:
        quick: leave out the queue of 100,000.
    """
    moderator = User.objects.create_user("desk", password=None)
    moderator.groups.add(Group.objects.get(name="Moderators"))
    # A queue is as long as the site's: what waits already is in each. What somebody has answered stays, and is counted.
    Comment.objects.pending().filter(replies__isnull=True).delete()
    like = Thread.objects.get(key="ukraine")
    walls: dict[int, float] = {}
    floors: dict[int, float] = {}
    cookie = (("Cookie", f"sessionid={_session(moderator)}"),)
    for size in (1_000, 10_001) if quick else (1_000, 10_001, 100_002):
        data.fill(size - Comment.objects.pending().count(), tags_like=like, waiting=True)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        server = Server({})
        try:
            requests = {
                "queue": Request("/desk/moderation/", headers=cookie),
                "floor": Request(f"/floor/{Thread.objects.get(key='bench-10000').pk}/"),
            }
            costs = server.compare(requests, batch=12)
            walls[size], floors[size] = costs["queue"].wall, costs["floor"].wall
        finally:
            server.stop()
    line(f"queue page with {10_001:,} waiting", f"{walls[10_001]:6.1f} ms", "<= 60 ms", walls[10_001] <= 60)
    # Filling the queue takes minutes between two sizes, in which the machine gets busier or quieter: each is compared
    # with a bare page of the same minute.
    against = [walls[size] / floors[size] for size in walls]
    spread = max(against) / min(against)
    measured = " ".join(f"{wall:.1f}" for wall in walls.values())
    line(
        f"queue page, {', '.join(f'{size:,}' for size in walls)} waiting",
        f"{measured} ms",
        "within 25 %",
        spread <= 1.25,
    )
    line("the same against a bare page of the same minute", " ".join(f"{times:.1f}" for times in against) + " x")
    _decisions(moderator)


def _decisions(moderator: User) -> None:
    """How many decisions a second one client gets through by the API, one at a time and a hundred in a call."""
    token = AccessToken.issue(user=moderator, label="benchmark")
    headers = (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"))
    keys = iter(list(Comment.objects.pending().order_by("pk").values_list("pk", flat=True)[:2_000]))

    def some(count: int) -> str:
        seen = {"to": "approved", "seen_status": "pending", "seen_revision": 1}
        return json.dumps({"decisions": [{"comment": next(keys), **seen} for _ in range(count)]})

    server = Server({})
    try:
        for count, calls in ((1, 200), (100, 10)):
            request = Request("/api/v1/moderation/decisions/", "POST", headers, lambda count=count: some(count))
            server.send(request)
            start = time.perf_counter()
            for _ in range(calls):
                server.send(request)
            per_second = count * calls / (time.perf_counter() - start)
            line(f"decisions by the API, {count} in a call", f"{per_second:6.0f} a second")
    finally:
        server.stop()


def _session(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key or ""
