"""Who a request comes from: the browser's Reader, the client's address as a digest. Shared by the faces."""

from __future__ import annotations

import ipaddress
import time
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from comments import conf, cookies, posting, privacy
from comments.errors import Refusal
from comments.models import Reader

if TYPE_CHECKING:
    from django.contrib.auth.models import User

READER_COOKIE = cookies.READER.name


def reader_of(request: HttpRequest) -> Reader | None:
    """Return the Reader that this browser's cookie names, or None. At most one query for each request."""
    if not hasattr(request, "_comments_reader"):
        cookie = request.COOKIES.get(READER_COOKIE, "")
        found = None
        if 16 <= len(cookie) <= 64 and cookie.isascii():
            found = Reader.objects.filter(cookie_digest=privacy.reader_digest(cookie)).first()
        request._comments_reader = found  # type: ignore[attr-defined]
    reader: Reader | None = request._comments_reader  # type: ignore[attr-defined]
    return reader


def reader_for(request: HttpRequest) -> tuple[Reader, str]:
    """Return the browser's Reader, made at need, with the cookie to hand out where it was made now.

    Who throws the cookie away is a new reader each time and could recommend or report without end; so new ones are
    counted by the client's address.

    Raises:
        Refusal: too many new browsers from this address (429).
    """
    reader = reader_of(request)
    if reader is not None:
        return reader, ""
    window = int(conf.FLOOD_SECONDS)
    client = client_digest(request)
    counter = f"comments.new_readers.{client}.{int(time.time()) // window}"
    # A cache that forgets or that other processes do not share lets a few more through, which does no harm.
    cache.add(counter, 0, window * 2)
    try:
        made = cache.incr(counter)
    except ValueError:
        made = 1
    # Those whose address is unknown (behind a socket, say) are not one client: one would lock all others out.
    if client and made > conf.NEW_READERS:
        raise Refusal(
            "flood",
            _("Too many requests came from your connection just now. Please wait a minute and try again."),
            status=429,
            retry_after=window,
        )
    return posting.new_reader()


def remember(response: HttpResponseBase, request: HttpRequest, cookie: str) -> None:
    """Hand a new Reader's cookie to the browser; nothing to do for an empty one."""
    if cookie:
        cookies.keep(response, request, cookies.READER, cookie)


def staff_user(request: HttpRequest) -> User | None:
    """The logged-in member of staff who is asking, or None."""
    user = getattr(request, "user", None)
    if (
        user is not None
        and user.is_authenticated
        and user.is_active
        and (user.has_perm("comments.change_comment") or user.has_perm("comments.change_tagassignment"))
    ):
        staff: User = user
        return staff
    return None


def staff_name(user: User) -> str:
    """The name under which a member of staff posts."""
    full = getattr(user, "get_full_name", str)()
    return str(full or user.get_username())


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, as far as it can be believed.

    `X-Forwarded-For` counts from the right, one entry for each proxy of ours; what stands further left was typed by
    the client. With no trusted proxy the header is not read at all.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = conf.TRUSTED_PROXIES
    if hops:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(chain) >= hops:
            address = chain[-hops]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        # One household has a /64 and walks through its addresses at will.
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def client_digest(request: HttpRequest) -> str:
    """Return the keyed digest of the client's address; nothing raw is kept."""
    address = client_address(request)
    return privacy.keyed_digest("client", address) if address else ""
