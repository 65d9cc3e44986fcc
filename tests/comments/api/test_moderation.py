"""The queues and the decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from comments import moderation, reporting
from comments.models import Comment, ModerationEvent, Reader, Reason, Thread

QUEUE = "/api/v1/moderation/comments/"
DECISIONS = "/api/v1/moderation/decisions/"
UNDO = "/api/v1/moderation/undo/"


def decision(comment: Comment, to: str, **changes: Any) -> dict[str, Any]:
    said = {"comment": comment.pk, "to": to, "seen_status": comment.status, "seen_revision": comment.revision}
    return {**said, **changes}


@pytest.fixture
def complain() -> Callable[..., None]:
    numbers = iter(range(1000))

    def complain(comment: Comment, reason: str = "abuse", note: str = "") -> None:
        reader = Reader.objects.create(cookie_digest=f"reader {next(numbers)}")
        reporting.report(comment, reader=reader, reason=reason, note=note)

    return complain


# --- Queues ----------------------------------------------------------------------------------------------------------


def test_the_pending_queue_shows_who_waits_longest_first(mona_client: Client, write: Any) -> None:
    waiting = [write(status="pending").pk for _ in range(3)]
    write()
    answer = mona_client.get(QUEUE)
    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["results"]] == waiting
    assert answer.json()["counts"]["pending"] == {"count": 3, "more": False}
    assert answer.json()["counts"]["all"] == {"count": 4, "more": False}
    assert "no-store" in answer["Cache-Control"]


def test_a_card_says_what_a_moderator_needs(
    mona_client: Client, thread: Thread, write: Any, complain: Callable[..., None]
) -> None:
    root = write("Who pays?")
    comment = write("The *port* does.", parent=root)
    write()
    complain(comment, "false_claim", "It does not.")
    card = mona_client.get(f"{QUEUE}?queue=reported").json()["results"][0]
    assert card["id"] == comment.pk
    assert card["body"] == "The *port* does."
    assert card["thread_title"] == "The harbour"
    assert card["report_count"] == 1
    assert (card["reports"][0]["reason"], card["reports"][0]["note"]) == ("false_claim", "It does not.")
    assert card["parent_comment"] == {"id": root.pk, "name": "Carl", "text": "Who pays?", "status": "approved"}
    assert (card["screening"], card["events"], card["reason"]) == ([], [], "")


def test_a_card_says_why_it_was_held_and_who_decided(mona_client: Client, mona: User, write: Any) -> None:
    Thread.objects.update(mode="hold_all")
    comment = write(thread=Thread.objects.get())
    seen = moderation.Seen(comment.status, comment.revision)
    moderation.decide(comment, to="rejected", by=mona, seen=seen, reason="off_topic", note="Not the harbour.")
    card = mona_client.get(f"{QUEUE}?queue=rejected").json()["results"][0]
    assert card["screening"][0]["code"] == "hold_all"
    assert card["reason"] == "off_topic"
    event = card["events"][0]
    assert (event["from_status"], event["to_status"], event["by"]) == ("pending", "rejected", "mona")
    assert (event["reason"], event["note"], event["actor"]) == ("off_topic", "Not the harbour.", "moderator")


@pytest.mark.parametrize("queue", ["spam", "rejected", "all"])
def test_what_was_decided_comes_newest_first(mona_client: Client, write: Any, queue: str) -> None:
    made = [write(status="spam" if queue == "all" else queue).pk for _ in range(3)]
    answer = mona_client.get(f"{QUEUE}?queue={queue}").json()
    assert [row["id"] for row in answer["results"]] == made[::-1]


@pytest.mark.parametrize("queue", ["pending", "spam"])
def test_a_queue_pages_forth_and_back(mona_client: Client, write: Any, queue: str) -> None:
    for _ in range(5):
        write(status=queue)
    first = mona_client.get(f"{QUEUE}?queue={queue}&page_size=2").json()
    second = mona_client.get(first["next"]).json()
    third = mona_client.get(second["next"]).json()
    seen = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert len(set(seen)) == 5
    assert seen == sorted(seen, reverse=queue == "spam")
    assert (first["previous"], third["next"]) == (None, None)
    assert mona_client.get(third["previous"]).json()["results"] == second["results"]


def test_a_queue_is_narrowed_to_a_thread_and_its_tags(
    mona_client: Client, thread: Thread, write: Any, tag_by_machine: Callable[..., Comment]
) -> None:
    elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
    tagged = tag_by_machine(write(status="pending"), "dredging")
    plain = write(status="pending")
    write(status="pending", thread=elsewhere)
    here = mona_client.get(f"{QUEUE}?thread=harbour").json()
    assert [row["id"] for row in here["results"]] == [tagged.pk, plain.pk]
    assert here["counts"]["pending"]["count"] == 2
    found = mona_client.get(f"{QUEUE}?thread={thread.pk}&tag=dredging").json()
    assert [row["id"] for row in found["results"]] == [tagged.pk]
    assert found["results"][0]["tags"][0]["slug"] == "dredging"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("queue=mine", 400, "unknown_queue"),
        ("queue=%00", 400, "unknown_queue"),
        ("thread=nowhere", 404, "not_found"),
        ("thread=%00", 404, "not_found"),
        ("tag=dredging", 400, "tag_without_thread"),
        ("thread=harbour&tag=nothing", 400, "unknown_tag"),
        ("cursor=forged", 400, "bad_cursor"),
        ("page_size=1000", 400, "bad_page_size"),
    ],
)
def test_a_queue_that_makes_no_sense_is_refused(
    mona_client: Client, thread: Thread, tags: Any, query: str, status: int, code: str
) -> None:
    answer = mona_client.get(f"{QUEUE}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_cursor_of_another_queue_is_refused(mona_client: Client, write: Any) -> None:
    for _ in range(3):
        write(status="pending")
    following = mona_client.get(f"{QUEUE}?page_size=2").json()["next"]
    assert mona_client.get(f"{following}&queue=spam").json()["code"] == "bad_cursor"


def test_counting_stops_at_a_thousand(mona_client: Client, thread: Thread, db: None) -> None:
    Comment.objects.bulk_create(Comment(thread=thread, html="x", status="pending") for _ in range(1001))
    counts = mona_client.get(f"{QUEUE}?page_size=1").json()["counts"]
    assert counts["pending"] == {"count": 1000, "more": True}
    assert counts["spam"] == {"count": 0, "more": False}


def test_a_campaign_of_reports_is_told_by_its_number(
    mona_client: Client, write: Any, complain: Callable[..., None]
) -> None:
    comment = write()
    for _ in range(25):
        complain(comment)
    card = mona_client.get(f"{QUEUE}?queue=reported").json()["results"][0]
    assert (card["report_count"], len(card["reports"])) == (25, 20)


@pytest.mark.parametrize("count", [1, 50])
def test_the_number_of_queries_does_not_depend_on_the_length_of_the_queue(
    mona_client: Client,
    write: Any,
    tag_by_machine: Callable[..., Comment],
    complain: Callable[..., None],
    django_assert_num_queries: Any,
    count: int,
) -> None:
    root = write()
    for _ in range(count):
        comment = tag_by_machine(write(parent=root), "dredging")
        complain(comment)
    with django_assert_num_queries(15):
        answer = mona_client.get(f"{QUEUE}?queue=reported")
    assert len(answer.json()["results"]) == count


def test_no_card_gives_away_an_address_or_a_commenters_id(mona_client: Client, write: Any) -> None:
    write(status="pending", email="carl.secret@example.org")
    answer = mona_client.get(QUEUE)
    assert "carl.secret" not in answer.content.decode()
    assert "commenter" not in answer.content.decode()


# --- Decisions -------------------------------------------------------------------------------------------------------


def test_a_moderator_decides_on_several_comments_at_once(
    mona_client: Client, mona: User, send: Any, write: Any
) -> None:
    good, bad, ugly = (write(status="pending") for _ in range(3))
    said = [decision(good, "approved"), decision(bad, "rejected", reason="abuse", note="Rude."), decision(ugly, "spam")]
    answer = send(mona_client, "POST", DECISIONS, {"decisions": said})
    assert answer.status_code == 200
    logged = {event.comment_id: event for event in ModerationEvent.objects.filter(by=mona)}
    assert answer.json()["results"] == [
        {
            "comment": comment.pk,
            "status_code": 200,
            "changed": True,
            "event": logged[comment.pk].pk,
            "status": status,
            "revision": 1,
        }
        for comment, status in [(good, "approved"), (bad, "rejected"), (ugly, "spam")]
    ]
    assert {str(event.batch) for event in logged.values()} == {answer.json()["batch"]}
    assert [Comment.objects.get(pk=row.pk).status for row in (good, bad, ugly)] == ["approved", "rejected", "spam"]
    event = ModerationEvent.objects.get(comment=bad, to_status="rejected")
    assert (event.by, event.reason, event.note) == (mona, "abuse", "Rude.")


def test_each_decision_is_answered_by_itself(mona_client: Client, ed: User, send: Any, write: Any) -> None:
    stale, fine, unreasoned, odd = (write(status="pending") for _ in range(4))
    moderation.decide(stale, to="spam", by=ed, seen=moderation.Seen("pending", 1))
    said = [
        decision(stale, "approved"),
        decision(fine, "approved"),
        decision(unreasoned, "rejected"),
        decision(odd, "withdrawn"),
        {**decision(fine, "approved"), "comment": 999_999},
    ]
    answer = send(mona_client, "POST", DECISIONS, {"decisions": said})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["status_code"] for result in results] == [409, 200, 422, 422, 404]
    assert (results[0]["status"], results[0]["revision"], results[0]["decided_by"]) == ("spam", 1, "ed")
    assert results[0]["decided_at"].endswith("Z")
    assert all(result["detail"] and result["code"] for result in results if result["status_code"] != 200)
    stale.refresh_from_db()
    assert stale.status == "spam"


def test_a_decision_that_holds_already_is_no_error(mona_client: Client, send: Any, write: Any) -> None:
    comment = write(status="pending")
    for changed in (True, False):
        result = send(mona_client, "POST", DECISIONS, {"decisions": [decision(comment, "approved")]}).json()["results"][
            0
        ]
        assert (result["status_code"], result["changed"]) == (200, changed)


def test_a_withdrawn_comment_stays_withdrawn(mona_client: Client, send: Any, write: Any) -> None:
    comment = write()
    moderation.move(comment, to="withdrawn", actor="author", seen=moderation.Seen("approved", 1))
    result = send(mona_client, "POST", DECISIONS, {"decisions": [decision(comment, "approved")]}).json()["results"][0]
    assert (result["status_code"], result["code"]) == (422, "illegal_transition")


ONE = {"comment": 1, "to": "approved", "seen_status": "pending", "seen_revision": 1}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "decisions"),
        ({"decisions": []}, "decisions"),
        ({"decisions": ONE}, "decisions"),
        ({"decisions": None}, "decisions"),
        ({"decisions": [ONE] * 101}, "decisions"),
        ({"decisions": [ONE], "undo": True}, "decisions"),
        ({"decisions": [7]}, "decisions.0"),
        ({"decisions": [ONE, {**ONE, "comment": "1"}]}, "decisions.1.comment"),
        ({"decisions": [{**ONE, "comment": True}]}, "decisions.0.comment"),
        ({"decisions": [{**ONE, "comment": 10**30}]}, "decisions.0.comment"),
        ({"decisions": [{**ONE, "to": None}]}, "decisions.0.to"),
        ({"decisions": [{**ONE, "to": ["approved"]}]}, "decisions.0.to"),
        ({"decisions": [{**ONE, "seen_status": "great"}]}, "decisions.0.seen_status"),
        ({"decisions": [{**ONE, "seen_status": {}}]}, "decisions.0.seen_status"),
        ({"decisions": [{**ONE, "seen_revision": 1.5}]}, "decisions.0.seen_revision"),
        ({"decisions": [{**ONE, "note": "\u0000"}]}, "decisions.0.note"),
        ({"decisions": [{**ONE, "by": "ed"}]}, "decisions.0.by"),
        ({"decisions": [{**ONE, "message": 7}]}, "decisions.0.message"),
        ({"decisions": [{**ONE, "message": "\ud800"}]}, "decisions.0.message"),
        ({"decisions": [{**ONE, "invite": "yes"}]}, "decisions.0.invite"),
    ],
)
def test_decisions_of_a_wrong_shape_change_nothing(
    mona_client: Client, send: Any, write: Any, data: dict[str, Any], field: str
) -> None:
    write(status="pending")
    before = ModerationEvent.objects.count()
    answer = send(mona_client, "POST", DECISIONS, data)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert ModerationEvent.objects.count() == before


def test_a_list_is_no_body(mona_client: Client, send: Any) -> None:
    answer = send(mona_client, "POST", DECISIONS, [ONE])
    assert (answer.status_code, answer.json()["code"]) == (400, "not_an_object")


def test_a_rejection_carries_a_message_and_an_invitation(mona_client: Client, send: Any, write: Any) -> None:
    comment = write(status="pending")
    said = decision(comment, "rejected", reason="abuse", message="Leave out the insult.", invite=True)
    result = send(mona_client, "POST", DECISIONS, {"decisions": [said]}).json()["results"][0]
    event = ModerationEvent.objects.get(pk=result["event"])
    assert (event.message, event.is_invitation) == ("Leave out the insult.", True)
    card = mona_client.get(f"{QUEUE}?queue=rejected").json()["results"][0]["events"][0]
    assert (card["id"], card["action"], card["message"], card["invited"]) == (
        event.pk,
        "status",
        "Leave out the insult.",
        True,
    )


def test_a_reason_that_was_retired_is_refused_for_that_decision_alone(
    mona_client: Client, send: Any, write: Any
) -> None:
    Reason.objects.filter(code="duplicate").update(is_offered=False)
    one, two = write(status="pending"), write(status="pending")
    said = [decision(one, "rejected", reason="duplicate"), decision(two, "rejected", reason="abuse")]
    results = send(mona_client, "POST", DECISIONS, {"decisions": said}).json()["results"]
    assert [result["status_code"] for result in results] == [422, 200]


# --- Undoing ---------------------------------------------------------------------------------------------------------


def test_a_decision_is_undone_by_its_entry_in_the_log(mona_client: Client, send: Any, write: Any) -> None:
    comment = write(status="pending")
    event = send(mona_client, "POST", DECISIONS, {"decisions": [decision(comment, "approved")]}).json()["results"][0][
        "event"
    ]
    answer = send(mona_client, "POST", UNDO, {"event": event})
    (result,) = answer.json()["results"]
    assert answer.status_code == 200
    assert (result["undoes"], result["comment"], result["status_code"]) == (event, comment.pk, 200)
    assert (result["changed"], result["status"]) == (True, "pending")
    assert ModerationEvent.objects.get(pk=result["event"]).undoes_id == event
    again = send(mona_client, "POST", UNDO, {"event": event}).json()["results"][0]
    assert (again["status_code"], again["changed"], again["event"], again["status"]) == (200, False, None, "pending")


def test_what_was_decided_at_once_is_undone_at_once_and_each_is_answered(
    mona_client: Client, ed: User, send: Any, write: Any
) -> None:
    one, two = write(status="pending"), write(status="pending")
    said = [decision(one, "spam"), decision(two, "spam")]
    batch = send(mona_client, "POST", DECISIONS, {"decisions": said}).json()["batch"]
    moderation.decide(one, to="approved", by=ed, seen=moderation.Seen("spam", 1))
    results = send(mona_client, "POST", UNDO, {"batch": batch}).json()["results"]
    assert [(row["comment"], row["status_code"], row["status"]) for row in results] == [
        (two.pk, 200, "pending"),
        (one.pk, 409, "approved"),
    ]
    assert results[1]["decided_by"] == "ed"
    assert results[1]["detail"]


@pytest.mark.parametrize(
    ("data", "status", "field"),
    [
        ({}, 400, "event"),
        ({"event": 1, "batch": "8c9f8a5e-4b0f-4c58-9a5e-0f5f5b6a7c8d"}, 400, "event"),
        ({"event": "1"}, 400, "event"),
        ({"event": 10**30}, 400, "event"),
        ({"event": 2**63 - 1}, 404, "code"),
        ({"event": None}, 400, "event"),
        ({"batch": 7}, 400, "batch"),
        ({"batch": "yesterday"}, 400, "batch"),
        ({"batch": "8c9f8a5e-4b0f-4c58-9a5e-0f5f5b6a7c8d"}, 404, "code"),
        ({"comment": 1}, 400, "comment"),
    ],
)
def test_an_undo_that_names_nothing_is_refused(
    mona_client: Client, send: Any, data: dict[str, Any], status: int, field: str
) -> None:
    answer = send(mona_client, "POST", UNDO, data)
    assert (answer.status_code, next(iter(answer.json()))) == (status, field)


def test_what_is_no_decision_of_a_moderator_is_not_undone(mona_client: Client, send: Any, write: Any) -> None:
    comment = write()
    event = moderation.move(comment, to="withdrawn", actor="author", seen=moderation.Seen("approved", 1))
    (result,) = send(mona_client, "POST", UNDO, {"event": event.pk}).json()["results"]
    assert (result["status_code"], result["code"]) == (422, "not_undoable")


@pytest.mark.parametrize("who", ["rita", "ed_client"])
def test_only_moderators_undo(request: pytest.FixtureRequest, send: Any, who: str, db: None) -> None:
    answer = send(request.getfixturevalue(who), "POST", UNDO, {"event": 1})
    assert answer.status_code in {401, 403}
