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
    """One judgement beside one decision: does `tag` apply, and was it shown."""

    tag: str
    applies: bool
    shown: bool


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


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
