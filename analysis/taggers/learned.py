"""Learns which other words speak for a tag, from labelled comments or from comments that a first pass is sure of.

Owns one calculation, shrunk log-odds per word and tag; only the taggers call it. Plain Python, deterministic.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SHRINKAGE = 4.0
"""Pseudo-documents: a word has to be seen about this often before half of its log-odds are believed."""

STRONG = 0.7
"""Log-odds (after shrinking) below which a word is left out: weak words are many and agree by accident."""

MOST_WORDS = 60
"""Words kept for a tag."""


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A stem that speaks for a tag, with its shrunk log-odds (natural logarithm, positive)."""

    stem: str
    weight: float


def words_for(
    documents: Sequence[frozenset[str]], shares: Sequence[float], *, priors: Sequence[float] | None = None
) -> tuple[WordWeight, ...]:
    """The words that documents of a tag use more than the others do, strongest first.

    `documents`: stems of each comment. `shares`: for each, how far it belongs to the tag, in [0, 1].
    `priors`: how far its judgement counts at all (0 leaves it out). A word's odds ratio is smoothed by half a document
    on each side and shrunk by n / (n + SHRINKAGE), n being the weight of the tag's documents that hold it.
    """
    counts = priors or [1.0] * len(documents)
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    in_total = out_total = 0.0
    for stems, share, counted in zip(documents, shares, counts, strict=True):
        yes, no = share * counted, (1.0 - share) * counted
        in_total += yes
        out_total += no
        for stem in stems:
            if yes > 0:
                inside[stem] += yes  # type: ignore[assignment]  # Counter is typed for whole numbers
            if no > 0:
                outside[stem] += no  # type: ignore[assignment]
    if in_total <= 0:
        return ()
    found: list[WordWeight] = []
    for stem, seen in inside.items():
        if seen < 1.5:
            continue
        odds_in = (seen + 0.5) / (in_total - seen + 0.5)
        odds_out = (outside[stem] + 0.5) / (out_total - outside[stem] + 0.5)
        weight = math.log(odds_in / odds_out) * seen / (seen + SHRINKAGE)
        if weight >= STRONG:
            found.append(WordWeight(stem, weight))
    found.sort(key=lambda word: (-word.weight, word.stem))
    return tuple(found[:MOST_WORDS])
