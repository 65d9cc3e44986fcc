"""Word pieces: what the encoder's vocabulary makes of a text."""

from __future__ import annotations

import pytest

from analysis.taggers.wordpiece import VocabularyFault, WordPieces
from tests.analysis.conftest import PIECES, REAL_MODEL


@pytest.fixture
def pieces():
    return WordPieces({piece: number for number, piece in enumerate(PIECES)})


@pytest.fixture
def cut(pieces):
    return lambda text, most=100: [PIECES[number] for number in pieces.numbers(text, most=most)]


def test_a_known_word_is_one_piece(cut):
    assert cut("the harbour") == ["the", "harbour"]


def test_the_longest_piece_goes_first_and_the_rest_follows(cut):
    assert cut("ports unable") == ["port", "##s", "un", "##able"]


def test_a_word_with_an_unknown_rest_is_unknown_as_a_whole(cut):
    assert cut("portz") == ["[UNK]"]


def test_case_and_accents_do_not_count(cut):
    assert cut("THE Hárboür") == ["the", "harbour"]


@pytest.mark.parametrize("text", ["tax,the.", "tax , the .", " tax,\u00a0the\t.\n"])
def test_punctuation_stands_alone_and_any_white_space_parts(cut, text):
    assert cut(text) == ["tax", ",", "the", "."]


def test_control_characters_are_nothing(cut):
    assert cut("ta\u0000x\u200b \ufffdis\x7f") == ["tax", "is"]


def test_ideographs_are_words_of_their_own(cut):
    assert cut("a日本b") == ["a", "[UNK]", "[UNK]", "b"]


def test_no_more_pieces_are_read_than_asked_for(cut):
    assert cut("tax " * 1000, most=7) == ["tax"] * 7


@pytest.mark.parametrize("text", ["", " \n", "\u0301", "\x00"])
def test_a_text_of_nothing_has_no_pieces(cut, text):
    assert cut(text) == []


@pytest.mark.parametrize("text", ["x" * 4000, "ab" * 2000, "😀" * 5000, "\ud800"])
def test_a_word_that_no_vocabulary_has_is_one_unknown(cut, text):
    assert set(cut(text)) == {"[UNK]"} or cut(text) == []


@pytest.mark.parametrize("missing", ["[UNK]", "[CLS]", "[SEP]"])
def test_a_vocabulary_without_its_marks_is_refused(missing):
    with pytest.raises(VocabularyFault, match=missing.strip("[]")):
        WordPieces({piece: number for number, piece in enumerate(PIECES) if piece != missing})


@pytest.mark.model
def test_the_published_vocabulary_cuts_as_its_publishers_do():
    pieces = WordPieces.read(REAL_MODEL / "vocab.txt")
    # The numbers are those of the publishers' own tokenizer (tokenizers 0.23.3 with the tokenizer.json of the release).
    assert pieces.numbers("The harbour's tollgates, naïvely priced… Київ 日本", most=100) == [
        1996, 7440, 1005, 1055, 9565, 5867, 2015, 1010, 15743, 2135, 21125, 1529, 1189, 10325, 29760, 25529, 1864, 1876,
    ]  # fmt: skip
