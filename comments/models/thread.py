"""Thread: the one discussion of an article."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments import conf
from comments.querysets import ThreadQuerySet


class Mode(models.TextChoices):
    """What happens to a new comment that no screen objects to."""

    HOLD_ALL = "hold_all", _("hold everything")
    HOLD_NEWCOMERS = "hold_newcomers", _("hold newcomers")
    PUBLISH = "publish", _("publish at once")
    CLOSED = "closed", _("closed")


def default_mode() -> str:
    """The mode of a new thread, from the settings."""
    return str(conf.MODE)


class Thread(models.Model):
    """The discussion of one article, known to the host by `key`.

    `comment_count` and `version` are written by `comments.tallies` alone; `version` grows with every change that a
    reader could see and names the cached pages and the ETag.
    """

    key = models.CharField(_("key"), max_length=200, unique=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    url = models.CharField(_("url of the article"), max_length=2000, blank=True)
    mode = models.CharField(_("mode"), max_length=16, choices=Mode.choices, default=default_mode)
    close_after_days = models.PositiveSmallIntegerField(
        _("close after days"), null=True, blank=True, help_text=_("Empty: the site's rule.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    pinned = models.ForeignKey(
        "comments.Comment", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    """The comment that stands above the others, of whatever age."""
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
        constraints = [
            models.CheckConstraint(condition=models.Q(mode__in=Mode.values), name="comments_thread_mode"),
        ]

    def __str__(self) -> str:
        return self.title or self.key

    def save(self, **options: Any) -> None:
        """Store what an editor may change. The counters and the pin are left alone: between reading this row and saving
        it, others may have moved them on. What is shown of a thread is cached under its version, so that one moves on
        here."""
        if self._state.adding or options.get("update_fields") is not None:
            super().save(**options)
            return
        names = [field.name for field in self._meta.concrete_fields if not field.primary_key]
        super().save(
            **{
                **options,
                "update_fields": [name for name in names if name not in {"comment_count", "version", "pinned"}],
            }
        )
        type(self)._default_manager.filter(pk=self.pk).update(version=models.F("version") + 1)

    def get_absolute_url(self) -> str:
        """The page of the article."""
        return self.url or "/"

    @property
    def closes_at(self) -> datetime | None:
        """When the thread closes by itself; None where it stays open."""
        days = self.close_after_days if self.close_after_days is not None else conf.CLOSE_AFTER_DAYS
        return None if days is None else self.created_at + timedelta(days=days)

    @property
    def is_open(self) -> bool:
        """Whether the thread takes comments now."""
        closes_at = self.closes_at
        return self.mode != Mode.CLOSED and (closes_at is None or timezone.now() < closes_at)
