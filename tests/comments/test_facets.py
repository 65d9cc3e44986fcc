"""Facets as pure functions: no database, no request."""

from __future__ import annotations

from types import SimpleNamespace

from comments import facets

TAGS = [
    SimpleNamespace(slug=slug, kind=kind, label=slug.title(), description="", mask=1 << bit)
    for bit, (slug, kind) in enumerate([("jobs", "position"), ("fish", "indicator"), ("quay", "indicator")])
]
COUNTS = {0b000: 5, 0b001: 2, 0b010: 3, 0b011: 1, 0b110: 4}


def groups(*selected: str) -> dict[str, dict[str, tuple[int, bool]]]:
    found = facets.groups(TAGS, COUNTS, frozenset(selected), lambda slugs: "?" + "&".join(sorted(slugs)))
    return {group.kind: {facet.slug: (facet.count, facet.is_selected) for facet in group.facets} for group in found}


def test_without_a_selection_each_tag_counts_what_carries_it():
    assert groups() == {
        "indicator": {"fish": (8, False), "quay": (4, False)},
        "position": {"jobs": (3, False)},
    }


def test_a_selection_narrows_the_other_kinds_and_leaves_its_own():
    assert groups("fish") == {"indicator": {"fish": (8, True), "quay": (4, False)}, "position": {"jobs": (1, False)}}
    assert groups("jobs")["indicator"] == {"fish": (1, False), "quay": (0, False)}


def test_a_link_toggles_its_tag_and_keeps_the_rest():
    (indicators, positions) = facets.groups(TAGS, COUNTS, frozenset({"fish"}), lambda slugs: ",".join(sorted(slugs)))
    assert [facet.toggle_url for facet in indicators.facets] == ["", "fish,quay"]
    assert [facet.toggle_url for facet in positions.facets] == ["fish,jobs"]


def test_no_tags_give_no_groups():
    assert facets.groups([], {0: 3}, frozenset(), lambda slugs: "") == []


def test_masks_join_within_a_kind_and_stand_apart_across_kinds():
    assert sorted(facets.masks_of(TAGS, {"jobs", "fish", "quay"})) == [0b001, 0b110]
    assert facets.masks_of(TAGS, {"unknown"}) == []
    assert facets.count_matching(COUNTS, []) == 15
