"""One question to a service over HTTP: posted, answered, within a time and a size.

The standard library's client and nothing around it: no redirect is followed, since words and key would go along. Only
the outside screens call this.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

MOST_ANSWER = 64 * 1024
"""Bytes."""


class ServiceFault(Exception):
    """The service gave no usable answer. The message says of which kind, and never what was asked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The body, and the headers in lower case."""

    body: bytes
    headers: Mapping[str, str]


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Reply:
    """Post and return the answer of a service.

    Args:
        seconds: for the whole exchange; the looking up of its name, which nobody can interrupt, aside.

    Raises:
        ServiceFault: there was none in time, or none with status 200.
    """
    connection, path = _connection(url, seconds)
    # A limit on each step would let a service that sends a byte now and then hold a visitor for ever.
    clock = threading.Timer(seconds, _hang_up, [connection])
    clock.daemon = True
    try:
        clock.start()
        connection.request("POST", path, body, {"Connection": "close", **headers})
        response = connection.getresponse()
        if response.status != 200:
            raise ServiceFault(f"it answered {response.status}")
        answer = response.read(MOST_ANSWER + 1)
        if response.length or len(answer) > MOST_ANSWER:
            raise ServiceFault("its answer is incomplete or too long")
        return Reply(answer, {name.lower(): value for name, value in response.getheaders()})
    except (OSError, HTTPException, ValueError) as error:
        raise ServiceFault(f"it cannot be reached or took too long ({type(error).__name__})") from error
    finally:
        clock.cancel()
        connection.close()


def _connection(url: str, seconds: float) -> tuple[HTTPConnection, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ServiceFault("its address cannot be read") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise ServiceFault("its address is no http or https URL")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(parts.hostname, port, timeout=seconds), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _hang_up(connection: HTTPConnection) -> None:
    """End what another thread waits for; closing alone would not wake it."""
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
