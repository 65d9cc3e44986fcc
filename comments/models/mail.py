"""What goes out by mail: Subscription (what somebody wants to hear of), Outbox (one mail), Notice (what stands in it).

None holds an address: a mail names its Commenter, and `comments.mailing` has the address opened when it is sent.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Pace(models.TextChoices):
    """How often a subscription may write."""

    AT_ONCE = "at_once", _("at once")
    DAILY = "daily", _("once a day")
    WEEKLY = "weekly", _("once a week")


class Subscription(models.Model):
    """One thing that one person wants to hear of: the replies to a comment, a thread, or a tag of a thread.

    Nothing is sent before `confirmed_at`: anybody can type anybody's address.
    """

    commenter = models.ForeignKey("comments.Commenter", on_delete=models.CASCADE, related_name="subscriptions")
    thread = models.ForeignKey("comments.Thread", on_delete=models.CASCADE, related_name="subscriptions")
    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, null=True, related_name="subscriptions")
    """Whose replies; empty for a thread or a tag."""
    tag = models.ForeignKey("comments.Tag", on_delete=models.CASCADE, null=True, related_name="subscriptions")
    pace = models.CharField(_("pace"), max_length=8, choices=Pace.choices, default=Pace.AT_ONCE)
    reader = models.ForeignKey("comments.Reader", on_delete=models.SET_NULL, null=True, related_name="subscriptions")
    """The browser that asked for it."""
    language = models.CharField(max_length=12, blank=True)
    """Of the page on which it was asked for."""
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["commenter", "comment"], condition=Q(comment__isnull=False), name="comments_subscription_reply"
            ),
            models.UniqueConstraint(
                fields=["commenter", "thread", "tag"], condition=Q(tag__isnull=False), name="comments_subscription_tag"
            ),
            models.UniqueConstraint(
                fields=["commenter", "thread"],
                condition=Q(comment__isnull=True, tag__isnull=True),
                name="comments_subscription_thread",
            ),
            models.CheckConstraint(
                condition=Q(comment__isnull=True) | Q(tag__isnull=True), name="comments_subscription_one_thing"
            ),
            models.CheckConstraint(condition=Q(pace__in=Pace.values), name="comments_subscription_pace"),
        ]
        indexes = [
            # Who hears of a new comment: few follow a thread, many the replies to their own comment in it.
            models.Index(fields=["thread"], condition=Q(comment__isnull=True), name="ix_comments_followed_thread")
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


def _new_message_id() -> str:
    return secrets.token_hex(16)


class Outbox(models.Model):
    """One mail to one person, written in the transaction that gives reason for it.

    `comments.mailing` alone changes a saved `state`, by an UPDATE that names the state it found.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirm an address")
        NEWS = "news", _("news of a discussion")
        DECISION = "decision", _("a decision on one's own comment")
        ALERT = "alert", _("an alert for staff")
        DRIFT = "drift", _("an alert that the screening drifts")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("no longer needed")
        GIVEN_UP = "given_up", _("given up")

    commenter = models.ForeignKey("comments.Commenter", on_delete=models.CASCADE, null=True, related_name="mails")
    """To whom; empty for a mail to staff."""
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="comments_mails"
    )
    """To which member of staff an alert goes, at the address of the account."""
    event = models.ForeignKey("comments.ModerationEvent", on_delete=models.CASCADE, null=True, related_name="mails")
    """The decision that the mail tells of."""
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    pace = models.CharField(_("pace"), max_length=8, choices=Pace.choices, default=Pace.AT_ONCE)
    request = models.ForeignKey(
        "comments.ConfirmationRequest", on_delete=models.CASCADE, null=True, related_name="mails"
    )
    """What is to be confirmed; empty for news."""
    language = models.CharField(max_length=12, blank=True)
    """Of the page on which it was asked for."""
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    message_id = models.CharField(max_length=32, default=_new_message_id, editable=False)
    """The same for each try, so that a mailbox folds a mail that came twice."""
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    fault = models.CharField(_("fault"), max_length=40, blank=True)
    """Why the last try failed: a code, never what a server said, which repeats the address."""
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("outbox")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "dropped", "given_up"]),
                name="comments_outbox_state",
            ),
            models.CheckConstraint(
                condition=Q(commenter__isnull=False, user__isnull=True) | Q(commenter__isnull=True, user__isnull=False),
                name="comments_outbox_one_person",
            ),
            # What happens before a mail goes joins it: a busy thread fills one mail, not a mailbox.
            models.UniqueConstraint(
                fields=["commenter", "pace"],
                condition=Q(kind="news", state="waiting", attempts=0),
                name="comments_outbox_one_waiting",
            ),
            models.UniqueConstraint(
                fields=["user", "pace"],
                condition=Q(kind="alert", state="waiting", attempts=0),
                name="comments_outbox_one_alert",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting") | Q(state="sending"), name="ix_comments_outbox_due"
            ),
            models.Index(fields=["id"], condition=Q(state="given_up"), name="ix_comments_outbox_given_up"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}: {self.kind}, {self.state}"


class Notice(models.Model):
    """One comment that one mail tells of, and the subscription that asks for it. Never two for the same pair."""

    outbox = models.ForeignKey(Outbox, on_delete=models.CASCADE, related_name="notices")
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="notices", db_index=False)
    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="notices")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "comment"], name="comments_notice_once")]

    def __str__(self) -> str:
        return f"notice of {self.comment_id} in {self.outbox_id}"
