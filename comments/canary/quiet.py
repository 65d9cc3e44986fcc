"""Runs the canary where nothing outlives it, and hears every log record meanwhile."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import django
from django.conf import settings
from django.core import mail
from django.core.cache.backends.dummy import DummyCache
from django.db import connections, router
from django.test import override_settings
from django.views.debug import ExceptionReporter

from comments.models import Comment

HOST = "testserver"
"""The host name under which the canary's visitors come."""


class RecordingCache(DummyCache):
    """Keeps nothing, so that every page is made anew, and remembers what it was asked to keep."""

    entries: ClassVar[list[tuple[str, Any]]] = []

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        self.entries.append((key, value))
        return bool(super().add(key, value, *args, **kwargs))

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        self.entries.append((key, value))
        super().set(key, value, *args, **kwargs)


def kept_in_caches() -> list[tuple[str, Any]]:
    """What any cache of the site was asked to keep during this check."""
    return list(RecordingCache.entries)


def _mail_in_memory() -> dict[str, Any]:
    """The setting that keeps mail in memory; Django 6.1 gave it another name."""
    backend = "django.core.mail.backends.locmem.EmailBackend"
    return {"MAILERS": {"default": {"BACKEND": backend}}} if django.VERSION >= (6, 1) else {"EMAIL_BACKEND": backend}


@contextmanager
def nothing_stays() -> Iterator[None]:
    """The site's settings, without what would outlive a rollback."""
    named = {alias: {"BACKEND": f"{__name__}.{RecordingCache.__name__}"} for alias in settings.CACHES}
    own = {
        **getattr(settings, "COMMENTS", {}),
        "MIN_SECONDS": 0,
        "TYPING_SPEED": 10**9,
        "FLOOD_HOLD": 10**9,
        "NEW_READERS": 10**9,
        "FLOOD_REFUSE": 10**9,
    }
    own |= {"SITE_URL": f"https://{HOST}", "MAIL_DELAY": 0}
    outbox = getattr(mail, "outbox", None)
    with override_settings(
        ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, HOST],
        CACHES=named,
        COMMENTS=own,
        DEBUG=False,
        **_mail_in_memory(),
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    ):
        mail.outbox = []
        RecordingCache.entries.clear()
        try:
            with warnings.catch_warnings():
                # With DEBUG off, what serves static files may miss the folder where a deployment collects them.
                warnings.simplefilter("ignore", UserWarning)
                yield
        finally:
            if outbox is None:
                del mail.outbox
            else:
                mail.outbox = outbox


@contextmanager
def on_a_copy() -> Iterator[None]:
    """Let this thread work on a copy of an embedded database, in memory, and leave the site to its readers meanwhile.

    SQLite has one writer at a time: a check of some minutes in the database itself would make everybody's post wait,
    and then fail. Reading it for the copy keeps nobody from writing. Where the caller has begun a transaction, or the
    database is in memory already, there is nobody to be in the way of.
    """
    alias = router.db_for_write(Comment)
    live = connections[alias]
    # The last is a method of SQLite's alone.
    if live.vendor != "sqlite" or live.in_atomic_block or live.is_in_memory_db():  # type: ignore[attr-defined]
        yield
        return
    copy = live.copy()
    copy.settings_dict["NAME"] = ":memory:"
    copy.ensure_connection()
    try:
        live.ensure_connection()
        live.connection.backup(copy.connection)
        connections[alias] = copy
        yield
    finally:
        connections[alias] = live
        # Django closes no database in memory, for that is its end. This one is to end.
        copy.connection.close()
        copy.connection = None


class _Listener(logging.Handler):
    """Hears every record of every logger, with the report that Django would mail of an exception."""

    def __init__(self, heard: Callable[[str, str], None]) -> None:
        super().__init__(logging.DEBUG)
        self.heard = heard
        self.is_busy = False

    def emit(self, record: logging.LogRecord) -> None:
        if self.is_busy:
            return
        self.is_busy = True
        try:
            text = f"{record.getMessage()}\n{record.args!r}"
            if record.exc_info and record.exc_info[0] is not None:
                text += logging.Formatter().formatException(record.exc_info)
                if record.levelno >= logging.ERROR:
                    # What the administrators are mailed, with the variables of each frame.
                    report = ExceptionReporter(getattr(record, "request", None), *record.exc_info, is_email=True)
                    text += report.get_traceback_text() + report.get_traceback_html()
            self.heard(f"log of {record.name} at {record.levelname}: {str(record.msg)[:60]}", text)
        finally:
            self.is_busy = False


@contextmanager
def listening(heard: Callable[[str, str], None]) -> Iterator[None]:
    """Attach to the root and to every logger that does not pass its records on, and open all of them down to DEBUG."""
    listener = _Listener(heard)
    known = [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    # markdown-it tells of each of its steps; that is the text of the comment, a thousand times.
    opened = [logging.root, *(one for one in known if not one.name.startswith("markdown_it"))]
    deaf = [logging.root, *(one for one in known if not one.propagate)]
    levels = {logger: logger.level for logger in opened}
    silenced = logging.root.manager.disable
    quiet = logging.getLogger("markdown_it")
    levels[quiet] = quiet.level
    outlets = {one: one.handlers[:] for one in deaf}
    try:
        logging.disable(logging.NOTSET)
        for logger in opened:
            if logger is logging.root or logger.level:
                logger.setLevel(logging.DEBUG)
        quiet.setLevel(logging.INFO)
        for logger in deaf:
            # Ours alone: a terminal full of debug lines, or a mail to the administrators, would be the check's own.
            logger.handlers = [listener]
        yield
    finally:
        for logger, handlers in outlets.items():
            logger.handlers = handlers
        for logger, level in levels.items():
            logger.setLevel(level)
        logging.disable(silenced)
