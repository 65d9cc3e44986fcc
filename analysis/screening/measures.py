"""How right a screen is: figures of decisions, thresholds for an accepted error, and how far probabilities can be
trusted. Pure functions on probabilities beside what a person said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

HAM, SPAM, REJECT = "ham", "spam", "reject"
LABELS = (HAM, SPAM, REJECT)

SPAM_ERROR = 0.01
"""Share of good comments that may be marked as spam, unless the operator says otherwise."""
HOLD_ERROR = 0.05
"""Share of good comments that may wait in vain."""

_LEAST_SPAM, _LEAST_HOLD, _MOST = 0.5, 0.15, 0.999
_FEWEST_OF_TAIL = 8
"""Values that a tail is drawn from; fewer draw nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A comment with what a person said and what a screen says: probabilities of spam, and of not being published."""

    label: str
    spam: float
    bad: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a comment is marked as spam, and from which it waits for a person."""

    spam_from: float
    hold_from: float

    def outcome(self, judged: Judged) -> str:
        """`spam`, `hold` or `publish`."""
        if judged.spam >= self.spam_from:
            return "spam"
        return "hold" if judged.bad >= self.hold_from else "publish"


@dataclass(frozen=True, slots=True)
class Figures:
    """Ratios from 0 to 1. `bad_published` is of the comments that were not to be published; `log_loss` measures the
    probabilities themselves, less is better."""

    number: int
    spam: int
    reject: int
    spam_precision: float
    spam_recall: float
    spam_f1: float
    ham_to_spam: float
    ham_held: float
    bad_published: float
    log_loss: float

    def to_json(self) -> dict[str, float]:
        """As it is stored with a version."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Band:
    """Comments with a probability from `low` to `high`: how probable on average, and how many were not published."""

    low: float
    high: float
    number: int
    predicted: float
    observed: float

    @property
    def percents(self) -> tuple[int, int, int, int]:
        """`low`, `high`, `predicted` and `observed` in per cent."""
        low, high = round(100 * self.low), round(100 * self.high)
        return low, high, round(100 * self.predicted), round(100 * self.observed)


@dataclass(frozen=True, slots=True)
class Routed:
    """What thresholds would have done with past decisions, in numbers of comments."""

    thresholds: Thresholds
    number: int
    published_wrongly: int
    held_in_vain: int
    spam_wrongly: int
    left_to_people: int


def choose(judged: Sequence[Judged], *, spam_error: float, hold_error: float) -> Thresholds:
    """Thresholds under which no more than these shares of good comments would have been marked as spam, or would have
    waited, and no more of further ones are expected to be.

    Give probabilities for comments that the screen had not seen: on others it is surer than it should be.
    """
    ham = [one for one in judged if one.label == HAM]
    spam_from = max(_LEAST_SPAM, _above([one.spam for one in judged if one.label != SPAM], spam_error))
    hold_from = max(_LEAST_HOLD, _above([one.bad for one in ham], hold_error))
    return Thresholds(round(spam_from, 4), round(min(hold_from, spam_from), 4))


def _above(values: Sequence[float], share: float) -> float:
    """The value that this share of further ones is expected to reach, no more than this share of the given ones does.

    Of a few hundred comments one in a hundred is two or three, whose places are mostly chance. So the upper tenth says
    together how fast the tail falls (mean excess over a threshold, in log-odds; Pickands, "Statistical inference using
    extreme order statistics", 1975, with an exponential tail), and the given ones only bound the answer from below.
    """
    ranked = sorted(values, reverse=True)
    allowed = int(share * len(ranked) + 1e-9)
    if allowed >= len(ranked):
        return 0.0
    # What stands there must stay below.
    lowest = min(_MOST, ranked[allowed] + 1e-4)
    size = max(_FEWEST_OF_TAIL, len(ranked) // 10)
    if len(ranked) <= size:
        return _expit((_logit(lowest) + _logit(_MOST)) / 2)
    foot = _logit(ranked[size])
    excess = sum(_logit(value) - foot for value in ranked[:size]) / size
    expected = foot + excess * math.log(max(1.0, size / (share * len(ranked))))
    return min(_MOST, max(lowest, _expit(expected)))


def figures_of(judged: Sequence[Judged], thresholds: Thresholds) -> Figures:
    """How right the outcomes are."""
    outcomes = [(one, thresholds.outcome(one)) for one in judged]
    hit = sum(1 for one, outcome in outcomes if outcome == "spam" and one.label == SPAM)
    marked = sum(1 for _one, outcome in outcomes if outcome == "spam")
    spam = sum(1 for one in judged if one.label == SPAM)
    ham = sum(1 for one in judged if one.label == HAM)
    bad = len(judged) - ham
    precision, recall = _ratio(hit, marked), _ratio(hit, spam)
    return Figures(
        number=len(judged),
        spam=spam,
        reject=bad - spam,
        spam_precision=precision,
        spam_recall=recall,
        spam_f1=_ratio(2 * hit, marked + spam),
        ham_to_spam=_ratio(sum(1 for one, said in outcomes if said == "spam" and one.label == HAM), ham),
        ham_held=_ratio(sum(1 for one, said in outcomes if said == "hold" and one.label == HAM), ham),
        bad_published=_ratio(sum(1 for one, said in outcomes if said == "publish" and one.label != HAM), bad),
        log_loss=log_loss(judged),
    )


def log_loss(judged: Sequence[Judged]) -> float:
    """Mean surprise at what people decided, in nats."""
    total = 0.0
    for one in judged:
        sure = one.bad if one.label != HAM else 1 - one.bad
        total -= math.log(min(max(sure, 1e-6), 1.0))
    return _ratio(total, len(judged))


def reliability(judged: Sequence[Judged], *, bands: int = 10) -> list[Band]:
    """How often comments of each probability were indeed not to be published; bands without a comment are left out."""
    sorted_in: dict[int, list[Judged]] = {}
    for one in judged:
        sorted_in.setdefault(min(bands - 1, int(one.bad * bands)), []).append(one)
    return [
        Band(
            low=band / bands,
            high=(band + 1) / bands,
            number=len(some),
            predicted=sum(one.bad for one in some) / len(some),
            observed=sum(1 for one in some if one.label != HAM) / len(some),
        )
        for band, some in sorted(sorted_in.items())
    ]


def route(judged: Sequence[Judged], thresholds: Thresholds) -> Routed:
    """Say what thresholds would have done with these comments."""
    outcomes = [(one.label, thresholds.outcome(one)) for one in judged]
    return Routed(
        thresholds=thresholds,
        number=len(judged),
        published_wrongly=sum(1 for label, said in outcomes if said == "publish" and label != HAM),
        held_in_vain=sum(1 for label, said in outcomes if said == "hold" and label == HAM),
        spam_wrongly=sum(1 for label, said in outcomes if said == "spam" and label != SPAM),
        left_to_people=sum(1 for _label, said in outcomes if said == "hold"),
    )


def agreement(judged: Sequence[Judged], thresholds: Thresholds) -> float:
    """Share of the decisions that a machine would make alone with which people agree: what drift is measured
    against."""
    alone = [(one.label, thresholds.outcome(one)) for one in judged]
    alone = [(label, said) for label, said in alone if said != "hold"]
    return _ratio(sum(1 for label, said in alone if (said == "publish") == (label == HAM)), len(alone))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _logit(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))
