"""waitress, as the site runs it: its limits, and connections that stay open behind an answer without a body.

`newsroom.children` and the benchmark start it; waitress itself knows nothing of the difference.
"""

from __future__ import annotations

import socket
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

_MAX_BODY = 4 * 1024 * 1024
"""Bytes. Above Django's own limit, so that a body that is only too long gets the site's sentence."""


class KeepingTask(WSGITask):
    """A request whose answer may end where its head ends.

    waitress takes an answer without `Content-Length` for one that only closing the connection can end. A 204 or 304
    must not carry that header and ends behind its head (RFC 9112, 6.3), so a browser that asks whether its copy still
    holds would have to connect anew each time: more work than the answer.
    """

    _keeps = False

    def build_response_header(self) -> Any:
        """The head, with "Connection: close" only where the client asked for it."""
        asked = self.request.headers.get("CONNECTION", "").lower()
        # `close_on_finish` is set by then where something went wrong; HTTP/1.0 closes unless told otherwise.
        self._keeps = not self.has_body and self.version == "1.1" and asked != "close" and not self.close_on_finish
        try:
            return super().build_response_header()
        finally:
            self._keeps = False

    def set_close_on_finish(self) -> None:
        """Close the connection behind the answer, unless only the missing length speaks for it."""
        if not self._keeps:
            super().set_close_on_finish()


class KeepingChannel(HTTPChannel):
    """A connection that serves `KeepingTask`s."""

    task_class = KeepingTask


def make_server(application: Any, listening: socket.socket) -> Any:
    """Return a server on a socket that listens already; its `run` serves until SystemExit reaches it."""
    server = create_server(
        application,
        sockets=[listening],
        threads=8,
        max_request_body_size=_MAX_BODY,
        ident="",
        clear_untrusted_proxy_headers=False,
        # A hundred clients that connect and say nothing must not shut out all others: room for many, and no long wait.
        connection_limit=1000,
        channel_timeout=20,
        cleanup_interval=5,
        asyncore_use_poll=True,
    )
    server.channel_class = KeepingChannel
    return server
