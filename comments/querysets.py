"""Sets of rows, in the words of the trade; chainable, read-only. Everybody in the app may call them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from comments.models import Comment, Reader, Thread  # noqa: F401  ruff does not read names in quoted bases


_KEY_LENGTH = 200


class ThreadQuerySet(models.QuerySet["Thread"]):
    def named(self, name: str) -> Self:
        """The thread with this integer id or this key. A key of digits alone is read as an id."""
        if name.isascii() and name.isdigit():
            # Beyond 64 bits the database would raise; such an id names nothing.
            return self.filter(pk=int(name)) if len(name) < 19 else self.none()
        return self.filter(key=name)

    def for_page(self, key: str, *, title: str, url: str) -> Thread:
        """The thread of a page, made on first sight, its title and address brought up to date.

        A key longer than the column (a page's path may be) keeps its beginning and ends in a digest of the whole.
        """
        if len(key) > _KEY_LENGTH:
            key = f"{key[: _KEY_LENGTH - 33]}~{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:32]}"
        url, title = url[:2000], title[:300]
        thread, is_new = self.get_or_create(key=key, defaults={"title": title, "url": url})
        if not is_new and ((title and thread.title != title) or thread.url != url):
            thread.title, thread.url = title or thread.title, url
            thread.save(update_fields=["title", "url"])
        return thread

    def counts(self, keys: Iterable[str]) -> dict[str, int]:
        """Numbers of public comments by key; keys without a thread are left out. One query."""
        return dict(self.filter(key__in=[str(key) for key in keys]).values_list("key", "comment_count"))


class CommentQuerySet(models.QuerySet["Comment"]):
    def public(self) -> Self:
        """What every reader may read."""
        return self.filter(status="approved")

    def owned_by(self, reader: Reader) -> Self:
        """What this browser posted, and what was posted anywhere with an address that has been confirmed in it."""
        if not reader.commenter_ids:
            return self.filter(reader=reader)
        return self.filter(Q(reader=reader) | Q(commenter__in=reader.commenter_ids))

    def visible_to(self, reader: Reader | None) -> Self:
        """What is public or stands as a tombstone, and what is this reader's own, however that stands."""
        shown = Q(status="approved") | Q(is_listed=True)
        if reader is not None:
            shown |= Q(reader=reader)
            if reader.commenter_ids:
                shown |= Q(commenter__in=reader.commenter_ids)
        return self.filter(shown)

    def pending(self) -> Self:
        return self.filter(status="pending")

    def in_queue(self, queue: str) -> Self:
        """The rows of a queue of the desk.

        Args:
            queue: `pending`, `reported`, `spam`, `rejected`, `sample` or `all`.

        Raises:
            ValueError: there is no such queue.
        """
        if queue == "reported":
            return self.filter(report_count__gt=0)
        if queue in {"pending", "spam", "rejected"}:
            return self.filter(status=queue)
        if queue == "sample":
            # The first condition makes it an inner join, which begins with the few rows of the sample.
            return self.filter(sample__drawn_at__isnull=False, sample__settled_at__isnull=True)
        if queue == "all":
            return self.all()
        raise ValueError(queue)

    def roots(self) -> Self:
        """Conversations that a page lists: public comments that answer nobody, and tombstones that have replies."""
        return self.filter(parent__isnull=True, is_listed=True)

    def with_parents(self) -> Self:
        """Add the name and status of what each comment answers, as `parent_name` and `parent_status`."""
        return self.annotate(parent_name=F("parent__author_name"), parent_status=F("parent__status"))

    def matching(self, masks: Sequence[int]) -> Self:
        """Comments that carry any tag of each mask: any of one kind, all across kinds.

        Args:
            masks: for each kind with a selection, the bits of its selected tags.
        """
        rows = self
        for index, mask in enumerate(masks):
            name = f"_match_{index}"
            rows = rows.alias(**{name: F("tag_mask").bitand(mask)}).exclude(**{name: 0})
        return rows

    def untagged(self) -> Self:
        """Comments whose current revision nobody has tagged yet."""
        return self.filter(tagged_revision__lt=F("revision")).exclude(status="withdrawn")
