"""`check_privacy` on the embedded database: readers go on posting while it runs, and nothing of it is left, not even
of one that is interrupted.

In a process of its own, with the settings of the site and a file on the disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.plugins.site import ROOT

_SCRIPT = """
import json, sqlite3
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from comments import canary, drafts, posting
from comments.models import Thread

call_command("migrate", verbosity=0)
settings.COMMENTS["SCREENS"] = ()
thread = Thread.objects.create(key="harbour", title="The harbour", url="/", mode="publish")
posting.post(thread, drafts.Draft(body="A remark.", name="Rita", email="rita@example.org"), posting.Origin())
file = settings.DATABASES["default"]["NAME"]


def rows():
    with sqlite3.connect(file) as other:
        tables = [name for name, in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: other.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}


others = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
written = 0


def write(where):
    # As a reader's post does: at once, or "database is locked".
    global written
    others.execute("BEGIN IMMEDIATE")
    others.execute("UPDATE comments_thread SET title = ?", [f"The harbour, {written}"])
    others.execute("COMMIT")
    written += 1
    if written == 400:
        raise KeyboardInterrupt


before = rows()
try:
    canary.check(progress=write)
except KeyboardInterrupt:
    pass
after = rows()
del before["comments_thread"], after["comments_thread"]
print(json.dumps({
    "written": written, "same": before == after, "title": Thread.objects.get().title,
}))
"""


def test_who_writes_meanwhile_does_not_wait_and_the_file_stays_as_it_is(tmp_path: Path) -> None:
    environ = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "CELERY_BROKER_URL": "memory://",
        "DEBUG": "1",
        "LOG_LEVEL": "CRITICAL",
    }
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"written": 400, "same": True, "title": "The harbour, 399"}
