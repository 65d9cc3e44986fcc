"""The site on PostgreSQL and Redis, by environment variables alone, with processes that are killed.

`TEST_POSTGRES_URL` and `TEST_REDIS_URL` say where servers for tests are; this machine's by default.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import pytest

from tests.plugins.site import Site, wait_until

pytestmark = pytest.mark.worker

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/12")


@pytest.fixture
def redis() -> Iterator[str]:
    """The address of an empty Redis database of our own."""
    try:
        from redis import Redis, RedisError
    except ImportError:
        pytest.skip("Install the Python package redis.")
    with Redis.from_url(REDIS, socket_connect_timeout=3) as server:
        try:
            server.flushdb()
        except RedisError as error:
            pytest.skip(f"Install and start Redis, or name a server in TEST_REDIS_URL ({error}).")
        yield REDIS
        server.flushdb()


def test_on_postgresql_and_redis_nothing_is_lost_when_processes_are_killed(
    postgres: str, redis: str, make_site: Callable[..., Site]
) -> None:
    site = make_site(DATABASE_URL=postgres, CACHE_URL=redis, CELERY_BROKER_URL=redis).start()
    assert json.loads(site.request("/readyz")[1])["ready"]
    assert site.query("SELECT id, key FROM comments_thread") == [(1, "ukraine")]
    for number in range(20):
        if number == 5:
            site.kill("worker")
        if number == 10:
            site.kill("web")
        text = f"Will the senior envoy travel? Remark {number} of this series."
        assert site.post(text, key=f"attempt {number}") == 201
    wait_until(lambda: site.untagged() == 0, "all comments are tagged")
    found = site.query("SELECT count(*), count(DISTINCT html) FROM comments_comment WHERE html LIKE '%of this series%'")
    assert found == [(20, 20)]
    assert site.request("/articles/ukraine/")[0] == 200
