"""The page of the learned screen, and what may be chosen there. A thin door to `analysis.screening`."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from analysis.desk import places
from analysis.screening import learning
from analysis.screening.overview import overview
from comments.errors import InvalidFields, Refusal
from comments.gates import staff_page

VIEW_PERMISSION = "analysis.view_screenmodel"
CHANGE_PERMISSION = "analysis.change_screenmodel"

_PER_CENT = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,3})?")


def may_see(user: Any) -> bool:
    """Whether a user may see what was learned about spam."""
    return bool(user.is_active and (user.has_perm(VIEW_PERMISSION) or user.has_perm(CHANGE_PERMISSION)))


for_screeners = staff_page(
    may_see,
    home="analysis:screening",
    sentence=gettext_lazy("This page is for moderators and editors. Ask the newsroom, or log in with another account."),
)


@for_screeners
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what decides, how good it is, and what other choices would have done."""
    return _page(request)


@for_screeners
@require_POST
def errors(request: HttpRequest) -> HttpResponse:
    """Take the accepted errors, in per cent."""
    user = _chooser(request)
    typed = {name: request.POST.get(name, "").strip()[:20] for name in ("spam_error", "hold_error")}
    try:
        learning.set_errors(spam_error=_share(typed["spam_error"]), hold_error=_share(typed["hold_error"]), by=user)
    except InvalidFields as invalid:
        return _page(request, typed=typed, faults=invalid.fields, status=invalid.status)
    messages.success(request, _("Saved. New comments are judged by it."), fail_silently=True)
    return _back()


@for_screeners
@require_POST
def version(request: HttpRequest) -> HttpResponse:
    """Take which version decides: a number, `none`, or `figures`."""
    user = _chooser(request)
    asked = request.POST.get("version", "")
    if asked == "figures":
        learning.let_figures_decide()
        sentence = _("From now on the figures decide which version is used.")
    elif asked == "none":
        learning.go_back(None, by=user)
        sentence = _("The rules that come with the software decide alone until you change it.")
    else:
        number = places.number(asked)
        learning.go_back(number, by=user)
        sentence = _("Version %(version)s decides until you change it.") % {"version": number}
    messages.success(request, sentence, fail_silently=True)
    return _back()


def _page(
    request: HttpRequest,
    *,
    typed: dict[str, str] | None = None,
    faults: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = overview()
    user: Any = request.user
    context = {
        "section": "screening",
        "found": found,
        "may_change": user.has_perm(CHANGE_PERMISSION),
        "typed": typed or {"spam_error": found.spam_percent, "hold_error": found.hold_percent},
        "faults": {name: " ".join(map(str, some)) for name, some in (faults or {}).items()},
    }
    return render(request, "analysis/desk/screening.html", context, status=status)


def _chooser(request: HttpRequest) -> Any:
    user: Any = request.user
    if not user.has_perm(CHANGE_PERMISSION):
        raise Refusal("not_allowed", _("Your account may see this page, not change it. Ask the newsroom."), status=403)
    return user


def _share(typed: str) -> float:
    """Per cent as typed, as a share; what is no number is out of every range."""
    return float(typed.replace(",", ".")) / 100 if _PER_CENT.fullmatch(typed) else -1.0


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("analysis:screening"), status=303)
