"""A sentence model in miniature, made of chance, and the real one where somebody has fetched it.

Tests marked `model` read the real weights. They are left out, not skipped, where the weights are not there: a machine
that tests everything need not download them. `MODEL_DIR` says where they lie.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

from analysis.taggers.weights import MINILM, TENSORS, VOCABULARY, Release

_TOP = Path(__file__).resolve().parents[2]
REAL_MODEL = Path(os.environ.get("MODEL_DIR") or _TOP / "var" / "models" / MINILM.name)

SIZE, WIDE, HEADS, LAYERS, PLACES = 8, 12, 2, 2, 300
PIECES = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "harbour", "port", "ferry", "##s", "tax", "is", "too", "high", ".", ",",
    "?", "!", "a", "b", "c", "##a", "##b", "un", "##able", "##ab", "library", "open", "on", "sunday",
]  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if (REAL_MODEL / TENSORS).is_file():
        return
    left_out = [item for item in items if item.get_closest_marker("model")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("model")]


@dataclass(frozen=True)
class TinyModel:
    """A folder with a model, its digests, and its numbers as nested lists by name."""

    folder: Path
    release: Release
    numbers: dict[str, list]


def tensor_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(PIECES), SIZE),
        "embeddings.position_embeddings.weight": (PLACES, SIZE),
        "embeddings.token_type_embeddings.weight": (2, SIZE),
        "embeddings.LayerNorm.weight": (SIZE,),
        "embeddings.LayerNorm.bias": (SIZE,),
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        square = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
        for name, shape in [
            *((one, (SIZE, SIZE)) for one in square),
            ("intermediate.dense", (WIDE, SIZE)),
            ("output.dense", (SIZE, WIDE)),
        ]:
            shapes[f"{at}.{name}.weight"] = shape
            shapes[f"{at}.{name}.bias"] = shape[:1]
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{at}.{name}.weight"] = shapes[f"{at}.{name}.bias"] = (SIZE,)
    return shapes


def write_tensors(
    path: Path, tensors: dict[str, tuple[tuple[int, ...], bytes]], *, header: bytes | None = None
) -> None:
    """A safetensors file of 32-bit floats, written by hand."""
    entries, offset = {}, 0
    for name, (shape, content) in tensors.items():
        entries[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + len(content)]}
        offset += len(content)
    said = json.dumps({"__metadata__": {"format": "pt"}, **entries}).encode() if header is None else header
    said += b" " * (-len(said) % 8)
    path.write_bytes(struct.pack("<Q", len(said)) + said + b"".join(content for _, content in tensors.values()))


def release_of(folder: Path) -> Release:
    """The digests of what lies in a folder."""
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (TENSORS, VOCABULARY)}
    return Release("tiny", files, HEADS)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    folder = tmp_path_factory.mktemp("tiny-model")
    chance = random.Random(7)
    tensors, numbers = {}, {}
    for name, shape in tensor_shapes().items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        middle = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        packed = struct.pack(f"<{count}f", *(chance.gauss(middle, 0.6) for _ in range(count)))
        flat = list(struct.unpack(f"<{count}f", packed))
        numbers[name] = flat if len(shape) == 1 else [flat[at : at + shape[1]] for at in range(0, count, shape[1])]
        tensors[name] = (shape, packed)
    write_tensors(folder / TENSORS, tensors)
    (folder / VOCABULARY).write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    return TinyModel(folder, release_of(folder), numbers)
