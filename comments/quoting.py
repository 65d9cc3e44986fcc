"""Finds what others wrote with somebody's words or name in it. `comments.erasing` has moderators look at it.

The work is bounded, and done in the threads in which the person wrote: who quotes does so below what is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comments.models import Comment, Status
from comments.texts import fingerprint

WORDS = 5
"""So many words in a row, the same as somebody else's, are a quotation. Fewer are the language."""

SHORTEST_NAME = 4
"""A shorter name is part of too many words and of too many other names."""

MOST_READ = 10_000
"""Comments of a thread that are read, those of the person's own conversations first."""

MOST_FOUND = 200
"""Comments of a thread that are listed: more, nobody could look at."""

_MOST_CONVERSATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Traits:
    """By what a quotation is known.

    Args:
        phrases: each run of `WORDS` words of what the person wrote, folded -> id of the first comment that has it.
        names: the names under which they wrote.
    """

    phrases: dict[tuple[str, ...], int]
    names: frozenset[str]

    def stand_in(self, comment: Comment) -> bool:
        """Whether another one's comment quotes or names the person."""
        text = comment.text
        # A quotation is younger than what it quotes; the older one of two has it from somewhere else.
        said = self.phrases and any(self.phrases.get(run, comment.pk) < comment.pk for run in _runs(text))
        return bool(said) or any(_names(text, name) for name in self.names)


def traits_of(comments: Iterable[Comment], *, with_phrases: bool) -> Traits:
    """Gather what would give a person away.

    Args:
        comments: what they wrote in one thread.
        with_phrases: whether their words are to go as well; otherwise only their names are.
    """
    phrases: dict[tuple[str, ...], int] = {}
    names: set[str] = set()
    for comment in comments:
        if len(comment.author_name) >= SHORTEST_NAME:
            names.add(comment.author_name)
        if with_phrases:
            for run in _runs(comment.text):
                phrases[run] = min(comment.pk, phrases.get(run, comment.pk))
    return Traits(phrases, frozenset(names))


def find(thread_id: int, traits: Traits, *, own: set[int], roots: set[int]) -> list[int]:
    """Return the ids of others' comments in a thread that quote or name a person; public ones, and those that wait.

    Args:
        own: ids of the person's comments in the thread.
        roots: ids of the conversations in which they stand.
    """
    if not own or not (traits.phrases or traits.names):
        return []
    rows = Comment.objects.filter(thread=thread_id, status__in=[Status.APPROVED, Status.PENDING], pk__gt=min(own))
    beside = sorted(roots)[:_MOST_CONVERSATIONS]
    found: list[int] = []
    left = MOST_READ
    for part in (rows.filter(root__in=beside), rows.exclude(root__in=beside)):
        for comment in part.only("html").order_by("pk")[:left].iterator(chunk_size=500):
            left -= 1
            if comment.pk not in own and traits.stand_in(comment):
                found.append(comment.pk)
                if len(found) == MOST_FOUND:
                    return found
        if not left:
            break
    return found


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = fingerprint(text).split()
    return zip(*(words[start:] for start in range(WORDS)), strict=False)


def _names(text: str, name: str) -> bool:
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
