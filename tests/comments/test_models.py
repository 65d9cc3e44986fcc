"""One-row facts, and what the database itself refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from comments.models import AccessToken, Comment, Tag, TagAssignment, Thread

pytestmark = pytest.mark.django_db


def refused_by_the_database(act) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_a_status_is_one_of_the_list(write):
    comment = write()
    for status in ("", "public", "PENDING"):
        refused_by_the_database(lambda status=status: Comment.objects.filter(pk=comment.pk).update(status=status))


def test_a_reply_has_a_root_and_a_root_has_none(write):
    root = write()
    reply = write(parent=root)
    refused_by_the_database(lambda: Comment.objects.filter(pk=reply.pk).update(root=None))
    refused_by_the_database(lambda: Comment.objects.filter(pk=root.pk).update(root=reply))


def test_a_place_in_a_conversation_is_taken_once(write):
    root = write()
    write(parent=root)
    second = write(parent=root)
    refused_by_the_database(lambda: Comment.objects.filter(pk=second.pk).update(ordinal=1))


def test_the_mode_of_a_thread_is_one_of_the_list(thread):
    refused_by_the_database(lambda: Thread.objects.update(mode="open"))


def test_tags_of_a_thread_share_neither_slug_nor_bit(thread, tags):
    refused_by_the_database(lambda: Tag.objects.create(thread=thread, slug="jobs", kind="indicator", bit=9))
    refused_by_the_database(lambda: Tag.objects.create(thread=thread, slug="new", kind="indicator", bit=0))
    refused_by_the_database(lambda: Tag.objects.create(thread=thread, slug="new", kind="indicator", bit=62))
    refused_by_the_database(lambda: Tag.objects.create(thread=thread, slug="new", kind="mood", bit=9))


@pytest.mark.parametrize("confidence", [-0.1, 1.1])
def test_a_confidence_is_a_probability(confidence, write, tags):
    comment = write()
    refused_by_the_database(
        lambda: TagAssignment.objects.create(
            comment=comment, tag=tags["jobs"], source="machine", verdict="yes", confidence=confidence
        )
    )


def test_a_person_is_never_unsure(write, tags):
    comment = write()
    refused_by_the_database(
        lambda: TagAssignment.objects.create(comment=comment, tag=tags["jobs"], source="person", verdict="unsure")
    )


def test_a_new_thread_has_the_sites_mode(settings):
    assert Thread.objects.create(key="one").mode == "hold_newcomers"
    settings.COMMENTS = {**settings.COMMENTS, "MODE": "hold_all"}
    assert Thread.objects.create(key="two").mode == "hold_all"


@pytest.mark.parametrize(
    ("mode", "days", "age", "is_open"),
    [
        ("publish", None, 10_000, True),
        ("hold_all", None, 0, True),
        ("closed", None, 0, False),
        ("publish", 7, 6, True),
        ("publish", 7, 7, False),
        ("publish", 0, 0, False),
        ("closed", 7, 0, False),
    ],
)
def test_a_thread_is_open_by_its_mode_and_its_age(mode, days, age, is_open):
    made = timezone.now() - timedelta(days=age)
    assert Thread(mode=mode, close_after_days=days, created_at=made).is_open == is_open


@pytest.mark.parametrize("markup", ["plain words", "*marked* words", "two\nlines", "a\n\nb", "`x`  y", "> quoted"])
def test_the_body_is_what_was_typed(markup, write):
    comment = write(markup)
    comment.refresh_from_db()
    assert comment.body == markup


def test_what_reads_the_same_is_stored_once(write):
    comment = write("Nine in ten people type no markup.")
    assert (comment.markup, comment.text) == ("", comment.body)
    assert write("*One* does.").markup == "*One* does."


def test_addresses_lead_to_the_comment_and_the_article(write, thread):
    comment = write()
    assert comment.get_absolute_url() == f"/comments/{comment.pk}/"
    assert thread.get_absolute_url() == "/articles/harbour/"
    assert Thread(key="x").get_absolute_url() == "/"


def test_rows_say_what_they_are_without_saying_who(write, carls_browser):
    comment = write(reader=carls_browser, name="Carl Weatherwax")
    assert str(comment) == f"comment {comment.pk} (approved)"
    assert "Weatherwax" not in repr(comment)
    assert str(carls_browser) == f"reader {carls_browser.pk}"


def test_a_token_is_shown_once_and_kept_as_a_digest(mona):
    token = AccessToken.issue(user=mona, label="desk bot")
    row = AccessToken.objects.get()
    assert len(token) >= 43
    assert token not in repr(vars(row))
    assert row.digest == AccessToken.digest_of(token)


def test_saving_a_thread_leaves_its_counters_alone_and_renews_its_pages(write, thread):
    stale = Thread.objects.get(pk=thread.pk)
    write()
    version = Thread.objects.get(pk=thread.pk).version
    stale.title = "The new harbour"
    stale.save()
    fresh = Thread.objects.get(pk=thread.pk)
    assert (fresh.title, fresh.comment_count) == ("The new harbour", 1)
    assert fresh.version > version
