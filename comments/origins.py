"""Whether a browser sent a request from somebody else's page.

The faces of readers ask this before anything that changes a row, because readers have no account and their forms no
token of Django's: the cookie that names a browser is the only credential, and pages come from caches. What browsers
say of themselves (Fetch Metadata, W3C; `Origin`, RFC 6454) cannot be forged by a page.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import is_same_domain


def is_cross_site(request: HttpRequest) -> bool:
    """Whether another site's page made a browser send this request.

    An origin in `CSRF_TRUSTED_ORIGINS` is the operator's own. A request without either header comes from a program,
    which carries nobody's cookie by accident.
    """
    origin = request.headers.get("Origin", "")
    if origin and _is_trusted(origin):
        return False
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        # "same-site" is refused too: a sub-domain may belong to somebody else.
        return site not in {"same-origin", "none"}
    if not origin:
        return False
    try:
        # The host alone: behind a proxy that ends TLS without saying so, the scheme that we see is not the browser's.
        return urlsplit(origin).netloc.lower() != request.get_host().lower()
    except ValueError:
        return True


def _is_trusted(origin: str) -> bool:
    """Whether the operator has named this origin, or a wildcard over it, as their own."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return any(
        f"{parts.scheme}://" == trusted.partition("*")[0] and is_same_domain(parts.netloc, trusted.partition("*")[2])
        for trusted in settings.CSRF_TRUSTED_ORIGINS
        if "://*" in trusted
    )
