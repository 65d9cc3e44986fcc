"""What moderators work with beside the comments: Reason, Block, Appeal, Viewing, Sample, and the WordEntry of lists."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Reason(models.Model):
    """Why a comment may be rejected, as this site words it. `comments.reasons` reads it."""

    code = models.SlugField(_("code"), max_length=16, unique=True)
    sentence = models.CharField(
        _("sentence for the author"),
        max_length=200,
        blank=True,
        help_text=_("Empty: the words that come with the software, in the reader's language."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_offered = models.BooleanField(
        _("offered"), default=True, help_text=_("Off: kept for what was decided with it, not for new decisions.")
    )

    class Meta:
        verbose_name = _("reason for a rejection")
        verbose_name_plural = _("reasons for a rejection")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.code


class Block(models.Model):
    """Somebody may not post, for a time or for ever, in one discussion or on the whole site.

    Holds whoever posts from `reader` (the browser), and, where that browser had confirmed the address behind
    `commenter`, its owner. An address that is only typed proves nothing, so there the comment waits instead.

    Who has themselves erased would shed a block by that, and come back at once. Of a block that stands then, a keyed
    digest of the address is left until the block ends, with nothing that anybody wrote (`comments.erasing`).
    """

    commenter = models.ForeignKey(
        "comments.Commenter", on_delete=models.SET_NULL, null=True, blank=True, related_name="blocks"
    )
    reader = models.ForeignKey(
        "comments.Reader", on_delete=models.SET_NULL, null=True, blank=True, related_name="blocks"
    )
    thread = models.ForeignKey(
        "comments.Thread", on_delete=models.CASCADE, null=True, blank=True, related_name="blocks"
    )
    """Where; empty for the whole site."""
    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.SET_NULL, null=True, blank=True, related_name="blocks"
    )
    """The comment that was the occasion."""
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    """Empty: for ever."""
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    address_digest = models.CharField(max_length=32, null=True, editable=False)
    """As of a Commenter, where that row was erased; empty before."""
    is_owners = models.BooleanField(default=False, editable=False)
    """Whether who was erased had confirmed that address."""
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        indexes = [
            models.Index(
                fields=["address_digest"], condition=Q(address_digest__isnull=False), name="ix_comments_block_digest"
            )
        ]

    def __str__(self) -> str:
        return f"block {self.pk}"


class Appeal(models.Model):
    """An author asks that a rejection be looked at again. One for each rejection; open until somebody decides."""

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="appeals")
    event = models.OneToOneField("comments.ModerationEvent", on_delete=models.CASCADE, related_name="appeal")
    """The rejection that it is about."""
    text = models.TextField(_("what the author says"), blank=True)
    created_at = models.DateTimeField(_("appealed at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        indexes = [
            models.Index(fields=["comment"], condition=Q(settled_at__isnull=True), name="ix_comments_appeal_open")
        ]

    def __str__(self) -> str:
        return f"appeal of {self.comment_id}"


class Viewing(models.Model):
    """A moderator has this card open. A hint for the others, good for a minute or so; it forbids nothing."""

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="viewings", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments_viewings")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("open card")
        verbose_name_plural = _("open cards")
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="comments_viewing_once")]
        indexes = [models.Index(fields=["at"], name="ix_comments_viewing_at")]

    def __str__(self) -> str:
        return f"{self.user_id} looks at {self.comment_id}"


class Sample(models.Model):
    """A comment on which a machine decided, drawn at random for a person to look at all the same."""

    comment = models.OneToOneField("comments.Comment", on_delete=models.CASCADE, related_name="sample")
    machine_status = models.CharField(_("decided by machine"), max_length=9)
    risk = models.PositiveSmallIntegerField(null=True)
    """As it was when the machine decided, in per mille."""
    drawn_at = models.DateTimeField(_("drawn"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    is_agreed = models.BooleanField(_("the person agrees"), null=True)

    class Meta:
        verbose_name = _("standing sample")
        verbose_name_plural = _("standing sample")
        indexes = [
            models.Index(fields=["comment"], condition=Q(settled_at__isnull=True), name="ix_comments_sample_open"),
            models.Index(fields=["settled_at"], name="ix_comments_sample_settled"),
        ]

    def __str__(self) -> str:
        return f"sample of {self.comment_id}"


class WordEntry(models.Model):
    """A word, phrase or domain of one of the site's lists. `comments.screening.lists` matches them."""

    class List(models.TextChoices):
        HOLD = "hold", _("hold")
        SPAM = "spam", _("spam")
        REJECT = "reject", _("reject")

    list = models.CharField(_("list"), max_length=6, choices=List.choices)
    pattern = models.CharField(_("word, phrase or domain"), max_length=200)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        verbose_name = _("entry of a word list")
        verbose_name_plural = _("word lists")
        constraints = [
            models.UniqueConstraint(fields=["list", "pattern"], name="comments_word_once"),
            models.CheckConstraint(condition=Q(list__in=["hold", "spam", "reject"]), name="comments_word_list"),
        ]

    def __str__(self) -> str:
        return self.pattern
