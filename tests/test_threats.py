"""The threat model in comments/README.md names a test on each line, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
MODEL = (TOP / "comments" / "README.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")

WHO = (
    "casual reader", "spammer", "impostor", "stranger who wants to spam an address", "reads or forwards a mail",
    "curious moderator", "thief of a database dump", "thief of the keys", "thief of a backup", "listens on the network",
    "malicious site", "hostile proxy or cache", "mail server that lies", "reads logs or error reports",
)  # fmt: skip


def rows() -> list[list[str]]:
    """The cells of each line of the model."""
    lines = [line for line in MODEL.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names_in(path: str) -> set[str]:
    """The names of the tests of a file, read and not run."""
    tree = ast.parse((TOP / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_line_of_the_threat_model_names_a_test() -> None:
    assert len(rows()) > 15
    for cells in rows():
        assert len(cells) == 4, cells[0]
        assert _NAMED.findall(" ".join(cells)), f"this line names no test: {cells}"


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = _NAMED.findall(MODEL)
    missing = [f"{path}::{name}" for path, name in named if not (TOP / path).is_file() or name not in names_in(path)]
    assert missing == []
    assert len(set(named)) > 25
    # Whatever looks like a test stands in the form that is looked up.
    assert len(named) == MODEL.count("::")


def test_the_threat_model_speaks_of_everybody() -> None:
    first = " / ".join(cells[0] for cells in rows())
    assert [who for who in WHO if who not in first] == []
