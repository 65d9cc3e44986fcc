"""What is learned, and that the web process says the same without the library that learned it."""

from __future__ import annotations

import functools
import json
import math
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.screening import training
from analysis.screening.features import behaviour_of, see
from analysis.screening.measures import Judged, Thresholds, choose, figures_of, log_loss, reliability, route
from analysis.screening.model import StateError, from_json
from analysis.screening.training import Example, TrainingError, train
from comments.screening.verdict import Facts

from .conftest import made

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def trained():
    return train(made(200))


@pytest.fixture(scope="module")
def with_rejects():
    return train(made(240, rejects=True))


def facts(text, name="", website=""):
    return Facts(text=text, name=name, website=website)


def test_it_tells_spam_from_talk(trained):
    figures = figures_of(
        [
            Judged(one.label, scored.spam, scored.bad)
            for one in made(200, seed=2)
            for scored in [trained.model.score(one.seen())]
        ],
        trained.thresholds,
    )
    assert figures.spam_f1 > 0.95
    assert figures.ham_to_spam <= 0.02


def test_what_is_rejected_is_no_spam_and_still_not_published(with_rejects):
    rude = with_rejects.model.score(see(facts("the council and the school is idiot liar", "Carl")))
    assert rude.bad > 0.5 > rude.spam
    figures = figures_of(with_rejects.judged, with_rejects.thresholds)
    assert figures.reject == 60
    assert figures.bad_published < 0.2


def test_the_name_alone_can_tell(trained):
    text = "it is the garden of my school"
    talk, sold = (trained.model.score(see(facts(text, name))).spam for name in ("Carl", "Sofa World"))
    assert sold > talk


def test_it_explains_itself_by_words_of_the_comment(trained):
    seen = see(facts("Sofas and PILLOWS for the harbour", "Carl"))
    assert {"sofas", "pillows"} <= set(trained.model.words(seen))
    assert "harbour" not in trained.model.words(seen)


def test_the_order_of_the_comments_makes_no_difference(trained):
    shuffled = made(200)
    random.Random(5).shuffle(shuffled)
    assert train(shuffled).model.to_json() == trained.model.to_json()


def test_the_process_that_learns_apart_says_the_same(trained):
    apart = training.train_apart(made(200), spam_error=0.01, hold_error=0.05)
    assert apart.model.to_json() == trained.model.to_json()
    assert apart.judged == trained.judged


def test_the_process_that_learns_apart_says_why_it_cannot():
    with pytest.raises(TrainingError, match="label at least 4"):
        training.train_apart(made(2), spam_error=0.01, hold_error=0.05)


def test_words_that_too_few_persons_used_are_not_learned():
    alone = [Example("spam", "zanzibarium " * 3, "one person", "Zorro") for _ in range(20)]
    learned = train([*made(100), *alone]).model.spam.weights
    assert not [feature for feature in learned if "zanzi" in feature or "zorro" in feature]
    shared = [Example("spam", "zanzibarium", f"person {at}") for at in range(3)]
    assert "zanzibarium" in train([*made(100), *shared]).model.spam.weights


def test_one_kind_alone_teaches_nothing():
    with pytest.raises(TrainingError, match="0 spam and 20 good"):
        train([one for one in made(40) if one.label == "ham"])


def test_what_one_person_wrote_stands_in_one_part():
    examples = [Example("spam" if at % 2 else "ham", f"text {at}", f"owner {at // 7}") for at in range(70)]
    folds = training._folds(examples)
    by_owner = {one.owner: set() for one in examples}
    for one, fold in zip(examples, folds, strict=True):
        by_owner[one.owner].add(fold)
    assert all(len(parts) == 1 for parts in by_owner.values())
    assert set(folds) == set(range(5))


WORDS = st.lists(
    st.sampled_from(["sofas", "pillows", "harbour", "the", "my", "£5", "http://x.com/buy", "???"]), max_size=30
)


@settings(max_examples=60, deadline=None)
@given(words=WORDS, name=st.sampled_from(["", "Carl", "Sofa World"]))
def test_the_plain_numbers_say_what_the_library_says(words, name):
    """The state as JSON gives the probability of scikit-learn's own line."""
    model, fitted = learned_once()
    seen = see(facts(" ".join(words), name))
    said = from_json(json.loads(json.dumps(model.to_json()))).score(seen)
    distance = fitted.distances([seen])[0][0]
    assert said.spam == pytest.approx(model.spam.probability(distance), abs=2e-3)


@functools.cache
def learned_once():
    """A model, and the library's own line that it was made from."""
    examples = sorted(made(200), key=lambda one: (one.owner, one.text, one.label))
    fitted = training._fit(examples, [one.seen() for one in examples], range(200), has_reject=False)
    return train(examples).model, fitted


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=300), name=st.text(max_size=40), website=st.text(max_size=60))
def test_no_text_upsets_it(text, name, website):
    seen = see(Facts(text=text, name=name, website=website, links=(website,)))
    model, _fitted = learned_once()
    scored = model.score(seen)
    assert 0 <= scored.spam <= scored.bad <= 1
    assert all(isinstance(word, str) for word in model.words(seen))


def test_a_long_text_costs_no_more_than_its_ends():
    seen = see(facts("word " * 200_000))
    assert len(seen.blocks[0]) < 100


def test_how_it_was_sent_is_evidence():
    assert list(behaviour_of(Facts(text="a", seconds=0.1, other_repeats=1, near_repeats=1))) == [
        "too_fast", "repeated", "near_repeated",
    ]  # fmt: skip
    assert see(facts("a"), behaviour=["too_fast", "links"]).counts["m:too_fast"] == 1.0


def test_the_web_process_does_not_load_the_library():
    code = (
        "import django; django.setup(); import sys, newsroom.urls, analysis.tasks, analysis.screening.screen, "
        "analysis.desk.screening; print([one for one in ('sklearn', 'scipy', 'numpy') if one in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        {},
        {"format": 2},
        {"format": 1, "features": "ab"},
        {"format": 1, "features": [1], "spam": {}},
        {"format": 1, "features": ["a"], "spam": {"weights": []}},
        {"format": 1, "features": ["a"], "spam": {"weights": ["1"], "bias": 0, "slope": 1, "shift": 0}},
        {"format": 1, "features": ["a"], "spam": {"weights": [math.nan], "bias": 0, "slope": 1, "shift": 0}},
        {"format": 1, "features": ["a"], "spam": {"weights": [1], "bias": True, "slope": 1, "shift": 0}},
        {"format": 1, "features": ["a"], "spam": {"weights": [1], "bias": 0, "slope": 1, "shift": 0}, "spam_from": 1},
    ],
)
def test_what_is_no_model_is_refused(state):
    with pytest.raises(StateError):
        from_json(state)


# --- thresholds and figures ------------------------------------------------------------------------------------------

PROBABILITIES = st.lists(
    st.builds(
        lambda label, one, other: Judged(label, min(one, other), max(one, other)),
        st.sampled_from(["ham", "spam", "reject"]),
        st.floats(0, 1),
        st.floats(0, 1),
    ),
    max_size=80,
)


@given(judged=PROBABILITIES, spam_error=st.floats(0.001, 0.5), hold_error=st.floats(0.001, 0.5))
def test_thresholds_keep_the_accepted_errors(judged, spam_error, hold_error):
    chosen = choose(judged, spam_error=spam_error, hold_error=hold_error)
    assert 0 < chosen.hold_from <= chosen.spam_from < 1.001
    ham = [one for one in judged if one.label == "ham" and one.spam < 0.998]
    over = sum(1 for one in ham if one.spam >= chosen.spam_from)
    assert over <= spam_error * sum(1 for one in judged if one.label != "spam") + 1e-9


@pytest.mark.parametrize(("number", "most_over"), [(60, 12), (250, 5), (1000, 0)])
def test_a_threshold_keeps_the_error_on_further_comments(number, most_over):
    """The accepted error is a promise about what comes, not about what was learned from."""
    chance = random.Random(7)

    def scored(label, count):
        middle = 3.0 if label == "spam" else -3.0
        return [Judged(label, p, p) for p in (1 / (1 + math.exp(-chance.gauss(middle, 2.0))) for _ in range(count))]

    errors, recalls = [], []
    for _ in range(40):
        judged = [*scored("ham", number), *scored("spam", number)]
        chosen = choose(judged, spam_error=0.01, hold_error=0.05)
        figures = figures_of([*scored("ham", 2000), *scored("spam", 2000)], chosen)
        errors.append(figures.ham_to_spam)
        recalls.append(figures.spam_recall)
    assert 0.004 < sum(errors) / len(errors) < 0.013
    assert sum(error >= 0.02 for error in errors) <= most_over
    assert sum(recalls) / len(recalls) > 0.6


def test_few_good_comments_do_not_make_a_threshold_that_nothing_reaches():
    judged = [*(Judged("ham", at / 100, at / 100) for at in range(1, 50)), *(Judged("spam", 0.95, 0.95),) * 40]
    assert choose(judged, spam_error=0.01, hold_error=0.05).spam_from < 0.95


@given(judged=PROBABILITIES)
def test_figures_are_shares(judged):
    figures = figures_of(judged, Thresholds(0.8, 0.4))
    for name, value in figures.to_json().items():
        assert 0 <= value <= (1 if name not in ("number", "spam", "reject", "log_loss") else 100), name
    routed = route(judged, Thresholds(0.8, 0.4))
    assert routed.number == len(judged) >= routed.published_wrongly + routed.held_in_vain
    assert sum(band.number for band in reliability(judged)) == len(judged)


def test_better_probabilities_surprise_less():
    good = [Judged("ham", 0.1, 0.1), Judged("spam", 0.9, 0.9)]
    bad = [Judged("ham", 0.4, 0.4), Judged("spam", 0.6, 0.6)]
    assert log_loss(good) < log_loss(bad)
