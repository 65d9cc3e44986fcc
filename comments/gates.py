"""Opens pages of staff to those who may see them. The desks of both apps call it.

Who may is a question for the verb modules (`moderation.may_moderate` and its like); what a person gets who may not is
the same on every desk and stands here once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import reswap, retarget
from django_htmx.middleware import HtmxDetails

from comments.errors import Refusal, Sentence

P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_page(may_open: Callable[[Any], bool], *, home: str, sentence: Sentence) -> Callable[[_View[P]], _View[P]]:
    """Guard a view: strangers are sent to log in, accounts without the role get a page that says so (403).

    Nothing behind it may be kept by a browser or a proxy; a `Refusal` of the view becomes a page with its sentence.

    Args:
        may_open: says whether a user may.
        home: name of the page to which logging in leads where the request itself cannot be repeated.
        sentence: what somebody reads who may not.
    """

    def guard(view: _View[P]) -> _View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = getattr(request, "user", None) or AnonymousUser()
            response: HttpResponseBase
            if not user.is_authenticated:
                response = _log_in(request, home)
            elif not may_open(user):
                response = render(request, "comments/desk/denied.html", {"sentence": sentence}, status=403)
            else:
                try:
                    response = view(request, *args, **kwargs)
                except Refusal as refusal:
                    response = refused(request, refusal, home=home)
            response["Cache-Control"] = "private, no-store"
            return response

        return guarded

    return guard


def refused(request: HttpRequest, refusal: Refusal, *, home: str) -> HttpResponse:
    """Answer with a page of the desk that says what was wrong and leads back to its first page."""
    context = {"detail": refusal.detail, "home_url": reverse(home)}
    return render(request, "comments/desk/refused.html", context, status=refusal.status)


_TYPED = ("body", "message", "note", "text", "description")
"""Fields of the desks' forms in which somebody writes more than a word."""


def _log_in(request: HttpRequest, home: str) -> HttpResponse:
    """Send a stranger to log in, and back to where the browser is. Whoever was logged in when they began to write loses
    nothing by it.

    What htmx asks for goes into the page that stands already, which may hold what was typed, so that page stays and
    says it: a redirect would put the log-in form in the place of a comment, or the whole page away. A form that was
    sent without htmx cannot be repeated; what stood in it is handed back, to whoever sent it.
    """
    htmx = HtmxDetails(request)
    if htmx:
        context = {"login_url": redirect_to_login(htmx.current_url_abs_path or reverse(home)).url}
        answer = render(request, "comments/desk/_logged_out.html", context, status=403)
        return reswap(retarget(answer, "#desk-away"), "innerHTML")
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    login = redirect_to_login(_page_before(request) or reverse(home))
    if typed := [text for name in _TYPED for text in request.POST.getlist(name) if text.strip()]:
        return render(request, "comments/desk/logged_out.html", {"login_url": login.url, "typed": typed}, status=403)
    return login


def _page_before(request: HttpRequest) -> str:
    """Path of the page of this site from which a form was sent; empty where the browser does not say."""
    referer = str(request.META.get("HTTP_REFERER", ""))
    if not url_has_allowed_host_and_scheme(referer, request.get_host(), require_https=request.is_secure()):
        return ""
    parts = urlsplit(referer)
    return parts.path + (f"?{parts.query}" if parts.query else "")
