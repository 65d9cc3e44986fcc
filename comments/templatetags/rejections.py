"""The template tag of the plugin's own pages for the reason of a rejection."""

from __future__ import annotations

from django import template
from django.template import Context

from comments import reasons

register = template.Library()

_KEPT = "_comments_reasons"


@register.simple_tag(takes_context=True)
def reason_sentence(context: Context, code: str) -> str:
    """The sentence behind the code of a reason; one query for each request, however many a page shows."""
    if not code:
        return ""
    request = context.get("request")
    found: dict[str, str] | None = getattr(request, _KEPT, None)
    if found is None:
        found = reasons.sentences()
        if request is not None:
            setattr(request, _KEPT, found)
    return reasons.worded(code, found)
