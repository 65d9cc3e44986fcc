"""The cookies of the discussion: one table, from which they are set, deleted, and listed on the privacy page.

The faces and `comments.clients` set and delete them here and nowhere else. None is set before a reader posts,
recommends, reports, or asks for something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from comments.errors import Sentence


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie, first-party, and out of reach of scripts.

    Args:
        purpose: a sentence for readers.
        age: how long a browser keeps it.
    """

    name: str
    purpose: Sentence
    age: timedelta


READER = Cookie(
    "reader",
    _(
        "A random number by which your browser is known to be the one that posted, recommended, reported or "
        "subscribed. It is set when you first do one of these."
    ),
    timedelta(days=365),
)
AUTHOR = Cookie(
    "author",
    _("Your name and website, signed, so that the form is filled in next time. It is set only if you tick the box."),
    timedelta(days=365),
)

COOKIES = (READER, AUTHOR)


def keep(response: HttpResponseBase, request: HttpRequest, cookie: Cookie, value: str) -> None:
    """Hand a cookie to the browser."""
    response.set_cookie(
        cookie.name,
        value,
        max_age=int(cookie.age.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def drop(response: HttpResponseBase, cookie: Cookie) -> None:
    """Have the browser delete a cookie."""
    response.delete_cookie(cookie.name, samesite="Lax")
