"""What the site writes to its log: no addresses, wherever they slip in from."""

from __future__ import annotations

import logging
import re

# Bounded, so that a long line without an @ costs no more than its length.
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:'\"=/\\]{1,64}@[^\s@<>()\[\],;:'\"/\\]{1,255}")


class AddressFreeFormatter(logging.Formatter):
    """Formats a record, traceback included, and takes out all that looks like an e-mail address.

    The code logs none on purpose; a database's error message or a library's may quote what was typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _ADDRESS.sub("[address]", super().format(record))
