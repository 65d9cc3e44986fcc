"""`manage.py forget`: what the clock does as well: deletes and blanks what has been kept for its time. A thin door to
`comments.retention`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from comments import retention


class Command(BaseCommand):
    help = "Deletes and blanks what has been kept for its time, by the settings in force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing; say how many rows it would be")

    def handle(self, *args: Any, **options: Any) -> None:
        touched = retention.preview() if options["dry_run"] else retention.sweep()
        self.stdout.write(f"{'rule':<12} {'setting':<18} {'days':>6} {'rows':>8}  what is done")
        for rule in retention.RULES:
            days = "keep" if rule.days is None else str(rule.days)
            self.stdout.write(
                f"{rule.name:<12} {rule.setting:<18} {days:>6} {touched[rule.name]:>8}  {rule.kept}: {rule.done}"
            )
        self.stdout.write("Nothing was changed." if options["dry_run"] else "Done.")
