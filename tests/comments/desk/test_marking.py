"""Marks: what a screen objected to stands out, and nothing else about the words changes."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.desk.marking import Marks, marks_of
from comments.sanitize import plain_text, render


def test_a_word_is_marked_where_it_stands() -> None:
    html = render("Buy **cheap** pills & more")

    assert Marks(("cheap pills",)).in_html(html) == (
        "<p>Buy <strong><mark>cheap</mark></strong><mark> pills</mark> &amp; more</p>"
    )


@pytest.mark.parametrize(
    ("word", "marked"),
    [
        ("casino", '<a href="https://casino.example/?a=1&amp;b=2" rel="nofollow ugc noopener"><mark>here</mark></a>'),
        ("strong", "<strong>bold</strong>"),
        ("amp", "&amp;"),
        ("nofollow", 'rel="nofollow ugc noopener"'),
    ],
)
def test_a_mark_is_never_put_into_an_element_or_an_entity(word: str, marked: str) -> None:
    html = render("**bold** & [here](https://casino.example/?a=1&b=2)")

    assert marked in Marks((word,), ("casino.example",)).in_html(html)


def test_a_name_with_markup_stays_text() -> None:
    assert Marks(("pills",)).in_text("<b>pills</b>") == "&lt;b&gt;<mark>pills</mark>&lt;/b&gt;"


def test_a_word_within_a_longer_one_is_not_meant() -> None:
    assert Marks(("ass",)).in_html("<p>Class of the ass</p>") == "<p>Class of the <mark>ass</mark></p>"


def test_numbers_and_sentences_of_a_screen_mark_nothing() -> None:
    assert not marks_of([{"code": "flood", "detail": "12"}, {"code": "too_fast", "detail": ""}])


def test_what_stands_in_the_name_is_marked_there_alone() -> None:
    screening = [{"code": "spam_word", "detail": "pill*", "found": ["Pills"], "where": "name"}]

    assert marks_of(screening, "name").in_text("Cheap Pills") == "Cheap <mark>Pills</mark>"
    assert not marks_of(screening, "text")
    assert not marks_of(screening, "website")


def test_many_links_are_all_marked() -> None:
    html = render("[one](https://one.example) and [two](https://two.example)")

    assert marks_of([{"code": "links", "detail": "2"}]).in_html(html).count("<mark>") == 2


@given(
    body=st.text(alphabet="ab<>&\"' *[](:/.)\n", max_size=80),
    words=st.lists(st.text(alphabet="ab<>&\"'*", max_size=3), max_size=4),
)
def test_without_its_marks_a_comment_reads_as_before(body: str, words: list[str]) -> None:
    html = render(body)
    shown = Marks(tuple(words), ("a",), all_links=True).in_html(html)

    assert re.sub(r"</?mark>", "", shown) == html
    assert plain_text(re.sub(r"</?mark>", "", shown)) == plain_text(html)


@given(text=st.text(max_size=40), words=st.lists(st.text(max_size=4), max_size=4))
def test_a_name_reads_as_it_was_typed(text: str, words: list[str]) -> None:
    shown = Marks(tuple(words)).in_text(text)

    if "<mark>" in shown:
        assert unescape(re.sub(r"</?mark>", "", shown)) == unescape(text) or "&" in text
    else:
        assert shown == text
