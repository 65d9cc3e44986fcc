"""comments works without analysis: `tests/without_analysis.py` passes under settings that lack the add-on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "tests.settings_without_analysis"


def run(*arguments: str) -> str:
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_discussion_works_without_the_add_on() -> None:
    said = run("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--ds={SETTINGS}", "tests/without_analysis.py")
    assert " passed" in said


def test_the_site_checks_clean_without_the_add_on() -> None:
    assert "no issues" in run("manage.py", "check", "--fail-level", "WARNING")
