"""What people type: bodies, names, websites, and the forms in which they are compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.texts import clean_body, clean_name, clean_website, fingerprint, is_visible, legible, skeleton

anything = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("plain", "plain"),
        ("  a\r\nb\rc  ", "a\nb\nc"),
        ("a\x00b\x07c", "abc"),
        ("a\tb", "a\tb"),
        ("a\ud800b", "ab"),
        ("a\u202eb\u202c", "ab"),
        ("שלום\u200fabc", "שלום\u200fabc"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("नमस्ते", "नमस्ते"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_a_body_keeps_what_a_reader_can_mean(typed, clean):
    assert clean_body(typed) == clean


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("Carl", "Carl"),
        (" Carl \n O'Hara\t", "Carl O'Hara"),
        ("\u202eadmin", "admin"),
        ("a\u2066b\u2069", "ab"),
        ("Zoe\u0308", "Zoë"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200cCarl\u200d", "Carl"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("C\u00ada\u2060r\u180el", "Carl"),
    ],
)
def test_a_name_is_one_line_without_tricks(typed, clean):
    assert clean_name(typed) == clean


@pytest.mark.parametrize("text", ["a", "1", "!", "€", "🙂", "ї", "नि", "。"])
def test_ink_is_visible(text):
    assert is_visible(text)


NO_INK = ["", " ", "\n", "\u200b", "\u00ad", "\u2060", "\u3164", "\u2800", "\u200d\u200c", "\ufe0f"]


@pytest.mark.parametrize("text", NO_INK)
def test_no_ink_is_invisible(text):
    assert not is_visible(text)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("", ""),
        ("example.org", "https://example.org"),
        (" http://example.org/a?b=c#d ", "http://example.org/a?b=c#d"),
        ("приклад.укр/шлях", "https://приклад.укр/шлях"),
        ("ex\nample.org", "https://example.org"),
        ("https://example.org:8080", "https://example.org:8080"),
    ],
)
def test_a_website_gets_a_scheme(typed, clean):
    assert clean_website(typed) == clean


NO_WEBSITES = ["x", "javascript:alert(1)", "https://a@b.example", "https:///x", "https://.", "a.b:c", "[::1]"]


@pytest.mark.parametrize("typed", NO_WEBSITES)
def test_what_is_no_website_is_refused(typed):
    with pytest.raises(ValueError):  # noqa: PT011  any
        clean_website(typed)


@pytest.mark.parametrize(
    "imitation",
    [
        "admin",
        "ADMIN",
        "Аdmіn",
        "a d m i n",
        "a.d-m_i n",
        "Ad\u200bmin",
        "ádmín",
        "ａｄｍｉｎ",
        "𝐚𝐝𝐦𝐢𝐧",
        "Adm1n",
        "AdmlN",
        "Adm|n",
        "admın",
        "@dmin",
        "4dmin",
        "ⓐⓓⓜⓘⓝ",
    ],
)
def test_look_alikes_have_one_skeleton(imitation):
    assert skeleton(clean_name(imitation)) == skeleton("admin")


@pytest.mark.parametrize(("one", "two"), [("admin", "adnim"), ("mona", "monica"), ("Олена", "Алена"), ("李", "王")])
def test_different_names_have_different_skeletons(one, two):
    assert skeleton(one) != skeleton(two)


def test_repetition_does_not_mind_case_spacing_and_punctuation():
    assert fingerprint("Great  Post!!\n") == fingerprint("great post") != fingerprint("great posts")
    assert fingerprint("Ｇｒｅａｔ post") == fingerprint("great post")


def test_texts_without_letters_differ_by_their_signs():
    assert len({fingerprint(text) for text in ("👍", "😂😂", "+1", "1", "&&&", "?!")}) == 6
    assert fingerprint(" 👍  👍 ") == fingerprint("👍 👍")


def test_a_text_is_searched_as_it_looks():
    assert legible("c\u200ba\u00ads\u200di\u2060no ｃａｓｉｎｏ") == "casino casino"


@given(anything)
def test_cleaning_never_fails_and_twice_is_once(text):
    for clean in (clean_body, clean_name):
        once = clean(text)
        assert clean(once) == once
        once.encode()
        assert "\x00" not in once
    assert "\n" not in clean_name(text)
    assert not any(unicodedata.bidirectional(char) in {"RLO", "LRO", "RLE", "LRE"} for char in clean_name(text))


@given(anything)
def test_comparing_never_fails(text):
    assert skeleton(text.upper()) is not None
    assert fingerprint(fingerprint(text)) == fingerprint(text)
    assert is_visible(legible(text)) in {True, False}


@given(anything)
def test_a_website_is_safe_or_refused(text):
    try:
        url = clean_website(text)
    except ValueError:
        return
    assert url == "" or url.lower().startswith(("http://", "https://"))
    assert not set(url) & set(" \n\t\"'<>\\`")
    url.encode()
