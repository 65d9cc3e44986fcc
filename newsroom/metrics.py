"""/metrics for Prometheus: how many comments stand where, and the process's own figures. No personal data."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from analysis.screening import drift
from comments import mailing, webhooks
from comments.models import Comment, Status, Thread

_CACHE_KEY = "newsroom.metrics"
_CACHE_SECONDS = 10
"""Counting reads indexes as long as the tables; an impatient scraper must not make that a load."""


class DiscussionCollector(Collector):
    """Figures of the discussion, counted when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        figures = cache.get(_CACHE_KEY)
        if figures is None:
            figures = _count()
            cache.set(_CACHE_KEY, figures, _CACHE_SECONDS)
        comments = GaugeMetricFamily("comments", "Comments by status.", labels=["status"])
        for status in Status.values:
            comments.add_metric([status], figures[status])
        yield comments
        yield GaugeMetricFamily("comments_reported", "Comments with open reports.", figures["reported"])
        yield GaugeMetricFamily("comments_untagged", "Comments that wait for their tags.", figures["untagged"])
        yield GaugeMetricFamily("threads", "Threads.", figures["threads"])
        yield GaugeMetricFamily(
            "screening_agreement",
            "Share of the standing sample on which people agree with the machine; 1 before there is one.",
            figures["screening_agreement"],
        )
        yield GaugeMetricFamily(
            "screening_drift", "1 where people agree less than was promised.", figures["screening_drift"]
        )
        yield GaugeMetricFamily("mails_waiting", "Mails that are to go.", figures["mails_waiting"])
        yield GaugeMetricFamily("mails_given_up", "Mails that somebody should look at.", figures["mails_given_up"])
        yield GaugeMetricFamily(
            "mails_oldest_due_seconds", "For how long the first due mail has been due.", figures["mails_oldest_due"]
        )
        yield GaugeMetricFamily("webhooks_waiting", "Messages to webhooks that are to go.", figures["webhooks_waiting"])
        yield GaugeMetricFamily(
            "webhooks_given_up", "Messages to webhooks that somebody should look at.", figures["webhooks_given_up"]
        )
        yield GaugeMetricFamily(
            "webhooks_oldest_due_seconds",
            "For how long the first due message has been due.",
            figures["webhooks_oldest_due"],
        )


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text; with METRICS_TOKEN set, only for who bears it."""
    token = settings.METRICS_TOKEN
    if token and not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        return HttpResponse(
            "Send the header “Authorization: Bearer” with the token in METRICS_TOKEN.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)


def _count() -> dict[str, float]:
    mails, messages = mailing.backlog(), webhooks.backlog()
    agreement = drift.look()
    threads = Thread.objects.aggregate(threads=Count("pk"), approved=Sum("comment_count"))
    found = {
        status: Comment.objects.filter(status=status).count() for status in Status.values if status != Status.APPROVED
    }
    return {
        **found,
        Status.APPROVED.value: threads["approved"] or 0,
        "threads": threads["threads"],
        "reported": Comment.objects.in_queue("reported").count(),
        "untagged": Comment.objects.untagged().count(),
        "screening_agreement": 1.0 if agreement.share is None else agreement.share,
        "screening_drift": float(agreement.is_drift),
        "mails_waiting": mails.waiting,
        "mails_given_up": mails.given_up,
        "mails_oldest_due": mails.oldest_due_seconds,
        "webhooks_waiting": messages.waiting,
        "webhooks_given_up": messages.given_up,
        "webhooks_oldest_due": messages.oldest_due_seconds,
    }


_registry = CollectorRegistry()
_registry.register(DiscussionCollector())
ProcessCollector(registry=_registry)
GCCollector(registry=_registry)
