"""`manage.py score_tagger`: tags a labelled file and prints how right the tags are. A thin door to `analysis.files`
and `analysis.scores`; no database."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis.management.filework import FileWork, add_arguments, faults_told, read_work
from analysis.management.terminal import WORST, excerpt, printable
from analysis.scores import Figures, Judged, Mistake, TagFigures, measure, reliability, worst


@dataclass(slots=True)
class _Measured:
    """What came of a file: every judgement beside its decision, the mistakes, and how long it took."""

    judged: list[Judged] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    comments_per_second: float = 0.0


class Command(BaseCommand):
    help = (
        "Tags labelled comments and prints precision, recall and F1 per tag and overall, how far the probabilities can "
        "be trusted, the worst mistakes, and comments per second."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser, comments="labelled comments, one on each line")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        with faults_told():
            measured = self.measured(read_work(options), options["comments"])
        if options["json"]:
            self.stdout.write(json.dumps(_fields(measured)))
        else:
            self.stdout.write("\n".join([*_table(measured), *_reliability(measured), *_worst(measured)]))

    def measured(self, work: FileWork, path: str) -> _Measured:
        """The judgements, and comments per second, preparing included. Comments without labels are tagged, not
        counted."""
        if not any(comment.tags is not None for comment in work.comments):
            raise CommandError(f'{path}: no line has "tags"; label some comments, with [] where none applies.')
        often = Counter(tag.id for article in work.taxonomies for tag in article.tags)
        definitions = {article.id: article.tags for article in work.taxonomies}
        found = _Measured()
        started = time.perf_counter()
        for comment, answer in work.tagged():
            shown = {score.tag for score in answer.shown}
            said = {score.tag: score.confidence for score in answer.tags}
            for tag in definitions[comment.article]:
                applies = comment.judgement(tag.id)
                if applies is None:
                    continue
                key = tag.id if often[tag.id] == 1 else f"{comment.article}/{tag.id}"
                confidence = said.get(tag.id, 0.0)
                found.judged.append(Judged(key, applies, tag.id in shown, confidence))
                if applies is not (tag.id in shown):
                    found.mistakes.append(Mistake(comment.id, comment.text, key, applies, confidence))
        seconds = time.perf_counter() - started
        found.comments_per_second = len(work.comments) / seconds if seconds else 0.0
        return found


def _fields(measured: _Measured) -> dict[str, object]:
    figures = measure(measured.judged)
    overall = figures.overall
    return {
        "macro_f1": round(figures.macro_f1, 4),
        "micro_precision": round(overall.precision, 4),
        "micro_recall": round(overall.recall, 4),
        "micro_f1": round(overall.f1, 4),
        "comments_per_second": round(measured.comments_per_second, 1),
        "tags": {
            tag: {
                "precision": round(one.precision, 4),
                "recall": round(one.recall, 4),
                "f1": round(one.f1, 4),
                "support": one.support,
            }
            for tag, one in sorted(figures.tags.items())
        },
        "reliability": [
            {
                "from": band.low,
                "to": band.high,
                "number": band.number,
                "predicted": round(band.predicted, 4),
                "observed": round(band.observed, 4),
            }
            for band in reliability(measured.judged)
        ],
    }


def _table(measured: _Measured) -> list[str]:
    figures: Figures = measure(measured.judged)
    width = max(map(len, [*figures.tags, "all together"]))
    lines = [f"{'tag':<{width}}  precision  recall      F1  support"]

    def row(name: str, one: TagFigures) -> str:
        return f"{name:<{width}}  {one.precision:9.3f}  {one.recall:6.3f}  {one.f1:6.3f}  {one.support:7d}"

    lines += [row(tag, one) for tag, one in sorted(figures.tags.items())]
    lines += [row("all together", figures.overall), ""]
    lines.append(
        f"Mean F1 of the tags that occur: {figures.macro_f1:.3f}. {measured.comments_per_second:.0f} comments per "
        "second."
    )
    return lines


def _reliability(measured: _Measured) -> list[str]:
    lines = ["", "said to be probable  on average   applied    pairs"]
    for band in reliability(measured.judged):
        name = f"{band.low:.1f} to {band.high:.1f}" if band.predicted else "not named"
        lines.append(f"{name:<19}  {band.predicted:10.2f}  {band.observed:8.2f}  {band.number:7d}")
    return lines


def _worst(measured: _Measured) -> list[str]:
    lines: list[str] = []
    wrong, missed = worst(measured.mistakes, WORST)
    for title, some in (("Wrongly shown, the surest first", wrong), ("Missed, the least likely first", missed)):
        if some:
            lines += ["", f"{title}:"]
            lines += [
                f"  {one.confidence:.2f}  {one.tag}  {printable(str(one.comment))}: {excerpt(one.text)}" for one in some
            ]
    return lines
