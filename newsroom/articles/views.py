"""The article pages: the list, and an article with its discussion."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from newsroom.articles.models import Article

_PER_PAGE = 50


@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    """The newest articles, each with the number of its comments."""
    rows = Article.objects.select_related("thread").defer("body", "html")
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "articles/list.html", {"articles": page.object_list, "page": page})


@require_safe
def article_page(request: HttpRequest, slug: str) -> HttpResponse:
    """An article with its discussion."""
    article = get_object_or_404(Article.objects.select_related("thread"), slug=slug)
    response = render(request, "articles/article.html", {"article": article})
    # The discussion is rendered by a template tag, which knows a forged cursor from a good one but makes no response.
    response.status_code = getattr(request, "discussion_status", None) or response.status_code
    # The page shows a reader their own waiting comments, so it belongs in no cache that others share.
    patch_cache_control(response, private=True, no_cache=True)
    return response
