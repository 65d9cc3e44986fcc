"""What every call of the API shares: JSON in, JSON out, and one shape of refusal.

Each class is set on `ApiView` itself, never in the host's `REST_FRAMEWORK`, so that the plugin answers the same way in
a site whose own API has other habits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import IO, Any, ClassVar, NoReturn, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from comments.api.authentication import BearerToken, Session
from comments.errors import InvalidFields, Refusal
from comments.models import AccessToken
from comments.origins import is_cross_site

_Call = TypeVar("_Call", bound=Callable[..., HttpResponseBase])
_Answer = TypeVar("_Answer", bound=HttpResponseBase)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_BODY = 2_621_440
"""Bytes taken where the site has lifted `DATA_UPLOAD_MAX_MEMORY_SIZE`, whose default this is."""


class JsonParser(BaseParser):
    """Reads a body as RFC 8259 has it: UTF-8, no NaN; bounded in length and depth. DRF's own knows no bound."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the value.

        Raises:
            Refusal: the body is too long (413), in another charset (415), or is not JSON (400).
        """
        request: HttpRequest = parser_context["request"]
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.strip().lower() not in {"utf-8", "utf8"}:
            raise Refusal("unsupported_charset", _("Send the JSON in UTF-8."), status=415)
        raw = stream.read(_max_body() + 1)
        if len(raw) > _max_body():
            raise _too_large()
        try:
            return json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except RecursionError:
            raise Refusal("invalid_json", _("The JSON is nested too deeply.")) from None
        except ValueError:
            raise Refusal("invalid_json", _("The body is not valid JSON in UTF-8.")) from None


class JsonRenderer(JSONRenderer):
    """Compact UTF-8, whatever the host chose for itself."""

    charset = None
    compact = True
    ensure_ascii = False
    strict = True

    def get_indent(self, accepted_media_type: str, renderer_context: Any) -> int | None:
        """Never indented: a page is cached as bytes, for all."""
        return None


class OneFormat(DefaultContentNegotiation):
    """Answers JSON whatever is asked for: a refusal in a known shape helps more than a 406."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the only renderer."""
        only = next(iter(renderers))
        return only, only.media_type


class ApiView(APIView):
    """Base of the calls. `reads_are_public` marks a call whose reads are the same for everybody: it asks for no
    session, so that shared caches may keep the answer.

    `is_discussion_api` puts a call into the OpenAPI document; an add-on sets it on views of its own.
    """

    is_discussion_api: ClassVar[bool] = True
    reads_are_public: ClassVar[bool] = False

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    parser_classes = (JsonParser,)
    renderer_classes = (JsonRenderer,)
    authentication_classes = (BearerToken, Session)
    permission_classes: Sequence[Any] = (AllowAny,)
    throttle_classes = ()
    content_negotiation_class = OneFormat
    metadata_class = None
    versioning_class = None
    schema = AutoSchema()

    def get_authenticators(self) -> list[BaseAuthentication]:
        """None for public reads."""
        # While the OpenAPI document is made, there is no request at first.
        if self.reads_are_public and self.request is not None and self.request.method in SAFE_METHODS:
            return []
        return super().get_authenticators()

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Forget the charset that a client claims: Python knows codecs ("zlib") that no query string survives."""
        if request.encoding is not None:
            request.encoding = "utf-8"
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what another site made a browser send. A token is sent by nobody unknowingly."""
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS or isinstance(request.auth, AccessToken):
            return
        if is_cross_site(request._request):
            raise Refusal("cross_site", _("This request came from another site and was not carried out."), status=403)

    def get_exception_handler(self) -> Any:
        """Ours, not the host's."""
        return answer_refusal

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        """Say which methods there are."""
        raise Refusal(
            "method_not_allowed",
            _("This address takes %(methods)s.") % {"methods": ", ".join(self.allowed_methods)},
            status=405,
        )


def describe(**declared: Any) -> Callable[[_Call], _Call]:
    """Declare a call to the OpenAPI document: `extend_schema`, in any host.

    By itself that builds on the host's DEFAULT_SCHEMA_CLASS, and fails on DRF's own default.
    """

    def decorate(call: _Call) -> _Call:
        call.kwargs = {"schema": AutoSchema}  # type: ignore[attr-defined]
        return extend_schema(**declared)(call)

    return decorate


def answer_refusal(error: Exception, context: Any) -> Response | None:
    """Turn what went wrong into `{"code", "detail"}`, or `{"field": ["sentence"]}` for a draft with faults.

    None, which lets the error pass, for everything that is our own fault.
    """
    data: dict[str, Any]
    headers: dict[str, str] = {}
    refusal = _as_refusal(error)
    if refusal is None:
        return None
    if isinstance(refusal, InvalidFields) and any(refusal.fields):
        data = {field or "detail": [str(text) for text in texts] for field, texts in refusal.fields.items()}
        status = 400
    else:
        data = {"code": refusal.code, "detail": str(refusal.detail)}
        status = refusal.status
    if refusal.retry_after:
        headers["Retry-After"] = str(refusal.retry_after)
    if auth_header := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = auth_header
    set_rollback()
    return private(Response(data, status=status, headers=headers))


def private(response: _Answer) -> _Answer:
    """Keep an answer out of every cache."""
    patch_cache_control(response, private=True, no_store=True)
    return response


def public(response: _Answer, etag: str) -> _Answer:
    """Let caches keep an answer, and ask each time whether it still holds."""
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    return response


def is_known(request: Request, etag: str) -> bool:
    """Whether the client has this version already (RFC 9110, 13.1.2: weak comparison)."""
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if not known:
        return False
    tags = parse_etags(known)
    return "*" in tags or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags}


def site_of(request: Request) -> str:
    """Scheme and host of the request, without a slash."""
    if not hasattr(request, "_comments_site"):
        request._comments_site = str(request.build_absolute_uri("/"))[:-1]  # type: ignore[attr-defined]
    site: str = request._comments_site  # type: ignore[attr-defined]
    return site


def address_of(request: Request, name: str, pk: int) -> str:
    """The full address of a row, from the name of a pattern that takes its id and ends behind it."""
    start = _before_id(name, get_urlconf(), settings.ROOT_URLCONF, get_script_prefix(), get_language())
    return f"{site_of(request)}{start}{pk}/"


@lru_cache(maxsize=64)
def _before_id(name: str, _urlconf: object, _root: str, _prefix: str, _language: str | None) -> str:
    # Looking an address up costs more than all else that is done with it. It depends on what is named here alone.
    return reverse(name, args=[0]).removesuffix("0/")


def not_found(detail: str = "") -> Refusal:
    """The refusal for what is not there, or not for this reader."""
    return Refusal("not_found", detail or _("There is no such comment."), status=404)


def _as_refusal(error: Exception) -> Refusal | None:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Http404):
        return Refusal("not_found", _("There is nothing at this address."), status=404)
    if isinstance(error, RequestDataTooBig):
        return _too_large()
    if isinstance(error, SuspiciousOperation):
        return Refusal("bad_request", _("The request is malformed."))
    if isinstance(error, exceptions.NotAuthenticated):
        sentence = _("Log in, or send a token in the header “Authorization: Bearer …”.")
        return Refusal("not_authenticated", sentence, status=error.status_code)
    if isinstance(error, exceptions.UnsupportedMediaType):
        sentence = _("Send JSON, with the header “Content-Type: application/json”.")
        return Refusal("unsupported_media_type", sentence, status=415)
    if isinstance(error, exceptions.APIException):
        code = error.get_codes()
        if code != "permission_denied":
            return Refusal(code if isinstance(code, str) else "invalid", str(error.detail), status=error.status_code)
    if isinstance(error, (PermissionDenied, exceptions.PermissionDenied)):
        sentence = _("Your account may not do this. Ask whoever runs this site for the right.")
        return Refusal("permission_denied", sentence, status=403)
    return None


def _max_body() -> int:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return _MAX_BODY if limit is None else int(limit)


def _too_large() -> Refusal:
    return Refusal(
        "too_large",
        _("The body is longer than the %(limit)d bytes that are taken.") % {"limit": _max_body()},
        status=413,
    )


def _refuse_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity; JSON has neither."""
    raise ValueError(name)
