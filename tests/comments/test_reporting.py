"""Reporting: a reader's complaint, once for each browser, in the desk's queue until somebody decides."""

from __future__ import annotations

import pytest

from comments import moderation
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Reader, Report
from comments.reporting import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def ritas_browser():
    return Reader.objects.create(cookie_digest="rita")


def test_a_report_is_stored_and_puts_the_comment_in_the_queue(write, ritas_browser):
    comment = write()
    report(comment, reader=ritas_browser, reason="abuse", note=" It names me. ")
    made = Report.objects.get()
    comment.refresh_from_db()
    assert (made.comment, made.reader, made.reason, made.note) == (comment, ritas_browser, "abuse", "It names me.")
    assert (comment.report_count, comment.status) == (1, "approved")
    assert list(Comment.objects.in_queue("reported")) == [comment]


def test_reporting_again_changes_the_earlier_complaint(write, ritas_browser):
    comment = write()
    report(comment, reader=ritas_browser, reason="abuse")
    report(comment, reader=ritas_browser, reason="spam", note="An advertisement.")
    made = Report.objects.get()
    comment.refresh_from_db()
    assert (made.reason, made.note, comment.report_count) == ("spam", "An advertisement.", 1)


def test_each_browser_counts(write, ritas_browser, carls_browser):
    comment = write()
    report(comment, reader=ritas_browser, reason="abuse")
    report(comment, reader=carls_browser, reason="spam")
    comment.refresh_from_db()
    assert comment.report_count == 2


def test_what_was_settled_stays_settled(write, ritas_browser, mona):
    comment = write()
    report(comment, reader=ritas_browser, reason="abuse")
    moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("approved", 1))
    report(comment, reader=ritas_browser, reason="abuse")
    comment.refresh_from_db()
    assert (comment.report_count, Report.objects.count()) == (0, 1)


@pytest.mark.parametrize("reason", ["", "made_up", "ABUSE"])
def test_a_reason_is_from_the_list(reason, write, ritas_browser):
    with pytest.raises(InvalidFields) as refused:
        report(write(), reader=ritas_browser, reason=reason)
    assert list(refused.value.fields) == ["reason"]
    assert not Report.objects.exists()


def test_a_note_has_room_for_five_hundred_characters(write, ritas_browser):
    report(write(), reader=ritas_browser, reason="other", note="n" * 500)
    with pytest.raises(InvalidFields) as refused:
        report(write(), reader=ritas_browser, reason="other", note="n" * 501)
    assert list(refused.value.fields) == ["note"]


def test_a_note_is_stored_without_what_a_database_refuses(write, ritas_browser):
    assert report(write(), reader=ritas_browser, reason="other", note="a\x00b\ud800c").note == "abc"


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_what_is_not_public_does_not_exist(status, write, ritas_browser):
    with pytest.raises(Refusal) as refused:
        report(write(status=status), reader=ritas_browser, reason="abuse")
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_a_comment_that_was_decided_on_meanwhile_is_not_reported(write, ritas_browser, mona):
    """What a report that came too late would count, no decision would ever settle."""
    comment = write()
    seen_by_rita = Comment.objects.get(pk=comment.pk)
    moderation.decide(comment, to="spam", by=mona, seen=moderation.Seen("approved", 1))
    with pytest.raises(Refusal):
        report(seen_by_rita, reader=ritas_browser, reason="spam")
    assert not Report.objects.exists()
