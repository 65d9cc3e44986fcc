"""README.md cannot lie about `make`, the environment and files; `test_settings_docs.py` reads the other tables."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(header: str, *, under: str = "") -> list[list[str]]:
    """The rows of the first table with this header, below a heading where one is given."""
    text = README.partition(under)[2] if under else README
    rows = text.partition(header + "\n")[2].splitlines()[1:]
    found = []
    for row in rows:
        if not row.startswith("|"):
            break
        found.append([cell.strip() for cell in row.strip("|").split("|")])
    assert found, f"README.md has no table headed {header}"
    return found


def test_every_make_target_is_documented_and_every_documented_one_exists() -> None:
    declared = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documented = {row[0].strip("`").removeprefix("make ") for row in table("| Command | Does |", under="## Try it")}
    assert documented == declared


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    sources = [*ROOT.joinpath("newsroom").rglob("*.py")]
    read: set[str] = set()
    for source in sources:
        text = source.read_text(encoding="utf-8")
        read |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
        read |= set(re.findall(r'environ\.get\("([A-Z_]+)"', text))
    documented = {row[0].strip("`") for row in table("| Variable | Default | Meaning |")}
    assert documented == read


def test_every_file_that_is_linked_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
