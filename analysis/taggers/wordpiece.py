"""Cuts text into the word pieces of an uncased BERT vocabulary.

Owns the tokenizer that the sentence encoder was trained with; only `encoder` calls it. Plain Python: the library of the
same purpose brings a client of a model hub and a dozen packages along, for what is a page of code.
Source: Devlin et al. 2019 (BERT); the steps are those of "BertNormalizer", "BertPreTokenizer" and "WordPiece".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

LONGEST_WORD = 100
"""Characters. What is longer is one unknown word: looking for its pieces would cost the square of its length."""

_IDEOGRAPHS = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


class VocabularyFault(ValueError):
    """The vocabulary lacks a piece without which no text can be encoded."""


class WordPieces:
    """The pieces of one vocabulary by number: the first line is piece 0."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        try:
            self._unknown, self.first, self.last = (vocabulary[piece] for piece in ("[UNK]", "[CLS]", "[SEP]"))
        except KeyError as error:
            raise VocabularyFault(f"The vocabulary has no {error.args[0]}.") from error
        # Words repeat far more than texts do; an instance of its own, so that two vocabularies never mix.
        self._pieces_of = lru_cache(maxsize=20_000)(self._cut)

    @classmethod
    def read(cls, path: Path) -> WordPieces:
        """Read a `vocab.txt`, a piece on each line. Raises `VocabularyFault` and `OSError`."""
        lines = path.read_text(encoding="utf-8").split("\n")
        return cls({piece: number for number, piece in enumerate(lines) if piece})

    def numbers(self, text: str, *, most: int) -> list[int]:
        """The numbers of the first `most` pieces of `text`, without the marks of beginning and end."""
        found: list[int] = []
        for word in _words(text):
            found.extend(self._pieces_of(word))
            if len(found) >= most:
                break
        return found[:most]

    def _cut(self, word: str) -> tuple[int, ...]:
        """The longest known piece first, then the longest that goes on from there; one unknown for the whole word if
        any rest is no piece."""
        if len(word) > LONGEST_WORD:
            return (self._unknown,)
        pieces: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._vocabulary.get(word[start:end] if start == 0 else f"##{word[start:end]}")
                if piece is not None:
                    break
            else:
                return (self._unknown,)
            pieces.append(piece)
            start = end
        return tuple(pieces)


def _words(text: str) -> Iterator[str]:
    """Words and single punctuation marks, lower case, without accents and control characters."""
    word: list[str] = []
    for character in map(str.lower, unicodedata.normalize("NFD", text)):  # one by one: no final sigma
        kind = _kind(character)
        if kind == "letter":
            word.append(character)
        elif kind != "nothing":
            if word:
                yield "".join(word)
                word = []
            if kind == "mark":
                yield character
    if word:
        yield "".join(word)


@lru_cache(maxsize=5_000)
def _kind(character: str) -> str:
    """What a character is to the cutting: "letter" (part of a word), "mark" (a word of its own), "space", "nothing"."""
    category = unicodedata.category(character)
    if character in "\t\n\r" or category[0] == "Z":
        return "space"
    if category == "Mn" or category[0] == "C" or character == "\ufffd":
        return "nothing"
    number = ord(character)
    is_ascii_mark = number < 128 and not character.isalnum()
    if is_ascii_mark or category[0] == "P" or any(first <= number <= last for first, last in _IDEOGRAPHS):
        return "mark"
    return "letter"
