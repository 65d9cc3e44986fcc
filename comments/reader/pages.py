"""The pages that this face answers with: the host's article page with a form that came back, or a page of our own.

A refused form belongs on the page where it was filled in, below the article, and that page is the host's. So the
host's own view is found by the thread's address and asked once more, with the form on the request; the template tag
finds it there. No redirect, no draft in a session, and the status tells the truth.
"""

from __future__ import annotations

import copy
import logging
import secrets
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import unquote, urlsplit

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.debug import sensitive_variables
from django_htmx.middleware import HtmxDetails

from comments import conf
from comments.models import Thread
from comments.reader.forms import ReplyForm

log = logging.getLogger(__name__)

FORM = "_comments_form"
FORM_SHOWN = "_comments_form_shown"


class _AskedAgain(HttpRequest):
    """A request of ours to the host's view. A cache around that view must not keep the answer, which holds what one
    person typed: Django's cache middleware asks this attribute."""

    @property
    def _cache_update_cache(self) -> bool:
        return False

    @_cache_update_cache.setter
    def _cache_update_cache(self, value: bool) -> None:
        pass


def private(response: HttpResponseBase) -> HttpResponseBase:
    """Mark an answer as one person's: no cache, shared or not, keeps it."""
    add_never_cache_headers(response)
    patch_cache_control(response, private=True, no_store=True)
    return response


def own_page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Answer with a page of the plugin, inside the host's base template."""
    response = render(request, template, {**context, "base_template": conf.BASE_TEMPLATE}, status=status)
    if HtmxDetails(request):
        # To htmx this is a piece of the page it stands on, whose address stays in the bar.
        response["HX-Push-Url"] = "false"
    return response


def see_other(url: str) -> HttpResponseRedirect:
    """A redirect after a POST: 303, so that a reload repeats nothing."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


@sensitive_variables()
def article_page(request: HttpRequest, thread: Thread, form: ReplyForm, *, status: int) -> HttpResponseBase:
    """Answer with the article's page and this form on it; with a page of our own where the host's cannot be had.

    Args:
        status: for the answer, where the page shows the form.
    """
    response = _ask_host(request, thread, form)
    if response is None:
        setattr(request, FORM, form)
        response = own_page(request, "comments/discussion_page.html", {"thread": thread})
    response.status_code = status
    return private(response)


def _ask_host(request: HttpRequest, thread: Thread, form: ReplyForm) -> HttpResponseBase | None:
    try:
        parts = urlsplit(thread.get_absolute_url())
    except ValueError:
        return None
    if parts.netloc and parts.netloc != request.get_host():
        return None
    prefix = get_script_prefix()
    # An address stands in its percent-encoded form, a path is resolved in its plain one.
    path_info = "/" + unquote(parts.path).removeprefix(prefix)
    try:
        match = resolve(path_info)
    except Resolver404:
        return None
    asked = copy.copy(request)
    asked.__class__ = type("AskedAgain", (_AskedAgain, type(request)), {})
    asked.__dict__.pop("_cache_update_cache", None)
    asked.method = "GET"
    asked.path, asked.path_info, asked.resolver_match = parts.path, path_info, match
    asked.GET = QueryDict(parts.query)
    # Django's cache names a page by its address; one that nobody has asked for yet is not answered from a cache.
    fresh = f"{parts.query}{'&' if parts.query else ''}form={secrets.token_urlsafe(8)}"
    asked.META = {**request.META, "REQUEST_METHOD": "GET", "PATH_INFO": path_info, "QUERY_STRING": fresh}
    setattr(asked, FORM, form)
    view = async_to_sync(match.func) if iscoroutinefunction(match.func) else match.func
    try:
        response = view(asked, *match.args, **match.kwargs)
        if hasattr(response, "render") and callable(response.render):
            response = response.render()
    except Exception:
        # The article may be gone, or its view broken. Whatever it is, what the reader typed must not go with it.
        log.warning("The page of thread %s could not be shown again.", thread.pk, exc_info=True)
        return None
    # A form of the host's on that page may have asked for a CSRF cookie; the middleware looks at our request.
    request.META.update({key: value for key, value in asked.META.items() if key.startswith("CSRF_")})
    if response.status_code != 200 or not getattr(asked, FORM_SHOWN, False):
        return None
    answer: HttpResponseBase = response
    return answer
