"""Withdrawing: the text is gone for good; a tombstone stays where others have replied."""

from __future__ import annotations

import pytest
from django.db import connection

from comments import posting, tagging
from comments.errors import Refusal
from comments.models import Comment, Reader, TagAssignment

pytestmark = pytest.mark.django_db


def test_withdrawing_blanks_the_text_and_unlists(write, carls_browser, thread):
    comment = write("Words to regret.", reader=carls_browser, website="https://example.org")
    done = posting.withdraw(comment, reader=carls_browser)
    comment.refresh_from_db()
    thread.refresh_from_db()
    assert done.status == comment.status == "withdrawn"
    assert (comment.body, comment.html, comment.author_name, comment.author_website) == ("", "", "", "")
    assert (comment.is_listed, comment.screening, thread.comment_count) == (False, [], 0)
    assert list(comment.events.values_list("from_status", "to_status", "actor")) == [
        ("approved", "withdrawn", "author")
    ]


def test_the_words_are_in_no_column_any_more(write, carls_browser):
    comment = write("Words to regret bitterly.", reader=carls_browser, name="Regretful")
    posting.withdraw(comment, reader=carls_browser)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert not [row for row in cursor.fetchall() if "egret" in repr(row)], table


def test_a_tombstone_stays_where_somebody_replied(write, carls_browser):
    root = write(reader=carls_browser)
    reply = write(parent=root)
    posting.withdraw(root, reader=carls_browser)
    root.refresh_from_db()
    reply.refresh_from_db()
    assert (root.is_listed, root.body) == (True, "")
    assert (reply.is_listed, reply.parent) == (True, root)
    assert list(Comment.objects.roots()) == [root]
    assert list(Comment.objects.public()) == [reply]


def test_its_tags_go_with_it(write, carls_browser, tags, mona, thread):
    comment = write(reader=carls_browser)
    tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("dredging", 0.9, True)])
    tagging.correct(comment, tags["protect"], applies=True, by=mona)
    posting.withdraw(comment, reader=carls_browser)
    comment.refresh_from_db()
    assert comment.tag_mask == 0
    assert not TagAssignment.objects.exists()
    assert not thread.facet_counts.filter(count__gt=0).exists()
    assert not Comment.objects.untagged().exists()


def test_withdrawing_twice_is_withdrawing_once(write, carls_browser):
    comment = write(reader=carls_browser)
    posting.withdraw(comment, reader=carls_browser)
    posting.withdraw(comment, reader=carls_browser)
    assert comment.events.count() == 1


@pytest.mark.parametrize("is_withdrawn", [False, True])
@pytest.mark.parametrize("whose", ["nobody", "somebody else"])
def test_another_browser_cannot_withdraw(whose, is_withdrawn, write, carls_browser):
    comment = write(reader=carls_browser)
    if is_withdrawn:
        posting.withdraw(comment, reader=carls_browser)
    with pytest.raises(Refusal) as refused:
        posting.withdraw(comment, reader=None if whose == "nobody" else Reader.objects.create(cookie_digest="sam"))
    assert refused.value.status == 403


def test_the_window_closes(write, carls_browser, settings):
    comment = write(reader=carls_browser)
    settings.COMMENTS = {**settings.COMMENTS, "EDIT_WINDOW": 0}
    with pytest.raises(Refusal) as refused:
        posting.withdraw(comment, reader=carls_browser)
    comment.refresh_from_db()
    assert refused.value.code == "not_yours"
    assert comment.status == "approved"


def test_words_that_were_withdrawn_may_be_posted_again(write, carls_browser):
    comment = write("Said too early.", reader=carls_browser)
    posting.withdraw(comment, reader=carls_browser)
    assert write("Said too early.", reader=carls_browser).status == "approved"
