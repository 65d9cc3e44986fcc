"""The desk's page of alerts: what one hears of by mail, and for those with the permission the webhooks. Also the page
behind a link of an alert. Thin doors to `comments.alerting`, `comments.webhooks` and `comments.mail_decisions`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from comments import alerting, mail_decisions, mailing, moderation, reasons, signatures, webhooks
from comments.desk.narrowing import read_number
from comments.errors import InvalidFields, Refusal
from comments.gates import refused, staff_page
from comments.models import AlertPace, Delivery, Status, Webhook

PAGE_SIZE = 50

_COUNTED = 1000
"""Messages that were given up are counted no further."""

_DRIFT_PACES = [(pace.value, pace.label) for pace in alerting.DRIFT_PACES]
_SELECTS: tuple[tuple[str, Any, list[tuple[str, Any]]], ...] = (
    ("pending", gettext_lazy("Comments that wait"), AlertPace.choices),
    ("reported", gettext_lazy("Reports"), AlertPace.choices),
    ("decided", gettext_lazy("Decisions of others"), AlertPace.choices),
    ("drift", gettext_lazy("People agree less with the screening"), _DRIFT_PACES),
)
"""What a person may hear of: field, words and paces."""

_EVENTS = (Delivery.Event.PENDING, Delivery.Event.REPORTED, Delivery.Event.DECIDED)


def may_run_webhooks(user: Any) -> bool:
    """Whether a user may make and change webhooks."""
    return bool(user.is_active and user.has_perm(webhooks.PERMISSION))


def _may_open(user: Any) -> bool:
    return moderation.may_moderate(user) or may_run_webhooks(user)


for_staff = staff_page(
    _may_open,
    home="comments:alerts",
    sentence=gettext_lazy("Alerts are for moderators, and for those who run the site's webhooks."),
)
for_operators = staff_page(
    may_run_webhooks,
    home="comments:alerts",
    sentence=gettext_lazy("Webhooks are for those who run the site. Ask for the permission to change webhooks."),
)


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook in the list, and how many of its messages were given up."""

    webhook: Webhook
    given_up: str


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: HttpRequest) -> HttpResponse:
    """Show and change what one hears of by mail."""
    if request.method != "POST":
        return _alerts_page(request)
    user: Any = request.user
    if not moderation.may_moderate(user):
        raise Refusal("no_moderator", _("Alerts by mail are for moderators."), status=403)
    hours, stands = request.POST.get("digest_hours", ""), alerting.choice_of(user)
    try:
        alerting.choose(
            user,
            pending=request.POST.get("pending", ""),
            reported=request.POST.get("reported", ""),
            # A form that was open since before these were offered leaves them as they are.
            decided=request.POST.get("decided", stands.decided),
            drift=request.POST.get("drift", stands.drift),
            digest_hours=int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 4 else 0,
        )
    except InvalidFields as invalid:
        return _alerts_page(request, faults=invalid.fields, status=invalid.status)
    messages.success(request, _("Saved."), fail_silently=True)
    return _see_other(reverse("comments:alerts"))


@for_operators
@require_POST
@sensitive_variables("added")
def add_webhook(request: HttpRequest) -> HttpResponse:
    """Make a webhook and show its secret, this once."""
    try:
        added = webhooks.add(url=request.POST.get("url", ""), events=_events(request))
    except InvalidFields as invalid:
        return _alerts_page(request, faults=invalid.fields, status=invalid.status)
    alerting.forget_ears()
    return _webhook_page(request, added.webhook, secret=added.secret)


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Show a webhook with its log of deliveries, and change what it is told of."""
    found = _find(webhook_id)
    if request.method != "POST":
        return _webhook_page(request, found)
    webhooks.change(found, events=_events(request), is_active=request.POST.get("is_active") == "1")
    alerting.forget_ears()
    messages.success(request, _("Saved."), fail_silently=True)
    return _see_other(reverse("comments:webhook", args=[found.pk]))


@for_operators
@require_POST
def ping_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Send a test."""
    found = _find(webhook_id)
    webhooks.ping(found)
    messages.success(request, _("A test is on its way. Its answer stands in the log below."), fail_silently=True)
    return _see_other(reverse("comments:webhook", args=[found.pk]))


@for_operators
@require_POST
def remove_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Delete a webhook with its log."""
    _find(webhook_id).delete()
    alerting.forget_ears()
    messages.success(request, _("Removed."), fail_silently=True)
    return _see_other(reverse("comments:alerts"))


@for_operators
@require_POST
def send_again(request: HttpRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Send a message once more."""
    found = Delivery.objects.select_related("webhook").filter(pk=delivery_id, webhook=webhook_id).first()
    if found is None:
        raise Refusal("not_found", _("There is no such message."), status=404)
    webhooks.again(found)
    messages.success(request, _("The message is on its way once more."), fail_silently=True)
    return _see_other(reverse("comments:webhook", args=[found.webhook_id]))


@require_http_methods(["GET", "HEAD", "POST"])
def decide_from_mail(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the comment that a link of an alert is about, and decide on it when its moderator presses the button.

    Nobody has to be logged in: the link says who decides. It is a secret, so no cache keeps the page and no other site
    is told of it.
    """
    visitor: Any = getattr(request, "user", None) or AnonymousUser()
    response: HttpResponse
    try:
        if request.method == "POST":
            response = _decide(request, token, visitor)
        else:
            offer = mail_decisions.read(token, visitor=visitor)
            response = _offer_page(request, offer, {})
    except Refusal as refusal:
        response = refused(request, refusal, home="comments:moderation")
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def _decide(request: HttpRequest, token: str, visitor: Any) -> HttpResponse:
    try:
        decision = mail_decisions.decide(token, visitor=visitor, reason=request.POST.get("reason", ""))
    except InvalidFields as invalid:
        offer = mail_decisions.read(token, visitor=visitor)
        return _offer_page(request, offer, invalid.fields, status=invalid.status)
    context = {"section": "mail", "done": decision.comment}
    return render(request, "comments/desk/decide_from_mail.html", context)


def _offer_page(
    request: HttpRequest, offer: mail_decisions.Offer, faults: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    context = {
        "section": "mail",
        "offer": offer,
        "reasons": reasons.offered() if offer.is_open and offer.to == Status.REJECTED else [],
        "faults": faults,
    }
    return render(request, "comments/desk/decide_from_mail.html", context, status=status)


def _alerts_page(request: HttpRequest, *, faults: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    user: Any = request.user
    typed = request.POST if faults and "url" in faults else {}
    context: dict[str, Any] = {"section": "alerts", "faults": faults or {}}
    if moderation.may_moderate(user):
        choice = alerting.choice_of(user)
        context |= {
            "choice": choice,
            "selects": [
                (name, label, getattr(choice, name), paces, next(iter((faults or {}).get(name, [])), ""))
                for name, label, paces in _SELECTS
            ],
            "hours": [(hours, _hours(hours)) for hours in alerting.DIGEST_HOURS],
            "is_mail_offered": mailing.is_offered(),
            "has_address": bool(mailing.address_of_account(user)),
        }
    if may_run_webhooks(user):
        context |= {
            "may_run_webhooks": True,
            "hooks": _hooks(),
            "url": typed.get("url", ""),
            "events": [(event.value, event.label, not typed or event.value in typed) for event in _EVENTS],
        }
    return render(request, "comments/desk/alerts.html", context, status=status)


def _hooks() -> list[Hook]:
    given_up = Delivery.objects.filter(state=Delivery.State.GIVEN_UP).values_list("webhook_id", flat=True)
    counts = Counter(given_up[:_COUNTED])
    is_more = sum(counts.values()) == _COUNTED
    return [
        Hook(hook, f"{counts[hook.pk]}{'+' if is_more else ''}" if counts[hook.pk] else "")
        for hook in Webhook.objects.order_by("pk")[: webhooks.MOST]
    ]


@sensitive_variables("secret")
def _webhook_page(request: HttpRequest, found: Webhook, *, secret: str = "") -> HttpResponse:
    rows, next_url = _log(found, request.GET.get("before", ""))
    told = {"pending": found.on_pending, "reported": found.on_reported, "decided": found.on_decided}
    context = {
        "section": "alerts",
        "webhook": found,
        "secret": secret,
        "events": [(event.value, event.label, told[event.value]) for event in _EVENTS],
        "deliveries": rows,
        "next_url": next_url,
        "signature": signatures.HEADER,
    }
    return render(request, "comments/desk/webhook.html", context)


def _log(found: Webhook, before: str) -> tuple[list[Delivery], str]:
    """A page of the log, newest first, and the address of the next one."""
    rows = Delivery.objects.filter(webhook=found).order_by("-pk")
    place = read_number(before)
    if place is not None:
        rows = rows.filter(pk__lt=place)
    page = list(rows[: PAGE_SIZE + 1])
    if len(page) <= PAGE_SIZE:
        return page, ""
    page = page[:PAGE_SIZE]
    query = urlencode({"before": str(page[-1].pk)})
    return page, f"{reverse('comments:webhook', args=[found.pk])}?{query}"


def _find(webhook_id: int) -> Webhook:
    found = Webhook.objects.filter(pk=webhook_id).first()
    if found is None:
        raise Refusal("not_found", _("There is no such webhook."), status=404)
    return found


def _events(request: HttpRequest) -> dict[str, bool]:
    return {event.value: event.value in request.POST for event in _EVENTS}


def _hours(hours: int) -> str:
    if hours % 24 == 0:
        days = hours // 24
        return ngettext("every day", "every %(count)d days", days) % {"count": days}
    return ngettext("every hour", "every %(count)d hours", hours) % {"count": hours}


def _see_other(url: str) -> HttpResponseRedirect:
    """303: the browser fetches the page, and a reload repeats nothing."""
    return HttpResponseRedirect(url, status=303)
