"""The files of the sentence model: which they are, whether they are whole, and the numbers in them.

Owns the pinned digests and the reading of the safetensors format. `embeddings`, the system check and `fetch_model` call
it. Needs nothing beside Python, so that a site without numpy can still say what is missing. A model file is code as far
as trust goes: what does not carry the digest that this release was measured with is not read.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

TENSORS, VOCABULARY = "model.safetensors", "vocab.txt"

MOST_HEADER = 1_000_000
"""Bytes. A description of some hundred tensors takes a few thousand."""


@dataclass(frozen=True, slots=True)
class Release:
    """One published model: its name, the sha256 of each file that is used, and into how many heads its attention is
    split (which the tensors do not tell)."""

    name: str
    files: Mapping[str, str]
    heads: int


MINILM = Release(
    name="all-MiniLM-L6-v2",
    files={
        TENSORS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    },
    heads=12,
)
"""The model that `embeddings` is calibrated for (Apache-2.0): six layers, 384 numbers a text."""


class ModelFault(Exception):
    """The model cannot be used. The message says why, for an operator."""


class ModelMissing(ModelFault):
    """A file is not there, or cannot be read."""


class ModelAltered(ModelFault):
    """A file is not the one that was published."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where one array of 32-bit floats lies in the file: its shape and the offset of its first byte."""

    shape: tuple[int, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class TensorFile:
    """A safetensors file, mapped into memory: what is never used is never loaded, and processes share the rest."""

    content: mmap.mmap
    tensors: Mapping[str, Tensor]


def verify(directory: Path, release: Release = MINILM) -> None:
    """Read every file of the release once and compare digests. Raises `ModelMissing` or `ModelAltered`."""
    for name in release.files:
        with _opened(directory / name, release.files[name]):
            pass


def open_tensors(directory: Path, release: Release = MINILM) -> TensorFile:
    """The verified tensors. Raises `ModelFault`."""
    path = directory / TENSORS
    # Mapped from the very file that was verified: another one put in its place meanwhile is not seen.
    with _opened(path, release.files[TENSORS]) as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return TensorFile(content, _tensors_in(content, path))


def sha256_of(file: BufferedReader) -> str:
    """The digest of an open file, read from where it stands."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def _opened(path: Path, digest: str) -> BufferedReader:
    try:
        file = path.open("rb")
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {os.strerror(error.errno or 0)}.") from error
    try:
        if sha256_of(file) != digest:
            raise ModelAltered(f"{path} is not the published file: its sha256 differs.")
    except OSError as error:
        file.close()
        raise ModelMissing(f"{path} cannot be read: {os.strerror(error.errno or 0)}.") from error
    except ModelFault:
        file.close()
        raise
    return file


def _tensors_in(content: mmap.mmap, path: Path) -> dict[str, Tensor]:
    """The header of a safetensors file: eight bytes with its length, then JSON. Integers, which some files hold beside
    the weights, are passed over."""
    length = int.from_bytes(content[:8], "little")
    begin = 8 + length
    if length > MOST_HEADER or begin > len(content):
        raise ModelAltered(f"{path} has no readable header.")
    try:
        header = json.loads(content[8:begin])
        found = {}
        for name, entry in header.items():
            if name == "__metadata__" or entry["dtype"] != "F32":
                continue
            shape, (first, last) = tuple(entry["shape"]), entry["data_offsets"]
            size = 4
            for length in shape:
                size *= length
            if not 0 <= first <= last <= len(content) - begin or last - first != size:
                raise ValueError(name)
            found[name] = Tensor(shape, begin + first)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelAltered(f"{path} has no readable header.") from error
    return found
