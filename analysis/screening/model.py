"""What was learned, as plain numbers, and what it says about a comment. Plain Python: the web process scores with it
and never loads the library that learned it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from analysis.screening.features import COUNTS, PARTS, SCALES, WORDS, Seen, features_of, token_of

FORMAT = 1
_MOST_SAID = 3
_LEAST_SAID = 0.02


class StateError(ValueError):
    """What should be a model is none; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One straight line between two kinds of comments: a weight for each feature, and what makes its distance a
    probability (Platt): 1 / (1 + exp(-(slope * distance + shift)))."""

    weights: Mapping[str, float]
    bias: float
    slope: float
    shift: float

    def probability(self, distance: float) -> float:
        return _sigmoid(self.slope * distance + self.shift)


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model says about a comment.

    Args:
        spam: probability that it is spam.
        bad: probability that it is not to be published: spam, or to be rejected.
    """

    spam: float
    bad: float

    @property
    def per_mille(self) -> int:
        return round(1000 * self.bad)


@dataclass(frozen=True, slots=True)
class Model:
    """A learned screen.

    Args:
        spam: between spam and the rest.
        bad: between what is published and the rest; the same line where nothing was ever rejected.
        spam_from, hold_from: probabilities from which a comment is marked as spam, and from which it waits.
    """

    spam: Line
    bad: Line
    spam_from: float
    hold_from: float

    def score(self, seen: Seen) -> Scored:
        """Say how likely a comment is spam, and not to be published."""
        spam = self.spam.probability(_distance(self.spam, seen))
        bad = spam if self.bad is self.spam else self.bad.probability(_distance(self.bad, seen))
        return Scored(spam, max(spam, bad))

    def words(self, seen: Seen) -> list[str]:
        """The words that spoke most against a comment, the strongest first."""
        line = self.bad
        share = [_share(line, block, features) for block, features in enumerate(seen.blocks)]
        found: dict[str, float] = {}
        for word, block, mark in seen.said:
            weight = share[block] * sum(line.weights.get(one, 0.0) for one in features_of(word, mark))
            if block == PARTS:
                weight += share[WORDS] * line.weights.get(token_of(word), 0.0)
            # A sign or a syllable explains nothing; in some scripts it is a word.
            if (len(word) > 2 or not word.isascii()) and any(map(str.isalnum, word)):
                found[word] = found.get(word, 0.0) + weight
        ranked = sorted((-weight, word) for word, weight in found.items() if weight > _LEAST_SAID)
        return [word for _weight, word in ranked[:_MOST_SAID]]

    def to_json(self) -> dict[str, Any]:
        """The model as a JSON object; `from_json` reads it back."""
        features = sorted(self.spam.weights.keys() | self.bad.weights.keys())
        lines = {"spam": self.spam} if self.bad is self.spam else {"spam": self.spam, "bad": self.bad}
        return {
            "format": FORMAT,
            "features": features,
            "spam_from": self.spam_from,
            "hold_from": self.hold_from,
            **{
                name: {
                    "weights": [round(line.weights.get(feature, 0.0), 5) for feature in features],
                    "bias": line.bias,
                    "slope": line.slope,
                    "shift": line.shift,
                }
                for name, line in lines.items()
            },
        }

    def without(self, gone: set[str]) -> Model:
        """The same model without some features."""

        def kept(line: Line) -> Line:
            weights = {feature: weight for feature, weight in line.weights.items() if feature not in gone}
            return Line(weights, line.bias, line.slope, line.shift)

        spam = kept(self.spam)
        return Model(spam, spam if self.bad is self.spam else kept(self.bad), self.spam_from, self.hold_from)


def from_json(state: object) -> Model:
    """Read a model; the object may come from a file that somebody made.

    Raises:
        StateError: it is no such model.
    """
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise StateError(f'It is no learned screen: "format" is not {FORMAT}. Make one with `manage.py train_screen`.')
    features = state.get("features")
    if not isinstance(features, list) or not all(isinstance(one, str) for one in features):
        raise StateError('"features" is not a list of texts.')
    spam = _line(state, "spam", features)
    bad = _line(state, "bad", features) if "bad" in state else spam
    return Model(spam, bad, _number(state, "spam_from"), _number(state, "hold_from"))


def _line(state: dict[str, Any], name: str, features: list[str]) -> Line:
    fields = state.get(name)
    weights = fields.get("weights") if isinstance(fields, dict) else None
    if not isinstance(fields, dict) or not isinstance(weights, list) or len(weights) != len(features):
        raise StateError(f'"{name}" has not one weight for each feature.')
    if not all(_is_number(weight) for weight in weights):
        raise StateError(f'"{name}" has a weight that is no number.')
    # A weight of nothing stays: how many features of a comment are known is part of the distance.
    found = {feature: float(weight) for feature, weight in zip(features, weights, strict=True)}
    return Line(found, _number(fields, "bias"), _number(fields, "slope"), _number(fields, "shift"))


def _number(fields: dict[str, Any], name: str) -> float:
    value = fields.get(name)
    if not _is_number(value):
        raise StateError(f'"{name}" is missing or no number.')
    return float(value)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9  # NaN is not less


def _distance(line: Line, seen: Seen) -> float:
    total = line.bias
    find = line.weights.get
    for block, features in enumerate(seen.blocks):
        known = [weight for feature in features if (weight := find(feature)) is not None]
        if known:
            total += SCALES[block] * math.fsum(known) / math.sqrt(len(known))
    for feature, value in seen.counts.items():
        total += SCALES[COUNTS] * value * find(feature, 0.0)
    return total


def _share(line: Line, block: int, features: Set[str]) -> float:
    known = sum(1 for feature in features if feature in line.weights)
    return SCALES[block] / math.sqrt(known) if known else 0.0


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-min(x, 700)))
    return math.exp(max(x, -700)) / (1 + math.exp(max(x, -700)))
