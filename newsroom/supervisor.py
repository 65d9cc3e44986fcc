"""Runs a few child processes: starts them, waits until they are ready, restarts what dies, stops all of them.

Knows nothing of Django; `manage.py demo` is its caller. A child finds two inherited descriptors in its environment
under the names in `newsroom.children`: on one it says that it is ready, the other ends when this process does.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from newsroom.children import LIFELINE, READY

_STEADY_SECONDS = 60.0
"""A child that lived this long has started well; its earlier deaths are forgotten."""

_MAX_QUICK_DEATHS = 5

_LOOK_SECONDS = 0.2


class ChildFailed(Exception):
    """A child did not start, or died again and again; the message says which and how."""


@dataclass
class Child:
    """One process to keep running.

    Args:
        name: for messages.
        command: the program and its arguments.
        environ: added to the supervisor's own environment.
        pass_fds: descriptors that the child inherits.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    ready_pipe: int | None = None
    started_at: float = 0.0
    quick_deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Keeps children running until SIGINT or SIGTERM.

    Args:
        say: takes one line for the person at the terminal.
        grace: seconds that a child has to finish its work before it is killed.
    """

    def __init__(self, children: Sequence[Child], *, say: Callable[[str], None], grace: float = 15.0) -> None:
        self._children = list(children)
        self._say = say
        self._grace = grace
        self._is_stopping = False
        # Children hold the reading end. Nobody ever writes: the end of file, when this process is gone, is the message.
        self._lifeline, self._our_end = os.pipe()

    def run(self, on_ready: Callable[[], None], *, ready_seconds: float = 60.0) -> None:
        """Start the children, call `on_ready` once all of them are, and keep them running until a signal comes.

        Raises:
            ChildFailed: a child was not ready in time, or kept dying. All children are stopped by then.
        """
        with self._signals():
            try:
                for child in self._children:
                    self._start(child)
                for child in self._children:
                    self._await_ready(child, time.monotonic() + ready_seconds)
                if not self._is_stopping:
                    on_ready()
                while not self._is_stopping:
                    for child in self._children:
                        self._look_after(child)
                    time.sleep(_LOOK_SECONDS)
            finally:
                self._stop()

    def _start(self, child: Child) -> None:
        """Start a child, with a pipe on which it says that it is ready."""
        _close(child)
        child.ready_pipe, hears = os.pipe()
        child.process = subprocess.Popen(  # noqa: S603  what our caller named
            child.command,
            env={**os.environ, **child.environ, LIFELINE: str(self._lifeline), READY: str(hears)},
            pass_fds=[self._lifeline, hears, *child.pass_fds],
            stdin=subprocess.DEVNULL,
            # A session of its own: Ctrl-C at the terminal reaches this process, which then stops them in order.
            start_new_session=True,
        )
        os.close(hears)
        child.started_at = time.monotonic()
        child.restart_at = None

    def _await_ready(self, child: Child, deadline: float) -> None:
        assert child.ready_pipe is not None
        with selectors.DefaultSelector() as selector:
            selector.register(child.ready_pipe, selectors.EVENT_READ)
            while not self._is_stopping:
                if selector.select(timeout=_LOOK_SECONDS):
                    break
                if time.monotonic() > deadline:
                    raise ChildFailed(f"The {child.name} was not ready in time; what it says stands above.")
        said = b"" if self._is_stopping else os.read(child.ready_pipe, 16)
        if not said and not self._is_stopping:
            raise ChildFailed(f"The {child.name} ended before it was ready; what it says stands above.")

    def _look_after(self, child: Child) -> None:
        """Restart a child that died, after a pause that grows with each quick death."""
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                self._start(child)
            return
        assert child.process is not None
        code = child.process.poll()
        if code is None:
            return
        child.quick_deaths = 1 if now - child.started_at > _STEADY_SECONDS else child.quick_deaths + 1
        if child.quick_deaths > _MAX_QUICK_DEATHS:
            raise ChildFailed(f"The {child.name} died {child.quick_deaths} times in a row; what it says stands above.")
        pause = 0.25 * 2 ** (child.quick_deaths - 1)
        child.restart_at = now + pause
        self._say(f"The {child.name} ended ({_how(code)}); it is started again in {pause:g} s.")

    def _stop(self) -> None:
        """Ask all children to stop, wait, and kill what is left after the grace period."""
        running = [child.process for child in self._children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self._grace
        for process in running:
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self._children:
            _close(child)
        os.close(self._our_end)
        os.close(self._lifeline)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    @contextmanager
    def _signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _close(child: Child) -> None:
    if child.ready_pipe is not None:
        os.close(child.ready_pipe)
        child.ready_pipe = None


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
