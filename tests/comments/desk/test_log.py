"""The log of the desk."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments import moderation
from comments.models import Comment, ModerationEvent, Status
from comments.moderation import Seen

Write = Callable[..., Comment]


def reject(comment: Comment, by: User, note: str = "") -> None:
    moderation.decide(comment, to=Status.REJECTED, by=by, seen=Seen("approved", 1), reason="abuse", note=note)


def test_a_row_says_who_decided_what_when_and_why(mona_client: Client, mona: User, write: Write) -> None:
    comment = write()
    reject(comment, mona, "Enough <b>now</b>")
    event = ModerationEvent.objects.get()

    page = mona_client.get("/desk/moderation/log/").text

    assert "mona" in page
    assert f'href="/desk/moderation/{comment.pk}/"' in page
    assert 'data-status="approved">approved' in page
    assert 'data-status="rejected">rejected' in page
    assert "It attacks a person or a group" in page
    assert "Enough &lt;b&gt;now&lt;/b&gt;" in page
    assert f'title="{event.at:%Y-%m-%d %H:%M:%S} UTC"' in page


def test_newest_come_first_and_older_ones_on_the_next_page(mona_client: Client, mona: User, write: Write) -> None:
    for number in range(60):
        reject(write(), mona, f"note {number:02}")

    first = mona_client.get("/desk/moderation/log/").text
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link is not None
    second = mona_client.get(link.group(1).replace("&amp;", "&")).text

    assert re.findall(r"note \d\d", first) == [f"note {number:02}" for number in range(59, 9, -1)]
    assert re.findall(r"note \d\d", second) == [f"note {number:02}" for number in range(9, -1, -1)]
    assert 'rel="next"' not in second


def test_the_log_narrows_to_a_moderator_and_to_a_comment(
    mona_client: Client, mona: User, ed: User, write: Write
) -> None:
    one, other = write(), write()
    reject(one, mona, "by mona")
    reject(other, ed, "by ed")

    assert "by ed" not in mona_client.get("/desk/moderation/log/?by=mona").text
    of_other = mona_client.get(f"/desk/moderation/log/?comment={other.pk}").text
    assert "by ed" in of_other
    assert "by mona" not in of_other
    assert "Nothing has happened yet." in mona_client.get("/desk/moderation/log/?by=nobody%00").text


@pytest.mark.parametrize("query", ["comment=x", "before=1e9", "comment=" + "9" * 30])
def test_a_made_up_address_is_refused_with_a_sentence(mona_client: Client, query: str) -> None:
    assert mona_client.get(f"/desk/moderation/log/?{query}").status_code == 400


def test_a_page_costs_the_same_queries_with_one_row_and_with_fifty(
    mona_client: Client, mona: User, write: Write
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            mona_client.get("/desk/moderation/log/")
        return len(caught)

    reject(write(), mona)
    count()
    at_one = count()
    for _ in range(50):
        reject(write(), mona)

    assert count() == at_one <= 8
