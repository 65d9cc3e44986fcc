"""The queue page: what stands on a card, the order, narrowing, paging, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments import moderation, reporting, tagging
from comments.models import Comment, Reader, Status, Thread
from comments.moderation import Seen

Write = Callable[..., Comment]

MAX_QUERIES = 26
"""Who asks and what they may, the tabs, what the form offers, the comments, and eleven things that cards show."""


def numbers(page: str) -> list[int]:
    """The comments of a page, in its order."""
    return [int(number) for number in re.findall(r'<article class="desk-card" id="c-(\d+)"', page)]


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


@pytest.fixture
def rita_s_browser(db: None) -> Reader:
    return Reader.objects.create(cookie_digest="rita")


def test_a_card_shows_all_that_a_decision_rests_on(
    mona_client: Client, write: Write, tags: dict[str, Any], thread: Thread, mona: User
) -> None:
    parent = write("The harbour was *always* too small.", name="Rita", email="rita@example.org")
    first = write("An earlier one.", website="https://carl.example")
    comment = write("It is **not**.", parent=parent, website="https://carl.example/path", status="pending")
    Comment.objects.filter(pk=comment.pk).update(
        screening=[{"code": "newcomer", "detail": ""}, {"code": "links", "detail": "3"}]
    )
    tagging.assign_by_machine(
        comment,
        revision=1,
        tags=[tagging.MachineTag("dredging", 0.93, True), tagging.MachineTag("expand", 0.4, False)],
    )
    tagging.correct(comment, tags["protect"], applies=True, by=mona)

    page = mona_client.get("/desk/moderation/").text

    assert "<p>It is <strong>not</strong>.</p>" in page
    assert "Rita" in page
    assert "The harbour was always too small." in page
    assert f'<a href="{thread.url}">The harbour</a>' in page
    assert "https://carl.example/path" in page
    assert 'href="https://carl.example/path"' not in page
    assert "first comment from this browser" in page
    assert "many links: 3" in page
    assert "by machine, 93 %" in page
    assert "uncertain, 40 %" in page
    assert "by a person" in page
    assert "1 approved, 0 rejected, 0 spam" in page
    assert first.pk not in numbers(page)


def test_a_name_and_a_note_are_shown_and_not_run(mona_client: Client, write: Write, carls_browser: Reader) -> None:
    comment = write(name="<img src=x onerror=alert(1)>")
    reporting.report(comment, reader=carls_browser, reason="other", note="<script>alert(1)</script>")

    page = mona_client.get("/desk/moderation/?queue=reported").text

    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<script>alert" not in page


def test_reports_stand_on_the_card_and_approving_is_keeping(
    mona_client: Client, write: Write, carls_browser: Reader, rita_s_browser: Reader
) -> None:
    comment = write()
    reporting.report(comment, reader=carls_browser, reason="abuse", note="Rude to my sister")
    reporting.report(comment, reader=rita_s_browser, reason="spam")

    page = mona_client.get("/desk/moderation/?queue=reported").text

    assert numbers(page) == [comment.pk]
    assert "2 reports" in page
    assert "Rude to my sister" in page
    assert "It is spam or advertising" in page
    assert re.search(r'value="approved"[^>]*>Keep ', page)


def test_many_reports_are_counted_and_the_latest_shown(mona_client: Client, write: Write) -> None:
    comment = write()
    for number in range(8):
        reader = Reader.objects.create(cookie_digest=f"reader {number}")
        reporting.report(comment, reader=reader, reason="abuse", note=f"Complaint {number}")

    page = mona_client.get("/desk/moderation/?queue=reported").text

    assert "8 reports" in page
    assert "Complaint 7" in page
    assert "Complaint 2" not in page
    assert "and 3 more" in page


def test_who_waits_longest_comes_first_and_what_was_decided_last(mona_client: Client, write: Write) -> None:
    pending = [write(status="pending").pk for _ in range(3)]
    spam = [write(status="spam").pk for _ in range(3)]

    assert numbers(mona_client.get("/desk/moderation/").text) == pending
    assert numbers(mona_client.get("/desk/moderation/?queue=spam").text) == spam[::-1]
    assert numbers(mona_client.get("/desk/moderation/?queue=all").text) == [*spam[::-1], *pending[::-1]]


def test_an_edited_comment_says_so(mona_client: Client, write: Write, carls_browser: Reader) -> None:
    from comments import posting

    comment = write(status="pending", reader=carls_browser)
    posting.edit(comment, body="A better remark.", reader=carls_browser)

    page = mona_client.get("/desk/moderation/").text

    assert "A better remark." in page
    assert "edited" in page
    assert "revision 2" in page
    assert 'name="seen_revision" value="2"' in page


def test_a_withdrawn_comment_has_nothing_to_decide(mona_client: Client, write: Write, carls_browser: Reader) -> None:
    from comments import posting

    comment = write("Something regretted", reader=carls_browser)
    posting.withdraw(comment, reader=carls_browser)

    page = mona_client.get("/desk/moderation/?queue=all").text

    assert numbers(page) == [comment.pk]
    assert "Something regretted" not in page
    assert "/decide/" not in page


def test_pages_lead_through_the_queue_and_back(mona_client: Client, write: Write) -> None:
    keys = [write(status="pending").pk for _ in range(60)]

    seen: list[int] = []
    url = "/desk/moderation/"
    while url:
        page = mona_client.get(url).text
        seen += numbers(page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        last, url = url, found.group(1).replace("&amp;", "&") if found else ""
    back = re.search(r'href="([^"]+)" rel="prev"', mona_client.get(last).text)

    assert seen == keys
    assert back is not None
    assert numbers(mona_client.get(back.group(1).replace("&amp;", "&")).text) == keys[25:50]


def test_a_queue_can_be_narrowed_to_a_discussion_and_a_tag(
    mona_client: Client, write: Write, tags: dict[str, Any], thread: Thread
) -> None:
    other = Thread.objects.create(key="bridge", title="The bridge", url="/articles/bridge/", mode="publish")
    elsewhere = write(thread=other, status="pending")
    tagged, plain = write(status="pending"), write(status="pending")
    tagging.assign_by_machine(tagged, revision=1, tags=[tagging.MachineTag("jobs", 0.9, True)])

    whole = mona_client.get("/desk/moderation/").text
    narrowed = mona_client.get(f"/desk/moderation/?thread={thread.pk}").text
    by_tag = mona_client.get(f"/desk/moderation/?thread={thread.pk}&tag=jobs").text

    assert numbers(whole) == [elsewhere.pk, tagged.pk, plain.pk]
    assert "The bridge (1)" in whole
    assert "The harbour (2)" in whole
    assert "Narrow by tag" not in whole
    assert numbers(narrowed) == [tagged.pk, plain.pk]
    assert f'href="/desk/moderation/?thread={thread.pk}&amp;tag=jobs">The jobs promise' in narrowed
    assert numbers(by_tag) == [tagged.pk]


def test_where_there_is_one_discussion_its_tags_are_offered_at_once(
    mona_client: Client, write: Write, tags: dict[str, Any]
) -> None:
    comment = write(status="pending")
    write(status="pending")
    tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("jobs", 0.9, True)])

    assert numbers(mona_client.get("/desk/moderation/?tag=jobs").text) == [comment.pk]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("queue=nothing", 400),
        ("after=twelve", 400),
        ("after=99999999999999999999999", 400),
        ("before=-1", 400),
        ("thread=4711", 404),
        ("thread=%00", 200),
        ("tag=nothing", 400),
    ],
)
def test_a_made_up_address_is_answered_with_a_sentence(
    mona_client: Client, thread: Thread, query: str, status: int
) -> None:
    response = mona_client.get(f"/desk/moderation/?{query}")

    assert response.status_code == status
    assert response["Cache-Control"] == "private, no-store"


def test_an_empty_queue_says_so(mona_client: Client, thread: Thread) -> None:
    assert "Nothing waits for a decision." in mona_client.get("/desk/moderation/").text


def test_a_comment_has_a_page_of_its_own_with_what_happened_to_it(
    mona_client: Client, mona: User, write: Write
) -> None:
    comment = write(status="pending")
    moderation.decide(comment, to=Status.REJECTED, by=mona, seen=Seen("pending", 1), reason="abuse", note="Third time")

    page = mona_client.get(f"/desk/moderation/{comment.pk}/").text

    assert "Third time" in page
    assert "It attacks a person or a group" in page
    assert mona_client.get("/desk/moderation/4711/").status_code == 404


def test_a_page_costs_the_same_queries_with_one_comment_and_with_fifty(
    mona_client: Client, write: Write, tags: dict[str, Any], carls_browser: Reader, mona: User
) -> None:
    def add(number: int) -> None:
        parent = write()
        comment = write(parent=parent, email=f"carl{number}@example.org")
        tagging.correct(comment, tags["jobs"], applies=True, by=mona)
        reporting.report(comment, reader=carls_browser, reason="abuse")
        moderation.move(comment, to=Status.PENDING, actor="screen", seen=Seen("approved", 1))

    urls = ["/desk/moderation/", "/desk/moderation/?queue=reported", "/desk/moderation/?queue=all&tag=jobs"]
    add(0)
    mona_client.get("/desk/moderation/")
    at_one = [queries(mona_client, url) for url in urls for _ in (mona_client.get(url),)]
    for number in range(1, 50):
        add(number)

    for url in urls:
        # Who loads a queue is noted at its first card, once for each that comes first.
        mona_client.get(url)
        assert queries(mona_client, url) == at_one[urls.index(url)]
    assert max(at_one) <= MAX_QUERIES


def test_ten_thousand_waiting_cost_no_more_and_are_counted_to_a_thousand(
    mona_client: Client, write: Write, thread: Thread
) -> None:
    comment = write(status="pending")
    mona_client.get("/desk/moderation/")
    at_one = queries(mona_client, "/desk/moderation/")
    Comment.objects.bulk_create(
        (
            Comment(thread=thread, commenter_id=comment.commenter_id, author_name="Carl", html="<p>More.</p>")
            for _ in range(10_000)
        ),
        batch_size=1000,
    )

    page = mona_client.get("/desk/moderation/").text

    assert queries(mona_client, "/desk/moderation/") == at_one
    assert 'Pending <span class="desk-count">1,000+</span>' in page
    assert len(numbers(page)) == 25


def test_no_address_stands_on_any_page_of_the_desk(
    mona_client: Client, mona: User, write: Write, carls_browser: Reader
) -> None:
    canary = "Carl.Canary+tag@example.org"
    comment = write(email=canary, status="pending")
    reported = write(email=canary)
    reporting.report(reported, reader=carls_browser, reason="abuse")
    # A program, or a browser that fills in forms, put it where people see no field.
    Comment.objects.filter(pk=comment.pk).update(screening=[{"code": "honeypot", "detail": f"call {canary} now"}])
    moderation.decide(write(email=canary, status="pending"), to=Status.SPAM, by=mona, seen=Seen("pending", 1))
    urls = [f"/desk/moderation/?queue={queue}" for queue in ("pending", "reported", "spam", "rejected", "all")]

    for url in [*urls, "/desk/moderation/log/", f"/desk/moderation/{comment.pk}/"]:
        page = mona_client.get(url).text.lower()
        assert "canary" not in page, url
        assert "@example.org" not in page, url
    assert "call …@… now" in mona_client.get("/desk/moderation/").text
