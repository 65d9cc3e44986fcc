"""Whatever people do, in whatever order: every derived column equals a recount from scratch."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from comments import drafts, moderation, posting, privacy, recommending, reporting, tagging, tallies
from comments.errors import Refusal
from comments.models import Comment, FacetCount, ModerationEvent, Reader, Tag, TagAssignment, Thread

pytestmark = pytest.mark.django_db

MODES = st.sampled_from(["publish", "publish", "hold_all"])
SLUGS = ("dredging", "jobs", "expand", "protect")


def recount(thread: Thread) -> None:
    """Compare what is counted with what is there."""
    thread.refresh_from_db()
    rows = {row.pk: row for row in Comment.objects.filter(thread=thread)}
    public = [row for row in rows.values() if row.status == "approved"]
    assert thread.comment_count == len(public)
    direct = Counter(row.parent_id for row in public if row.parent_id)
    below = Counter(row.root_id for row in public if row.root_id)
    for row in rows.values():
        assert row.reply_count == direct[row.pk], row
        assert row.descendant_count == below[row.pk], row
        assert row.is_listed == (row.status == "approved" or bool(direct[row.pk] or below[row.pk])), row
        assert row.recommendation_count == row.recommendations.count(), row
        assert row.report_count == row.reports.filter(resolved_at=None).count(), row
        assert row.tag_mask == mask_from_assignments(row), row
        log = list(row.events.order_by("id"))
        assert all(one.to_status == two.from_status for one, two in pairwise(log)), row
        assert not log or log[-1].to_status == row.status, row
        if row.parent_id is not None:
            parent = rows[row.parent_id]
            assert row.root_id == (parent.root_id or parent.pk), row
            assert row.depth == parent.depth + 1, row
            assert (row.status != "approved") or row.ordinal is not None, row
            if row.ordinal is not None and parent.ordinal is not None:
                assert row.ordinal > parent.ordinal, "a parent stands before its replies"
    for root in {row.root_id for row in rows.values() if row.root_id}:
        ordinals = [row.ordinal for row in rows.values() if row.root_id == root and row.ordinal is not None]
        assert sorted(ordinals) == list(range(1, len(ordinals) + 1)), "each place in a conversation is taken once"
    facets = dict(FacetCount.objects.filter(thread=thread, count__gt=0).values_list("tag_mask", "count"))
    assert facets == Counter(row.tag_mask for row in public if row.tag_mask)


def mask_from_assignments(comment: Comment) -> int:
    person, machine = {}, {}
    for row in TagAssignment.objects.filter(comment=comment).select_related("tag"):
        (person if row.source == "person" else machine)[row.tag.bit] = row.verdict == "yes"
    return sum(1 << bit for bit, applies in {**machine, **person}.items() if applies)


class Discussion(RuleBasedStateMachine):
    """Everybody does everything that they may, and some of what they may not."""

    comments = Bundle("comments")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        """Each example begins with an empty database."""
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        self.thread = Thread.objects.create(key="harbour", mode="publish")
        specs = [tagging.TagSpec(slug, "indicator" if slug < "f" else "position") for slug in SLUGS]
        tagging.define_tags(self.thread, specs)
        self.mona = User.objects.create(username="mona")
        self.readers = [Reader.objects.create(cookie_digest=privacy.reader_digest(str(who))) for who in range(3)]
        self.number = 0

    def row(self, pk: int) -> Comment:
        return Comment.objects.select_related("thread").get(pk=pk)

    def has_comments(self) -> bool:
        return getattr(self, "number", 0) > 0

    def new(self, who: int, parent: int | None, mode: str) -> int:
        self.number += 1
        # One object serves all posts, as in a long process: what it carries of the counters is out of date.
        self.thread.mode = mode
        Thread.objects.filter(pk=self.thread.pk).update(mode=mode)
        draft = drafts.Draft(f"Remark {self.number}", name="Carl", email="carl@example.org", parent=parent)
        return posting.post(self.thread, draft, posting.Origin(reader=self.readers[who])).comment.pk

    @rule(target=comments, who=st.integers(0, 2), mode=MODES)
    def post(self, who, mode):
        return self.new(who, None, mode)

    @rule(
        target=comments,
        who=st.integers(0, 2),
        parent=comments,
        mode=MODES,
    )
    def reply(self, who, parent, mode):
        try:
            return self.new(who, parent, mode)
        except Refusal:
            assert self.row(parent).status != "approved"
            return multiple()

    @rule(comment=comments, to=st.sampled_from(["approved", "approved", "rejected", "spam"]), is_stale=st.booleans())
    def decide(self, comment, to, is_stale):
        row = self.row(comment)
        seen = moderation.Seen(row.status, row.revision + (1 if is_stale else 0))
        try:
            moderation.decide(row, to=to, by=self.mona, seen=seen, reason="other" if to == "rejected" else "")
        except Refusal:
            assert is_stale or row.status == "withdrawn"

    @rule(comment=comments, mode=st.sampled_from(["publish", "hold_all"]))
    def edit(self, comment, mode):
        row = self.row(comment)
        row.thread.mode = mode
        self.number += 1
        try:
            posting.edit(row, body=f"Better remark {self.number}", reader=row.reader)
        except Refusal:
            assert row.status in {"rejected", "spam", "withdrawn"}

    @rule(comment=comments)
    def withdraw(self, comment):
        row = self.row(comment)
        try:
            posting.withdraw(row, reader=row.reader)
        except Refusal:
            assert row.status in {"rejected", "spam"}

    @rule(
        comment=comments,
        said=st.dictionaries(st.sampled_from([*SLUGS, "gone"]), st.tuples(st.floats(0, 1), st.booleans()), max_size=3),
        is_late=st.booleans(),
    )
    def tag(self, comment, said, is_late):
        row = self.row(comment)
        tags = [tagging.MachineTag(slug, confidence, is_sure) for slug, (confidence, is_sure) in said.items()]
        stored = tagging.assign_by_machine(row, revision=row.revision - is_late, tags=tags)
        assert stored == (not is_late and row.status != "withdrawn")

    @rule(comment=comments, slug=st.sampled_from(SLUGS), applies=st.booleans())
    def correct(self, comment, slug, applies):
        tag = Tag.objects.filter(thread=self.thread, slug=slug).first()
        if tag is not None:
            try:
                tagging.correct(self.row(comment), tag, applies=applies, by=self.mona)
            except Refusal:
                assert self.row(comment).status == "withdrawn"

    @rule(comment=comments, who=st.integers(0, 2), wanted=st.booleans())
    def recommend(self, comment, who, wanted):
        row = self.row(comment)
        try:
            recommending.recommend(row, reader=self.readers[who], wanted=wanted)
        except Refusal:
            assert row.status != "approved" or row.reader_id == self.readers[who].pk

    @rule(comment=comments, who=st.integers(0, 2))
    def report(self, comment, who):
        row = self.row(comment)
        try:
            reporting.report(row, reader=self.readers[who], reason="abuse")
        except Refusal:
            assert row.status != "approved"

    @precondition(has_comments)
    @rule(slugs=st.permutations(SLUGS), keep=st.integers(1, 4))
    def define_tags(self, slugs, keep):
        specs = [tagging.TagSpec(slug, "indicator" if slug < "f" else "position") for slug in slugs[:keep]]
        tagging.define_tags(self.thread, specs)

    @rule(comment=consumes(comments))
    def forget(self, comment):
        """The bundle lets go of a comment, so that later steps look at others."""

    @invariant()
    def everything_derived_is_right(self):
        if hasattr(self, "thread"):
            recount(self.thread)


def test_every_derived_column_equals_a_recount_after_every_step():
    run_state_machine_as_test(
        Discussion,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_recount_finds_a_wrong_counter(write, thread):
    """A check that cannot fail proves nothing."""
    comment = write()
    recount(thread)
    for column, wrong in [("reply_count", 1), ("descendant_count", 1), ("is_listed", False), ("tag_mask", 1)]:
        was = getattr(comment, column)
        Comment.objects.filter(pk=comment.pk).update(**{column: wrong})
        with pytest.raises(AssertionError):
            recount(thread)
        Comment.objects.filter(pk=comment.pk).update(**{column: was})
    Thread.objects.filter(pk=thread.pk).update(comment_count=7)
    with pytest.raises(AssertionError):
        recount(thread)


def test_a_tombstone_is_listed_while_a_public_reply_hangs_on_it(write, thread, carls_browser, mona):
    root = write(reader=carls_browser)
    reply = write(parent=root)
    posting.withdraw(root, reader=carls_browser)
    root.refresh_from_db()
    assert (root.status, root.is_listed, root.descendant_count) == ("withdrawn", True, 1)
    reply.refresh_from_db()
    moderation.decide(reply, to="spam", by=mona, seen=moderation.Seen(reply.status, reply.revision))
    root.refresh_from_db()
    assert (root.is_listed, root.descendant_count) == (False, 0)
    recount(thread)


def test_a_reply_keeps_its_place_when_it_is_hidden_and_shown_again(write, mona):
    root = write()
    first, second = write(parent=root), write(parent=root)
    for to in ("spam", "approved"):
        first.refresh_from_db()
        moderation.decide(first, to=to, by=mona, seen=moderation.Seen(first.status, first.revision))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ordinal, second.ordinal) == (1, 2)


def test_a_new_version_is_given_for_what_readers_see_and_for_nothing_else(write, thread, mona, carls_browser):
    def version() -> int:
        thread.refresh_from_db()
        return thread.version

    comment = write(status="pending")
    before = version()
    reporting.report(write(), reader=carls_browser, reason="spam")
    after_post = version()
    assert after_post > before
    moderation.decide(comment, to="spam", by=mona, seen=moderation.Seen("pending", 1))
    assert version() == after_post
    moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("spam", 1))
    assert version() > after_post


def test_touching_counts_up_whatever_the_process_remembers(thread):
    old = Thread.objects.get(pk=thread.pk)
    tallies.touch(thread.pk, by=1)
    tallies.touch(old.pk, by=1)
    thread.refresh_from_db()
    assert (thread.comment_count, thread.version) == (2, old.version + 2)
    assert not ModerationEvent.objects.exists()
