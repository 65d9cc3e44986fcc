"""Webhooks: what they are told, signed; what becomes of a message when the receiver, or our worker, fails."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from comments import (
    alerting,
    calling,
    erasing,
    moderation,
    posting,
    privacy,
    reporting,
    retention,
    signatures,
    webhooks,
)
from comments.errors import InvalidFields, Refusal
from comments.models import Delivery, Reader, Webhook
from comments.moderation import Seen
from tests.plugins.hookserver import CUT, DRIP, HANG, HookServer, running_hook_server

ALL = {"pending": True, "reported": True, "decided": True}


@pytest.fixture
def server() -> Iterator[HookServer]:
    with running_hook_server() as server:
        yield server


@pytest.fixture
def hook(db: None, settings: Any, server: HookServer) -> webhooks.Added:
    """A webhook that is told of everything, at a server of this machine."""
    settings.COMMENTS = {**settings.COMMENTS, "WEBHOOK_PRIVATE": True, "SITE_URL": "https://news.example.org"}
    return webhooks.add(url=server.url, events=ALL)


def send_all() -> list[str]:
    """Send what is due now or later, as if the time had come."""
    cache.clear()
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    return [webhooks.send(pk) for pk in webhooks.due(limit=100)]


def test_a_program_is_told_that_a_comment_waits_was_reported_and_was_decided_on(
    hook: Any, server: HookServer, write: Any, mona: Any, carls_browser: Reader
) -> None:
    comment = write("The quay is wet.", status="pending")
    moderation.decide(comment, to="approved", by=mona, seen=Seen("pending", 1))
    reporting.report(comment, reader=carls_browser, reason="other", note="It is dry.")

    assert send_all() == ["sent"] * 3

    said = [json.loads(message.body) for message in server.messages]
    assert [one["event"] for one in said] == ["pending", "decided", "reported"]
    assert said[1]["comment"] == {
        "id": comment.pk,
        "thread": comment.thread_id,
        "status": "approved",
        "revision": 1,
        "url": f"https://news.example.org/comments/{comment.pk}/",
    }
    assert said[1]["decision"] | {"at": ""} == {
        "from": "pending", "to": "approved", "reason": "", "by": "moderator", "at": "",
    }  # fmt: skip
    assert {message.path for message in server.messages} == {"/hook?from=newsroom"}
    rows = Delivery.objects.order_by("pk")
    assert [str(row.key) for row in rows] == [one["delivery"] for one in said]
    assert {(row.response_status, row.fault, row.attempts) for row in rows} == {(200, "", 1)}


def test_a_comment_that_waits_from_the_start_is_told_of(hook: Any, write: Any, thread: Any) -> None:
    type(thread).objects.filter(pk=thread.pk).update(mode="hold_all")
    thread.refresh_from_db()
    write("A first word.")
    assert list(Delivery.objects.values_list("event", flat=True)) == ["pending"]


def test_a_message_holds_no_name_no_text_and_no_address(hook: Any, server: HookServer, write: Any, mona: Any) -> None:
    comment = write(
        "Unmistakable words.", name="Carlotta", email="carlotta@secret.example", website="https://c.example"
    )
    seen = Seen(comment.status, comment.revision)
    moderation.decide(comment, to="rejected", by=mona, seen=seen, reason="other", note="as Mona notes")
    send_all()
    (message,) = server.messages
    content = f"{message.path} {message.headers} {message.body.decode()}"
    for word in ("Unmistakable", "Carlotta", "carlotta", "secret.example", "c.example", "mona", "notes"):
        assert word not in content


def test_what_is_not_wanted_is_not_told(hook: Any, write: Any, mona: Any) -> None:
    webhooks.change(hook.webhook, events={"reported": True}, is_active=True)
    alerting.forget_ears()
    comment = write(status="pending")
    moderation.decide(comment, to="spam", by=mona, seen=Seen("pending", 1))
    assert not Delivery.objects.exists()


def test_where_nobody_listens_a_decision_costs_no_query(
    db: None, write: Any, mona: Any, django_assert_num_queries: Any
) -> None:
    comment = write(status="pending")
    alerting.ears()
    with django_assert_num_queries(0):
        alerting.tell_waiting(comment)
        alerting.tell_reported(comment)


# --- The signature ---------------------------------------------------------------------------------------------------


def documented_check() -> Any:
    """The function that the README gives to receivers."""
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    match = re.search(r"```py webhook\n(.*?)```", text, re.DOTALL)
    assert match is not None
    found: dict[str, Any] = {}
    exec(match.group(1), found)
    return found["is_genuine"]


def test_the_documented_check_takes_what_we_send_and_nothing_else(
    hook: webhooks.Added, server: HookServer, write: Any
) -> None:
    write(status="pending")
    send_all()
    (message,) = server.messages
    header, is_genuine = message.headers[signatures.HEADER], documented_check()

    assert is_genuine(message.body, header, hook.secret)
    assert not is_genuine(message.body + b" ", header, hook.secret)
    assert not is_genuine(message.body, header, hook.secret + "x")
    old = signatures.sign(message.body, secret=hook.secret, at=int(timezone.now().timestamp()) - 3600)
    assert not is_genuine(message.body, old, hook.secret), "somebody sends an old one once more"


def test_the_signature_is_the_hmac_of_the_second_a_dot_and_the_body() -> None:
    expected = hmac.new(b"secret", b"1700000000.{}", hashlib.sha256).hexdigest()
    assert signatures.sign(b"{}", secret="secret", at=1700000000) == f"t=1700000000,v1={expected}"


def test_the_secret_is_kept_sealed_and_a_rotation_of_keys_seals_it_anew(hook: webhooks.Added, settings: Any) -> None:
    row = Webhook.objects.get()
    assert hook.secret.encode() not in bytes(row.sealed_secret)
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ["n" * 40, *privacy.address_keys()]}
    assert webhooks.renew_seals() == 0
    again = Webhook.objects.get()
    assert again.sealed_under == privacy.key_name("n" * 40) != row.sealed_under
    assert privacy.open_secret(again.sealed_secret) == hook.secret


def test_a_secret_that_no_key_opens_is_given_up_and_counted(hook: Any, write: Any, server: HookServer) -> None:
    write(status="pending")
    Webhook.objects.update(sealed_secret=b"nonsense", sealed_under="gone")
    assert send_all() == ["given_up"]
    assert not server.messages
    assert webhooks.renew_seals() == 1


# --- Receivers that fail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "fault"),
    [
        (500, 500, "http 500"),
        (404, 404, "http 404"),
        (302, 302, "redirect"),
        (CUT, None, "RemoteDisconnected"),
        (HANG, None, "timeout"),
        (DRIP, None, "timeout"),
    ],
)
def test_a_receiver_that_fails_is_tried_again(
    hook: Any, server: HookServer, write: Any, settings: Any, answer: int, status: int | None, fault: str
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "WEBHOOK_SECONDS": 0.3}
    write(status="pending")
    server.answer = answer

    assert send_all() == ["waiting"]

    row = Delivery.objects.get()
    assert (row.response_status, row.fault, row.attempts) == (status, fault, 1)
    assert row.due_at > timezone.now() + timedelta(seconds=5)
    assert [message.path for message in server.messages] == ["/hook?from=newsroom"], "a redirect is not followed"
    server.answer = 204
    assert send_all() == ["sent"]
    assert Delivery.objects.get().fault == ""
    assert len({json.loads(message.body)["delivery"] for message in server.messages}) == 1


def test_a_receiver_that_is_not_there_is_left_alone_for_a_minute(hook: Any, server: HookServer, write: Any) -> None:
    write(status="pending")
    write(status="pending")
    Webhook.objects.update(url="http://127.0.0.1:9/")
    first, second = webhooks.due(limit=9)
    assert webhooks.send(first) == "waiting"
    assert Delivery.objects.get(pk=first).fault == "refused"
    assert webhooks.send(second) == ""
    assert webhooks.due(limit=9) == []
    cache.clear()
    assert webhooks.due(limit=9) == [second]


def test_after_the_last_try_it_is_given_up_and_can_be_sent_again(hook: Any, server: HookServer, write: Any) -> None:
    write(status="pending")
    server.answer = 503
    states = [send_all() for _try in range(7)]
    assert states == [["waiting"]] * 6 + [["given_up"]]
    assert webhooks.backlog().given_up == 1
    server.answer = 200
    webhooks.again(Delivery.objects.select_related("webhook").get())
    assert send_all() == ["sent"]
    assert webhooks.backlog() == webhooks.Backlog(0, 0, 0.0)


def test_what_is_on_its_way_is_not_sent_again(hook: Any, write: Any) -> None:
    write(status="pending")
    with pytest.raises(Refusal) as refused:
        webhooks.again(Delivery.objects.select_related("webhook").get())
    assert refused.value.status == 409


def test_a_receiver_that_is_gone_for_good_is_switched_off(hook: Any, server: HookServer, write: Any) -> None:
    write(status="pending")
    write(status="pending")
    server.answer = 410
    assert send_all() == ["given_up", ""]
    assert not Webhook.objects.get().is_active
    assert sorted(Delivery.objects.values_list("state", "fault")) == [
        ("given_up", "http 410"),
        ("given_up", "switched off"),
    ]
    assert len(server.messages) == 1


def test_one_worker_sends_a_message(hook: Any, server: HookServer, write: Any) -> None:
    write(status="pending")
    (pk,) = webhooks.due(limit=9)
    assert webhooks.send(pk) == "sent"
    assert webhooks.send(pk) == ""
    Delivery.objects.filter(pk=pk).update(state="sending", claimed_at=timezone.now())
    assert webhooks.send(pk) == "", "another worker has it"


class Crash(BaseException):
    """The worker dies here."""


def test_a_worker_killed_between_the_yes_and_the_note_repeats_that_one_under_its_number(
    hook: Any, server: HookServer, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(status="pending")
    write(status="pending")

    def die(*args: object, **fields: object) -> str:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(webhooks, "_leave", die)
        with pytest.raises(Crash):
            send_all()
    assert send_all() == ["sent"], "the other one; the first is still claimed"
    Delivery.objects.filter(state="sending").update(claimed_at=timezone.now() - timedelta(hours=1))
    assert send_all() == ["sent"]
    names = [json.loads(message.body)["delivery"] for message in server.messages]
    assert sorted(names.count(name) for name in set(names)) == [1, 2]


def test_a_message_that_kills_each_worker_is_given_up(hook: Any, server: HookServer, write: Any) -> None:
    write(status="pending")
    Delivery.objects.update(state="sending", attempts=7, claimed_at=timezone.now() - timedelta(hours=1))
    assert send_all() == [""]
    assert Delivery.objects.get().state == "given_up"
    assert not server.messages


# --- Where it may not go ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://[fe80::1]/",
        "https://[::127.0.0.1]/", "https://[64:ff9b:1::7f00:1]/", "https://[fec0::1]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://0.0.0.0/", "https://224.0.0.1/",
        "https://100.64.0.1/", "http://example.org/", "ftp://example.org/", "https://user:pass@example.org/",
        "https://example.org/#x", "https://exa mple.org/", "https://example.org:0/", "https://example.org:99999/",
        "https://localhost/", "https://LOCALHOST./", "https://hooks.localhost/", "https://db.internal/",
        "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://", "nonsense", "", "https://example.org/\r\nX: y", "https://example.org/\x00", "https://ex\ud800.org/",
        "https://example.org/" + "a" * 500, "https://пошта.example/",
    ],
)  # fmt: skip
def test_an_address_that_cannot_or_may_not_be_called_is_refused(db: None, url: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        webhooks.add(url=url, events=ALL)
    assert "url" in refused.value.fields
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.8", "::1", "169.254.169.254"])
def test_a_name_that_leads_inside_is_not_called(
    db: None, write: Any, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    webhooks.add(url="https://hooks.example.org/", events=ALL)
    alerting.forget_ears()
    write(status="pending")
    looked: list[str] = []

    def look_up(host: str, port: int, **options: Any) -> list[Any]:
        looked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", (inside, port))]

    monkeypatch.setattr(calling.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(calling.socket, "socket", lambda *args: pytest.fail("it was called"))
    assert send_all() == ["waiting"]
    assert looked == ["hooks.example.org"], "looked up once: a second answer could be another"
    assert Delivery.objects.get().fault == "address not allowed"


def test_a_name_that_nobody_knows_is_a_fault(db: None, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*args: Any, **options: Any) -> list[Any]:
        raise OSError

    monkeypatch.setattr(calling.socket, "getaddrinfo", look_up)
    assert calling.post("https://nowhere.example/", b"", {}, seconds=1) == calling.Answer(None, "name not found")


def test_an_address_has_one_webhook_and_a_site_a_few(hook: Any, server: HookServer, settings: Any) -> None:
    with pytest.raises(InvalidFields):
        webhooks.add(url=server.url, events=ALL)
    for number in range(webhooks.MOST - 1):
        webhooks.add(url=f"https://example.org/{number}", events=ALL)
    with pytest.raises(InvalidFields):
        webhooks.add(url="https://example.org/more", events=ALL)


# --- What is kept ----------------------------------------------------------------------------------------------------


def test_old_messages_are_forgotten_in_whatever_state(hook: Any, write: Any) -> None:
    write(status="pending")
    write(status="pending")
    old = timezone.now() - timedelta(days=31)
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(created_at=old)
    assert retention.sweep()["deliveries"] == 1
    assert Delivery.objects.count() == 1


def test_a_comment_that_is_taken_back_leaves_a_number(
    hook: Any, server: HookServer, write: Any, carls_browser: Reader
) -> None:
    comment = write("Words to be gone.", reader=carls_browser)
    posting.withdraw(comment, reader=carls_browser)
    send_all()
    said = json.loads(server.messages[-1].body)
    assert said["comment"]["status"] == "withdrawn"
    assert b"Words" not in server.messages[-1].body


def test_a_test_is_sent_like_all_others(hook: webhooks.Added, server: HookServer) -> None:
    webhooks.ping(hook.webhook)
    assert send_all() == ["sent"]
    assert set(json.loads(server.messages[0].body)) == {"event", "delivery", "at"}
    webhooks.change(hook.webhook, events=ALL, is_active=False)
    with pytest.raises(Refusal):
        webhooks.ping(hook.webhook)


def test_an_erased_comment_is_still_a_number(hook: Any, write: Any) -> None:
    comment = write(status="pending")
    erasing.blank([comment])
    content = webhooks.content_of(Delivery.objects.get())
    assert content["comment"]["id"] == comment.pk  # type: ignore[index]
