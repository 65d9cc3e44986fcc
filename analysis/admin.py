"""The add-on in Django's admin: what a tagger knows of each tag, and what taggers did. Cues are saved by the verb,
which has the thread tagged anew."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from analysis import runs
from analysis.models import Definition, LearnedModel, ModelChange, TaggingRun

EDIT_PERMISSION = "comments.change_tag"
"""Who may say what a tag is called may say what it means."""


class DefinitionForm(forms.ModelForm):
    """Cues as an editor types them: one on a line."""

    cues = forms.CharField(
        label=gettext_lazy("cues"),
        help_text=gettext_lazy("Words and phrases that speak for the tag, one on a line."),
        widget=forms.Textarea(attrs={"rows": 12, "cols": 60}),
        max_length=20_000,
        required=False,
    )

    class Meta:
        model = Definition
        fields = ["tag", "cues"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["cues"] = "\n".join(self.instance.cues)

    def clean_cues(self) -> list[str]:
        lines = (" ".join(line.split()) for line in self.cleaned_data["cues"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))


@admin.register(Definition)
class DefinitionAdmin(admin.ModelAdmin):
    form = DefinitionForm
    list_display = ["tag", "thread", "cues_in_short"]
    list_select_related = ["tag__thread"]
    search_fields = ["tag__name", "tag__slug"]
    ordering = ["-tag__thread_id", "tag__position"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may_edit(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may_edit(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """No cues says the same, and has the thread tagged anew."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        return ["tag"] if obj is not None else []

    def save_model(self, request: HttpRequest, obj: Definition, form: forms.ModelForm, change: bool) -> None:
        obj.pk = runs.set_cues(obj.tag, form.cleaned_data["cues"]).pk

    @admin.display(description=gettext_lazy("thread"))
    def thread(self, definition: Definition) -> str:
        return str(definition.tag.thread)

    @admin.display(description=gettext_lazy("cues"))
    def cues_in_short(self, definition: Definition) -> str:
        return ", ".join(definition.cues[:5]) or "–"

    @staticmethod
    def _may_edit(request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.has_perm(EDIT_PERMISSION))


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table that verbs alone write: looked at here, changed nowhere."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(TaggingRun)
class TaggingRunAdmin(ReadOnlyAdmin):
    list_display = ["comment_id", "revision", "tagger", "outcome", "at"]
    list_filter = ["outcome", "tagger"]
    ordering = ["-pk"]
    fields = ["comment", "revision", "tagger", "outcome", "at"]


@admin.register(LearnedModel)
class LearnedModelAdmin(ReadOnlyAdmin):
    """Without the state: it is made of readers' words. Going back to a version is for the editors' page."""

    list_display = ["tag", "version", "is_live", "positives", "examples", "f1_before", "f1_after", "created_at"]
    list_filter = ["is_live"]
    list_select_related = ["tag"]
    search_fields = ["tag__name", "tag__slug"]
    ordering = ["-pk"]
    fields = ["tag", "version", "is_live", "positives", "examples", "before", "after", "scorer", "by", "created_at"]

    @admin.display(description=gettext_lazy("F1 before"))
    def f1_before(self, model: LearnedModel) -> str:
        return _as_percent(model.before)

    @admin.display(description=gettext_lazy("F1 after"))
    def f1_after(self, model: LearnedModel) -> str:
        return _as_percent(model.after)


@admin.register(ModelChange)
class ModelChangeAdmin(ReadOnlyAdmin):
    list_display = ["tag", "from_version", "to_version", "is_chosen", "by", "at"]
    list_filter = ["is_chosen"]
    list_select_related = ["tag", "by"]
    search_fields = ["tag__name", "tag__slug"]
    ordering = ["-pk"]
    fields = ["tag", "from_version", "to_version", "is_chosen", "by", "at"]


def _as_percent(figures: Any) -> str:
    f1 = figures.get("f1") if isinstance(figures, dict) else None
    return f"{f1:.0%}" if isinstance(f1, (int, float)) else "–"
