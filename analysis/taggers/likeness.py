"""Learns from people's examples which comments are like those of a tag, by their vectors.

Owns a regression with few examples and many numbers; only `embeddings` calls it. The probability without examples is
where it starts from: an example moves it for the comments that are like it, and no more than the examples bear out.
Deterministic; some milliseconds for 200 examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

PULL = 0.3
"""Strength of the pull towards no change. With vectors of unit length, one example alone moves its like by less than
POSITIVES / PULL log-odds."""
SHARED = 0.1
"""What any two comments have in common: how far examples move all comments alike."""
POSITIVES = 2.0
"""How much an example with the tag counts, in examples without, as in the calibration of the taggers."""
FEWEST_POSITIVES = 3
FEWEST_NEGATIVES = 3
MOST_EXAMPLES = 1_000
"""The latest so many are learned from; time grows with the cube."""
FOLDS = 5
ROUNDS = 12

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What examples taught about one tag: log-odds to add, `shift` for all comments and `weights` by the vector."""

    weights: NDArray[np.float32]
    shift: float

    def probability(self, chance: float, vector: NDArray[np.float32]) -> float:
        """The tag's probability, from the one without examples and the comment's centred vector of unit length."""
        score = float(_logit(np.array(chance))) + self.shift + float(self.weights @ vector)
        return float(_sigmoid(np.array(score)))


def train(
    judgements: Sequence[bool | None], chances: NDArray[np.float32], vectors: NDArray[np.float32]
) -> Likeness | None:
    """What the examples teach about one tag; None where they are too few, or where, held out, they do not foretell one
    another better than the probabilities without them do.

    Args:
        judgements: for each example, whether the tag applies; None where nobody said.
        chances: the tag's probability for each without any example.
        vectors: centred and of unit length, a row each.
    """
    known = [at for at, judgement in enumerate(judgements) if judgement is not None][-MOST_EXAMPLES:]
    applies = np.array([bool(judgements[at]) for at in known], np.float64)
    if applies.sum() < FEWEST_POSITIVES or len(applies) - applies.sum() < FEWEST_NEGATIVES:
        return None
    offsets = _logit(chances[known].astype(np.float64))
    rows = vectors[known].astype(np.float64)
    alike: Floats = rows @ rows.T + SHARED
    moved = np.zeros_like(offsets)
    folds = _folds(applies)
    for fold in range(FOLDS):
        out, kept = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        pulls = _solved(alike[np.ix_(kept, kept)], applies[kept], offsets[kept])
        moved[out] = alike[np.ix_(out, kept)] @ pulls
    if _loss(applies, offsets + moved) >= _loss(applies, offsets):
        return None
    pulls = _solved(alike, applies, offsets)
    return Likeness((rows.T @ pulls).astype(np.float32), float(SHARED * pulls.sum()))


def _solved(alike: Floats, applies: Floats, offsets: Floats) -> Floats:
    """The weight of each example in a logistic regression on similarities, by Newton's method.
    Source: Hastie, Tibshirani and Friedman, 4.4.1, in the form of kernels (12.3.3)."""
    moved = np.zeros_like(offsets)
    pulls = np.zeros_like(offsets)
    counts = np.where(applies > 0, POSITIVES, 1.0)
    for _ in range(ROUNDS):
        chance = _sigmoid(offsets + moved)
        spread = np.maximum(chance * (1 - chance), 1e-4)
        wanted = moved + (applies - chance) / spread
        pulls = np.asarray(np.linalg.solve(alike + np.diag(PULL / (spread * counts)), wanted), np.float64)
        before, moved = moved, alike @ pulls
        if float(np.abs(moved - before).max()) < 1e-3:
            break
    return pulls


def _folds(applies: Floats) -> NDArray[np.int64]:
    """A fold for each example, positives and negatives dealt out evenly."""
    folds = np.zeros(len(applies), np.int64)
    for value in (0.0, 1.0):
        at = np.flatnonzero(applies == value)
        folds[at] = np.arange(len(at)) % FOLDS
    return folds


def _loss(applies: Floats, scores: Floats) -> float:
    """Mean log loss, in nats, each example with the tag counted `POSITIVES` times."""
    chance = _sigmoid(scores).clip(1e-4, 1 - 1e-4)
    return float(-np.where(applies > 0, POSITIVES * np.log(chance), np.log(1 - chance)).mean())


def _logit(chance: Floats) -> Floats:
    held = np.asarray(chance, np.float64).clip(0.002, 0.998)
    odds: Floats = np.log(held / (1 - held))
    return odds


def _sigmoid(scores: Floats) -> Floats:
    held: Floats = 1 / (1 + np.exp(-np.asarray(scores, np.float64).clip(-30, 30)))
    return held
