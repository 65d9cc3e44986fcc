"""Marks in a comment, its name and its website what a screen objected to. Pure functions; the cards call them.

Marks go around text alone: the html that comes in is what the sanitiser left, and what goes out differs from it by
`<mark>` elements and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

MOST = 30
"""So many different words are marked in one comment."""

_TAG = re.compile(r"(<[^>]*>)")
_HREF = re.compile(r'\bhref="([^"]*)"')
_NUMBER = re.compile(r"[\d\s.,%s]*")


@dataclass(frozen=True, slots=True)
class Marks:
    """What to mark.

    Args:
        words: as they stand in the text, the name or the website; letters may differ in case.
        links: parts of the addresses of links whose words are to be marked.
        all_links: whether each link is marked.
    """

    words: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    all_links: bool = False
    _pattern: re.Pattern[str] | None = field(init=False, default=None, compare=False)

    def __post_init__(self) -> None:
        words = sorted({word for word in self.words if len(word) > 1}, key=len, reverse=True)[:MOST]
        if words:
            pattern = re.compile("|".join(_whole(word) for word in words), re.IGNORECASE)
            object.__setattr__(self, "_pattern", pattern)

    def __bool__(self) -> bool:
        return bool(self._pattern or self.links or self.all_links)

    def in_text(self, text: str) -> SafeString | str:
        """A plain text with its marks, escaped; the text itself where there is nothing to mark."""
        spans = self._spans(text)
        return _cut(text, 0, spans, _plain) if spans else text

    def in_html(self, html: str) -> SafeString:
        """Rendered html with its marks. A word that runs over several elements is marked in each of them."""
        if not self:
            return mark_safe(html)  # noqa: S308  sanitised on saving, see comments.sanitize
        parts = _TAG.split(html)
        texts = [unescape(part) if index % 2 == 0 else "" for index, part in enumerate(parts)]
        spans = self._spans("".join(texts))
        if self.links or self.all_links:
            spans = _merged([*spans, *self._link_spans(parts, texts)])
        if not spans:
            return mark_safe(html)  # noqa: S308
        made, at = [], 0
        for index, part in enumerate(parts):
            if index % 2:
                made.append(part)
                continue
            made.append(_cut(texts[index], at, spans, _inside))
            at += len(texts[index])
        return mark_safe("".join(made))  # noqa: S308  each stretch of text is escaped anew, the elements are as they were

    def _spans(self, text: str) -> list[tuple[int, int]]:
        if self._pattern is None:
            return []
        return [found.span() for found in self._pattern.finditer(text) if found.end() > found.start()]

    def _link_spans(self, parts: Sequence[str], texts: Sequence[str]) -> list[tuple[int, int]]:
        spans, at, opened = [], 0, None
        for part, text in zip(parts, texts, strict=True):
            if part.startswith("<a ") and self._names(part):
                opened = at
            elif part == "</a>" and opened is not None:
                spans.append((opened, at))
                opened = None
            at += len(text)
        return spans

    def _names(self, anchor: str) -> bool:
        if self.all_links:
            return True
        href = _HREF.search(anchor)
        target = unescape(href.group(1)).casefold() if href else ""
        return any(link.casefold() in target for link in self.links)


NOTHING = Marks()


def marks_of(screening: Iterable[dict[str, Any]], place: str = "text") -> Marks:
    """What the objections of the screens name: the words and links that they found.

    Args:
        place: `text`, `name` or `website`: where they are to be marked.
        screening: entries as stored. `detail` may be a word, a link, a number or a sentence; `found`, where an entry
            has it, lists what was found as it stands there, and `where` says where that is.
    """
    words: list[str] = []
    links: list[str] = []
    all_links = False
    for entry in screening:
        where = entry.get("where") or place
        if where != place and not (where == "link" and place == "text"):
            continue
        found = entry.get("found")
        named = [str(word) for word in found] if isinstance(found, list) else [str(entry.get("detail", ""))]
        if entry.get("code") == "links":
            all_links = True
        for word in named:
            if not word or len(word) > 300 or _NUMBER.fullmatch(word):
                continue
            words.append(word)
            if "." in word or "/" in word:
                links.append(word)
    if not (words or all_links):
        return NOTHING
    return Marks(tuple(words), tuple(links), all_links)


def _whole(word: str) -> str:
    """A word as a pattern that does not match within a longer one."""
    before = r"(?<!\w)" if word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isalnum() else ""
    return before + re.escape(word) + after


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _plain(text: str) -> str:
    return escape(text)


def _inside(text: str) -> str:
    """Text between tags as the sanitiser writes it."""
    return escape(text, quote=False).replace('"', "&quot;")


def _cut(text: str, at: int, spans: Sequence[tuple[int, int]], quote: Callable[[str], str]) -> SafeString:
    """One stretch of text, of which `at` says where it begins among the spans."""
    made, done = [], 0
    for start, end in spans:
        first, last = max(start - at, done), min(end - at, len(text))
        if last <= first:
            continue
        made += [quote(text[done:first]), "<mark>", quote(text[first:last]), "</mark>"]
        done = last
    made.append(quote(text[done:]))
    return mark_safe("".join(made))  # noqa: S308  every piece went through `quote`
