"""Vectors in their stored form, and the store that forgets."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install '.[embeddings]'")

from analysis.taggers.vectors import RecentVectors, Vectors, digest_of, pack, unpack  # noqa: E402


@pytest.fixture
def vectors():
    rows = np.random.default_rng(3).standard_normal((4, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Vectors(rows[0], rows[1:])


def test_what_is_unpacked_is_nearly_what_was_packed(vectors):
    packed = pack(vectors)
    assert len(packed) == 4 * (384 + 4)
    again = unpack(packed, 384)
    assert float(again.whole @ vectors.whole) == pytest.approx(1, abs=1e-3)
    assert np.abs(again.sentences @ vectors.sentences.T - vectors.sentences @ vectors.sentences.T).max() < 0.01


def test_packing_again_changes_nothing(vectors):
    packed = pack(vectors)
    assert pack(unpack(packed, 384)) == packed


def test_a_text_without_sentences_keeps_its_zeros():
    again = unpack(pack(Vectors(np.zeros(8, np.float32), np.zeros((0, 8), np.float32))), 8)
    assert not again.whole.any()
    assert again.sentences.shape == (0, 8)


@pytest.mark.parametrize("packed", [b"", b"x" * 13])
def test_bytes_of_another_form_are_refused(packed):
    with pytest.raises(ValueError, match=r".+"):
        unpack(packed, 8)


def test_a_digest_tells_texts_and_models_apart():
    assert digest_of("1", "text") == digest_of("1", "text")
    assert len({digest_of("1", "text"), digest_of("2", "text"), digest_of("1", "texts"), digest_of("1", "\ud800")}) == 4


def test_a_store_gives_back_what_it_was_given():
    store = RecentVectors()
    store.put(b"a", b"one")
    store.put(b"a", b"another")
    assert store.get(b"a") == b"another"
    assert store.get(b"b") is None


def test_a_full_store_forgets_what_was_not_asked_for_longest():
    store = RecentVectors(most_bytes=20)
    store.put(b"a", b"x" * 10)
    store.put(b"b", b"x" * 10)
    store.get(b"a")
    store.put(b"c", b"x" * 10)
    assert store.get(b"a") is not None
    assert store.get(b"b") is None
    assert store.get(b"c") is not None


def test_replacing_does_not_count_twice():
    store = RecentVectors(most_bytes=20)
    for _ in range(50):
        store.put(b"a", b"x" * 10)
    store.put(b"b", b"x" * 10)
    assert store.get(b"a") is not None
