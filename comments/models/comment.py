"""Comment: what somebody wrote under an article, and how it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments import conf
from comments.querysets import CommentQuerySet
from comments.sanitize import plain_text

if TYPE_CHECKING:
    from comments.models.people import Reader


class Status(models.TextChoices):
    """Where a comment stands. `comments.moderation` is the only writer of a saved one."""

    PENDING = "pending", _("pending")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    SPAM = "spam", _("spam")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RejectionReason(models.TextChoices):
    """The reasons for a rejection that a new site has, in every language of ours; `comments.reasons` has those in use.

    The code is stored, the sentence is for the author.
    """

    ABUSE = "abuse", _("It attacks a person or a group")
    OFF_TOPIC = "off_topic", _("It is not about the article")
    FALSE_CLAIM = "false_claim", _("It states something false as fact")
    PERSONAL_DATA = "personal_data", _("It contains personal data")
    DUPLICATE = "duplicate", _("It has been said already in this discussion")
    OTHER = "other", _("It goes against the rules of the discussion")


def markup_of(body: str, html: str) -> str:
    """What `Comment.markup` keeps of a body: nothing where the rendered html reads the same."""
    return "" if body == plain_text(html) else body


class Comment(models.Model):
    """One comment.

    `body` is what was typed and is never rendered; `html` is rendered and sanitised from it once, on saving; `text`
    is what a reader reads in `html`. Of the three only `html` is always stored: `text` is derived on access, and the
    body has a column of its own, `markup`, only where it says more than the text. Nine in ten people type no markup,
    and copies of their words would be half of the store.

    The counters, `is_listed`, `ordinal` and `tag_mask` are derived; `comments.tallies` alone writes them.
    `reply_count` counts direct public replies, `descendant_count` (of a root) all of the conversation.
    `ordinal` numbers the replies of a conversation in the order in which they became public, so "the first three
    replies of these fifty conversations" is one bounded range of an index however long a conversation is. A reply's
    ordinal is always larger than its parent's.
    """

    # Columns stand by width, the widest first: PostgreSQL fills up the room between a narrow one and a wide one.
    thread = models.ForeignKey(
        "comments.Thread",
        on_delete=models.CASCADE,
        related_name="comments",
        db_index=False,
        verbose_name=_("thread"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replies",
        db_index=False,
        verbose_name=_("in reply to"),
    )
    root = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="conversation", db_index=False
    )
    commenter = models.ForeignKey(
        "comments.Commenter", on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    reader = models.ForeignKey(
        "comments.Reader", on_delete=models.SET_NULL, null=True, blank=True, related_name="comments", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(_("posted"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    tag_mask = models.BigIntegerField(default=0, editable=False)

    ordinal = models.PositiveIntegerField(null=True, editable=False)
    reply_count = models.PositiveIntegerField(_("replies"), default=0, editable=False)
    descendant_count = models.PositiveIntegerField(_("replies in the conversation"), default=0, editable=False)
    recommendation_count = models.PositiveIntegerField(_("recommendations"), default=0, editable=False)
    report_count = models.PositiveIntegerField(_("reports"), default=0, editable=False)

    risk = models.PositiveSmallIntegerField(_("risk"), null=True, editable=False)
    """How sure the screens are that this is not to be published, in per mille; empty where none of them scores."""
    depth = models.PositiveSmallIntegerField(default=0)
    hue = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveSmallIntegerField(pgettext_lazy("column", "revision"), default=1)
    tagged_revision = models.PositiveSmallIntegerField(default=0, editable=False)

    is_confirmed = models.BooleanField(_("address confirmed"), default=False, editable=False)
    """Whether the owner of the address has confirmed it in the browser that posted this."""
    is_listed = models.BooleanField(default=False, editable=False)
    is_staff_edited = models.BooleanField(_("edited by staff"), default=False, editable=False)
    """Whether the words are as a member of staff left them."""

    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.PENDING)
    reason = models.CharField(_("reason"), max_length=16, blank=True)
    """Code of a `Reason`; the row may be gone."""
    language = models.CharField(_("language"), max_length=3, blank=True, editable=False)
    """ISO 639 code of the language that the text seems to be written in; empty where nobody can tell."""
    screening = models.JSONField(_("screening"), default=list, blank=True)
    author_name = models.CharField(_("name"), max_length=150, blank=True)
    author_website = models.CharField(_("website"), max_length=300, blank=True)
    markup = models.TextField(_("markup"), blank=True, editable=False)
    html = models.TextField(editable=False, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="comments_comment_status"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, root__isnull=True) | Q(parent__isnull=False, root__isnull=False),
                name="comments_comment_root",
            ),
            models.UniqueConstraint(
                fields=["root", "ordinal"], condition=Q(root__isnull=False), name="ix_comments_ordinal"
            ),
        ]
        indexes = [
            # The page: conversations of a thread in each order.
            models.Index(
                fields=["thread", "created_at", "id"],
                condition=Q(parent__isnull=True, is_listed=True),
                name="ix_comments_roots_time",
            ),
            models.Index(
                fields=["thread", "reply_count", "id"],
                condition=Q(parent__isnull=True, is_listed=True),
                name="ix_comments_roots_replies",
            ),
            models.Index(
                fields=["thread", "recommendation_count", "id"],
                condition=Q(parent__isnull=True, is_listed=True),
                name="ix_comments_roots_recommended",
            ),
            # The flat list, filtered or not. The mask of tags does not ride along: a filter that would read many rows
            # in vain goes by the index below.
            models.Index(
                fields=["thread", "created_at", "id"],
                condition=Q(status="approved"),
                name="ix_comments_flat_time",
            ),
            models.Index(
                fields=["thread", "reply_count", "id"],
                condition=Q(status="approved"),
                name="ix_comments_flat_replies",
            ),
            models.Index(
                fields=["thread", "recommendation_count", "id"],
                condition=Q(status="approved"),
                name="ix_comments_flat_recommended",
            ),
            # A filter that matches few comments of a long thread.
            models.Index(
                fields=["thread", "tag_mask"],
                condition=Q(status="approved") & ~Q(tag_mask=0),
                name="ix_comments_rare_tags",
            ),
            # The desk's queues, an index for each. With one over (status, id) PostgreSQL walks the primary key instead:
            # it takes what waits to be spread evenly, while what waits is what came last.
            models.Index(fields=["id"], condition=Q(status="pending"), name="ix_comments_queue_pending"),
            models.Index(fields=["id"], condition=Q(status="spam"), name="ix_comments_queue_spam"),
            models.Index(fields=["id"], condition=Q(status="rejected"), name="ix_comments_queue_rejected"),
            models.Index(
                # Spelt with OR: SQLite sees that `status = 'pending'` implies an OR of such terms, but not an IN.
                fields=["thread", "status", "id"],
                condition=Q(status="pending") | Q(status="spam") | Q(status="rejected"),
                name="ix_comments_thread_queue",
            ),
            models.Index(
                fields=["status", "risk", "id"],
                condition=Q(risk__isnull=False) & (Q(status="pending") | Q(status="spam") | Q(status="rejected")),
                name="ix_comments_queue_risk",
            ),
            models.Index(fields=["id"], condition=Q(report_count__gt=0), name="ix_comments_reported"),
            models.Index(
                fields=["report_count", "id"], condition=Q(report_count__gt=0), name="ix_comments_most_reported"
            ),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="ix_comments_parent"),
            models.Index(fields=["reader"], condition=Q(reader__isnull=False), name="ix_comments_reader"),
            # What the tagger has not seen yet: empty when all is well, whatever the size of the table.
            models.Index(fields=["id"], condition=Q(tagged_revision__lt=F("revision")), name="ix_comments_untagged"),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} ({self.status})"

    def get_absolute_url(self) -> str:
        """Leads to the page that shows the comment."""
        return reverse("comments:comment", args=[self.pk])

    @property
    def text(self) -> str:
        """What a reader reads in `html`; evidence offsets count its characters."""
        return plain_text(self.html)

    @property
    def body(self) -> str:
        """What the author typed."""
        return self.markup or self.text

    @property
    def is_public(self) -> bool:
        return self.status == Status.APPROVED

    @property
    def is_staff(self) -> bool:
        """Whether a member of staff posted this while logged in."""
        return self.user_id is not None

    @property
    def window_closes_at(self) -> datetime:
        """Until when the author can edit or withdraw it."""
        return self.created_at + timedelta(seconds=conf.EDIT_WINDOW)

    def is_owned_by(self, reader: Reader | None) -> bool:
        """Whether this browser posted it, or its owner has confirmed in this browser the address it was posted with."""
        return reader is not None and (self.reader_id == reader.pk or self.commenter_id in reader.commenter_ids)

    def is_editable_by(self, reader: Reader | None) -> bool:
        """Whether its author may still edit or withdraw it, in this browser."""
        return (
            # Spam, too: its author must not learn from a refusal what nothing else tells.
            self.status in {Status.PENDING, Status.APPROVED, Status.SPAM}
            and timezone.now() < self.window_closes_at
            and self.is_owned_by(reader)
        )
