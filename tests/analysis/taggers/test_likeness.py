"""What a few examples teach by their vectors."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install '.[embeddings]'")

from analysis.taggers.likeness import train  # noqa: E402


def examples(count: int, size: int = 16, seed: int = 5):
    """Half the vectors lie around one direction and carry the tag, half around another; all chances are the same."""
    chance = np.random.default_rng(seed)
    applies = [at % 2 == 0 for at in range(count)]
    rows = chance.standard_normal((count, size)) * 0.3
    rows[:, 0] += np.where(applies, 1.0, 0.0)
    rows[:, 1] += np.where(applies, 0.0, 1.0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return applies, np.full(count, 0.3, np.float32), rows.astype(np.float32)


def test_a_comment_like_the_positives_gains_and_one_like_the_negatives_loses():
    applies, chances, rows = examples(20)
    learned = train(applies, chances, rows)
    like, unlike = np.eye(16, dtype=np.float32)[0], np.eye(16, dtype=np.float32)[1]
    assert learned.probability(0.3, like) > 0.5
    assert learned.probability(0.3, unlike) < 0.2


def test_more_is_believed_of_more_examples():
    like = np.eye(16, dtype=np.float32)[0]
    few, many = train(*examples(8)), train(*examples(80))
    assert many.probability(0.3, like) > few.probability(0.3, like) > 0.3


@pytest.mark.parametrize("applies", [[True, True, False, False, False], [True] * 5, [None] * 5, []])
def test_too_few_of_either_kind_teach_nothing(applies):
    _, chances, rows = examples(5)
    assert train(applies, chances[: len(applies)], rows[: len(applies)]) is None


def test_what_nobody_said_does_not_count():
    applies, chances, rows = examples(20)
    with_unknown = train([*applies, None], np.append(chances, np.float32(0.9)), np.vstack([rows, rows[:1]]))
    assert with_unknown.weights.tobytes() == train(applies, chances, rows).weights.tobytes()


def test_examples_that_foretell_nothing_are_not_believed():
    chance = np.random.default_rng(1)
    noise = chance.standard_normal((40, 16)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    # One in four carries the tag, as the chances say; who it is has nothing to do with the vectors.
    applies = [at % 4 == 0 for at in range(40)]
    assert train(applies, np.full(40, 0.25, np.float32), noise) is None


def test_the_same_examples_teach_the_same():
    one, other = train(*examples(30)), train(*examples(30))
    assert one.weights.tobytes() == other.weights.tobytes()
    assert one.shift == other.shift
