"""`manage.py export_reader`: everything that is kept about the owner of an address. A thin door to
`comments.exporting`."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.views.decorators.debug import sensitive_variables

from comments import exporting, owning
from comments.management import addresses


class Command(BaseCommand):
    help = (
        "Asks for an email address (or reads one line from standard input) and writes all that is kept about its owner "
        "as JSON. The address itself is not in it. Make sure first that it is the owner who wants it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        addresses.refuse_arguments(parser)
        parser.add_argument("--out", metavar="FILE", help="where to write; standard output without it")

    @sensitive_variables("address")
    def handle(self, *args: Any, **options: Any) -> None:
        address = addresses.ask(options["refused"])
        person = owning.of_address(address)
        if not person:
            raise CommandError("Nothing is kept under this address.")
        exported = exporting.export(person)
        text = json.dumps(exported, ensure_ascii=False, indent=2)
        if options["out"]:
            self._write(options["out"], text + "\n")
        else:
            self.stdout.write(text)
        counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in exporting.counts(exported).items())
        self.stderr.write(f"Exported: {counts}.")

    @staticmethod
    def _write(path: str, text: str) -> None:
        try:
            # For nobody else on this machine to read.
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Check the path.") from error
