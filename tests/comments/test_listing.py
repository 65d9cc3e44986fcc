"""Pages of comments: four orders, forth and back, filtered or not; each row once, whatever ties."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comments import facets, listing, posting, tagging
from comments.listing import Cursor, Page, Selection, Sort
from comments.models import Comment, FacetCount, Tag, Thread

pytestmark = pytest.mark.django_db

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SORTS = list(Sort)
ROWS = st.lists(
    # Few values, so that most rows tie: minute, replies, recommendations, tags.
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 15)),
    max_size=14,
)
KINDS = {"dredging": "indicator", "jobs": "indicator", "expand": "position", "protect": "position"}


@contextmanager
def rolled_back():
    """Hypothesis runs many examples in one test; each begins with an empty database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fill(rows, *, replies: bool = False) -> Thread:
    """A thread with a public root comment for each (minute, reply count, recommendation count, mask)."""
    thread = Thread.objects.create(key="filled", mode="publish", comment_count=len(rows))
    for bit, (slug, kind) in enumerate(KINDS.items()):
        Tag.objects.create(thread=thread, slug=slug, kind=kind, bit=bit, position=bit)
    Comment.objects.bulk_create(
        Comment(
            thread=thread,
            author_name=f"{number}",
            html="<p>x</p>",
            created_at=NOON + timedelta(minutes=minute),
            status="approved",
            is_listed=True,
            reply_count=answers,
            recommendation_count=thumbs,
            tag_mask=mask,
        )
        for number, (minute, answers, thumbs, mask) in enumerate(rows)
    )
    for mask in {row[3] for row in rows}:
        FacetCount.objects.create(thread=thread, tag_mask=mask, count=sum(row[3] == mask for row in rows))
    return thread


def in_order(rows, sort: Sort) -> list[int]:
    def key(row):
        value = getattr(row, sort.column)
        return (value, row.pk)

    return [row.pk for row in sorted(rows, key=key, reverse=sort.is_falling)]


def walk(page_at) -> list[Page]:
    """All pages from the first on, each asked for with the opaque cursor of the one before."""
    pages = [page_at(None)]
    while pages[-1].next:
        sort = pages[-1].next.sort
        pages.append(page_at(Cursor.decode(pages[-1].next.encode(), sort)))
        assert len(pages) < 100
    return pages


def walk_back(page_at, last: Page) -> list[Page]:
    pages = [last]
    while pages[0].previous:
        pages.insert(0, page_at(Cursor.decode(pages[0].previous.encode(), pages[0].previous.sort)))
        assert len(pages) < 100
    return pages


def keys(pages) -> list[int]:
    return [row.pk for page in pages for row in page.rows]


property_test = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@property_test
@given(rows=ROWS, sort=st.sampled_from(SORTS), size=st.integers(1, 6))
@example(rows=[(0, 0, 0, 0)] * 7, sort=Sort.REPLIES, size=3)
@example(rows=[(0, 0, 0, 0)] * 6, sort=Sort.OLDEST, size=3)
def test_pages_of_conversations_visit_each_once_in_order_forth_and_back(rows, sort, size):
    with rolled_back():
        thread = fill(rows)
        expected = in_order(Comment.objects.all(), sort)

        def page_at(cursor):
            return listing.conversations(thread, sort=sort, cursor=cursor, size=size)

        pages = walk(page_at)
        assert keys(pages) == expected
        assert all(0 < len(page.rows) <= size for page in pages) or not rows
        assert pages[0].previous is None
        assert keys(walk_back(page_at, pages[-1])) == expected


@property_test
@given(rows=ROWS, sort=st.sampled_from(SORTS), size=st.integers(1, 6), each=st.integers(1, 3))
def test_pages_that_count_replies_hold_fewer_conversations_and_miss_none(rows, sort, size, each):
    with rolled_back():
        thread = fill(rows)
        Comment.objects.update(descendant_count=F("reply_count"))
        expected = in_order(Comment.objects.all(), sort)

        def page_at(cursor):
            return listing.conversations(thread, sort=sort, cursor=cursor, size=size, each=each)

        pages = walk(page_at)
        assert keys(pages) == expected
        assert keys(walk_back(page_at, pages[-1])) == expected
        for page in pages:
            shown = sum(1 + min(row.descendant_count, each) for row in page.rows)
            assert shown <= size or len(page.rows) == 1


@property_test
@given(rows=ROWS, sort=st.sampled_from(SORTS), size=st.integers(1, 6), slugs=st.sets(st.sampled_from(sorted(KINDS))))
def test_pages_of_a_filtered_list_hold_what_matches_and_nothing_else(rows, sort, size, slugs):
    with rolled_back():
        thread = fill(rows)
        selection = listing.select(thread, slugs)
        expected = in_order([row for row in Comment.objects.all() if matches(row.tag_mask, slugs)], sort)
        found = {}
        for path, count in (("walking the order", 0), ("by the rare tag", 10**9)):
            # The number of comments in the thread is what makes a tag rare.
            thread.comment_count = count

            def page_at(cursor):
                return listing.flat(thread, sort=sort, cursor=cursor, size=size, selection=selection)

            pages = walk(page_at)
            found[path] = [[row.pk for row in page.rows] for page in pages]
            assert keys(pages) == expected, path
            assert keys(walk_back(page_at, pages[-1])) == expected, path
        assert len(set(map(str, found.values()))) == 1, "both ways give the same pages"
        assert selection.match_count == len(expected)


def matches(mask: int, slugs) -> bool:
    """Any of one kind, all across kinds; said anew, without the code's own masks."""
    carried = {slug for bit, slug in enumerate(KINDS) if mask >> bit & 1}
    return all(carried & {slug for slug in slugs if KINDS[slug] == kind} for kind in {KINDS[slug] for slug in slugs})


@property_test
@given(rows=ROWS, slugs=st.sets(st.sampled_from(sorted(KINDS))))
def test_the_counts_of_the_filter_equal_a_count_by_hand(rows, slugs):
    with rolled_back():
        selection = listing.select(fill(rows), slugs)
        groups = facets.groups(
            selection.tags, selection.counts, selection.selected, lambda wanted: ",".join(sorted(wanted))
        )
        assert [group.kind for group in groups] == ["indicator", "position"]
        for group in groups:
            for facet in group.facets:
                others = {slug for slug in slugs if KINDS[slug] != group.kind}
                assert facet.count == sum(matches(row[3], {*others, facet.slug}) for row in rows)
                assert facet.is_selected == (facet.slug in slugs)
                assert facet.toggle_url == ",".join(sorted(slugs ^ {facet.slug}))


def test_a_filter_takes_any_of_one_kind_and_all_across_kinds():
    masks = {"nothing": 0b0000, "dredging": 0b0001, "jobs": 0b0010, "expand": 0b0100, "dredging and expand": 0b0101}
    thread = fill([(minute, 0, 0, mask) for minute, mask in enumerate(masks.values())])
    names = list(masks)

    def found(*slugs: str) -> list[str]:
        selection = listing.select(thread, slugs)
        page = listing.flat(thread, sort=Sort.OLDEST, cursor=None, size=50, selection=selection)
        return [names[int(row.author_name)] for row in page.rows]

    assert found() == names
    assert found("dredging") == ["dredging", "dredging and expand"]
    assert found("dredging", "jobs") == ["dredging", "jobs", "dredging and expand"]
    assert found("dredging", "jobs", "expand") == ["dredging and expand"]
    assert found("protect") == []


def test_the_flat_list_holds_replies_too_and_says_what_they_answer(thread, write):
    root = write(name="Rita")
    reply = write(parent=root)
    page = listing.flat(thread, sort=Sort.OLDEST, cursor=None, size=50)
    assert [(row.pk, row.parent_name, row.parent_status) for row in page.rows] == [
        (root.pk, None, None),
        (reply.pk, "Rita", "approved"),
    ]


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_what_is_not_public_is_on_no_page(status, thread, write):
    root = write()
    write(status=status)
    write(status=status, parent=root)
    for sort in Sort:
        assert keys([listing.conversations(thread, sort=sort, cursor=None, size=50)]) == [root.pk]
        assert keys([listing.flat(thread, sort=sort, cursor=None, size=50)]) == [root.pk]
    root.refresh_from_db()
    assert listing.replies_of([root], each=50) == []
    assert listing.replies_page(root, after=0, size=50) == ([], False)


def test_another_threads_comments_are_on_no_page(thread, write):
    write(thread=Thread.objects.create(key="elsewhere", mode="publish"))
    assert listing.conversations(thread, sort=Sort.NEWEST, cursor=None, size=50) == Page([], None, None)
    assert listing.flat(thread, sort=Sort.NEWEST, cursor=None, size=50) == Page([], None, None)


def test_new_comments_do_not_shift_the_page_that_a_reader_is_on(thread, write):
    old = [write() for _ in range(4)]
    first = listing.conversations(thread, sort=Sort.NEWEST, cursor=None, size=2)
    write()
    second = listing.conversations(thread, sort=Sort.NEWEST, cursor=first.next, size=2)
    assert keys([first, second]) == [row.pk for row in reversed(old)]


def test_a_cursor_outlives_the_comment_that_it_names(thread, write):
    rows = [write() for _ in range(3)]
    cursor = listing.conversations(thread, sort=Sort.OLDEST, cursor=None, size=1).next
    Comment.objects.filter(pk=rows[0].pk).update(is_listed=False, status="spam")
    assert keys([listing.conversations(thread, sort=Sort.OLDEST, cursor=cursor, size=9)]) == [
        row.pk for row in rows[1:]
    ]


def test_a_page_can_begin_with_a_comment_that_a_link_names(thread, write):
    rows = [write() for _ in range(5)]
    page = listing.conversation_from(rows[2], sort=Sort.NEWEST, size=2)
    assert keys([page]) == [rows[2].pk, rows[1].pk]
    assert keys([listing.conversations(thread, sort=Sort.NEWEST, cursor=page.next, size=9)]) == [rows[0].pk]
    assert keys([listing.conversations(thread, sort=Sort.NEWEST, cursor=page.previous, size=9)]) == [
        rows[4].pk,
        rows[3].pk,
    ]


def test_a_page_of_one_that_begins_with_a_comment_leads_on(thread, write):
    rows = [write() for _ in range(3)]
    page = listing.conversation_from(rows[1], sort=Sort.OLDEST, size=1)
    assert page.rows[0] == rows[1]
    after = [] if page.next is None else listing.conversations(thread, sort=Sort.OLDEST, cursor=page.next, size=9).rows
    assert [*page.rows, *after] == rows[1:]


# --- Replies ---------------------------------------------------------------------------------------------------------


def test_the_first_replies_of_each_conversation_come_in_one_query(write, django_assert_num_queries):
    roots = [write() for _ in range(3)]
    replies = {root.pk: [write(parent=root) for _ in range(4)] for root in roots[:2]}
    for root in roots:
        root.refresh_from_db()
    with django_assert_num_queries(1):
        found = listing.replies_of(roots, each=3)
    assert [row.pk for row in found] == [row.pk for root in roots[:2] for row in replies[root.pk][:3]]
    with django_assert_num_queries(0):
        assert listing.replies_of(roots[2:], each=3) == []


def test_further_replies_come_in_pages(write):
    root = write()
    replies = [write(parent=root) for _ in range(5)]
    assert listing.replies_page(root, after=0, size=2) == (replies[:2], True)
    assert listing.replies_page(root, after=2, size=3) == (replies[2:], False)
    assert listing.replies_page(root, after=5, size=3) == ([], False)


# --- What a page costs -----------------------------------------------------------------------------------------------


def cost(act) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_costs_the_same_number_of_queries_at_one_comment_and_at_fifty(sort, thread, write, tags):
    def read() -> None:
        selection = listing.select(thread, ["dredging"])
        page = listing.conversations(thread, sort=sort, cursor=None, size=20)
        listing.replies_of(page.rows, each=3)
        listing.flat(thread, sort=sort, cursor=None, size=20, selection=selection)

    def one_more() -> None:
        root = write()
        tagging.assign_by_machine(root, revision=1, tags=[tagging.MachineTag("dredging", 0.9, True)])
        write(parent=root)

    one_more()
    few = cost(read)
    assert few <= 5
    for _ in range(25):
        one_more()
    assert cost(read) == few


def plans(act) -> list[str]:
    """How SQLite goes about each query, with the parameters with which it was asked."""
    asked: list[tuple[str, object]] = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    found = []
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            found.append("; ".join(row[3] for row in cursor.fetchall()))
    return found


INDEX_OF = {"created_at": "time", "reply_count": "replies", "recommendation_count": "recommended"}


if connection.vendor == "sqlite":  # no skip, which REQUIRE_ALL would refuse: PostgreSQL plans by what it has counted

    class TestPlans:
        """No page sorts: each order is an index that is read from its place on, forth or back."""

        @pytest.fixture(autouse=True)
        def _some_rows(self):
            self.thread = fill([(row % 7, row % 3, row % 5, row % 16) for row in range(60)])

        @pytest.mark.parametrize("is_backward", [False, True])
        @pytest.mark.parametrize("sort", SORTS)
        def test_conversations(self, sort, is_backward):
            root = Comment.objects.all()[30]
            for cursor in (None, Cursor.at(root, sort, is_backward=is_backward)):
                ask = partial(listing.conversations, self.thread, sort=sort, cursor=cursor, size=9)
                for plan in plans(ask):
                    assert f"ix_comments_roots_{INDEX_OF[sort.column]}" in plan
                    assert "TEMP B-TREE" not in plan

        @pytest.mark.parametrize("is_backward", [False, True])
        @pytest.mark.parametrize("sort", SORTS)
        @pytest.mark.parametrize("slugs", [(), ("dredging",), ("dredging", "jobs", "expand")])
        def test_the_flat_list(self, slugs, sort, is_backward):
            selection = listing.select(self.thread, slugs)
            self.thread.comment_count = 0  # nothing is rare
            row = Comment.objects.all()[30]
            for cursor in (None, Cursor.at(row, sort, is_backward=is_backward)):
                ask = partial(listing.flat, self.thread, sort=sort, cursor=cursor, size=9, selection=selection)
                for plan in plans(ask):
                    assert f"ix_comments_flat_{INDEX_OF[sort.column]}" in plan
                    assert "TEMP B-TREE" not in plan

        def test_a_rare_tag(self):
            selection = listing.select(self.thread, ["dredging", "expand"])
            self.thread.comment_count = 10**6
            first, *_ = plans(
                lambda: listing.flat(self.thread, sort=Sort.NEWEST, cursor=None, size=9, selection=selection)
            )
            assert "ix_comments_rare_tags" in first

        def test_replies(self):
            roots = list(Comment.objects.all()[:5])
            Comment.objects.update(descendant_count=3)
            for root in roots:
                root.refresh_from_db()
            (first,) = plans(lambda: listing.replies_of(roots, each=3))
            assert "ix_comments_ordinal" in first
            (more,) = plans(lambda: listing.replies_page(roots[0], after=3, size=9))
            assert "ix_comments_ordinal" in more
            assert "TEMP B-TREE" not in more

        @pytest.mark.parametrize("queue", ["pending", "spam", "rejected"])
        def test_queues(self, queue):
            (plan,) = plans(lambda: list(Comment.objects.in_queue(queue).order_by("id")[:50]))
            assert f"ix_comments_queue_{queue}" in plan
            assert "TEMP B-TREE" not in plan

        def test_reported_and_untagged(self):
            (reported,) = plans(lambda: list(Comment.objects.in_queue("reported").order_by("id")[:50]))
            (untagged,) = plans(lambda: list(Comment.objects.untagged().order_by("pk")[:50]))
            assert "ix_comments_reported" in reported
            assert "ix_comments_untagged" in untagged


def test_the_queues_are_named():
    with pytest.raises(ValueError, match="nonsense"):
        Comment.objects.in_queue("nonsense")


def test_a_selection_names_the_tags_that_a_comment_carries(thread, write, tags):
    comment = write()
    tagging.assign_by_machine(
        comment, revision=1, tags=[tagging.MachineTag("protect", 0.9, True), tagging.MachineTag("jobs", 0.9, True)]
    )
    comment.refresh_from_db()
    selection: Selection = listing.select(thread, ())
    assert [tag.slug for tag in selection.tags_of(comment)] == ["jobs", "protect"]


def test_a_browser_sees_what_is_public_and_what_it_posted_itself(write, carls_browser, rita):
    public, waiting = write(), write(status="pending", reader=carls_browser)
    write(status="pending")
    assert set(Comment.objects.visible_to(carls_browser)) == {public, waiting}
    assert set(Comment.objects.visible_to(None)) == {public}
    posting.withdraw(waiting, reader=carls_browser)


@pytest.mark.parametrize(
    ("name", "is_found"),
    [("harbour", True), ("Harbour", False), ("", False), ("9" * 30, False), ("0", False), ("\u0661", False)],
)
def test_a_thread_is_named_by_key_or_number(name, is_found, thread):
    assert Thread.objects.named(name).exists() == is_found
    assert Thread.objects.named(str(thread.pk)).get() == thread
