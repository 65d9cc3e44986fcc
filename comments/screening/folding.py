"""Words as they look: what a reader takes for the same word gives the same letters here, whatever it is dressed in.

Pure functions for the lists and the prior. Folding goes character by character, so a place in the folded text leads
back to the place in the text as written.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate, pairwise

WORD = re.compile(r"[^\W_]+")
_MOST_KEPT = 20_000
"""Characters whose folding is remembered: a hostile text may hold each of a million."""

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff9-\ufffb]"
)


class _Folding(dict[int, str]):
    """Code point -> what it is when case, accents, width and style do not count; nothing where it has no ink."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if _INVISIBLE.match(char):
            folded = ""
        else:
            opened = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
            folded = "".join(part for part in opened if not unicodedata.combining(part))
        if len(self) < _MOST_KEPT:
            self[code] = folded
        return folded


_FOLDING = _Folding()

# Letters of other scripts and digits that pass for Latin letters (a part of Unicode TR 39); all upright strokes are
# one. Each stands for exactly one character, so places do not move.
_LOOKS = str.maketrans(
    "аеорсухіјѕԁһӏвкмнтɡıαεικνορτυχηωßøđłħŧ013457il",
    "aeopcyxljsdhlbkmhtglaelkvoptuxnwbodlhtoleastll",
)
_SIGNS = str.maketrans("@$|!€", "asile")
_SIGN_IN_WORD = re.compile(r"[^\W_][@$|!€]+[^\W_]|(?<![^\W_])[@$][^\W_]")
_SPACED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_]){3,40}(?![^\W_])")
_WIDE_GAP = re.compile(r"\s{2,}")
_GAP = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return a text without case, accents, styles of letters and what has no ink. Spacing and signs stay."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def looks(folded: str) -> str:
    """Return a folded text with look-alikes made alike; as long as before."""
    return folded.translate(_LOOKS)


def signs_as_letters(folded: str) -> str:
    """Return a folded text with signs inside words read as the letters that they stand for; empty where there are
    none. As long as before."""
    return folded.translate(_SIGNS) if _SIGN_IN_WORD.search(folded) else ""


def spelt_out(folded: str) -> list[tuple[str, int, int]]:
    """Words that are written letter by letter ("v i a g r a", "v.i.a.g.r.a"), with where they start and end.

    Four letters and more: "I. M. F." and "a b c" are no trick. A wide gap between letters parts two words.
    """
    found: list[tuple[str, int, int]] = []
    for run in _SPACED.finditer(folded):
        start = run.start()
        for part in _parts(run.group()):
            word = _GAP.sub("", part)
            if len(word) > 3:
                found.append((word, start, start + len(part)))
            start += len(part)
    return found


def _parts(run: str) -> list[str]:
    """The run cut at its wide gaps, each piece with the gap behind it, so that lengths add up."""
    cuts = [0, *(gap.end() for gap in _WIDE_GAP.finditer(run)), len(run)]
    return [run[start:end] for start, end in pairwise(cuts)] if len(cuts) > 2 else [run]


def is_dressed(word: str, *, in_latin: bool = True) -> bool:
    """Whether a folded word is written with letters that are not its own: digits among letters, two scripts in one
    word, or, in a Latin text, a word of nothing but foreign look-alikes."""
    if word.isascii():
        return not word.isalpha() and not word.isdigit()
    if any(char.isdigit() for char in word):
        return True
    has_latin = any(char < "\u0250" for char in word)
    return has_latin or (in_latin and looks(word).isascii())


def is_latin(folded: str) -> bool:
    """Whether most letters of a folded text are Latin ones."""
    if folded.isascii():
        return True
    letters = [char for char in folded[:2000] if char.isalpha()]
    return 2 * sum(char < "\u0250" for char in letters) > len(letters)


class Places:
    """Leads from places in a folded text back to the text as written. One for each text: a hostile one may hold a
    thousand entries, and nothing here is counted out for each of them."""

    def __init__(self, text: str, folded: str) -> None:
        self._text, self._folded = text, folded

    def part(self, start: int, end: int) -> str:
        """What stands at [start, end) once it is folded."""
        if self._text.isascii():
            return self._text[start:end]
        first = bisect_right(self._starts, start) - 1
        return self._text[first : bisect_left(self._starts, end, first)]

    def words(self, first: int, last: int) -> str:
        """From one word to another, by their numbers among the folded ones."""
        return self.part(self._words[first][0], self._words[last][1])

    @cached_property
    def _starts(self) -> list[int]:
        """Where each character begins once it is folded, and where the last one ends."""
        return [0, *accumulate(len(_FOLDING[ord(char)]) for char in self._text)]

    @cached_property
    def _words(self) -> list[tuple[int, int]]:
        return [word.span() for word in WORD.finditer(self._folded)]
