"""Recommending: once for each browser, taken back at will, never one's own."""

from __future__ import annotations

import pytest

from comments.errors import Refusal
from comments.models import Reader, Recommendation
from comments.recommending import recommend

pytestmark = pytest.mark.django_db


@pytest.fixture
def ritas_browser():
    return Reader.objects.create(cookie_digest="rita")


def test_a_recommendation_is_stored_and_counted_and_shows_at_once(write, ritas_browser, thread):
    comment = write()
    thread.refresh_from_db()
    before = thread.version
    assert recommend(comment, reader=ritas_browser) == 1
    comment.refresh_from_db()
    thread.refresh_from_db()
    assert comment.recommendation_count == 1
    assert Recommendation.objects.get().reader == ritas_browser
    assert thread.version > before


def test_twice_is_once(write, ritas_browser, thread):
    comment = write()
    recommend(comment, reader=ritas_browser)
    thread.refresh_from_db()
    version = thread.version
    assert recommend(comment, reader=ritas_browser) == 1
    thread.refresh_from_db()
    assert (Recommendation.objects.count(), thread.version) == (1, version)


def test_it_can_be_taken_back_once(write, ritas_browser):
    comment = write()
    recommend(comment, reader=ritas_browser)
    assert recommend(comment, reader=ritas_browser, wanted=False) == 0
    assert recommend(comment, reader=ritas_browser, wanted=False) == 0
    assert not Recommendation.objects.exists()


def test_browsers_are_counted_one_by_one(write, ritas_browser, carls_browser):
    comment = write()
    recommend(comment, reader=ritas_browser)
    assert recommend(comment, reader=carls_browser) == 2
    assert recommend(comment, reader=ritas_browser, wanted=False) == 1


def test_ones_own_comment_is_not_recommended(write, carls_browser):
    comment = write(reader=carls_browser)
    with pytest.raises(Refusal) as refused:
        recommend(comment, reader=carls_browser)
    assert (refused.value.status, refused.value.code) == (403, "own_comment")
    assert not Recommendation.objects.exists()


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_what_is_not_public_does_not_exist(status, write, ritas_browser):
    with pytest.raises(Refusal) as refused:
        recommend(write(status=status), reader=ritas_browser)
    assert (refused.value.status, refused.value.code) == (404, "not_found")
