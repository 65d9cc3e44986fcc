"""What the site writes to its log: no addresses and no links of mails, wherever they slip in from."""

from __future__ import annotations

import logging
import re

# Bounded, so that a long line without an @ costs no more than its length.
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:'\"=/\\]{1,64}@[^\s@<>()\[\],;:'\"/\\]{1,255}")

# Whoever has such a link may do what its reader may.
_LINK = re.compile(r"(/comments/mail/(?:confirm|subscriptions|stop)/)[^/\s]+")


class AddressFreeFormatter(logging.Formatter):
    """Formats a record, traceback included, and takes out all that looks like an e-mail address or proves a link.

    The code logs none on purpose; a database's error message or a library's may quote what was typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _LINK.sub(r"\1[link]", _ADDRESS.sub("[address]", super().format(record)))
