"""The embedded broker: Celery's filesystem transport, with messages that appear and disappear whole.

Kombu's own opens a message's file before it locks and fills it, so that a worker that looks at the wrong moment reads
half a message and dies of it; it moves taken messages to the system's temporary folder, which may be another disk; and
it lists the folder anew for each message. Named by `CELERY_BROKER_TRANSPORT` in the settings and by nobody else.
"""

from __future__ import annotations

import json
import os
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem

_MAX_WAIT = 0.25
"""Seconds."""


class Channel(filesystem.Channel):
    """Messages as files, each written and taken by renaming, which is atomic within one folder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.control_folder.mkdir(parents=True, exist_ok=True)
        self._listed: dict[str, deque[str]] = {}

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000):015d}_{uuid.uuid4()}.{queue}.msg"
        part = folder / f"{name}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)  # somebody may have cleared it away under a running site
            part.write_text(json.dumps(payload), encoding="utf-8")
            part.replace(folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}: {error.strerror}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        names = self._listed.get(queue)
        if not names:
            names = self._listed[queue] = deque(_waiting(folder, queue))
        while names:
            name = names.popleft()
            taken = folder / f"{name}.{os.getpid()}.taken"
            try:
                (folder / name).rename(taken)
                content = taken.read_text(encoding="utf-8")
                taken.unlink()
            except OSError:
                continue  # another worker was first
            try:
                return json.loads(content)
            except ValueError:
                continue  # damaged by whatever else writes here; the sweep finds what it was about
        raise Empty

    def _size(self, queue: str) -> int:
        return len(_waiting(Path(self.data_folder_in), queue))

    def _purge(self, queue: str) -> int:
        waiting = _waiting(Path(self.data_folder_in), queue)
        for name in waiting:
            (Path(self.data_folder_in) / name).unlink(missing_ok=True)
        self._listed.pop(queue, None)
        return len(waiting)


class Transport(filesystem.Transport):
    """The transport with the channel above."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> Any:
        # A worker looks only between two waits whether it is to stop, and it waits for two seconds at a time.
        return super().drain_events(connection, timeout=timeout and min(timeout, _MAX_WAIT))


def prepare(*folders: str) -> None:
    """Make the broker's folders, and drop tables of bindings that a killed process left half written."""
    for folder in map(Path, folders):
        folder.mkdir(parents=True, exist_ok=True)
        for table in folder.glob("*.exchange"):
            try:
                json.loads(table.read_text(encoding="utf-8"))
            except ValueError:
                table.unlink(missing_ok=True)


def _waiting(folder: Path, queue: str) -> list[str]:
    """Names of the messages of a queue, oldest first; none where the folder is gone, which `/readyz` says."""
    try:
        found = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name for name in found if name.partition(".")[2] == f"{queue}.msg")
