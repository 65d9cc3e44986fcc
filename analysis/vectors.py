"""Keeps the vectors of comments in the database, so that a comment is encoded once however often it is tagged.

Owns the table Vector as the store that the embeddings tagger asks for (`analysis.taggers.vectors.VectorStore`); `runs`
says which comment is being read, and whoever makes the tagger hands it the store. What is read without a comment, the
definitions of tags, stays in memory. A vector tells much of its text: it goes when the text goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import IntegrityError, transaction

from analysis.models import Vector
from comments.models import Comment, Status

_read: ContextVar[int | None] = ContextVar("analysis.vectors.read", default=None)
_NOTHING: Mapping[tuple[int, str], bytes] = {}
_ahead: ContextVar[Mapping[tuple[int, str], bytes]] = ContextVar("analysis.vectors.ahead", default=_NOTHING)


@contextmanager
def of(comment_id: int) -> Iterator[None]:
    """Say that what is encoded now is the text of this comment."""
    token = _read.set(comment_id)
    try:
        yield
    finally:
        _read.reset(token)


@contextmanager
def read_ahead(comment_ids: Iterable[int]) -> Iterator[None]:
    """Fetch the vectors of many comments at once, for what reads them within."""
    rows = Vector.objects.filter(comment__in=list(comment_ids)).values_list("comment_id", "digest", "packed")
    token = _ahead.set({(pk, digest): bytes(packed) for pk, digest, packed in rows})
    try:
        yield
    finally:
        _ahead.reset(token)


class StoredVectors:
    """The store of the embeddings tagger, with the latest vectors in memory."""

    def __init__(self) -> None:
        from analysis.taggers.vectors import RecentVectors  # needs numpy, which most sites do not have

        self._recent = RecentVectors()

    def get(self, digest: bytes) -> bytes | None:
        """What was put under this digest, whichever comment it was put for."""
        comment_id = _read.get()
        if comment_id is not None and (comment_id, digest.hex()) in (ahead := _ahead.get()):
            return ahead[comment_id, digest.hex()]
        packed = self._recent.get(digest)
        if packed is None:
            row = Vector.objects.filter(digest=digest.hex()).values_list("packed", flat=True).first()
            packed = None if row is None else bytes(row)
            if packed is not None:
                self._recent.put(digest, packed)
        elif comment_id is not None and not Vector.objects.filter(comment=comment_id).exists():
            # Read before as one of the thread's texts, when nobody said whose it was.
            self.put(digest, packed)
        return packed

    def put(self, digest: bytes, packed: bytes) -> None:
        """Keep it, in the place of what was kept for the comment before."""
        self._recent.put(digest, packed)
        comment_id = _read.get()
        if comment_id is None:
            return
        try:
            with transaction.atomic():
                if not _has_words(comment_id):
                    return
                defaults = {"digest": digest.hex(), "packed": packed}
                Vector.objects.update_or_create(comment_id=comment_id, defaults=defaults)
        except IntegrityError:
            return  # the comment was deleted meanwhile, or another worker was as quick
        if not _has_words(comment_id):
            # Erased while it was stored, and what forgets its vector may have been there before us.
            forget(comment_id)


def _has_words(comment_id: int) -> bool:
    return Comment.objects.filter(pk=comment_id).exclude(status=Status.WITHDRAWN).exclude(html="").exists()


def forget(comment_id: int) -> None:
    """Delete the vector of a comment whose text is gone."""
    Vector.objects.filter(comment=comment_id).delete()
