"""The encoder, against the same formulas written a second time, number by number, and against published figures."""

from __future__ import annotations

import math
import shutil

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install '.[embeddings]'")

from analysis.taggers.encoder import MOST_PASSAGES, PASSAGE, Encoder  # noqa: E402
from analysis.taggers.weights import TENSORS, VOCABULARY, ModelAltered, ModelMissing  # noqa: E402
from tests.analysis.conftest import (  # noqa: E402
    HEADS,
    LAYERS,
    PIECES,
    REAL_MODEL,
    SIZE,
    TinyModel,
    release_of,
    write_tensors,
)


@pytest.fixture
def encoder(tiny: TinyModel) -> Encoder:
    return Encoder.load(tiny.folder, tiny.release)


# --- the same formulas, in lists of Python's floats --------------------------------------------------------------


def dense(vector: list[float], weight: list[list[float]], bias: list[float]) -> list[float]:
    return [math.fsum(w * x for w, x in zip(row, vector, strict=True)) + b for row, b in zip(weight, bias, strict=True)]


def normed(vector: list[float], weight: list[float], bias: list[float]) -> list[float]:
    mean = math.fsum(vector) / len(vector)
    variance = math.fsum((x - mean) ** 2 for x in vector) / len(vector)
    return [(x - mean) / math.sqrt(variance + 1e-12) * w + b for x, w, b in zip(vector, weight, bias, strict=True)]


def gelu(x: float) -> float:
    return x * 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def reference(numbers: dict[str, list], pieces: list[int]) -> list[list[float]]:
    """The last layer's vector for each piece."""
    words, places, kinds = (
        numbers[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
    )
    states = [
        normed(
            [a + b + c for a, b, c in zip(words[piece], places[place], kinds[0], strict=True)],
            numbers["embeddings.LayerNorm.weight"],
            numbers["embeddings.LayerNorm.bias"],
        )
        for place, piece in enumerate(pieces)
    ]
    width = SIZE // HEADS
    for layer in range(LAYERS):

        def part(name: str, layer: int = layer) -> tuple[list, list]:
            return numbers[f"encoder.layer.{layer}.{name}.weight"], numbers[f"encoder.layer.{layer}.{name}.bias"]

        query, key, value = (
            [dense(state, *part(f"attention.self.{name}")) for state in states] for name in ("query", "key", "value")
        )
        after = []
        for at, state in enumerate(states):
            taken: list[float] = []
            for head in range(HEADS):
                of_head = slice(head * width, (head + 1) * width)
                scores = [
                    math.fsum(a * b for a, b in zip(query[at][of_head], other[of_head], strict=True)) / math.sqrt(width)
                    for other in key
                ]
                shares = [math.exp(score) for score in scores]
                total = math.fsum(shares)
                taken += [
                    math.fsum(share / total * other[place] for share, other in zip(shares, value, strict=True))
                    for place in range(head * width, (head + 1) * width)
                ]
            mixed = dense(taken, *part("attention.output.dense"))
            state = normed([a + b for a, b in zip(mixed, state, strict=True)], *part("attention.output.LayerNorm"))
            wide = [gelu(x) for x in dense(state, *part("intermediate.dense"))]
            narrow = dense(wide, *part("output.dense"))
            after.append(normed([a + b for a, b in zip(narrow, state, strict=True)], *part("output.LayerNorm")))
        states = after
    return states


def mean_of_unit_length(states: list[list[float]]) -> list[float]:
    mean = [math.fsum(column) / len(states) for column in zip(*states, strict=True)]
    length = math.sqrt(math.fsum(x * x for x in mean))
    return [x / length for x in mean]


def numbers_of(*words: str) -> list[int]:
    return [PIECES.index(word) for word in words]


# --- tests -------------------------------------------------------------------------------------------------------


def test_a_text_gets_the_vector_that_the_formulas_give(encoder, tiny):
    states = reference(tiny.numbers, numbers_of("[CLS]", "the", "harbour", "tax", "is", "too", "high", ".", "[SEP]"))
    found = encoder.encode(["The harbour tax is too high."])
    assert found.whole.tolist() == pytest.approx(mean_of_unit_length(states), abs=2e-3)
    assert found.sentences.shape == (1, SIZE)


def test_each_sentence_gets_the_mean_of_its_own_pieces_read_with_the_others(encoder, tiny):
    states = reference(tiny.numbers, numbers_of("[CLS]", "ferry", "##s", "!", "the", "tax", "[SEP]"))
    found = encoder.encode(["Ferrys!", "the tax"])
    assert found.whole.tolist() == pytest.approx(mean_of_unit_length(states), abs=2e-3)
    assert found.sentences[0].tolist() == pytest.approx(mean_of_unit_length(states[1:4]), abs=2e-3)
    assert found.sentences[1].tolist() == pytest.approx(mean_of_unit_length(states[4:6]), abs=2e-3)


def test_the_same_text_gives_the_same_bytes(encoder, tiny):
    again = Encoder.load(tiny.folder, tiny.release)
    one, other = encoder.encode(["the port", "a tax."]), again.encode(["the port", "a tax."])
    assert one.whole.tobytes() == other.whole.tobytes()
    assert one.sentences.tobytes() == other.sentences.tobytes()


def test_a_long_text_is_read_in_passages_and_each_sentence_has_its_vector(encoder):
    sentences = ["the harbour tax is too high ."] * 100
    found = encoder.encode(sentences)
    assert found.sentences.shape == (100, SIZE)
    per_passage = (PASSAGE - 2) // 7
    assert np.allclose(found.sentences[0], found.sentences[per_passage])  # first of the first, first of the second
    assert np.allclose(np.linalg.norm(found.sentences, axis=1), 1, atol=1e-5)


def test_what_lies_beyond_the_last_passage_is_not_read(encoder):
    found = encoder.encode(["tax " * 126] * 1000)
    assert len(found.sentences) == 2 * MOST_PASSAGES


def test_a_text_of_no_sentences_is_a_vector_of_zeros(encoder):
    found = encoder.encode([])
    assert not found.whole.any()
    assert found.sentences.shape == (0, SIZE)


@pytest.mark.parametrize("text", ["", "\u200b", "😀" * 5000, "x" * 4000, "\ud800", "日本語" * 500])
def test_nothing_that_can_be_typed_breaks_it(encoder, text):
    found = encoder.encode([text])
    assert np.isfinite(found.whole).all()
    assert np.isfinite(found.sentences).all()


def test_a_folder_without_a_model_is_refused(tmp_path, tiny):
    with pytest.raises(ModelMissing):
        Encoder.load(tmp_path, tiny.release)


def test_a_model_of_another_make_is_refused(tmp_path, tiny):
    shutil.copy(tiny.folder / VOCABULARY, tmp_path)
    write_tensors(tmp_path / TENSORS, {"something.weight": ((2,), b"\0" * 8)})
    with pytest.raises(ModelAltered, match="another kind of model"):
        Encoder.load(tmp_path, release_of(tmp_path))


def test_a_vocabulary_of_another_make_is_refused(tmp_path, tiny):
    shutil.copy(tiny.folder / TENSORS, tmp_path)
    (tmp_path / VOCABULARY).write_text("the\nharbour\n", encoding="utf-8")
    with pytest.raises(ModelAltered, match="another kind of model"):
        Encoder.load(tmp_path, release_of(tmp_path))


@pytest.mark.model
def test_the_real_model_gives_the_similarities_that_its_publishers_print():
    encoder = Encoder.load(REAL_MODEL)
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = np.stack([encoder.encode([text]).whole for text in texts])
    # Source: the first example in the documentation of Sentence Transformers (sbert.net, "Quickstart").
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert (vectors @ vectors.T).tolist() == [pytest.approx(row, abs=5e-4) for row in published]
