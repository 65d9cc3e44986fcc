"""What the add-on does when it hears of the discussion: queue an id, and shrug where there is no broker."""

from __future__ import annotations

import logging

import pytest

from analysis import receivers, tasks
from comments import posting, tagging
from comments.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch):
    """What is queued, as (name of the task, id)."""
    found = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, pk: found.append((task.name, pk)))
    return found


def test_a_new_comment_is_queued_after_commit_by_its_id_alone(write, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        comment = write()
        assert queued == []
    assert queued == [("analysis.tasks.tag_comment", comment.pk)]


def test_an_edit_is_queued(write, queued, carls_browser, django_capture_on_commit_callbacks):
    comment = write(reader=carls_browser)
    with django_capture_on_commit_callbacks(execute=True):
        posting.edit(comment, body="Other words.", reader=carls_browser)
    assert queued == [("analysis.tasks.tag_comment", comment.pk)]


def test_other_tags_queue_the_whole_thread(thread, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tagging.define_tags(thread, [tagging.TagSpec("jobs", "indicator")])
    assert queued == [("analysis.tasks.retag_thread", thread.pk)]


def test_without_a_broker_the_comment_is_stored_and_left_to_the_sweep(
    write, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def fail(task, pk):
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(tasks, "enqueue", fail)
    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        comment = write()
    assert Comment.objects.untagged().get() == comment
    assert "left to the sweep" in caplog.text
    assert comment.author_name not in caplog.text


def test_each_receiver_listens_once():
    from comments import signals

    for signal in (signals.comment_posted, signals.comment_edited):
        names = [str(receiver[0][0]) for receiver in signal.receivers]
        assert len([name for name in names if name.startswith("analysis.")]) == 1
    assert receivers.queue_tagging
