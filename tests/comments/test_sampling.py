"""The standing sample: what chance picks, and what a person's word does to it."""

from __future__ import annotations

import pytest

from comments import erasing, moderation, owning, posting, sampling, undoing
from comments.models import Comment, Sample
from comments.moderation import Seen
from comments.screening import Outcome, Screening, Verdict

pytestmark = pytest.mark.django_db


def scores(facts):
    """A screen that scores every comment, and finds spam where it is named."""
    if "spam" in facts.text:
        return Verdict(Outcome.SPAM, "scored", risk=0.97)
    return Verdict(Outcome.HOLD, "scored", risk=0.6) if "maybe" in facts.text else Verdict(
        Outcome.PUBLISH, "scored", risk=0.03
    )  # fmt: skip


def honeypot(facts):
    return Verdict(Outcome.SPAM, "honeypot") if "honey" in facts.text else None


@pytest.fixture(autouse=True)
def everything_is_drawn(settings):
    name = f"{__name__}.scores"
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": [f"{__name__}.honeypot", name], "SAMPLE_SHARE": 1}


def decide(comment, to, mona, **fields):
    comment.refresh_from_db()
    return moderation.decide(comment, to=to, by=mona, seen=Seen(comment.status, comment.revision), **fields)


def waiting():
    return set(Comment.objects.in_queue("sample").values_list("pk", flat=True))


def test_what_a_score_decided_alone_goes_to_a_person(write):
    published, spam = write("A word on the ferry."), write("spam spam spam")
    assert waiting() == {published.pk, spam.pk}
    assert set(Sample.objects.values_list("machine_status", "risk")) == {("approved", 30), ("spam", 970)}


@pytest.mark.parametrize("text", ["maybe it is", "honey and spam"])
def test_what_waits_anyway_or_was_caught_otherwise_is_not_drawn(write, text):
    write(text)
    assert not Sample.objects.exists()


def test_nothing_is_drawn_where_nothing_scores_or_the_share_is_zero(settings):
    assert not sampling.is_drawn(Screening(Outcome.PUBLISH, ()))
    settings.COMMENTS = {**settings.COMMENTS, "SAMPLE_SHARE": 0}
    assert not sampling.is_drawn(Screening(Outcome.PUBLISH, (), 0.1))


def test_chance_draws_its_share(settings):
    settings.COMMENTS = {**settings.COMMENTS, "SAMPLE_SHARE": 0.5}
    drawn = sum(sampling.is_drawn(Screening(Outcome.PUBLISH, (), 0.1)) for _ in range(2_000))
    assert 800 < drawn < 1_200  # 9 standard deviations


@pytest.mark.parametrize(
    ("text", "to", "fields", "agreed"),
    [
        ("A word on the ferry.", "approved", {}, True),
        ("A word on the ferry.", "rejected", {"reason": "abuse"}, False),
        ("A word on the ferry.", "spam", {}, False),
        ("spam spam", "spam", {}, True),
        ("spam spam", "rejected", {"reason": "abuse"}, True),
        ("spam spam", "approved", {}, False),
    ],
)
def test_a_decision_settles_it(write, mona, text, to, fields, agreed):
    comment = write(text)
    assert decide(comment, to, mona, **fields).event is not None
    assert Sample.objects.get().is_agreed is agreed
    assert not waiting()


def test_saying_it_twice_is_no_second_decision(write, mona):
    comment = write("A word on the ferry.")
    assert decide(comment, "approved", mona).event is not None
    assert decide(comment, "approved", mona).event is None


def test_an_undone_decision_opens_it_again(write, mona):
    comment = write("A word on the ferry.")
    undoing.undo(decide(comment, "spam", mona).event, by=mona)
    assert waiting() == {comment.pk}
    assert Sample.objects.get().is_agreed is None


def test_what_its_author_changes_or_takes_back_is_out_of_it(write, carls_browser):
    first, second = write("A word.", reader=carls_browser), write("Another word.", reader=carls_browser)
    posting.edit(first, body="Quite another word.", reader=carls_browser)
    posting.withdraw(second, reader=carls_browser)
    assert not Sample.objects.exists()


def test_what_stands_without_its_author_is_out_of_it(write, carls_browser):
    write("A word on the ferry.", reader=carls_browser)
    erasing.erase(owning.of_browser(carls_browser), keep_comments=True)
    assert Comment.objects.get().is_public
    assert waiting() == set()


def test_what_is_blanked_is_out_of_it(write):
    comment = write("spam spam")
    erasing.blank([comment])
    assert not Sample.objects.exists()
