"""`manage.py score_tagger`: tags a labelled file and prints how right the tags are. A thin door to `analysis.files`
and `analysis.scores`; no database."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from analysis.files import read_comments, tag_lines
from analysis.scores import Figures, Judged, TagFigures, measure
from analysis.taggers import LEXICAL
from analysis.taxonomy import TaxonomyError, read_taxonomy
from comments.jsonlines import FileError


class Command(BaseCommand):
    help = "Tags labelled comments and prints precision, recall and F1 per tag and overall, and comments per second."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--taxonomy", required=True, metavar="T.yaml", help="the articles and their tags")
        parser.add_argument("--comments", required=True, metavar="IN.jsonl", help="labelled comments, one on each line")
        parser.add_argument("--examples", metavar="E.jsonl", help="other labelled comments to learn from")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            figures, speed = self.measured(options["taxonomy"], options["comments"], options["examples"])
        except (TaxonomyError, FileError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Check the path.") from error
        if options["json"]:
            self.stdout.write(json.dumps(_fields(figures, speed)))
        else:
            self.stdout.write(_table(figures, speed))

    def measured(self, taxonomy_path: str, comments_path: str, examples_path: str | None) -> tuple[Figures, float]:
        """The figures and comments per second, preparing included. Comments without labels are tagged, not counted."""
        taxonomies = read_taxonomy(taxonomy_path)
        comments = read_comments(comments_path, taxonomies)
        if not any(comment.tags is not None for comment in comments):
            raise CommandError(f'{comments_path}: no line has "tags"; label some comments, with [] where none applies.')
        examples = read_comments(examples_path, taxonomies, need_tags=True, unique=False) if examples_path else ()
        often = Counter(tag.id for article in taxonomies for tag in article.tags)
        definitions = {article.id: article.tags for article in taxonomies}
        judged: list[Judged] = []
        started = time.perf_counter()
        tagged = tag_lines(LEXICAL, taxonomies, comments, examples)
        for comment, answer in tqdm(
            tagged, total=len(comments), unit="comment", file=sys.stderr, disable=not sys.stderr.isatty()
        ):
            shown = {score.tag for score in answer.shown}
            for tag in definitions[comment.article]:
                applies = comment.judgement(tag.id)
                if applies is not None:
                    key = tag.id if often[tag.id] == 1 else f"{comment.article}/{tag.id}"
                    judged.append(Judged(key, applies, tag.id in shown))
        seconds = time.perf_counter() - started
        return measure(judged), len(comments) / seconds if seconds else 0.0


def _fields(figures: Figures, speed: float) -> dict[str, object]:
    overall = figures.overall
    return {
        "macro_f1": round(figures.macro_f1, 4),
        "micro_precision": round(overall.precision, 4),
        "micro_recall": round(overall.recall, 4),
        "micro_f1": round(overall.f1, 4),
        "comments_per_second": round(speed, 1),
        "tags": {
            tag: {
                "precision": round(one.precision, 4),
                "recall": round(one.recall, 4),
                "f1": round(one.f1, 4),
                "support": one.support,
            }
            for tag, one in sorted(figures.tags.items())
        },
    }


def _table(figures: Figures, speed: float) -> str:
    width = max(map(len, [*figures.tags, "all together"]))
    lines = [f"{'tag':<{width}}  precision  recall      F1  support"]

    def row(name: str, one: TagFigures) -> str:
        return f"{name:<{width}}  {one.precision:9.3f}  {one.recall:6.3f}  {one.f1:6.3f}  {one.support:7d}"

    lines += [row(tag, one) for tag, one in sorted(figures.tags.items())]
    lines += [row("all together", figures.overall), ""]
    lines.append(f"Mean F1 of the tags that occur: {figures.macro_f1:.3f}. {speed:.0f} comments per second.")
    return "\n".join(lines)
