"""Who asks: a member of staff by token or by session. Readers have no account and need none."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from comments import moderation, tagging
from comments.errors import Refusal
from comments.models import AccessToken
from comments.prepared import Select


class BearerToken(authentication.BaseAuthentication):
    """`Authorization: Bearer …`, with a token of `manage.py issue_token`."""

    @sensitive_variables()
    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        """Return the token's user; None where no such header was sent.

        Raises:
            AuthenticationFailed: the token is unknown or has expired, or its user has left.
        """
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = _BY_DIGEST.first(digest=AccessToken.digest_of(token.strip()))
        if (
            found is None
            or not found.user.is_active
            or (found.expires_at is not None and found.expires_at <= timezone.now())
        ):
            raise exceptions.AuthenticationFailed(
                _("This token is unknown or has expired. Ask for a new one: manage.py issue_token."), "invalid_token"
            )
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


# A desk that works through a queue by programs asks this before each decision.
_BY_DIGEST = Select(AccessToken, lambda rows, given: rows.filter(digest=given("digest")))


class Session(authentication.SessionAuthentication):
    """The session of the desk; Django's CSRF token is asked for as anywhere else."""

    def enforce_csrf(self, request: Request) -> None:
        """Refuse in our words."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise Refusal(
                "csrf_failed",
                _("Send the CSRF token of your session in the header “X-CSRFToken”, or use an access token."),
                status=403,
            ) from None


class MayModerate(permissions.BasePermission):
    """Moderators."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Ask the core."""
        return request.user is not None and moderation.may_moderate(request.user)


class MayCorrect(permissions.BasePermission):
    """Editors and moderators."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Ask the core."""
        return tagging.may_correct(request.user)
