"""What people's examples taught about one tag: words and their log-odds, and how far to believe them.

Owns the model's small, versioned state and what it makes of a comment; `examples` trains it, the taggers apply it, and
whoever stores versions keeps `to_json()`. Plain Python, no database.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from analysis.taggers.logistic import logit, sigmoid

FORMAT = 1
"""Of the stored state; a state of another format is refused, and the examples train a new one."""


class LearnedError(ValueError):
    """A stored state that this version cannot read."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How right the tag was on the examples, held out: precision, recall and F1 at the shown threshold, and log loss
    (nats for each example; less is better)."""

    precision: float
    recall: float
    f1: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class TagModel:
    """One tag's learned model: log-odds = bias + zero_shot x the log-odds without examples + words x the word score.

    `weights` are the log-odds of stems, shrunk. `scorer` names the tagger and version whose probabilities it builds
    on. `positives` of `examples` carried the tag; `before` and `after` are cross-validated within the examples.
    """

    tag: str
    scorer: str
    bias: float
    zero_shot: float
    words: float
    weights: Mapping[str, float]
    positives: int
    examples: int
    before: Quality
    after: Quality

    def probability(self, zero_shot: float, stems: Iterable[str]) -> float:
        """The tag's probability, from the one without examples and the comment's stems."""
        return sigmoid(
            self.bias + self.zero_shot * logit(zero_shot) + self.words * word_score(frozenset(stems), self.weights)
        )

    def to_json(self) -> dict[str, object]:
        """The state as plain JSON; numbers keep six decimals, which is more than they know."""
        state: dict[str, object] = {"format": FORMAT, **asdict(self)}
        state["weights"] = {stem: round(weight, 6) for stem, weight in sorted(self.weights.items())}
        return state

    @classmethod
    def from_json(cls, state: Mapping[str, object]) -> TagModel:
        """Read a stored state.

        Raises:
            LearnedError: another format, or something is missing or not a number.
        """
        if state.get("format") != FORMAT:
            raise LearnedError(f"The stored model has format {state.get('format')!r}, not {FORMAT}; train it anew.")
        try:
            weights, before, after = state["weights"], state["before"], state["after"]
            if not (isinstance(weights, Mapping) and isinstance(before, Mapping) and isinstance(after, Mapping)):
                raise TypeError
            return cls(
                tag=str(state["tag"]),
                scorer=str(state["scorer"]),
                weights={str(stem): _number(weight) for stem, weight in weights.items()},
                before=Quality(**{str(name): _number(value) for name, value in before.items()}),
                after=Quality(**{str(name): _number(value) for name, value in after.items()}),
                bias=_number(state["bias"]),
                zero_shot=_number(state["zero_shot"]),
                words=_number(state["words"]),
                positives=int(_number(state["positives"])),
                examples=int(_number(state["examples"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise LearnedError("The stored model is incomplete; train it anew.") from error


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError
    return float(value)


def word_score(stems: frozenset[str], weights: Mapping[str, float]) -> float:
    """The sum of a comment's word log-odds, less for long comments, whose words repeat one another."""
    return math.fsum(weights.get(stem, 0.0) for stem in stems) / damping(len(stems))


def damping(size: int) -> float:
    """What a sum over so many words is divided by."""
    return math.sqrt(size + 5.0)


def strongest_words(stems: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """The stems of a comment that speak for the tag, with their log-odds."""
    return {stem: weights[stem] for stem in stems if weights.get(stem, 0.0) > 0}
