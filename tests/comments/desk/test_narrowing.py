"""Narrowing and ordering a queue: each filter alone, orders page by page, and what a made-up address gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comments import reporting
from comments.desk import finding
from comments.models import Comment, Reader, Sample

Write = Callable[..., Comment]


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<article class="desk-card" id="c-(\d+)"', page)]


def shown(client: Client, query: str) -> list[int]:
    response = client.get(f"/desk/moderation/?{query}")
    assert response.status_code == 200, query
    return numbers(response.text)


def all_pages(client: Client, query: str) -> list[list[int]]:
    """Every page from the first on, and on the way back the same again."""
    pages, url = [], f"/desk/moderation/?{query}"
    last = url
    while url:
        text = client.get(url).text
        pages.append(numbers(text))
        found = re.search(r'href="([^"]+)" rel="next"', text)
        last, url = url, unescape(found.group(1)) if found else ""
    back, url = [], last
    while url:
        text = client.get(url).text
        back.append(numbers(text))
        found = re.search(r'href="([^"]+)" rel="prev"', text)
        url = unescape(found.group(1)) if found else ""
    assert [key for page in reversed(back) for key in page] == [key for page in pages for key in page]
    return pages


@pytest.fixture
def waiting(write: Write) -> list[Comment]:
    """Four that wait and differ in everything that can be asked for."""
    found = [
        write("The tide is late.", status="pending", name="Rita", email="rita@example.org"),
        write("Приплив запізнюється.", status="pending", name="Іда", email="ida@example.org"),
        write(
            "Buy cheap pills", status="pending", name="Pills4u", website="https://pills.example", email="x@example.org"
        ),
        write("The tide is early.", status="pending", name="Rita", email="rita@example.org"),
    ]
    now = timezone.now()
    changes: list[dict[str, Any]] = [
        {"language": "en", "risk": 100, "screening": [{"code": "newcomer", "detail": ""}]},
        {"language": "uk", "risk": None, "created_at": now - timedelta(days=2)},
        {"language": "en", "risk": 900, "screening": [{"code": "blocked_word", "detail": "pills"}]},
        {"language": "en", "risk": 500, "created_at": now - timedelta(days=30)},
    ]
    for comment, change in zip(found, changes, strict=True):
        Comment.objects.filter(pk=comment.pk).update(**change)
    return found


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("reason=blocked_word", [2]),
        ("language=uk", [1]),
        ("language=en", [0, 2, 3]),
        ("age=hour", [0, 2]),
        ("age=week", [0, 1, 2]),
        ("age=older", [3]),
        ("risk=50", [2, 3]),
        ("text=TIDE", [0, 3]),
        ("text=запізню", [1]),
        ("text=pills4U", [2]),
        ("text=pills.example", [2]),
        ("text=tide&risk=50", [3]),
        ("order=newest", [3, 2, 1, 0]),
        ("order=risk", [2, 3, 0, 1]),
        ("order=risk&text=tide", [3, 0]),
        ("text=nothing+like+it", []),
    ],
)
def test_each_filter_and_order_shows_what_it_says(
    mona_client: Client, waiting: list[Comment], query: str, wanted: list[int]
) -> None:
    assert shown(mona_client, query) == [waiting[index].pk for index in wanted]


def test_everything_from_one_person_is_one_link_away(mona_client: Client, waiting: list[Comment], write: Write) -> None:
    public = write("A published one.", name="Rita R.", email="rita@example.org")
    page = mona_client.get("/desk/moderation/").text

    assert f"?queue=all&amp;person={waiting[0].pk}" in page
    assert shown(mona_client, f"person={waiting[0].pk}") == [waiting[0].pk, waiting[3].pk]
    assert shown(mona_client, f"queue=all&person={waiting[0].pk}") == [public.pk, waiting[3].pk, waiting[0].pk]
    narrowed = mona_client.get(f"/desk/moderation/?person={waiting[0].pk}").text
    assert "everything from Rita" in narrowed
    assert "rita@example.org" not in narrowed


def test_without_an_address_a_person_is_a_browser(mona_client: Client, write: Write, carls_browser: Reader) -> None:
    one, two = write(status="pending", reader=carls_browser), write(status="pending", reader=carls_browser)
    write(status="pending", reader=Reader.objects.create(cookie_digest="other"), email="sam@example.org")
    Comment.objects.update(commenter=None)

    assert shown(mona_client, f"person={one.pk}") == [one.pk, two.pk]


def test_what_is_set_stands_as_chips_that_take_it_away(mona_client: Client, waiting: list[Comment]) -> None:
    page = mona_client.get("/desk/moderation/?language=en&risk=50&text=tide&order=newest").text

    assert 'href="/desk/moderation/?language=en&amp;risk=50&amp;order=newest"' in page
    assert 'href="/desk/moderation/?risk=50&amp;text=tide&amp;order=newest"' in page
    assert 'href="/desk/moderation/?order=newest">Show the whole queue' in page
    assert '<option value="newest" selected>' in page
    assert 'value="tide"' in page


@pytest.mark.parametrize(
    "query", ["", "order=newest", "order=risk", "order=reports", "text=remark", "order=risk&text=remark"]
)
def test_pages_lead_through_every_order_and_back(
    mona_client: Client, write: Write, carls_browser: Reader, query: str
) -> None:
    keys = [write(status="pending").pk for _ in range(60)]
    for index, key in enumerate(keys):
        Comment.objects.filter(pk=key).update(risk=(index % 4) * 100 or None, report_count=index % 3)

    pages = all_pages(mona_client, query)
    flat = [key for page in pages for key in page]

    assert sorted(flat) == keys
    assert [len(page) for page in pages] == [25, 25, 10]
    rows = Comment.objects.in_bulk(flat)
    if "risk" in query:
        assert [rows[key].risk or 0 for key in flat] == sorted((rows[key].risk or 0 for key in flat), reverse=True)
    if "reports" in query:
        assert [rows[key].report_count for key in flat] == sorted(
            (rows[key].report_count for key in flat), reverse=True
        )


def test_a_long_search_stops_says_how_far_it_came_and_goes_on(
    mona_client: Client, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "WINDOW", 10)
    keys = [write(status="pending").pk for _ in range(25)]
    wanted = write("The needle.", status="pending").pk

    first = mona_client.get("/desk/moderation/?text=needle").text

    assert "Nothing fits among 10 comments searched so far." in first
    assert "Search on" in first
    assert keys[0] not in numbers(first)
    assert [key for page in all_pages(mona_client, "text=needle") for key in page] == [wanted]


def test_the_standing_sample_is_a_queue_of_its_own(mona_client: Client, write: Write) -> None:
    drawn, settled, other = write(), write(), write()
    Sample.objects.create(comment=drawn, machine_status="approved")
    Sample.objects.create(comment=settled, machine_status="approved", settled_at=timezone.now(), is_agreed=True)

    assert shown(mona_client, "queue=sample") == [drawn.pk]
    assert other.pk not in shown(mona_client, "queue=sample&order=risk")


@pytest.mark.parametrize(("status", "button"), [("approved", "Keep "), ("spam", "It is spam ")])
def test_a_person_can_agree_with_the_machine(mona_client: Client, write: Write, status: str, button: str) -> None:
    comment = write(status="" if status == "approved" else status)
    Comment.objects.filter(pk=comment.pk).update(screening=[{"code": "sample", "detail": ""}])
    Sample.objects.create(comment=comment, machine_status=status)
    assert f">{button}" in mona_client.get("/desk/moderation/?queue=sample").text

    form = {"view": "queue=sample", "seen_status": status, "seen_revision": "1", "to": status}
    mona_client.post(f"/desk/moderation/{comment.pk}/decide/", form)

    sample = Sample.objects.get()
    assert sample.is_agreed is True
    assert shown(mona_client, "queue=sample") == []


def test_most_reports_come_first(mona_client: Client, write: Write) -> None:
    once, twice = write(), write()
    for comment, names in ((once, "a"), (twice, "bc")):
        for name in names:
            reporting.report(comment, reader=Reader.objects.create(cookie_digest=name), reason="abuse")

    assert shown(mona_client, "queue=reported&order=reports") == [twice.pk, once.pk]
    assert shown(mona_client, "queue=all&order=reports") == [twice.pk, once.pk]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("order=sideways", 400),
        ("queue=all&order=risk", 400),
        ("age=old", 400),
        ("risk=x", 400),
        ("risk=101", 400),
        ("risk=0", 200),
        ("person=x", 400),
        ("person=" + "9" * 30, 400),
        ("person=99999", 404),
        ("reason=%00%00", 200),
        ("reason=" + "x" * 5000, 200),
        ("language=\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), 200),
        ("text=%00", 200),
        ("text=%ED%A0%80", 200),
        ("text=" + "%25_" * 200, 200),
        ("after=5.5.5", 400),
        ("after=.", 400),
        ("after=9999999999.1&order=risk", 400),
        ("after=12.5&order=risk", 200),
        ("before=12.5&order=reports", 200),
        ("before=5&after=5", 200),
    ],
)
def test_a_made_up_address_is_answered_with_a_sentence(
    mona_client: Client, waiting: list[Comment], query: str, status: int
) -> None:
    assert mona_client.get(f"/desk/moderation/?{query}").status_code == status
