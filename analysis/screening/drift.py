"""Whether people still agree with what the machine decides alone, by the standing sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db.models import Count, Q

from analysis.models import ScreenModel
from comments.models import Sample

LATEST = 100
"""Settled comments of the sample that are looked at."""
FEWEST = 30
_UNLIKELY = 0.01


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the sample's latest settled comments: how many there are, on how many people agreed with the machine, and
    which share of agreement cross-validation promised; None where nothing was promised."""

    number: int
    agreed: int
    promised: float | None

    @property
    def share(self) -> float | None:
        return self.agreed / self.number if self.number else None

    @property
    def percent(self) -> int:
        """The share in per cent; 0 where there is none."""
        return round(100 * (self.share or 0))

    @property
    def promised_percent(self) -> int:
        return round(100 * (self.promised or 0))

    @property
    def is_drift(self) -> bool:
        """Whether people agree less than chance alone would explain: one-sided binomial test, 1 in 100."""
        if self.promised is None or self.number < FEWEST:
            return False
        return lower_tail(self.agreed, self.number, self.promised) < _UNLIKELY


def look() -> Agreement:
    """Count the sample of the version in use, or of the prior where none is; two queries."""
    live = ScreenModel.objects.filter(is_live=True).values_list("created_at", "after").first()
    settled = Sample.objects.filter(settled_at__isnull=False, risk__isnull=False)
    promised = None
    if live is not None:
        made_at, after = live
        settled = settled.filter(drawn_at__gte=made_at)
        found = after.get("agreement")
        promised = float(found) if found else None
    latest = settled.order_by("-settled_at").values_list("pk", flat=True)[:LATEST]
    counted = Sample.objects.filter(pk__in=list(latest)).aggregate(
        number=Count("pk"), agreed=Count("pk", filter=Q(is_agreed=True))
    )
    return Agreement(counted["number"], counted["agreed"], promised)


def lower_tail(agreed: int, number: int, share: float) -> float:
    """Probability that no more than `agreed` of `number` agree where each does with this probability (binomial)."""
    share = min(max(share, 1e-9), 1 - 1e-9)
    return min(
        1.0,
        math.fsum(
            math.exp(
                math.lgamma(number + 1)
                - math.lgamma(k + 1)
                - math.lgamma(number - k + 1)
                + k * math.log(share)
                + (number - k) * math.log1p(-share)
            )
            for k in range(agreed + 1)
        ),
    )
