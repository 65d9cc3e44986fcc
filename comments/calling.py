"""Posts to an address that an operator chose, and lets nobody use that to reach what lies inside the network.

The name is looked up once, every address found is checked, and the connection goes to one of those: a name that answers
otherwise at the second look gains nothing. No redirect is followed, no proxy is asked, and of the answer nothing but
its status is read. `comments.webhooks` calls it.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from comments import conf
from comments.errors import Refusal

LONGEST = 500
"""Characters of an address."""

_INSIDE = (".localhost", ".localdomain", ".local", ".internal")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call.

    Args:
        status: the HTTP status; None where none came.
        fault: why it did not arrive, as a code of at most 40 characters; empty where the answer is 2xx.
    """

    status: int | None
    fault: str


def check_address(url: str) -> str:
    """Return an address that can be called, as it was given.

    Raises:
        Refusal: it cannot be.
    """
    url = url.strip()
    faults = {
        _("Shorten the address to %(most)d characters.") % {"most": LONGEST}: len(url) > LONGEST,
        _("Give a web address without spaces, such as https://example.org/hook."): not _is_plain(url),
    }
    for sentence, is_so in faults.items():
        if is_so:
            raise Refusal("bad_address", sentence, status=422)
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refusal("bad_address", _("Leave out names, passwords and what follows a “#”."), status=422)
    if parts.scheme == "http" and not (settings.DEBUG or conf.WEBHOOK_PRIVATE):
        raise Refusal("bad_address", _("The address has to begin with https://."), status=422)
    if not conf.WEBHOOK_PRIVATE and _is_inside(parts.hostname or ""):
        raise Refusal("bad_address", _("This address lies inside a private network."), status=422)
    return url


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Answer:
    """Post and wait for the status, no longer than this from connecting on."""
    try:
        parts = urlsplit(check_address(url))
        found = _look_up(parts)
    except Refusal:
        return Answer(None, "address not allowed")
    except (OSError, UnicodeError):
        return Answer(None, "name not found")
    if not found:
        return Answer(None, "address not allowed")
    deadline = time.monotonic() + seconds
    call = _Call(parts, found, deadline)
    # A server that sends a byte now and then would keep us for ever: each byte starts a time-out of the socket anew.
    timer = threading.Timer(seconds, call.cut)
    timer.daemon = True
    timer.start()
    try:
        status = call.status_of(body, headers)
        if time.monotonic() >= deadline:
            raise TimeoutError  # the head of its answer was cut off, which reads like its end
    except TimeoutError:
        return Answer(None, "timeout")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, "timeout" if time.monotonic() >= deadline else _code_of(error))
    finally:
        timer.cancel()
        call.close()
    if 200 <= status < 300:
        return Answer(status, "")
    return Answer(status, "redirect" if 300 <= status < 400 else f"http {status}")


class _Call:
    """One connection to one of the addresses that were looked up."""

    def __init__(self, parts: SplitResult, addresses: list[Any], deadline: float) -> None:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port)
        self._path = parts.path or "/"
        if parts.query:
            self._path += f"?{parts.query}"
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._addresses = addresses
        self._deadline = deadline
        self._socket: socket.socket | None = None

    def status_of(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Connect, post, and read the status."""
        self._socket = self._connect()
        if self._is_secure:
            # The certificate is that of the name, whichever address it leads to.
            secure = ssl.create_default_context().wrap_socket(
                self._socket, server_hostname=self._host, do_handshake_on_connect=False
            )
            self._socket = secure
            secure.do_handshake()
        self._connection.sock = self._socket
        self._socket.settimeout(self._left())
        self._connection.request("POST", self._path, body, dict(headers))
        return self._connection.getresponse().status

    def cut(self) -> None:
        """End whatever is going on."""
        if self._socket is not None:
            with suppress(OSError):
                # Past TLS, which is at work in another thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection, with what of the answer was not read."""
        self._connection.close()
        if self._socket is not None:
            self._socket.close()

    def _connect(self) -> socket.socket:
        fault: OSError = OSError()
        for family, kind, protocol, _name, address in self._addresses:
            one = socket.socket(family, kind, protocol)
            one.settimeout(self._left())
            try:
                one.connect(address)
            except OSError as error:
                one.close()
                fault = error
            else:
                one.settimeout(self._left())
                return one
        raise fault

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _is_plain(url: str) -> bool:
    """Whether this is a web address that can stand in a request line."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _look_up(parts: SplitResult) -> list[Any]:
    """The addresses behind a name; none where one of them lies inside and may not be called."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    if not conf.WEBHOOK_PRIVATE and any(_is_inside(str(row[4][0])) for row in found):
        return []
    return found


def _is_inside(host: str) -> bool:
    """Whether this is an address, or a name, of a private, local or otherwise special network."""
    host = host.partition("%")[0].rstrip(".").lower()
    if f".{host}".endswith(_INSIDE):
        return True
    try:
        address: Any = ipaddress.ip_address(host)
    except ValueError:
        # "127.1", "0x7f000001" and "2130706433" are addresses to whatever looks them up.
        return bool(_NUMBER.fullmatch(host.rpartition(".")[2]))
    if address.version == 6:
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in _NAT64:
            address = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
        elif address.sixtofour is not None or address.teredo is not None:
            return True  # an address within the address, of which nobody needs to be told
    # Reserved: those of IPv6 that hold an old one within (::/96) and translators' (64:ff9b:1::/48) are among them.
    is_odd = address.is_multicast or address.is_reserved or (address.version == 6 and address.is_site_local)
    return bool(not address.is_global or is_odd)


def _code_of(error: Exception) -> str:
    """A word for what went wrong; what the other side said may hold anything."""
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    return type(error).__name__[:40]
