"""The outbox: each mail goes once, at its time, to whom it is for, and what goes wrong is seen and says nothing."""

from __future__ import annotations

import logging
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from comments import confirming, letters, mailing, moderation, privacy, subscribing
from comments.errors import Refusal
from comments.models import (
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    Notice,
    Outbox,
    Reader,
    Subscription,
    Thread,
)
from tests.plugins.mailserver import CUT, HANG, Crash, MailServer, Script, running_mail_server, scripted

pytestmark = pytest.mark.django_db

Write = Callable[..., Comment]
State = Outbox.State

RITA = "Rita.Sandbank+News@quibbledom.example"
DELAY = 60
TRIES = (60, 300, 1800)


@pytest.fixture(autouse=True)
def _mailing_site(settings: Any) -> None:
    settings.COMMENTS = {
        **settings.COMMENTS,
        "SITE_URL": "https://news.example",
        "MAIL_DELAY": DELAY,
        "MAIL_TRIES": TRIES,
        "MAIL_CLAIM_SECONDS": 600,
    }


@pytest.fixture(scope="module")
def _server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def server(_server: MailServer) -> Iterator[MailServer]:
    """A mail server that Django sends through."""
    _server.mails.clear()
    _server.steps.clear()
    _server.faults = {}
    with override_settings(**_server.options(timeout=0.5)):
        yield _server


@pytest.fixture
def follow(thread: Thread) -> Callable[..., Subscription]:
    """Follow a thread, or what is named, with a confirmed address."""

    def subscribe(address: str = RITA, **fields: Any) -> Subscription:
        commenter = privacy.commenter_for(address)
        return Subscription.objects.create(
            **{"commenter": commenter, "thread": thread, "confirmed_at": timezone.now(), **fields}
        )

    return subscribe


def later(seconds: float) -> None:
    """Let time pass for the outbox."""
    by = timedelta(seconds=seconds)
    Outbox.objects.update(due_at=F("due_at") - by, claimed_at=F("claimed_at") - by, created_at=F("created_at") - by)
    Notice.objects.update(created_at=F("created_at") - by)
    cache.clear()  # a mail server that was left alone is tried again


def the_mail() -> Outbox:
    return Outbox.objects.get()


def hide(comment: Comment, to: str = "rejected") -> None:
    comment.refresh_from_db()
    seen = moderation.Seen(comment.status, comment.revision)
    moderation.move(comment, to=to, actor="screen", seen=seen, reason="other" if to == "rejected" else "")


def show(comment: Comment) -> None:
    hide(comment, "approved")


# --- It works --------------------------------------------------------------------------------------------------------


def test_a_comment_is_mailed_to_who_follows_once_the_delay_is_over(follow: Any, write: Write) -> None:
    follow()
    write("The eel is back.", name="Carl")
    assert mailing.send_due(limit=9) == 0
    later(DELAY)
    assert mailing.send_due(limit=9) == 1
    (message,) = django_mail.outbox
    assert message.to == [RITA]
    assert "The eel is back." in message.body
    sent = the_mail()
    assert (sent.state, sent.attempts, sent.fault, sent.claimed_at) == (State.SENT, 1, "", None)
    assert sent.sent_at is not None
    assert message.extra_headers["Message-ID"] == f"<{sent.message_id}@news.example>"
    assert mailing.send_due(limit=9) == 0


def test_a_mail_is_taken_by_the_server_as_it_was_written(follow: Any, write: Write, server: MailServer) -> None:
    follow()
    write("The eel is back.")
    later(DELAY)
    assert mailing.send(the_mail().pk) == State.SENT
    (received,) = server.mails
    assert received.recipients == (RITA,)
    assert received.message["To"] == RITA
    assert received.message_id == f"<{the_mail().message_id}@news.example>"
    assert [part.get_content_type() for part in received.message.iter_parts()] == ["text/plain", "text/html"]


def test_one_connection_is_opened_and_closed_for_a_mail(follow: Any, write: Write, server: MailServer) -> None:
    follow()
    write()
    later(DELAY)
    mailing.send_due(limit=9)
    assert server.steps == ["connect", "mail", "rcpt", "data", "content", "dot", "answered", "quit"]


# --- What is queued, and for whom ------------------------------------------------------------------------------------


def test_comments_before_a_mail_goes_join_it(follow: Any, write: Write) -> None:
    follow()
    for _number in range(3):
        write()
    assert the_mail().notices.count() == 3
    later(DELAY)
    assert mailing.send_due(limit=9) == 1
    write()
    assert Outbox.objects.count() == 2


def test_what_joins_late_puts_the_mail_off_so_that_its_decision_can_be_undone(follow: Any, write: Write) -> None:
    follow()
    write()
    later(DELAY - 1)
    undone = write("Undone.")
    later(2)
    assert mailing.send_due(limit=9) == 0
    hide(undone, "spam")
    later(DELAY)
    assert mailing.send_due(limit=9) == 1
    assert "Undone." not in django_mail.outbox[0].body


def test_a_thread_that_never_rests_is_mailed_all_the_same_and_the_newest_goes_with_the_next(
    follow: Any, write: Write
) -> None:
    follow()
    first = write("First.")
    for _number in range(13):
        later(DELAY - 5)
        write("Newest.") if not django_mail.outbox else None
        mailing.send_due(limit=9)
    assert "First." in django_mail.outbox[0].body
    told = Notice.objects.filter(outbox__state=State.SENT)
    assert told.filter(comment=first).exists()
    waiting = Notice.objects.filter(outbox__state=State.WAITING)
    assert waiting.count() + told.count() == Comment.objects.count()
    later(DELAY)
    mailing.send_due(limit=9)
    assert not Notice.objects.exclude(outbox__state=State.SENT).exists()


@pytest.mark.parametrize(("pace", "days"), [("daily", 1), ("weekly", 7)])
def test_a_digest_goes_when_its_time_has_passed_since_the_first_thing_in_it(
    follow: Any, write: Write, pace: str, days: int
) -> None:
    follow(pace=pace)
    write("Monday.")
    later(days * 86400 - 3600)
    write("Later.")
    assert mailing.send_due(limit=9) == 0
    later(3600)
    assert mailing.send_due(limit=9) == 1
    assert "Monday." in django_mail.outbox[0].body
    assert "Later." in django_mail.outbox[0].body


def test_an_address_that_is_not_confirmed_gets_no_news(follow: Any, write: Write) -> None:
    follow(confirmed_at=None)
    write()
    assert not Outbox.objects.exists()


def test_nobody_is_mailed_about_their_own_comment(follow: Any, write: Write) -> None:
    follow("carl@example.org")
    write(email="CARL@example.org")
    assert not Outbox.objects.exists()


def test_nobody_is_mailed_about_what_they_wrote_under_another_address(
    follow: Any, write: Write, carls_browser: Reader
) -> None:
    follow("carl@example.org")
    Confirmation.objects.create(commenter=privacy.commenter_for("carl@example.org"), reader=carls_browser)
    write(email="other@example.org", reader=carls_browser)
    assert not Outbox.objects.exists()


def test_a_comment_that_turns_out_to_be_ones_own_is_not_mailed(follow: Any, write: Write) -> None:
    subscription = follow()
    comment = write(email="carl@example.org")
    Comment.objects.filter(pk=comment.pk).update(commenter=subscription.commenter)  # two rows became one
    later(DELAY)
    mailing.send_due(limit=9)
    assert the_mail().state == State.DROPPED
    assert django_mail.outbox == []


def test_one_subscription_hears_of_a_comment_once(follow: Any, write: Write) -> None:
    follow()
    comment = write()
    later(DELAY)
    mailing.send_due(limit=9)
    hide(comment)
    show(comment)
    later(DELAY)
    mailing.send_due(limit=9)
    assert len(django_mail.outbox) == 1


def test_the_followers_of_a_comment_hear_of_answers_to_it_and_of_no_other(follow: Any, write: Write) -> None:
    first = write("First.")
    follow(comment=first)
    answer = write("Answer.", parent=first)
    write("Answer to the answer.", parent=answer)
    write("Another.")
    assert [notice.comment for notice in Notice.objects.all()] == [answer]


def test_without_an_address_of_the_site_nothing_is_queued_and_what_waits_stays(
    follow: Any, write: Write, settings: Any
) -> None:
    follow()
    write()
    later(DELAY)
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": ""}
    write()
    assert mailing.send_due(limit=9) == 0
    assert mailing.send(the_mail().pk) == ""
    assert the_mail().state == State.WAITING


# --- What happens to a comment meanwhile -----------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["pending", "rejected", "spam", "withdrawn"])
def test_no_mail_goes_for_a_comment_that_is_not_public_any_more(follow: Any, write: Write, to: str) -> None:
    follow()
    hide(write(), to)
    later(DELAY)
    mailing.send_due(limit=9)
    assert the_mail().state == State.DROPPED
    assert django_mail.outbox == []


def test_no_mail_goes_for_a_comment_that_is_erased(follow: Any, write: Write) -> None:
    follow()
    write().delete()
    later(DELAY)
    mailing.send_due(limit=9)
    assert the_mail().state == State.DROPPED


def test_an_erased_person_takes_their_mails_along(follow: Any, write: Write) -> None:
    subscription = follow()
    write()
    subscription.commenter.delete()
    assert not Outbox.objects.exists()


def test_what_was_hidden_before_it_was_told_becomes_news_again(follow: Any, write: Write) -> None:
    follow()
    back = write("Back again.")
    write("Here all the time.")
    hide(back)
    later(DELAY)
    mailing.send_due(limit=9)
    show(back)
    later(DELAY)
    mailing.send_due(limit=9)
    assert ["Back again." in message.body for message in django_mail.outbox] == [False, True]


def test_a_subscription_that_ended_is_not_mailed(follow: Any, write: Write) -> None:
    subscription = follow()
    write()
    subscribing.stop([subscription.pk])
    later(DELAY)
    mailing.send_due(limit=9)
    assert the_mail().state == State.DROPPED


# --- The state machine -----------------------------------------------------------------------------------------------

OVER = 601
"""Seconds after which a claim has lapsed."""

MOVES = [
    # state, tries so far, seconds since claimed, seconds since due; what the server does -> state and tries after
    ("a due mail goes", "waiting", 0, None, 1, "", "sent", 1),
    ("a mail goes again after a pause", "waiting", 2, None, 1, "", "sent", 3),
    ("a mail that is not due waits", "waiting", 0, None, -30, "", "waiting", 0),
    ("a mail at which somebody is stays theirs", "sending", 1, OVER - 60, 900, "", "sending", 1),
    ("a mail whose worker died is taken up", "sending", 1, OVER, 900, "", "sent", 2),
    ("a mail that was sent is not sent again", "sent", 1, None, 900, "", "sent", 1),
    ("a mail that was dropped is not sent", "dropped", 1, None, 900, "", "dropped", 1),
    ("a mail that was given up is not sent by itself", "given_up", 4, None, 900, "", "given_up", 4),
    ("a mail that is refused for now waits", "waiting", 0, None, 1, "451 later", "waiting", 1),
    ("a mail that is refused for good is given up", "waiting", 0, None, 1, "554 never", "given_up", 1),
    ("a mail that was refused often enough is given up", "waiting", 3, None, 1, "451 later", "given_up", 4),
    ("a mail of which workers die is given up", "sending", 4, OVER, 900, "", "given_up", 4),
]


@pytest.mark.parametrize(
    ("state", "tries", "claimed", "due", "answer", "after", "tries_after"),
    [move[1:] for move in MOVES],
    ids=[move[0] for move in MOVES],
)
def test_the_state_of_a_mail(
    follow: Any,
    write: Write,
    server: MailServer,
    state: str,
    tries: int,
    claimed: int | None,
    due: int,
    answer: str,
    after: str,
    tries_after: int,
) -> None:
    follow()
    write()
    later(DELAY + 60)
    now = timezone.now()
    Outbox.objects.update(
        state=state,
        attempts=tries,
        claimed_at=None if claimed is None else now - timedelta(seconds=claimed),
        due_at=now - timedelta(seconds=due),
    )
    if answer:
        server.faults = {"dot": answer}
    mailing.send(the_mail().pk)
    found = the_mail()
    assert (found.state, found.attempts) == (after, tries_after)
    assert found.pk in mailing.due(limit=9) or (state, after) != ("sending", "waiting")
    assert len(server.mails) == (after == "sent" and state != "sent")


def test_due_lists_what_send_would_take_and_nothing_else(follow: Any, write: Write) -> None:
    follow()
    write()
    now = timezone.now()
    for _sentence, state, tries, claimed, due, answer, after, tries_after in MOVES:
        Outbox.objects.update(
            state=state,
            attempts=tries,
            claimed_at=None if claimed is None else now - timedelta(seconds=claimed),
            due_at=now - timedelta(seconds=due),
        )
        moves = (state, tries) != (after, tries_after) or bool(answer)
        assert bool(mailing.due(limit=9)) == moves


def test_pauses_grow_and_then_the_mail_is_given_up_and_seen(
    follow: Any, write: Write, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    follow()
    write()
    later(DELAY)
    server.faults = {"rcpt": "451 later"}
    for number, pause in enumerate(TRIES, start=1):
        begun = timezone.now()
        assert mailing.send_due(limit=9) == 0
        found = the_mail()
        assert (found.state, found.attempts, found.fault) == (State.WAITING, number, "recipient 451")
        assert begun + timedelta(seconds=pause) <= found.due_at <= timezone.now() + timedelta(seconds=pause)
        later(pause - 5)
        assert mailing.due(limit=9) == []
        later(10)
    assert mailing.backlog().given_up == 0
    mailing.send_due(limit=9)
    assert (the_mail().state, the_mail().attempts) == (State.GIVEN_UP, len(TRIES) + 1)
    assert mailing.backlog() == mailing.Backlog(waiting=0, given_up=1, oldest_due_seconds=0.0)
    assert f"mail {the_mail().pk}: news, sending is given up after 4 tries: recipient 451." in caplog.text


def test_a_mail_that_was_given_up_goes_after_all_when_somebody_says_so(
    follow: Any, write: Write, server: MailServer
) -> None:
    follow()
    write()
    later(DELAY)
    server.faults = {"rcpt": "550 unknown"}
    mailing.send_due(limit=9)
    before = the_mail()
    assert before.state == State.GIVEN_UP
    server.faults = {}
    mailing.retry(before.pk)
    write("Not with that one.")
    assert mailing.send_due(limit=9) == 1
    (received,) = server.mails
    assert received.message_id == f"<{before.message_id}@news.example>"
    assert "Not with that one." not in str(received.message)


@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "dropped"])
def test_only_what_was_given_up_can_be_tried_again(follow: Any, write: Write, state: str) -> None:
    follow()
    write()
    Outbox.objects.update(state=state)
    with pytest.raises(Refusal) as refused:
        mailing.retry(the_mail().pk)
    assert refused.value.status == 409
    assert the_mail().state == state


def test_what_happens_after_a_first_try_does_not_join_the_mail(follow: Any, write: Write, server: MailServer) -> None:
    follow()
    write("First.")
    later(DELAY)
    server.faults = {"dot": "451 later"}
    mailing.send_due(limit=9)
    write("Second.")
    assert [mail.notices.count() for mail in Outbox.objects.order_by("pk")] == [1, 1]


def test_a_late_worker_does_not_overwrite_what_another_has_noted(follow: Any, write: Write) -> None:
    follow()
    write()
    later(DELAY)
    slow = mailing._claim(the_mail().pk)
    assert slow is not None
    later(OVER)
    assert mailing.send(slow.pk) == State.SENT
    assert mailing._leave(slow, State.WAITING) == ""
    assert the_mail().state == State.SENT


def test_a_mail_that_cannot_be_written_waits_and_keeps_no_other_from_going(
    follow: Any, write: Write, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    follow()
    follow("ida@example.org")
    write()
    later(DELAY)
    good = letters.write

    def write_one(mail: Outbox) -> Any:
        if mail.commenter == privacy.commenter_for(RITA):
            raise ValueError(f"a template has stumbled over {RITA}")
        return good(mail)

    monkeypatch.setattr(letters, "write", write_one)
    assert mailing.send_due(limit=9) == 1
    stuck = Outbox.objects.exclude(state=State.SENT).get()
    assert (stuck.state, stuck.fault) == (State.WAITING, "ValueError")
    assert "cannot be written: ValueError" in caplog.text
    assert RITA not in caplog.text


def test_a_mail_to_an_address_that_no_key_opens_is_given_up(follow: Any, write: Write, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ("old",)}
    follow()
    write()
    later(DELAY)
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ("new",)}
    mailing.send_due(limit=9)
    assert (the_mail().state, the_mail().fault) == (State.GIVEN_UP, "unreadable")


# --- A mail server with faults ---------------------------------------------------------------------------------------

WORDS = f"<{RITA}> says no, and so does {RITA.lower()}"
"""A server's words repeat the address."""

FAULTS = [
    ("greets with 421", {"connect": f"421 {WORDS}"}, "SMTPConnectError 421", "waiting", True),
    ("never greets", {"connect": HANG}, "SMTPServerDisconnected", "waiting", True),
    ("hangs up at once", {"connect": CUT}, "SMTPServerDisconnected", "waiting", True),
    ("refuses the sender for now", {"mail": f"451 {WORDS}"}, "SMTPSenderRefused 451", "waiting", True),
    ("refuses the sender for good", {"mail": f"550 {WORDS}"}, "SMTPSenderRefused 550", "waiting", True),
    ("refuses the recipient for now", {"rcpt": f"450 {WORDS}"}, "recipient 450", "waiting", False),
    ("refuses the recipient for good", {"rcpt": f"550 {WORDS}"}, "recipient 550", "given_up", False),
    ("shuts down at the recipient", {"rcpt": f"421 {WORDS}"}, "recipient 421", "waiting", True),
    ("says nothing to the recipient", {"rcpt": HANG}, "SMTPServerDisconnected", "waiting", True),
    ("takes no content for now", {"data": f"451 {WORDS}"}, "data 451", "waiting", False),
    ("takes no content ever", {"data": f"554 {WORDS}"}, "data 554", "given_up", False),
    ("hangs up before the final dot", {"content": CUT}, "SMTPServerDisconnected", "waiting", True),
    ("refuses the content for now", {"dot": f"452 {WORDS}"}, "data 452", "waiting", False),
    ("refuses the content for good", {"dot": f"554 {WORDS}"}, "data 554", "given_up", False),
    ("shuts down at the content", {"dot": f"421 {WORDS}"}, "data 421", "waiting", True),
    ("hangs up after the final dot", {"dot": CUT}, "SMTPServerDisconnected", "waiting", True),
    ("says nothing after the final dot", {"dot": HANG}, "SMTPServerDisconnected", "waiting", True),
]


def everything_stored() -> str:
    return repr(list(Outbox.objects.values()))


def our_log(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, but for what the test's own mail server says of itself."""
    return "\n".join(
        f"{record.getMessage()} {record.args!r} {record.exc_text or ''}"
        for record in caplog.records
        if not record.name.startswith("mail.")
    )


@pytest.mark.parametrize(
    ("faults", "fault", "state", "is_away"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_server_that(
    follow: Any,
    write: Write,
    server: MailServer,
    caplog: pytest.LogCaptureFixture,
    faults: dict[str, str],
    fault: str,
    state: str,
    is_away: bool,
) -> None:
    follow()
    write()
    later(DELAY)
    server.faults = faults
    begun = timezone.now()
    with caplog.at_level(logging.DEBUG):
        assert mailing.send_due(limit=9) == 0
    found = the_mail()
    assert (found.state, found.fault, found.attempts, found.claimed_at) == (state, fault, 1, None)
    assert bool(cache.get(mailing._AWAY)) == is_away
    if state == "waiting":
        assert found.due_at >= begun + timedelta(seconds=TRIES[0])
    said = f"{our_log(caplog)}\n{everything_stored()}".lower()
    for trace in (RITA.lower(), "sandbank", "quibbledom", "says no"):
        assert trace not in said
    # The same mail, with the same name, once the server has come to itself.
    arrived = len(server.mails)
    server.faults = {}
    if state == "given_up":
        mailing.retry(found.pk)
    later(TRIES[0])
    assert mailing.send_due(limit=9) == 1
    assert len(server.mails) == arrived + 1
    assert server.copies().keys() == {f"<{found.message_id}@news.example>"}


@pytest.mark.parametrize("step", ["answered", "quit"])
@pytest.mark.parametrize("what", [CUT, HANG, "500 " + "x" * 10_000])
def test_what_goes_wrong_after_the_servers_yes_sends_no_mail_twice(
    follow: Any, write: Write, server: MailServer, step: str, what: str
) -> None:
    follow()
    write()
    later(DELAY)
    server.faults = {step: what}
    assert mailing.send_due(limit=9) == 1
    later(86_400)
    assert mailing.send_due(limit=9) == 0
    assert len(server.mails) == 1


def test_a_server_that_is_not_there_is_left_alone_for_a_while(
    follow: Any, write: Write, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    for address in (RITA, "ida@example.org", "sam@example.org"):
        follow(address)
    write()
    later(DELAY)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # and listens to nobody
        server_away = MailServer(port=probe.getsockname()[1])
        with override_settings(**server_away.options(timeout=0.5)), caplog.at_level(logging.DEBUG):
            assert mailing.send_due(limit=9) == 0
            assert mailing.send_due(limit=9) == 0
            assert mailing.send(mailing.due(limit=1)[0]) == ""
    tried = Outbox.objects.filter(attempts__gt=0)
    assert [(mail.attempts, mail.fault, mail.state) for mail in tried] == [(1, "ConnectionRefusedError", "waiting")]
    assert "sandbank" not in our_log(caplog).lower()
    later(TRIES[0])
    assert mailing.send_due(limit=9) == 3
    assert len(server.copies()) == 3


def test_an_address_that_the_server_could_not_spell_is_given_up(
    follow: Any, write: Write, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    follow("пошта@приклад.укр")
    write()
    later(DELAY)
    with caplog.at_level(logging.DEBUG):
        mailing.send_due(limit=9)
    assert (the_mail().state, the_mail().fault) == (State.GIVEN_UP, "not supported")
    assert server.steps == []
    assert "пошта" not in our_log(caplog) + everything_stored()


def test_an_international_domain_is_written_in_ascii(follow: Any, write: Write, server: MailServer) -> None:
    follow("rita@приклад.укр")
    write()
    later(DELAY)
    assert mailing.send_due(limit=9) == 1
    assert server.mails[0].recipients == ("rita@xn--80aikifvh.xn--j1amh",)


def test_a_fault_in_one_mail_keeps_no_other_from_going(follow: Any, write: Write, server: MailServer) -> None:
    follow("пошта@приклад.укр")
    follow("ida@example.org")
    write()
    later(DELAY)
    assert mailing.send_due(limit=9) == 1
    assert [mail.recipients for mail in server.mails] == [("ida@example.org",)]


# --- Confirmations ---------------------------------------------------------------------------------------------------


def test_a_confirmation_is_due_at_once_and_dropped_when_its_link_is_used(carls_browser: Reader) -> None:
    request = confirming.ask(address=RITA, reader=carls_browser)
    confirming.settle(request.pk)
    assert mailing.due(limit=9) == [the_mail().pk]
    ConfirmationRequest.objects.update(used_at=timezone.now())
    assert mailing.send(the_mail().pk) == State.DROPPED
    assert django_mail.outbox == []


# --- The backlog -----------------------------------------------------------------------------------------------------


def test_the_backlog_says_what_waits_and_for_how_long(follow: Any, write: Write) -> None:
    assert mailing.backlog() == mailing.Backlog(waiting=0, given_up=0, oldest_due_seconds=0.0)
    follow()
    follow("ida@example.org")
    write()
    assert mailing.backlog() == mailing.Backlog(waiting=2, given_up=0, oldest_due_seconds=0.0)
    later(DELAY + 100)
    assert mailing.backlog().oldest_due_seconds == pytest.approx(100, abs=30)
    mailing.send_due(limit=1)
    assert mailing.backlog().waiting == 1


# --- In any order ----------------------------------------------------------------------------------------------------

OPERATIONS = st.lists(
    st.one_of(
        st.sampled_from(["others post", "others post", "rita posts"]),
        st.tuples(st.sampled_from(["reject", "approve", "spam", "approve", "withdraw", "erase"]), st.integers(0, 2)),
        st.sampled_from([("time", 30), ("time", 70), ("time", 700)]),
        st.tuples(
            st.just("sweep"),
            st.sampled_from([70, 700, 90_000]),
            st.lists(st.sampled_from(["later", "dies before", "dies after", ""]), max_size=3),
        ),
    ),
    min_size=4,
    max_size=14,
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(operations=OPERATIONS)
@example(operations=[("sweep", 70, ["dies before"])])
@example(operations=[("sweep", 70, ["dies after"]), "others post", ("sweep", 70, ["later"])])
@example(operations=["others post", ("reject", 0), ("sweep", 70, []), ("approve", 0)])
@example(operations=[("sweep", 70, ["later"]), "others post", ("sweep", 70, [])])
@example(operations=[("sweep", 70, ["dies after"]), ("time", 700), "others post", ("sweep", 700, [])])
@example(operations=[("sweep", 70, ["later"]), ("reject", 0), ("sweep", 70, []), ("approve", 0)])
def test_in_any_order_each_mail_arrives_and_none_twice_but_for_a_crash(
    operations: list[Any], thread: Thread, write: Write, follow: Any, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "MAIL_TRIES": (60,) * 100, "SCREENS": ()}
    with transaction.atomic(), override_settings(**scripted()):
        try:
            _play(operations, write, follow)
        finally:
            transaction.set_rollback(True)
            Script.plan, Script.arrived = staticmethod(lambda: ""), staticmethod(lambda message: None)


def _play(operations: list[Any], write: Write, follow: Any) -> None:
    follow(pace="at_once")
    follow("ida@example.org", pace="daily")
    comments: list[Comment] = []
    copies: dict[str, int] = defaultdict(int)
    crashes: dict[str, int] = defaultdict(int)
    told: dict[tuple[int, str], set[str]] = defaultdict(set)
    excused: set[int] = set()
    first_copy: dict[str, set[int]] = {}
    plans: list[str] = []
    dying: list[bool] = []

    def plan() -> str:
        what = plans.pop(0) if plans else ""
        dying.append(what == "dies after")
        return what

    def arrived(message: Any) -> None:
        name = message.extra_headers["Message-ID"]
        copies[name] += 1
        crashes[name] += dying[-1]
        in_it = {comment.pk for comment in comments if f"remark-{comment.pk}-" in message.body}
        assert in_it <= first_copy.setdefault(name, in_it), "a repeated mail tells of more than the first"
        for comment in comments:
            if f"remark-{comment.pk}-" in message.body:
                row = Comment.objects.get(pk=comment.pk)
                assert row.status == "approved", "told of a comment that is not public"
                assert row.commenter_id != privacy.commenter_for(message.to[0]).pk, "told of one's own comment"
                told[comment.pk, message.to[0]].add(name)

    def sweep() -> None:
        with suppress(Crash):
            mailing.send_due(limit=100)

    Script.plan, Script.arrived = staticmethod(plan), staticmethod(arrived)
    for operation in ["others post", *operations]:
        match operation:
            case "others post" | "rita posts":
                comment = write(email=RITA if operation == "rita posts" else "carl@example.org")
                html = f"<p>remark-{comment.pk}-</p>"
                Comment.objects.filter(pk=comment.pk).update(html=html)
                comments.append(comment)
            case ("time", seconds):
                later(seconds)
            case ("sweep", seconds, outcomes):
                later(seconds)
                plans[:] = outcomes
                sweep()
                plans.clear()
            case ("erase", number) if number < len(comments):
                gone = comments[number]
                with suppress(Comment.DoesNotExist):
                    gone.refresh_from_db()
                    if gone.status == "approved":
                        hide(gone, "withdrawn")
            case (verb, number) if number < len(comments):
                comment = comments[number]
                comment.refresh_from_db()
                to = {"reject": "rejected", "spam": "spam", "withdraw": "withdrawn", "approve": "approved"}[verb]
                if to != "approved" and Notice.objects.filter(comment=comment, outbox__attempts__gt=0).exists():
                    excused.add(comment.pk)  # hidden when it may have been told already: nobody is told twice
                with suppress(Refusal):
                    hide(comment, to)
    for _round in range(3):
        later(90_000)
        sweep()
    for name, count in copies.items():
        assert count <= 1 + crashes[name], "a mail was repeated without a crash after it was sent"
    for names in told.values():
        assert len(names) == 1, "one subscription heard twice of one comment"
    rita = privacy.commenter_for(RITA).pk
    for comment in Comment.objects.filter(status="approved").exclude(pk__in=excused):
        for address in (RITA, "ida@example.org"):
            if comment.commenter_id != rita or address != RITA:
                assert told[comment.pk, address], "a comment was never told of"
    assert mailing.backlog().waiting == 0


# --- Two workers at one time -----------------------------------------------------------------------------------------


def _in_threads(*works: Callable[[], object]) -> list[object]:
    """Run each with a connection of its own; return what they return."""
    found: list[object] = [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            found[number] = work()
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def _waits_for_a_lock(count: int = 1) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0] >= count)


if connection.vendor == "postgresql":  # no skip, which REQUIRE_ALL would refuse: SQLite has one writer at a time
    from tests.plugins.site import wait_until

    real_connections = pytest.mark.django_db(transaction=True)

    @real_connections
    def test_two_workers_that_claim_one_mail_send_it_once(follow: Any, write: Write, server: MailServer) -> None:
        follow()
        write()
        for number in range(5):
            later(DELAY)
            pk = Outbox.objects.latest("pk").pk
            barrier = threading.Barrier(4)

            def claim(pk: int = pk, barrier: threading.Barrier = barrier) -> str:
                barrier.wait(timeout=30)
                return mailing.send(pk)

            states = _in_threads(*[claim] * 4)
            assert sorted(map(str, states)) == ["", "", "", "sent"]
            assert len(server.mails) == number + 1
            write()

    @real_connections
    def test_a_notice_that_joins_first_is_in_the_mail_that_a_worker_claims_meanwhile(follow: Any, write: Write) -> None:
        follow()
        write("First.")
        later(DELAY)
        Notice.objects.update(created_at=F("created_at") - timedelta(seconds=DELAY))
        pk = the_mail().pk
        joined, may_commit = threading.Event(), threading.Event()

        def join() -> None:
            with transaction.atomic():
                write("Second.")
                Outbox.objects.filter(pk=pk).update(due_at=timezone.now() - timedelta(seconds=1))
                Notice.objects.update(created_at=timezone.now() - timedelta(seconds=DELAY + 5))
                joined.set()
                assert may_commit.wait(timeout=30)

        def claim() -> str:
            assert joined.wait(timeout=30)
            return mailing.send(pk)

        def let_go() -> None:
            assert joined.wait(timeout=30)
            wait_until(_waits_for_a_lock, "the worker waits for the mail")
            may_commit.set()

        assert _in_threads(join, claim, let_go) == [None, "sent", None]
        assert "First." in django_mail.outbox[0].body
        assert "Second." in django_mail.outbox[0].body

    @real_connections
    def test_a_notice_that_comes_while_a_worker_claims_is_in_the_next_mail(follow: Any, write: Write) -> None:
        follow()
        write("First.")
        later(DELAY)
        pk = the_mail().pk
        claimed, may_commit = threading.Event(), threading.Event()

        def claim() -> str:
            with transaction.atomic():
                assert mailing._claim(pk) is not None
                claimed.set()
                assert may_commit.wait(timeout=30)
            Outbox.objects.update(claimed_at=timezone.now() - timedelta(seconds=OVER))
            return mailing.send(pk)

        def join() -> None:
            assert claimed.wait(timeout=30)
            write("Second.")

        def let_go() -> None:
            assert claimed.wait(timeout=30)
            wait_until(_waits_for_a_lock, "the notice waits for the mail")
            may_commit.set()

        assert _in_threads(claim, join, let_go) == ["sent", None, None]
        assert Outbox.objects.count() == 2
        later(DELAY)
        assert mailing.send_due(limit=9) == 1
        assert ["Second." in message.body for message in django_mail.outbox] == [False, True]

    @real_connections
    def test_many_who_post_while_workers_send_lose_no_notice(follow: Any, settings: Any, server: MailServer) -> None:
        """Two discussions with the same followers, posted to and mailed about at one time."""
        settings.COMMENTS = {**settings.COMMENTS, "MAIL_DELAY": 0, "SCREENS": ()}
        threads = [Thread.objects.create(key=key, title=key, url=f"/{key}/", mode="publish") for key in "ab"]
        # In opposite orders, so that locks taken as the rows come would block each other.
        for thread, people in ((threads[0], "xyz"), (threads[1], "zyx")):
            for name in people:
                follow(f"{name}@example.org", thread=thread)
        done = threading.Event()

        def post(thread: Thread) -> int:
            for number in range(12):
                _post(thread, f"Remark {number} in {thread.key}.")
            return 12

        def work() -> None:
            while not done.is_set():
                mailing.send_due(limit=50)

        workers = [threading.Thread(target=lambda: _in_threads(work)) for _number in range(2)]
        for worker in workers:
            worker.start()
        posted = _in_threads(*[lambda thread=thread: post(thread) for thread in threads * 2])
        done.set()
        for worker in workers:
            worker.join(timeout=60)
        later(1)
        mailing.send_due(limit=500)
        assert posted == [12] * 4
        assert Notice.objects.count() == 48 * 3
        assert not Notice.objects.exclude(outbox__state=State.SENT).exists()
        assert max(server.copies().values()) == 1

    @real_connections
    def test_a_subscription_that_ends_while_a_comment_is_posted_takes_no_comment_along(
        follow: Any, write: Write, thread: Thread
    ) -> None:
        subscription = follow()
        queued, may_commit = threading.Event(), threading.Event()

        def post() -> None:
            with transaction.atomic():
                write("Kept.")
                queued.set()
                assert may_commit.wait(timeout=30)

        def stop() -> None:
            assert queued.wait(timeout=30)
            subscribing.stop([subscription.pk])

        def let_go() -> None:
            assert queued.wait(timeout=30)
            wait_until(_waits_for_a_lock, "the end of the subscription waits")
            may_commit.set()

        assert _in_threads(post, stop, let_go) == [None, None, None]
        assert Comment.objects.count() == 1
        assert not Subscription.objects.exists()
        assert not Notice.objects.exists()


def _post(thread: Thread, body: str) -> None:
    from comments import drafts, posting

    posting.post(thread, drafts.Draft(body=body, name="Carl", email="carl@example.org"), posting.Origin())


def test_nothing_is_known_of_an_address_but_its_commenter(follow: Any, write: Write) -> None:
    follow()
    write()
    assert "sandbank" not in everything_stored().lower()
    assert RITA not in repr(the_mail()) + str(the_mail())
    assert Commenter.objects.filter(pk=the_mail().commenter_id).exists()
