"""The whole site as real processes, for tests that stop, kill and starve them.

It runs `manage.py demo` on a free port with a folder of its own. Everything here waits on a condition.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
_ADDRESS = re.compile(r"The demo is ready:\s+(http://\S+?)/\s")
_PATIENCE = 60.0


def wait_until(condition: Callable[[], Any], what: str, *, seconds: float = _PATIENCE) -> Any:
    """Return what `condition` returns as soon as that is true; fail with `what` where it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"This did not come about: {what}")


class Site:
    """The running demo."""

    def __init__(self, var_dir: Path, **environ: str) -> None:
        self.var_dir = var_dir
        self._environ = environ
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self.url = ""

    def start(self) -> Site:
        """Start it and wait until it says that it is ready."""
        self.launch()
        found = wait_until(
            lambda: _ADDRESS.search(self.output) or self.process.poll() is not None, "the demo says it is ready"
        )
        assert isinstance(found, re.Match), self.output
        self.url = found.group(1)
        return self

    def launch(self) -> None:
        """Start it and do not wait."""
        environ = {name: value for name, value in os.environ.items() if name not in _OURS}
        environ |= {"PORT": "0", "VAR_DIR": str(self.var_dir), "SWEEP_SECONDS": "0.5", **_NO_FLOOD, **self._environ}
        self._lines = []
        self._process = subprocess.Popen(
            [sys.executable, "-u", "manage.py", "demo"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    @property
    def output(self) -> str:
        """Everything that it has printed so far."""
        return "".join(self._lines)

    def child(self, name: str) -> psutil.Process:
        """The process of the web server (`web`) or of the worker (`worker`)."""
        return wait_until(lambda: self._children().get(name), f"the {name} runs")

    def kill(self, name: str) -> psutil.Process:
        """Kill a child as a machine does that runs out of memory; return it once it is gone."""
        process = self.child(name)
        process.send_signal(signal.SIGKILL)
        wait_until(lambda: not is_alive(process), f"the {name} is gone")
        return process

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=_PATIENCE)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the database, past everything."""
        if "DATABASE_URL" in self._environ:
            import psycopg

            with psycopg.connect(self._environ["DATABASE_URL"]) as server:
                return server.execute(sql, values or None).fetchall()
        with closing(sqlite3.connect(f"file:{self.var_dir / 'newsroom.sqlite3'}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def post(self, text: str, *, key: str, name: str = "Carl") -> int:
        """Send a comment through the API; return the status of the answer.

        Raises:
            OSError: there was no answer.
        """
        return self.request(
            "/api/v1/threads/1/comments/",
            {"body": text, "name": name, "email": "carl@example.org"},
            {"Idempotency-Key": key},
        )[0]

    def request(
        self, path: str, data: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Ask for a page, or send JSON; return status and text.

        Raises:
            OSError: there was no answer.
        """
        request = urllib.request.Request(
            self.url + path,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except http.client.HTTPException as error:
            # A server that is killed in the middle of its answer; nobody can say what it did.
            raise ConnectionError("The answer broke off.") from error

    def untagged(self) -> int:
        """How many comments wait for their tags."""
        return self.query("SELECT count(*) FROM comments_comment WHERE tagged_revision < revision")[0][0]

    def _children(self) -> dict[str, psutil.Process]:
        found = {}
        for process in psutil.Process(self.process.pid).children():
            try:
                command = process.cmdline()
            except psutil.Error:
                continue
            if "newsroom.children" in command and is_alive(process):
                found[command[-1]] = process
        return found

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._lines.append(line)


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated and seeded database, made once and copied for each site."""
    folder = tmp_path_factory.mktemp("seeded") / "var"
    environ = {name: value for name, value in os.environ.items() if name not in _OURS} | {"VAR_DIR": str(folder)}
    for command in (["migrate", "--verbosity", "0"], ["seed", "--verbosity", "0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environ, check=True)
    return folder


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes sites on one folder, empty at first; what still runs at the end is stopped."""
    sites: list[Site] = []

    def make(**environ: str) -> Site:
        sites.append(Site(tmp_path / "var", **environ))
        return sites[-1]

    yield make
    for site in sites:
        if site._process is not None and site._process.poll() is None:
            site.stop()
        print(site.output)  # shown where the test fails


@pytest.fixture
def site(make_site: Callable[..., Site], seeded: Path, tmp_path: Path) -> Site:
    """A running site with its seeds."""
    shutil.copytree(seeded, tmp_path / "var")
    return make_site().start()


_NO_FLOOD = {"FLOOD_HOLD": "100000", "FLOOD_REFUSE": "100000"}
_OURS = {"DJANGO_SETTINGS_MODULE", "DEBUG", "SECRET_KEY", "DATABASE_URL", "CACHE_URL", "CELERY_BROKER_URL", "EMAIL_URL"}
