"""Verbs of the site's word lists: add entries, take them out, and try them on what was written before.

The desk's page is a door to these; `comments.screening.entries` holds the lists ready for screening.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.errors import InvalidFields, Refusal, Sentence
from comments.models import Comment, Status, WordEntry
from comments.sanitize import link_targets
from comments.screening import entries
from comments.screening.lists import Entry, WordLists
from comments.texts import clean_name

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_AT_ONCE = 10_000
LOOKED_AT = 500
"""Comments, the latest ones, on which entries are tried."""

_LONGEST = 200
_NAMED = 5
"""Wrong lines that are quoted."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What entries would have found among the latest comments.

    Args:
        looked_at: how many comments there were to look at.
        found: how many of them hold an entry.
        waiting, public: of those found, how many wait and how many stand in public.
        often: the entries that were found most, with the number of comments.
    """

    looked_at: int
    found: int
    waiting: int
    public: int
    often: tuple[tuple[str, int], ...]


def patterns_of(typed: str) -> list[str]:
    """The entries of a field with one on each line, each once, in order.

    Raises:
        InvalidFields: there is none, there are too many, or some of them would match nothing or nearly everything.
    """
    patterns = list(dict.fromkeys(pattern for line in typed.splitlines() if (pattern := clean_name(line))))
    if not patterns:
        raise InvalidFields({"patterns": [_("Write at least one word, phrase or domain.")]})
    if len(patterns) > MOST_AT_ONCE:
        raise InvalidFields({"patterns": [_("Add at most %(most)d entries at once.") % {"most": MOST_AT_ONCE}]})
    wrong = [pattern for pattern in patterns if len(pattern) > _LONGEST or not _is_usable(pattern)]
    if wrong:
        raise InvalidFields({"patterns": [_about(wrong)]})
    return patterns


def add(patterns: Sequence[str], *, list: str, note: str = "", by: User) -> int:
    """Put entries on a list; what stands there already stays as it is.

    Args:
        patterns: as `patterns_of` gives them.
        list: `hold`, `spam` or `reject`.

    Returns:
        How many are new.

    Raises:
        InvalidFields: there is no such list, or it would hold too much.
        Refusal: `by` may not (403).
    """
    if not by.has_perm("comments.add_wordentry"):
        raise Refusal("forbidden", _("You may not add entries. Ask for the permission to add them."), status=403)
    if list not in WordEntry.List.values:
        raise InvalidFields({"list": [_("Choose one of the lists.")]})
    note = clean_name(note)
    if len(note) > _LONGEST:
        raise InvalidFields({"note": [_("Write at most %(most)d characters.") % {"most": _LONGEST}]})
    with transaction.atomic():
        before = WordEntry.objects.count()
        if before + len(patterns) > entries.MOST:
            raise InvalidFields({"patterns": [_("The lists hold at most %(most)d entries.") % {"most": entries.MOST}]})
        WordEntry.objects.bulk_create(
            (WordEntry(list=list, pattern=pattern, note=note, by=by) for pattern in patterns),
            batch_size=500,
            ignore_conflicts=True,
        )
        added = WordEntry.objects.count() - before
        transaction.on_commit(entries.forget)
    return added


def remove(ids: Collection[int], *, by: User) -> int:
    """Take entries out; return how many there were.

    Raises:
        Refusal: `by` may not (403).
    """
    if not by.has_perm("comments.delete_wordentry"):
        raise Refusal("forbidden", _("You may not remove entries. Ask for the permission to remove them."), status=403)
    with transaction.atomic():
        removed, _per_model = WordEntry.objects.filter(pk__in=ids).delete()
        transaction.on_commit(entries.forget)
    return removed


def try_out(patterns: Sequence[str]) -> Trial:
    """Look for entries in the latest comments, as screening would."""
    lists = WordLists(Entry(WordEntry.List.HOLD, pattern) for pattern in patterns)
    rows = Comment.objects.exclude(status=Status.WITHDRAWN).filter(user__isnull=True).order_by("-pk")
    looked_at = 0
    states: Counter[str] = Counter()
    often: Counter[str] = Counter()
    for comment in rows.only("html", "author_name", "author_website", "status")[:LOOKED_AT]:
        looked_at += 1
        matches = lists.find(
            text=comment.text,
            name=comment.author_name,
            website=comment.author_website,
            links=link_targets(comment.html),
        )
        if matches:
            states[comment.status] += 1
            often.update({match.entry.pattern for match in matches})
    return Trial(
        looked_at=looked_at,
        found=states.total(),
        waiting=states[Status.PENDING],
        public=states[Status.APPROVED],
        often=tuple(often.most_common(10)),
    )


def _is_usable(pattern: str) -> bool:
    return bool(WordLists([Entry(WordEntry.List.HOLD, pattern)]))


def _about(wrong: Sequence[str]) -> Sentence:
    said = ngettext(
        "%(count)d entry cannot be used: %(entries)s. An entry names at least two letters beside its *, and has at "
        "most %(most)d characters.",
        "%(count)d entries cannot be used: %(entries)s. An entry names at least two letters beside its *, and has at "
        "most %(most)d characters.",
        len(wrong),
    )
    named = ", ".join(f"“{pattern[:40]}”" for pattern in wrong[:_NAMED])
    return said % {"count": len(wrong), "entries": named, "most": _LONGEST}
