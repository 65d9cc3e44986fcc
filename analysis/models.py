"""What the add-on stores: the cues of a tag, and what was decided by which tagger on which revision."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Definition(models.Model):
    """What a tagger knows of a tag beside its name and description: phrases that an editor gave."""

    tag = models.OneToOneField("comments.Tag", on_delete=models.CASCADE, related_name="definition")
    cues = models.JSONField(_("cues"), default=list, blank=True)

    class Meta:
        verbose_name = _("tag definition")
        verbose_name_plural = _("tag definitions")

    def __str__(self) -> str:
        return str(self.tag)


class TaggingRun(models.Model):
    """One tagger's work on one revision of a comment. A comment whose revision has no run is untagged."""

    class Outcome(models.TextChoices):
        TAGGED = "tagged", _("tagged")
        NONE = "none", _("none fits")
        UNCERTAIN = "uncertain", _("cannot decide")

    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.CASCADE, related_name="tagging_runs", db_index=False
    )
    revision = models.PositiveSmallIntegerField(_("revision"))
    tagger = models.CharField(_("tagger"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("tagging run")
        verbose_name_plural = _("tagging runs")
        constraints = [models.UniqueConstraint(fields=["comment", "revision"], name="analysis_run_once")]

    def __str__(self) -> str:
        return f"{self.comment_id} r{self.revision}: {self.outcome}"
