"""The model's files: what is whole is read, anything else is refused with its reason."""

from __future__ import annotations

import json
import shutil
import struct

import pytest

from analysis.taggers.weights import (
    MINILM,
    TENSORS,
    VOCABULARY,
    ModelAltered,
    ModelMissing,
    open_tensors,
    verify,
)
from tests.analysis.conftest import REAL_MODEL, TinyModel, release_of, tensor_shapes, write_tensors


@pytest.fixture
def copy(tiny: TinyModel, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(tiny.folder, folder)
    return folder


def test_a_whole_model_is_verified_and_its_tensors_are_found(tiny):
    verify(tiny.folder, tiny.release)
    file = open_tensors(tiny.folder, tiny.release)
    assert {name: tensor.shape for name, tensor in file.tensors.items()} == tensor_shapes()
    tensor = file.tensors["embeddings.LayerNorm.bias"]
    assert list(struct.unpack_from("<8f", file.content, tensor.offset)) == tiny.numbers["embeddings.LayerNorm.bias"]


@pytest.mark.parametrize("name", [TENSORS, VOCABULARY])
def test_a_file_that_is_not_there_is_missing(name, copy, tiny):
    (copy / name).unlink()
    with pytest.raises(ModelMissing, match=f"{name} cannot be read: No such file"):
        verify(copy, tiny.release)


def test_a_folder_that_is_not_there_is_missing(tmp_path, tiny):
    with pytest.raises(ModelMissing):
        verify(tmp_path / "nowhere", tiny.release)


@pytest.mark.parametrize("name", [TENSORS, VOCABULARY])
def test_one_changed_byte_is_noticed(name, copy, tiny):
    content = bytearray((copy / name).read_bytes())
    content[-2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelAltered, match=f"{name} is not the published file"):
        verify(copy, tiny.release)


def test_a_file_that_was_cut_short_is_altered(copy, tiny):
    content = (copy / TENSORS).read_bytes()
    (copy / TENSORS).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelAltered):
        open_tensors(copy, tiny.release)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"not json",
        b"[]",
        b'{"a": 1}',
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4000000]}}',
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}',
        b'{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": "x", "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [2]}}',
    ],
)
def test_a_header_that_does_not_fit_its_file_is_refused(header, copy):
    write_tensors(copy / TENSORS, {"a": ((2,), b"\0" * 8)}, header=header)
    with pytest.raises(ModelAltered, match="no readable header"):
        open_tensors(copy, release_of(copy))


def test_a_header_that_is_longer_than_its_file_is_refused(copy):
    (copy / TENSORS).write_bytes(struct.pack("<Q", 10**9) + b"{}")
    with pytest.raises(ModelAltered, match="no readable header"):
        open_tensors(copy, release_of(copy))


def test_numbers_of_another_kind_are_passed_over(copy):
    header = {
        "places": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]},
        "a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]},
    }
    write_tensors(copy / TENSORS, {"a": ((4,), b"\0" * 16)}, header=json.dumps(header).encode())
    assert list(open_tensors(copy, release_of(copy)).tensors) == ["a"]


def test_the_pinned_release_is_the_published_one():
    assert MINILM.files[TENSORS].startswith("53aa5117")
    assert MINILM.files[TENSORS].endswith("b128d9db")
    assert MINILM.files.keys() == {TENSORS, VOCABULARY}
    assert all(len(digest) == 64 for digest in MINILM.files.values())


@pytest.mark.model
def test_the_real_model_is_whole():
    verify(REAL_MODEL)
