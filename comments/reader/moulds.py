"""Templates that are rendered once for each kind of thing on a page and filled in for each thing.

Django's template language looks up, escapes and tests each variable anew, which for fifty comments is most of what a
page costs; most comments of a page differ in their words alone. `comments.reader.cards` uses this; the templates stay
templates, which a host may replace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

_PLACE = re.compile("\x02(\\w+)\x03")


class Mould:
    """One template and what all that is made with it on a page shares.

    Args:
        template: sees the values under `name`. It may show them and test them. What it would do to one beyond that, a
            filter say, it would do to the place that is kept for it.
        shared: further variables, the same for the whole page.
    """

    def __init__(self, template: str, name: str, **shared: object) -> None:
        self._template, self._name, self._shared = template, name, shared
        self._forms: dict[tuple[str, ...], str] = {}

    def cast(self, values: Mapping[str, str | bool]) -> SafeString:
        """Return the html for these values. One that is a `bool` is for testing alone."""
        kind = tuple([key for key, value in values.items() if value])
        form = self._forms.get(kind)
        if form is None:
            form = self._forms[kind] = self._render(values)
        shown = {
            # As `conditional_escape` does it, which asks four questions first; there are a thousand values on a page.
            key: value if type(value) is SafeString or not value or value is True else escape(value)
            for key, value in values.items()
        }
        return mark_safe(form % shown)  # noqa: S308  the template is ours, and each value was escaped above

    def _render(self, values: Mapping[str, str | bool]) -> str:
        # Control characters: no template and no translation holds them, and no value is here yet.
        places = {
            key: value if isinstance(value, bool) else value and mark_safe(f"\x02{key}\x03")  # noqa: S308
            for key, value in values.items()
        }
        html = get_template(self._template).render({**self._shared, self._name: places})
        return _PLACE.sub(r"%(\1)s", html.strip("\n").replace("%", "%%"))
