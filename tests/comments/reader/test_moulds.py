"""Moulds: a template that is rendered once for each kind of thing gives the html that it would give for each thing."""

from __future__ import annotations

from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.reader.moulds import Mould

WORDS = st.one_of(
    st.just(""), st.sampled_from(["%", "%(name)s", "%%", "<b>&\"'", "\x02name\x03", "{{ x }}"]), st.text()
)
CARDS = st.fixed_dictionaries(
    {
        "is_gone": st.booleans(),
        "gone": WORDS,
        "hue": WORDS,
        "initials": WORDS,
        "website": WORDS,
        "name": WORDS,
        "is_staff": st.booleans(),
        "is_confirmed": st.booleans(),
        "url": WORDS,
        "iso": WORDS,
        "when": WORDS,
        "is_edited": st.booleans(),
        "is_staff_edited": st.booleans(),
        "is_answer": st.booleans(),
        "answers_name": WORDS,
        "answers_url": WORDS,
        "html": WORDS,
        "tag_items": WORDS,
        "id": WORDS,
        "recommendations": WORDS,
        "reply_url": WORDS,
    }
)


@settings(deadline=None)
@given(st.lists(CARDS, min_size=1, max_size=4), st.booleans())
def test_a_cast_card_is_the_rendered_card_byte_for_byte(cards, is_open):
    mould = Mould("comments/_card.html", "card", is_open=is_open)
    for card in cards:
        plain = render_to_string("comments/_card.html", {"card": card, "is_open": is_open})
        assert mould.cast(card) == plain.strip("\n")


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(("slug", "label", "kind", "says", "comment_url"), WORDS)),
        min_size=1,
        max_size=4,
    )
)
def test_a_cast_tag_is_the_rendered_tag_byte_for_byte(tags):
    mould = Mould("comments/_tag.html", "tag")
    for tag in tags:
        assert mould.cast(tag) == render_to_string("comments/_tag.html", {"tag": tag}).strip("\n")
