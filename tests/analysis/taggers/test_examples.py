"""Learning a tag from examples: when there is a model, what it is kept as, and what it does to a tagger."""

import json
import random

import pytest

from analysis.taggers import LEXICAL, LabelledText, Outcome, TaggingContext
from analysis.taggers.examples import FEWEST_POSITIVES, stems_of, train
from analysis.taggers.learned import LearnedError, TagModel
from analysis.taggers.lexical import SCORER
from analysis.taxonomy import TagDefinition

QUAY = TagDefinition("quay", "position", "The fishermen's quay", "The fishermen keep their place.")
PERMIT = TagDefinition("permit", "indicator", "The Dredging Permit", "Whether the port may dredge.")
OYSTERS = [
    f"The oyster beds will suffocate, says my neighbour {name}." for name in ("Ada", "Bo", "Cy", "Di", "Ed", "Flo")
]
OTHERS = [f"The {dish} at the ferry bar was cold on day {number}." for number, dish in enumerate(["soup", "fish"] * 6)]


def examples(positives: int = 6) -> list[LabelledText]:
    yes = [LabelledText(text, frozenset({"quay"})) for text in OYSTERS[:positives]]
    return yes + [LabelledText(text, frozenset()) for text in OTHERS]


def trained(some: list[LabelledText], **options) -> TagModel | None:
    return train(QUAY, some, [0.2] * len(some), scorer=SCORER, **options)


def test_examples_that_share_words_make_a_model_that_is_better_where_it_was_not_looking():
    model = trained(examples())
    assert model is not None
    assert (model.tag, model.positives, model.examples) == ("quay", 6, 18)
    assert model.after.f1 > model.before.f1
    assert model.probability(0.2, stems_of("Who will pay for the oyster beds?")) > 0.5
    assert model.probability(0.2, stems_of("The soup was cold.")) < 0.2


def test_with_fewer_than_three_positives_nothing_is_learned():
    assert FEWEST_POSITIVES == 3
    assert trained(examples(2)) is None
    assert trained(examples(3)) is not None


def test_without_negatives_nothing_is_learned():
    assert trained([one for one in examples() if one.tags]) is None


def test_examples_that_have_nothing_in_common_are_not_believed():
    chance = random.Random(5)
    some = [LabelledText(f"word{number}", frozenset({"quay"} if chance.random() < 0.3 else ())) for number in range(60)]
    assert train(QUAY, some, [0.3] * 60) is None


def test_where_the_tagger_knows_already_nothing_is_learned():
    some = [LabelledText(f"word{number}", frozenset({"quay"} if number < 20 else ())) for number in range(40)]
    assert train(QUAY, some, [0.99] * 20 + [0.01] * 20) is None


def test_an_example_that_says_nothing_about_the_tag_changes_nothing():
    silent = LabelledText("Oysters, oysters, oysters.", frozenset({"permit"}), frozenset())
    assert trained([*examples(), silent]) == trained(examples())


def test_the_same_examples_make_the_same_model():
    stems = [stems_of(one.text) for one in examples()]
    assert trained(examples()) == trained(examples()) == trained(examples(), stems=stems)


def test_a_model_is_kept_as_plain_json_and_read_back():
    model = trained(examples())
    kept = json.loads(json.dumps(model.to_json()))
    again = TagModel.from_json(kept)
    text = stems_of("The oyster beds again, says Ada.")
    assert again.to_json() == kept
    assert again.probability(0.2, text) == pytest.approx(model.probability(0.2, text), abs=1e-4)


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 99},
        {"format": None},
        {"weights": None},
        {"weights": {"oyster": "much"}},
        {"bias": float("nan")},
        {"words": True},
        {"before": {"f1": 1.0}},
        {"after": {"f1": 1.0, "colour": 2.0}},
    ],
)
def test_a_state_that_cannot_be_read_is_refused(damage):
    with pytest.raises(LearnedError, match="train it anew"):
        TagModel.from_json({**trained(examples()).to_json(), **damage})


QUESTION = "And the oyster beds, who thinks of them?"


def test_a_tagger_trains_on_the_examples_of_its_context():
    context = TaggingContext(examples=tuple(examples()))
    assert LEXICAL.tag(QUESTION, (QUAY, PERMIT)).outcome is Outcome.NONE
    (score,) = LEXICAL.tag(QUESTION, (QUAY, PERMIT), context).shown
    assert score.tag == "quay"
    assert "oyster beds" in score.words


def test_a_model_that_was_trained_before_is_used_without_training():
    context = TaggingContext(models={"quay": trained(examples())})
    assert [score.tag for score in LEXICAL.tag(QUESTION, (QUAY, PERMIT), context).shown] == ["quay"]
    none = TaggingContext(examples=tuple(examples()), models={})
    assert LEXICAL.tag(QUESTION, (QUAY, PERMIT), none).shown == ()


def test_a_model_of_another_scorer_is_not_used():
    model = train(QUAY, examples(), [0.2] * 18, scorer="embeddings 1")
    assert LEXICAL.tag(QUESTION, (QUAY, PERMIT), TaggingContext(models={"quay": model})).shown == ()


def test_where_models_are_kept_what_a_tagger_says_without_them_does_not_depend_on_labels():
    texts = tuple(OYSTERS + OTHERS + [f"The dredging permit {number} again." for number in range(20)])
    turned = tuple(LabelledText(one.text, frozenset() if one.tags else frozenset({"quay"})) for one in examples())
    one, other = (
        LEXICAL.prepare((QUAY, PERMIT), TaggingContext(texts=texts, examples=some, models={})).zero_shot(QUESTION)
        for some in (tuple(examples()), turned)
    )
    assert one == other


def test_examples_of_a_file_show_which_comments_are_alike():
    texts = tuple(OYSTERS + OTHERS + [f"The dredging permit {number} again." for number in range(20)])
    turned = tuple(LabelledText(one.text, frozenset() if one.tags else frozenset({"quay"})) for one in examples())
    one, other = (
        LEXICAL.prepare((QUAY, PERMIT), TaggingContext(texts=texts, examples=some)).zero_shot("Think of the oysters!")
        for some in (tuple(examples()), turned)
    )
    assert one[0] > 0.5 > other[0]
