"""Opens pages of staff to those who may see them. The desks of both apps call it.

Who may is a question for the verb modules (`moderation.may_moderate` and its like); what a person gets who may not is
the same on every desk and stands here once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
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


def _log_in(request: HttpRequest, home: str) -> HttpResponse:
    """Send a stranger to log in, and back to where the browser is.

    What htmx asks for goes into the page that stands already, so there the browser itself has to move: followed
    silently, the redirect would put the log-in form in the place of a comment.
    """
    htmx = HtmxDetails(request)
    if htmx:
        return HttpResponseClientRedirect(redirect_to_login(htmx.current_url_abs_path or reverse(home)).url)
    is_repeatable = request.method in {"GET", "HEAD"}
    return redirect_to_login(request.get_full_path() if is_repeatable else reverse(home))
