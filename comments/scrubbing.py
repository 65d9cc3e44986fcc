"""Has nothing of what was deleted stay behind in the files of an embedded database. `comments.erasing` and
`comments.retention` call it when they are done.

SQLite leaves what was deleted in free pages, unless `PRAGMA secure_delete` is on (a host's settings have to say so),
and in its log of writes, until that is written over. Other databases vacuum by themselves, and have no such pragma.
"""

from __future__ import annotations

import logging
from functools import partial

from django.db import DatabaseError, connections, router, transaction

from comments.models import Comment

log = logging.getLogger(__name__)

_PATIENCE = 250
"""Milliseconds to wait for others: somebody may be waiting for the answer, and the next sweep comes by again."""


def scrub() -> None:
    """Empty SQLite's log of writes into the database, after the transaction if there is one. Never raises."""
    alias = router.db_for_write(Comment)
    if connections[alias].vendor == "sqlite":
        transaction.on_commit(partial(_empty_log, alias), using=alias, robust=True)


def _empty_log(alias: str) -> None:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            (patience,) = cursor.fetchone()
            cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
            try:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                is_busy = cursor.fetchone()[0]
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
    except DatabaseError as error:
        log.warning("SQLite's log of writes was not emptied: %s", type(error).__name__)
        return
    if is_busy:
        log.info("SQLite's log of writes is being read; the next sweep empties it.")
