"""Several moderators at one queue at the same moment, over HTTP, on SQLite and on PostgreSQL: no decision is
overwritten unseen, no row of the log is lost, and every answer is true."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from tests.plugins.site import ROOT, Site

pytestmark = pytest.mark.worker

MODERATORS = ("mona", "mila", "mark", "milo")
COMMENTS = 30
ROUNDS = 2

_PREPARE = """
import json, sys, django
django.setup()
from django.contrib.auth.models import Group, User
from comments.models import AccessToken, Comment, Thread
names, count = json.loads(sys.argv[1]), int(sys.argv[2])
tokens = {}
for name in names:
    user, _ = User.objects.get_or_create(username=name)
    user.groups.add(Group.objects.get(name="Moderators"))
    tokens[name] = AccessToken.issue(user=user, label="test")
made = [
    Comment.objects.create(
        thread_id=1, author_name="Carl", html=f"<p>Remark {number}.</p>", status="pending", tagged_revision=1
    ).pk
    for number in range(count)
]
json.dump({"tokens": tokens, "made": made, "public": Thread.objects.get(pk=1).comment_count}, sys.stdout)
"""


@dataclass
class Moderator:
    """One client: what it believes of each comment, and what it was answered."""

    site: Site
    name: str
    token: str
    known: dict[int, tuple[str, int]]
    done: dict[int, dict[str, Any]] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)

    def work(self, start: threading.Barrier) -> None:
        """Decide on everything, in an order of one's own, some one by one and some together; take some of it back."""
        chance = random.Random(self.name)
        start.wait()
        for _ in range(ROUNDS):
            order = list(self.known)
            chance.shuffle(order)
            while order:
                some = [order.pop() for _ in range(min(len(order), chance.choice([1, 1, 4])))]
                batch, events = self._decide(some, chance)
                if len(some) > 1 and events and chance.random() < 0.3:
                    self._undo({"batch": batch})
                elif events and chance.random() < 0.3:
                    self._undo({"event": chance.choice(events)})

    def _decide(self, ids: list[int], chance: random.Random) -> tuple[str, list[int]]:
        said = []
        for pk in ids:
            status, revision = self.known[pk]
            to = chance.choice(["approved", "rejected", "spam"])
            reason = chance.choice(["abuse", "other"]) if to == "rejected" else ""
            said.append({"comment": pk, "to": to, "reason": reason, "seen_status": status, "seen_revision": revision})
        answer = self._send("/api/v1/moderation/decisions/", {"decisions": said})
        events = []
        for sent, result in zip(said, answer["results"], strict=True):
            assert result["comment"] == sent["comment"]
            self._note(result, sent)
            if result.get("event"):
                events.append(result["event"])
        return answer["batch"], events

    def _undo(self, what: dict[str, Any]) -> None:
        for result in self._send("/api/v1/moderation/undo/", what)["results"]:
            self._note(result, {"undoes": result["undoes"]})

    def _note(self, result: dict[str, Any], sent: dict[str, Any]) -> None:
        self.codes.add(result["status_code"])
        if result.get("event"):
            assert result["event"] not in self.done
            self.done[result["event"]] = {**sent, "comment": result["comment"], "status": result["status"]}
        self.known[result["comment"]] = (result["status"], result["revision"])

    def _send(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        status, text = self.site.request(path, data, {"Authorization": f"Bearer {self.token}"})
        assert status == 200, text
        answer: dict[str, Any] = json.loads(text)
        return answer


@pytest.fixture(params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> tuple[Site, dict[str, str]]:
    """A running site, and what else its processes have in their environment."""
    if request.param == "sqlite":
        return request.getfixturevalue("site"), {}
    environ = {"DATABASE_URL": request.getfixturevalue("postgres")}
    return make_site(**environ).start(), environ


def test_four_moderators_overwrite_nothing_unseen_and_lose_no_row_of_the_log(
    running: tuple[Site, dict[str, str]],
) -> None:
    site, environ = running
    prepared = _prepare(site, environ)
    ids = prepared["made"]
    team = [Moderator(site, name, prepared["tokens"][name], dict.fromkeys(ids, ("pending", 1))) for name in MODERATORS]
    start = threading.Barrier(len(team))
    with ThreadPoolExecutor(len(team)) as pool:
        for working in [pool.submit(one.work, start) for one in team]:
            working.result()

    marks = ", ".join(map(str, ids))
    log = site.query(
        "SELECT e.id, e.comment_id, e.action, e.from_status, e.to_status, u.username, e.undoes_id"
        " FROM comments_moderationevent e LEFT JOIN auth_user u ON u.id = e.by_id"
        f" WHERE e.comment_id IN ({marks}) ORDER BY e.id"
    )
    status = dict(site.query(f"SELECT id, status FROM comments_comment WHERE id IN ({marks})"))
    # They did meet: who is never late proves nothing.
    assert set().union(*(one.codes for one in team)) == {200, 409}
    _no_row_is_lost(log, team)
    for pk in ids:
        _holds_together([row for row in log if row[1] == pk], status[pk])
    (public,) = site.query("SELECT comment_count FROM comments_thread WHERE id = 1")[0]
    assert public == prepared["public"] + sum(stands == "approved" for stands in status.values())


def _no_row_is_lost(log: list[tuple[Any, ...]], team: list[Moderator]) -> None:
    """Every change that was answered is in the log as it was answered, and nothing else is."""
    answered = {event: (one.name, said) for one in team for event, said in one.done.items()}
    assert [row[0] for row in log] == sorted(answered)
    for event, comment, action, was, became, name, undoes in log:
        who, said = answered[event]
        assert (who, said["comment"], said["status"]) == (name, comment, became)
        if action == "undo":
            assert said["undoes"] == undoes
        else:
            # What was decided on is what the moderator had seen.
            assert (action, said["to"], said["seen_status"]) == ("status", became, was)


def _holds_together(log: list[tuple[Any, ...]], status: str) -> None:
    """Each row of a comment begins where the one before ended, and an undo takes back the last that stood."""
    assert log[0][3] == "pending"
    assert all(before[4] == after[3] for before, after in pairwise(log))
    assert log[-1][4] == status
    standing: list[tuple[Any, ...]] = []
    for row in log:
        if row[2] == "undo":
            undone = standing.pop()
            assert (row[6], row[3], row[4]) == (undone[0], undone[4], undone[3])
        else:
            standing.append(row)


def _prepare(site: Site, environ: dict[str, str]) -> dict[str, Any]:
    """Make the moderators, their tokens, and comments that wait."""
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE, json.dumps(MODERATORS), str(COMMENTS)],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(site.var_dir), "DJANGO_SETTINGS_MODULE": "newsroom.settings", **environ},
        check=True,
        capture_output=True,
        text=True,
    )
    prepared: dict[str, Any] = json.loads(done.stdout)
    return prepared
