"""The web server: which answers leave the connection open."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterable, Iterator

import pytest
from waitress import wasyncore

from newsroom.webserver import make_server

ANSWERS: dict[str, tuple[str, list[tuple[str, str]], list[bytes]]] = {
    "/page": ("200 OK", [("Content-Length", "4")], [b"page"]),
    "/known": ("304 Not Modified", [("ETag", 'W/"1"')], []),
    "/counted": ("304 Not Modified", [("Content-Length", "0")], []),
    "/gone": ("204 No Content", [], []),
    "/endless": ("200 OK", [], [b"of unknown ", b"length"]),
    "/wordy": ("304 Not Modified", [], [b"a body where none may be"]),
}


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    status, headers, chunks = ANSWERS[environ["PATH_INFO"]]
    start_response(status, headers)
    return iter(chunks)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    number = listening.getsockname()[1]
    server = make_server(application, listening)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield number
    # Its loop ends when nothing is left to listen to.
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    thread.join(10)
    server.task_dispatcher.shutdown()
    assert not thread.is_alive()


@pytest.fixture
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as one:
        one.connect()
        yield one


def ask(connection: http.client.HTTPConnection, path: str, **headers: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    return response


@pytest.mark.parametrize("path", ["/known", "/counted", "/gone"])
def test_an_answer_without_a_body_leaves_the_connection_open(connection: http.client.HTTPConnection, path: str) -> None:
    first = ask(connection, path)
    used = connection.sock
    assert first.getheader("Connection") is None
    assert first.getheader("Content-Length") is None
    assert ask(connection, path).status == first.status
    assert ask(connection, "/page").status == 200
    assert connection.sock is used is not None


def test_a_body_where_none_may_be_is_not_sent(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "/wordy").status == 304
    connection.request("GET", "/page")
    assert connection.getresponse().read() == b"page"


def test_who_asks_for_the_end_of_the_connection_gets_it(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "/known", Connection="close").getheader("Connection") == "close"
    assert connection.sock is None


def test_an_answer_of_unknown_length_ends_the_connection(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "/endless").getheader("Connection") == "close"
    assert connection.sock is None


def test_an_old_client_finds_the_connection_closed(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"GET /known HTTP/1.0\r\n\r\n")
        with raw.makefile("rb") as answer:
            said = answer.read()  # returns at the end of the connection
    assert said.startswith(b"HTTP/1.0 304 Not Modified\r\n")
    assert b"Connection: close\r\n" in said


def test_requests_sent_at_once_are_answered_in_order(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        one = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
        last = b"GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        raw.sendall(one % b"/known" + one % b"/gone" + last)
        with raw.makefile("rb") as answer:
            said = answer.read()
    heads = [line for line in said.split(b"\r\n") if line.startswith(b"HTTP/1.1")]
    assert heads == [b"HTTP/1.1 304 Not Modified", b"HTTP/1.1 204 No Content", b"HTTP/1.1 200 OK"]
    assert said.endswith(b"\r\n\r\npage")
