"""Facets: the tags of a result set, each with its count under the present selection and a link that toggles it.

Pure functions over counts of tag combinations (`FacetCount` for a thread; a queue counts its own). The reader's page,
the API and the desk's queue share them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from comments.errors import Sentence

if TYPE_CHECKING:
    from comments.models import Tag

KIND_LABELS: dict[str, Sentence] = {"indicator": _("Things to watch"), "position": _("Positions discussed")}


@dataclass(frozen=True, slots=True)
class Facet:
    """One tag as a filter.

    Args:
        count: comments that would be listed with this tag and what is selected of the other kinds.
        toggle_url: the page with this tag switched on, or off where it is on.
    """

    slug: str
    label: str
    description: str
    count: int
    is_selected: bool
    toggle_url: str


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """The facets of one kind."""

    kind: str
    label: Sentence
    facets: tuple[Facet, ...]


def masks_of(tags: Iterable[Tag], selected: Iterable[str]) -> list[int]:
    """For each kind with a selection, the bits of its selected tags."""
    wanted = set(selected)
    masks: dict[str, int] = {}
    for tag in tags:
        if tag.slug in wanted:
            masks[tag.kind] = masks.get(tag.kind, 0) | tag.mask
    return list(masks.values())


def count_matching(counts: Mapping[int, int], masks: Sequence[int]) -> int:
    """Number of comments that carry any tag of each mask."""
    return sum(count for mask, count in counts.items() if all(mask & wanted for wanted in masks))


def groups(
    tags: Sequence[Tag],
    counts: Mapping[int, int],
    selected: frozenset[str],
    url_for: Callable[[frozenset[str]], str],
) -> list[FacetGroup]:
    """The facets of a result set, one group a kind, in the order of the tags.

    Args:
        counts: number of comments for each combination of tags, before any selection.
        selected: slugs in force.
        url_for: makes the link for a set of slugs.
    """
    kinds = list(dict.fromkeys(tag.kind for tag in tags))
    found = []
    for kind in sorted(kinds):
        others = masks_of((tag for tag in tags if tag.kind != kind), selected)
        found.append(
            FacetGroup(
                kind,
                KIND_LABELS.get(kind, kind),
                tuple(
                    Facet(
                        slug=tag.slug,
                        label=tag.label,
                        description=tag.description,
                        count=count_matching(counts, [*others, tag.mask]),
                        is_selected=tag.slug in selected,
                        toggle_url=url_for(selected ^ {tag.slug}),
                    )
                    for tag in tags
                    if tag.kind == kind
                ),
            )
        )
    return found
