"""`manage.py score_screen`: measures a screen on labelled comments. A thin door to `analysis.screening`, without a
database."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from analysis import conf
from analysis.management.terminal import WORST, excerpt, printable
from analysis.screening import prior, training
from analysis.screening.features import see
from analysis.screening.files import LabelledLine, read_labelled, read_model
from analysis.screening.measures import HAM, SPAM, Figures, Judged, Thresholds, figures_of, reliability
from analysis.screening.model import Model
from comments.jsonlines import FileError


class Command(BaseCommand):
    help = (
        "Screens labelled comments and prints precision, recall and F1 of spam, the shares of good comments that are "
        "marked and held, how far the probabilities can be trusted, the worst mistakes, and comments per second. "
        "Without a model it measures the hand-written prior alone."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--labelled", required=True, metavar="IN.jsonl", help="labelled comments")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--model", metavar="MODEL.json", help="what train_screen --out wrote")
        which.add_argument(
            "--train",
            metavar="FILE_OR_N",
            help="learn from this file of labelled comments first, or from the first N lines of --labelled and measure "
            "on the rest",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = read_labelled(options["labelled"])
            model: Model | None = None
            if options["model"]:
                model = read_model(options["model"])
            elif options["train"]:
                model, lines = _learn(options["train"], lines)
        except (FileError, training.TrainingError) as error:
            raise CommandError(str(error)) from error
        except ImportError as error:
            raise CommandError("scikit-learn is not installed: pip install 'leave-a-reply[screening]'") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Check the path.") from error
        thresholds = Thresholds(model.spam_from, model.hold_from) if model else prior.thresholds()
        started = time.perf_counter()
        judged = [
            judge(line, model) for line in tqdm(lines, unit="comment", file=sys.stderr, disable=not sys.stderr.isatty())
        ]
        seconds = time.perf_counter() - started
        figures = figures_of(judged, thresholds)
        per_second = len(lines) / seconds if seconds else 0.0
        if options["json"]:
            self.stdout.write(json.dumps(_fields(figures, judged, per_second)))
        else:
            self.stdout.write(
                "\n".join(_report(figures, judged, lines, thresholds, per_second, with_model=bool(model)))
            )


def judge(line: LabelledLine, model: Model | None) -> Judged:
    """What the model, or without one the prior, says about a line."""
    if model is None:
        return prior.judge(line.label, line.facts)
    scored = model.score(see(line.facts))
    return Judged(line.label, scored.spam, scored.bad)


def _learn(source: str, lines: tuple[LabelledLine, ...]) -> tuple[Model, tuple[LabelledLine, ...]]:
    """The model, and the lines to measure it on."""
    if source.isascii() and source.isdigit():
        number = int(source[:9])
        learned, rest = lines[:number], lines[number:]
        if not rest:
            raise CommandError(f"There are {len(lines)} lines; leave some of them to measure on.")
    else:
        learned, rest = read_labelled(source), lines
    trained = training.train(
        [line.example() for line in learned], spam_error=conf.SCREEN_ERROR, hold_error=conf.SCREEN_HOLD_ERROR
    )
    return trained.model, rest


def _fields(figures: Figures, judged: list[Judged], per_second: float) -> dict[str, object]:
    return {
        **figures.to_json(),
        "comments_per_second": round(per_second, 1),
        "reliability": [
            {
                "from": band.low,
                "to": band.high,
                "number": band.number,
                "predicted": round(band.predicted, 4),
                "observed": round(band.observed, 4),
            }
            for band in reliability(judged)
        ],
    }


def _report(
    figures: Figures,
    judged: list[Judged],
    lines: tuple[LabelledLine, ...],
    thresholds: Thresholds,
    per_second: float,
    *,
    with_model: bool,
) -> list[str]:
    said = [
        f"{'The model' if with_model else 'The prior alone'} on {figures.number} comments: {figures.spam} spam, "
        f"{figures.reject} to be rejected. {per_second:.0f} comments per second.",
        f"Spam: precision {figures.spam_precision:.3f}, recall {figures.spam_recall:.3f}, F1 {figures.spam_f1:.3f}.",
        f"Of good comments {100 * figures.ham_to_spam:.1f} % marked as spam, {100 * figures.ham_held:.1f} % held.",
        f"Of the others {100 * figures.bad_published:.1f} % published.",
        "",
        "said to be probable  on average  observed  comments",
    ]
    said += [
        f"{band.low:.1f} to {band.high:.1f}           {band.predicted:10.2f}  {band.observed:8.2f}  {band.number:8d}"
        for band in reliability(judged)
    ]
    pairs = list(zip(lines, judged, strict=True))
    marked = [(one.spam, line) for line, one in pairs if one.label == HAM and thresholds.outcome(one) == SPAM]
    missed = [(one.bad, line) for line, one in pairs if one.label != HAM and thresholds.outcome(one) == "publish"]
    for title, some in (
        ("Good, and marked as spam, the surest first", sorted(marked, key=lambda pair: -pair[0])),
        ("Published, the least likely first", sorted(missed, key=lambda pair: pair[0])),
    ):
        if some:
            said += ["", f"{title}:"]
            said += [f"  {p:.2f}  {printable(str(line.id))}: {excerpt(line.facts.text)}" for p, line in some[:WORST]]
    return said
