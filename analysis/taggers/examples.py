"""Trains a tag on people's examples: from three that carry it on, and kept only where it foretells the rest better.

Owns the training and its cross-validation; taggers call it for `--examples`, and the verbs that keep versions call it
after a correction. Words are weighed by naive Bayes log-odds, whose leave-one-out value costs nothing, and a logistic
regression weighs that score beside the probability without examples. A regression on thousands of words directly was
tried: with ten examples it is far behind. Plain Python, deterministic, milliseconds at 200 examples.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from analysis.taggers.learned import Quality, TagModel, damping
from analysis.taggers.logistic import dot, fit, logit, sigmoid
from analysis.taggers.protocol import SHOWN_FROM, LabelledText
from analysis.taggers.stems import tokenise
from analysis.taxonomy import TagDefinition

FEWEST_POSITIVES = 3
FEWEST_NEGATIVES = 3
MOST_EXAMPLES = 2_000
"""The latest so many are learned from; a thread seldom has more, and a file must not take minutes."""
FOLDS = 5
SMOOTHING = 0.3
"""Added to each count of a word, so that a word met once proves little."""
TRUST = (-0.2, 0.9, 1.0)
"""Bias, zero-shot and words before an example is seen: the means of what examples taught about tags of forty articles.
"""
PULL = (100.0, 30.0, 30.0)
"""How many observations that belief is worth. People's examples are no fair sample, most of all in how many of them
carry the tag: a weak pull, above all on the bias, learns that share in place of the words."""
POSITIVES = 2.0
"""How much an example with the tag counts, in examples without, as in the calibration of the taggers."""
LEAST_GAIN = 0.01
"""Nats for each example by which words have to lower the log loss: less is no reason to tag a discussion anew."""
MOST_WORDS = 1_500
"""Words that a stored model keeps, those of the largest log-odds."""


@lru_cache(maxsize=1_000)
def stems_of(text: str) -> frozenset[str]:
    """The stems that an example teaches by. Kept for the latest: each correction trains on the same texts again."""
    return frozenset(token.stem for token in tokenise(text) if not token.is_stop)


def train(
    definition: TagDefinition,
    examples: Sequence[LabelledText],
    zero_shot: Sequence[float],
    *,
    scorer: str = "",
    stems: Sequence[frozenset[str]] | None = None,
) -> TagModel | None:
    """The model of a tag, or None where there are too few examples or they make it no better.

    Args:
        examples: any order; those that say nothing about the tag are passed over.
        zero_shot: for each example, the tag's probability without any example, in [0, 1].
        scorer: name and version of what gave `zero_shot`.
        stems: `stems_of` each example, where the caller has them.
    """
    judged = [
        (example.judgement(definition.id), score, stems[at] if stems is not None else None, example.text)
        for at, (example, score) in enumerate(zip(examples, zero_shot, strict=True))
    ]
    known = [(bool(yes), score, words or stems_of(text)) for yes, score, words, text in judged if yes is not None]
    known = known[-MOST_EXAMPLES:]
    labels = [yes for yes, _, _ in known]
    if sum(labels) < FEWEST_POSITIVES or len(labels) - sum(labels) < FEWEST_NEGATIVES:
        return None
    counts = _Counts(labels, [words for _, _, words in known])
    rows = [
        (1.0, logit(score), counts.held_out(words, yes) / damping(len(words)))
        for yes, score, words in known
    ]  # fmt: skip
    alone, held_out = [score for _, score, _ in known], _cross_validated(rows, labels)
    before, after = _quality(labels, alone), _quality(labels, held_out)
    # The words have to earn it: a shift that fits how many examples carry the tag would pass for knowledge.
    shifted = _cross_validated([row[:2] for row in rows], labels)
    if _loss(labels, held_out) > min(_loss(labels, alone), _loss(labels, shifted)) - LEAST_GAIN:
        return None
    bias, own, words = _fit(rows, labels)
    return TagModel(
        tag=definition.id,
        scorer=scorer,
        bias=bias,
        zero_shot=own,
        words=words,
        weights=counts.weights(),
        positives=sum(labels),
        examples=len(labels),
        before=before,
        after=after,
    )


class _Counts:
    """In how many examples with and without the tag each word stands."""

    def __init__(self, labels: Sequence[bool], documents: Sequence[frozenset[str]]) -> None:
        self._yes: Counter[str] = Counter()
        self._no: Counter[str] = Counter()
        for label, words in zip(labels, documents, strict=True):
            (self._yes if label else self._no).update(words)
        self._positives = sum(labels)
        self._negatives = len(labels) - self._positives

    def weights(self) -> dict[str, float]:
        """Shrunk log-odds of every word; those that say next to nothing are left out."""
        shift = math.log((self._negatives + 1) / (self._positives + 1))
        found = {stem: _log_odds(self._yes[stem], self._no[stem], shift) for stem in self._yes.keys() | self._no.keys()}
        strongest = sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))[:MOST_WORDS]
        return dict(strongest)

    def held_out(self, words: frozenset[str], label: bool) -> float:
        """The score of one example's words by what the others taught."""
        positives, negatives = self._positives - label, self._negatives - (not label)
        shift = math.log((negatives + 1) / (positives + 1))
        yes, no, own, other = self._yes, self._no, int(label), int(not label)
        return math.fsum(_log_odds(yes[stem] - own, no[stem] - other, shift) for stem in words)


def _log_odds(yes: int, no: int, shift: float) -> float:
    seen = yes + no
    return (math.log((yes + SMOOTHING) / (no + SMOOTHING)) + shift) * seen / (seen + 1) if seen else 0.0


def _fit(rows: Sequence[Sequence[float]], labels: Sequence[bool]) -> list[float]:
    """Coefficients for as many of bias, zero-shot and words as the rows have; a score never speaks against itself."""
    size = len(rows[0])
    weights = [POSITIVES if label else 1.0 for label in labels]
    targets = [float(label) for label in labels]
    found = fit(rows, targets, pull=PULL[:size], towards=TRUST[:size], weights=weights, rounds=5)
    return [found[0], *(max(0.0, value) for value in found[1:])]


def _cross_validated(rows: Sequence[Sequence[float]], labels: Sequence[bool]) -> list[float]:
    """Each example's probability from coefficients of the other folds; word scores are held out already. Folds deal
    the positives out evenly."""
    fold_of, dealt = [], {True: 0, False: 0}
    for label in labels:
        fold_of.append(dealt[label] % FOLDS)
        dealt[label] += 1
    found = [0.0] * len(rows)
    for fold in range(FOLDS):
        learn = [at for at in range(len(rows)) if fold_of[at] != fold]
        coefficients = _fit([rows[at] for at in learn], [labels[at] for at in learn])
        for at in range(len(rows)):
            if fold_of[at] == fold:
                found[at] = sigmoid(dot(rows[at], coefficients))
    return found


def _quality(labels: Sequence[bool], probabilities: Sequence[float]) -> Quality:
    right = sum(label and chance >= SHOWN_FROM for label, chance in zip(labels, probabilities, strict=True))
    shown, applies = sum(chance >= SHOWN_FROM for chance in probabilities), sum(labels)
    return Quality(
        precision=right / shown if shown else 0.0,
        recall=right / applies,
        f1=2 * right / (shown + applies),
        log_loss=_loss(labels, probabilities, positives=1.0),
    )


def _loss(labels: Sequence[bool], probabilities: Sequence[float], positives: float = POSITIVES) -> float:
    """Mean log loss, each example with the tag counted `positives` times."""
    total = 0.0
    for label, chance in zip(labels, probabilities, strict=True):
        held = min(max(chance, 1e-4), 1 - 1e-4)
        total -= positives * math.log(held) if label else math.log(1 - held)
    return total / len(labels)
