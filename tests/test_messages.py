"""The Ukrainian catalogues: complete, up to date with the sources, and compiled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("comments", "analysis", "newsroom")


def catalogue(package: str, suffix: str = "po") -> Path:
    return ROOT / package / "locale" / "uk" / "LC_MESSAGES" / f"django.{suffix}"


def entries(path: Path) -> dict[tuple[str | None, str], polib.POEntry]:
    return {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path)) if not entry.obsolete}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_is_translated(package: str) -> None:
    missing = [entry.msgid for entry in entries(catalogue(package)).values() if not entry.translated() or entry.fuzzy]
    assert missing == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_compiled_catalogue_is_that_of_the_texts(package: str) -> None:
    compiled = {
        (entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural)
        for entry in polib.mofile(str(catalogue(package, "mo")))
    }
    assert compiled == {key: (entry.msgstr, entry.msgstr_plural) for key, entry in entries(catalogue(package)).items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_of_the_sources_is_missing(package: str, tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("Install gettext to compare the catalogues with the sources.")
    copy = tmp_path / package
    shutil.copytree(ROOT / package, copy, ignore=shutil.ignore_patterns("__pycache__", "locale"))
    (copy / "locale").mkdir()
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "uk", "--no-location"],
        cwd=copy,
        # Without settings: theirs are out of reach from the copy, and their locale paths lead back to the original.
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        check=True,
        capture_output=True,
    )
    fresh = copy / "locale" / "uk" / "LC_MESSAGES" / "django.po"
    assert entries(fresh).keys() == entries(catalogue(package)).keys()
