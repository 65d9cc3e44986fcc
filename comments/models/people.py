"""The people of a discussion: Commenter (the person behind an address), Mailbox (how often it was asked to confirm
one), Reader (a browser), what binds the two (Confirmation, and the ConfirmationRequest that leads to it), AccessToken
(a program that acts for staff)."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Commenter(models.Model):
    """The person behind an address: the ONLY table that holds one, sealed.

    `comments.privacy` alone reads and writes `sealed_address` and `address_digest`. Nothing that readers see may be
    derived from this row, its id included.

    A row without `address_digest` holds an address that somebody typed to ask for something, before anybody has looked
    whether it is known: the request that stored it took the same time either way. `comments.confirming.settle` then
    hands what was asked for to the row that carries the digest.
    """

    sealed_address = models.BinaryField(editable=False)
    sealed_under = models.CharField(max_length=8, editable=False)
    """Names the key that sealed the row (`privacy.key_name`), so that a rotation finds what is left to do."""
    address_digest = models.CharField(max_length=32, unique=True, null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    """When the address was last typed or confirmed, to the day; retention counts from it."""

    class Meta:
        verbose_name = _("commenter")
        verbose_name_plural = _("commenters")
        permissions = [("see_address", _("Can see the address of a commenter"))]

    def __str__(self) -> str:
        return f"commenter {self.pk}"


class Mailbox(models.Model):
    """How often a mailbox was asked to confirm an address. `comments.mailboxes` alone reads and writes it.

    Known by a keyed digest of what addresses of one mailbox have in common, and tied to nobody: it outlives the
    addresses, or whoever has one erased could have mails sent to a stranger without end.
    """

    digest = models.CharField(max_length=32, unique=True, editable=False)
    asked_count = models.PositiveSmallIntegerField(default=0, editable=False)
    """Confirmation mails that went there since one of its addresses was last confirmed."""
    asked_at = models.DateTimeField(null=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return f"mailbox {self.pk}"


class Reader(models.Model):
    """A browser that posted, recommended or reported, known by the keyed digest of a random cookie.

    `hue` (0-11) colours the initials of what this browser posts. It is drawn at random, so it says nothing of an
    address.
    """

    cookie_digest = models.CharField(max_length=32, unique=True, editable=False)
    hue = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reader")
        verbose_name_plural = _("readers")

    def __str__(self) -> str:
        return f"reader {self.pk}"

    @cached_property
    def commenter_ids(self) -> frozenset[int]:
        """Whose addresses have been confirmed in this browser. One query for each row in memory."""
        return frozenset(Confirmation.objects.filter(reader=self).values_list("commenter_id", flat=True))


class Confirmation(models.Model):
    """In this browser the owner of this address has said so, by way of a mail to it. What trust rests on."""

    commenter = models.ForeignKey(Commenter, on_delete=models.CASCADE, related_name="confirmations", db_index=False)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="confirmations")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        constraints = [models.UniqueConstraint(fields=["commenter", "reader"], name="comments_confirmation_once")]

    def __str__(self) -> str:
        return f"{self.commenter} in {self.reader}"


class ConfirmationRequest(models.Model):
    """Somebody asked, from a browser, that an address be confirmed. Works once, for a while.

    `nonce` is half of the link's proof; the other half is a signature, so neither the table nor a key alone makes a
    link.
    """

    commenter = models.ForeignKey(Commenter, on_delete=models.CASCADE, related_name="requests")
    reader = models.ForeignKey(Reader, on_delete=models.SET_NULL, null=True, related_name="requests")
    nonce = models.CharField(max_length=22, editable=False)
    language = models.CharField(max_length=12, blank=True)
    """Of the page on which it was asked for."""
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, editable=False)
    """When the address was matched and the mail queued or refused. Empty: a task or the sweep has it before it."""
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("confirmation request")
        verbose_name_plural = _("confirmation requests")
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(settled_at__isnull=True), name="ix_comments_request_unsettled"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class AccessToken(models.Model):
    """Lets a program act for a member of staff (`Authorization: Bearer`). The token is shown once and never kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments_tokens")
    label = models.CharField(_("label"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def digest_of(token: str) -> str:
        """A plain SHA-256: the token carries 256 random bits, so no key or stretching adds anything."""
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def issue(cls, *, user: models.Model, label: str) -> str:
        """Make a token for a user and return it, the only time that it can be read."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(user=user, label=label, digest=cls.digest_of(token))
        return token
