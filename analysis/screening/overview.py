"""What the desk's page shows about the learned screen: figures, what other thresholds would have done, versions, and
whether people still agree. Reads only; a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from analysis.models import ScreenChange, ScreenModel, ScreenPolicy
from analysis.screening import drift, learning, measures, training
from analysis.screening.decisions import count_after
from analysis.screening.drift import Agreement
from analysis.screening.measures import Band, Routed, Thresholds

PAST = 500
"""Decisions on which the page says what thresholds would have done."""

SPAM_ERRORS = (0.002, 0.005, 0.01, 0.02, 0.05)
HOLD_ERRORS = (0.01, 0.02, 0.05, 0.1, 0.2)

_CHANGES = 20


@dataclass(frozen=True, slots=True)
class Version:
    """One version, with its figures and those of what decided before it, on the same decisions; in per cent."""

    number: int
    is_live: bool
    examples: int
    before: Mapping[str, str]
    after: Mapping[str, str]
    made_at: datetime
    is_from_file: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A share of good comments that could be accepted as an error, and what it would have done with past decisions."""

    percent: str
    is_chosen: bool
    routed: Routed


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the page.

    Args:
        live: number of the version that decides; None: the prior alone does.
        is_possible: whether what learns is installed.
        decided: decisions so far, counted up to `needed`.
        spam_percent, hold_percent: the accepted errors.
        now: what the version in use would have done with past decisions; None without one.
        spam_options, hold_options: what it would have done with other accepted errors.
    """

    live: int | None
    is_held: bool
    is_possible: bool
    decided: int
    needed: int
    spam_percent: str
    hold_percent: str
    thresholds: Thresholds | None
    now: Routed | None
    bands: tuple[Band, ...]
    spam_options: tuple[Option, ...]
    hold_options: tuple[Option, ...]
    versions: tuple[Version, ...]
    changes: tuple[ScreenChange, ...]
    agreement: Agreement
    drift_at: datetime | None

    @property
    def is_early(self) -> bool:
        """Whether there are too few decisions to learn from, and nothing was learned from a file."""
        return self.live is None and self.decided < self.needed


def overview() -> Overview:
    """Read it."""
    row = ScreenPolicy.objects.first() or ScreenPolicy()
    errors = learning.errors_of(row)
    live = ScreenModel.objects.filter(is_live=True).first()
    judged = learning.judged_of(live) if live else []
    past = judged[:PAST]
    thresholds = Thresholds(live.state["spam_from"], live.state["hold_from"]) if live else None

    def options(shares: tuple[float, ...], chosen: float, *, is_spam: bool) -> tuple[Option, ...]:
        found = []
        for share in sorted({*shares, chosen}):
            spam, hold = (share, errors[1]) if is_spam else (errors[0], share)
            routed = measures.route(past, measures.choose(judged, spam_error=spam, hold_error=hold))
            found.append(Option(percent(share), share == chosen, routed))
        return tuple(found)

    return Overview(
        live=live.version if live else None,
        is_held=row.is_held,
        is_possible=training.is_possible(),
        decided=count_after(0, most=learning.FEWEST),
        needed=learning.FEWEST,
        spam_percent=percent(errors[0]),
        hold_percent=percent(errors[1]),
        thresholds=thresholds,
        now=measures.route(past, thresholds) if past and thresholds else None,
        bands=tuple(measures.reliability(judged)),
        spam_options=options(SPAM_ERRORS, errors[0], is_spam=True) if past else (),
        hold_options=options(HOLD_ERRORS, errors[1], is_spam=False) if past else (),
        versions=tuple(
            Version(
                number=model.version,
                is_live=model.is_live,
                examples=model.examples,
                before=_percents(model.before),
                after=_percents(model.after),
                made_at=model.created_at,
                is_from_file=model.last_event == 0,
            )
            for model in ScreenModel.objects.defer("state")
        ),
        changes=tuple(ScreenChange.objects.select_related("by")[:_CHANGES]),
        agreement=drift.look(),
        drift_at=row.drift_at,
    )


def percent(share: float) -> str:
    """A share as a person writes it: 0.005 -> "0.5"."""
    return f"{100 * share:.1f}".removesuffix(".0")


def _percents(figures: Mapping[str, float]) -> dict[str, str]:
    shown = ("spam_precision", "spam_recall", "spam_f1", "ham_to_spam", "ham_held", "bad_published")
    return {name: percent(figures[name]) for name in shown if name in figures}
