"""The pipeline that a new or edited comment passes before it is stored.

SCREENS is an ordered list of dotted paths in the settings; `screen` asks them in turn. `comments.posting` calls it,
and `manage.py screen_file` does without storing anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from comments import conf
from comments.errors import Sentence
from comments.screening.verdict import Facts, Outcome, Verdict

Screen = Callable[[Facts], Verdict | None]

REASONS: dict[str, Sentence] = {
    "flood": _("many comments from one connection"),
    "honeypot": _("filled in a field that people do not see"),
    "too_fast": _("sent faster than a person types"),
    "repeated": _("the same text was posted before"),
    "links": _("many links"),
    "blocked_word": _("contains a blocked word"),
    "hold_all": _("this discussion holds every comment"),
    "newcomer": _("first comment from this browser"),
    "edited": _("edited after it was published"),
    "seeded": _("came with the demonstration data"),
}
"""What the desk says for each code of the shipped screens."""

__all__ = ["REASONS", "Facts", "Outcome", "Screening", "Verdict", "screen"]


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer of the whole pipeline: the strongest outcome, and all objections in order."""

    outcome: Outcome
    verdicts: tuple[Verdict, ...]

    @property
    def refusal(self) -> Verdict | None:
        """The first refusal, if any."""
        return next((verdict for verdict in self.verdicts if verdict.outcome is Outcome.REFUSE), None)

    def stored(self) -> list[dict[str, str]]:
        """The objections as they are kept with the comment for the desk."""
        return [{"code": verdict.code, "detail": str(verdict.detail)} for verdict in self.verdicts]


def screen(facts: Facts) -> Screening:
    """Ask the screens in order. A refusal ends the round: nothing will be stored, so nothing more is worth asking."""
    verdicts: list[Verdict] = []
    for ask in _screens(tuple(conf.SCREENS)):
        verdict = ask(facts)
        if verdict is not None:
            verdicts.append(verdict)
            if verdict.outcome is Outcome.REFUSE:
                break
    outcome = max((verdict.outcome for verdict in verdicts), default=Outcome.PUBLISH)
    return Screening(outcome, tuple(verdicts))


@lru_cache(maxsize=8)
def _screens(paths: tuple[str, ...]) -> tuple[Screen, ...]:
    return tuple(import_string(path) for path in paths)
