"""Edits by staff: another text, the author's own in the log, and readers are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from comments import editing, moderation, posting, tagging
from comments.errors import IllegalTransition, InvalidFields, StaleDecision
from comments.models import Comment, ModerationEvent, Reader, TagAssignment, Thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment(write: Any, carls_browser: Reader) -> Comment:
    made: Comment = write("The *mayor*, phone 555-0100, lies.", reader=carls_browser)
    return made


def seen(comment: Comment) -> moderation.Seen:
    return moderation.Seen(comment.status, comment.revision)


def test_the_words_change_and_the_authors_stay_in_the_log(comment: Comment, mona: User, thread: Thread) -> None:
    thread.refresh_from_db()
    version = thread.version

    done = editing.edit(comment, by=mona, body="The *mayor* lies.", seen=seen(comment), note="A number")

    comment.refresh_from_db()
    thread.refresh_from_db()
    assert done == comment
    assert (comment.text, comment.html, comment.body) == (
        "The mayor lies.", "<p>The <em>mayor</em> lies.</p>", "The *mayor* lies.",
    )  # fmt: skip
    assert (comment.status, comment.revision, comment.is_staff_edited) == ("approved", 2, True)
    assert thread.version > version
    event = ModerationEvent.objects.get()
    assert (event.action, event.by, event.original, event.note, event.revision) == (
        "edit", mona, "The *mayor*, phone 555-0100, lies.", "A number", 1,
    )  # fmt: skip
    assert (event.from_status, event.to_status) == ("approved", "approved")


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_the_status_stays_and_no_screen_is_asked(status: str, write: Any, mona: User, settings: Any) -> None:
    comment = write(status=status)
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ("harbour",)}
    editing.edit(comment, by=mona, body="The harbour.", seen=seen(comment))
    comment.refresh_from_db()
    assert (comment.status, comment.text) == (status, "The harbour.")


def test_what_is_typed_is_sanitised(comment: Comment, mona: User) -> None:
    done = editing.edit(comment, by=mona, body="<script>alert(1)</script> **fine**\0", seen=seen(comment))
    assert "<script" not in done.html
    assert "<strong>fine</strong>" in done.html


def test_a_view_that_is_out_of_date_changes_nothing(comment: Comment, mona: User, carls_browser: Reader) -> None:
    old = seen(comment)
    posting.edit(comment, body="What the author says now.", reader=carls_browser)
    with pytest.raises(StaleDecision):
        editing.edit(comment, by=mona, body="What the desk says.", seen=old)
    comment.refresh_from_db()
    assert (comment.text, comment.is_staff_edited) == ("What the author says now.", False)
    assert not ModerationEvent.objects.exists()


def test_the_same_words_again_change_nothing(comment: Comment, mona: User) -> None:
    editing.edit(comment, by=mona, body=comment.body, seen=seen(comment))
    comment.refresh_from_db()
    assert (comment.revision, comment.is_staff_edited) == (1, False)
    assert not ModerationEvent.objects.exists()


@pytest.mark.parametrize("fields", [{"body": ""}, {"body": "\u200b"}, {"body": "x" * 10_001}, {"note": "x" * 501}])
def test_what_cannot_be_stored_is_refused(fields: dict[str, str], comment: Comment, mona: User) -> None:
    with pytest.raises(InvalidFields) as refused:
        editing.edit(comment, by=mona, seen=seen(comment), **{"body": "Other words.", **fields})
    assert list(refused.value.fields) == list(fields)


def test_there_is_nothing_to_edit_in_what_was_withdrawn(comment: Comment, mona: User, carls_browser: Reader) -> None:
    posting.withdraw(comment, reader=carls_browser)
    comment.refresh_from_db()
    with pytest.raises(IllegalTransition):
        editing.edit(comment, by=mona, body="Other words.", seen=seen(comment))


def test_the_machines_tags_go_and_a_persons_stay(comment: Comment, mona: User, tags: Any, ed: User) -> None:
    tagging.correct(comment, tags["jobs"], applies=True, by=ed)
    TagAssignment.objects.create(comment=comment, tag=tags["dredging"], source="machine", verdict="yes")
    editing.edit(comment, by=mona, body="Other words.", seen=seen(comment))
    comment.refresh_from_db()
    assert comment.tag_mask == tags["jobs"].mask
    assert not TagAssignment.objects.filter(source="machine").exists()


def test_words_that_the_author_sends_after_that_are_the_authors_own(
    comment: Comment, mona: User, carls_browser: Reader
) -> None:
    editing.edit(comment, by=mona, body="The mayor lies.", seen=seen(comment))
    done = posting.edit(comment, body="The mayor is wrong.", reader=carls_browser)
    assert not done.is_staff_edited
