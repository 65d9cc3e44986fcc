"""`manage.py tag_file`: tags the comments of a file, without a database. A thin door to `analysis.files`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand

from analysis.files import tagged_line
from analysis.management.filework import add_arguments, faults_told, read_work


class Command(BaseCommand):
    help = "Tags the comments of a file and writes one JSON line for each; nothing is stored."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser, comments="one JSON object on each line")
        parser.add_argument("--out", metavar="OUT.jsonl", help="where to write; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        with faults_told(), ExitStack() as stack:
            work = read_work(options)
            write: Callable[[str], object] = self.stdout.write
            if options["out"]:
                write = stack.enter_context(open(options["out"], "w", encoding="utf-8", newline="\n")).write
            for comment, answer in work.tagged():
                write(tagged_line(comment, answer) + "\n")
