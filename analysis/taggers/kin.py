"""Finds the word that a commenter meant where it is none of the definitions': a slip of the keyboard, or a relative.

Owns the matching of stems that differ; only an index calls it. A slip ("Kremiln") is one letter left out, added,
swapped or wrong in a long word that begins with the same letter, and is taken for the word itself. A relative
("librarian" of libraries, "Ukrainian" of Ukraine) shares a long beginning and counts less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

SLIP_FROM = 6
"""Letters of a stem from which one wrong letter still leaves the word recognisable."""
RELATIVE_FROM = 5
"""Letters that relatives share at their beginning."""
LONGEST_ENDING = 4
"""Letters that a relative may have behind what it shares."""
SLIP_WORTH = 0.9
RELATIVE_WORTH = 0.55


class Kin:
    """The stems of an article's definitions, findable by stems that are nearly theirs."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._by_gap: dict[str, list[str]] = defaultdict(list)
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for stem in sorted(stems):
            if not stem.isalpha():
                continue
            if len(stem) >= SLIP_FROM:
                for gap in _gaps(stem):
                    self._by_gap[gap].append(stem)
            if len(stem) >= RELATIVE_FROM:
                self._by_start[stem[:RELATIVE_FROM]].append(stem)

    def slip(self, stem: str) -> str | None:
        """The stem that this one misspells."""
        if len(stem) < SLIP_FROM or len(stem) > 20 or not stem.isalpha():
            return None
        near = {known for gap in _gaps(stem) for known in self._by_gap.get(gap, ()) if known[0] == stem[0]}
        return min((known for known in near if abs(len(known) - len(stem)) <= 1), default=None)

    def relative(self, stem: str) -> str | None:
        """The stem that this one is derived from, or that is derived from it; the one that shares most."""
        best, shared = None, 0
        if len(stem) >= RELATIVE_FROM and stem.isalpha():
            for known in self._by_start.get(stem[:RELATIVE_FROM], ()):
                same = _shared(known, stem)
                shorter, longer = sorted((len(known), len(stem)))
                if same >= shorter - 1 and longer - same <= LONGEST_ENDING and same > shared:
                    best, shared = known, same
        return best


def _gaps(stem: str) -> Iterator[str]:
    """The stem, and all that is left of it when one letter goes: two words one slip apart have one of these in common
    (Wolf Garbe's symmetric deletes)."""
    yield stem
    for at in range(1, len(stem)):
        yield stem[:at] + stem[at + 1 :]


def _shared(one: str, other: str) -> int:
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return same
