"""Keeps the vectors of texts, so that a text is encoded once however often it is tagged.

Owns the form in which vectors are kept, and a store in memory; `embeddings` reads and fills a store, and whoever has a
table puts one of its own in this one's place. Vectors are kept as bytes a number: their products move by less than a
hundredth, and a comment of six sentences takes under three kilobytes.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_LONGEST = 127
"""What the largest number of a vector becomes."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """What one text was read as: the vector of the whole and, as rows, those of its sentences, all of unit length."""

    whole: NDArray[np.float32]
    sentences: NDArray[np.float32]


class VectorStore(Protocol):
    """Where encoded texts are kept, by the digest of model and text. What is not there is encoded anew, so a store may
    forget as it likes, and must when the text is erased."""

    def get(self, digest: bytes) -> bytes | None:
        """What was put under this digest."""
        ...

    def put(self, digest: bytes, packed: bytes) -> None:
        """Keep it, or not."""
        ...


class RecentVectors:
    """A store in this process's memory that forgets what was not asked for longest. Threads may share it."""

    def __init__(self, most_bytes: int = 16 * 1024 * 1024) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> bytes | None:
        with self._lock:
            packed = self._kept.get(digest)
            if packed is not None:
                self._kept.move_to_end(digest)
            return packed

    def put(self, digest: bytes, packed: bytes) -> None:
        with self._lock:
            self._held += len(packed) - len(self._kept.pop(digest, b""))
            self._kept[digest] = packed
            while self._held > self._most:
                self._held -= len(self._kept.popitem(last=False)[1])


def digest_of(model: str, text: str) -> bytes:
    """What a text is kept under: another model reads it otherwise."""
    return hashlib.sha256(f"{model}\0{text}".encode(errors="surrogatepass")).digest()[:16]


def pack(vectors: Vectors) -> bytes:
    """The whole, then the sentences: for each its scale (a 32-bit float, little-endian) and a signed byte a number."""
    rows = np.vstack([vectors.whole[None], vectors.sentences])
    scales = np.maximum(np.abs(rows).max(axis=1, keepdims=True), np.float32(1e-12)) / np.float32(_LONGEST)
    parts = zip(scales.astype("<f4"), np.rint(rows / scales).astype(np.int8), strict=True)
    return b"".join(scale.tobytes() + row.tobytes() for scale, row in parts)


def unpack(packed: bytes, size: int) -> Vectors:
    """What `pack` packed. Raises `ValueError` where these are no vectors of `size` numbers."""
    rows = np.frombuffer(packed, np.dtype([("scale", "<f4"), ("row", np.int8, (size,))]))
    if not len(rows):
        raise ValueError("nothing is packed")
    vectors = rows["row"].astype(np.float32) * rows["scale"].astype(np.float32)[:, None]
    return Vectors(vectors[0], vectors[1:])
