"""Words that stand for one another: met at a part of their worth, in English, and never in the place of a cue."""

from __future__ import annotations

from analysis.taggers.definitions import SYNONYM_WORTH, build_index
from analysis.taggers.stems import Languages, stem_word
from analysis.taggers.synonyms import SYNONYMS
from analysis.taxonomy import TagDefinition

CLINIC = TagDefinition("clinic", "indicator", "Physicians", "Whether physicians are paid more.", ("nurses",))


def test_a_word_that_stands_for_the_definitions_own_counts_a_part_of_it() -> None:
    index = build_index([CLINIC], Languages(), {})
    (own,), (other,) = index.lookup(stem_word("physicians", "en"))[1], index.lookup(stem_word("doctor", "en"))[1]
    assert other.total == own.total * SYNONYM_WORTH
    assert other.cues == 0.0


def test_a_word_that_the_definitions_hold_stands_for_itself() -> None:
    surgery = TagDefinition("surgery", "indicator", "Doctors", "Whether doctors operate.")
    index = build_index([CLINIC, surgery], Languages(), {})
    assert {weight.tag for weight in index.lookup(stem_word("doctors", "en"))[1]} == {1}


def test_a_comment_in_another_language_is_read_by_its_own_words() -> None:
    index = build_index([CLINIC], Languages(latin="de"), {})
    assert index.lookup("doctor")[1] == ()


def test_words_stand_for_one_another_both_ways_and_none_for_itself() -> None:
    for stem, others in SYNONYMS.items():
        assert stem not in others
        assert all(stem in SYNONYMS[other] for other in others)
