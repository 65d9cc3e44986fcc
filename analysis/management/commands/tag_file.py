"""`manage.py tag_file`: tags the comments of a file, without a database. A thin door to `analysis.files`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from analysis.backends import tagger_named
from analysis.files import CommentLine, read_comments, tag_lines, tagged_line
from analysis.taggers.weights import ModelFault
from analysis.taxonomy import TaxonomyError, read_taxonomy
from comments.jsonlines import FileError


class Command(BaseCommand):
    help = "Tags the comments of a file and writes one JSON line for each; nothing is stored."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--taxonomy", required=True, metavar="T.yaml", help="the articles and their tags")
        parser.add_argument("--comments", required=True, metavar="IN.jsonl", help="one JSON object on each line")
        parser.add_argument("--examples", metavar="E.jsonl", help="labelled comments to learn from")
        parser.add_argument("--tagger", default="lexical", help="lexical (the default), embeddings, or a dotted path")
        parser.add_argument("--out", metavar="OUT.jsonl", help="where to write; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tagger = tagger_named(options["tagger"])
        except (ModelFault, ImportError) as error:
            raise CommandError(f"The tagger {options['tagger']!r} cannot be had: {error}") from error
        try:
            taxonomies = read_taxonomy(options["taxonomy"])
            comments = read_comments(options["comments"], taxonomies)
            examples: tuple[CommentLine, ...] = ()
            if options["examples"]:
                examples = read_comments(options["examples"], taxonomies, need_tags=True, unique=False)
            with ExitStack() as stack:
                write: Callable[[str], object] = self.stdout.write
                if options["out"]:
                    write = stack.enter_context(open(options["out"], "w", encoding="utf-8", newline="\n")).write
                tagged = tag_lines(tagger, taxonomies, comments, examples)
                for comment, answer in tqdm(
                    tagged, total=len(comments), unit="comment", file=sys.stderr, disable=not sys.stderr.isatty()
                ):
                    write(tagged_line(comment, answer) + "\n")
        except (TaxonomyError, FileError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Check the path.") from error
