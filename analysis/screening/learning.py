"""The verbs of the learned screen: decisions become a model, with the figures before and after; a person may go back to
an earlier version, or to the prior alone, and says which errors are acceptable.

A decision changes nothing here by itself: a task calls `learn` from time to time. What is learned is a function of the
decisions that stand. Weights of words that several persons used are all that is kept of texts.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis import conf
from analysis.models import ScreenChange, ScreenModel, ScreenPolicy
from analysis.screening import drift, measures, prior, screen, training
from analysis.screening.decisions import Decided, count_after, decisions, newest
from analysis.screening.features import is_count
from analysis.screening.measures import HAM, LABELS, SPAM, Judged, Thresholds, figures_of
from analysis.screening.model import StateError, from_json
from analysis.screening.training import Trained
from comments import alerting
from comments.errors import InvalidFields, Refusal, Sentence
from comments.models import ModerationEvent
from comments.screening.verdict import Facts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from comments.models import Comment

log = logging.getLogger(__name__)

FEWEST = 100
"""Decisions that there must be before anything is learned, so many of them spam, and so many good."""
FEWEST_OF_A_KIND = 20
KEPT_VERSIONS = 10
"""Versions that are kept to go back to, the one in use not counted."""

_F1_SLACK = 0.01
_PK = 1


def policy() -> ScreenPolicy:
    """The one row; made on first need."""
    return ScreenPolicy.objects.get_or_create(pk=_PK)[0]


def errors_of(row: ScreenPolicy) -> tuple[float, float]:
    """The accepted shares of good comments that are marked as spam, and that are held."""
    spam = conf.SCREEN_ERROR if row.spam_error is None else row.spam_error
    hold = conf.SCREEN_HOLD_ERROR if row.hold_error is None else row.hold_error
    return spam, hold


# --- learning --------------------------------------------------------------------------------------------------------


def is_due() -> bool:
    """Whether there are enough new decisions since it was last tried; reads a few rows of an index."""
    if not conf.SCREEN_RETRAIN or not training.is_possible():
        return False
    seen = ScreenPolicy.objects.filter(pk=_PK).values_list("seen_event", flat=True).first() or 0
    needed: int = conf.SCREEN_RETRAIN
    return count_after(seen, most=needed) >= needed


def learn(*, is_apart: bool = True) -> int | None:
    """Learn from the decisions that stand, and let the new version decide where it is better than what decides now on
    the same decisions, both tested on those that they had not seen. Silent before there are enough of them.

    Args:
        is_apart: in a process of its own.

    Returns:
        The number of the version that was made; None where there was none.
    """
    row = policy()
    until = newest()
    # Only one process's claim changes the row; another that wants to learn the same finds nothing to do.
    if until == row.seen_event:
        return None
    if not ScreenPolicy.objects.filter(pk=_PK, seen_event=row.seen_event).update(seen_event=until):
        return None
    decided = decisions()
    kinds = Counter(one.example.label for one in decided)
    if len(decided) < FEWEST or min(kinds[HAM], kinds[SPAM]) < FEWEST_OF_A_KIND:
        return None
    live = ScreenModel.objects.filter(is_live=True).first()
    last = live.last_event if live else 0
    examples = [_known(one, last) for one in decided]
    spam_error, hold_error = errors_of(row)
    teach = training.train_apart if is_apart else training.train
    try:
        trained = teach(examples, spam_error=spam_error, hold_error=hold_error)
    except (training.TrainingError, ImportError) as error:
        log.warning("The screen learned nothing: %s", error)
        return None
    before = _before(decided, trained, live, spam_error, hold_error)
    after = figures_of(trained.judged, trained.thresholds)
    is_better = after.log_loss < before.log_loss and after.spam_f1 >= before.spam_f1 - _F1_SLACK
    with transaction.atomic():
        row = ScreenPolicy.objects.select_for_update().get(pk=_PK)
        made = _store(trained, before=before.to_json(), last_event=decided[0].event, errors=(spam_error, hold_error))
        if is_better and not row.is_held:
            _let_decide(row, made, by=None)
    log.info("The screen learned from %s decisions: version %s, in use: %s.", len(decided), made.version, made.is_live)
    return made.version


def take_over(trained: Trained) -> int:
    """Store what was learned from a file, and let it decide until somebody changes that; return its version."""
    with transaction.atomic():
        policy()
        row = ScreenPolicy.objects.select_for_update().get(pk=_PK)
        made = _store(trained, before={}, last_event=0, errors=errors_of(row))
        _let_decide(row, made, by=None, is_chosen=True)
        ScreenPolicy.objects.filter(pk=_PK).update(is_held=True)
    return made.version


def go_back(version: int | None, *, by: User) -> None:
    """Let an earlier version decide, or the prior alone, until somebody lets the figures decide again.

    Raises:
        Refusal: there is no such version (404).
    """
    with transaction.atomic():
        policy()
        row = ScreenPolicy.objects.select_for_update().get(pk=_PK)
        to = None
        if version is not None:
            to = ScreenModel.objects.filter(version=version).first() if 0 < version < 2**31 else None
            if to is None:
                raise Refusal("unknown_version", _("This version is not kept any more. Choose another."), status=404)
        _let_decide(row, to, by=by, is_chosen=True)
        ScreenPolicy.objects.filter(pk=_PK).update(is_held=True)


def let_figures_decide() -> None:
    """End what `go_back` began: the next version that is better decides."""
    policy()
    # From the first decision on, so that the next look learns at once.
    ScreenPolicy.objects.filter(pk=_PK).update(is_held=False, seen_event=0)


def set_errors(*, spam_error: float, hold_error: float, by: User) -> None:
    """Say which shares of good comments may be marked as spam, and may wait in vain.

    Raises:
        InvalidFields: a share is not between 0.1 and 50 per cent.
    """
    faults: dict[str, list[Sentence]] = {
        name: [_("Write a number from 0.1 to 50.")]
        for name, value in (("spam_error", spam_error), ("hold_error", hold_error))
        if not 0.001 <= value <= 0.5
    }
    if faults:
        raise InvalidFields(faults)
    with transaction.atomic():
        policy()
        row = ScreenPolicy.objects.select_for_update().get(pk=_PK)
        ScreenPolicy.objects.filter(pk=_PK).update(spam_error=spam_error, hold_error=hold_error)
        row.spam_error, row.hold_error = spam_error, hold_error
        live = ScreenModel.objects.filter(is_live=True).first()
        if live is not None:
            _rethreshold(live, (spam_error, hold_error))
        _changed(row, live, live, by=by, is_chosen=True)


def has_learned_from(comment: Comment) -> bool:
    """Whether a version that is kept may have learned from a comment."""
    if not ScreenModel.objects.filter(last_event__gt=0).exists():
        return False
    by_person = ModerationEvent.objects.filter(comment=comment, actor=ModerationEvent.Actor.MODERATOR)
    return by_person.exists()


def forget_words() -> int:
    """Take out of all versions what fewer than three persons' standing comments say by now, so that what was erased
    leaves no trace; return how many features went.

    Words of a version that was taught from a file are none of the readers' and stay.
    """
    versions = list(ScreenModel.objects.filter(last_event__gt=0))
    if not versions:
        return 0
    learned = [{one for one in version.state.get("features", ()) if not is_count(one)} for version in versions]
    holders: dict[str, set[str]] = {feature: set() for feature in frozenset().union(*learned)}
    for one in decisions():
        for block in one.example.seen().blocks:
            for feature in block:
                owners = holders.get(feature)
                if owners is not None and len(owners) < training.HOLDERS:
                    owners.add(one.example.owner)
    shared = {feature for feature, owners in holders.items() if len(owners) >= training.HOLDERS}
    going = {version.pk: words - shared for version, words in zip(versions, learned, strict=True) if words - shared}
    if not going:
        return 0
    with transaction.atomic():
        policy()
        ScreenPolicy.objects.select_for_update().get(pk=_PK)
        # Read anew: looking through the decisions takes its time, and somebody may have set other thresholds.
        for version in ScreenModel.objects.filter(pk__in=going):
            state = from_json(version.state).without(going[version.pk]).to_json()
            ScreenModel.objects.filter(pk=version.pk).update(state={**version.state, **state})
        ScreenPolicy.objects.filter(pk=_PK).update(revision=F("revision") + 1)
        transaction.on_commit(screen.forget)
    return sum(map(len, going.values()))


def watch() -> bool:
    """Compare the standing sample with what was promised; note when it begins to drift, and say so once, in the log and
    by mail to those who want to hear of it.

    Returns:
        Whether it drifts.
    """
    found = drift.look()
    if found.is_drift:
        if ScreenPolicy.objects.filter(pk=_PK, drift_at__isnull=True).update(drift_at=timezone.now()):
            log.warning(
                "The learned screen drifts: people agreed with %s of its last %s decisions; %.0f %% were promised.",
                found.agreed,
                found.number,
                100 * (found.promised or 0.0),
            )
            alerting.tell_drift(agreed=found.agreed, number=found.number, promised=found.promised or 0.0, path=_page())
    else:
        ScreenPolicy.objects.filter(pk=_PK, drift_at__isnull=False).update(drift_at=None)
    return found.is_drift


def _page() -> str:
    """Where a person reads about it; empty on a site without the editors' pages."""
    try:
        return reverse("analysis:screening")
    except NoReverseMatch:
        return ""


# --- what faces show -------------------------------------------------------------------------------------------------


def judged_of(model: ScreenModel) -> list[Judged]:
    """What cross-validation said about the decisions that a version learned from, the latest first."""
    rows = model.state.get("judged", [])
    return [Judged(LABELS[label], spam, bad) for label, spam, bad in rows]


# --- inside ----------------------------------------------------------------------------------------------------------


def _known(one: Decided, last: int) -> training.Example:
    example = one.example
    return training.Example(
        example.label,
        example.text,
        example.owner,
        example.name,
        example.website,
        example.links,
        example.behaviour,
        is_known=0 < one.event <= last,
    )


def _before(
    decided: Sequence[Decided], trained: Trained, live: ScreenModel | None, spam_error: float, hold_error: float
) -> measures.Figures:
    """How good what decides now is on these decisions. A version that learned from some of them is drawn anew without
    those that it is asked about."""
    if live is not None and trained.earlier:
        chosen = measures.choose(trained.earlier, spam_error=spam_error, hold_error=hold_error)
        return figures_of(trained.earlier, chosen)
    judged = []
    model = None
    if live is not None:
        try:
            model = from_json(live.state)
        except StateError:
            model = None
    for one in decided:
        example = one.example
        if model is not None:
            scored = model.score(example.seen())
            judged.append(Judged(example.label, scored.spam, scored.bad))
        else:
            facts = Facts(text=example.text, links=example.links, name=example.name, website=example.website)
            judged.append(prior.judge(example.label, facts))
    if model is not None:
        return figures_of(judged, Thresholds(model.spam_from, model.hold_from))
    return figures_of(judged, prior.thresholds())


def _store(trained: Trained, *, before: dict[str, float], last_event: int, errors: tuple[float, float]) -> ScreenModel:
    """Keep a model as a new version; old ones go."""
    latest = ScreenModel.objects.order_by("-version").values_list("version", flat=True).first() or 0
    judged = [[LABELS.index(one.label), round(one.spam, 4), round(one.bad, 4)] for one in trained.judged[:_JUDGED]]
    made = ScreenModel(
        version=latest + 1,
        state={**trained.model.to_json(), "judged": judged},
        before=before,
        examples=len(trained.judged),
        last_event=last_event,
    )
    made.after = _figures(list(trained.judged), trained.thresholds)
    made.save()
    others = ScreenModel.objects.filter(is_live=False).order_by("-version").values_list("pk", flat=True)
    ScreenModel.objects.filter(pk__in=list(others[KEPT_VERSIONS:])).delete()
    return made


_JUDGED = 2_000
"""Of a version's cross-validated answers, how many are kept to choose thresholds by."""


def _figures(judged: Sequence[Judged], thresholds: Thresholds) -> dict[str, float]:
    agreement = round(measures.agreement(judged, thresholds), 4)
    return {**figures_of(judged, thresholds).to_json(), "agreement": agreement}


def _rethreshold(model: ScreenModel, errors: tuple[float, float]) -> None:
    """Give a version the thresholds that fit the accepted errors."""
    judged = judged_of(model)
    if not judged:
        return
    chosen = measures.choose(judged, spam_error=errors[0], hold_error=errors[1])
    state: dict[str, Any] = {**model.state, "spam_from": chosen.spam_from, "hold_from": chosen.hold_from}
    model.state, model.after = state, _figures(judged, chosen)
    model.save(update_fields=["state", "after"])


def _let_decide(row: ScreenPolicy, model: ScreenModel | None, *, by: User | None, is_chosen: bool = False) -> None:
    """Put a version into use and log it, inside a transaction that holds the policy."""
    live = ScreenModel.objects.filter(is_live=True).first()
    if (live.pk if live else None) == (model.pk if model else None):
        return
    # One after the other: the table takes one live version at a time.
    if live is not None:
        ScreenModel.objects.filter(pk=live.pk).update(is_live=False)
    if model is not None:
        model.is_live, model.by = True, by
        model.save(update_fields=["is_live", "by"])
        _rethreshold(model, errors_of(row))
    _changed(row, live, model, by=by, is_chosen=is_chosen)


def _changed(
    row: ScreenPolicy, live: ScreenModel | None, model: ScreenModel | None, *, by: User | None, is_chosen: bool
) -> None:
    spam_error, hold_error = errors_of(row)
    ScreenChange.objects.create(
        from_version=live.version if live else None,
        to_version=model.version if model else None,
        spam_error=spam_error,
        hold_error=hold_error,
        is_chosen=is_chosen,
        by=by,
    )
    ScreenPolicy.objects.filter(pk=_PK).update(revision=F("revision") + 1, drift_at=None)
    transaction.on_commit(screen.forget)
