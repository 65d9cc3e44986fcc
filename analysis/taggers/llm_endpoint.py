"""Asks a language model over HTTP: one question, one answer, within a time and a size.

Owns the wire format of OpenAI-compatible endpoints ("chat completions"); only `llm` calls it. The standard library's
HTTP client and nothing around it: no redirect is followed, since the key would go along.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

MOST_ANSWER = 256 * 1024
"""Bytes. The tags of an article with their quotations are some kilobytes."""


ABOUT_THE_QUESTION = frozenset({400, 413, 422})
"""Statuses by which an endpoint refuses one question: too long, or against its rules. The next may be answered."""


class EndpointFault(Exception):
    """The endpoint gave no usable answer. The message says why, and never holds the key or the question."""

    def __init__(self, message: str, *, is_about_the_question: bool = False) -> None:
        super().__init__(message)
        self.is_about_the_question = is_about_the_question


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask and how. `url` is the base that the operator's documentation names (".../v1"); `seconds` are for the
    whole exchange; `options` are fields added to each request. `key` is in no `repr`."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 20.0
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({"temperature": 0}))

    def ask(self, instructions: str, question: str) -> str:
        """The text of the model's answer. Raises `EndpointFault`."""
        body = {
            **self.options,
            "model": self.model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": question}],
            "response_format": {"type": "json_object"},
        }
        answer = self._exchange(json.dumps(body).encode())
        try:
            content = json.loads(answer)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise EndpointFault("The endpoint's answer is no chat completion.") from error
        if not isinstance(content, str):
            raise EndpointFault("The model's answer holds no text.")
        return content

    def _exchange(self, body: bytes) -> bytes:
        connection, path = self._connection()
        # A limit on each step, which is all that a socket knows, lets an endpoint that sends a byte now and then hold a
        # worker for ever. This one ends the exchange wherever it stands.
        clock = threading.Timer(self.seconds, _hang_up, [connection])
        clock.daemon = True
        try:
            clock.start()
            connection.request("POST", path, body, self._headers())
            response = connection.getresponse()
            if response.status != 200:
                raise EndpointFault(
                    f"The endpoint answered {response.status}.",
                    is_about_the_question=response.status in ABOUT_THE_QUESTION,
                )
            answer = response.read(MOST_ANSWER + 1)
            if response.length:
                raise EndpointFault("The endpoint's answer is incomplete or too long.")
        except (OSError, HTTPException, ValueError) as error:
            # Only the kind: the text of an error may quote what was sent.
            raise EndpointFault(f"The endpoint cannot be reached or took too long ({type(error).__name__}).") from error
        finally:
            clock.cancel()
            connection.close()
        if len(answer) > MOST_ANSWER:
            raise EndpointFault("The endpoint's answer is incomplete or too long.")
        return answer

    def _connection(self) -> tuple[HTTPConnection, str]:
        fault = fault_in(self.url)
        if fault:
            raise EndpointFault(fault)
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        path = parts.path.rstrip("/") + "/chat/completions" + (f"?{parts.query}" if parts.query else "")
        return kind(parts.hostname or "", parts.port, timeout=self.seconds), path

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return headers


def fault_in(url: str) -> str:
    """What is wrong with the address of an endpoint; empty where nothing is."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read where it is asked for, and refused there
    except ValueError:
        return "The endpoint's address cannot be read."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "The endpoint's address is no http or https URL."
    if parts.username or parts.password:
        return "The endpoint's address holds a password; the key has a setting of its own."
    return ""


def _hang_up(connection: HTTPConnection) -> None:
    """End what another thread waits for; closing alone would not wake it."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is over already
