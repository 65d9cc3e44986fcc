"""What the commands that measure print of other people's texts: on one line, and nothing that a terminal would obey."""

from __future__ import annotations

WORST = 5
"""Mistakes of each kind that are printed."""
EXCERPT = 90


def excerpt(text: str) -> str:
    """The beginning on one line."""
    line = " ".join(text[: EXCERPT * 2].split())
    return printable(line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…")


def printable(text: str) -> str:
    """Without what a terminal would obey: a comment is hostile input."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
