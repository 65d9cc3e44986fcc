"""Mails, subscriptions and confirmations to look at, as numbers; and the access tokens of programs."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments import mailing
from comments.admin.base import ReadOnlyAdmin
from comments.errors import Refusal
from comments.models import (
    AccessToken,
    Confirmation,
    ConfirmationRequest,
    Outbox,
    Subscription,
)


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """How the mails stand: who gets one is a number here, and a fault is a code."""

    list_display = ["id", "kind", "state", "attempts", "fault", "due_at", "sent_at", "commenter_id"]
    list_filter = ["state", "kind", "fault"]
    ordering = ["-pk"]
    actions = ["retry"]
    fields = [
        "commenter_id", "kind", "pace", "language", "state", "attempts", "fault",
        "created_at", "due_at", "claimed_at", "sent_at",
    ]  # fmt: skip
    readonly_fields = fields  # type: ignore[assignment]  # names alone, no rows of names

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.change_outbox")

    @admin.action(description=gettext_lazy("Try again what was given up"), permissions=["retry"])
    def retry(self, request: HttpRequest, mails: models.QuerySet[Outbox]) -> None:
        """Have each mail tried once more, and say what became of it."""
        done = 0
        for mail in mails.order_by("pk"):
            try:
                mailing.retry(mail.pk)
            except Refusal as refusal:
                sentence = _("Mail %(number)d: %(refusal)s") % {"number": mail.pk, "refusal": refusal}
                self.message_user(request, sentence, messages.WARNING)
                continue
            done += 1
        if done:
            sentence = ngettext("%(count)d mail will be tried again.", "%(count)d mails will be tried again.", done)
            self.message_user(request, sentence % {"count": done}, messages.SUCCESS)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["id", "commenter_id", "thread", "comment_id", "tag", "pace", "confirmed_at"]
    list_filter = ["pace", ("confirmed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["thread", "tag"]
    ordering = ["-pk"]
    fields = ["commenter_id", "thread", "comment_id", "tag", "pace", "language", "created_at", "confirmed_at"]
    readonly_fields = fields  # type: ignore[assignment]


@admin.register(ConfirmationRequest)
class ConfirmationRequestAdmin(ReadOnlyAdmin):
    """Who asked for a confirmation, as numbers. The nonce is half of a link and is shown nowhere."""

    list_display = ["id", "commenter_id", "reader_id", "created_at", "settled_at", "used_at"]
    list_filter = [("settled_at", admin.EmptyFieldListFilter), ("used_at", admin.EmptyFieldListFilter)]
    ordering = ["-pk"]
    fields = ["commenter_id", "reader_id", "language", "created_at", "settled_at", "used_at"]
    readonly_fields = fields  # type: ignore[assignment]


@admin.register(Confirmation)
class ConfirmationAdmin(ReadOnlyAdmin):
    list_display = ["id", "commenter_id", "reader_id", "at"]
    ordering = ["-pk"]
    fields = ["commenter_id", "reader_id", "at"]
    readonly_fields = fields  # type: ignore[assignment]


@admin.register(AccessToken)
class AccessTokenAdmin(admin.ModelAdmin):
    """Tokens are issued here and shown once; afterwards there is only their label to see, and they can be deleted."""

    list_display = ["label", "user", "created_at", "expires_at"]
    list_select_related = ["user"]
    ordering = ["-pk"]
    fields = ["user", "label", "expires_at"]
    raw_id_fields = ["user"]

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AccessToken, form: forms.ModelForm, change: bool) -> None:
        token = AccessToken.issue(user=obj.user, label=obj.label)
        made = AccessToken.objects.get(digest=AccessToken.digest_of(token))
        if obj.expires_at is not None:
            made.expires_at = obj.expires_at
            made.save(update_fields=["expires_at"])
        obj.pk, obj.digest, obj.created_at = made.pk, made.digest, made.created_at
        self.message_user(
            request,
            format_html(
                _("The token of “{label}” is {token} – copy it now, it cannot be shown again."),
                label=obj.label,
                token=format_html("<code>{}</code>", token),
            ),
            messages.WARNING,
        )
