"""What the site writes to its log: no addresses and no links of mails, wherever they slip in from."""

from __future__ import annotations

import copy
import logging
import re

# Bounded, so that a long line without an @ costs no more than its length.
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:'\"=/\\]{1,64}@[^\s@<>()\[\],;:'\"/\\]{1,255}")

# Whoever has such a link may do what its reader may.
_LINK = re.compile(r"(/comments/mail/(?:confirm|subscriptions|stop)/|/alerts/decide/)[^/\s]+")

_SECURITY = "django.security."


class AddressFreeFormatter(logging.Formatter):
    """Formats a record, traceback included, and takes out all that looks like an e-mail address or proves a link.

    The code logs none on purpose; a database's error message or a library's may quote what was typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        if _is_refusal(record):
            # A copy: other handlers may want the rest.
            record = copy.copy(record)
            record.exc_info = record.exc_text = record.stack_info = None
            if record.name.startswith(_SECURITY):
                # Its words quote what the client sent.
                record.msg, record.args = "A request was refused: %s", (record.name.removeprefix(_SECURITY),)
        return _LINK.sub(r"\1[link]", _ADDRESS.sub("[address]", super().format(record)))


def _is_refusal(record: logging.LogRecord) -> bool:
    """Whether it tells of a request that could not be taken, which is the client's affair: a line says enough."""
    if record.name.startswith(_SECURITY):
        return True
    return record.name == "django.request" and getattr(record, "status_code", 500) < 500
