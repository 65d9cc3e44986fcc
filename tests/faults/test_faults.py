"""What happens when parts of the running site are killed or taken away: nothing that was acknowledged is lost or
doubled, and every comment has its tags in the end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.plugins.site import ROOT, Site, is_alive, wait_until

pytestmark = pytest.mark.worker

_TEXT = "Will the senior envoy travel? Remark number {number} of this series."


def texts(site: Site) -> Counter[str]:
    """How often each text of ours is in the database."""
    rows = site.query("SELECT html FROM comments_comment WHERE html LIKE '%of this series.</p>'")
    return Counter(html.removeprefix("<p>").removesuffix("</p>") for (html,) in rows)


def post_until_acknowledged(site: Site, number: int) -> None:
    """What a careful client does: send the same request again until there is an answer."""

    def is_acknowledged() -> bool:
        try:
            return site.post(_TEXT.format(number=number), key=f"attempt {number}") in {200, 201}
        except OSError:
            return False

    wait_until(is_acknowledged, f"comment {number} is acknowledged")


def test_a_killed_worker_loses_no_comment_and_no_tag(site: Site) -> None:
    for number in range(30):
        if number in {10, 20}:
            site.kill("worker")
        assert site.post(_TEXT.format(number=number), key=f"attempt {number}") == 201
    wait_until(lambda: site.untagged() == 0, "all comments are tagged")
    assert texts(site) == Counter({_TEXT.format(number=number): 1 for number in range(30)})
    runs = site.query(
        "SELECT comment_id, revision, count(*) FROM analysis_taggingrun GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert runs == []


def test_a_killed_web_server_doubles_no_comment_and_loses_no_acknowledged_one(site: Site) -> None:
    done = threading.Event()

    def kill_now_and_then() -> None:
        for share in (10, 30):
            wait_until(lambda share=share: sum(texts(site).values()) >= share, f"{share} comments are there")
            site.kill("web")
        done.set()

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    with ThreadPoolExecutor(max_workers=6) as pool:
        list(pool.map(lambda number: post_until_acknowledged(site, number), range(60)))
    killer.join()
    assert done.is_set()
    assert texts(site) == Counter({_TEXT.format(number=number): 1 for number in range(60)})
    wait_until(lambda: site.untagged() == 0, "all comments are tagged")
    public, counted = site.query(
        "SELECT (SELECT count(*) FROM comments_comment WHERE status = 'approved'),"
        " (SELECT comment_count FROM comments_thread)"
    )[0]
    assert public == counted


def test_a_broker_folder_that_is_cleared_away_loses_no_tag(site: Site) -> None:
    shutil.rmtree(site.var_dir / "queue")
    shutil.rmtree(site.var_dir / "control")
    assert site.post(_TEXT.format(number=1), key="a") == 201
    wait_until(lambda: site.untagged() == 0, "the comment is tagged")


def test_a_broker_that_cannot_be_written_delays_the_tag_and_not_the_post(site: Site) -> None:
    queue = site.var_dir / "queue"
    shutil.rmtree(queue)
    queue.write_text("a file in its place")
    assert site.post(_TEXT.format(number=1), key="a") == 201
    status, text = site.request("/readyz")
    assert status == 503
    assert json.loads(text)["broker"] == "unreachable"
    assert site.untagged() == 1
    queue.unlink()
    wait_until(lambda: site.untagged() == 0, "the comment is tagged")
    assert site.request("/readyz")[0] == 200


def test_what_was_posted_while_no_worker_ran_is_tagged_when_one_does(
    make_site: Callable[..., Site], seeded: Path, tmp_path: Path
) -> None:
    shutil.copytree(seeded, tmp_path / "var")
    # The sweep by the clock is far away: the one at the worker's start has to do.
    site = make_site(SWEEP_SECONDS="3600").start()
    worker = site.child("worker")
    worker.suspend()
    assert site.post(_TEXT.format(number=1), key="a") == 201
    shutil.rmtree(site.var_dir / "queue")
    worker.kill()
    wait_until(lambda: not is_alive(worker), "the worker is gone")
    wait_until(lambda: site.untagged() == 0, "the comment is tagged")


def test_the_page_answers_again_after_its_server_was_killed(site: Site) -> None:
    site.kill("web")
    # The supervisor holds the port: the request waits for the new server and is not refused.
    assert site.request("/articles/ukraine/")[0] == 200


def test_a_worker_that_is_killed_over_corrections_learns_and_tags_in_the_end(site: Site) -> None:
    environ = {**os.environ, "VAR_DIR": str(site.var_dir), "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    command = [sys.executable, "manage.py", "issue_token", "ed"]
    token = subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True).stdout.strip()
    (slug,) = site.query("SELECT slug FROM comments_tag ORDER BY id LIMIT 1")[0]
    ids = [pk for (pk,) in site.query("SELECT id FROM comments_comment WHERE status = 'approved' ORDER BY id LIMIT 12")]
    for number, pk in enumerate(ids):
        request = urllib.request.Request(
            f"{site.url}/api/v1/comments/{pk}/tags/{slug}/",
            data=json.dumps({"applies": number % 2 == 0}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
            method="PUT",
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200
        if number in {5, 11}:
            site.kill("worker")

    def everything_is_learned() -> bool:
        waiting = (
            "SELECT count(*) FROM comments_tagassignment a LEFT JOIN analysis_definition d ON d.tag_id = a.tag_id"
            " WHERE a.source = 'person' AND (d.learned_at IS NULL OR d.learned_at < a.at)"
        )
        return site.query(waiting)[0][0] == 0

    wait_until(everything_is_learned, "all corrections are learned from")
    wait_until(lambda: site.untagged() == 0, "all comments are tagged")
    said = site.query(
        "SELECT comment_id, verdict FROM comments_tagassignment WHERE source = 'person' ORDER BY comment_id"
    )
    assert said == [(pk, "yes" if number % 2 == 0 else "no") for number, pk in enumerate(ids)]
    doubled = "SELECT comment_id, revision FROM analysis_taggingrun GROUP BY 1, 2 HAVING count(*) > 1"
    assert site.query(doubled) == []
    live = "SELECT tag_id FROM analysis_learnedmodel WHERE is_live GROUP BY 1 HAVING count(*) > 1"
    assert site.query(live) == []
