"""The log is only ever added to: nothing but erasing and retention changes a row, and those delete words alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from comments.models import ModerationEvent

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for app in ("comments", "analysis", "newsroom")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]
CHANGES = {"update", "delete", "bulk_update", "update_or_create", "aupdate", "adelete", "_raw_delete"}
MAY_BLANK = {"comments/erasing.py"}
"""Where words in the log are deleted; `comments.retention` calls it."""

PERSONAL = {"by", "note", "message", "original"}


def chain(node: ast.expr) -> set[str]:
    """The names along `a.b(...).c`, without what stands in brackets."""
    names = set()
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return names
    return names | {node.id}


def changes_in(source: str) -> list[tuple[int, ast.Call]]:
    """Calls that change rows of the log, named by their model, by a comment, or by what variables of it are called."""
    return [
        (node.lineno, node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CHANGES
        and chain(node.func.value) & {"ModerationEvent", "events", "event"}
    ]


def test_the_search_finds_what_it_is_for() -> None:
    for line in (
        "ModerationEvent.objects.filter(pk=1).update(note='')",
        "ModerationEvent.objects.all().delete()",
        "comment.events.filter(x=1).update(at=now)",
        "event.delete()",
    ):
        assert changes_in(line), line
    assert not changes_in("Comment.objects.filter(events__pk=1).update(reason='')")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_path_changes_a_row_of_the_log(path: Path) -> None:
    found = changes_in(path.read_text())
    if path.relative_to(ROOT).as_posix() not in MAY_BLANK:
        assert not found, f"{path}:{[line for line, _ in found]} changes the log; write another row instead."
    for line, call in found:
        assert call.func.attr == "update", line  # type: ignore[attr-defined]
        assert {keyword.arg for keyword in call.keywords} <= PERSONAL, line


@pytest.mark.django_db
def test_a_row_that_was_written_can_neither_be_saved_again_nor_deleted(write, mona) -> None:
    write(status="spam")
    event = ModerationEvent.objects.get()
    event.note = "something else"
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    assert ModerationEvent.objects.get().note == ""


@pytest.mark.django_db
def test_a_comment_that_an_operator_deletes_takes_its_log_along_undone_decisions_too(write, mona) -> None:
    from comments import undoing

    comment = write(status="spam")
    undoing.undo(ModerationEvent.objects.get(), by=mona)
    comment.delete()
    assert not ModerationEvent.objects.exists()
