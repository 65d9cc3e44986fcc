"""The hand-written prior, as what learning begins with and is measured against."""

from __future__ import annotations

from analysis.screening.measures import Judged, Thresholds
from comments import conf
from comments.screening.prior import score
from comments.screening.verdict import Facts


def probability(facts: Facts) -> float:
    """How sure the prior is that a comment is not to be published."""
    return score(facts).probability


def judge(label: str, facts: Facts) -> Judged:
    """What the prior says beside what a person said. It does not tell spam from the rest."""
    probable = probability(facts)
    return Judged(label, probable, probable)


def thresholds() -> Thresholds:
    """Those of the settings."""
    return Thresholds(conf.SCREEN_SPAM, conf.SCREEN_HOLD)
