"""What happened around a comment: decisions, reports, recommendations, and the transient record of a submission."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models.columns import DigestField
from comments.models.comment import Status
from comments.models.thread import Mode


class ModerationEvent(models.Model):
    """One thing that somebody did: a change of a comment's status, or another act of the desk. The log.

    Written by the verbs of the desk (`comments.moderation` and those beside it), never changed or deleted after that:
    erasure and retention blank what is personal in it, and nothing else does anything to a row.
    """

    class Actor(models.TextChoices):
        MODERATOR = "moderator", _("moderator")
        AUTHOR = "author", _("author")
        SCREEN = "screen", _("screening")

    class Action(models.TextChoices):
        STATUS = "status", _("decision")
        UNDO = "undo", _("undone")
        APPEAL = "appeal", _("appeal")
        RESUBMIT = "resubmit", _("sent again")
        EDIT = "edit", _("edited by staff")
        REPLY = "reply", _("replied as staff")
        PIN = "pin", _("pinned")
        UNPIN = "unpin", _("unpinned")
        MODE = "mode", _("mode of the discussion")
        BLOCK = "block", _("blocked")
        LIFT = "lift", _("block lifted")
        ADDRESS = "address", _("address seen")

    action = models.CharField(_("action"), max_length=8, choices=Action.choices, default=Action.STATUS)
    thread = models.ForeignKey(
        "comments.Thread",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("discussion"),
    )
    """What was done to a discussion as a whole; empty where `comment` says where it was."""
    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, null=True, blank=True, related_name="events"
    )
    from_status = models.CharField(_("from"), max_length=16, blank=True)
    """A status; for a change of mode the mode that was."""
    to_status = models.CharField(_("to"), max_length=16, blank=True)
    actor = models.CharField(_("actor"), max_length=9, choices=Actor.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=16, blank=True)
    """Code of a `Reason`; the row may be gone."""
    note = models.CharField(_("note"), max_length=500, blank=True)
    message = models.TextField(_("message to the author"), blank=True)
    is_invitation = models.BooleanField(_("may be sent again"), default=False)
    """Whether the author was asked to revise the text and send it again."""
    original = models.TextField(_("text before"), blank=True)
    """What was typed, as it stood before a member of staff edited it."""
    batch = models.UUIDField(_("batch"), null=True, blank=True, editable=False)
    """The same for all rows of one decision on many comments."""
    undoes = models.OneToOneField(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="undone_by", editable=False
    )
    """Which row this one takes back. Unique: nothing is taken back twice."""
    block = models.ForeignKey(
        "comments.Block", on_delete=models.SET_NULL, null=True, blank=True, related_name="events", editable=False
    )
    revision = models.PositiveSmallIntegerField(pgettext_lazy("column", "revision"), default=0)
    at = models.DateTimeField(pgettext_lazy("column", "at"), default=timezone.now)

    class Meta:
        verbose_name = _("moderation event")
        verbose_name_plural = _("moderation log")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"], name="ix_comments_event_at"),
            models.Index(fields=["batch"], condition=models.Q(batch__isnull=False), name="ix_comments_event_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id or self.thread_id}: {self.action} {self.from_status} -> {self.to_status}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row.

        Raises:
            TypeError: it is there already.
        """
        if not self._state.adding:
            raise TypeError("The log is only added to. Write another row.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """
        Raises:
            TypeError: always. A row goes with the comment or the discussion that it is about, and never else.
        """
        raise TypeError("The log is only added to.")

    def get_from_status_display(self) -> str:
        """What was, in words."""
        return in_words(self.from_status)

    def get_to_status_display(self) -> str:
        """What is since then, in words."""
        return in_words(self.to_status)


def in_words(value: str) -> str:
    """A status, or a mode of a discussion, in words."""
    for choices in (Status, Mode):
        if value in choices.values:
            return str(choices(value).label)
    return value


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
    key = DigestField(null=True)  # type: ignore[misc]  # the stubs know one type for all digests
    """Names the attempt; empty where the client gave it no name, so that nobody can repeat it."""
    payload_digest = DigestField(blank=True)
    """Of what was sent; empty for an attempt without a name."""
    client_digest = DigestField(blank=True)
    text_digest = DigestField()
    sketch_a = models.BigIntegerField(null=True)
    """Two small numbers that a nearly equal text shares with this one, mostly; empty for a short text."""
    sketch_b = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(key__isnull=False), name="comments_submission_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["sketch_a"], condition=models.Q(sketch_a__isnull=False), name="ix_comments_submission_a"
            ),
            models.Index(
                fields=["sketch_b"], condition=models.Q(sketch_b__isnull=False), name="ix_comments_submission_b"
            ),
            models.Index(fields=["client_digest", "created_at"], name="ix_comments_submission_client"),
            # Equal texts have equal sketches, so only those without one are looked up by their digest.
            models.Index(
                fields=["text_digest"], condition=models.Q(sketch_a__isnull=True), name="ix_comments_submission_short"
            ),
        ]

    def __str__(self) -> str:
        return f"submission of {self.comment_id}"
