"""Word lists: what an entry finds, what it does not, and that neither dress nor number gets past it."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.screening import folding
from comments.screening.folding import Places, fold, looks, signs_as_letters, spelt_out
from comments.screening.lists import NO_LISTS, Entry, WordLists


def found(patterns, text="", **fields):
    """The literal matches, by pattern."""
    entries = [Entry("hold", patterns)] if isinstance(patterns, str) else [Entry("hold", one) for one in patterns]
    return {match.entry.pattern: match.found for match in WordLists(entries).find(text=text, **fields)}


def test_an_entry_is_found_as_it_stands_there():
    assert found("casino", "Win at our CASINO today") == {"casino": "CASINO"}
    assert found(["casino"], "Nothing here") == {}


DRESSED = [
    "casino",
    "CaSiNo",
    "cásínö",
    "ca\u200bsi\u00adno",
    "ｃａｓｉｎｏ",
    "𝓬𝓪𝓼𝓲𝓷𝓸",
    "ⓒⓐⓢⓘⓝⓞ",
    "cаsinо",
    "саsіnо",
    "cas1no",
    "c4s1n0",
    "c@sino",
    "ca$ino",
    "cas|no",
    "c a s i n o",
    "c.a.s.i.n.o",
    "c-a-s-i-n-o",
    "c_a_s_i_n_o",
    "C A S I N O",
    "caslno",
]


@pytest.mark.parametrize("dressed", DRESSED)
def test_no_dress_hides_an_entry(dressed):
    assert set(found("casino", f"Visit the {dressed}, now!")) == {"casino"}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("cunt", "The council of Scunthorpe."),
        ("ass", "The passage is a classic."),
        ("casino", "Two casinos were planned."),
        ("fail", "The leaves fall."),
        ("slit", "The bay silts up with silt."),
        ("cop", "Вчора був сор у хаті."),
        ("lol", "In room 101."),
        ("viagra", "He said: I. M. F. and U. N. agree."),
        ("tack", "a tt ack"),
        ("casino-example.com", "Read not-casino-example.com or casino-example.com.org"),
        ("casino-example.com", "My casino. Example: com."),
    ],
)
def test_what_only_resembles_an_entry_is_none(pattern, text):
    assert found(pattern, text) == {}


@pytest.mark.parametrize(
    ("pattern", "text", "literal"),
    [
        ("casino*", "two casinos", "casinos"),
        ("*casino", "an onlinecasino", "onlinecasino"),
        ("*porn*", "unpornlike", "unpornlike"),
        ("v*gra", "cheap v1agra", "v1agra"),
        ("cheap pills", "cheap,\nPILLS", "cheap,\nPILLS"),
        ("cheap* pill*", "cheapest pills", "cheapest pills"),
        ("buy * now", "buy now", "buy now"),
        ("赌博", "我们去赌博吧", "我们去赌博吧"),
        ("казино", "нове кaзино", "кaзино"),
        ("🍆", "well 🍆 then", "🍆"),
        ("c++", "I write c++", "c"),
    ],
)
def test_wildcards_phrases_and_other_scripts(pattern, text, literal):
    assert found(pattern, text) == {pattern: literal}


@pytest.mark.parametrize(
    "fields",
    [
        {"website": "https://casino-example.com/"},
        {"website": "http://WWW.Casino-Example.com:80/x"},
        {"links": ("https://deep.below.casino-example.com/a",)},
        {"text": "go to casino-example.com today"},
        {"text": "casino-example [dot] com"},
        {"name": "casino-example.com"},
    ],
)
def test_a_domain_covers_what_lies_below_it(fields):
    assert set(found("casino-example.com", **fields)) == {"casino-example.com"}


def test_an_ending_covers_its_domains_and_punycode_is_read():
    assert set(found("*.xyz", links=("https://a.b.xyz/",))) == {"*.xyz"}
    assert set(found("bücher.example", website="https://xn--bcher-kva.example")) == {"bücher.example"}


@pytest.mark.parametrize("field", ["name", "website", "links"])
def test_the_field_is_named(field):
    value = {"name": "Casino", "website": "https://a.example/casino", "links": ("https://a.example/%63asino",)}[field]
    (match,) = WordLists([Entry("spam", "casino")]).find(**{field: value})
    assert (match.where, match.found.lower()) == (field.removesuffix("s"), "casino")


def test_the_strongest_list_comes_first_and_each_entry_once():
    lists = WordLists([Entry("hold", "bay"), Entry("reject", "port"), Entry("spam", "silt")])
    matches = lists.find(text="bay port silt bay port silt", name="bay")
    assert [match.entry.list for match in matches] == ["spam", "reject", "hold"]


@pytest.mark.parametrize("pattern", ["", "*", "**", "a*", "*x*", " ", "...*"])
def test_an_entry_that_names_nothing_finds_nothing(pattern):
    lists = WordLists([Entry("hold", pattern)])
    assert not lists or not lists.find(text="a xylophone and all the rest")


def test_no_lists_cost_nothing():
    assert not NO_LISTS
    assert NO_LISTS.find(text="casino") == ()


def test_many_entries_are_not_looked_at_one_by_one():
    """Work is counted, not time: what a comment is compared with does not grow with entries that it does not touch."""
    chance = random.Random(5)
    words = {"".join(chance.choices(string.ascii_lowercase, k=9)) for _ in range(3_000)}
    kinds = ("{}", "{}*", "*{}", "*{}*", "so {}", "{}.example")
    lists = WordLists(Entry("hold", kinds[number % 6].format(word)) for number, word in enumerate(sorted(words)))
    assert lists.size == len(words)
    touched = sum(len(list(lists._plain._stars.candidates(word))) for word in ["bay", "silts", "slowly"])
    assert touched == 0
    last = sorted(words)[-1]
    assert lists.find(text=f"so {last} {last}.example") != ()


TEXT = st.text(max_size=200)
WORD = st.text(alphabet=string.ascii_lowercase, min_size=4, max_size=12)


@given(TEXT)
@settings(max_examples=300)
def test_folding_never_raises_and_keeps_places(text):
    folded = fold(text)
    assert len(looks(folded)) == len(folded)
    assert len(signs_as_letters(folded)) in {0, len(folded)}
    for word, start, end in spelt_out(folded):
        assert 0 <= start < end <= len(folded)
        assert len(word) > 3
    assert not folded or fold(Places(text, folded).part(0, len(folded))) == folded
    as_written = Places(text, folded)
    for number, word in enumerate(folding.WORD.findall(folded)):
        assert word in fold(as_written.words(number, number))


@given(TEXT, TEXT)
@settings(max_examples=300)
def test_searching_never_raises(pattern, text):
    lists = WordLists([Entry("hold", pattern)])
    for match in lists.find(text=text, name=text[:60], website=text, links=(text,)):
        assert match.entry.pattern == pattern


def _spaced(word):
    return " ".join(word)


def _dotted(word):
    return ".".join(word)


def _zero_width(word):
    return "\u200b".join(word)


def _cyrillic(word):
    return word.translate(str.maketrans("aceopxy", "асеорху"))


def _digits(word):
    return word[0] + word[1:-1].translate(str.maketrans("oleast", "013457")) + word[-1]


def _wide(word):
    return "".join(chr(ord(char) + 0xFEE0) for char in word)


@given(WORD, st.sampled_from([str.upper, str.title, _spaced, _dotted, _zero_width, _cyrillic, _digits, _wide]))
@settings(max_examples=300)
def test_an_entry_always_matches_itself_in_any_dressing(word, dress):
    assert word in found(word, f"Look, {dress(word)}; indeed."), dress(word)
