"""The embedded broker: each message arrives once and whole."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from newsroom import file_broker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "queue"


@pytest.fixture
def connect(folder: Path) -> Iterator[Any]:
    connections: list[Connection] = []

    def channel() -> Any:
        options = {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder.parent / "control"),
        }
        connections.append(
            Connection("filesystem://localhost", transport=file_broker.Transport, transport_options=options)
        )
        return connections[-1].channel()

    yield channel
    for connection in connections:
        connection.release()


def drain(channel: Any, queue: str = "celery") -> list[Any]:
    found = []
    while True:
        try:
            found.append(channel._get(queue))
        except Empty:
            return found


def test_messages_come_out_as_they_went_in_and_in_order(connect: Any, folder: Path) -> None:
    channel = connect()
    for number in range(5):
        channel._put("celery", {"number": number})
    channel._put("other", {"number": 9})
    assert channel._size("celery") == 5
    assert sorted(found["number"] for found in drain(channel)) == [0, 1, 2, 3, 4]
    assert drain(channel, "other") == [{"number": 9}]
    assert list(folder.iterdir()) == []


def test_two_workers_share_the_messages_and_double_none(connect: Any) -> None:
    channel = connect()
    for number in range(200):
        channel._put("celery", {"number": number})
    found: list[int] = []

    def work(mine: Any) -> None:
        found.extend(message["number"] for message in drain(mine))

    threads = [threading.Thread(target=work, args=(connect(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(200))


def test_a_half_written_message_is_not_seen(connect: Any, folder: Path) -> None:
    channel = connect()
    channel._put("celery", {"number": 1})
    whole = next(folder.iterdir())
    whole.rename(whole.with_name(f"{whole.name}.part"))
    assert drain(channel) == []


def test_a_damaged_message_stops_nobody(connect: Any, folder: Path) -> None:
    channel = connect()
    channel._put("celery", {"number": 1})
    next(folder.iterdir()).write_text("{")
    channel._put("celery", {"number": 2})
    assert drain(channel) == [{"number": 2}]


def test_a_folder_that_was_removed_is_made_again(connect: Any, folder: Path) -> None:
    channel = connect()
    assert drain(channel) == []
    channel._put("celery", {"number": 1})
    assert drain(channel) == [{"number": 1}]


def test_a_folder_that_cannot_be_written_is_an_error_of_the_channel(connect: Any, folder: Path) -> None:
    channel = connect()
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file in its place")
    with pytest.raises(file_broker.ChannelError, match="Cannot add a message"):
        channel._put("celery", {"number": 1})
    assert drain(channel) == []


def test_purging_leaves_other_queues_alone(connect: Any) -> None:
    channel = connect()
    channel._put("celery", {"number": 1})
    channel._put("other", {"number": 2})
    assert channel._purge("celery") == 1
    assert drain(channel) == []
    assert drain(channel, "other") == [{"number": 2}]


def test_preparing_drops_a_half_written_table_and_keeps_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / "broken.exchange").write_text("")
    (tmp_path / "whole.exchange").write_text(json.dumps([["celery", "", "celery"]]))
    file_broker.prepare(str(tmp_path), str(tmp_path / "new"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "whole.exchange"]
