"""Documentation that cannot lie: the README's tables and the code agree, both ways."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.dispatch import Signal

from analysis import conf as analysis_conf
from comments import conf, signals

TOP = Path(__file__).resolve().parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
LONG = 60
"""A default whose `repr` is longer than this may be left to the source."""


def tables(text: str, header: str) -> list[tuple[str, list[list[str]]]]:
    """Tables with this header row, each with the heading that it stands under and its rows as lists of cells."""
    found: list[tuple[str, list[list[str]]]] = []
    heading, rows = "", None
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line.startswith(header):
            rows = []
            found.append((heading, rows))
        elif not line.startswith("|"):
            rows = None
        elif rows is not None and not set(line) <= set("|-: "):
            rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


def name_in(cell: str) -> str:
    """The name in backticks that a first column holds."""
    names = re.findall(r"`([^`]+)`", cell)
    assert len(names) == 1, f"one name in backticks, not {cell!r}"
    return names[0]


def setting_rows(section: str) -> dict[str, list[str]]:
    """Rows of the settings table under the heading that names this dict, by name."""
    (rows,) = (rows for heading, rows in tables(README, "| Setting |") if section in heading)
    found = {name_in(row[0]): row for row in rows}
    assert len(found) == len(rows), "a setting stands in the table twice"
    return found


SECTIONS = [("COMMENTS", conf.SETTINGS), ("ANALYSIS", analysis_conf.SETTINGS)]


@pytest.mark.parametrize(("section", "known"), SECTIONS)
def test_every_setting_is_in_the_table_and_the_table_names_no_other(section, known):
    assert setting_rows(section).keys() == known.keys()


@pytest.mark.parametrize(("section", "known"), SECTIONS)
def test_the_table_says_what_the_code_says(section, known):
    for name, (_, default, meaning) in setting_rows(section).items():
        assert meaning == known[name].help, name
        value = re.fullmatch(r"`(.+)`", default)
        if value is None:
            assert len(repr(known[name].default)) > LONG, f"{name}: give the default itself"
        else:
            assert ast.literal_eval(value.group(1)) == known[name].default, name


def test_every_signal_is_in_the_table_with_its_arguments_and_the_table_names_no_other():
    ((_, rows),) = tables(README, "| Signal |")
    documented = {name_in(row[0]): re.findall(r"`([^`]+)`", row[1]) for row in rows}
    assert documented == arguments_of_signals()


def arguments_of_signals() -> dict[str, list[str]]:
    """Each signal, and the arguments that stand written below it."""
    source = (TOP / "comments" / "signals.py").read_text(encoding="utf-8")
    body = ast.parse(source).body
    found = {}
    for node, following in pairwise(body):
        if isinstance(node, ast.Assign) and isinstance(getattr(signals, node.targets[0].id, None), Signal):
            text = following.value.value if isinstance(following, ast.Expr) else ""
            found[node.targets[0].id] = re.findall(r"`([^`]+)`", text.partition("Arguments:")[2])
    return found


def test_what_is_written_below_a_signal_is_what_is_sent():
    sent: dict[str, set[str]] = {}
    for path in (TOP / "comments").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tell" and node.args:
                sent.setdefault(node.args[0].attr, set()).update(word.arg for word in node.keywords)
    assert sent == {name: set(arguments) for name, arguments in arguments_of_signals().items()}


def test_every_command_is_in_the_table_and_the_table_names_no_other():
    ours = {name for name, app in get_commands().items() if app in {"comments", "analysis", "newsroom.articles"}}
    (rows,) = (rows for heading, rows in tables(README, "| Command |") if heading == "Commands")
    assert {name_in(row[0]).removeprefix("manage.py ").split()[0] for row in rows} == ours


def test_every_variable_of_the_environment_is_in_the_table():
    source = (TOP / "newsroom" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', source))
    ((_, rows),) = tables(README, "| Variable |")
    assert len(read) > 15
    assert read - {name_in(row[0]) for row in rows} == set()


def test_the_reader_of_tables_reads_tables():
    text = "# A `B`\n\n| Setting | x |\n|---|---|\n| `ONE` | a \\| b |\n| `TWO` | `c` |\n\n## C\n\n| Other |\n|---|\n"
    assert tables(text, "| Setting |") == [("A `B`", [["`ONE`", "a | b"], ["`TWO`", "`c`"]])]
