"""Picks the words of a comment that a reader is shown as the reason of a tag: always verbatim, from its best sentence.

Owns spans; only the lexical tagger calls it. Words are weighed as the tagger weighed them, the sentence that holds most
is chosen, and in it what stands close together becomes one span.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from analysis.taggers.protocol import Span
from analysis.taggers.reading import Place, Text

JOIN_WITHIN = 2
"""Matched words with at most one word between them become one piece of evidence."""
FAR_WEAKER = 0.4
"""Words with less than this share of the strongest word's weight are no evidence worth marking."""
LEARNED_WORTH = 0.2
"""A learned word's log-odds count this much of a definition's word when the best sentence is chosen."""


def spans_of(text: Text, places: Sequence[Place], learned: Sequence[Place]) -> tuple[Span, ...]:
    """The spans of the best sentence, in order and apart from one another.

    Args:
        places: words and cues of the definition, with their weight.
        learned: words that examples or other comments taught; they help to choose the sentence, and are shown where
            the definition's own words are not met at all.
    """
    tokens = text.tokens
    weights: dict[int, float] = defaultdict(float)
    strongest: dict[tuple[int, int], float] = {}
    for place in places:
        key = (place.first, place.last)
        if place.weight > strongest.get(key, 0.0):
            weights[tokens[place.first].sentence] += place.weight - strongest.get(key, 0.0)
            strongest[key] = place.weight
    for place in learned:
        weights[tokens[place.first].sentence] += place.weight * LEARNED_WORTH
    if not weights:
        return ()
    best = min(weights, key=lambda sentence: (-weights[sentence], sentence))
    chosen = [place for place in places if tokens[place.first].sentence == best]
    if not chosen:
        chosen = [place for place in learned if tokens[place.first].sentence == best]
    weakest = max(place.weight for place in chosen) * FAR_WEAKER
    joined: list[tuple[int, int]] = []
    for place in sorted(text.with_hyphens(place) for place in chosen if place.weight >= weakest):
        before = joined[-1][1] if joined else 0
        if joined and place.first - before <= JOIN_WITHIN and tokens[place.first].sentence == tokens[before].sentence:
            joined[-1] = (joined[-1][0], max(place.last, before))
        else:
            joined.append((place.first, place.last))
    spans: list[Span] = []
    for first, last in joined:
        start, end = tokens[first].start, tokens[last].end
        if spans and start < spans[-1].end:  # pairs of characters, in scripts without spaces, overlap
            start, end = spans[-1].start, max(end, spans[-1].end)
            spans.pop()
        spans.append(Span(start, end))
    return tuple(spans)
