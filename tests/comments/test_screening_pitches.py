"""How people ask for clicks, and what tells a fan from a beggar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.screening import pitches
from comments.screening.folding import WORD, fold


def words(text):
    return WORD.findall(fold(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("look at my new channel", ["channel"]),
        ("Our first short film is out", ["film"]),
        ("zapraszam na mój kanał", ["kanał"]),
        ("my favourite song", []),
        ("my mom says that channels like these are bad", []),
        ("the band played on my street", []),
    ],
)
def test_what_is_mine_stands_close_behind_my(text, found):
    assert list(pitches.own_works(words(text))) == found


@pytest.mark.parametrize(
    ("text", "is_call"),
    [
        ("Subscribe!", True),
        ("hello, please check out this", True),
        ("guys follow me", True),
        ("♥ visit us", True),
        ("I subscribed years ago", False),
        ("they follow the law", False),
        ("a visit is worth it", False),
    ],
)
def test_a_call_stands_at_the_head_of_a_clause(text, is_call):
    assert bool(pitches.firm_calls(fold(text), set(words(text)))) is is_call


@pytest.mark.parametrize(
    ("text", "is_goal"),
    [
        ("help me reach 100 subs", True),
        ("sub 4 sub?", True),
        ("i sub you back", True),
        ("he sold 100 records", False),
        ("over a million subscribers", False),
    ],
)
def test_numbers_of_followers_are_wanted(text, is_goal):
    assert bool(pitches.goals(fold(text))) is is_goal


def test_a_place_in_a_film_is_no_time_in_words():
    assert pitches.moments("look at 2:15 and 10:01") == 2
    assert pitches.moments("verse 12:345, 1:2:30") == 0


def test_substance_is_what_could_not_be_said_under_anything():
    assert pitches.substance(words("Great post, thanks for sharing this information with us")) == 0
    assert pitches.substance(words("Great post, the harbour froze when my grandmother was seven")) == 4


def test_what_somebody_makes_stands_behind_i():
    assert list(pitches.made(words("I just uploaded a cover, we never sing"))) == ["uploaded"]


@given(st.text(max_size=400))
def test_nothing_upsets_it(text):
    tokens = words(text)
    for ask in (pitches.firm_calls, pitches.soft_calls):
        ask(fold(text), set(tokens))
    pitches.goals(fold(text))
    list(pitches.own_works(tokens)), list(pitches.made(tokens)), pitches.moments(text), pitches.substance(tokens)
