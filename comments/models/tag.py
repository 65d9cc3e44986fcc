"""Tags as neutral labels of a thread, who gave them to a comment, and how many comments carry which combination."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models.columns import SpansField

MAX_TAGS = 62
"""Tags a thread can have: each owns a bit of `Comment.tag_mask`, a signed 64-bit integer in every database."""


class TagKind(models.TextChoices):
    INDICATOR = "indicator", _("indicator")
    POSITION = "position", _("position")


class Tag(models.Model):
    """A label of one thread. `bit` is its place in `Comment.tag_mask` and never changes."""

    thread = models.ForeignKey("comments.Thread", on_delete=models.CASCADE, related_name="tags")
    slug = models.SlugField(_("slug"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=TagKind.choices)
    name = models.CharField(pgettext_lazy("tag", "name"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    bit = models.PositiveSmallIntegerField(editable=False, validators=[MaxValueValidator(MAX_TAGS - 1)])
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["thread", "slug"], name="comments_tag_slug"),
            models.UniqueConstraint(fields=["thread", "bit"], name="comments_tag_bit"),
            models.CheckConstraint(condition=models.Q(bit__lt=MAX_TAGS), name="comments_tag_bit_range"),
            models.CheckConstraint(condition=models.Q(kind__in=TagKind.values), name="comments_tag_kind"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What a reader sees: the name, or the description where a taxonomy gives no names."""
        return self.name or self.description or self.slug

    @property
    def mask(self) -> int:
        return 1 << self.bit


class TagAssignment(models.Model):
    """What one source says about one tag of one comment. A person's row outranks the machine's for ever.

    `evidence` is a list of `[start, end]`, offsets in characters of `Comment.text`.
    """

    class Source(models.TextChoices):
        MACHINE = "machine", _("machine")
        PERSON = "person", _("person")

    class Verdict(models.TextChoices):
        YES = "yes", _("applies")
        NO = "no", _("does not apply")
        UNSURE = "unsure", _("cannot decide")

    # By width, as the columns of Comment.
    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(pgettext_lazy("column", "at"), default=timezone.now)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    verdict = models.CharField(_("verdict"), max_length=6, choices=Verdict.choices)
    evidence = SpansField(default=list, blank=True)

    class Meta:
        verbose_name = _("tag assignment")
        verbose_name_plural = _("tag assignments")
        constraints = [
            models.UniqueConstraint(fields=["comment", "tag", "source"], name="comments_assignment_once"),
            models.CheckConstraint(
                condition=models.Q(confidence__isnull=True) | models.Q(confidence__gte=0, confidence__lte=1),
                name="comments_assignment_probability",
            ),
            models.CheckConstraint(
                condition=models.Q(source="machine") | ~models.Q(verdict="unsure"), name="comments_assignment_person"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tag", "at"], condition=models.Q(source="person"), name="ix_comments_assignment_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.comment_id}: {self.verdict} ({self.source})"


class TagSuggestion(models.Model):
    """A reader's hint that a tag does not fit a comment; open until a person in the newsroom says whether it does.

    It changes neither the tags nor what a tagger learns: whoever could do that by a click could do it a thousand times.
    """

    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, related_name="tag_suggestions", db_index=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="suggestions")
    reader = models.ForeignKey("comments.Reader", on_delete=models.CASCADE, related_name="tag_suggestions")
    created_at = models.DateTimeField(_("suggested at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("tag suggestion")
        verbose_name_plural = _("tag suggestions")
        constraints = [
            models.UniqueConstraint(fields=["comment", "tag", "reader"], name="comments_suggestion_once"),
        ]
        indexes = [
            models.Index(
                fields=["comment", "tag"],
                condition=models.Q(settled_at__isnull=True),
                name="ix_comments_suggestion_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} doubted on {self.comment_id}"


class FacetCount(models.Model):
    """How many public comments of a thread carry exactly this combination of tags.

    The counts of every filter follow from these few rows, so a page costs the same in a thread of a hundred comments
    and of a hundred thousand. Comments without a tag are not counted here. Written by `comments.tallies` alone.
    """

    thread = models.ForeignKey("comments.Thread", on_delete=models.CASCADE, related_name="facet_counts", db_index=False)
    tag_mask = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "tag_mask"], name="comments_facet_mask")]

    def __str__(self) -> str:
        return f"{self.thread_id}/{self.tag_mask:b}: {self.count}"
