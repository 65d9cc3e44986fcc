"""The OpenAPI document: generated from the views, once for each process, the same in every host.

It holds the calls of this plugin and of add-ons that mark theirs with `is_discussion_api`, never the host's own. The
settings stand here, so it is OpenAPI 3.1 in a site that has no `SPECTACULAR_SETTINGS` as well.
"""

from __future__ import annotations

import hashlib
import threading
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from comments import __version__
from comments.api.base import ApiView, JsonRenderer, describe, is_known, public

SETTINGS: dict[str, Any] = {
    "TITLE": "Leave a Reply",
    "DESCRIPTION": (
        "The discussion under an article: threads, comments, tags, moderation. Readers need no account; staff "
        "authenticate by session or by `Authorization: Bearer` (`manage.py issue_token`). A refusal says what is "
        "wrong and what to do: `{code, detail}`, or a list of sentences for each field at fault."
    ),
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r".*/api/v[0-9]+",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "SCHEMA_PATH_PREFIX_INSERT": "",
    "COMPONENT_SPLIT_REQUEST": False,
    "COMPONENT_SPLIT_PATCH": False,
    "CAMELIZE_NAMES": False,
    "SERVERS": [],
    "TAGS": [],
    "SECURITY": [],
    "APPEND_PATHS": {},
    "APPEND_COMPONENTS": {},
    "PREPROCESSING_HOOKS": ["comments.api.schema.only_the_discussion"],
    # Enumerations stay where they are used: named components collide with the host's, and with each other.
    "POSTPROCESSING_HOOKS": [],
}
"""Settings of drf-spectacular for this document; `manage.py spectacular --custom-settings comments.api.schema.SETTINGS`
prints it."""

_lock = threading.Lock()
_made: dict[str, bytes] = {}


class BearerScheme(OpenApiAuthenticationExtension):
    """Tells the document what `BearerToken` is."""

    target_class = "comments.api.authentication.BearerToken"
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A token of `manage.py issue_token`."}


class SessionScheme(OpenApiAuthenticationExtension):
    """Tells the document what `Session` is."""

    target_class = "comments.api.authentication.Session"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the scheme."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A session of the desk; writes need the header `X-CSRFToken` as well.",
        }


def only_the_discussion(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Leave out the host's own calls."""
    return [endpoint for endpoint in endpoints if getattr(endpoint[3].cls, "is_discussion_api", False)]


def document() -> bytes:
    """Return the OpenAPI document as JSON."""
    # The settings are patched globally while it is made: one at a time, and once.
    with _lock:
        if "document" not in _made:
            with patched_settings(SETTINGS), translation.override("en"):
                _made["document"] = JsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True))
        return _made["document"]


class SchemaView(ApiView):
    """The OpenAPI document."""

    reads_are_public = True

    @describe(
        operation_id="schema",
        responses={
            200: OpenApiResponse({"type": "object"}, "OpenAPI 3.1, as JSON."),
            304: OpenApiResponse(description="Not modified."),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """This document."""
        body = document()
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        if is_known(request, etag):
            return public(HttpResponseNotModified(), etag)
        return public(HttpResponse(body, content_type=JsonRenderer.media_type), etag)
