"""Hears what was asked for and queues the work. The queue is a hint: where a broker is down, the sweep finds it."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver

from comments import tasks
from comments.models import ConfirmationRequest, Outbox
from comments.signals import confirmation_requested, mail_queued

log = logging.getLogger(__name__)


@receiver(confirmation_requested, dispatch_uid="comments.confirmation_requested")
def queue_settling(request: ConfirmationRequest, **_: Any) -> None:
    """Have the address matched, behind the answer."""
    _queue(tasks.settle_request, request.pk)


@receiver(mail_queued, dispatch_uid="comments.mail_queued")
def queue_sending(mail: Outbox, **_: Any) -> None:
    """Have a mail sent now."""
    _queue(tasks.send_mail, mail.pk)


def _queue(task: Any, pk: int) -> None:
    try:
        tasks.enqueue(task, pk)
    except Exception as error:  # whatever a broker's client raises: the row is stored, only the hint is lost
        log.warning("%s(%s) was not queued and is left to the sweep: %s", task.name, pk, error)
