"""`manage.py check_privacy`: does this site give an address away? A thin door to `comments.canary`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from comments.canary import CannotCheck, check
from comments.models import Thread


class Command(BaseCommand):
    help = (
        "Posts comments under made-up addresses, fetches every page, feed, API call, error, log record, task and mail, "
        "and looks for the addresses and what can be derived from them. Everything happens in one transaction that is "
        "rolled back. SQLite is copied into memory for it and readers go on posting; elsewhere, posts into the one "
        "discussion that it posts in wait until it is done: --thread chooses a quiet one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--thread", metavar="ID_OR_KEY", help="where to post; the newest one with a page by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        thread = None
        if options["thread"]:
            thread = Thread.objects.named(options["thread"]).first()
            if thread is None:
                raise CommandError(f"There is no thread {options['thread']!r}.")
        with tqdm(unit="place", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
            try:
                found = check(thread, progress=lambda where: bar.update())
            except CannotCheck as error:
                raise CommandError(f"Nothing could be checked: {error}") from error
        for hit in found.hits:
            self.stdout.write(f"FOUND {hit.form} in {hit.where}")
        for place in found.broken:
            self.stdout.write(f"NOT SEARCHED {place}")
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.kinds.items()))
        self.stdout.write(f"Searched {found.places} places ({kinds}).")
        if found.hits:
            raise CommandError(f"{len(found.hits)} traces of an address were found.")
        if found.broken:
            raise CommandError(f"{len(found.broken)} pages answered with an error and could not be searched.")
        self.stdout.write("No trace of an address was found.")
