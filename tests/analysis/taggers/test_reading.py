"""What a comment is read as: slips and relatives of a word, quoted lines, and the sentence shown as the reason."""

import pytest

from analysis.taggers import LEXICAL
from analysis.taggers.kin import Kin
from analysis.taggers.reading import text_of
from analysis.taxonomy import TagDefinition

LIBRARY = TagDefinition("library", "indicator", "Libraries in Winter", "Whether the council closes libraries.")
KREMLIN = TagDefinition("kremlin", "indicator", "The Kremlin reaction", "", ("Kremlin", "Witkoff"))
TAGS = (LIBRARY, KREMLIN)


@pytest.mark.parametrize(
    ("stem", "meant"),
    [
        ("kremiln", "kremlin"),  # swapped
        ("kremlim", "kremlin"),  # wrong
        ("kremmlin", "kremlin"),  # added
        ("kremln", "kremlin"),  # left out
        ("gremlin", None),  # another first letter is another word
        ("kreml", None),
        ("port", None),
        ("1994", None),
    ],
)
def test_a_slip_of_one_letter_in_a_long_word_is_that_word(stem, meant):
    assert Kin(["kremlin", "ports", "1995"]).slip(stem) == meant


@pytest.mark.parametrize(
    ("stem", "relative"),
    [("librarian", "librari"), ("libre", None), ("librarianship", None), ("ukrainian", "ukrain"), ("ukr", None)],
)
def test_relatives_share_a_long_beginning(stem, relative):
    assert Kin(["librari", "ukrain"]).relative(stem) == relative


@pytest.mark.parametrize("text", ["What does the Kremiln say?", "And Witkof?"])
def test_a_misspelt_cue_is_met_and_marked_as_it_stands(text):
    (score,) = LEXICAL.tag(text, TAGS).shown
    assert score.tag == "kremlin"
    assert score.words[0] in text


def test_a_relative_says_less_than_the_word():
    one, other = (LEXICAL.prepare(TAGS).zero_shot(text)[0] for text in ("My library!", "My librarian!"))
    assert one > other > LEXICAL.prepare(TAGS).zero_shot("My uncle!")[0]


QUOTING = "> The Kremlin says no, and the Kremlin is right.\n\nMy grandmother would have laughed about that for days."


def test_what_a_reply_quotes_is_not_what_it_says():
    assert LEXICAL.tag(QUOTING, TAGS).shown == ()
    assert [score.tag for score in LEXICAL.tag(QUOTING.replace("> ", ""), TAGS).shown] == ["kremlin"]


def test_a_quotation_with_hardly_a_word_of_its_own_is_read_with_what_it_quotes():
    text = "> The Kremlin says no, and the Kremlin is right.\n\nThis."
    assert [score.tag for score in LEXICAL.tag(text, TAGS).shown] == ["kremlin"]


def test_thousands_of_quoted_lines_are_read_at_once():
    assert text_of(">a\n" * 6000).tokens


def test_the_reason_is_the_sentence_that_says_most():
    text = (
        "I once met a man at the council. Closing libraries in winter is what the council wants, all libraries. "
        "The winter was long."
    )
    (score,) = LEXICAL.tag(text, TAGS).shown
    sentence = text.index("Closing"), text.index("The winter")
    assert all(sentence[0] <= span.start < span.end <= sentence[1] for span in score.evidence)
