"""Deciding on many comments, undoing, and what an open page hears; with several moderators."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import moderation, reporting, tagging, viewing
from comments.models import Appeal, Comment, ModerationEvent, Reader, Status, Thread, Viewing
from comments.moderation import Seen

Write = Callable[..., Comment]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def waiting(write: Write) -> list[Comment]:
    return [write(f"Remark {number}.", status="pending") for number in range(4)]


@pytest.fixture
def nora(db: None) -> Client:
    """Another moderator."""
    user = User.objects.create_user("nora")
    user.groups.add(Group.objects.get(name="Moderators"))
    client = Client()
    client.force_login(user)
    return client


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<article class="desk-card" id="c-(\d+)"', page)]


def pick(comment: Comment) -> str:
    return f"{comment.pk}.{comment.status}.{comment.revision}"


def select(client: Client, comments: list[Comment], *, htmx: bool = False, **fields: str) -> Any:
    form = {"pick": [pick(comment) for comment in comments], "view": "", **fields}
    return client.post("/desk/moderation/selected/", form, headers=HTMX if htmx else {})


def statuses(comments: list[Comment]) -> list[str]:
    found = Comment.objects.in_bulk([comment.pk for comment in comments])
    return [found[comment.pk].status for comment in comments]


def undo(client: Client, *, htmx: bool = False, **fields: str) -> Any:
    return client.post("/desk/moderation/undo/", {"view": "", **fields}, headers=HTMX if htmx else {})


def test_what_is_selected_is_decided_with_one_result_for_each(
    mona_client: Client, ed: User, waiting: list[Comment]
) -> None:
    moderation.decide(waiting[1], to=Status.SPAM, by=ed, seen=Seen("pending", 1))

    response = select(mona_client, waiting[:3], to="approved")

    assert response.status_code == 200
    assert statuses(waiting) == ["approved", "spam", "approved", "pending"]
    assert "2 comments decided. 1 was not: look below." in response.text
    assert response.text.count("Approved.") == 2
    assert "it is spam now" in response.text

    batch = re.search(r'name="batch" value="([^"]+)"', response.text)
    assert batch is not None
    undone = undo(mona_client, batch=batch.group(1))

    assert "2 decisions undone." in undone.text
    assert statuses(waiting) == ["pending", "spam", "pending", "pending"]


def test_with_htmx_each_card_becomes_a_line_or_says_what_stands_there(
    mona_client: Client, ed: User, waiting: list[Comment]
) -> None:
    moderation.decide(waiting[1], to=Status.SPAM, by=ed, seen=Seen("pending", 1))

    text = select(mona_client, waiting[:2], htmx=True, to="rejected", reason="abuse").text

    assert "<html" not in text
    assert "Undo all" in text
    assert f'<article class="desk-card desk-done" id="c-{waiting[0].pk}"' in text
    assert f'<article class="desk-card" id="c-{waiting[1].pk}"' in text
    assert "by ed: spam" in text
    assert text.count('hx-swap-oob="true"') == 3


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"pick": []}, 422),
        ({"pick": ["x"]}, 400),
        ({"pick": ["1.pending"]}, 422),
        ({"pick": ["9" * 40 + ".pending.1"]}, 400),
        ({"pick": ["1.nothing.1"]}, 422),
        ({"pick": [f"{number}.pending.1" for number in range(1, 102)]}, 422),
    ],
)
def test_a_damaged_selection_decides_nothing(mona_client: Client, db: None, fields: Any, status: int) -> None:
    assert mona_client.post("/desk/moderation/selected/", {"to": "approved", **fields}).status_code == status
    assert not ModerationEvent.objects.exists()


def test_rejecting_the_selected_without_a_reason_is_said_for_each(mona_client: Client, waiting: list[Comment]) -> None:
    text = select(mona_client, waiting, to="rejected").text

    assert text.count("Choose a reason for the rejection.") == 4
    assert set(statuses(waiting)) == {"pending"}


def test_all_about_a_tag_is_decided_with_the_number_said_before(
    mona_client: Client, waiting: list[Comment], tags: dict[str, Any], thread: Thread
) -> None:
    for comment in waiting[:3]:
        tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("jobs", 0.9, True)])
    url = f"/desk/moderation/topic/?thread={thread.pk}&tag=jobs"
    assert url.replace("&", "&amp;") in mona_client.get(f"/desk/moderation/?thread={thread.pk}&tag=jobs").text

    page = mona_client.get(url).text
    assert "<strong>3</strong> comments about “The jobs promise” wait" in page
    form = dict(re.findall(r'name="(expected|newest)" value="(\d+)"', page))
    response = mona_client.post(url, {**form, "to": "rejected", "reason": "off_topic"})

    assert "3 comments decided." in response.text
    assert "Undo all" in response.text
    assert statuses(waiting) == ["rejected"] * 3 + ["pending"]


def test_what_came_after_the_number_was_said_is_not_decided(
    mona_client: Client, waiting: list[Comment], tags: dict[str, Any], thread: Thread, write: Write
) -> None:
    def tag(comment: Comment) -> None:
        tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("jobs", 0.9, True)])

    tag(waiting[0])
    url = f"/desk/moderation/topic/?thread={thread.pk}&tag=jobs"
    form = dict(re.findall(r'name="(expected|newest)" value="(\d+)"', mona_client.get(url).text))
    late = write(status="pending")
    tag(late)

    mona_client.post(url, {**form, "to": "spam"})
    assert statuses([waiting[0], late]) == ["spam", "pending"]

    # A tag that was set meanwhile on an older one: more than was said, so nothing happens.
    form = dict(re.findall(r'name="(expected|newest)" value="(\d+)"', mona_client.get(url).text))
    tag(waiting[1])
    refused = mona_client.post(url, {**form, "to": "spam"})
    assert refused.status_code == 409
    assert "There are 2 comments by now" in refused.text
    assert statuses([late, waiting[1]]) == ["pending", "pending"]


@pytest.mark.parametrize(
    ("query", "fields", "status"),
    [
        ("thread=1&tag=nothing", {}, 404),
        ("tag=jobs", {}, 404),
        ("thread={thread}&tag=jobs&tag=dredging", {}, 404),
        ("thread={thread}&tag=jobs", {"expected": "x", "newest": "1"}, 400),
        ("thread={thread}&tag=jobs", {"to": "spam"}, 422),
        ("thread={thread}&tag=jobs", {"to": "withdrawn", "expected": "1", "newest": "99"}, 422),
        ("thread={thread}&tag=jobs", {"to": "rejected", "expected": "1", "newest": "99"}, 422),
    ],
)
def test_a_made_up_topic_decides_nothing(
    mona_client: Client, write: Write, tags: Any, thread: Thread, query: str, fields: dict[str, str], status: int
) -> None:
    comment = write(status="pending")
    tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag("jobs", 0.9, True)])
    url = f"/desk/moderation/topic/?{query.format(thread=thread.pk)}"

    response = mona_client.post(url, fields) if fields else mona_client.get(url)

    assert response.status_code == status
    assert statuses([comment]) == ["pending"]


def test_the_last_decision_is_taken_back_by_key(mona_client: Client, mona: User, waiting: list[Comment]) -> None:
    for comment, to in zip(waiting[:2], ("approved", "spam"), strict=True):
        moderation.decide(comment, to=to, by=mona, seen=Seen("pending", 1))

    text = undo(mona_client, htmx=True).text

    assert numbers(text) == [waiting[1].pk]
    assert "Undone. The comment by Carl." in text
    assert statuses(waiting[:2]) == ["approved", "pending"]
    undo(mona_client, htmx=True)
    assert statuses(waiting[:2]) == ["pending", "pending"]
    nothing = undo(mona_client, htmx=True)
    assert (nothing.status_code, nothing["HX-Reswap"]) == (200, "none")
    assert "nothing of the last hour" in nothing.text


def test_without_javascript_a_line_of_the_log_is_undone_and_said(
    mona_client: Client, mona: User, waiting: list[Comment]
) -> None:
    event = moderation.decide(waiting[0], to=Status.SPAM, by=mona, seen=Seen("pending", 1)).event
    assert event is not None

    response = undo(mona_client, event=str(event.pk))

    assert (response.status_code, response["Location"]) == (303, "/desk/moderation/")
    assert "Undone. The comment by Carl." in mona_client.get("/desk/moderation/").text
    assert undo(mona_client, event=str(event.pk), htmx=True).status_code == 200


def test_undoing_what_somebody_has_decided_anew_is_a_conflict(
    mona_client: Client, mona: User, ed: User, waiting: list[Comment]
) -> None:
    event = moderation.decide(waiting[0], to=Status.SPAM, by=mona, seen=Seen("pending", 1)).event
    assert event is not None
    moderation.decide(waiting[0], to=Status.APPROVED, by=ed, seen=Seen("spam", 1))

    response = undo(mona_client, event=str(event.pk), htmx=True)

    assert response.status_code == 409
    assert "it is approved now" in response.text
    assert statuses(waiting[:1]) == ["approved"]


@pytest.mark.parametrize("fields", [{"event": "x"}, {"event": "9" * 18}, {"batch": "x"}, {"event": "9" * 40}])
def test_a_made_up_undo_is_answered_with_a_sentence(mona_client: Client, db: None, fields: dict[str, str]) -> None:
    assert undo(mona_client, **fields).status_code in {400, 404}


def test_the_last_of_many_takes_all_of_them_back(mona_client: Client, waiting: list[Comment]) -> None:
    select(mona_client, waiting, to="spam")

    response = undo(mona_client, htmx=True)

    assert response["HX-Redirect"] == "/desk/moderation/"
    assert set(statuses(waiting)) == {"pending"}


def test_two_moderators_get_different_cards_first(mona_client: Client, nora: Client, waiting: list[Comment]) -> None:
    keys = [comment.pk for comment in waiting]

    assert numbers(mona_client.get("/desk/moderation/").text) == keys
    second = nora.get("/desk/moderation/").text

    assert numbers(second) == [*keys[1:], keys[0]]
    assert "mona has this open" in second
    # Who has it open keeps it first, and sees who is at the next one.
    again = mona_client.get("/desk/moderation/").text
    assert numbers(again) == [keys[0], *keys[2:], keys[1]]
    assert "nora has this open" in again


def test_a_card_is_free_again_after_a_minute_and_when_its_reader_goes_on(
    mona_client: Client, nora: Client, mona: User, waiting: list[Comment]
) -> None:
    mona_client.get("/desk/moderation/")
    Viewing.objects.update(at=timezone.now() - viewing.FRESH - timedelta(seconds=1))
    assert "has this open" not in nora.get("/desk/moderation/").text

    viewing.look(waiting[0].pk, by=mona)
    viewing.look(waiting[2].pk, by=mona)
    assert Viewing.objects.filter(user=mona).count() == 1
    assert viewing.others([comment.pk for comment in waiting], than=User.objects.get(username="nora")) == {
        waiting[2].pk: ["mona"]
    }


def listen(client: Client, shown: list[Comment], **fields: str) -> Any:
    form = {"view": "", "since": "0", "shown": [str(comment.pk) for comment in shown], **fields}
    return client.post("/desk/moderation/live/", form, headers=HTMX)


def test_an_open_page_hears_what_changed_and_nothing_else(
    mona_client: Client, nora: Client, waiting: list[Comment], write: Write
) -> None:
    last = str(waiting[-1].pk)
    first = listen(mona_client, waiting, since=last)
    state = re.search(r'id="desk-state" value="(\w+)"', first.text)
    assert state is not None
    assert "data-desk-new" not in first.text
    assert listen(mona_client, waiting, since=last, state=state.group(1)).status_code == 204

    listen(nora, waiting, card=str(waiting[2].pk))
    late = write(status="pending")
    heard = listen(mona_client, waiting, since=last, state=state.group(1)).text

    assert "1 new" in heard
    assert 'Pending <span class="desk-count">5</span>' in heard
    assert re.search(rf'id="p-{waiting[2].pk}"[^>]*><p class="desk-presence">nora has this open', heard)
    assert "<article" not in heard
    news = mona_client.get(f"/desk/moderation/news/?since={last}", headers=HTMX).text
    assert numbers(news) == [late.pk]
    assert f'id="desk-since" value="{late.pk}"' in news


def test_a_new_report_is_news_of_its_queue(mona_client: Client, write: Write, carls_browser: Reader) -> None:
    comment = write()
    assert "data-desk-new" not in listen(mona_client, [], view="queue=reported").text
    reporting.report(comment, reader=carls_browser, reason="abuse")

    assert "1 new" in listen(mona_client, [], view="queue=reported").text
    assert numbers(mona_client.get("/desk/moderation/news/?queue=reported&since=0").text) == [comment.pk]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"card": "x"}, 400),
        ({"card": "9" * 18}, 200),
        ({"since": "-1"}, 400),
        ({"view": "queue=nothing"}, 200),
        ({"view": "thread=4711"}, 404),
        ({"view": "a=1&" * 5000}, 413),
    ],
)
def test_a_made_up_question_is_answered(mona_client: Client, db: None, fields: dict[str, str], status: int) -> None:
    assert listen(mona_client, [], **fields).status_code == status
    assert not Viewing.objects.exists()


def test_listening_costs_few_queries_whatever_waits(mona_client: Client, waiting: list[Comment], write: Write) -> None:
    def count(shown: list[Comment]) -> int:
        with CaptureQueriesContext(connection) as caught:
            listen(mona_client, shown, card=str(waiting[0].pk))
        return len(caught)

    listen(mona_client, waiting, card=str(waiting[0].pk))
    at_four = count(waiting)

    assert count(waiting + [write(status="pending") for _ in range(30)]) == at_four <= 10


def test_an_appeal_stands_on_the_card_with_who_rejected(mona_client: Client, ed: User, waiting: list[Comment]) -> None:
    event = moderation.decide(waiting[0], to=Status.REJECTED, by=ed, seen=Seen("pending", 1), reason="abuse").event
    assert event is not None
    Appeal.objects.create(comment=waiting[0], event=event, text="I <b>meant</b> the harbour.")

    page = mona_client.get("/desk/moderation/?queue=rejected").text

    assert "Asks for another look" in page
    assert "I &lt;b&gt;meant&lt;/b&gt; the harbour." in page
    assert "Rejected by ed." in page
