"""The site's word lists as every process holds them: read from the table, prepared once, and renewed when they change.

`comments.screening.facts` asks for each comment. Whether something changed is asked of the database every few seconds
at most, in one small query, and at once in all processes that share a cache with the one that changed it.
"""

from __future__ import annotations

import threading

from django.core.cache import cache
from django.db.models import Count, Max

from comments.models import WordEntry
from comments.screening.lists import NO_LISTS, Entry, WordLists

MOST = 20_000
"""Entries that are read: a site with more has made a mistake, and its oldest still count."""

_KEY = "comments.word_lists"
_SECONDS = 5
_NONE = "0"

_lock = threading.Lock()
_prepared: tuple[str, WordLists] = (_NONE, NO_LISTS)


def word_lists() -> WordLists:
    """The lists as they stand, a few seconds old at most."""
    version = cache.get(_KEY)
    if version is None:
        version = _version()
        cache.set(_KEY, version, _SECONDS)
    if version == _NONE:
        return NO_LISTS
    if version != _prepared[0]:
        _prepare(version)
    return _prepared[1]


def forget() -> None:
    """Look again at once. Called by whoever changes entries, after the change is committed."""
    cache.delete(_KEY)


def read() -> WordLists:
    """The lists, read anew."""
    rows = WordEntry.objects.order_by("pk").values_list("list", "pattern")[:MOST]
    return WordLists(Entry(list_, pattern) for list_, pattern in rows)


def _version() -> str:
    count, changed = WordEntry.objects.order_by().aggregate(count=Count("pk"), changed=Max("changed_at")).values()
    return f"{count} {changed}" if count else _NONE


def _prepare(version: str) -> None:
    global _prepared
    with _lock:
        if _prepared[0] != version:
            _prepared = (version, read())
