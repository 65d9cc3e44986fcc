"""The lanes of the embedded worker: each names a task that there is."""

from __future__ import annotations

from newsroom.celery import LANES, app


def test_each_task_with_a_lane_of_its_own_is_there() -> None:
    app.loader.import_default_modules()

    assert LANES.keys() - app.tasks.keys() == set()


def test_what_asks_a_service_and_what_learns_for_minutes_keep_no_tag_waiting() -> None:
    lanes = [LANES.get(name) for name in ("comments.tasks.tell_akismet", "analysis.tasks.learn_screen")]

    assert None not in lanes
    assert len(set(lanes)) == 2
