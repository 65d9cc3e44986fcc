"""What the add-on does when it hears of the discussion: queue an id, and shrug where there is no broker."""

from __future__ import annotations

import logging
import os

import pytest

from analysis import receivers, tasks
from comments import posting, tagging
from comments.models import Comment
from comments.tasks import kept_from_the_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch):
    """What is queued, as (name of the task, argument)."""
    found = []
    for module in (tasks, receivers):
        monkeypatch.setattr(module, "enqueue", lambda task, argument: found.append((task.name, argument)))
    return found


def all_hints_are_given() -> None:
    """Wait for the thread that gives them."""
    tasks._hints.flush(10)


def test_a_new_comment_is_queued_after_commit_by_its_id_alone(write, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        comment = write()
        all_hints_are_given()
        assert queued == []
    all_hints_are_given()
    assert queued == [("analysis.tasks.tag_comment", comment.pk)]


def test_an_edit_is_queued(write, queued, carls_browser, django_capture_on_commit_callbacks):
    comment = write(reader=carls_browser)
    with django_capture_on_commit_callbacks(execute=True):
        posting.edit(comment, body="Other words.", reader=carls_browser)
    all_hints_are_given()
    assert queued == [("analysis.tasks.tag_comment", comment.pk)]


def test_comments_that_come_at_once_go_into_few_messages(write, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        posted = [write().pk for _ in range(250)]
    all_hints_are_given()
    found = [pk for _, argument in queued for pk in (argument if isinstance(argument, list) else [argument])]
    assert found == posted
    assert len(queued) < 10
    assert max(len(argument) for name, argument in queued if name == "analysis.tasks.tag_comments") == 100


def test_a_message_for_many_tags_each_of_them_once(write, tags):
    posted = [write(body=text).pk for text in ("Who may dredge the channel?", "Where is the jobs promise?")]
    assert tasks.tag_comments(posted) == 2
    assert not Comment.objects.untagged().exists()
    assert tasks.tag_comments([*posted, 2**40]) == 0


def test_who_watches_the_queue_sees_the_comment_at_once(write, django_capture_on_commit_callbacks):
    with kept_from_the_queue() as kept, django_capture_on_commit_callbacks(execute=True):
        comment = write()
    assert [line for line in kept if line.startswith(f"analysis.tasks.tag_comment({comment.pk},)")]


@pytest.fixture
def eager():
    conf = tasks.tag_comment.app.conf
    conf.task_always_eager = True
    yield
    conf.task_always_eager = False


def test_where_tasks_run_on_the_spot_the_comment_is_tagged_on_the_spot(
    write, tags, eager, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        write()
    assert not Comment.objects.untagged().exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This system makes no forks.")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_server_gives_its_own_hints(queued):
    tasks.hint(1)
    all_hints_are_given()
    tasks.hint(2)  # the thread waits behind this one, and is not there in the fork
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        queued.clear()
        tasks.hint(3)
        all_hints_are_given()
        os.write(writes, repr(queued).encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as said:
        assert said.read() == "[('analysis.tasks.tag_comment', 3)]"
    os.waitpid(child, 0)
    all_hints_are_given()
    assert queued == [("analysis.tasks.tag_comment", 1), ("analysis.tasks.tag_comment", 2)]


def test_other_tags_queue_the_whole_thread(thread, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tagging.define_tags(thread, [tagging.TagSpec("jobs", "indicator")])
    assert queued == [("analysis.tasks.retag_thread", thread.pk)]


@pytest.fixture
def broker_is_down(monkeypatch):
    def fail(task, argument):
        raise ConnectionError("the broker is down")

    for module in (tasks, receivers):
        monkeypatch.setattr(module, "enqueue", fail)


def test_without_a_broker_the_comment_is_stored_and_left_to_the_sweep(
    write, broker_is_down, caplog, django_capture_on_commit_callbacks
):
    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        comment = write()
    all_hints_are_given()
    assert Comment.objects.untagged().get() == comment
    assert "left to the sweep" in caplog.text
    assert comment.author_name not in caplog.text


def test_without_a_broker_other_tags_are_stored_and_left_to_the_sweep(
    write, thread, broker_is_down, caplog, django_capture_on_commit_callbacks
):
    comment = write()
    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        tagging.define_tags(thread, [tagging.TagSpec("jobs", "indicator")])
    assert Comment.objects.untagged().get() == comment
    assert "left to the sweep" in caplog.text


def test_hints_that_nobody_takes_do_not_pile_up(queued, monkeypatch):
    monkeypatch.setattr(tasks._Hints, "_TOO_MANY", 0)
    tasks.hint(1)
    all_hints_are_given()
    assert queued == []


def test_each_receiver_listens_once():
    from comments import signals

    for signal in (signals.comment_posted, signals.comment_edited):
        names = [str(receiver[0][0]) for receiver in signal.receivers]
        assert len([name for name in names if name.startswith("analysis.")]) == 1
    assert receivers.queue_tagging
