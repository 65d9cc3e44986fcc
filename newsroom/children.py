"""The processes that the demo's supervisor starts: `python -m newsroom.children web` and `… worker`.

Each says on one inherited pipe when it is ready, and stops when another is closed: the supervisor holds that one's
other end, so however the supervisor dies, its children do not outlive it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping

LIFELINE = "NEWSROOM_LIFELINE_FD"
READY = "NEWSROOM_READY_FD"
LISTEN = "NEWSROOM_LISTEN_FD"

_GRACE_SECONDS = 10.0


def main(arguments: list[str], environ: Mapping[str, str]) -> None:
    """Run one of the processes until it is told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    if LIFELINE in environ:
        threading.Thread(target=_stop_with_supervisor, args=(int(environ[LIFELINE]),), daemon=True).start()
    if arguments == ["web"]:
        _run_web(environ)
    elif arguments == ["worker"]:
        _run_worker(environ)
    else:
        raise SystemExit("Say which process to run: web or worker.")


def _run_web(environ: Mapping[str, str]) -> None:
    from newsroom.webserver import make_server
    from newsroom.wsgi import application

    server = make_server(application, socket.socket(fileno=int(environ[LISTEN])))
    # waitress finishes what it has begun when SystemExit reaches its loop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _say_ready(environ)
    server.run()


def _run_worker(environ: Mapping[str, str]) -> None:
    from newsroom.celery import run_worker

    run_worker(on_ready=lambda: _say_ready(environ))


def _say_ready(environ: Mapping[str, str]) -> None:
    if READY in environ:
        os.write(int(environ[READY]), b"ready\n")
        os.close(int(environ[READY]))


def _stop_with_supervisor(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns when the other end is closed, by whatever
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
