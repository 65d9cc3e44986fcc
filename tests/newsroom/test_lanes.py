"""The lanes of the embedded worker: each names a task that there is."""

from __future__ import annotations

from importlib import import_module

from newsroom.celery import LANES, app


def test_each_task_with_a_lane_of_its_own_is_there() -> None:
    # Imported by name: Celery's own way runs Django's checks first, some of which ask the database.
    for module in {name.rpartition(".")[0] for name in LANES}:
        import_module(module)

    assert LANES.keys() - app.tasks.keys() == set()


def test_what_asks_a_service_and_what_learns_for_minutes_keep_no_tag_waiting() -> None:
    lanes = [LANES.get(name) for name in ("comments.tasks.tell_akismet", "analysis.tasks.learn_screen")]

    assert None not in lanes
    assert len(set(lanes)) == 2
