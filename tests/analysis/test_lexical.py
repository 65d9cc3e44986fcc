"""The lexical tagger: what counts as evidence, what does not, and what holds for every text."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.taggers import (
    LEXICAL,
    SHOWN_FROM,
    UNCERTAIN_FROM,
    LabelledText,
    Outcome,
    PreparedTagger,
    Tagger,
    TaggingContext,
    Verdict,
)
from analysis.taggers.stems import Languages, guess_languages, tokenise
from analysis.taxonomy import TagDefinition

HARBOUR = (
    TagDefinition(
        "dredging",
        "indicator",
        "The Dredging Permit",
        "Whether the agency lets the port dredge the shipping channel.",
        ("silt", "deepen the channel", "дозвіл на поглиблення", "Baggergenehmigung"),
    ),
    TagDefinition(
        "plan", "indicator", "The 20-Point Plan", "Whether the council adopts the plan.", ("20-point plan", "vote now")
    ),
    TagDefinition("fishers", "position", "", "The fishermen keep their quay and their cease-fire with the port."),
)
PREPARED = LEXICAL.prepare(HARBOUR)


def shown(text: str) -> set[str]:
    return {score.tag for score in PREPARED.tag(text).shown}


def test_the_lexical_tagger_follows_the_protocol():
    assert isinstance(LEXICAL, Tagger)
    assert isinstance(PREPARED, PreparedTagger)
    assert (LEXICAL.name, LEXICAL.version) == ("lexical", "5")


def test_a_comment_about_a_tag_gets_it_with_the_words_that_tell():
    text = "I fear that the dredging permit will be granted: they dredge everything."
    tagged = PREPARED.tag(text)
    assert tagged.outcome is Outcome.TAGGED
    (score,) = tagged.shown
    assert score.tag == "dredging"
    assert score.words[0] == "dredging permit"
    assert [text[span.start : span.end] for span in score.evidence] == list(score.words)


def test_a_comment_about_something_else_gets_none():
    tagged = PREPARED.tag("My grandmother makes the best soup in town, with leeks.")
    assert (tagged.outcome, tagged.tags) == (Outcome.NONE, ())


@pytest.mark.parametrize("text", ["the 20-point plan", "a 20 point plan", "a twenty-point plan", "Twenty points plan?"])
def test_numbers_match_in_every_spelling(text):
    assert shown(text) == {"plan"}


@pytest.mark.parametrize("text", ["I am twenty-six.", "Scored 20 today.", "We should vote for it one day."])
def test_a_number_or_an_everyday_word_alone_is_no_evidence(text):
    assert shown(text) == set()


def test_a_cue_of_everyday_words_needs_all_of_them():
    assert [score.tag for score in PREPARED.tag("Vote now, I say.").tags] == ["plan"]
    assert PREPARED.tag("Vote, and now to bed.").outcome is not Outcome.TAGGED


CUED = LEXICAL.prepare(
    (
        TagDefinition(
            "haste",
            "position",
            "The quick vote",
            "Whether the council votes at once.",
            ("sign it", "sign the lease", "get it done", "stop the dredging", "rubber stamp", "20-berth marina"),
        ),
        TagDefinition("pledge", "indicator", "The guarantee", "", ("guarantees", "land", "Moscow", "szybka umowa")),
        TagDefinition("idiom", "indicator", "The ferry bar", "", ("Moscow mule",)),
    )
)


def cued(text: str) -> dict[str, tuple[str, ...]]:
    return {score.tag: score.words for score in CUED.tag(text).shown}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sign the lease.", ("Sign the lease",)),
        ("They are signing leases again.", ("signing leases",)),
        ("Sign the damned lease!", ("Sign the damned lease",)),
        ("A rubber-stamped decision.", ("rubber-stamped",)),
        ("They stopped all of the dredging.", ("stopped all of the dredging",)),
        ("What about a twenty-berth marina?", ("twenty-berth marina",)),
    ],
)
def test_a_cue_is_met_inflected_hyphenated_and_with_a_word_in_between(text, words):
    assert cued(text) == {"haste": words}


@pytest.mark.parametrize(
    "text",
    [
        "It turned out to be a sign, it rained.",  # punctuation between everyday words
        "Get over it, we have all done that.",  # everyday words alone leave no gap
    ],
)
def test_words_of_a_cue_that_do_not_make_the_phrase_are_not_the_cue(text):
    assert "haste" not in cued(text)


@pytest.mark.parametrize(
    "text", ["Sign, and let your uncle sell his boat, lease or not.", "You may sign. There is the lease."]
)
def test_words_of_a_cue_that_stand_apart_say_less_than_the_cue(text):
    apart, together = (
        {score.tag: score.confidence for score in CUED.tag(one).tags}["haste"] for one in (text, "Sign the lease.")
    )
    assert apart < together


@pytest.mark.parametrize(
    "text",
    [
        "I guarantee you that it rains on Sunday.",
        "I can guarantee they serve soup.",
        "It comes with a money-back guarantee.",
        "He will land on his feet.",
        "My cousin will land a job there.",
    ],
)
def test_a_cue_inside_an_everyday_idiom_is_not_the_cue(text):
    assert CUED.tag(text).tags == ()


def test_the_same_word_outside_the_idiom_is_the_cue():
    assert cued("Without a guarantee this is worthless, I guarantee you.") == {"pledge": ("guarantee",)}
    assert cued("No guarantees.") == {"pledge": ("guarantees",)}


def test_an_idiom_that_an_article_uses_is_no_idiom_there():
    assert cued("A Moscow mule for everybody!")["idiom"] == ("Moscow mule",)


def test_an_idiom_is_muted_where_no_definition_uses_it():
    (definition,) = (TagDefinition("capital", "indicator", "The capital", "", ("Moscow",)),)
    assert [score.tag for score in LEXICAL.tag("News from Moscow.", [definition]).tags] == ["capital"]
    assert LEXICAL.tag("Two Moscow mules, please.", [definition]).tags == ()


def test_a_cue_of_everyday_words_alone_tells_when_it_stands_whole():
    assert {score.tag for score in CUED.tag("So get it done, and get it done well.").tags} == {"haste"}
    assert CUED.tag("It has to be done, so get on with it.").tags == ()


def test_polish_inflection_does_not_hide_a_cue():
    assert set(cued("Nie chcę szybkiej umowy, bo to się źle skończy.")) == {"pledge"}


def test_without_cues_their_absence_says_nothing():
    plain = TagDefinition("pier", "indicator", "The stone pier", "Whether the stone pier stays.")
    with_cue = TagDefinition("pier", "indicator", "The stone pier", "Whether the stone pier stays.", ("breakwater",))
    text = "I love the pier."
    (bare,), (cue,) = (LEXICAL.tag(text, [one]).tags for one in (plain, with_cue))
    assert bare.confidence > cue.confidence


def test_more_of_an_editors_words_never_make_a_tag_less_likely():
    one, two = (CUED.tag(text).shown[0].confidence for text in ("Sign the lease.", "Sign the lease, rubber stamp it."))
    assert two > one


@pytest.mark.parametrize("text", ["Their ceasefire with the fishermen!", "Their cease-fire with the fishermen!"])
def test_hyphens_do_not_hide_a_word(text):
    assert shown(text) == {"fishers"}
    words = " ".join(word for score in PREPARED.tag(text).shown for word in score.words)
    assert "fire" in words


@pytest.mark.parametrize(
    "text",
    ["Чи буде дозвіл на поглиблення каналу?", "Wird die Baggergenehmigung erteilt, oder nicht? Ich weiß es nicht."],
)
def test_cues_work_in_the_language_of_the_comment(text):
    assert shown(text) == {"dredging"}


def test_a_stem_that_two_tags_share_tells_neither():
    twins = (
        TagDefinition("north", "indicator", "The Northern Lighthouse", ""),
        TagDefinition("south", "indicator", "The Southern Lighthouse", ""),
    )
    tagged = LEXICAL.tag("A lighthouse, how romantic.", twins)
    assert tagged.outcome is not Outcome.TAGGED


def test_the_articles_own_comments_teach_words_that_go_with_a_tag():
    chance = random.Random(7)
    noise = ["garden", "soup", "bicycle", "weather", "music", "cousin", "village", "holiday"]
    texts = [f"The dredging permit again, and the turbidity {chance.choice(noise)} {number}" for number in range(20)]
    texts += [f"Nothing but {chance.choice(noise)} and {chance.choice(noise)} {number}" for number in range(60)]
    question = "What about the turbidity?"
    assert LEXICAL.tag(question, HARBOUR).outcome is Outcome.NONE
    taught = LEXICAL.tag(question, HARBOUR, TaggingContext(texts=tuple(texts)))
    assert taught.outcome is not Outcome.NONE
    assert [(score.tag, score.words) for score in taught.tags] == [("dredging", ("turbidity",))]


def test_labelled_examples_teach_and_undecided_ones_do_not():
    examples = tuple(LabelledText(f"Oysters die {number}", frozenset({"fishers"})) for number in range(12))
    examples += tuple(LabelledText(f"Soup is ready {number}", frozenset()) for number in range(40))
    taught = LEXICAL.tag("Oysters!", HARBOUR, TaggingContext(examples=examples))
    assert [score.tag for score in taught.tags] == ["fishers"]
    undecided = tuple(LabelledText(one.text, frozenset(), frozenset()) for one in examples)
    assert LEXICAL.tag("Oysters!", HARBOUR, TaggingContext(examples=undecided)).tags == ()


def test_no_definitions_means_no_tags():
    assert LEXICAL.tag("The dredging permit.", ()).outcome is Outcome.NONE


HOSTILE = {
    "empty": "",
    "blank": " \n\t ",
    "emoji": "😀" * 5000,
    "one word": "a" * 4000,
    "linear b": "\U00010000\U00010001" * 2000,
    "combining marks": "e" + "\u0301" * 5000,
    "lone surrogates": "\ud800" * 100,
    "nul": "\0" * 1000 + "dredging",
    "full stops": "." * 20_000 + "x",
    "quotation marks": ".\"'" * 6000 + "x",
    "hyphens": "a-" * 10_000,
    "apostrophes": "a'" * 10_000,
    "spaceless": "港" * 20_000,
    "repeated cue": "deepen the channel dredging permit " * 600,
    "half an idiom": "i can " * 5000,
    "a row of hyphens": "dredging-" * 2200,
    "different words": " ".join(f"w{number}q" for number in range(3500)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_answered_in_bounded_time(name):
    started = time.perf_counter()
    tagged = PREPARED.tag(HOSTILE[name])
    assert time.perf_counter() - started < 2.0
    assert tagged.outcome in Outcome


@pytest.mark.parametrize("name", ["empty", "blank", "emoji", "one word", "linear b", "lone surrogates"])
def test_texts_without_words_get_none(name):
    assert PREPARED.tag(HOSTILE[name]).outcome is Outcome.NONE


english = st.sampled_from(
    ("dredging", "permit", "twenty-point", "20", "plan", "silt", "cease-fire", "quay", "fishermen", "deepen", "channel")
)
others = st.sampled_from(
    ("дозвіл", "поглиблення", "the", "not", ". ", "\n", "港", "港港", "e\u0301", "😀", "\u200d", "'", "-", "x" * 50)
)
comments = st.lists(english | others | st.text(max_size=6), max_size=40).map(" ".join) | st.text(max_size=200)


@given(comments)
@settings(max_examples=200)
def test_evidence_lies_in_the_text_and_a_shown_tag_always_has_some(text):
    tagged = PREPARED.tag(text)
    for score in tagged.tags:
        assert UNCERTAIN_FROM <= score.confidence <= 1
        assert (score.verdict is Verdict.SHOWN) == (score.confidence >= SHOWN_FROM)
        assert score.evidence
        end = 0
        for span, word in zip(score.evidence, score.words, strict=True):
            assert end <= span.start < span.end <= len(text)
            assert text[span.start : span.end] == word
            end = span.end
    expected = Outcome.TAGGED if tagged.shown else Outcome.UNCERTAIN if tagged.tags else Outcome.NONE
    assert tagged.outcome is expected


@given(comments)
def test_the_same_text_always_gets_the_same_answer(text):
    assert PREPARED.tag(text) == LEXICAL.tag(text, HARBOUR)


@given(comments)
def test_tokens_are_in_order_and_quote_the_text(text):
    tokens = tokenise(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    assert [token.sentence for token in tokens] == sorted(token.sentence for token in tokens)


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("The harbour is ours.", Languages("en", "uk")),
        ("Das ist nicht der Hafen, den wir haben wollen.", Languages("de", "uk")),
        ("Le port est à nous et nous ne le donnons pas.", Languages("fr", "uk")),
        ("El puerto es nuestro y no lo damos por nada.", Languages("es", "uk")),
        ("Il porto è nostro e non lo diamo a nessuno.", Languages("it", "uk")),
        ("Port jest nasz i nie oddamy go nikomu, bo się przyda.", Languages("pl", "uk")),
        ("Порт наш, і ми його не віддамо.", Languages("en", "uk")),
        ("Порт наш, и мы его не отдадим.", Languages("en", "ru")),
        ("", Languages("en", "uk")),
    ],
)
def test_languages_are_guessed_from_script_and_stop_words(text, languages):
    assert guess_languages(text) == languages


@pytest.mark.parametrize(
    ("one", "other"),
    [("гарантії", "гарантій"), ("безпеки", "безпека"), ("референдуму", "референдум"), ("коаліція", "коаліцію")],
)
def test_ukrainian_words_meet_in_one_stem(one, other):
    languages = Languages("en", "uk")
    assert tokenise(one, languages)[0].stem == tokenise(other, languages)[0].stem
