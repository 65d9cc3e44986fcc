"""The words that drove a score stand on each card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments.desk import explaining
from comments.models import Comment
from comments.screening import Facts, Outcome, Verdict, explain
from comments.screening.verdict import scores

Write = Callable[..., Comment]


@scores
def shy(facts: Facts) -> Verdict:
    """A screen that scores, and names its words only where it is asked to."""
    words = ("eel", "cod") if facts.is_explained else ()
    return Verdict(Outcome.PUBLISH, "shy", found=words, risk=0.2)


def never(facts: Facts) -> Verdict | None:
    raise AssertionError("Only screens that score are asked what drove a score.")


def with_screens(settings: Any, *screens: Callable[..., Any]) -> None:
    paths = [f"{__name__}.{screen.__name__}" for screen in screens]
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": [*paths, "comments.screening.screens.prior"]}


def test_only_the_screen_whose_score_is_taken_is_asked(settings: Any) -> None:
    with_screens(settings, never, shy)
    assert explain(Facts(text="Cheap viagra, eel and cod")) == ("eel", "cod")


def test_a_card_that_the_score_did_not_hold_names_its_words(mona_client: Client, write: Write) -> None:
    comment = write("Good luck to them, and my vote is for the eel.", status="pending")
    Comment.objects.filter(pk=comment.pk).update(risk=80)

    page = mona_client.get("/desk/moderation/").text

    assert "8 %" in page
    assert "Raised by" in page
    assert "good luck" in page.partition("Raised by")[2]


def test_a_card_that_names_them_among_its_reasons_says_them_once(write: Write) -> None:
    comment = write("Good luck to them, and my vote is for the eel.", status="pending")
    Comment.objects.filter(pk=comment.pk).update(
        risk=800, screening=[{"code": "prior", "detail": "80 %: good luck", "found": ["good luck"]}]
    )
    comment.refresh_from_db()
    assert explaining.words_of([comment]) == {}


def test_they_cost_no_query_and_are_asked_for_once(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    comments = [write(f"Good luck with part {number} of the eel.", status="pending") for number in range(3)]
    Comment.objects.update(risk=80)
    comments = list(Comment.objects.order_by("pk"))
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first = explaining.words_of(comments)
        monkeypatch.setattr(explaining, "explain", never)
        assert explaining.words_of(comments) == first
    assert len(first) == 3
    assert [query["sql"] for query in queries if "comments_" in query["sql"]] == []
    # Other words are another question.
    Comment.objects.update(revision=2)
    with pytest.raises(AssertionError):
        explaining.words_of(list(Comment.objects.all()))
