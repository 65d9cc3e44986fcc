"""Blocks: who is held by one, where, how long, and what somebody with a typed address learns of it (nothing)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.utils import timezone

from comments import appealing, blocks, erasing, moderation, owning, posting, recommending, reporting, retention
from comments.desk.histories import histories
from comments.errors import InvalidFields, Refusal
from comments.models import Block, Comment, Commenter, ModerationEvent, Reader, Thread
from comments.screening import holds
from tests.comments.people import browser, confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment(write: Any, carls_browser: Reader) -> Comment:
    made: Comment = write("Enough of this.", reader=carls_browser)
    return made


@pytest.fixture
def elsewhere(db: None) -> Thread:
    return Thread.objects.create(key="market", title="The market", mode="publish")


def block(comment: Comment, by: User, **fields: Any) -> Block:
    return blocks.block(comment, by=by, **{"days": None, "everywhere": True, "reason": "", **fields})


def test_a_blocked_browser_posts_no_more(comment: Comment, mona: User, write: Any, carls_browser: Reader) -> None:
    made = block(comment, mona, reason="Insults")
    assert (made.reader, made.commenter, made.thread, made.expires_at) == (
        carls_browser, comment.commenter, None, None,
    )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        write(reader=carls_browser, email="another@example.org")

    assert (refused.value.status, refused.value.code) == (403, "blocked")
    assert str(refused.value) == (
        "The moderators have blocked you from this site. "
        "If you think that this is a mistake, turn to the editors of this site."
    )
    assert Comment.objects.count() == 1
    event = ModerationEvent.objects.get()
    assert (event.action, event.by, event.comment, event.block, event.note) == (
        "block", mona, comment, made, "Insults",
    )  # fmt: skip


def test_the_sentence_says_until_when_and_where_to_turn(
    comment: Comment, mona: User, write: Any, carls_browser: Reader, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "PRIVACY_CONTACT": "desk@news.example.org"}
    block(comment, mona, days=7, everywhere=False)
    with pytest.raises(Refusal) as refused:
        write(reader=carls_browser)
    assert str(refused.value).startswith("The moderators have blocked you from this discussion until ")
    assert str(refused.value).endswith("turn to: desk@news.example.org")


def test_an_address_that_is_merely_typed_only_makes_the_comment_wait(comment: Comment, mona: User, write: Any) -> None:
    block(comment, mona)
    other = write(reader=browser("somewhere else"))
    assert other.commenter == comment.commenter
    assert other.status == "pending"
    assert [entry["code"] for entry in other.screening] == ["blocked_address"]


def test_the_confirmed_owner_of_the_address_is_held_in_every_browser(
    comment: Comment, mona: User, write: Any, carls_browser: Reader
) -> None:
    assert comment.commenter is not None
    other = browser("the owner's other one")
    confirm(comment.commenter, carls_browser)
    confirm(comment.commenter, other)
    block(comment, mona)
    with pytest.raises(Refusal):
        write(reader=other, email="fresh@example.org")


def test_who_is_blocked_under_a_strangers_address_shuts_its_owner_out_of_nothing(
    write: Any, mona: User, carls_browser: Reader
) -> None:
    insult = write("Enough of this.", reader=carls_browser, email="rita@example.org")
    ritas = browser("rita's own")
    confirm(insult.commenter, ritas)
    block(insult, mona)

    hers = write("A word of mine.", reader=ritas, email="rita@example.org")

    assert (hers.status, [entry["code"] for entry in hers.screening]) == ("pending", ["blocked_address"])
    assert write("Another one.", reader=ritas, email="fresh@example.org").status == "pending"
    public = write("Somebody else's.", reader=browser("sam"), email="sam@example.org")
    assert recommending.recommend(public, reader=ritas) == 1
    with pytest.raises(Refusal):
        write("And again.", reader=carls_browser)


def test_a_stranger_is_not_held(comment: Comment, mona: User, write: Any) -> None:
    block(comment, mona)
    assert write(email="sam@example.org", reader=browser("sam")).status == "approved"
    assert write(email="nobody@example.org").status == "approved"


def test_a_block_of_one_discussion_holds_there_alone(
    comment: Comment, mona: User, write: Any, carls_browser: Reader, elsewhere: Thread
) -> None:
    block(comment, mona, everywhere=False)
    assert write(reader=carls_browser, thread=elsewhere).status == "approved"
    with pytest.raises(Refusal):
        write(reader=carls_browser)


@pytest.mark.parametrize("how", ["expired", "lifted"])
def test_a_block_that_ended_holds_nobody(
    how: str, comment: Comment, mona: User, write: Any, carls_browser: Reader
) -> None:
    made = block(comment, mona, days=1)
    if how == "expired":
        Block.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        blocks.lift(made, by=mona)
    assert not blocks.standing().exists()
    assert write(reader=carls_browser).status == "approved"


def test_lifting_is_logged_once(comment: Comment, mona: User) -> None:
    made = block(comment, mona)
    assert list(blocks.standing()) == [made]
    blocks.lift(made, by=mona)
    blocks.lift(made, by=mona)
    assert list(ModerationEvent.objects.values_list("action", flat=True)) == ["lift", "block"]
    assert list(blocks.of_commenter(comment)) == [made]


def test_a_merge_that_takes_the_commenter_away_meanwhile_does_not_save_anybody(
    comment: Comment, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, fails = Block.objects.create, [IntegrityError("the row is gone")]

    def first_in_vain(**fields: Any) -> Block:
        if fails:
            raise fails.pop()
        return create(**fields)

    monkeypatch.setattr(Block.objects, "create", first_in_vain)
    made = block(comment, mona, days=3)
    assert (made.commenter, Block.objects.count(), ModerationEvent.objects.count()) == (comment.commenter, 1, 1)


def test_the_longest_of_several_blocks_is_named(comment: Comment, mona: User, carls_browser: Reader) -> None:
    block(comment, mona, days=1)
    block(comment, mona)
    block(comment, mona, days=7)
    held = holds.on(thread_id=comment.thread_id, reader=carls_browser)
    assert held is not None
    assert (held.is_proven, held.until) == (True, None)


def test_who_is_blocked_edits_revises_recommends_and_reports_nothing(
    comment: Comment, mona: User, write: Any, carls_browser: Reader
) -> None:
    other = write(email="sam@example.org", reader=browser("sam"))
    rejected = write(reader=carls_browser)
    seen = moderation.Seen("approved", 1)
    moderation.decide(rejected, to="rejected", by=mona, seen=seen, reason="other", invite=True)
    block(comment, mona)
    for act in (
        lambda: posting.edit(comment, body="Another text.", reader=carls_browser),
        lambda: appealing.resubmit(rejected, body="Another text.", reader=carls_browser),
        lambda: recommending.recommend(other, reader=carls_browser),
        lambda: reporting.report(other, reader=carls_browser, reason="other"),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (403, "blocked")


def test_who_is_blocked_can_still_withdraw_and_appeal(
    comment: Comment, mona: User, write: Any, carls_browser: Reader
) -> None:
    rejected = write(reader=carls_browser, status="rejected")
    block(comment, mona)
    posting.withdraw(comment, reader=carls_browser)
    appealing.appeal(rejected, reader=carls_browser)
    recommending.recommend(write(email="sam@example.org"), reader=carls_browser, wanted=False)


@pytest.mark.parametrize("days", [0, -1, 3_651, 10**12])
def test_a_time_that_makes_no_sense_is_refused(days: int, comment: Comment, mona: User) -> None:
    with pytest.raises(InvalidFields):
        block(comment, mona, days=days)
    assert not Block.objects.exists()


def test_a_long_reason_is_refused(comment: Comment, mona: User) -> None:
    with pytest.raises(InvalidFields):
        block(comment, mona, reason="x" * 301)


def test_staff_are_not_blocked(write: Any, mona: User, ed: User) -> None:
    with pytest.raises(Refusal) as refused:
        block(write(user=ed, name="Ed"), mona)
    assert refused.value.status == 403


def test_where_nobody_is_known_nobody_is_blocked(comment: Comment, mona: User) -> None:
    Comment.objects.update(reader=None, commenter=None)
    with pytest.raises(Refusal) as refused:
        block(comment, mona)
    assert refused.value.status == 409


def test_a_site_without_blocks_asks_no_database(
    comment: Comment, carls_browser: Reader, django_assert_num_queries: Any
) -> None:
    holds.on(thread_id=comment.thread_id, reader=carls_browser)
    with django_assert_num_queries(0):
        assert holds.on(thread_id=comment.thread_id, reader=carls_browser) is None


def test_two_rows_of_one_address_keep_the_block(comment: Comment, mona: User) -> None:
    from comments import commenters, privacy

    made = block(comment, mona)
    twin = privacy.unmatched_commenter("x@example.org")
    assert comment.commenter is not None
    commenters.merge(comment.commenter, into=twin)
    made.refresh_from_db()
    assert made.commenter_id == twin.pk


def test_an_erased_person_is_in_no_block(comment: Comment, mona: User, carls_browser: Reader) -> None:
    assert comment.commenter is not None
    confirm(comment.commenter, carls_browser)
    block(comment, mona, reason="Carl insults people")
    erasing.erase(owning.of_browser(carls_browser), keep_comments=True)
    retention.sweep()
    (kept,) = Block.objects.all()
    assert (kept.commenter, kept.reader, kept.comment, kept.reason, kept.is_owners) == (None, None, None, "", True)
    assert not Commenter.objects.exists()
    assert not ModerationEvent.objects.filter(note__contains="Carl").exists()
    assert ModerationEvent.objects.filter(action="block").count() == 1


def come_back(write: Any, here: Reader) -> Comment:
    """Carl's address again, from a browser that nobody knows, in which it is confirmed after a first comment."""
    first: Comment = write("Here I am again.", reader=here)
    assert first.commenter is not None
    confirm(first.commenter, here)
    return first


def test_nobody_sheds_a_block_by_being_erased(comment: Comment, mona: User, write: Any, carls_browser: Reader) -> None:
    assert comment.commenter is not None
    confirm(comment.commenter, carls_browser)
    block(comment, mona, days=30)
    erasing.erase(owning.of_browser(carls_browser), keep_comments=False)

    here = browser("carl's new one")
    first = come_back(write, here)

    assert [entry["code"] for entry in first.screening] == ["blocked_address"], "not proven before it is confirmed"
    with pytest.raises(Refusal) as refused:
        write("And once more.", reader=Reader.objects.get(pk=here.pk))
    assert refused.value.code == "blocked"
    # The desk knows of it, and can lift it.
    (made,) = blocks.of_commenter(first)
    assert histories([first])[first.pk].blocks
    blocks.lift(made, by=mona)
    assert write("Thank you.", reader=Reader.objects.get(pk=here.pk)).status != "rejected"


def test_an_address_that_was_only_typed_proves_nothing_after_the_erasure_either(
    comment: Comment, mona: User, write: Any, carls_browser: Reader
) -> None:
    block(comment, mona)
    erasing.erase(owning.of_browser(carls_browser), keep_comments=False)

    owners = browser("the owner's")
    come_back(write, owners)

    hers = write("A word of mine.", reader=Reader.objects.get(pk=owners.pk))
    assert [entry["code"] for entry in hers.screening] == ["blocked_address"]


def test_what_is_left_of_a_block_goes_when_it_ends_and_in_any_case_with_the_log(
    comment: Comment, mona: User, write: Any, carls_browser: Reader, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "LOG_DAYS": 100}
    block(comment, mona, days=3)
    block(comment, mona)
    erasing.erase(owning.of_browser(carls_browser), keep_comments=False)
    retention.sweep()
    assert Block.objects.count() == 2
    Block.objects.filter(expires_at__isnull=False).update(expires_at=timezone.now())
    retention.sweep()
    assert Block.objects.get().expires_at is None
    Block.objects.update(erased_at=timezone.now() - timedelta(days=101))
    retention.sweep()
    assert not Block.objects.exists()


def test_of_a_block_that_had_ended_nothing_is_left(comment: Comment, mona: User, carls_browser: Reader) -> None:
    blocks.lift(block(comment, mona), by=mona)
    erasing.erase(owning.of_browser(carls_browser), keep_comments=False)
    assert not Block.objects.filter(address_digest__isnull=False).exists()
    retention.sweep()
    assert not Block.objects.exists()


def test_what_is_left_of_a_block_moves_to_a_new_key(
    comment: Comment, mona: User, write: Any, carls_browser: Reader, settings: Any
) -> None:
    old = settings.COMMENTS["ADDRESS_KEYS"]
    block(comment, mona)
    erasing.erase(owning.of_browser(carls_browser), keep_comments=False)
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ("n" * 60, *old)}
    hers = write("A word of mine.", reader=browser("another"))
    assert [entry["code"] for entry in hers.screening] == ["blocked_address"]


def test_a_browser_that_a_block_holds_is_not_forgotten(comment: Comment, mona: User, carls_browser: Reader) -> None:
    block(comment, mona)
    Comment.objects.update(reader=None)
    Reader.objects.update(created_at=timezone.now() - timedelta(days=1_000))
    retention.sweep()
    assert Reader.objects.filter(pk=carls_browser.pk).exists()
