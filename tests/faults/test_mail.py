"""A mail worker that is killed at each step of sending: every mail arrives, at most that one twice, and then under the
same Message-ID, by which a mailbox folds it.

The worker is a real one, with the filesystem broker, a SQLite file and a mail server that pulls the trigger.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.mailserver import CUT, HANG, MailServer, running_mail_server
from tests.plugins.site import ROOT, wait_until

pytestmark = pytest.mark.worker

DEATHS = ("connect", "rcpt", "data", "dot", "quit")
"""On connecting; after MAIL; after RCPT; with the mail sent and no answer yet; with the server's yes not yet noted."""

_QUEUE = """
import django
django.setup()
from comments import confirming, privacy
from comments.models import Reader
for number in range({mails}):
    reader = Reader.objects.create(cookie_digest=privacy.reader_digest(str(number)))
    request = confirming.ask(address=f"reader{{number}}@example.org", reader=reader)
    confirming.settle(request.pk)
"""


_POST = """
import django
django.setup()
from comments import drafts, posting, tagging
from comments.models import Thread
thread = Thread.objects.create(key="harbour", title="The harbour", url="/", mode="publish")
tagging.define_tags(thread, [tagging.TagSpec("dredging", "indicator", "The dredging licence", "Whether to dredge.")])
posting.post(thread, drafts.Draft(body="On the dredger.", name="Rita", email="rita@example.org"), posting.Origin())
"""


class Worker:
    """The site's worker, and whoever comes after it."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start a worker; the ones before it may be dead."""
        self.processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "newsroom.children", "worker"],
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def kill(self) -> None:
        """As a machine does that runs out of memory."""
        self.processes[-1].send_signal(signal.SIGKILL)
        self.processes[-1].wait(timeout=30)


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def environ(tmp_path: Path, server: MailServer) -> dict[str, str]:
    """A site of its own that mails through the server, and gives up a claim soon."""
    server.mails.clear()
    server.steps.clear()
    named = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environ = {
        **named,
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "VAR_DIR": str(tmp_path / "var"),
        "EMAIL_URL": server.url,
        "SITE_URL": "https://news.example",
        "MAIL_CLAIM_SECONDS": "0.5",
        "MAIL_SWEEP_SECONDS": "0.3",
        "SWEEP_SECONDS": "3600",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environ, check=True)
    return environ


@pytest.fixture
def worker(environ: dict[str, str]) -> Iterator[Worker]:
    worker = Worker(environ)
    yield worker
    for process in worker.processes:
        process.kill()
        process.wait(timeout=30)


@pytest.fixture
def look(tmp_path: Path) -> Callable[[str], list[Any]]:
    """What stands in the first column."""

    def look(query: str) -> list[Any]:
        path = tmp_path / "var" / "newsroom.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute(query)]

    return look


@pytest.fixture
def states(look: Callable[[str], list[Any]]) -> Callable[[], list[str]]:
    return lambda: look("SELECT state FROM comments_outbox")


@pytest.fixture
def runs(look: Callable[[str], list[Any]]) -> Callable[[], int]:
    """How many comments have been tagged."""
    return lambda: len(look("SELECT id FROM analysis_taggingrun"))


def test_a_worker_that_is_killed_at_every_step_loses_no_mail_and_repeats_at_most_the_one_it_was_at(
    environ: dict[str, str], worker: Worker, server: MailServer, states: Callable[[], list[str]]
) -> None:
    subprocess.run([sys.executable, "-c", _QUEUE.format(mails=len(DEATHS) + 1)], cwd=ROOT, env=environ, check=True)
    assert states() == ["waiting"] * (len(DEATHS) + 1)
    deaths: list[str] = []

    def pull(step: str) -> str | None:
        # One death at each step, each at a mail of its own: those before it have been noted as sent.
        if len(deaths) == len(DEATHS) or step != DEATHS[len(deaths)] or states().count("sent") < len(deaths):
            return None
        worker.kill()
        deaths.append(step)
        return CUT

    server.hook = pull
    try:
        for number in range(len(DEATHS)):
            worker.start()
            wait_until(lambda number=number: len(deaths) > number, f"the worker dies at {DEATHS[number]}")
        worker.start()
        wait_until(lambda: set(states()) == {"sent"}, "every mail is sent")
    finally:
        server.hook = lambda step: None
    copies = server.copies()
    assert len(copies) == len(DEATHS) + 1
    assert {mail.recipients for mail in server.mails} == {(f"reader{n}@example.org",) for n in range(len(copies))}
    # Before the final dot a worker has sent nothing; after it, the mail that it was at comes once more.
    assert sorted(copies.values()) == [1] * (len(copies) - 2) + [2, 2]
    for name in copies:
        assert len({mail.recipients for mail in server.mails if mail.message_id == name}) == 1


def test_a_mail_server_that_does_not_answer_keeps_no_tag_waiting(
    environ: dict[str, str],
    worker: Worker,
    server: MailServer,
    states: Callable[[], list[str]],
    runs: Callable[[], int],
) -> None:
    environ |= {"MAIL_TIMEOUT": "600", "MAIL_CLAIM_SECONDS": "600"}
    server.faults = {"connect": HANG}
    try:
        worker.start()
        subprocess.run([sys.executable, "-c", _QUEUE.format(mails=5)], cwd=ROOT, env=environ, check=True)
        wait_until(lambda: "connect" in server.steps, "the worker waits for the mail server")
        subprocess.run([sys.executable, "-c", _POST], cwd=ROOT, env=environ, check=True)
        wait_until(lambda: runs() == 1, "the comment is tagged")
        assert sorted(states()) == ["sending", *["waiting"] * 4]
    finally:
        server.faults = {}
        worker.kill()
