"""What stands before the views of readers: who may write, and the page that says why not. Their modules call it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from comments.errors import Refusal
from comments.models import Thread
from comments.origins import is_cross_site
from comments.reader.pages import own_page, private

P = ParamSpec("P")


def readers_own(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Guard a view that writes for an anonymous reader.

    Django's CSRF token wants a cookie before anybody has done anything, and a page that no two readers share. Browsers
    say themselves where a request comes from; a foreign one is refused. Refusals of verbs become a page.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"} and is_cross_site(request):
            refusal = Refusal(
                "cross_site", _("This request came from another site and was not carried out."), status=403
            )
            return refused(request, refusal)
        try:
            response = view(request, *args, **kwargs)
            if isinstance(response, HttpResponseNotAllowed):
                # Django's own has no body: whoever sent it would look at an empty page.
                allowed = response["Allow"]
                said = _("This address takes %(methods)s.") % {"methods": allowed}
                response = refused(request, Refusal("method_not_allowed", said, status=405))
                response["Allow"] = allowed
            return response
        except Refusal as refusal:
            # The view has found the comment by now, so this browser may know where it stands.
            thread = Thread.objects.filter(comments__pk=kwargs.get("comment_id", 0)).first()  # type: ignore[misc]
            return refused(request, refusal, thread=thread)

    # cast: csrf_exempt is typed as if it gave back a class of its own.
    return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", csrf_exempt(guarded))


def refused(request: HttpRequest, refusal: Refusal, *, thread: Thread | None = None) -> HttpResponseBase:
    """Answer with a page that says what was wrong and what to do."""
    context = {"detail": refusal.detail, "thread": thread}
    response = own_page(request, "comments/refused.html", context, status=refusal.status)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return private(response)
