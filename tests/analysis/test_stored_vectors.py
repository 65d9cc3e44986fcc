"""Vectors of comments in the database: found again by any worker, gone with the text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("numpy", reason="numpy is not installed: pip install '.[embeddings]'")

from analysis import runs, vectors
from analysis.models import Vector
from analysis.vectors import StoredVectors
from comments import posting
from comments.models import Comment, Reader

pytestmark = pytest.mark.django_db

Write = Callable[..., Comment]
ONE, TWO = b"1" * 16, b"2" * 16


def test_what_one_worker_encoded_another_finds(write: Write) -> None:
    comment = write()
    with vectors.of(comment.pk):
        StoredVectors().put(ONE, b"packed")
    assert StoredVectors().get(ONE) == b"packed"
    assert StoredVectors().get(TWO) is None
    assert Vector.objects.get().comment == comment


def test_what_belongs_to_no_comment_stays_in_memory(db: None) -> None:
    store = StoredVectors()
    store.put(ONE, b"packed")
    assert store.get(ONE) == b"packed"
    assert not Vector.objects.exists()


def test_other_words_take_the_place_of_those_before(write: Write) -> None:
    comment = write()
    for digest in (ONE, TWO):
        with vectors.of(comment.pk):
            StoredVectors().put(digest, digest)
    assert (StoredVectors().get(ONE), StoredVectors().get(TWO)) == (None, TWO)


def test_one_who_is_erased_takes_along_only_their_own(write: Write) -> None:
    first, second = write(), write()
    for comment in (first, second):
        with vectors.of(comment.pk):
            StoredVectors().put(ONE, b"packed")
    runs.forget(first)
    assert Vector.objects.get().comment == second
    assert StoredVectors().get(ONE) == b"packed"


def test_a_text_that_is_erased_while_it_is_read_leaves_nothing(write: Write, carls_browser: Reader) -> None:
    comment = write(reader=carls_browser)
    with vectors.of(comment.pk):
        posting.withdraw(comment, reader=carls_browser)
        StoredVectors().put(ONE, b"packed")
    assert not Vector.objects.exists()


def test_a_comment_that_is_deleted_meanwhile_is_no_error(write: Write) -> None:
    with vectors.of(write().pk + 1):
        StoredVectors().put(ONE, b"packed")
    assert not Vector.objects.exists()


def test_vectors_of_many_comments_come_with_one_query(
    write: Write, django_assert_num_queries: Callable[..., object]
) -> None:
    comments = [write() for _ in range(5)]
    for number, comment in enumerate(comments):
        with vectors.of(comment.pk):
            StoredVectors().put(bytes([number]) * 16, bytes([number]))
    store = StoredVectors()
    with django_assert_num_queries(1), vectors.read_ahead(comment.pk for comment in comments):  # type: ignore[attr-defined]
        for number, comment in enumerate(comments):
            with vectors.of(comment.pk):
                assert store.get(bytes([number]) * 16) == bytes([number])


def test_what_was_read_ahead_is_not_taken_for_other_words(write: Write) -> None:
    comment = write()
    with vectors.of(comment.pk):
        StoredVectors().put(ONE, b"packed")
    with vectors.read_ahead([comment.pk]), vectors.of(comment.pk):
        assert StoredVectors().get(TWO) is None
