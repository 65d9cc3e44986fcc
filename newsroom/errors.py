"""What the site answers where something went wrong: a page with a sentence, or a refusal in JSON under /api/."""

from __future__ import annotations

import logging

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where the request was too large for us to read."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent)):
        return _answer(
            request,
            413,
            "too_large",
            _("Too much at once"),
            _("What you sent is larger than this site takes. Go back, shorten it, and send it once more."),
        )
    return _answer(
        request,
        400,
        "bad_request",
        _("This request cannot be read"),
        _("Something in it is damaged. Go back, load the page again, and try once more."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _answer(
        request,
        403,
        "forbidden",
        _("You may not open this page"),
        _("It is for people with another role. Log in with an account that has it, or ask the newsroom."),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _answer(
        request,
        404,
        "not_found",
        _("There is no such page"),
        _("It may have been moved, or the address has a slip in it. Go on from the list of articles."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _answer(
        request,
        500,
        "server_error",
        _("Something went wrong here"),
        _("It is our fault, and it has been written down. Please try again in a moment."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from a page of ours, or whose cookie is gone."""
    log.warning("CSRF check failed: %s", reason)
    return _answer(
        request,
        403,
        "csrf_failed",
        _("This form could not be checked"),
        _(
            "It was sent without this site's cookie, or from another site. Nothing was stored. Allow cookies for this "
            "site, go back, load the page again, and send it once more: your browser keeps what you typed."
        ),
    )


def _answer(request: HttpRequest, status: int, code: str, title: str, sentence: str) -> HttpResponse:
    # Nobody's cache keeps an error: what is not found for one reader may be another's own comment, or public tomorrow.
    response = _page(request, status, code, title, sentence)
    add_never_cache_headers(response)
    return response


def _page(request: HttpRequest, status: int, code: str, title: str, sentence: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "detail": sentence}, status=status)
    context = {"title": title, "sentence": sentence, "status": status}
    try:
        page = render_to_string("newsroom/error.html", context, request=request)
    except Exception:  # the page's frame asks the database who is logged in, and that may be what failed
        log.exception("The error page could not be rendered.")
        page = format_html("<!doctype html><title>{}</title><h1>{}</h1><p>{}</p>", title, title, sentence)
    return HttpResponse(page, status=status)
