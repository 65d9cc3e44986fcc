"""The editors' aggregates: equal to what readers count by."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from analysis.models import TaggingRun
from analysis.summaries import thread_summary, threads_page
from comments import listing, posting, tagging
from comments.models import Comment, Reader, Tag, Thread

Write = Callable[..., Comment]


def run(comment: Comment, *slugs: str, outcome: str = "") -> None:
    """What a tagger leaves behind."""
    tagging.assign_by_machine(
        comment, revision=comment.revision, tags=[tagging.MachineTag(slug, 0.9, True) for slug in slugs]
    )
    TaggingRun.objects.create(
        comment=comment, revision=comment.revision, tagger="test 1", outcome=outcome or ("tagged" if slugs else "none")
    )


@pytest.fixture
def discussed(write: Write, tags: dict[str, Tag], thread: Thread) -> Thread:
    """Six public comments of a thread, three of them tagged, and one of each other status."""
    run(write(), "jobs", "expand")
    run(write(), "jobs")
    run(write(), "protect")
    run(write())
    run(write(), outcome="uncertain")
    write()
    run(write(status="pending"), "jobs")
    for status in ("rejected", "spam"):
        run(write(status=status))
    thread.refresh_from_db()
    return thread


def test_a_summary_counts_what_readers_see(discussed: Thread) -> None:
    summary = thread_summary(discussed)

    assert (summary.comment_count, summary.tagged_count, summary.tagged_percent) == (6, 3, 50)
    assert summary.untagged_count == 1
    assert {figure.code: figure.count for figure in summary.statuses} == {
        "pending": 1,
        "approved": 6,
        "rejected": 1,
        "spam": 1,
        "withdrawn": 0,
    }
    assert {figure.code: figure.count for figure in summary.outcomes} == {"tagged": 3, "none": 1, "uncertain": 1}


def test_each_tag_has_the_count_of_the_readers_filter(discussed: Thread) -> None:
    summary = thread_summary(discussed)
    figures = {tag.slug: tag for group in summary.groups for tag in group.tags}

    assert [group.kind for group in summary.groups] == ["indicator", "position"]
    for slug, figure in figures.items():
        assert figure.count == listing.select(discussed, [slug]).match_count
    assert [tag.slug for tag in summary.groups[0].tags] == ["jobs", "dredging"]
    assert (figures["jobs"].count, figures["jobs"].relative, figures["jobs"].bar) == (2, 1.0, "1000")
    assert (figures["expand"].bar, figures["dredging"].bar) == ("500", "0")
    assert figures["jobs"].percent == 33
    assert figures["jobs"].url == "/articles/harbour/?tag=jobs"


def test_a_link_keeps_what_the_articles_address_asks_for(thread: Thread, tags: dict[str, Tag]) -> None:
    thread.url = "/read?story=12"

    assert thread_summary(thread).groups[0].tags[0].url == "/read?story=12&tag=dredging"


def test_a_person_s_word_counts_among_the_tags_and_not_among_the_tagger_s_outcomes(
    discussed: Thread, tags: dict[str, Tag], ed: User
) -> None:
    plain = Comment.objects.public().filter(tag_mask=0).first()
    assert plain is not None

    tagging.correct(plain, tags["dredging"], applies=True, by=ed)

    summary = thread_summary(discussed)
    assert summary.tagged_count == 4
    assert {figure.code: figure.count for figure in summary.outcomes}["tagged"] == 3


def test_an_edited_comment_waits_for_its_tags_and_its_old_outcome_does_not_count(
    write: Write, tags: dict[str, Tag], thread: Thread, carls_browser: Reader
) -> None:
    comment = write(reader=carls_browser)
    run(comment, "jobs")

    posting.edit(comment, body="Something else entirely.", reader=carls_browser)

    thread.refresh_from_db()
    summary = thread_summary(thread)
    assert summary.untagged_count == 1
    assert sum(figure.count for figure in summary.outcomes) == 0


def test_where_tags_mean_something_else_now_old_outcomes_do_not_count(discussed: Thread, tags: dict[str, Tag]) -> None:
    tags["jobs"].description = "Something else."
    tagging.save_tag(tags["jobs"])

    summary = thread_summary(discussed)

    assert summary.untagged_count == 9
    assert sum(figure.count for figure in summary.outcomes) == 0


def test_a_thread_without_comments_or_tags_divides_by_nothing(thread: Thread) -> None:
    summary = thread_summary(thread)

    assert (summary.tagged_share, summary.groups) == (0.0, ())


def test_the_list_has_every_thread_newest_first_and_in_pages(discussed: Thread, db: None) -> None:
    newer = Thread.objects.create(key="bridge", title="The bridge")

    page = threads_page()
    first = threads_page(size=1)
    second = threads_page(size=1, before=int(first.next or 0))

    assert [row.thread_id for row in page.rows] == [newer.pk, discussed.pk]
    assert page.next is None
    row = page.rows[1]
    assert (row.comment_count, row.tagged_percent, row.untagged_count) == (6, 50, 1)
    assert [row.thread_id for row in (*first.rows, *second.rows)] == [newer.pk, discussed.pk]
    assert second.next is None
