"""What happened, in the past tense. Sent after commit, with `send_robust`: a receiver that fails can lose no comment.

Receivers get ids' rows as they stand; they are told, never asked.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import Signal

comment_posted = Signal()
"""A comment was stored. Arguments: `comment`."""

comment_edited = Signal()
"""A comment has a new revision. Arguments: `comment`."""

comment_decided = Signal()
"""A comment's status changed. Arguments: `comment`, `event` (the ModerationEvent)."""

comment_erased = Signal()
"""The text of a comment is gone for good: erased by its author or an operator, or its time was over.
Arguments: `comment`."""

tags_corrected = Signal()
"""A person said whether a tag applies. Arguments: `comment`, `tag` (None: every tag of the thread, and none applies),
`applies` (bool), `by` (user)."""

tags_defined = Signal()
"""A thread has other tags, or they mean something else. Arguments: `thread`."""

confirmation_requested = Signal()
"""Somebody asked that an address be confirmed. Arguments: `request` (the ConfirmationRequest)."""

mail_queued = Signal()
"""A mail waits in the outbox and is due at once. Arguments: `mail` (the Outbox row)."""

delivery_queued = Signal()
"""A message to a webhook waits and is due at once. Arguments: `delivery` (the Delivery row)."""


def tell(signal: Signal, **arguments: Any) -> None:
    """Send a signal once the transaction has been committed; nothing is sent where it is rolled back."""
    # robust: one callback that raises must not keep the others, of other apps, from running.
    transaction.on_commit(lambda: signal.send_robust(None, **arguments), robust=True)
