"""Finds the comments of a page of a queue: by an index where there is one, by looking through a bounded stretch of the
queue where there is none. The desk's queue alone calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from django.utils import timezone

from comments.desk.narrowing import Age, View
from comments.models import Comment
from comments.querysets import CommentQuerySet
from comments.queues import Order, Place, strips
from comments.sanitize import plain_text

PAGE_SIZE = 25

WINDOW = 2_000
"""Comments that one page looks through for what no index knows; a link goes on from there."""

_MOST_OF_PERSON = 1_000
"""So many of somebody's latest comments are found again."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The comments of a page, by id and in order, and the places where the pages beside it begin.

    Args:
        searched: how many comments were looked through; 0 where an index knew.
        is_cut: whether the search stopped before the page was full and the queue at its end.
    """

    keys: list[int]
    next: Place | None
    previous: Place | None
    searched: int = 0
    is_cut: bool = False


def find(rows: CommentQuerySet, view: View, *, without: int | None = None) -> Found:
    """The comments of a page.

    Args:
        rows: those of the queue, narrowed by what indexes know.
        without: a comment that is shown elsewhere on the page.
    """
    is_backward = view.before is not None
    place = view.before if is_backward else view.after
    if without is not None:
        rows = rows.exclude(pk=without)
    order = view.in_force
    found = _scan(rows, view, place, is_backward) if view.needs_scan else _walk(rows, order, place, is_backward)
    kept, has_more, last, searched = found
    if is_backward:
        kept.reverse()
        behind, before = (Place.at(order, kept[-1]) if kept else last), last if has_more else None
    else:
        behind = last if has_more else None
        before = (Place.at(order, kept[0]) if kept else place) if place is not None else None
    return Found([row["pk"] for row in kept], behind, before, searched, has_more and len(kept) < PAGE_SIZE)


def of_person(comment: Comment) -> list[int]:
    """Ids of the latest comments from the address and the browser that a comment came from; at most two queries."""
    found: set[int] = {comment.pk}
    for name in ("commenter_id", "reader_id"):
        key = getattr(comment, name)
        if key is not None:
            # Each by its own index; with OR, the database would walk the queue.
            found |= set(
                Comment.objects.filter(**{name: key}).order_by("-pk").values_list("pk", flat=True)[:_MOST_OF_PERSON]
            )
    return sorted(found)


def _walk(
    rows: CommentQuerySet, order: Order, place: Place | None, is_backward: bool
) -> tuple[list[Row], bool, Place | None, int]:
    found: list[Row] = []
    columns = ("pk", order.column) if order.column else ("pk",)
    for strip in strips(rows, order, place, is_backward=is_backward):
        found += strip.values(*columns)[: PAGE_SIZE + 1 - len(found)]
        if len(found) > PAGE_SIZE:
            break
    has_more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    return found, has_more, Place.at(order, found[-1]) if found else None, 0


def _scan(
    rows: CommentQuerySet, view: View, place: Place | None, is_backward: bool
) -> tuple[list[Row], bool, Place | None, int]:
    """Look through the queue until the page is full, the queue at its end, or the window used up."""
    order = view.in_force
    fits = _test(view)
    columns = {"pk", *_columns(view)} | ({order.column} if order.column else set())
    parts = strips(rows, order, place, is_backward=is_backward)
    found: list[Row] = []
    last: Place | None = None
    searched = 0
    # One more than the window tells whether anything lies beyond.
    for row in chain.from_iterable(
        part.values(*sorted(columns))[: WINDOW + 1].iterator(chunk_size=250) for part in parts
    ):
        if searched == WINDOW or len(found) == PAGE_SIZE:
            # This one was not looked at: the next page begins with it.
            return found, True, last, searched
        searched += 1
        last = Place.at(order, row)
        if fits(row):
            found.append(row)
    return found, False, last, searched


def _columns(view: View) -> set[str]:
    wanted = {
        "screening": view.reason,
        "language": view.language,
        "created_at": view.age,
        "risk": view.risk,
        "html": view.text,
        "author_name": view.text,
        "author_website": view.text,
    }
    return {name for name, value in wanted.items() if value}


def _test(view: View) -> Callable[[Row], bool]:
    """Whether a row is what a view asks for, the cheap questions first."""
    tests: list[Callable[[Row], bool]] = []
    if view.language:
        tests.append(lambda row: row["language"] == view.language)
    if view.risk:
        least = view.risk * 10
        tests.append(lambda row: (row["risk"] or 0) >= least)
    if view.age:
        limit = timezone.now() - timedelta(seconds=view.age.seconds)
        if view.age is Age.OLDER:
            tests.append(lambda row: row["created_at"] < limit)
        else:
            tests.append(lambda row: row["created_at"] >= limit)
    if view.reason:
        tests.append(lambda row: any(entry.get("code") == view.reason for entry in row["screening"]))
    if view.text:
        wanted = view.text.casefold()
        tests.append(
            lambda row: (
                wanted in row["author_name"].casefold()
                or wanted in row["author_website"].casefold()
                or wanted in " ".join(plain_text(row["html"]).split()).casefold()
            )
        )
    return lambda row: all(test(row) for test in tests)
