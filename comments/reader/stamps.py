"""The signed stamp in the reply form: when it was shown, for which thread, and a random name for the attempt.

It needs no cookie and no row, so a page with the form stays the same for everybody who may share a cache; what is sent
with one stamp twice is stored once (`comments.posting` binds the name to the text).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from django.core import signing

_SIGNER = signing.TimestampSigner(salt="comments.form")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a form brought back. `seconds` is its age, infinite where the stamp is missing or not ours."""

    seconds: float
    key: str


def new_stamp(thread_id: int) -> str:
    """Return a stamp for a form that is shown now."""
    return _SIGNER.sign(f"{thread_id}.{secrets.token_urlsafe(12)}")


def read_stamp(value: str, thread_id: int) -> Stamp:
    """Read a stamp that came back; one that we did not give for this thread counts as too old."""
    try:
        signed = _SIGNER.unsign(value)
        if signed.split(".", 1)[0] != str(thread_id):
            raise signing.BadSignature
        shown_at = signing.b62_decode(value.rsplit(_SIGNER.sep, 2)[1])
    except (signing.BadSignature, ValueError, IndexError):
        return Stamp(float("inf"), "")
    return Stamp(max(0.0, time.time() - shown_at), f"form {value}")
