"""`export_reader`, `erase_reader` and `forget`: the address is typed, never an argument, and stands in no output."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from comments import conf, retention
from comments.models import Comment, Submission
from tests.comments.people import ADDRESS, NAME, Carlotta, settle_in, traces

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def carlotta(write: Any, thread: Any) -> Carlotta:
    return settle_in(write, thread, is_confirmed=False)


class Terminal(io.StringIO):
    """What an operator types, line by line."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Any:
    """Run a command, type these lines, and return what it printed; the address is in none of it."""

    def run(name: str, typed: str, *args: str, terminal: bool = False) -> tuple[str, str]:
        monkeypatch.setattr(sys, "stdin", Terminal(typed) if terminal else io.StringIO(typed))
        out, err = io.StringIO(), io.StringIO()
        with caplog.at_level("DEBUG"):
            call_command(name, *args, stdout=out, stderr=err)
        printed, said = out.getvalue(), err.getvalue() + capsys.readouterr().err
        assert ADDRESS not in (printed + said + caplog.text).casefold()
        return printed, said

    return run


def test_all_that_is_kept_is_exported(carlotta: Carlotta, run: Any) -> None:
    out, err = run("export_reader", f"{ADDRESS.upper()}\n")

    found = json.loads(out)
    assert [one["name"] for one in found["comments"][:5]] == [NAME] * 5
    assert "Exported: 1 addresses, 1 browsers, 6 comments, 1 recommendations, 0 tag suggestions" in err
    assert "0 blocks, 1 reports" in err


def test_a_file_is_for_nobody_else_to_read(carlotta: Carlotta, run: Any, tmp_path: Path) -> None:
    path = tmp_path / "carlotta.json"
    out, err = run("export_reader", ADDRESS, "--out", str(path))

    assert out == ""
    assert "6 comments" in err
    assert len(json.loads(path.read_text(encoding="utf-8"))["comments"]) == 6
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_is_said(carlotta: Carlotta, run: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Check the path"):
        run("export_reader", ADDRESS, "--out", str(tmp_path))


def test_somebody_is_erased(carlotta: Carlotta, run: Any) -> None:
    out, _err = run("erase_reader", ADDRESS)

    assert "Erased: removed 5, kept 0, recommendations 1, reports 1" in out
    assert traces(carlotta.secrets) == []


def test_comments_can_stay_without_a_name(carlotta: Carlotta, run: Any) -> None:
    out, _err = run("erase_reader", ADDRESS, "--keep-comments")

    assert "removed 0, kept 5" in out
    assert Comment.objects.filter(author_name="", status="approved").count() == 2
    assert traces(carlotta.secrets) == []


def test_the_moderators_queue_is_named_where_others_quote(carlotta: Carlotta, write: Any, run: Any) -> None:
    write(f"{NAME} is wrong.", name="Ida", email="ida@example.org")

    assert "queue of reports" in run("erase_reader", ADDRESS)[0]


@pytest.mark.parametrize(("answer", "is_erased"), [("erase", True), ("yes", False), ("", False)])
def test_at_a_terminal_it_asks_once_more(answer: str, is_erased: bool, carlotta: Carlotta, run: Any) -> None:
    if is_erased:
        _out, err = run("erase_reader", f"{ADDRESS}\n{answer}\n", terminal=True)
        assert "Email address: " in err
        assert "6 comments will go" in err
    else:
        with pytest.raises(CommandError, match="Nothing was done"):
            run("erase_reader", f"{ADDRESS}\n{answer}\n", terminal=True)
    assert (Comment.objects.filter(author_name=NAME).count() == 0) == is_erased


@pytest.mark.parametrize("command", ["export_reader", "erase_reader"])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nobody@example.org\n", "Nothing is kept under this address."),
        ("carl.harbour\n", "This is no email address. Nothing was done."),
        ("", "This is no email address. Nothing was done."),
    ],
)
def test_what_cannot_be_found_is_said(command: str, typed: str, sentence: str, carlotta: Carlotta, run: Any) -> None:
    with pytest.raises(CommandError) as refused:
        run(command, typed)

    assert str(refused.value) == sentence
    assert Comment.objects.filter(author_name=NAME).count() == 5


@pytest.mark.parametrize("command", ["export_reader", "erase_reader"])
@pytest.mark.parametrize("args", [[ADDRESS], ["--", ADDRESS], [ADDRESS, "more"]])
def test_an_address_on_the_command_line_is_refused_and_not_repeated(command: str, args: list[str]) -> None:
    """As a process, for that is what the shell and `ps` see."""
    done = subprocess.run(
        [sys.executable, "manage.py", command, *args],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        input=f"{ADDRESS}\n",
        check=False,
        timeout=120,
    )

    assert done.returncode == 1
    assert "Do not give the address on the command line" in done.stderr
    assert "carl.harbour" not in done.stdout + done.stderr


def test_a_dry_run_changes_nothing_and_says_what_would_go(write: Any, run: Any) -> None:
    write()
    Submission.objects.update(created_at=timezone.now() - timedelta(days=conf.SUBMISSION_DAYS + 1))

    out, _err = run("forget", "", "--dry-run")

    lines = {line.split()[0]: line.split() for line in out.splitlines()}
    assert [lines["submissions"][at] for at in (1, 2, 3)] == ["SUBMISSION_DAYS", "7", "1"]
    assert lines.keys() >= {rule.name for rule in retention.RULES}
    assert out.endswith("Nothing was changed.\n")
    assert Submission.objects.exists()


def test_what_has_been_kept_for_its_time_goes(write: Any, run: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "LOG_DAYS": None}
    write()
    Submission.objects.update(created_at=timezone.now() - timedelta(days=conf.SUBMISSION_DAYS + 1))

    out, _err = run("forget", "")

    assert out.endswith("Done.\n")
    assert [line.split()[2] for line in out.splitlines() if line.startswith("log ")] == ["keep"]
    assert not Submission.objects.exists()


class Interrupted(Terminal):
    """Ctrl-C where a line was asked for, after some that were typed."""

    def readline(self, *_: Any) -> str:  # type: ignore[override]
        line = super().readline()
        if not line:
            raise KeyboardInterrupt
        return line


@pytest.mark.parametrize(("name", "typed"), [("export_reader", ""), ("erase_reader", ""), ("erase_reader", ADDRESS)])
def test_ctrl_c_at_a_prompt_ends_it_without_a_traceback(
    name: str, typed: str, carlotta: Carlotta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Interrupted(f"{typed}\n" if typed else ""))
    with pytest.raises(CommandError, match="Nothing was done") as stopped:
        call_command(name, stdout=io.StringIO(), stderr=io.StringIO())
    assert stopped.value.returncode == 130
    assert stopped.value.__cause__ is None
    assert traces({"name": NAME})
