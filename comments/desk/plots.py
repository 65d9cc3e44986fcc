"""The workload as a page draws it: bars in thousandths, durations in words, and what is too long to draw cut.

`comments.desk.past` calls it. The numbers themselves are `comments.workload`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from comments.queues import LIMIT
from comments.workload import Column, Period, Share, Workload


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a plot over time, and its row in the table below.

    Args:
        x, width: place in the drawing; heights and `y` count down from the top, as a drawing needs them.
        texts: the cells of the row beside the label.
    """

    label: str
    x: str
    width: str
    y: str
    height: str
    back_y: str
    back_height: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A horizontal bar with its numbers; `bar` is its length in thousandths."""

    label: str
    texts: tuple[str, ...]
    bar: str


@dataclass(frozen=True, slots=True)
class Plots:
    """Everything that the page draws."""

    waiting: str
    reported: str
    median: str
    slow: str
    by_machine: str
    by_machine_of: str
    agreement: str
    agreement_of: str
    decisions: tuple[Bar, ...]
    times: tuple[Bar, ...]
    people: tuple[Row, ...]
    reasons: tuple[Row, ...]

    @property
    def ends(self) -> tuple[str, str]:
        """What stands under the first and the last column of a plot over time."""
        return self.decisions[0].label, self.decisions[-1].label

    @property
    def busy_decisions(self) -> tuple[Bar, ...]:
        """The rows of the tables: columns in which something was decided."""
        return tuple(bar for bar in self.decisions if bar.texts[0] != "0")

    @property
    def busy_times(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.times if bar.texts[0])


_HEIGHT = 200
_WIDTH = 1000


def plots_of(workload: Workload) -> Plots:
    """Turn figures into what is drawn and written."""
    columns = workload.columns
    most = max((column.decisions for column in columns), default=0) or 1
    slowest = max((column.slow or 0 for column in columns), default=0) or 1
    decisions = tuple(
        _bar(workload.period, columns, place, column.decisions / most, 0, (number_format(column.decisions),))
        for place, column in enumerate(columns)
    )
    times = tuple(
        _bar(
            workload.period,
            columns,
            place,
            (column.median or 0) / slowest,
            (column.slow or 0) / slowest,
            (duration(column.median), duration(column.slow)),
        )
        for place, column in enumerate(columns)
    )
    top = max((person.decisions for person in workload.people), default=0) or 1
    people = tuple(
        Row(
            person.name or _("an account that is gone"),
            (number_format(person.decisions), number_format(person.hours), _rounded(person.per_hour, 1)),
            _thousandths(person.decisions / top),
        )
        for person in workload.people
    )
    peak = max((reason.count for reason in workload.reasons), default=0) or 1
    reasons = tuple(
        Row(reason.label, (number_format(reason.count), percent(reason.share)), _thousandths(reason.count / peak))
        for reason in workload.reasons
    )
    return Plots(
        waiting=_up_to_limit(workload.waiting),
        reported=_up_to_limit(workload.reported),
        median=duration(workload.median),
        slow=duration(workload.slow),
        by_machine=_share(workload.by_machine),
        by_machine_of=number_format(workload.by_machine.of, force_grouping=True),
        agreement=_share(workload.agreement),
        agreement_of=number_format(workload.agreement.of, force_grouping=True),
        decisions=decisions,
        times=times,
        people=people,
        reasons=reasons,
    )


def duration(seconds: float | None) -> str:
    """A span of time in the largest unit that says enough; empty for none."""
    if seconds is None:
        return ""
    if seconds < 90:
        return _("%(count)s s") % {"count": _rounded(seconds, 0)}
    if seconds < 5_400:
        return _("%(count)s min") % {"count": _rounded(seconds / 60, 0)}
    if seconds < 172_800:
        return _("%(count)s h") % {"count": _rounded(seconds / 3_600, 1)}
    return _("%(count)s days") % {"count": _rounded(seconds / 86_400, 1)}


def percent(share: float) -> str:
    """A share in per cent."""
    return _("%(percent)s %%") % {"percent": _rounded(100 * share, 1 if 0 < share < 0.1 else 0)}


def _rounded(number: float, places: int) -> str:
    """A number as people write it; `number_format` alone cuts off what follows."""
    return number_format(round(number, places), places)


def _share(share: Share) -> str:
    return "" if share.value is None else percent(share.value)


def _up_to_limit(count: int) -> str:
    text = number_format(min(count, LIMIT), force_grouping=True)
    return f"{text}+" if count > LIMIT else text


def _bar(
    period: Period, columns: tuple[Column, ...], place: int, height: float, back: float, texts: tuple[str, ...]
) -> Bar:
    step = _WIDTH / len(columns)
    moment = localtime(columns[place].start)
    pattern = "DATETIME_FORMAT" if period is Period.DAY else "DATE_FORMAT"
    front, behind = round(_HEIGHT * height), round(_HEIGHT * back)
    return Bar(
        label=date_format(moment, pattern),
        x=f"{place * step:.1f}",
        width=f"{step * 0.8:.1f}",
        y=str(_HEIGHT - front),
        height=str(front),
        back_y=str(_HEIGHT - behind),
        back_height=str(behind),
        texts=texts,
    )


def _thousandths(share: float) -> str:
    return str(round(1000 * share))
