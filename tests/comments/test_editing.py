"""Editing: one's own comment, from one's own browser, within the window, with the screens asked anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import posting, tagging
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Reader, TagAssignment, Thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is put forward."""

    class Clock:
        now = timezone.now()

        def forward(self, seconds: float) -> None:
            self.now += timedelta(seconds=seconds)

    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def comment(write, carls_browser) -> Comment:
    return write("The bay silts up.", reader=carls_browser)


def test_an_edit_changes_the_words_and_counts_a_revision(comment, carls_browser, thread):
    thread.refresh_from_db()
    version = thread.version
    done = posting.edit(comment, body="The bay *really* silts up.", reader=carls_browser)
    comment.refresh_from_db()
    thread.refresh_from_db()
    assert done == comment
    assert done.text == "The bay really silts up."
    assert (comment.body, comment.revision, comment.status) == ("The bay *really* silts up.", 2, "approved")
    assert comment.html == "<p>The bay <em>really</em> silts up.</p>"
    assert comment.edited_at is not None
    assert thread.version > version


def test_the_same_words_again_are_no_edit(comment, carls_browser):
    posting.edit(comment, body="The bay silts up.\r\n", reader=carls_browser)
    comment.refresh_from_db()
    assert (comment.revision, comment.edited_at) == (1, None)


def test_the_window_closes(write, carls_browser, clock):
    comment = write(reader=carls_browser)
    clock.now = comment.created_at
    clock.forward(899)
    posting.edit(comment, body="In time.", reader=carls_browser)
    clock.forward(1)
    with pytest.raises(Refusal) as refused:
        posting.edit(comment, body="Too late.", reader=carls_browser)
    comment.refresh_from_db()
    assert (refused.value.status, refused.value.code) == (403, "not_yours")
    assert comment.body == "In time."


def test_an_edit_does_not_open_the_window_anew(write, carls_browser, clock):
    comment = write(reader=carls_browser)
    clock.forward(800)
    posting.edit(comment, body="In time.", reader=carls_browser)
    clock.forward(200)
    with pytest.raises(Refusal):
        posting.edit(comment, body="Too late.", reader=carls_browser)


@pytest.mark.parametrize("whose", ["nobody", "somebody else"])
def test_another_browser_cannot_edit(whose, comment):
    reader = None if whose == "nobody" else Reader.objects.create(cookie_digest="sam")
    with pytest.raises(Refusal) as refused:
        posting.edit(comment, body="Not his words.", reader=reader)
    comment.refresh_from_db()
    assert refused.value.status == 403
    assert comment.revision == 1


def test_a_comment_whose_reader_was_forgotten_belongs_to_nobody(comment):
    Comment.objects.update(reader=None)
    comment.refresh_from_db()
    with pytest.raises(Refusal):
        posting.edit(comment, body="Mine?", reader=None)


@pytest.mark.parametrize("body", ["", "\u200b", "> ", "x" * 10_001])
def test_what_cannot_be_posted_cannot_be_edited_in(body, comment, carls_browser):
    with pytest.raises(InvalidFields) as refused:
        posting.edit(comment, body=body, reader=carls_browser)
    comment.refresh_from_db()
    assert list(refused.value.fields) == ["body"]
    assert comment.revision == 1


def test_a_public_comment_with_too_many_links_now_waits(comment, carls_browser, thread):
    posting.edit(comment, body=" ".join(f"https://{x}.example" for x in "abc"), reader=carls_browser)
    comment.refresh_from_db()
    thread.refresh_from_db()
    assert (comment.status, comment.is_listed) == ("pending", False)
    assert comment.screening[0] == {"code": "links", "detail": "3"}
    assert thread.comment_count == 0
    assert list(comment.events.values_list("from_status", "to_status", "actor")) == [("approved", "pending", "screen")]


def test_a_public_comment_with_a_blocked_word_now_waits(comment, carls_browser, settings):
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ("casino",)}
    posting.edit(comment, body="Visit my Casino!", reader=carls_browser)
    comment.refresh_from_db()
    found = {"code": "blocked_word", "detail": "casino", "found": ["Casino"], "where": "text"}
    assert (comment.status, comment.screening[0]) == ("pending", found)


def test_a_thread_that_holds_everything_holds_edits(comment, carls_browser, thread):
    Thread.objects.update(mode="hold_all")
    posting.edit(Comment.objects.get(), body="Other words.", reader=carls_browser)
    assert Comment.objects.get().status == "pending"


def test_a_newcomer_who_was_approved_once_may_edit_without_waiting_again(write, carls_browser, thread):
    Thread.objects.update(mode="hold_newcomers")
    thread.refresh_from_db()
    first = write(reader=carls_browser)
    assert first.status == "pending"
    posting.edit(first, body="Better while it waits.", reader=carls_browser)
    first.refresh_from_db()
    assert (first.status, first.screening[0]["code"]) == ("pending", "newcomer")


def test_a_closed_thread_still_lets_its_authors_correct_themselves(comment, carls_browser):
    Thread.objects.update(mode="closed")
    posting.edit(Comment.objects.get(), body="A correction.", reader=carls_browser)
    assert Comment.objects.get().status == "approved"


def test_an_edit_drops_what_the_machine_said_and_keeps_a_persons_word(comment, carls_browser, tags, mona):
    tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("dredging", 0.9, True, ((0, 3),))])
    tagging.correct(comment, tags["protect"], applies=True, by=mona)
    comment.refresh_from_db()
    assert comment.tag_mask == tags["dredging"].mask | tags["protect"].mask
    posting.edit(comment, body="Something else.", reader=carls_browser)
    comment.refresh_from_db()
    assert comment.tag_mask == tags["protect"].mask
    assert comment.tagged_revision < comment.revision
    assert list(TagAssignment.objects.values_list("source", flat=True)) == ["person"]
    assert Comment.objects.untagged().get() == comment


def test_two_edits_at_once_do_not_lose_a_revision(comment, carls_browser):
    one, two = Comment.objects.get(), Comment.objects.get()
    posting.edit(one, body="First.", reader=carls_browser)
    posting.edit(two, body="Second.", reader=carls_browser)
    comment.refresh_from_db()
    assert (comment.revision, comment.body) == (3, "Second.")
