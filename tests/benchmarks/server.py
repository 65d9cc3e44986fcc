"""A real web server in a process of its own, and what a request to it costs.

Wall time is a request's from the first byte sent to the last received, over one kept connection; CPU time is the
server process's, user and system, over a batch. Both are medians, and the batches of what is compared take turns, so
that a noisy neighbour meets all alike.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from newsroom.children import LISTEN


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True, slots=True)
class Request:
    """One kind of request. `prepare` runs before each and is not measured; it may return the body to send."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    prepare: Callable[[], str | None] | None = None
    expect: int = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians, in milliseconds."""

    wall: float
    cpu: float


class Server:
    """The site's own web server, as `make demo` runs it."""

    def __init__(self, environ: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "newsroom.children", "web"],
                env={**os.environ, **environ, LISTEN: str(listening.fileno())},
                pass_fds=[listening.fileno()],
                stdout=subprocess.DEVNULL,
            )
        self._psutil = psutil.Process(self.process.pid)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get("/healthz")
                break
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.1)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        return connection.getresponse().read()

    def send(self, request: Request) -> tuple[float, http.client.HTTPResponse, bytes]:
        """Send one request; return its wall time in milliseconds, the response and its body."""
        body = request.prepare() if request.prepare else None
        start = time.perf_counter()
        self.connection.request(request.method, request.path, body=body, headers=dict(request.headers))
        response = self.connection.getresponse()
        content = response.read()
        wall = (time.perf_counter() - start) * 1000
        if response.status != request.expect:
            raise SystemExit(f"{request.method} {request.path}: {response.status}\n{content[:2000]!r}")
        return wall, response, content

    def cpu(self) -> float:
        """Milliseconds of CPU that the process has used, all its threads together."""
        if sys.platform == "linux":
            # The clock of another process (clock_getcpuclockid(3)): exact, where the kernel's tables count in ticks of
            # 10 ms, which in a batch of 40 requests is a quarter of a millisecond each.
            return time.clock_gettime((~self.process.pid << 3) | 2) * 1000
        times = self._psutil.cpu_times()
        return (times.user + times.system) * 1000

    def compare(self, requests: dict[str, Request], *, rounds: int = 5, batch: int = 30) -> dict[str, Cost]:
        """Measure several kinds of request in turn."""
        walls: dict[str, list[float]] = {name: [] for name in requests}
        cpus: dict[str, list[float]] = {name: [] for name in requests}
        for request in requests.values():
            self.send(request)
            self.send(request)
        for _ in range(rounds):
            for name, request in requests.items():
                before = self.cpu()
                walls[name] += [self.send(request)[0] for _ in range(batch)]
                cpus[name].append((self.cpu() - before) / batch)
        return {name: Cost(statistics.median(walls[name]), statistics.median(cpus[name])) for name in requests}

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
