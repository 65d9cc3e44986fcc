"""`manage.py propose_taxonomy`: a first taxonomy for an article, on standard output. A thin door to
`analysis.taxonomy`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis.taxonomy import dump_taxonomy, propose


class Command(BaseCommand):
    help = "Reads an article (Markdown, HTML or text) and prints a taxonomy to correct: indicators and positions."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the article, in UTF-8")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = Path(options["file"]).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['file']}: not UTF-8 at byte {error.start}; save it as UTF-8.") from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}. Check the path.") from error
        proposed = propose(text)
        if not proposed.tags:
            self.stderr.write("No checklist, headings or sides were found in the article; write the tags by hand.")
        self.stdout.write(dump_taxonomy((proposed,)), ending="")
