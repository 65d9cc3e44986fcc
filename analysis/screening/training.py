"""Learns a screen from labelled comments. The only door to scikit-learn, which is loaded when something is learned and
not before.

`train` learns in this process, for commands. `train_apart` does it in a process of its own, for the worker, which must
not carry the library from then on. The same comments in whatever order give the same model.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from math import sqrt
from typing import Any

from analysis.screening import measures
from analysis.screening.features import COUNTS, SCALES, Seen, see
from analysis.screening.measures import HAM, REJECT, SPAM, Judged, Thresholds
from analysis.screening.model import Line, Model, from_json
from comments.screening.verdict import Facts

log = logging.getLogger(__name__)

FEWEST = 4
"""Comments of each kind that there must be; with fewer, no part of them could be set aside to test on."""

HOLDERS = 3
"""Persons who must share a word, or a part of one, before it is learned: nobody's own words stay in a model."""

_FOLDS = 5
_MOST_FEATURES = 30_000
_STRENGTH = 30.0
"""Inverse of the regularisation; chosen on text messages with random halves, flat from 10 to 100."""
_SECONDS = 1_800

Progress = Callable[[Iterable[int]], Iterable[int]]


class TrainingError(ValueError):
    """Nothing can be learned from these comments; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled comment.

    Args:
        label: `ham`, `spam` or `reject`.
        owner: who wrote it, by any name; words are learned that several owners share.
        behaviour: codes of `features`.
        is_known: whether an earlier model has learned from it; see `train`.
    """

    label: str
    text: str
    owner: str
    name: str = ""
    website: str = ""
    links: tuple[str, ...] = ()
    behaviour: tuple[str, ...] = ()
    is_known: bool = False

    def seen(self) -> Seen:
        facts = Facts(text=self.text, links=self.links, name=self.name, website=self.website)
        return see(facts, behaviour=self.behaviour)


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of learning.

    Args:
        model: with thresholds for the accepted errors.
        judged: for each example, in order, what a model says that has not seen it.
        earlier: the same by models that learned from the known examples only; empty where that is the same.
    """

    model: Model
    judged: tuple[Judged, ...]
    earlier: tuple[Judged, ...] = ()

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.model.spam_from, self.model.hold_from)


def is_possible() -> bool:
    """Whether scikit-learn is installed. It is not loaded for the answer."""
    return find_spec("sklearn") is not None


def train(
    examples: Sequence[Example],
    *,
    spam_error: float = measures.SPAM_ERROR,
    hold_error: float = measures.HOLD_ERROR,
    progress: Progress = iter,
) -> Trained:
    """Learn, and say how good it is by cross-validation.

    Raises:
        TrainingError: there are too few comments of a kind.
    """
    kinds = Counter(example.label for example in examples)
    if kinds[HAM] < FEWEST or kinds[SPAM] < FEWEST:
        raise TrainingError(
            f"There are {kinds[SPAM]} spam and {kinds[HAM]} good comments; label at least {FEWEST} of each."
        )
    # In an order of their own, so that it makes no difference in which one they come.
    order = sorted(range(len(examples)), key=lambda at: (examples[at].owner, examples[at].text, examples[at].label, at))
    ordered = [examples[at] for at in order]
    names: dict[str, str] = {}
    seen = [_lean(example.seen(), names) for example in ordered]
    has_reject = kinds[REJECT] >= FEWEST
    knows = {example.is_known for example in ordered} == {True, False}
    distances, earlier_distances = _out_of_fold(ordered, seen, has_reject=has_reject, knows=knows, progress=progress)
    everything = _fit(ordered, seen, range(len(ordered)), has_reject=has_reject)
    spam, bad, judged = _calibrated(everything, distances, ordered)
    chosen = measures.choose(judged, spam_error=spam_error, hold_error=hold_error)
    model = Model(spam, bad, chosen.spam_from, chosen.hold_from)
    earlier: list[Judged] = []
    if earlier_distances:
        earlier = _calibrated(everything, earlier_distances, ordered)[2]
    back = sorted(range(len(order)), key=order.__getitem__)
    return Trained(model, tuple(judged[at] for at in back), tuple(earlier[at] for at in back) if earlier else ())


def train_apart(examples: Sequence[Example], *, spam_error: float, hold_error: float) -> Trained:
    """`train` in a process of its own, which gives the memory back when it ends.

    Raises:
        TrainingError: there are too few comments of a kind, or the process failed.
    """
    asked = {"examples": [asdict(one) for one in examples], "spam_error": spam_error, "hold_error": hold_error}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "analysis.screening.training"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TrainingError(f"Learning took more than {_SECONDS} seconds.") from error
    if done.returncode:
        # The last line names the error; what stands above it may hold words of readers.
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        raise TrainingError(f"The process that learns ended with {done.returncode} ({last[:80]}).")
    found = json.loads(done.stdout)
    if "refused" in found:
        raise TrainingError(found["refused"])
    return Trained(
        from_json(found["model"]),
        tuple(Judged(*one) for one in found["judged"]),
        tuple(Judged(*one) for one in found["earlier"]),
    )


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the process of `train_apart` does with what it is given."""
    examples = [
        Example(**{**one, "links": tuple(one["links"]), "behaviour": tuple(one["behaviour"])})
        for one in asked["examples"]
    ]
    try:
        trained = train(examples, spam_error=asked["spam_error"], hold_error=asked["hold_error"])
    except TrainingError as error:
        return {"refused": str(error)}
    return {
        "model": trained.model.to_json(),
        "judged": [[one.label, one.spam, one.bad] for one in trained.judged],
        "earlier": [[one.label, one.spam, one.bad] for one in trained.earlier],
    }


# --- inside ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Fitted:
    """Two lines without calibration, and where each feature stands in the table."""

    columns: dict[str, int]
    spam: Any
    bad: Any

    def distances(self, seen: Sequence[Seen]) -> list[tuple[float, float]]:
        table = _table(seen, self.columns)
        spam = self.spam.decision_function(table)
        bad = spam if self.bad is self.spam else self.bad.decision_function(table)
        return [(float(one), float(other)) for one, other in zip(spam, bad, strict=True)]


def _lean(seen: Seen, names: dict[str, str]) -> Seen:
    """The same without what explains it; a feature that many comments have takes the room of one."""
    blocks = tuple({names.setdefault(one, one) for one in block} for block in seen.blocks)
    return Seen(blocks, {names.setdefault(one, one): value for one, value in seen.counts.items()}, ())


def _out_of_fold(
    examples: Sequence[Example], seen: Sequence[Seen], *, has_reject: bool, knows: bool, progress: Progress
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """The distances of each example from lines that were drawn without it."""
    folds = _folds(examples)
    distances: list[tuple[float, float]] = [(0.0, 0.0)] * len(examples)
    earlier = list(distances) if knows else []
    for fold in progress(range(_FOLDS)):
        inside = [at for at in range(len(examples)) if folds[at] == fold]
        outside = [at for at in range(len(examples)) if folds[at] != fold]
        fitted = _fit(examples, seen, outside, has_reject=has_reject)
        for at, found in zip(inside, fitted.distances([seen[at] for at in inside]), strict=True):
            distances[at] = found
        if not earlier:
            continue
        known = [at for at in outside if examples[at].is_known]
        kinds = Counter(examples[at].label for at in known)
        if not kinds[HAM] or not kinds[SPAM]:
            earlier = []
            continue
        fitted = _fit(examples, seen, known, has_reject=has_reject and kinds[REJECT] > 0)
        for at, found in zip(inside, fitted.distances([seen[at] for at in inside]), strict=True):
            earlier[at] = found
    return distances, earlier


def _folds(examples: Sequence[Example]) -> list[int]:
    """The part in which each example is set aside: what one person wrote stands in one part, kinds are spread evenly,
    so that a model is never tested on the words of somebody whose words it learned."""
    owners: dict[str, list[int]] = {}
    for at, example in enumerate(examples):
        owners.setdefault(example.owner, []).append(at)
    filled = [Counter[str]() for _ in range(_FOLDS)]
    folds = [0] * len(examples)
    for _owner, places in sorted(owners.items(), key=lambda item: (-len(item[1]), item[0])):
        kind = Counter(examples[at].label for at in places).most_common(1)[0][0]
        fold = min(range(_FOLDS), key=lambda one: (filled[one][kind], filled[one].total(), one))
        for at in places:
            folds[at] = fold
            filled[fold][examples[at].label] += 1
    return folds


def _fit(examples: Sequence[Example], seen: Sequence[Seen], places: Iterable[int], *, has_reject: bool) -> _Fitted:
    from sklearn.linear_model import LogisticRegression

    chosen = list(places)
    columns = _columns([examples[at] for at in chosen], [seen[at] for at in chosen])
    table = _table([seen[at] for at in chosen], columns)

    def line(kinds: tuple[str, ...]) -> Any:
        answers = [int(examples[at].label in kinds) for at in chosen]
        return LogisticRegression(C=_STRENGTH, max_iter=2_000, solver="liblinear", random_state=0).fit(table, answers)

    spam = line((SPAM,))
    return _Fitted(columns, spam, line((SPAM, REJECT)) if has_reject else spam)


def _columns(examples: Sequence[Example], seen: Sequence[Seen]) -> dict[str, int]:
    """The features that are learned: those that enough persons share; of very many, those that tell most."""
    holders: dict[str, frozenset[str] | int] = {}
    alone = {example.owner: frozenset((example.owner,)) for example in examples}
    good: Counter[str] = Counter()
    often: Counter[str] = Counter()
    for example, one in zip(examples, seen, strict=True):
        for block in one.blocks:
            often.update(block)
            if example.label == HAM:
                good.update(block)
            for feature in block:
                owners = holders.get(feature)
                if owners is None:
                    holders[feature] = alone[example.owner]
                elif not isinstance(owners, int) and example.owner not in owners:
                    # Who they are matters only until there are enough of them.
                    holders[feature] = owners | alone[example.owner] if len(owners) + 1 < HOLDERS else HOLDERS
    shared = [feature for feature, owners in holders.items() if isinstance(owners, int)]
    if len(shared) > _MOST_FEATURES:
        usual = sum(1 for example in examples if example.label == HAM) / len(examples)

        def telling(feature: str) -> float:
            expected = often[feature] * usual
            return abs(good[feature] - expected) / sqrt(often[feature])

        shared = sorted(shared, key=lambda feature: (-telling(feature), feature))[:_MOST_FEATURES]
    counts = {name for one in seen for name in one.counts}
    return {feature: at for at, feature in enumerate(sorted({*shared, *counts}))}


def _table(seen: Sequence[Seen], columns: dict[str, int]) -> Any:
    from scipy.sparse import csr_matrix

    values: list[float] = []
    places: list[int] = []
    ends = [0]
    for one in seen:
        for block, features in enumerate(one.blocks):
            known = sorted(columns[feature] for feature in features if feature in columns)
            places += known
            values += [SCALES[block] / sqrt(len(known) or 1)] * len(known)
        for name, value in one.counts.items():
            if name in columns:
                places.append(columns[name])
                values.append(SCALES[COUNTS] * value)
        ends.append(len(places))
    return csr_matrix((values, places, ends), shape=(len(seen), len(columns)))


def _calibrated(
    fitted: _Fitted, distances: Sequence[tuple[float, float]], examples: Sequence[Example]
) -> tuple[Line, Line, list[Judged]]:
    """Make distances probabilities, with those that were found out of fold (Platt, with his smoothed targets)."""
    spam = _line(fitted.spam, fitted.columns, [one for one, _ in distances], [one.label == SPAM for one in examples])
    bad = spam
    if fitted.bad is not fitted.spam:
        bad = _line(fitted.bad, fitted.columns, [one for _, one in distances], [one.label != HAM for one in examples])
    judged = []
    for example, (to_spam, to_bad) in zip(examples, distances, strict=True):
        probable = spam.probability(to_spam)
        judged.append(Judged(example.label, probable, max(probable, bad.probability(to_bad))))
    return spam, bad, judged


def _line(fitted: Any, columns: dict[str, int], distances: Sequence[float], answers: Sequence[bool]) -> Line:
    from sklearn.linear_model import LogisticRegression

    yes = sum(answers)
    no = len(answers) - yes
    # Platt's targets, each example once for yes and once for no with what is left: never quite sure.
    sure_yes, sure_no = (yes + 1) / (yes + 2), 1 / (no + 2)
    table = [[distance] for distance in distances] * 2
    weights = [sure_yes if answer else sure_no for answer in answers]
    weights += [1 - weight for weight in weights]
    targets = [1] * len(answers) + [0] * len(answers)
    fit = LogisticRegression(C=1e6, max_iter=1_000).fit(table, targets, sample_weight=weights)
    values = [float(value) for value in fitted.coef_[0]]
    weights_of = {feature: values[at] for feature, at in columns.items()}
    # A line that tells nothing would be turned round by chance.
    slope = max(float(fit.coef_[0][0]), 0.0)
    return Line(weights_of, float(fitted.intercept_[0]), slope, float(fit.intercept_[0]))


def main() -> None:
    """Read what is asked from standard input, answer on standard output."""
    if hasattr(os, "nice"):
        os.nice(10)
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
