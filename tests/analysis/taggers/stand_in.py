"""A stand-in for an OpenAI-compatible endpoint: a real HTTP server on this machine that checks what it is asked.

It refuses what such an endpoint refuses, and keeps every question, so that a test can read what left the house.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL, KEY = "stand-in-1", "a-key-of-the-stand-in"


def completion(content: object) -> bytes:
    """The body of an answer whose text is `content`, as JSON unless it is a text already."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    return json.dumps(
        {"id": "x", "object": "chat.completion", "model": MODEL, "choices": [{"index": 0, "message": message}]}
    ).encode()


@dataclass
class StandIn:
    """`answer` makes the body from the question, the JSON object of the user's message; or it writes the whole answer
    by itself with the handler that it is given, and returns None."""

    answer: Callable[[dict[str, Any], BaseHTTPRequestHandler], bytes | None]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def questions(self) -> list[dict[str, Any]]:
        return [json.loads(request["messages"][1]["content"]) for request in self.requests]


def _faults_in(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> Iterator[str]:
    if handler.path != "/v1/chat/completions":
        yield f"path {handler.path}"
    if handler.headers["Authorization"] != f"Bearer {KEY}":
        yield "no key"
    if handler.headers["Content-Type"] != "application/json":
        yield "no JSON"
    if body.get("model") != MODEL:
        yield "another model"
    if [message.get("role") for message in body.get("messages", [])] != ["system", "user"]:
        yield "other roles"
    if body.get("response_format") != {"type": "json_object"}:
        yield "no response format"
    if body.keys() & {"tools", "tool_choice", "functions", "stream"}:
        yield "tools"


@contextmanager
def serving(answer: Callable[[dict[str, Any], BaseHTTPRequestHandler], bytes | None]) -> Iterator[StandIn]:
    """Serve on a free port for as long as the block runs."""
    stand_in = StandIn(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stand_in.requests.append(body)
            stand_in.faults += (faults := list(_faults_in(self, body)))
            if faults:
                self.send_error(400, ", ".join(faults))
                return
            content = stand_in.answer(json.loads(body["messages"][1]["content"]), self)
            if content is not None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            return  # a client that hung up in the middle is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield stand_in
    finally:
        stand_in.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
