"""Signals tell what happened, after commit; a receiver that fails can lose nothing."""

from __future__ import annotations

import logging
from contextlib import contextmanager

import pytest
from django.db import transaction

from comments import moderation, posting, signals, tagging
from comments.errors import InvalidFields
from comments.models import Comment

pytestmark = pytest.mark.django_db


@contextmanager
def heard(signal):
    """What a receiver hears, as dicts of arguments."""
    found = []

    def receive(sender, signal, **arguments):
        found.append(arguments)

    signal.connect(receive)
    try:
        yield found
    finally:
        signal.disconnect(receive)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_posted_comment_is_told_after_commit(write, committed):
    with heard(signals.comment_posted) as told, committed():
        comment = write()
        assert told == []
    assert told == [{"comment": comment}]


def test_the_same_attempt_is_told_once(write, committed):
    with heard(signals.comment_posted) as told:
        for _ in range(2):
            with committed():
                write("Once.", key="k")
    assert len(told) == 1


def test_an_edit_and_a_decision_are_told(write, committed, carls_browser, mona):
    comment = write(reader=carls_browser)
    with heard(signals.comment_edited) as edited, heard(signals.comment_decided) as decided, committed():
        posting.edit(comment, body="Other words.", reader=carls_browser)
        moderation.decide(comment, to="spam", by=mona, seen=moderation.Seen("approved", 2))
        moderation.decide(comment, to="spam", by=mona, seen=moderation.Seen("spam", 2))
    assert edited == [{"comment": comment}]
    assert [(told["comment"], told["event"].to_status) for told in decided] == [(comment, "spam")]


def test_a_withdrawal_is_told_as_a_change_of_status(write, committed, carls_browser):
    comment = write(reader=carls_browser)
    with heard(signals.comment_decided) as told, committed():
        posting.withdraw(comment, reader=carls_browser)
    assert [one["event"].actor for one in told] == ["author"]
    # Receivers run after commit and get the row as it stands: nothing of the text is left in it.
    assert (told[0]["comment"].body, told[0]["comment"].author_name) == ("", "")


def test_a_correction_and_new_tags_are_told(write, committed, tags, ed, thread):
    comment = write()
    with heard(signals.tags_corrected) as corrected, heard(signals.tags_defined) as defined, committed():
        tagging.correct(comment, tags["jobs"], applies=True, by=ed)
        tagging.define_tags(thread, [tagging.TagSpec("jobs", "indicator")])
    assert corrected == [{"comment": comment, "tag": tags["jobs"], "applies": True, "by": ed}]
    assert defined == [{"thread": thread}]


def test_what_was_rolled_back_is_not_told(write, committed):
    with heard(signals.comment_posted) as told, committed():
        with transaction.atomic():
            write()
            transaction.set_rollback(True)
        with pytest.raises(InvalidFields):
            write(name="Admin")
    assert told == []


def test_a_receiver_that_fails_loses_nothing_and_keeps_no_other_from_hearing(write, committed, caplog):
    def fail(**_):
        raise RuntimeError("a receiver's own fault")

    signals.comment_posted.connect(fail)
    try:
        with caplog.at_level(logging.ERROR), heard(signals.comment_posted) as told, committed():
            write()
    finally:
        signals.comment_posted.disconnect(fail)
    assert len(told) == 1
    assert Comment.objects.count() == 1
    assert "a receiver's own fault" in caplog.text
