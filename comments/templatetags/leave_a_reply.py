"""The template tags of the plugin: the discussion of an article, and counts for a list of articles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django import template
from django.core.cache import cache
from django.template import Context
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext

from comments import conf, mailing
from comments.models import Thread
from comments.reader.discussion import Discussion, discuss
from comments.reader.pages import FORM, FORM_SHOWN
from comments.sanitize import render

register = template.Library()

_STAMP = "stamp-goes-here"


@register.filter
def quoted(words: Iterable[str]) -> str:
    """These words in the quotation marks of the page's language, one after another."""
    marked = [pgettext("a quotation", "“%(word)s”") % {"word": word} for word in words]
    return pgettext("between quotations", ", ").join(marked)


@register.inclusion_tag("comments/discussion.html", takes_context=True)
def discussion(
    context: Context,
    thread: Thread | None = None,
    *,
    key: str = "",
    title: str = "",
    url: str = "",
    heading: int = 2,
) -> dict[str, Any]:
    """Show the discussion of an article, with its form.

    Args:
        thread: the discussion; or, instead of it,
        key: the host's name for the article, made into a thread when it is first shown; default: the page's path.
        title, url: of the article; default: none, and the page's path.
        heading: level of the discussion's heading, so that it fits the page's outline.
    """
    request = context["request"]
    if thread is None:
        thread = Thread.objects.for_page(key or request.path, title=title, url=url or request.path)
    form = getattr(request, FORM, None)
    shown = discuss(request, thread, heading=int(heading), form=form)
    if form is not None:
        setattr(request, FORM_SHOWN, True)
    if shown.status != 200:
        # The host's response is made elsewhere; a view that wants to be exact reads this.
        request.discussion_status = shown.status
    is_preview = form is not None and "preview" in form.data
    shared: dict[str, Any] = {
        "request": request,
        "discussion": shown,
        "thread": shown.thread,
        "heading": shown.heading,
        "below": min(shown.heading + 1, 6),
        "form": shown.form,
        "edit_minutes": conf.EDIT_WINDOW // 60,
        "is_mail_offered": mailing.is_offered(),
        "is_preview": is_preview,
        "preview": render(form.draft().body) if form is not None and is_preview else "",
    }
    return {**shared, "form_html": _form(shared)}


def _form(context: dict[str, Any]) -> SafeString:
    """Render the reply form; the empty one, which nearly every visit gets, at most once a minute for each page.

    It is the same for all who have typed nothing, answer nobody and are remembered by nothing, but for its stamp, and
    that is put in when it is served: a stamp kept with the form would name one attempt for many readers.
    """
    shown: Discussion = context["discussion"]
    if shown.form.is_bound or shown.parent or shown.staff_name or shown.form.initial.get("name"):
        return render_to_string("comments/_form.html", context)
    thread = shown.thread
    parts = (
        thread.pk, thread.is_open, thread.get_absolute_url(), shown.heading, get_language(), get_script_prefix(),
        context["is_mail_offered"],
    )  # fmt: skip
    key = f"comments.form.{hashlib.sha256(repr(parts).encode(errors='replace')).hexdigest()}"
    html = cache.get(key)
    if html is None:
        html = render_to_string("comments/_form.html", {**context, "discussion": replace(shown, stamp=_STAMP)})
        cache.set(key, str(html), conf.CACHE_SECONDS)
    return SafeString(html.replace(_STAMP, shown.stamp))


@register.simple_tag
def comment_counts(keys: Iterable[str]) -> Mapping[str, int]:
    """Numbers of public comments for a list of articles, in one query for all of them.

    Args:
        keys: keys of threads. Use it once before a loop: `{% comment_counts keys as counts %}`, then
            `{{ counts|count_of:article.slug }}`.
    """
    return Thread.objects.counts(keys)


@register.filter
def count_of(counts: Mapping[str, int], key: str) -> int:
    """The number for one article out of `comment_counts`; 0 where nobody has opened its page yet."""
    return counts.get(str(key), 0)
