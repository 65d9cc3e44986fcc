"""Article: what the newsroom publishes, and what a discussion stands under. SeededComment: what came from seeds/."""

from __future__ import annotations

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Thread
from comments.sanitize import render_article


class Article(models.Model):
    """One article. `html` is rendered from `body` (Markdown) on saving; its discussion is made then, too."""

    slug = models.SlugField(_("slug"), unique=True, max_length=120)
    title = models.CharField(_("title"), max_length=300)
    standfirst = models.TextField(_("standfirst"), blank=True)
    byline = models.CharField(_("byline"), max_length=200, blank=True)
    body = models.TextField(_("text"))
    html = models.TextField(editable=False, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    thread = models.OneToOneField(
        "comments.Thread", on_delete=models.PROTECT, related_name="article", verbose_name=_("thread")
    )

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-published_at", "-id"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: object, **kwargs: object) -> None:
        self.html = render_article(self.body)
        with transaction.atomic():
            self._keep_thread()
            super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("articles:article", args=[self.slug])

    def _keep_thread(self) -> None:
        """Make the discussion of a new article; let an older one follow the article's title and address."""
        title, url = self.title, self.get_absolute_url()
        if getattr(self, "thread_id", None) is None:
            self.thread = Thread.objects.get_or_create(
                key=self.slug, defaults={"title": title, "url": url, "created_at": self.published_at}
            )[0]
        elif (self.thread.title, self.thread.url) != (title, url):
            Thread.objects.filter(pk=self.thread_id).update(title=title, url=url)
            self.thread.title, self.thread.url = title, url


class SeededComment(models.Model):
    """Says which comment came from which line of seeds/discussion.jsonl, so that seeding again adds none twice.

    The row stays when the comment goes: a seeding does not bring back what somebody erased.
    """

    seed_id = models.CharField(max_length=64, unique=True)
    comment = models.OneToOneField("comments.Comment", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("seeded comment")
        verbose_name_plural = _("seeded comments")

    def __str__(self) -> str:
        return self.seed_id
