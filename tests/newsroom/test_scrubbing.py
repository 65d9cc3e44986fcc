"""What was erased does not stay behind in the files of the embedded database: not in free pages, not in its log.

In a process of its own, with the settings of the site and a file on the disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

from comments import scrubbing
from tests.plugins.site import ROOT

WORD, NAME = "plumeofsilt", "quaysidecarlotta"

_SCRIPT = f"""
import json, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from comments import drafts, erasing, owning, posting, scrubbing
from comments.models import Comment, Thread

settings.COMMENTS["SCREENS"] = ()
call_command("migrate", verbosity=0)
if "careless" in sys.argv:
    connection.cursor().execute("PRAGMA secure_delete=OFF")
    scrubbing._empty_log = lambda alias: None


def found():
    files = sorted(settings.VAR_DIR.glob("newsroom.sqlite3*"))
    return sorted({{word for file in files for word in ("{WORD}", "{NAME}") if word.encode() in file.read_bytes()}})


thread = Thread.objects.create(key="harbour", title="The harbour", url="/", mode="publish")
reader, cookie = posting.new_reader()
for number in range(30):
    # Short ones, and some that fill pages of their own.
    body = f"Remark {{number}} on the {WORD}. " + "The bay is wide. " * (number % 3 * 200)
    draft = drafts.Draft(body=body, name="{NAME}", email="carl@example.org")
    posted = posting.post(thread, draft, posting.Origin(reader=reader)).comment
    posting.post(thread, drafts.Draft(body=f"Another {{number}}.", name="Rita", email="rita@example.org"),
                 posting.Origin())
posting.edit(posted, body="Nothing any more.", reader=reader)
before = found()
erasing.erase(owning.of_browser(reader), keep_comments=False)
print(json.dumps([before, found()]))
"""


def run(folder: Path, *arguments: str) -> Any:
    """Post, erase, and return which of the words stand in the files before and after that."""
    environ = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "CELERY_BROKER_URL": "memory://",
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
    }
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_erased_words_are_in_no_file_of_the_database(tmp_path: Path) -> None:
    assert run(tmp_path) == [[WORD, NAME], []]


def test_without_our_care_they_would_be(tmp_path: Path) -> None:
    assert run(tmp_path, "careless") == [[WORD, NAME], [WORD, NAME]]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_will_not_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scrubbing.scrub()

    def cursor() -> Any:
        raise DatabaseError("carl@example.org")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", cursor)
        scrubbing.scrub()
    assert "carl@example.org" not in caplog.text
    assert ("DatabaseError" in caplog.text) == (connection.vendor == "sqlite")
