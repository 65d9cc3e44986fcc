"""Measures a tagger against labels: precision, recall and F1, per tag and overall.

Owns the counting rules; commands, and later the verbs that compare two models, call it. Plain Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TagFigures:
    """How one tag, or all of them, did. `support` counts the comments that it truly applies to. A ratio whose
    denominator is 0 is 0, so an unused tag never flatters."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    @property
    def support(self) -> int:
        return self.true_positives + self.false_negatives

    @property
    def precision(self) -> float:
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        return _ratio(self.true_positives, self.support)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)

    def __add__(self, other: TagFigures) -> TagFigures:
        return TagFigures(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement beside one decision: does `tag` apply, was it shown, and how probable was it said to be (0 where
    the tagger said nothing)."""

    tag: str
    applies: bool
    shown: bool
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a measurement. `macro_f1` is the mean over the tags that occur in the labels."""

    tags: Mapping[str, TagFigures]
    overall: TagFigures
    macro_f1: float


def measure(judged: Iterable[Judged]) -> Figures:
    """Count judgements, tag by tag. Undecided pairs do not belong in here."""
    tags: dict[str, TagFigures] = {}
    for one in judged:
        counted = TagFigures(
            int(one.applies and one.shown), int(one.shown and not one.applies), int(one.applies and not one.shown)
        )
        tags[one.tag] = tags.get(one.tag, TagFigures()) + counted
    occurring = [figures.f1 for figures in tags.values() if figures.support]
    return Figures(
        tags=tags,
        overall=sum(tags.values(), TagFigures()),
        macro_f1=sum(occurring) / len(occurring) if occurring else 0.0,
    )


BANDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Edges of the bands of a reliability table; a band holds its lower edge, the last one both."""


@dataclass(frozen=True, slots=True)
class Band:
    """Judgements whose confidence lies in [low, high): the mean confidence, and the share that truly applied. Where a
    tagger is calibrated, the two are the same."""

    low: float
    high: float
    number: int
    predicted: float
    observed: float


def reliability(judged: Iterable[Judged]) -> tuple[Band, ...]:
    """The reliability table: bands that hold any judgement, from low to high."""
    held: dict[int, list[Judged]] = {}
    for one in judged:
        held.setdefault(min(int(one.confidence * 10), 9), []).append(one)
    return tuple(
        Band(
            BANDS[at],
            BANDS[at + 1],
            len(some),
            sum(one.confidence for one in some) / len(some),
            sum(one.applies for one in some) / len(some),
        )
        for at, some in sorted(held.items())
    )


@dataclass(frozen=True, slots=True)
class Mistake:
    """A judgement that a decision went against, and the comment, for a person to read. `confidence` 0: not named."""

    comment: str | int
    text: str
    tag: str
    applies: bool
    confidence: float


def worst(mistakes: Iterable[Mistake], most: int) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
    """The tags wrongly shown with most confidence, and the tags missed with least, `most` of each. Ties keep their
    order, so that the same file gives the same list."""
    found = list(mistakes)
    wrong = sorted((one for one in found if not one.applies), key=lambda one: -one.confidence)
    missed = sorted((one for one in found if one.applies), key=lambda one: one.confidence)
    return tuple(wrong[:most]), tuple(missed[:most])


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
