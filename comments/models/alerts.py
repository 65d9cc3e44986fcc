"""Who is told of what happens on the desk: AlertChoice, Alert and DriftNotice (a member of staff), Webhook and its
Deliveries (a program)."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AlertPace(models.TextChoices):
    """How a member of staff is told."""

    NEVER = "never", _("never")
    AT_ONCE = "at_once", _("at once")
    DIGEST = "digest", _("in a digest")


class AlertChoice(models.Model):
    """What one member of staff wants to hear of by mail. Their address is their account's."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments_alerts")
    pending = models.CharField(_("waiting comments"), max_length=8, choices=AlertPace.choices, default=AlertPace.NEVER)
    reported = models.CharField(_("reports"), max_length=8, choices=AlertPace.choices, default=AlertPace.NEVER)
    decided = models.CharField(
        _("decisions of others"), max_length=8, choices=AlertPace.choices, default=AlertPace.NEVER
    )
    drift = models.CharField(
        _("drift of the screening"), max_length=8, choices=AlertPace.choices, default=AlertPace.NEVER
    )
    digest_hours = models.PositiveSmallIntegerField(_("hours between digests"), default=24)
    digest_at = models.DateTimeField(null=True, editable=False)
    """When the last digest was queued; what happened since stands in the next."""
    digest_since = models.DateTimeField(null=True, editable=False)
    """From when on that digest counts what was decided."""

    class Meta:
        verbose_name = _("alerts of a member of staff")
        verbose_name_plural = _("alerts of staff")

    def __str__(self) -> str:
        return f"alerts of {self.user_id}"


def _new_nonce() -> str:
    return secrets.token_urlsafe(16)


class Alert(models.Model):
    """One comment that one mail tells a member of staff of, and what the links under it rest on.

    `nonce` is half of a link's proof; the other half is a signature, so neither the table nor a key alone makes one.
    """

    class Cause(models.TextChoices):
        PENDING = "pending", _("a comment waits")
        REPORTED = "reported", _("a comment was reported")
        DECIDED = "decided", _("a comment was decided on")

    outbox = models.ForeignKey("comments.Outbox", on_delete=models.CASCADE, related_name="alerts", db_index=False)
    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="alerts")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    status = models.CharField(max_length=9)
    revision = models.PositiveSmallIntegerField()
    """How the comment stood: a link decides on that and on nothing later."""
    decision = models.ForeignKey(
        "comments.ModerationEvent", on_delete=models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    """What was decided, where the mail tells of that; such a one has no links that decide."""
    nonce = models.CharField(max_length=22, default=_new_nonce, editable=False)
    used_at = models.DateTimeField(null=True)
    """When its links have been used, all of them together."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outbox", "comment", "cause"], name="comments_alert_once")]

    def __str__(self) -> str:
        return f"alert of {self.comment_id} in {self.outbox_id}"


class DriftNotice(models.Model):
    """What one mail says about how people agree with what the machine decides alone: less than was promised."""

    outbox = models.OneToOneField("comments.Outbox", on_delete=models.CASCADE, related_name="drift")
    agreed = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    """Of so many settled comments of the standing sample people agreed on `agreed`."""
    promised = models.FloatField()
    """The share that was promised, 0 to 1."""
    path = models.CharField(max_length=200, blank=True)
    """Where more is said, on this site."""

    def __str__(self) -> str:
        return f"drift in {self.outbox_id}"


class Webhook(models.Model):
    """An address of the operator's choice that is told, signed, of what happens."""

    url = models.URLField(_("address"), max_length=500)
    sealed_secret = models.BinaryField(editable=False)
    """`comments.privacy` seals and opens it."""
    sealed_under = models.CharField(max_length=8, editable=False, blank=True)
    on_pending = models.BooleanField(_("waiting comments"), default=True)
    on_reported = models.BooleanField(_("reports"), default=True)
    on_decided = models.BooleanField(_("decisions"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One message to a webhook, written in the transaction that gives reason for it; the delivery log."""

    class Event(models.TextChoices):
        PENDING = "pending", _("a comment waits")
        REPORTED = "reported", _("a comment was reported")
        DECIDED = "decided", _("a comment was decided on")
        PING = "ping", _("a test")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        GIVEN_UP = "given_up", _("given up")

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    """Named in each try, so that a receiver folds what came twice."""
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event = models.CharField(_("event"), max_length=8, choices=Event.choices)
    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    """Empty for a test."""
    decision = models.ForeignKey(
        "comments.ModerationEvent", on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True)
    fault = models.CharField(_("fault"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "given_up"]), name="comments_delivery_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting") | Q(state="sending"), name="ix_comments_delivery_due"
            ),
            models.Index(fields=["webhook", "id"], name="ix_comments_delivery_log"),
            models.Index(fields=["created_at"], name="ix_comments_delivery_age"),
            models.Index(fields=["id"], condition=Q(state="given_up"), name="ix_comments_delivery_given_up"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}: {self.event}, {self.state}"
