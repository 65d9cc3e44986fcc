"""What moderators work with: the reasons to edit, the rest to look at."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from comments.admin.base import ReadOnlyAdmin
from comments.models import (
    Appeal,
    Block,
    ModerationEvent,
    Reason,
    Sample,
)


@admin.register(ModerationEvent)
class ModerationEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "comment_id", "thread_id", "from_status", "to_status", "actor", "by", "reason"]
    list_filter = ["action", "actor", "at"]
    list_select_related = ["by"]
    search_fields = ["note"]
    ordering = ["-pk"]
    fields = [
        "action", "thread", "comment", "from_status", "to_status", "actor", "by", "reason", "note", "message",
        "is_invitation", "batch", "undoes", "revision", "at",
    ]  # fmt: skip


class ReasonForm(forms.ModelForm):
    class Meta:
        model = Reason
        fields = ["code", "sentence", "position", "is_offered"]


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    """The reasons for a rejection. What was decided with one is kept by its code, so a code stays and none is deleted;
    one that is no longer wanted is not offered."""

    form = ReasonForm
    list_display = ["code", "sentence", "position", "is_offered"]
    list_editable = ["position", "is_offered"]
    ordering = ["position", "pk"]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        return ["code"] if obj is not None else []


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    """Who is blocked, as numbers. Blocks are set and lifted on the desk, which logs both."""

    list_display = [
        "id",
        "commenter_id",
        "reader_id",
        "thread",
        "reason",
        "by",
        "created_at",
        "expires_at",
        "lifted_at",
    ]
    list_filter = [("lifted_at", admin.EmptyFieldListFilter), ("expires_at", admin.EmptyFieldListFilter)]
    list_select_related = ["thread", "by"]
    ordering = ["-pk"]
    fields = ["commenter_id", "reader_id", "thread", "comment", "reason", "by", "created_at", "expires_at", "lifted_at"]
    readonly_fields = fields  # type: ignore[assignment]


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    list_display = ["id", "comment_id", "created_at", "settled_at"]
    list_filter = [("settled_at", admin.EmptyFieldListFilter)]
    ordering = ["-pk"]
    fields = ["comment", "event", "text", "created_at", "settled_at"]


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    list_display = ["id", "comment_id", "machine_status", "risk", "drawn_at", "settled_at", "is_agreed"]
    list_filter = [("settled_at", admin.EmptyFieldListFilter), "is_agreed"]
    ordering = ["-pk"]
    fields = ["comment", "machine_status", "risk", "drawn_at", "settled_at", "is_agreed"]
