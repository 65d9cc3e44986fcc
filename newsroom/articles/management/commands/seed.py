"""`manage.py seed`: loads the article, its taxonomy and its discussion from seeds/. Repeatable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.runs import tag_untagged
from analysis.taxonomy import TaxonomyError
from newsroom.articles import seeding


class Command(BaseCommand):
    """Thin: parse, call `seeding.seed`, tag what it added."""

    help = "Loads the article, its taxonomy and its discussion. What has been loaded before is left as it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.SEEDS_DIR, help="where the files are (seeds/)")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            added = seeding.seed(folder)
        except (seeding.SeedError, TaxonomyError, OSError) as error:
            raise CommandError(str(error)) from error
        # Here rather than by the worker, so that the first visitor finds them tagged.
        tagged = tag_untagged(limit=max(added.comments, 1000)) if added.comments or added.taxonomies else 0
        if options["verbosity"]:
            self.stdout.write(
                f"Added {added.articles} articles, {added.taxonomies} taxonomies and {added.comments} comments; "
                f"tagged {tagged}."
            )
