"""The views of what was done: the log, the log as a table, and the workload. Thin doors: parse, read, answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comments import workload
from comments.desk.answers import for_moderators
from comments.desk.log import csv_lines, read_log, read_search
from comments.desk.plots import plots_of
from comments.errors import Refusal
from comments.workload import Period


@for_moderators
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log."""
    return render(request, "comments/desk/log.html", {"section": "log", "log": read_log(request.GET)})


@for_moderators
@require_safe
def log_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the log, or what a search finds of it, as a table."""
    response = StreamingHttpResponse(csv_lines(read_search(request.GET)), content_type="text/csv; charset=utf-8")
    name = f"moderation-log-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@for_moderators
@require_safe
def show_workload(request: HttpRequest) -> HttpResponse:
    """Show how the desk keeps up."""
    try:
        period = Period(request.GET.get("period", "") or Period.DAY)
    except ValueError:
        raise Refusal("unknown_period", _("There is no such period. Choose one from the list.")) from None
    measured = workload.measure(period)
    context = {
        "section": "workload",
        "workload": measured,
        "plots": plots_of(measured),
        "periods": [(one.value, one.label, one is period) for one in Period],
    }
    return render(request, "comments/desk/workload.html", context)
