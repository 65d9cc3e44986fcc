"""Threads with their tags, and comments, reports and assignments to look at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments import moderation, modes, tagging, tallies
from comments.admin.base import ReadOnlyAdmin
from comments.errors import Refusal
from comments.models import (
    Comment,
    Report,
    Status,
    Tag,
    TagAssignment,
    Thread,
)
from comments.models.tag import MAX_TAGS


class TagFormSet(BaseInlineFormSet):
    """The tags of a thread, together no more than a thread can have."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form for form in self.forms if form not in self.deleted_forms and (form.instance.pk or form.has_changed())
        ]
        if len(kept) > MAX_TAGS:
            raise ValidationError(_("A discussion can have at most %(limit)d tags."), params={"limit": MAX_TAGS})


class TagInline(admin.TabularInline):
    model = Tag
    formset = TagFormSet
    fields = ["slug", "kind", "name", "description", "position"]
    extra = 0
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 60})}}


class ThreadForm(forms.ModelForm):
    class Meta:
        model = Thread
        fields = ["title", "key", "url", "mode", "close_after_days"]

    def clean_url(self) -> str:
        """Desks and feeds link to this, so it has to be an address of a page and nothing else."""
        url: str = self.cleaned_data["url"]
        if url and not url.startswith(("/", "https://", "http://")):
            raise ValidationError(_("Give a path that begins with “/”, or an address that begins with “https://”."))
        return url


@admin.register(Thread)
class ThreadAdmin(admin.ModelAdmin):
    """Threads and their tags. Tags are saved and removed by the verbs, which hand out bits and ask for tagging anew."""

    form = ThreadForm
    inlines = [TagInline]
    list_display = ["__str__", "key", "mode", "comment_count", "created_at"]
    list_filter = ["mode"]
    search_fields = ["title", "key"]
    ordering = ["-pk"]
    readonly_fields = ["comment_count", "created_at"]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A discussion and all that people wrote in it is not one click's to delete."""
        return False

    def save_model(self, request: HttpRequest, obj: Thread, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.save()
            return
        # Only what the form holds: the counters of this row may have moved since it was read. The mode has a log.
        obj.save(update_fields=[name for name in ThreadForm.Meta.fields if name != "mode"])
        if "mode" in form.changed_data:
            modes.set_mode(obj, mode=obj.mode, by=request.user)  # type: ignore[arg-type]
        if form.changed_data:
            tallies.touch(obj.pk)

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        if formset.model is not Tag:
            super().save_formset(request, form, formset, change)
            return
        tags = formset.save(commit=False)
        # Removals first: their bits serve the new ones.
        for tag in formset.deleted_objects:
            tagging.remove_tag(tag)
        for tag in tags:
            tagging.save_tag(tag)
        formset.save_m2m()


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """Comments to look at and to find. Decisions are actions, and they are the desk's."""

    list_display = ["id", "author_name", "excerpt", "status", "thread", "created_at"]
    list_display_links = ["id", "excerpt"]
    list_filter = ["status", "created_at"]
    list_select_related = ["thread"]
    search_fields = ["author_name", "html"]
    search_help_text = gettext_lazy("Words of the text, or a name.")
    ordering = ["-pk"]
    actions = ["approve", "mark_as_spam"]
    fields = [
        "thread",
        "parent",
        "author_name",
        "author_website",
        "as_read",
        "body",
        "status",
        "reason",
        "held_for",
        "revision",
        "created_at",
        "edited_at",
        "recommendation_count",
        "reply_count",
        "report_count",
    ]
    readonly_fields = fields  # type: ignore[assignment]  # names alone, no rows of names

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Comment]:
        return super().get_queryset(request).select_related("thread")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return moderation.may_moderate(request.user)

    @admin.display(description=gettext_lazy("text"))
    def excerpt(self, comment: Comment) -> str:
        return Truncator(comment.text).chars(80) or "–"

    @admin.display(description=gettext_lazy("as readers see it"))
    def as_read(self, comment: Comment) -> SafeString:
        return mark_safe(comment.html)  # noqa: S308  sanitised on saving, see comments.sanitize

    @admin.display(description=gettext_lazy("screening"))
    def held_for(self, comment: Comment) -> str:
        # Only the codes: what a screen found is for the desk, which knows what not to show.
        return ", ".join(entry.get("code", "") for entry in comment.screening) or "–"

    @admin.action(description=gettext_lazy("Approve"), permissions=["decide"])
    def approve(self, request: HttpRequest, comments: models.QuerySet[Comment]) -> None:
        self._decide(request, comments, Status.APPROVED)

    @admin.action(description=gettext_lazy("Mark as spam"), permissions=["decide"])
    def mark_as_spam(self, request: HttpRequest, comments: models.QuerySet[Comment]) -> None:
        self._decide(request, comments, Status.SPAM)

    def _decide(self, request: HttpRequest, comments: models.QuerySet[Comment], to: Status) -> None:
        """Decide on each as it stood when the request came in, and say what became of it."""
        done = held = 0
        for comment in list(comments.order_by("pk")):
            try:
                decision = moderation.decide(
                    comment,
                    to=to,
                    by=request.user,  # type: ignore[arg-type]
                    seen=moderation.Seen(comment.status, comment.revision),
                )
            except Refusal as refusal:
                sentence = _("Comment %(number)d: %(refusal)s") % {"number": comment.pk, "refusal": refusal}
                self.message_user(request, sentence, messages.WARNING)
                continue
            if decision.event is None:
                held += 1
            else:
                done += 1
        values = {"status": to.label}
        if done:
            sentence = ngettext("%(count)d comment is %(status)s now.", "%(count)d comments are %(status)s now.", done)
            self.message_user(request, sentence % {"count": done, **values}, messages.SUCCESS)
        if held:
            sentence = ngettext(
                "%(count)d comment was %(status)s already.", "%(count)d comments were %(status)s already.", held
            )
            self.message_user(request, sentence % {"count": held, **values}, messages.INFO)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "comment_id", "reason", "note", "resolved_at"]
    list_filter = ["reason", ("resolved_at", admin.EmptyFieldListFilter)]
    ordering = ["-pk"]
    fields = ["comment", "reason", "note", "created_at", "resolved_at"]


@admin.register(TagAssignment)
class TagAssignmentAdmin(ReadOnlyAdmin):
    list_display = ["comment_id", "tag", "source", "verdict", "confidence", "by", "at"]
    list_filter = ["source", "verdict"]
    list_select_related = ["tag", "by"]
    ordering = ["-pk"]
    fields = ["comment", "tag", "source", "verdict", "confidence", "evidence", "by", "at"]
