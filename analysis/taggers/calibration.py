"""Turns what a comment holds for a tag into log-odds: the features, and the constants that weigh them.

Owns the two passes of the shared scorer; `fit_lexical` fits the constants, the taggers use them. The first pass needs
the definitions alone; the second adds what an article's own comments taught. Every feature can be read aloud.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from analysis.taggers.logistic import dot
from analysis.taggers.reading import NO_WINDOW, NOTHING, Found, best_window

FEATURES = (
    "bias", "met", "description", "margin", "again", "phrase", "word", "cue_words", "cue_margin", "bare",
)  # fmt: skip
"""The columns of the first pass; what each means is written at `first_rows`."""

TAUGHT_FEATURES = (
    "bias", "first", "cued", "description", "taught", "bare_margin", "cued_margin", "bare", "top", "second",
)  # fmt: skip
"""The columns of the second pass; what each means is written at `taught_rows`."""

FIRST_PASS: tuple[float, ...] = (-2.12, 0.11, 0.94, 1.87, 1.31, 1.37, 2.15, 1.74, 0.59, 0.45)
WITH_TEXTS: tuple[float, ...] = (-0.18, 0.48, 0.28, 1.20, 0.00, 1.09, 0.20, 0.08, 0.42, 0.46)
"""Logistic regression from features to the probability that the tag applies. Fitted by `analysis.taggers.fit_lexical`
on newspaper comments under twenty debates, short arguments for key points of forty articles (both research data, tags
defined by name and description alone), and a discussion of one article, with its cues and without. Coefficients are
held at 0 or above: evidence never counts against its own tag."""

MANY_CUES = 20
"""Cues of a tag from which it is taken for one whose editor has said all there is to say."""
USUAL_LOG_SIZE = 3.0
"""The logarithm of a middling comment's words."""
MOST_FIRST = 6.0
MOST_MARGIN = 4.0


def first_rows(found: Mapping[int, Found], totals: Sequence[float], bare: Sequence[bool]) -> list[tuple[float, ...]]:
    """The columns of FEATURES for every tag.

    met: whether the comment holds any word of the tag; description: share of the weight of the description's heaviest
    words that the best window holds; margin: weight of the window less the best other tag's; again: log of the weight
    of all mentions in the comment; phrase, word: the strongest cue of several words, or of one, and half the next;
    cue_words: log of the weight of all words of the tag's cues, met singly or not; cue_margin: weight of those in the
    best sentence less the best other tag's; bare: the tag has no cues, so their absence says nothing.

    Args:
        totals: for each tag, the weight of its description's heaviest words.
        bare: for each tag, whether it has no cues.
    """
    windows = {number: best_window(entry.sentences) for number, entry in found.items()}
    cue_words = {number: max(entry.cue_words.values(), default=0.0) for number, entry in found.items()}
    best_window_of = _two_best(window.total for window in windows.values())
    most_cue_words = _two_best(cue_words.values())
    rows: list[tuple[float, ...]] = []
    for number, is_bare in enumerate(bare):
        entry, window, cues = found.get(number, NOTHING), windows.get(number, NO_WINDOW), cue_words.get(number, 0.0)
        rows.append(
            (
                1.0,
                1.0 if number in found else 0.0,
                min(1.0, window.description / (totals[number] or 1.0)),
                _clamped(window.total - _rival(window.total, best_window_of), 2.0),
                math.log1p(entry.mentions),
                _strongest(strength for stems, strength in entry.phrases.items() if len(stems) > 1),
                _strongest(strength for stems, strength in entry.phrases.items() if len(stems) == 1),
                math.log1p(sum(entry.cue_words.values())),
                _clamped(cues - _rival(cues, most_cue_words), 2.0),
                1.0 if is_bare else 0.0,
            )
        )
    return rows


def first_logits(rows: Sequence[tuple[float, ...]]) -> list[float]:
    """The first pass's log-odds for every tag."""
    return [_clamped(dot(row, FIRST_PASS), MOST_FIRST) for row in rows]


def taught_rows(
    rows: Sequence[tuple[float, ...]],
    firsts: Sequence[float],
    taught: Sequence[float],
    *,
    cues: Sequence[int],
    size: int,
) -> list[tuple[float, ...]]:
    """The columns of TAUGHT_FEATURES for every tag.

    first: the first pass's log-odds; cued: the same, as far as the tag's cues go; description, bare: as there; taught:
    what the article's other comments add; bare_margin, cued_margin: that less the best other tag's, shared out between
    the two as far as the tag's cues go, for with many of them other comments have less to tell; without cues it counts
    more in a long comment, where more words agree on it; top: whether no other tag of the article has more of first and
    taught together; second: whether one other tag has.

    Args:
        rows: of the first pass, from words.
        firsts: log-odds before other comments are asked, from words or from more.
        cues: for each tag, how many it has.
        size: words that count in the comment.
    """
    best = _two_best(taught)
    together = [first + told for first, told in zip(firsts, taught, strict=True)]
    leaders = _two_best(together)
    agreed = math.log1p(size) / USUAL_LOG_SIZE
    found: list[tuple[float, ...]] = []
    for row, first, told, number in zip(rows, firsts, taught, cues, strict=True):
        margin = _clamped(told - _rival(told, best), MOST_MARGIN) if len(rows) > 1 else 0.0
        is_top = len(rows) > 1 and first + told == leaders[0]
        is_second = len(rows) > 1 and not is_top and first + told == leaders[1]
        cued = min(1.0, number / MANY_CUES)
        found.append(
            (
                1.0,
                first,
                first * cued,
                row[2],
                told,
                margin * (1.0 - cued) * agreed,
                margin * cued,
                row[-1],
                1.0 if is_top else 0.0,
                1.0 if is_second else 0.0,
            )
        )
    return found


def _two_best(values: Iterable[float]) -> tuple[float, float]:
    best = sorted(values, reverse=True)[:2]
    return (best[0] if best else 0.0, best[1] if len(best) > 1 else 0.0)


def _rival(own: float, best: tuple[float, float]) -> float:
    """The best value of another tag."""
    return best[1] if own == best[0] else best[0]


def _clamped(value: float, most: float) -> float:
    return max(-most, min(most, value))


def _strongest(strengths: Iterable[float]) -> float:
    first, second = _two_best(strengths)
    return first + second / 2
