"""The people of a discussion: Commenter (the person behind an address), Reader (a browser), AccessToken (a program
that acts for staff)."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Commenter(models.Model):
    """The person behind an address: the ONLY table that holds one, sealed.

    `comments.privacy` alone reads and writes `sealed_address` and `address_digest`. Nothing that readers see may be
    derived from this row, its id included.
    """

    sealed_address = models.BinaryField(editable=False)
    address_digest = models.CharField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("commenter")
        verbose_name_plural = _("commenters")
        permissions = [("see_address", _("Can see the address of a commenter"))]

    def __str__(self) -> str:
        return f"commenter {self.pk}"


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
