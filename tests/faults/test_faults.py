"""What happens when parts of the running site are killed or taken away: nothing that was acknowledged is lost or
doubled, and every comment has its tags in the end."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.plugins.site import Site, is_alive, wait_until

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
