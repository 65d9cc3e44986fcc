"""A real web server on this machine, for tests of webhooks: it takes messages, and misbehaves where a test says so."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CUT, HANG, DRIP = -1, -2, -3
"""The connection breaks off; no answer comes; an answer comes a byte at a time and never ends."""


@dataclass(frozen=True)
class Message:
    """What came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HookServer:
    """What a test sets and sees.

    Args:
        answer: a status, or CUT, HANG or DRIP.
        hook: called with each message before it is answered.
    """

    port: int = 0
    answer: int = 200
    messages: list[Message] = field(default_factory=list)
    hook: Callable[[Message], object] = lambda message: None
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=newsroom"


@contextmanager
def running_hook_server() -> Iterator[HookServer]:
    """A server on a free port, stopped at the end."""
    stage = HookServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            message = Message(self.path, dict(self.headers.items()), body)
            stage.messages.append(message)
            stage.hook(message)
            if stage.answer == HANG:
                stage.over.wait(30)
            elif stage.answer == DRIP:
                self._drip()
            elif stage.answer == CUT:
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self._answer()

        def _answer(self) -> None:
            self.send_response(stage.answer)
            if 300 <= stage.answer < 400:
                self.send_header("Location", f"http://127.0.0.1:{stage.port}/elsewhere")
            self.end_headers()
            self.wfile.write(b"x" * 100_000)

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stage.over.wait(0.01):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return

        def log_message(self, *args: object) -> None:
            pass

        def handle_error(self) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # what a cut connection leaves behind

    server = Server(("127.0.0.1", 0), Handler)
    stage.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        stage.over.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
