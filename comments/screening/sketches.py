"""Near-duplicates: two small numbers of a text that a nearly equal text mostly shares, and how alike two texts are.

Each number stands for the smallest hashes of its pairs of words under two orders (min-hash): two texts share that of an
order with the probability that is their likeness (Jaccard), and both of a number with its square. So of two texts that
are alike to 0.9, 96 % share a number; of two strangers that share every fiftieth pair, one in a thousand. Broder, "On
the resemblance and containment of documents", 1997.
"""

from __future__ import annotations

import zlib
from itertools import pairwise

from comments import privacy
from comments.texts import fingerprint

FEWEST_WORDS = 8
"""Shorter texts are alike by chance."""

ALIKE = 0.8
"""From this likeness on two texts are one with a word or two changed."""

_MOST_WORDS = 400
_ORDERS = (2654435761, 2246822519, 3266489917, 668265263)

Sketch = tuple[int, int]


def sketch_of(text: str) -> Sketch | None:
    """The two numbers, keyed so that a dump of the database does not give the words away; None for a short text."""
    shingles = _shingles(text)
    if len(shingles) < FEWEST_WORDS - 1:
        return None
    hashes = [zlib.crc32(shingle.encode("utf-8", "surrogatepass")) for shingle in shingles]
    # An odd factor permutes 32-bit numbers: each gives another order of the same hashes.
    one, two, three, four = (min([number * factor & 0xFFFFFFFF for number in hashes]) for factor in _ORDERS)
    return _keyed(f"a {one} {two}"), _keyed(f"b {three} {four}")


def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1: the share of pairs of words that both have (Jaccard)."""
    mine, theirs = _shingles(one), _shingles(other)
    together = mine | theirs
    return len(mine & theirs) / len(together) if together else 0.0


def _shingles(text: str) -> set[str]:
    return {f"{first} {second}" for first, second in pairwise(fingerprint(text).split()[:_MOST_WORDS])}


def _keyed(band: str) -> int:
    return int(privacy.keyed_digest("sketch", band)[:15], 16)
