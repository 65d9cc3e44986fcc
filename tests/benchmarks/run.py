"""`make bench`: what the discussion costs, as ratios against a floor measured in the same run.

The floor is a bare Django page, a bare DRF list and a bare DRF post over one indexed table with as many rows, on the
same server and database. Without DATABASE_URL it runs on SQLite in a temporary folder; with it, in a database of its
own beside the one that is named. `--quick` leaves out the thread of 100,000.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.report import FAILED, line, ratio  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the thread of 100,000 comments")
    parser.add_argument("--strict", action="store_true", help="end with an error where a number is missed")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="leave-a-reply-bench-"))
    os.environ["VAR_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    os.environ["CELERY_BROKER_URL"] = "filesystem://"
    os.environ["PYTHONPATH"] = str(ROOT)
    drop = _own_database()
    try:
        _run(folder, quick=options.quick)
    finally:
        drop()
        shutil.rmtree(folder, ignore_errors=True)
    if FAILED:
        print(f"\n{len(FAILED)} missed: {'; '.join(FAILED)}")
    return 1 if FAILED and options.strict else 0


def _own_database() -> Callable[[], None]:
    """Where DATABASE_URL names a PostgreSQL, make a database for this run and point the environment at it."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        os.environ.pop("DATABASE_URL", None)
        return lambda: None
    import psycopg

    name = f"leave_a_reply_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

    def drop() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return drop


def _run(folder: Path, *, quick: bool) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("seed", verbosity=0)
    from comments.models import Thread
    from tests.benchmarks import data, desk, screening

    seeded = Thread.objects.get(key="ukraine")
    sizes = [100, 1000, 10_000] + ([] if quick else [100_000])
    print(f"database: {connection.vendor}, Python {sys.version.split()[0]}, Django {django.get_version()}")
    articles = {}
    for size in sizes:
        if size == 10_000:
            before = _store(connection)
            articles[size] = data.fill(size, tags_like=seeded)
            _report_store(before, _store(connection), size)
        else:
            articles[size] = data.fill(size, tags_like=seeded)
    waiting = data.fill(10_000, tags_like=seeded, waiting=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    _measure_reading(articles)
    _measure_posting(articles[10_000], waiting)
    desk.measure(quick=quick)
    screening.measure()
    _measure_demo(folder)


def _store(connection) -> dict[str, int]:
    """Bytes on disk by table, indexes included."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r'")
            return dict(cursor.fetchall())
        cursor.execute("PRAGMA page_size")
        page = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA freelist_count")
        return {"all": (pages - cursor.fetchone()[0]) * page}


def _report_store(before: dict[str, int], after: dict[str, int], size: int) -> None:
    from tests.benchmarks.data import texts
    from tests.benchmarks.floor.models import Remark

    written = texts()
    letters = statistics.mean(len(body.encode()) for body, _, _ in written)
    ours = {name: after[name] - before.get(name, 0) for name in after if not name.startswith("floor_")}
    total = sum(ours.values())
    if "all" in after:
        # The floor's rows lie in the same file; their size is what the file loses without them.
        from django.db import connection

        kept = list(Remark.objects.values_list("pk", flat=True)[:0])
        assert not kept
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA page_size")
            page = cursor.fetchone()[0]
            total -= _floor_bytes(cursor, page, size)
    line(
        f"store, a comment with its tags (text of {letters:.0f} bytes)",
        f"{total / size:.0f} bytes",
        "<= 800",
        total / size <= 800,
    )


def _floor_bytes(cursor, page: int, size: int) -> int:
    """Bytes of the newest `size` rows of the floor's table, by copying them to a table of their own."""
    cursor.execute("PRAGMA page_count")
    start = cursor.fetchone()[0]
    cursor.execute("PRAGMA freelist_count")
    free = cursor.fetchone()[0]
    cursor.execute(f"CREATE TABLE copy AS SELECT * FROM floor_remark ORDER BY id DESC LIMIT {int(size)}")
    cursor.execute("CREATE INDEX copy_index ON copy (article, created_at)")
    cursor.execute("PRAGMA page_count")
    end = cursor.fetchone()[0]
    cursor.execute("PRAGMA freelist_count")
    used = (end - cursor.fetchone()[0]) - (start - free)
    cursor.execute("DROP TABLE copy")
    return used * page


def _measure_reading(articles: dict) -> None:
    from comments.models import Thread
    from tests.benchmarks.server import Request, Server

    server = Server({})
    middle = articles[10_000]
    threads = {size: article.thread for size, article in articles.items()}

    def colder(thread: Thread) -> Callable[[], None]:
        from django.db.models import F

        return lambda: Thread.objects.filter(pk=thread.pk).update(version=F("version") + 1) and None

    def page(size: int, query: str = "", *, cold: bool = True) -> Request:
        return Request(f"/articles/{articles[size].slug}/{query}", prepare=colder(threads[size]) if cold else None)

    try:
        # Somebody writes before each request that is to be cold, the floor's too: it empties SQLite's page cache.
        floor_page = Request(f"/floor/{middle.thread_id}/", prepare=colder(middle.thread))
        floor_json = Request(f"/floor/{middle.thread_id}/json/", prepare=colder(middle.thread))
        api = f"/api/v1/threads/{middle.thread_id}/comments/"
        etag = server.send(Request(api))[1].getheader("ETag") or ""
        deep = _deep(server, page(10_000, cold=False).path, 40)
        costs = server.compare(
            {
                "floor page": floor_page,
                "floor json": floor_json,
                "page cold": page(10_000),
                "page cached": page(10_000, cold=False),
                "one tag": page(10_000, "?tag=envoy"),
                "two kinds": page(10_000, "?tag=envoy&tag=us-push"),
                "oldest": page(10_000, "?sort=oldest"),
                "replies": page(10_000, "?sort=replies"),
                "recommended": page(10_000, "?sort=recommended"),
                "deep": Request(deep, prepare=colder(middle.thread)),
                "json cold": Request(api, prepare=colder(middle.thread)),
                "json cached": Request(api),
            }
        )
        floor, json_floor = costs["floor page"].wall, costs["floor json"].wall
        line("floor: bare Django page, 50 of 10,000", f"{floor:6.1f} ms")
        line("floor: bare DRF list, 50 of 10,000", f"{json_floor:6.1f} ms")
        shown = len(re.findall(rb'id="comment-\d+"', server.send(page(10_000))[2]))
        line("comments on that page of ours, replies included", str(shown))
        ratio("article page, cold", costs["page cold"].wall, floor, 1.5)
        ratio("article page, cached", costs["page cached"].wall, floor, 0.3)
        for name in ("one tag", "two kinds", "oldest", "replies", "recommended", "deep"):
            ratio(f"article page, cold, {name}", costs[name].wall, floor, 1.5)
        ratio("JSON list, cold", costs["json cold"].wall, json_floor, 1.5)
        ratio("JSON list, cached", costs["json cached"].wall, json_floor, 1.5)
        current = server.send(Request(api))[1].getheader("ETag") or etag
        not_modified = server.compare(
            {"floor": Request(floor_json.path), "304": Request(api, headers=(("If-None-Match", current),), expect=304)}
        )
        ratio("JSON 304", not_modified["304"].wall, not_modified["floor"].wall, 0.3)
        for query in ("", "?tag=envoy", "?sort=replies", "?sort=recommended"):
            # With a filter, a thread of 100 has no full page to compare.
            sizes = [size for size in articles if size > 100 or not query.startswith("?tag")]
            costs_by_size = server.compare({str(size): page(size, query) for size in sizes}, rounds=8)
            walls = {size: costs_by_size[str(size)].wall for size in sizes}
            spread = max(walls.values()) / min(walls.values())
            measured = " ".join(f"{wall:.1f}" for wall in walls.values())
            line(f"threads of {', '.join(map(str, walls))} {query}", f"{measured} ms", "within 25 %", spread <= 1.25)
    finally:
        server.stop()


def _deep(server, path: str, pages: int) -> str:
    """Follow "more comments" some pages down and return that page's address."""
    from html import unescape

    from tests.benchmarks.server import Request

    for _ in range(pages):
        found = re.search(rb'<a rel="next[^>]*href="([^"#]+)', server.send(Request(path))[2])
        if found is None:
            break
        path = unescape(found.group(1).decode())
    return path


def _measure_posting(article, waiting) -> None:
    from django.contrib.auth.models import Group, User

    from comments.models import AccessToken, Comment
    from tests.benchmarks.data import texts
    from tests.benchmarks.server import Request, Server

    moderator = User.objects.create_user("bench", password=None)
    moderator.groups.add(Group.objects.get(name="Moderators"))
    token = AccessToken.issue(user=moderator, label="benchmark")
    chance = random.Random(7)
    written = [body for body, _, _ in texts()]
    words = [word for body in written for word in body.split()]

    def draft(**names: str) -> Callable[[], str]:
        def body() -> str:
            # As long as what people wrote, and no two alike: the screens know a text that was sent before.
            said = " ".join(chance.sample(words, len(chance.choice(written).split())))
            return json.dumps(
                {
                    names["body"]: said,
                    names["name"]: f"Reader {chance.randrange(500)}",
                    "email": f"reader{chance.randrange(500)}@example.org",
                    "website": "",
                }
            )

        return body

    server = Server({})
    as_json = (("Content-Type", "application/json"),)
    try:
        costs = server.compare(
            {
                "floor": Request(
                    f"/floor/{article.thread_id}/json/",
                    "POST",
                    as_json,
                    draft(body="text", name="author"),
                    expect=201,
                ),
                "ours": Request(
                    f"/api/v1/threads/{article.thread_id}/comments/",
                    "POST",
                    as_json,
                    draft(body="body", name="name"),
                    expect=201,
                ),
            },
            batch=40,
        )
        line("floor: bare DRF post", f"{costs['floor'].cpu:6.1f} ms CPU")
        times = costs["ours"].cpu / costs["floor"].cpu
        line("post, all screens", f"{costs['ours'].cpu:6.1f} ms CPU = {times:4.2f} x", "<= 1.5 x", times <= 1.5)
        queue = iter(Comment.objects.filter(thread=waiting.thread_id).values_list("pk", flat=True).order_by("pk"))
        bearer = (("Authorization", f"Bearer {token}"), *as_json)

        def approve() -> str:
            seen = {"seen_status": "pending", "seen_revision": 1}
            return json.dumps({"decisions": [{"comment": next(queue), "to": "approved", **seen}]})

        approving = server.compare(
            {"approve": Request("/api/v1/moderation/decisions/", "POST", bearer, approve)}, batch=40
        )["approve"]
        line("approving, with its log row", f"{approving.cpu:6.1f} ms CPU", "<= 8 ms", approving.cpu <= 8)
    finally:
        server.stop()


def _measure_demo(folder: Path) -> None:
    """The demo as the README starts it, embedded broker and real worker: the way of a tag, and memory at rest."""
    import http.client

    import psutil

    from tests.benchmarks.server import free_port

    port = free_port()
    environ = {key: value for key, value in os.environ.items() if key not in {"DEBUG", "SECRET_KEY", "HTTPS"}}
    environ |= {
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "PORT": str(port),
        "VAR_DIR": str(folder / "demo"),
        "DEBUG": "1",
    }
    environ.pop("DATABASE_URL", None)
    (folder / "demo").mkdir()
    with (folder / "demo.log").open("wb") as log:
        demo = subprocess.Popen([sys.executable, "manage.py", "demo"], cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 90
        while "http://" not in (folder / "demo.log").read_text():
            if time.monotonic() > deadline or demo.poll() is not None:
                raise SystemExit((folder / "demo.log").read_text())
            time.sleep(0.2)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        delays = []
        for number in range(20):
            body = f"Number {number}: will the senior envoy be sent to the talks, or somebody of lower rank?"
            fields = json.dumps({"body": body, "name": f"Reader {number}", "email": f"r{number}@example.org"})
            connection.request(
                "POST", "/api/v1/threads/1/comments/", body=fields, headers={"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            made = json.loads(response.read())
            cookie = (response.getheader("Set-Cookie") or "").split(";")[0]
            start = time.perf_counter()
            while time.perf_counter() - start < 10:
                connection.request("GET", f"/api/v1/comments/{made['id']}/", headers={"Cookie": cookie})
                if json.loads(connection.getresponse().read())["tags"]:
                    break
                time.sleep(0.01)
            delays.append((time.perf_counter() - start) * 1000)
        median = statistics.median(delays)
        line("from answer to visible tag, embedded broker, median", f"{median:6.0f} ms", "< 300 ms", median < 300)
        time.sleep(2)
        family = psutil.Process(demo.pid).children(recursive=True)
        rest = sum(process.memory_full_info().pss for process in family) / 2**20
        line(f"memory at rest, web and worker ({len(family)} processes)", f"{rest:6.0f} MiB", "< 300 MiB", rest < 300)
    finally:
        demo.terminate()
        demo.wait(30)


if __name__ == "__main__":
    sys.exit(main())
