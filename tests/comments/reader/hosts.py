"""Host sites of several kinds, each with the discussion on a page of its own: `ROOT_URLCONF` of test_hosts.py."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context, RequestContext, Template, engines
from django.template.response import TemplateResponse
from django.urls import include, path
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView

PAGE = """{% load leave_a_reply %}<!doctype html><html lang="en"><title>Host</title><body><h1>Host</h1>
<p>{{ request.method }} {{ request.GET.page }}</p>{% discussion title="Host" heading=3 %}</body></html>"""

served: list[str] = []
"""Paths for which a view really ran."""


def show(request: HttpRequest, **_names: Any) -> HttpResponse:
    served.append(request.path)
    return HttpResponse(Template(PAGE).render(RequestContext(request)))


class Host(TemplateView):
    http_method_names = ["get"]

    def render_to_response(self, context: dict[str, Any], **_kwargs: Any) -> HttpResponse:
        return TemplateResponse(self.request, engines["django"].from_string(PAGE), context)


async def awaited(request: HttpRequest) -> HttpResponse:
    return await sync_to_async(show)(request)


def gone(request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(1 / len(request.GET.get("nothing", ""))))


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template("<!doctype html><title>Bare</title>").render(Context()))


urlpatterns = [
    path("get-only/", require_GET(show)),
    path("cached/", cache_page(600)(show)),
    path("class/", Host.as_view()),
    path("awaited/", awaited),
    path("статті/<str:slug>/", show),
    path("gone/", gone),
    path("broken/", broken),
    path("bare/", bare),
    path("", include("comments.urls")),
]
