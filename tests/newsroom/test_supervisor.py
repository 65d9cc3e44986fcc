"""The supervisor: what it does with children that start, die, and do not want to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import psutil
import pytest

from newsroom.supervisor import Child, ChildFailed, Supervisor
from tests.plugins.site import is_alive, wait_until

READY = "import os; os.write(int(os.environ['NEWSROOM_READY_FD']), b'ready')\n"
STAYS = READY + "import signal; signal.pause()\n"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + READY + "while True: signal.pause()\n"


def child(code: str, name: str = "child") -> Child:
    return Child(name, [sys.executable, "-c", code])


def stop_us() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_it_tells_once_all_are_ready_and_stops_all_at_a_signal() -> None:
    children = [child(STAYS), child(STAYS)]
    seen: list[psutil.Process] = []

    def on_ready() -> None:
        seen.extend(psutil.Process(one.process.pid) for one in children if one.process)
        stop_us()

    Supervisor(children, say=print).run(on_ready)
    assert len(seen) == 2
    assert not any(is_alive(process) for process in seen)


def test_a_child_that_ends_before_it_is_ready_is_said() -> None:
    with pytest.raises(ChildFailed, match="The child ended before it was ready"):
        Supervisor([child("raise SystemExit(3)")], say=print).run(lambda: None)


def test_a_child_that_never_gets_ready_is_said_and_stopped() -> None:
    silent = child("import signal; signal.pause()")
    with pytest.raises(ChildFailed, match="not ready in time"):
        Supervisor([silent], say=print).run(lambda: None, ready_seconds=0.1)
    assert silent.process is not None
    assert silent.process.returncode == -signal.SIGTERM


def test_a_child_that_is_killed_is_started_again() -> None:
    one, said = child(STAYS), []

    def kill_it_and_watch() -> None:
        assert one.process is not None
        first = one.process.pid
        one.process.kill()
        wait_until(lambda: one.process.pid != first and is_alive(psutil.Process(one.process.pid)), "a new child")
        stop_us()

    Supervisor([one], say=said.append).run(lambda: threading.Thread(target=kill_it_and_watch).start())
    assert said == ["The child ended (signal SIGKILL); it is started again in 0.25 s."]


def test_a_child_that_keeps_dying_is_given_up_visibly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsroom.supervisor._MAX_QUICK_DEATHS", 2)
    said: list[str] = []
    with pytest.raises(ChildFailed, match="The child died 3 times in a row"):
        Supervisor([child(READY + "raise SystemExit(7)")], say=said.append).run(lambda: None)
    assert said == [
        "The child ended (exit code 7); it is started again in 0.25 s.",
        "The child ended (exit code 7); it is started again in 0.5 s.",
    ]


def test_a_child_that_does_not_stop_is_killed_after_the_grace_period() -> None:
    deaf = child(DEAF)
    Supervisor([deaf], say=print, grace=0.2).run(stop_us)
    assert deaf.process is not None
    assert deaf.process.returncode == -signal.SIGKILL


def test_the_handlers_of_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    Supervisor([child(STAYS)], say=print).run(stop_us)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_descriptor_is_handed_down(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    one = Child("child", [sys.executable, "-c", STAYS + ""], {"GIVEN": str(writing)}, pass_fds=[writing])
    one.command = [sys.executable, "-c", "import os; os.write(int(os.environ['GIVEN']), b'hello')\n" + STAYS]
    Supervisor([one], say=print).run(stop_us)
    assert os.read(reading, 10) == b"hello"
    os.close(reading)
    os.close(writing)
