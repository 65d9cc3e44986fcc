"""The screen that `COMMENTS["SCREENS"]` names as `analysis.screening.screen.learned`.

It asks the version in use, and is silent where there is none: then the hand-written prior, which stands behind it in
the list, has the word. Where this one scores, the prior's score is passed over.
"""

from __future__ import annotations

import logging

from django.core.cache import cache
from django.db import DatabaseError

from analysis.models import ScreenModel, ScreenPolicy
from analysis.screening.features import behaviour_of, see
from analysis.screening.model import Model, StateError, from_json
from comments.screening.verdict import Facts, Outcome, Verdict, scores

log = logging.getLogger(__name__)

_KEY = "analysis.screening.revision"
_SECONDS = 30
"""After which another process sees that another version decides; where all share a cache, it does at once."""

_loaded: tuple[int, Model | None] = (-1, None)
"""Of this process: a revision of the policy, and the model that decides under it."""


@scores
def learned(facts: Facts) -> Verdict | None:
    """What the site's own decisions say about a comment."""
    if facts.is_staff:
        return None
    model = live_model()
    if model is None:
        return None
    seen = see(facts, behaviour=behaviour_of(facts))
    scored = model.score(seen)
    outcome = Outcome.PUBLISH
    if scored.spam >= model.spam_from:
        outcome = Outcome.SPAM
    elif scored.bad >= model.hold_from:
        outcome = Outcome.HOLD
    if outcome is Outcome.PUBLISH and not facts.is_explained:
        return Verdict(outcome, "learned", risk=scored.bad)
    words = model.words(seen)
    # Never quite sure: what rounds to a hundred is not.
    detail = f"{min(99, round(100 * scored.bad))} %"
    if words:
        detail = f"{detail}: {', '.join(words)}"
    return Verdict(outcome, "learned", detail, found=tuple(words), risk=scored.bad)


def live_model() -> Model | None:
    """The version that decides, at most half a minute old."""
    global _loaded
    revision: int | None = cache.get(_KEY)
    if revision is None:
        try:
            revision = ScreenPolicy.objects.values_list("revision", flat=True).first() or 0
        except DatabaseError:
            # `screen_file` runs where nobody has made the tables yet.
            return None
        cache.set(_KEY, revision, _SECONDS)
    known, model = _loaded
    if known != revision or revision == 0:
        model = _load() if revision else None
        _loaded = (revision, model)
    return model


def forget() -> None:
    """Look at the table again before the next comment."""
    cache.delete(_KEY)


def _load() -> Model | None:
    state = ScreenModel.objects.filter(is_live=True).values_list("state", flat=True).first()
    if state is None:
        return None
    try:
        return from_json(state)
    except StateError as error:
        log.error("The learned screen in use cannot be read, and the prior decides: %s", error)
        return None
