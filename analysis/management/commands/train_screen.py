"""`manage.py train_screen`: learns a screen from labelled comments. A thin door to `analysis.screening`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from analysis import conf
from analysis.screening import training
from analysis.screening.files import read_labelled
from analysis.screening.measures import figures_of, reliability
from comments.jsonlines import FileError


class Command(BaseCommand):
    help = (
        "Learns a screen from labelled comments and prints how good it is, by cross-validation. It begins to decide on "
        "new comments at once, unless --out says where to write it instead."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--labelled",
            required=True,
            metavar="IN.jsonl",
            help='one JSON object on each line: id, text, author, website, label ("spam", "ham" or "reject")',
        )
        parser.add_argument("--out", metavar="MODEL.json", help="write the model here; no database is touched")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = read_labelled(options["labelled"])
            trained = training.train(
                [line.example() for line in lines],
                spam_error=conf.SCREEN_ERROR,
                hold_error=conf.SCREEN_HOLD_ERROR,
                progress=_progress,
            )
            figures = figures_of(trained.judged, trained.thresholds)
            if options["out"]:
                with open(options["out"], "w", encoding="ascii", newline="\n") as stream:
                    json.dump(trained.model.to_json(), stream)
                done = f"Written to {options['out']}."
            else:
                from analysis.screening import learning

                done = f"Stored as version {learning.take_over(trained)}; it decides on new comments from now on."
        except (FileError, training.TrainingError) as error:
            raise CommandError(str(error)) from error
        except ImportError as error:
            raise CommandError("scikit-learn is not installed: pip install 'leave-a-reply[screening]'") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Check the path.") from error
        said = [
            f"Learned from {figures.number} comments: {figures.spam} spam, {figures.reject} to be rejected.",
            "On comments that it had not seen (cross-validation):",
            f"  spam: precision {figures.spam_precision:.3f}, recall {figures.spam_recall:.3f}, F1 "
            f"{figures.spam_f1:.3f}",
            f"  of good comments {100 * figures.ham_to_spam:.1f} % marked as spam, {100 * figures.ham_held:.1f} % held",
            f"  of the others {100 * figures.bad_published:.1f} % published",
            f"  marked as spam from {trained.model.spam_from:.3f} on, held from {trained.model.hold_from:.3f} on",
            "",
            "said to be probable  on average  observed  comments",
            *(
                f"{band.low:.1f} to {band.high:.1f}           {band.predicted:10.2f}  {band.observed:8.2f}  "
                f"{band.number:8d}"
                for band in reliability(trained.judged)
            ),
            "",
            done,
        ]
        self.stdout.write("\n".join(said))


def _progress(steps: Iterable[int]) -> Iterable[int]:
    return tqdm(steps, unit="part", file=sys.stderr, disable=not sys.stderr.isatty())
