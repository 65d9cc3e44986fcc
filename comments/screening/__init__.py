"""The pipeline that a new or edited comment passes before it is stored.

SCREENS is an ordered list of dotted paths in the settings; `screen` asks them in turn. `comments.posting` calls it,
and `manage.py screen_file` does without storing anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from comments import conf
from comments.errors import Sentence
from comments.screening.verdict import Facts, Outcome, Verdict

Answer = Verdict | tuple[Verdict, ...] | None
Screen = Callable[[Facts], Answer]
"""A screen answers with an objection, with several, or with none."""

REASONS: dict[str, Sentence] = {
    "appeal": _("its author asks for another look"),
    "resubmitted": _("revised by its author and sent again"),
    "blocked_address": _("sent with an address that is blocked"),
    "flood": _("many comments from one connection"),
    "honeypot": _("filled in a field that people do not see"),
    "too_fast": _("sent faster than a person types"),
    "repeated": _("the same text was posted before"),
    "near_repeated": _("nearly the same text was posted before"),
    "links": _("many links"),
    "short_link": _("a shortened link, which hides where it leads"),
    "disguised_link": _("a link that leads elsewhere than it says"),
    "lookalike_link": _("the address of a link imitates another"),
    "link_in_name": _("a link in the name"),
    "fast_link": _("a link, sent faster than its text can be typed"),
    "blocked_word": _("contains a blocked word"),
    "spam_word": _("contains a word of the list of spam"),
    "reject_word": _("contains a word of the list of what is rejected"),
    "prior": _("resembles spam"),
    "sample": _("drawn at random, so that a person looks at it"),
    "learned": _("resembles what was not published here before"),
    "outside": _("a service that this site asks"),
    "akismet": _("Akismet takes it for spam"),
    "outside_down": _("a service that this site asks did not answer"),
    "hold_all": _("this discussion holds every comment"),
    "newcomer": _("first comment from this browser"),
    "edited": _("edited after it was published"),
    "seeded": _("came with the demonstration data"),
}
"""What the desk says for each code of the shipped screens."""

__all__ = ["REASONS", "Facts", "Outcome", "Screening", "Verdict", "explain", "screen"]


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer of the whole pipeline: the strongest outcome, all objections in order, and the score.

    `risk` is how sure the first screen that scores is that this is not to be published, from 0 to 1; None where none
    scores.
    """

    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    risk: float | None = None

    @property
    def refusal(self) -> Verdict | None:
        """The first refusal, if any."""
        return next((verdict for verdict in self.verdicts if verdict.outcome is Outcome.REFUSE), None)

    @property
    def per_mille(self) -> int | None:
        """The risk as `Comment.risk` keeps it."""
        return None if self.risk is None else round(1000 * self.risk)

    def stored(self) -> list[dict[str, Any]]:
        """The objections as they are kept with the comment for the desk: `code`, `detail`, and, where a screen named
        words, `found` (as they stand there) and `where`."""
        return [_stored(verdict) for verdict in self.verdicts]


def _stored(verdict: Verdict) -> dict[str, Any]:
    kept: dict[str, Any] = {"code": verdict.code, "detail": str(verdict.detail)}
    if verdict.found:
        kept["found"] = list(verdict.found)
    if verdict.where:
        kept["where"] = verdict.where
    return kept


def screen(facts: Facts, *, before: tuple[Verdict, ...] = ()) -> Screening:
    """Ask the screens in order. A refusal ends the round: nothing will be stored, so nothing more is worth asking.

    Several screens may score; the first one's word is taken and the others are passed over, so that a model that has
    learned stands before the prior and replaces it.

    Args:
        before: verdicts that were asked for elsewhere, such as those of outside screens.
    """
    verdicts = list(before)
    risk: float | None = None
    for ask in _screens(tuple(conf.SCREENS)):
        answer = ask(facts)
        if answer is None:
            continue
        for verdict in (answer,) if isinstance(answer, Verdict) else answer:
            if verdict.risk is not None:
                if risk is not None:
                    continue
                risk = verdict.risk
            if verdict.outcome is not Outcome.PUBLISH:
                verdicts.append(verdict)
        if verdicts and verdicts[-1].outcome is Outcome.REFUSE:
            break
    outcome = max((verdict.outcome for verdict in verdicts), default=Outcome.PUBLISH)
    return Screening(outcome, tuple(verdicts), risk)


def explain(facts: Facts) -> tuple[str, ...]:
    """The words that speak most against a comment, the strongest first, by the screen whose score is taken.

    It is asked anew, as it stands now: words are kept only of comments that it held.
    """
    asked = replace(facts, is_explained=True)
    for ask in _screens(tuple(conf.SCREENS)):
        if getattr(ask, "scores", False):
            answer = ask(asked)
            if isinstance(answer, Verdict) and answer.risk is not None:
                return answer.found
    return ()


@lru_cache(maxsize=8)
def _screens(paths: tuple[str, ...]) -> tuple[Screen, ...]:
    return tuple(import_string(path) for path in paths)
