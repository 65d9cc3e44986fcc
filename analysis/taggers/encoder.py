"""Turns a text into vectors: the forward pass of a BERT encoder in numpy, then means over the pieces.

Owns the arithmetic; only `embeddings` calls it. Texts that mean much the same get vectors that point much the same way.
Sentences are read together and averaged apart, so that one pass gives a vector for the text and one for each of its
sentences in its context.
Source: Devlin et al. 2019 (the encoder); Reimers and Gurevych 2019 (means over pieces, unit length).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

# One thread, told before numpy is first imported: workers are many, each thread has buffers of its own, and sums in
# the same order give the same tags.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from analysis.taggers.vectors import Vectors
from analysis.taggers.weights import MINILM, VOCABULARY, ModelAltered, Release, TensorFile, open_tensors, verify
from analysis.taggers.wordpiece import VocabularyFault, WordPieces

Array: TypeAlias = NDArray[np.float32]
Pair: TypeAlias = tuple[Array, Array]
"""A weight, [out, in] as published, and a bias; or the scale and shift of a normalisation."""

PASSAGE = 256
"""Pieces that are read together, both marks included: as many as the model's publishers allow."""

LONGEST_SENTENCE = 128
"""Pieces of one sentence that are read."""

MOST_PASSAGES = 8
"""What lies beyond, some 1,500 words on, is not read: reading costs a third of a millisecond a piece."""

_EPSILON = np.float32(1e-12)


class _Layer:
    """The arrays of one layer, by what they do."""

    def __init__(self, arrays: dict[str, Array], number: int) -> None:
        def pair(name: str) -> Pair:
            at = f"encoder.layer.{number}.{name}"
            return arrays[f"{at}.weight"], arrays[f"{at}.bias"]

        self.query, self.key, self.value = (pair(f"attention.self.{name}") for name in ("query", "key", "value"))
        self.attended, self.attended_norm = pair("attention.output.dense"), pair("attention.output.LayerNorm")
        self.widen, self.narrow = pair("intermediate.dense"), pair("output.dense")
        self.norm = pair("output.LayerNorm")


class Encoder:
    """A loaded model. Holds views into the mapped file and no copy of it."""

    def __init__(self, file: TensorFile, pieces: WordPieces, *, heads: int) -> None:
        arrays: dict[str, Array] = {
            name: np.frombuffer(file.content, np.float32, int(np.prod(tensor.shape)), tensor.offset).reshape(
                tensor.shape
            )
            for name, tensor in file.tensors.items()
        }
        self._pieces = pieces
        self._heads = heads
        self._words = arrays["embeddings.word_embeddings.weight"]
        self._places = arrays["embeddings.position_embeddings.weight"]
        self._kind = arrays["embeddings.token_type_embeddings.weight"][0]
        self._first_norm = (arrays["embeddings.LayerNorm.weight"], arrays["embeddings.LayerNorm.bias"])
        count = sum(name.endswith(".attention.self.query.weight") for name in arrays)
        self._layers = [_Layer(arrays, number) for number in range(count)]
        self._wide = self._layers[0].widen[1].shape[0] if self._layers else 0

    @classmethod
    def load(cls, directory: Path, release: Release = MINILM) -> Encoder:
        """Read a verified model from its directory. Raises `ModelFault`."""
        verify(directory, release)
        try:
            return cls(open_tensors(directory, release), WordPieces.read(directory / VOCABULARY), heads=release.heads)
        except (KeyError, VocabularyFault) as error:
            raise ModelAltered(f"{directory} holds another kind of model: {error} is missing.") from error

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return int(self._words.shape[1])

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Read one text, given as its sentences. A text without any word has a vector of zeros."""
        passages = self._packed(sentences)
        if not passages:
            return Vectors(np.zeros(self.size, np.float32), np.zeros((len(sentences), self.size), np.float32))
        total = np.zeros(self.size, np.float32)
        means = []
        for numbers in passages:
            states = self._states([self._pieces.first, *(piece for one in numbers for piece in one), self._pieces.last])
            total += states.sum(axis=0)
            at = 1
            for one in numbers:
                means.append(states[at : at + len(one)].sum(axis=0))
                at += len(one)
        return Vectors(unit_length(total), unit_length(np.stack(means)))

    def _packed(self, sentences: Sequence[str]) -> list[list[list[int]]]:
        """The pieces of the sentences, so many sentences together as fit into a passage."""
        passages: list[list[list[int]]] = []
        room = 0
        for sentence in sentences:
            numbers = self._pieces.numbers(sentence, most=LONGEST_SENTENCE)
            if not passages or len(numbers) > room:
                if len(passages) == MOST_PASSAGES:
                    break
                passages.append([])
                room = PASSAGE - 2
            room -= len(numbers)
            passages[-1].append(numbers)
        return passages

    def _states(self, numbers: Sequence[int]) -> Array:
        """What the last layer makes of each piece, as rows."""
        count, size, wide = len(numbers), self.size, self._wide
        # Made once for all layers: fresh memory costs the kernel more than the sums that go into it.
        room = _Room(
            *(np.empty((count, size), np.float32) for _ in range(4)),
            *(np.empty((count, wide), np.float32) for _ in range(2)),
        )
        states = self._words[list(numbers)]
        states += self._places[:count]
        states += self._kind
        _norm(states, self._first_norm)
        for layer in self._layers:
            self._attend(layer, states, room)
            _norm(states, layer.attended_norm)
            _affine(states, layer.widen, room.wide)
            _gelu(room.wide, room.slope)
            _affine(room.slope, layer.narrow, room.mixed)
            states += room.mixed
            _norm(states, layer.norm)
        return states

    def _attend(self, layer: _Layer, states: Array, room: _Room) -> None:
        """Add to each piece what it takes from the others, each head by its own measure."""
        count, size = states.shape
        width = size // self._heads
        _affine(states, layer.query, room.query)
        _affine(states, layer.key, room.key)
        _affine(states, layer.value, room.value)
        np.multiply(room.query, np.float32(width**-0.5), out=room.query)
        query, key, value, mixed = (
            part.reshape(count, self._heads, width).swapaxes(0, 1)
            for part in (room.query, room.key, room.value, room.mixed)
        )
        shares = query @ key.swapaxes(1, 2)
        shares -= shares.max(axis=-1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed[:] = shares @ value
        _affine(room.mixed, layer.attended, room.query)
        states += room.query


@dataclass(frozen=True, slots=True)
class _Room:
    """Memory for the intermediate results of one pass."""

    query: Array
    key: Array
    value: Array
    mixed: Array
    wide: Array
    slope: Array


def _affine(states: Array, weight_and_bias: Pair, out: Array) -> None:
    weight, bias = weight_and_bias
    np.matmul(states, weight.T, out=out)
    out += bias


def _norm(states: Array, weight_and_bias: Pair) -> None:
    """Layer normalisation, in place."""
    weight, bias = weight_and_bias
    states -= states.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", states, states)[:, None] / np.float32(states.shape[1])
    states /= np.sqrt(spread + _EPSILON)
    states *= weight
    states += bias


def _gelu(states: Array, out: Array) -> None:
    """x Φ(x) by its usual approximation with a logistic curve, off by 0.0005 at most: numpy has no error function, and
    twice the time for more digits moves no similarity by a thousandth.
    Source: Hendrycks and Gimpel 2016; 0.5 (1 + tanh(y)) is 1 / (1 + exp(-2y))."""
    np.square(states, out=out)
    out *= np.float32(-2 * 0.044715 * (2 / np.pi) ** 0.5)
    out -= np.float32(2 * (2 / np.pi) ** 0.5)
    out *= states
    np.minimum(out, 80, out=out)  # far below zero the curve is zero; beyond 88 a float is full
    np.exp(out, out=out)
    out += 1
    np.divide(states, out, out=out)


def unit_length(vectors: Array) -> Array:
    length = np.sqrt(np.square(vectors).sum(axis=-1, keepdims=True))
    unit: Array = vectors / np.maximum(length, _EPSILON)
    return unit
