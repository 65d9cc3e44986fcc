"""What the add-on stores: what a tagger knows of a tag, what was decided by which tagger on which revision, the models
that corrections taught with the log of which of them decided, and the vectors of texts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Definition(models.Model):
    """What a tagger knows of a tag beside its name and description: phrases that an editor gave, and how sure it has
    to be.

    `learned_at` is the time of the latest correction that has been learned from; a later one is still to be.
    `learned_from` names everything that went into it, so that nothing is learned twice.
    """

    tag = models.OneToOneField("comments.Tag", on_delete=models.CASCADE, related_name="definition")
    cues = models.JSONField(_("cues"), default=list, blank=True)
    shown_from = models.FloatField(_("shown from"), null=True, blank=True)
    """Confidence from which readers see the tag; empty leaves it to the tagger."""
    is_held = models.BooleanField(_("model chosen by an editor"), default=False)
    """New versions wait until an editor lets the figures decide again."""
    learned_at = models.DateTimeField(null=True, blank=True, editable=False)
    learned_from = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        verbose_name = _("tag definition")
        verbose_name_plural = _("tag definitions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shown_from__isnull=True) | models.Q(shown_from__gt=0, shown_from__lte=1),
                name="analysis_definition_probability",
            )
        ]

    def __str__(self) -> str:
        return str(self.tag)


class ThreadReading(models.Model):
    """How much of a thread its taggers have read to see which words are common there; see `analysis.runs`."""

    thread = models.OneToOneField("comments.Thread", on_delete=models.CASCADE, related_name="reading")
    level = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.thread_id}: level {self.level}"


class TaggingRun(models.Model):
    """One tagger's work on one revision of a comment. A comment whose revision has no run is untagged.

    `reading` names all that the tagger had read of the thread (`analysis.runs`): under the same one it would say the
    same again.
    """

    class Outcome(models.TextChoices):
        TAGGED = "tagged", _("tagged")
        NONE = "none", _("none fits")
        UNCERTAIN = "uncertain", _("cannot decide")

    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, related_name="tagging_runs", db_index=False
    )
    revision = models.PositiveSmallIntegerField(pgettext_lazy("tagging", "revision"))
    tagger = models.CharField(_("tagger"), max_length=80)
    reading = models.CharField(max_length=16, blank=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    at = models.DateTimeField(pgettext_lazy("tagging", "at"), default=timezone.now)

    exported_fields = ("revision", "tagger", "outcome", "at")
    """What the author gets in the file of "my data"; see `comments.exporting`."""

    class Meta:
        verbose_name = _("tagging run")
        verbose_name_plural = _("tagging runs")
        constraints = [models.UniqueConstraint(fields=["comment", "revision"], name="analysis_run_once")]
        indexes = [
            # The editors' queue, oldest comment first.
            models.Index(fields=["comment"], condition=models.Q(outcome="uncertain"), name="ix_analysis_run_uncertain")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} r{self.revision}: {self.outcome}"


class LearnedModel(models.Model):
    """What corrections taught about one tag, as one version of a model. `analysis.learning` alone writes it.

    `before` and `after` are what cross-validation says of the tagger without and with it, on the same examples. Where
    it says that a model would be no better, there is none. `scorer` is the tagger that it builds on.
    """

    tag = models.ForeignKey("comments.Tag", on_delete=models.CASCADE, related_name="learned_models", db_index=False)
    version = models.PositiveIntegerField(_("version"))
    state = models.JSONField(default=dict)
    before = models.JSONField(_("figures before"), default=dict)
    after = models.JSONField(_("figures after"), default=dict)
    examples = models.PositiveIntegerField(_("examples"), default=0)
    positives = models.PositiveIntegerField(_("examples to which the tag applies"), default=0)
    scorer = models.CharField(max_length=80, blank=True)
    is_live = models.BooleanField(_("in use"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    """Whose correction was the last that it learned from."""
    created_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("learned model")
        verbose_name_plural = _("learned models")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["tag", "version"], name="analysis_model_version"),
            models.UniqueConstraint(
                fields=["tag"], condition=models.Q(is_live=True), name="analysis_model_one_is_live"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} v{self.version}"


class ModelChange(models.Model):
    """Another version began to decide, or none: the log of learning. Versions by their numbers, for old ones go."""

    tag = models.ForeignKey("comments.Tag", on_delete=models.CASCADE, related_name="model_changes")
    from_version = models.PositiveIntegerField(_("from"), null=True, blank=True)
    to_version = models.PositiveIntegerField(_("to"), null=True, blank=True)
    is_chosen = models.BooleanField(_("chosen by an editor"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(pgettext_lazy("tagging", "at"), default=timezone.now)

    class Meta:
        verbose_name = _("change of a model")
        verbose_name_plural = _("log of learning")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.from_version} -> {self.to_version}"


class Vector(models.Model):
    """What a sentence model made of a comment's text; see `analysis.vectors`. Each comment has its own, although two
    may say the same: the one that is erased takes its own along."""

    comment = models.OneToOneField("comments.Comment", on_delete=models.CASCADE, related_name="vector")
    digest = models.CharField(max_length=32, db_index=True)
    """Of model and text, in hexadecimal."""
    packed = models.BinaryField()

    exported_fields = ("packed",)

    def __str__(self) -> str:
        return f"vector of {self.comment_id}"


class ScreenModel(models.Model):
    """What this site's own decisions taught about what is not published, as one version. `analysis.screening` alone
    writes it.

    `before` and `after` are cross-validated figures of the version before and of this one, on the same decisions.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    state = models.JSONField(default=dict)
    before = models.JSONField(_("figures before"), default=dict)
    after = models.JSONField(_("figures after"), default=dict)
    examples = models.PositiveIntegerField(_("decisions that it learned from"), default=0)
    last_event = models.PositiveBigIntegerField(default=0)
    """Id of the newest decision that it learned from."""
    is_live = models.BooleanField(_("in use"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    """Who chose it; empty where its figures did."""
    created_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("learned screen")
        verbose_name_plural = _("learned screens")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_live"], condition=models.Q(is_live=True), name="analysis_screen_one_is_live"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class ScreenPolicy(models.Model):
    """How the learned screen is run on this site: one row, with id 1. `analysis.screening` alone writes it."""

    spam_error = models.FloatField(_("good comments that may be marked as spam"), null=True, blank=True)
    """A share; empty: the one in the settings."""
    hold_error = models.FloatField(_("good comments that may wait in vain"), null=True, blank=True)
    is_held = models.BooleanField(_("version chosen by a person"), default=False)
    """New versions wait until somebody lets the figures decide again."""
    seen_event = models.PositiveBigIntegerField(default=0)
    """Id of the newest decision when it was last tried to learn, whatever came of it."""
    drift_at = models.DateTimeField(_("drifts since"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    """Moves on with everything that changes what the screen says."""

    class Meta:
        verbose_name = _("policy of the learned screen")
        verbose_name_plural = _("policy of the learned screen")

    def __str__(self) -> str:
        return f"revision {self.revision}"


class ScreenChange(models.Model):
    """Another version of the learned screen began to decide, or none, or with other errors accepted: its log."""

    from_version = models.PositiveIntegerField(_("from"), null=True, blank=True)
    to_version = models.PositiveIntegerField(_("to"), null=True, blank=True)
    spam_error = models.FloatField(_("good comments that may be marked as spam"))
    hold_error = models.FloatField(_("good comments that may wait in vain"))
    is_chosen = models.BooleanField(_("chosen by a person"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(pgettext_lazy("tagging", "at"), default=timezone.now)

    class Meta:
        verbose_name = _("change of the learned screen")
        verbose_name_plural = _("log of the learned screen")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.from_version} -> {self.to_version}"

    @property
    def percents(self) -> tuple[float, float]:
        """The accepted errors in per cent."""
        return round(100 * self.spam_error, 1), round(100 * self.hold_error, 1)
