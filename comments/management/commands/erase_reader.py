"""`manage.py erase_reader`: forgets the owner of an address. A thin door to `comments.erasing`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.views.decorators.debug import sensitive_variables

from comments import erasing, owning
from comments.management import addresses


class Command(BaseCommand):
    help = (
        "Asks for an email address (or reads one line from standard input) and erases its owner: address, names, "
        "websites, digests, recommendations, reports, subscriptions and mails, and the text of the comments. What a "
        "browser did that posted under this address and no other is the owner's. Make sure first who wants it. A run "
        "that was interrupted is finished by another one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        addresses.refuse_arguments(parser)
        parser.add_argument("--keep-comments", action="store_true", help="leave the comments, without a name")

    @sensitive_variables("address")
    def handle(self, *args: Any, **options: Any) -> None:
        address = addresses.ask(options["refused"])
        person = owning.of_address(address)
        if not person:
            raise CommandError("Nothing is kept under this address.")
        keeps = options["keep_comments"]
        count = owning.comments_of(person).count()
        if sys.stdin.isatty():
            self.stderr.write(f"This cannot be undone. {count} comments will {'lose their name' if keeps else 'go'}.")
            if addresses.typed_line('Type "erase" to go on: ') != "erase":
                raise CommandError("Nothing was done.")
        erased = erasing.erase(person, keep_comments=keeps)
        counts = ", ".join(f"{name} {number}" for name, number in asdict(erased).items())
        self.stdout.write(f"Erased: {counts}.")
        if erased.quotes:
            self.stdout.write("What others quoted waits in the moderators' queue of reports.")
