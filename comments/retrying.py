"""Runs a transaction once more where another one came first. For verbs whose rows a merge, an erasure or a rotation of
keys may take away between two of their statements; they hold no lock against that, since each comment would pay for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _

from comments.errors import Refusal

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

_PASSING = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock that fell on us."""


def once_more(work: Callable[[], _Result]) -> _Result:
    """Do it, and where another transaction was in its way do it again; what goes wrong then is raised.

    Args:
        work: one transaction, from its first look to its commit.
    """
    try:
        return work()
    except (IntegrityError, ObjectDoesNotExist, OperationalError) as error:
        if not _may_pass(error):
            raise
        # Its words may quote what was typed.
        log.info("A transaction is repeated: %s", type(error).__name__)
    return work()


@contextmanager
def said_if_busy() -> Iterator[None]:
    """Tell a person whose words could not be stored that the database did not take them, so that their form comes back.

    Raises:
        Refusal: somebody else kept the database for longer than we wait, or it is gone (503).
    """
    try:
        yield
    except OperationalError as error:
        log.warning("A text was not stored: %s", type(error).__name__)
        raise Refusal(
            "busy",
            _("The site is too busy to store this right now. Nothing is lost: please send it again in a minute."),
            status=503,
            retry_after=30,
        ) from None


def _may_pass(error: Exception) -> bool:
    """Whether it may go well next time. A database that is locked or gone has been waited for already."""
    if not isinstance(error, OperationalError):
        return True
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) in _PASSING or getattr(cause, "pgcode", None) in _PASSING
