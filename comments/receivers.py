"""Hears what was asked for and queues the work. The queue is a hint: where a broker is down, the sweep finds it."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver

from comments import conf, tasks
from comments.models import Comment, ConfirmationRequest, Delivery, ModerationEvent, Outbox
from comments.screening import akismet
from comments.signals import comment_decided, confirmation_requested, delivery_queued, mail_queued

log = logging.getLogger(__name__)


@receiver(confirmation_requested, dispatch_uid="comments.confirmation_requested")
def queue_settling(request: ConfirmationRequest, **_: Any) -> None:
    """Have the address matched, behind the answer."""
    _queue(tasks.settle_request, request.pk)


@receiver(mail_queued, dispatch_uid="comments.mail_queued")
def queue_sending(mail: Outbox, **_: Any) -> None:
    """Have a mail sent now."""
    _queue(tasks.send_mail, mail.pk)


@receiver(delivery_queued, dispatch_uid="comments.delivery_queued")
def queue_delivery(delivery: Delivery, **_: Any) -> None:
    """Have a webhook told now."""
    _queue(tasks.send_delivery, delivery.pk)


@receiver(comment_decided, dispatch_uid="comments.tell_akismet")
def queue_telling(comment: Comment, event: ModerationEvent, **_: Any) -> None:
    """Have Akismet told where a person contradicts it, once the decision can no longer be undone by key."""
    if event.actor == ModerationEvent.Actor.MODERATOR and akismet.is_wrong_about(comment, decided=event.to_status):
        _queue(tasks.tell_akismet, comment.pk, countdown=conf.MAIL_DELAY)


def _queue(task: Any, pk: int, *, countdown: float = 0) -> None:
    try:
        tasks.enqueue(task, pk, countdown=countdown)
    except Exception as error:  # whatever a broker's client raises: the row is stored, only the hint is lost
        log.warning("%s(%s) was not queued and is left to the sweep: %s", task.name, pk, error)
