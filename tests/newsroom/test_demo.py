"""`manage.py demo`: starts all of the site, keeps it running, stops all of it."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
from collections.abc import Callable

import psutil
import pytest

from tests.plugins.site import Site, is_alive, wait_until

pytestmark = pytest.mark.worker


def test_from_nothing_the_demo_shows_the_article_and_tags_a_comment(make_site: Callable[..., Site]) -> None:
    site = make_site().start()
    status, page = site.request("/articles/ukraine/")
    assert status == 200
    assert "Leave a Reply" in page
    assert site.query("SELECT id, key FROM comments_thread") == [(1, "ukraine")]
    assert site.post("Will the senior envoy travel to the talks?", key="a") == 201
    wait_until(lambda: site.untagged() == 0, "the comment is tagged")
    assert json.loads(site.request("/readyz")[1]) == {"ready": True, "database": "ok", "broker": "ok", "cache": "ok"}


def test_address_and_accounts_are_printed_once(site: Site) -> None:
    assert site.output.count(site.url + "/\n") == 1
    assert len(re.findall(r"^  moderator +mona +password \S+$", site.output, re.MULTILINE)) == 1
    assert len(re.findall(r"^  editor +ed +password \S+$", site.output, re.MULTILINE)) == 1
    assert stat.S_IMODE((site.var_dir / "demo-accounts.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_of_it(site: Site, how: signal.Signals) -> None:
    children = [site.child("web"), site.child("worker")]
    assert site.stop(how) == 0
    assert not any(is_alive(child) for child in children)
    assert site.output.endswith("Stopped.\n")
    assert "Traceback" not in site.output


def test_a_killed_supervisor_takes_its_children_with_it(site: Site) -> None:
    children = [site.child("web"), site.child("worker")]
    site.process.kill()
    wait_until(lambda: not any(is_alive(child) for child in children), "the children are gone")


def test_a_second_run_keeps_what_readers_wrote(site: Site, make_site: Callable[..., Site]) -> None:
    site.post("Still here tomorrow?", key="a")
    before = site.query("SELECT count(*) FROM comments_comment")
    accounts = (site.var_dir / "demo-accounts.json").read_text()
    site.process.kill()  # not even a clean stop
    again = make_site().start()
    assert again.query("SELECT count(*) FROM comments_comment") == before
    assert (again.var_dir / "demo-accounts.json").read_text() == accounts
    assert again.query("SELECT count(*) FROM auth_user") == [(2,)]
    wait_until(lambda: again.untagged() == 0, "the comment is tagged")


def test_a_taken_port_is_said_before_anything_starts(make_site: Callable[..., Site]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        site = make_site(PORT=str(port))
        site.launch()
        assert site.process.wait(timeout=60) == 1
    said = wait_until(lambda: site.output, "it says something")
    assert said.startswith(f"CommandError: Port {port} on 127.0.0.1 cannot be used")
    assert said.count("\n") == 1
    assert not list(site.var_dir.glob("*"))


def test_it_does_not_run_with_debug_off(make_site: Callable[..., Site]) -> None:
    site = make_site(DEBUG="0", SECRET_KEY="x" * 50)
    site.launch()
    assert site.process.wait(timeout=60) == 1
    assert "does not run with DEBUG off" in wait_until(lambda: site.output, "it says something")


def test_web_server_and_worker_at_rest_fit_300_mib(site: Site) -> None:
    site.request("/articles/ukraine/")
    memory = sum(psutil.Process(site.child(name).pid).memory_info().rss for name in ("web", "worker"))
    assert memory < 300 * 1024 * 1024
