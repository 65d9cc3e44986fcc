"""Posting through the API: what is stored, what is refused, and what happens when it is sent twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from comments.models import Comment, Commenter, Reader, Submission, Subscription, Thread

GOOD = {"body": "Dredge *now*!", "name": "Carl", "email": "carl@example.org"}


def test_a_comment_is_posted_and_public_where_the_thread_publishes(
    carl: Client, comments_url: str, send: Any, thread: Thread
) -> None:
    answer = send(carl, "POST", comments_url, {**GOOD, "website": "carl.example", "parent": None})
    assert answer.status_code == 201
    said = answer.json()
    comment = Comment.objects.get()
    assert (said["id"], said["status"], said["html"]) == (comment.pk, "approved", "<p>Dredge <em>now</em>!</p>")
    assert said["author"]["website"] == "https://carl.example"
    assert answer["Location"] == f"http://testserver/api/v1/comments/{comment.pk}/"
    assert "no-store" in answer["Cache-Control"]
    assert carl.get(comments_url).json()["results"] == [said]
    assert "carl@example.org" not in answer.content.decode()


def test_a_comment_that_is_held_is_pending_and_its_author_alone_finds_it_again(
    carl: Client, sam: Client, comments_url: str, send: Any, thread: Thread
) -> None:
    Thread.objects.update(mode="hold_newcomers")
    said = send(carl, "POST", comments_url, GOOD).json()
    assert said["status"] == "pending"
    own = carl.get(f"/api/v1/comments/{said['id']}/")
    assert own.json() == said
    assert "no-store" in own["Cache-Control"]
    assert sam.get(f"/api/v1/comments/{said['id']}/").status_code == 404
    assert sam.get(comments_url).json()["results"] == []


def test_an_author_is_not_told_that_a_comment_was_taken_for_spam(
    carl: Client, comments_url: str, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comments.screening import Outcome, Verdict, screens

    monkeypatch.setattr(screens, "links", lambda facts: Verdict(Outcome.SPAM, "links"))
    with override_settings(COMMENTS={"SCREENS": ("comments.screening.screens.links",)}):
        from comments import screening

        screening._screens.cache_clear()
        said = send(carl, "POST", comments_url, GOOD, headers={"Idempotency-Key": "a"})
        again = send(carl, "POST", comments_url, GOOD, headers={"Idempotency-Key": "a"})
        screening._screens.cache_clear()
    assert Comment.objects.get().status == "spam"
    assert (said.status_code, said.json()["status"]) == (201, "pending")
    assert (again.status_code, again.json()["status"]) == (200, "pending")
    assert carl.get(f"/api/v1/comments/{said.json()['id']}/").json()["status"] == "pending"


def test_a_reply_names_what_it_answers(carl: Client, comments_url: str, send: Any, write: Any) -> None:
    root = write()
    said = send(carl, "POST", comments_url, {**GOOD, "parent": root.pk}).json()
    assert (said["parent"], said["depth"]) == (root.pk, 1)


def test_staff_post_with_a_token_under_their_own_name_without_an_address(
    sam: Client, comments_url: str, send: Any, mona: User, monas_token: dict[str, str]
) -> None:
    answer = send(sam, "POST", comments_url, {"body": "Please stay polite."}, headers=monas_token)
    assert answer.status_code == 201
    assert answer.json()["author"] == {"name": "mona", "website": "", "confirmed": False, "staff": True}
    assert Comment.objects.get().user == mona
    assert not answer.cookies


def test_staff_with_a_session_need_their_csrf_token(mona: User, comments_url: str, send: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    answer = send(client, "POST", comments_url, {"body": "Please stay polite."})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert not Comment.objects.exists()
    client.get("/accounts/login/")
    token = client.cookies["csrftoken"].value
    answer = send(client, "POST", comments_url, {"body": "Please stay polite."}, headers={"X-CSRFToken": token})
    assert answer.status_code == 201


def test_readers_need_no_csrf_token(comments_url: str, send: Any, db: None) -> None:
    assert send(Client(enforce_csrf_checks=True), "POST", comments_url, GOOD).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_page_cannot_post_for_its_visitor(
    carl: Client, comments_url: str, send: Any, headers: dict[str, str]
) -> None:
    answer = send(carl, "POST", comments_url, GOOD, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "carl@example.org\u0000"}, "email"),
        ({"email": ["carl@example.org"]}, "email"),
        ({"body": ""}, "body"),
        ({"body": " \u200b "}, "body"),
        ({"body": 7}, "body"),
        ({"body": None}, "body"),
        ({"body": ["a"]}, "body"),
        ({"body": {"text": "a"}}, "body"),
        ({"body": True}, "body"),
        ({"body": "NUL \u0000 inside"}, "body"),
        ({"body": "half a \ud83d character"}, "body"),
        ({"body": "x" * 10_001}, "body"),
        ({"name": ""}, "name"),
        ({"name": "Admin"}, "name"),
        ({"name": {"first": "Carl"}}, "name"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": 12}, "website"),
        ({"website": "https://[::1"}, "website"),
        ({"parent": "1"}, "parent"),
        ({"parent": True}, "parent"),
        ({"parent": 1.5}, "parent"),
        ({"parent": -1}, "parent"),
        ({"parent": 999_999}, "parent"),
        ({"parent": 10**30}, "parent"),
        ({"parent": [1]}, "parent"),
        ({"status": "approved"}, "status"),
        ({"staff": True}, "staff"),
        ({"\ud800" * 100: 1}, "?" * 60),
        ({"": 1}, "?"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_is_stored(
    carl: Client, comments_url: str, send: Any, change: dict[str, Any], field: str
) -> None:
    answer = send(carl, "POST", comments_url, {**GOOD, **change})
    assert answer.status_code == 400
    assert set(answer.json()) == {field}
    assert all(isinstance(sentence, str) and sentence for sentence in answer.json()[field])
    assert not any(model.objects.exists() for model in (Comment, Commenter, Reader, Submission))


def test_all_faults_are_told_at_once(carl: Client, comments_url: str, send: Any) -> None:
    assert set(send(carl, "POST", comments_url, {}).json()) == {"body", "name", "email"}
    assert set(send(carl, "POST", comments_url).json()) == {"body", "name", "email"}


def test_a_parent_of_another_thread_is_refused(carl: Client, send: Any, write: Any, thread: Thread) -> None:
    elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
    answer = send(carl, "POST", f"/api/v1/threads/{elsewhere.pk}/comments/", {**GOOD, "parent": write().pk})
    assert (answer.status_code, list(answer.json())) == (400, ["parent"])


HOSTILE = {
    "nested arrays": (b"[" * 100_000 + b"]" * 100_000, "application/json", 400),
    "nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "application/json", 400),
    "nested field": (b'{"body":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json", 400),
    "invalid UTF-8": (b'{"body": "\xff\xfe"}', "application/json", 400),
    "UTF-16": ('{"body": "x"}'.encode("utf-16"), "application/json; charset=utf-16", 415),
    "an unknown charset": (b'{"body": "x"}', "application/json; charset=klingon", 415),
    "a codec that is no charset": (b'{"body": "x"}', "application/json; charset=zlib", 415),
    "NaN": (b'{"body": NaN}', "application/json", 400),
    "Infinity": (b'{"parent": -Infinity}', "application/json", 400),
    "a huge number": (b'{"parent": ' + b"9" * 5000 + b"}", "application/json", 400),
    "an exponent": (b'{"parent": 1e999}', "application/json", 400),
    "a list": (b"[]", "application/json", 400),
    "a string": (b'"body"', "application/json", 400),
    "a number": (b"1", "application/json", 400),
    "null": (b"null", "application/json", 400),
    "half of an object": (b'{"body": "x"', "application/json", 400),
    "bytes": (bytes(range(256)), "application/json", 400),
    "too long": (b'{"body": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
    "a form": (b"body=x&name=Carl&email=carl%40example.org", "application/x-www-form-urlencoded", 415),
    "a multipart form without a boundary": (b"x", "multipart/form-data", 415),
    "plain text": (b'{"body": "x"}', "text/plain", 415),
    "XML": (b"<body/>", "application/xml", 415),
    "no type": (b"{}", "", 415),
    "a type that is none": (b"{}", "////;;;", 415),
}


@pytest.mark.parametrize("body, kind, status", HOSTILE.values(), ids=HOSTILE)  # noqa: PT006
def test_a_hostile_body_is_refused_with_a_sentence_and_stores_nothing(
    carl: Client, comments_url: str, send: Any, body: bytes, kind: str, status: int
) -> None:
    answer = send(carl, "POST", comments_url, body, content_type=kind)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "detail"} or status == 400
    assert not Comment.objects.exists()


def test_a_codec_that_is_no_charset_breaks_no_reading_either(carl: Client, comments_url: str) -> None:
    answer = carl.generic("GET", f"{comments_url}?sort=%6eewest", b"", content_type="application/json; charset=zlib")
    assert answer.status_code == 200


def test_the_same_key_with_the_same_body_posts_once(carl: Client, comments_url: str, send: Any) -> None:
    first = send(carl, "POST", comments_url, GOOD, headers={"Idempotency-Key": "5f0c"})
    second = send(carl, "POST", comments_url, GOOD, headers={"Idempotency-Key": "5f0c"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Comment.objects.count() == 1


def test_a_repeated_attempt_that_has_lost_its_cookie_posts_once(
    carl: Client, sam: Client, comments_url: str, send: Any
) -> None:
    for client in (carl, sam):
        send(client, "POST", comments_url, GOOD, headers={"Idempotency-Key": "5f0c"})
    assert Comment.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(carl: Client, comments_url: str, send: Any) -> None:
    send(carl, "POST", comments_url, GOOD, headers={"Idempotency-Key": "5f0c"})
    answer = send(carl, "POST", comments_url, {**GOOD, "body": "No!"}, headers={"Idempotency-Key": "5f0c"})
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert Comment.objects.count() == 1


def test_two_clients_with_one_key_do_not_meet(carl: Client, sam: Client, comments_url: str, send: Any) -> None:
    send(carl, "POST", comments_url, GOOD, headers={"Idempotency-Key": "1"})
    answer = send(
        sam, "POST", comments_url, {**GOOD, "body": "No!"}, headers={"Idempotency-Key": "1"}, REMOTE_ADDR="192.0.2.7"
    )
    assert answer.status_code == 201


@pytest.mark.parametrize("key", ["", "  ", "x" * 201])
def test_a_key_that_is_empty_or_long_is_refused(carl: Client, comments_url: str, send: Any, key: str) -> None:
    answer = send(carl, "POST", comments_url, GOOD, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert not Comment.objects.exists()


def test_a_closed_thread_takes_nothing(carl: Client, comments_url: str, send: Any, thread: Thread) -> None:
    Thread.objects.update(mode="closed")
    answer = send(carl, "POST", comments_url, GOOD)
    assert (answer.status_code, answer.json()["code"]) == (403, "closed")


def test_a_flood_is_refused_and_told_when_to_come_back(carl: Client, comments_url: str, send: Any) -> None:
    with override_settings(COMMENTS={"FLOOD_HOLD": 1, "FLOOD_REFUSE": 2}):
        for body in ("One thing.", "Another thing."):
            assert send(carl, "POST", comments_url, {**GOOD, "body": body}).status_code == 201
        answer = send(carl, "POST", comments_url, {**GOOD, "body": "A third thing."})
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "flood", "60")


def test_the_cookie_of_a_new_browser_is_kept_from_scripts(carl: Client, comments_url: str, send: Any) -> None:
    send(carl, "POST", comments_url, GOOD)
    cookie = carl.cookies["reader"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    send(carl, "POST", comments_url, {**GOOD, "body": "And another thing."})
    assert Reader.objects.count() == 1


# --- Told of replies by mail


@pytest.mark.usefixtures("mail_site")
@pytest.mark.parametrize("notify", [True, False])
def test_a_program_may_ask_to_be_told_of_replies(
    notify: bool, carl: Client, comments_url: str, send: Any, deliver: Any
) -> None:
    answer = send(carl, "POST", comments_url, {**GOOD, "notify": notify})
    assert answer.status_code == 201
    assert "notify" not in answer.json()
    assert [row.comment_id for row in Subscription.objects.all()] == [answer.json()["id"]] * notify
    assert [mail.to for mail in deliver()] == [["carl@example.org"]] * notify


@pytest.mark.usefixtures("mail_site")
@pytest.mark.parametrize("notify", [None, 1, "true", "1", [], {}])
def test_what_is_neither_true_nor_false_is_refused(notify: Any, carl: Client, comments_url: str, send: Any) -> None:
    answer = send(carl, "POST", comments_url, {**GOOD, "notify": notify})
    assert answer.status_code == 400
    assert set(answer.json()) == {"notify"}
    assert not Comment.objects.exists()


def test_where_no_mail_is_sent_the_wish_is_without_effect(carl: Client, comments_url: str, send: Any) -> None:
    assert send(carl, "POST", comments_url, {**GOOD, "notify": True}).status_code == 201
    assert not Subscription.objects.exists()
