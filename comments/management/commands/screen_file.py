"""`manage.py screen_file`: says what the screens would do with the texts of a file. A thin door to
`comments.screening.files`; nothing is stored, and without `--lists` no database is needed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from comments.jsonlines import FileError
from comments.screening.entries import read
from comments.screening.files import read_texts, screen_text, screened_line
from comments.screening.lists import NO_LISTS


class Command(BaseCommand):
    help = "Gives each text of a file a verdict (publish, hold, spam) and the reasons for it; nothing is stored."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--comments", required=True, metavar="IN.jsonl", help="one JSON object on each line")
        parser.add_argument(
            "--lists", action="store_true", help="use the word lists of the desk as well, which reads the database"
        )
        parser.add_argument("--out", metavar="OUT.jsonl", help="where to write; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = read_texts(options["comments"])
            lists = read() if options["lists"] else NO_LISTS
            with ExitStack() as stack:
                write: Callable[[str], object] = self.stdout.write
                if options["out"]:
                    write = stack.enter_context(open(options["out"], "w", encoding="utf-8", newline="\n")).write
                for line in tqdm(lines, unit="comment", file=sys.stderr, disable=not sys.stderr.isatty()):
                    write(screened_line(line, screen_text(line, lists)) + "\n")
        except FileError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Check the path.") from error
