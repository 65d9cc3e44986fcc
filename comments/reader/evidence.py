"""Marks in a comment's text the words that led to a tag. Pure functions; the "why" view calls them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_AROUND = 90
"""Characters of context on either side of a mark in an excerpt."""
_LONG = 80
"""Characters of one quotation in a sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, marked or not. `is_cut` stands for text left out."""

    text: str
    is_marked: bool = False
    is_cut: bool = False


def marked(text: str, evidence: Iterable[Sequence[int]]) -> list[Piece]:
    """Cut a text at its marks.

    Args:
        evidence: `[start, end]` pairs in characters; ones that lie outside the text are passed over, for evidence may
            be older than the text.
    """
    pieces: list[Piece] = []
    at = 0
    for start, end in sorted((int(pair[0]), int(pair[1])) for pair in evidence if len(pair) == 2):
        if start < at or end <= start or end > len(text):
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], is_marked=True))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces


def quoted(text: str, evidence: Iterable[Sequence[int]], *, most: int = 5) -> list[str]:
    """The marked words themselves, each once, in the order of the text, as a sentence can quote them."""
    words = {" ".join(piece.text.split()): None for piece in marked(text, evidence) if piece.is_marked}
    return [word if len(word) <= _LONG else f"{word[:_LONG].rsplit(' ', 1)[0]} …" for word in words if word][:most]


def excerpt(pieces: Sequence[Piece]) -> list[Piece]:
    """Shorten what lies between marks, so that a long comment fits under its tag."""
    short: list[Piece] = []
    for index, piece in enumerate(pieces):
        if piece.is_marked:
            short.append(piece)
            continue
        has_before = index > 0
        has_after = index + 1 < len(pieces)
        head = _AROUND if has_before else 0
        tail = _AROUND if has_after else 0
        if not has_before and not has_after:
            head = 2 * _AROUND
        if len(piece.text) <= head + tail + 20:
            short.append(piece)
            continue
        if head:
            short.append(Piece(piece.text[:head].rsplit(" ", 1)[0]))
        short.append(Piece(" … ", is_cut=True))
        if tail:
            short.append(Piece(piece.text[-tail:].split(" ", 1)[-1]))
    return short
