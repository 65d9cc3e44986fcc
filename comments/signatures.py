"""The signature under what is posted to another program: webhooks, and services that screen.

Both are signed alike, so one receiver of an operator can check either. The core and the verbs may call it.
"""

from __future__ import annotations

import hmac

HEADER = "X-Leave-A-Reply-Signature"


def sign(body: bytes, *, secret: str, at: int) -> str:
    """The signature of a body: HMAC-SHA256 (RFC 2104) over the second, a dot, and the body, as `t=<second>,v1=<hex>`.

    Args:
        at: seconds since 1970, by which a receiver tells an old message that somebody sends once more.
    """
    mac = hmac.digest(secret.encode(), str(at).encode() + b"." + body, "sha256").hex()
    return f"t={at},v1={mac}"
