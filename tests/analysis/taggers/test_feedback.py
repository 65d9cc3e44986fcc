"""What an article's own comments teach: words that go with a tag, never a comment's own word for itself."""

import random

import pytest

from analysis.taggers import LEXICAL, TaggingContext
from analysis.taggers.feedback import Feedback
from analysis.taxonomy import TagDefinition

SURE, NOT = 4.0, -4.0


def taught() -> Feedback:
    """Two tags; the comments of the first also speak of turbidity, those of the second of nets."""
    chance = random.Random(3)
    noise = ["garden", "soup", "bicycle", "weather", "music"]
    documents = []
    first = []
    for number in range(30):
        words = (["dredg", "turbid"], ["quay", "net"], [])[number % 3]
        documents.append((f"text {number}", [*words, chance.choice(noise), chance.choice(noise)]))
        first.append([SURE if number % 3 == 0 else NOT, SURE if number % 3 == 1 else NOT])
    return Feedback(documents, first)


def test_a_word_that_goes_with_a_tag_speaks_for_it_and_against_the_other():
    one, other = taught().logits("new", ["turbid", "soup"])
    assert one > 0 > other
    assert taught().weight("turbid", 0) > 0.4 > taught().weight("turbid", 1)


def test_a_word_that_nobody_used_says_nothing():
    assert taught().logits("new", ["zebra"]) == [0.0, 0.0]
    assert taught().logits("new", []) == [0.0, 0.0]
    assert taught().weight("zebra", 0) == 0.0


def test_a_comment_does_not_confirm_itself():
    documents = [("alone", ["dredg", "pelican", "pelican"]), ("twin", ["pelican", "soup"])]
    documents += [(f"text {number}", ["soup", "garden", f"w{number % 4}"]) for number in range(30)]
    feedback = Feedback(documents, [[SURE], [NOT], *[[NOT]] * 30])
    assert (
        feedback.logits("alone", ["dredg", "pelican", "pelican"])[0] <= feedback.logits("new", ["dredg", "pelican"])[0]
    )


def test_what_people_said_of_a_comment_teaches_more_than_what_the_tagger_believes():
    documents = [("said", ["pelican", "soup"]), ("another", ["pelican", "music"])]
    documents += [(f"text {number}", ["soup", "music", f"w{number % 4}"]) for number in range(30)]
    believed = [[NOT], [NOT], *[[NOT]] * 30]
    alone = Feedback(documents, believed).logits("new", ["pelican"])[0]
    yes = Feedback(documents, believed, {0: {0: True}}).logits("new", ["pelican"])[0]
    no = Feedback(documents, [[SURE], *believed[1:]], {0: {0: False}}).logits("new", ["pelican"])[0]
    assert yes > max(alone, no)


def test_a_tag_that_people_left_undecided_keeps_what_the_tagger_believes():
    documents = [(f"text {number}", ["pelican" if number < 4 else "soup", f"w{number % 4}"]) for number in range(30)]
    believed = [[SURE if number < 4 else NOT, NOT] for number in range(30)]
    plain = Feedback(documents, believed).weight("pelican", 0)
    assert Feedback(documents, believed, {9: {1: False}}).weight("pelican", 0) == pytest.approx(plain, abs=0.05)


def test_comments_without_anything_in_common_teach_nothing():
    documents = [(f"text {number}", [f"a{number}", f"b{number}"]) for number in range(30)]
    feedback = Feedback(documents, [[SURE if number < 5 else NOT] for number in range(30)])
    assert feedback.logits("new", ["a1", "b9"]) == [0.0]


@pytest.mark.parametrize("texts", [["", " ", "😀"] * 20, ["the same words again"] * 40, ["a" * 4000] * 30])
def test_odd_comments_are_no_trouble(texts):
    definition = TagDefinition("quay", "position", "The quay", "")
    context = TaggingContext(texts=tuple(f"{text} {number}" for number, text in enumerate(texts)))
    chances = LEXICAL.prepare((definition,), context).zero_shot("The quay.")
    assert len(chances) == 1
    assert 0 <= chances[0] <= 1


def test_the_order_of_the_comments_hardly_matters():
    order = random.Random(11).sample(range(12), 12)
    documents = [(f"text {number}", ["quay" if number % 2 else "soup", f"w{number % 3}"]) for number in range(12)]
    first = [[SURE if number % 2 else NOT] for number in range(12)]
    plain = Feedback(documents, first).logits("new", ["quay", "w1"])
    mixed = Feedback([documents[at] for at in order], [first[at] for at in order]).logits("new", ["quay", "w1"])
    assert mixed == pytest.approx(plain, abs=1e-6)
