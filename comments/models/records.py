"""What happened around a comment: decisions, reports, recommendations, and the transient record of a submission."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.columns import DigestField
from comments.models.comment import RejectionReason, Status


class ModerationEvent(models.Model):
    """One change of a comment's status. The log of the desk; written by `comments.moderation` alone."""

    class Actor(models.TextChoices):
        MODERATOR = "moderator", _("moderator")
        AUTHOR = "author", _("author")
        SCREEN = "screen", _("screening")

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="events")
    from_status = models.CharField(_("from"), max_length=9, choices=Status.choices)
    to_status = models.CharField(_("to"), max_length=9, choices=Status.choices)
    actor = models.CharField(_("actor"), max_length=9, choices=Actor.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=16, choices=RejectionReason.choices, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    revision = models.PositiveSmallIntegerField(_("revision"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("moderation event")
        verbose_name_plural = _("moderation log")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.from_status} -> {self.to_status}"


class Report(models.Model):
    """A reader's complaint about a comment; open until a moderator decides on the comment."""

    class Reason(models.TextChoices):
        ABUSE = "abuse", _("It is abusive or threatening")
        SPAM = "spam", _("It is spam or advertising")
        OFF_TOPIC = "off_topic", _("It is off topic")
        FALSE_CLAIM = "false_claim", _("It claims something false")
        PERSONAL_DATA = "personal_data", _("It gives away personal data")
        OTHER = "other", _("Something else")
        # Not for readers to choose: `comments.erasing` files it.
        ERASED_QUOTE = "erased_quote", _("It may quote somebody who asked to be erased")

    comment = models.ForeignKey(
        "comments.Comment",
        on_delete=models.CASCADE,
        related_name="reports",
        db_index=False,
        verbose_name=_("comment"),
    )
    reader = models.ForeignKey("comments.Reader", on_delete=models.SET_NULL, null=True, related_name="reports")
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("reported at"), default=timezone.now)
    resolved_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [models.UniqueConstraint(fields=["comment", "reader"], name="comments_report_once")]

    def __str__(self) -> str:
        return f"report of {self.comment_id}: {self.reason}"


READERS_REASONS = [choice for choice in Report.Reason.choices if choice[0] != Report.Reason.ERASED_QUOTE]
"""What a reader may choose from."""


class Recommendation(models.Model):
    """A reader's thumb up; once for each browser, and it can be taken back."""

    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, related_name="recommendations", db_index=False
    )
    reader = models.ForeignKey("comments.Reader", on_delete=models.CASCADE, related_name="recommendations")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "reader"], name="comments_recommendation_once")]

    def __str__(self) -> str:
        return f"{self.reader_id} recommends {self.comment_id}"


class Submission(models.Model):
    """The transient record of a request that posted: makes posting repeatable and lets screens count.

    Holds keyed digests only and is deleted after `COMMENTS["SUBMISSION_DAYS"]`. It stands apart from Comment so that
    forgetting it touches no comment.
    """

    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, related_name="submissions", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    key = DigestField(unique=True)
    payload_digest = DigestField(blank=True)
    """Of what was sent; empty for an attempt without a name, which nobody can repeat."""
    client_digest = DigestField(blank=True)
    text_digest = DigestField()

    class Meta:
        indexes = [
            models.Index(fields=["client_digest", "created_at"], name="ix_comments_submission_client"),
            models.Index(fields=["text_digest", "created_at"], name="ix_comments_submission_text"),
        ]

    def __str__(self) -> str:
        return f"submission of {self.comment_id}"
