"""Confirming an address: who may, what it is worth, and what nobody can do with another one's address."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from comments import confirming, links, mailboxes, privacy, subscribing
from comments.errors import InvalidFields, Refusal
from comments.models import (
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    Mailbox,
    Outbox,
    Pace,
    Reader,
    Subscription,
    Thread,
)
from comments.screening.facts import approved_count

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_site")]

RITA = "rita@example.org"
_LINK = re.compile(r"https://news\.example\.org/comments/mail/confirm/(\S+?)/\s")


def browser(name: str) -> Reader:
    return Reader.objects.get_or_create(cookie_digest=privacy.reader_digest(name))[0]


def token_in(mail: Any) -> str:
    return _LINK.findall(mail.body)[0]


@pytest.fixture
def ritas() -> Reader:
    """Rita's browser."""
    return browser("rita")


@pytest.fixture
def sams() -> Reader:
    """The browser of Sam, who knows Rita's address."""
    return browser("sam")


@pytest.fixture
def confirmed(deliver: Any) -> Callable[..., Commenter]:
    """Have an address confirmed in a browser, by mail, link and button."""

    def confirm(reader: Reader, address: str = RITA, *, where: Reader | None = None) -> Commenter:
        confirming.ask(address=address, reader=reader)
        (mail,) = deliver()
        return confirming.confirm(token_in(mail), reader=where or reader, subscriptions=())

    return confirm


def next_day() -> None:
    """A day goes by for whoever counts mails and questions."""
    a_day = timedelta(days=1, seconds=1)
    for row in Mailbox.objects.all():
        Mailbox.objects.filter(pk=row.pk).update(asked_at=row.asked_at - a_day)
    for request in ConfirmationRequest.objects.all():
        ConfirmationRequest.objects.filter(pk=request.pk).update(created_at=request.created_at - a_day)


# --- It works


def test_it_works(ritas: Reader, deliver: Any) -> None:
    request = confirming.ask(address=" Rita@Example.org ", reader=ritas)
    (mail,) = deliver()

    assert mail.to == ["Rita@Example.org"]
    commenter = confirming.confirm(token_in(mail), reader=ritas, subscriptions=())

    request.refresh_from_db()
    assert request.used_at is not None
    assert Confirmation.objects.get().reader == ritas
    assert ritas.commenter_ids == {commenter.pk}
    assert commenter == privacy.commenter_for(RITA)
    commenter.refresh_from_db()
    assert commenter.confirmed_at is not None
    assert Mailbox.objects.get().asked_count == 0


def test_what_was_posted_here_with_the_address_is_marked_and_nothing_else(
    ritas: Reader, sams: Reader, write: Any, confirmed: Any, thread: Thread
) -> None:
    before = write(email=RITA, reader=ritas)
    others = [write(email="other@example.org", reader=ritas), write(email=RITA, reader=sams), write(email=RITA)]
    thread.refresh_from_db()
    version = thread.version

    confirmed(ritas)

    after = write(email="RITA@example.org", reader=browser("rita"))
    marked = Comment.objects.filter(is_confirmed=True).values_list("pk", flat=True)
    assert set(marked) == {before.pk, after.pk}
    assert not {other.pk for other in others} & set(marked)
    thread.refresh_from_db()
    assert thread.version > version, "the list that readers share shows the mark"


def test_her_own_comments_are_hers_in_each_browser_where_she_confirmed(
    ritas: Reader, write: Any, confirmed: Any
) -> None:
    comment = write(email=RITA, reader=ritas)
    phone = browser("ritas phone")
    assert not comment.is_owned_by(phone)

    confirmed(phone)

    phone = browser("ritas phone")
    assert comment.is_owned_by(phone)
    assert comment.is_editable_by(phone)
    assert list(Comment.objects.owned_by(phone)) == [comment]
    assert not Comment.objects.get().is_confirmed, "she has not said so in the browser that posted it"


def test_the_newcomers_rule_counts_what_she_posted_in_other_confirmed_browsers(
    ritas: Reader, write: Any, confirmed: Any
) -> None:
    write(email=RITA, reader=ritas)
    phone = browser("ritas phone")
    rita = privacy.commenter_for(RITA)
    assert approved_count(rita, phone) == 0

    confirmed(phone)
    assert approved_count(rita, browser("ritas phone")) == 0, "the first browser has proven nothing yet"
    next_day()
    confirmed(ritas)

    assert approved_count(rita, browser("ritas phone")) == 1
    assert approved_count(rita, browser("sam")) == 0
    assert approved_count(privacy.commenter_for("other@example.org"), browser("ritas phone")) == 0


def test_a_newcomer_who_confirms_elsewhere_need_not_wait_again(
    ritas: Reader, write: Any, confirmed: Any, thread: Thread
) -> None:
    confirmed(ritas)
    write(email=RITA, reader=browser("rita"))
    Thread.objects.update(mode="hold_newcomers")
    thread.refresh_from_db()
    phone = browser("ritas phone")
    assert write(email=RITA, reader=phone).status == "pending"
    next_day()
    confirmed(phone)

    assert write(email=RITA, reader=browser("ritas phone")).status == "approved"
    assert write(email=RITA, reader=browser("sam")).status == "pending"


# --- An impostor


def test_who_types_anothers_address_gets_nothing(
    ritas: Reader, sams: Reader, write: Any, confirmed: Any, deliver: Any
) -> None:
    hers = write(email=RITA, reader=ritas)
    confirmed(ritas)
    next_day()
    false = write(email=RITA, reader=sams, notify=True)
    (mail,) = deliver()

    confirming.confirm(token_in(mail), reader=ritas, subscriptions=())

    sams = browser("sam")
    assert sams.commenter_ids == frozenset()
    assert list(Comment.objects.owned_by(sams)) == [false]
    assert not Comment.objects.get(pk=false.pk).is_confirmed
    assert not write(email=RITA, reader=sams).is_confirmed
    assert not hers.is_owned_by(sams)
    assert not Subscription.objects.filter(confirmed_at__isnull=False).exists()


def test_an_address_gets_one_mail_a_day_and_a_few_in_all(deliver: Any) -> None:
    went = []
    for day in range(7):
        for number in range(3):
            confirming.ask(address=RITA, reader=browser(f"sam {day} {number}"))
        went.append(len(deliver()))
        next_day()

    assert went == [1, 1, 1, 1, 0, 0, 0]
    assert Mailbox.objects.get().asked_count == 4
    assert ConfirmationRequest.objects.filter(settled_at=None).count() == 0


VARIANTS = (
    ("rita@example.org", "Rita@Example.ORG", "rita+1@example.org", "RITA+zwei+drei@example.org", "r.i.t.a@example.org"),
    ("rita@bücher.example", "RITA@BÜCHER.example", "rita+x@xn--bcher-kva.example", "ri.ta@xn--bcher-kva.EXAMPLE"),
)


@pytest.mark.parametrize("variants", VARIANTS)
def test_however_an_address_is_varied_its_mailbox_gets_one_mail(variants: tuple[str, ...], deliver: Any) -> None:
    for number, address in enumerate(variants):
        confirming.ask(address=address, reader=browser(f"sam {number}"))

    assert len(deliver()) == 1
    next_day()
    confirming.ask(address=variants[-1], reader=browser("sam"))
    assert len(deliver()) == 1
    assert Mailbox.objects.get().asked_count == 2


@pytest.mark.parametrize("address", ["+rita@example.org", "rita@example.com", "rita-1@example.org", "r@example.org"])
def test_other_mailboxes_have_their_own_share(address: str, deliver: Any) -> None:
    confirming.ask(address=RITA, reader=browser("sam"))
    confirming.ask(address=address, reader=browser("carl"))
    assert [mail.to for mail in deliver()] == [[RITA], [address]]


def test_a_tag_that_is_confirmed_makes_no_other_address_trusted(ritas: Reader, confirmed: Any, write: Any) -> None:
    confirmed(ritas, "rita+news@example.org")
    assert not write(email=RITA, reader=browser("rita")).is_confirmed


def test_the_count_outlives_a_change_of_keys(deliver: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ("the old key, long enough to be no guess",)}
    confirming.ask(address=RITA, reader=browser("sam"))
    assert len(deliver()) == 1
    keys = ("the new key, long enough to be no guess", *settings.COMMENTS["ADDRESS_KEYS"])
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": keys}
    confirming.ask(address="rita+1@example.org", reader=browser("carl"))
    assert deliver() == []
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": keys[:1]}
    confirming.ask(address="rita+2@example.org", reader=browser("ed"))
    assert deliver() == []
    assert Mailbox.objects.get().asked_count == 1


def test_once_confirmed_the_count_begins_anew(ritas: Reader, confirmed: Any, deliver: Any) -> None:
    confirmed(ritas)
    confirming.ask(address=RITA, reader=browser("phone"))
    assert deliver() == [], "still one a day"
    next_day()
    confirming.ask(address=RITA, reader=browser("phone"))
    assert len(deliver()) == 1


def test_what_is_confirmed_here_needs_no_mail(ritas: Reader, confirmed: Any, deliver: Any) -> None:
    confirmed(ritas)
    next_day()
    confirming.ask(address=RITA, reader=browser("rita"))

    assert deliver() == []
    assert Mailbox.objects.get().asked_count == 0


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(st.characters(codec="utf-8", categories=["L"]), min_size=8, max_size=30),
    body=st.text(st.characters(codec="utf-8", categories=["L"]), min_size=8, max_size=60),
    website=st.from_regex(r"[a-z]{12}\.example", fullmatch=True),
    local=st.from_regex(r"[a-z0-9]{12,20}", fullmatch=True),
)
def test_the_mail_holds_nothing_that_the_poster_typed(
    name: str, body: str, website: str, local: str, write: Any, deliver: Any
) -> None:
    with transaction.atomic():
        write(body, name=name, website=website, email=f"{local}@mail.example", reader=browser(local), notify=True)
        (mail,) = deliver()
        transaction.set_rollback(True)

    assert mail.to == [f"{local}@mail.example"]
    said = mail.message().as_string() + mail.subject + mail.body + mail.alternatives[0][0]
    said = said.replace(f"To: {local}@mail.example", "")
    for typed in (name, body, website, local):
        assert typed.casefold() not in said.casefold()
    assert "The harbour" not in said, "nor where"


def test_two_mails_differ_in_their_link_alone(deliver: Any, write: Any) -> None:
    write("Buy my shoes.", name="Shoes", email="a@example.org", reader=browser("a"), notify=True)
    confirming.ask(address="b@example.org", reader=browser("b"))
    first, second = deliver()

    assert _LINK.sub("", first.body) == _LINK.sub("", second.body)
    assert first.subject == second.subject == "Please confirm your email address for The Newsroom"
    assert [key for key in first.extra_headers if key.startswith("List-")] == []


# --- Asking


def test_without_mail_there_is_nothing_to_ask(ritas: Reader, settings: Any) -> None:
    settings.COMMENTS = {}
    with pytest.raises(Refusal) as refused:
        confirming.ask(address=RITA, reader=ritas)
    assert refused.value.status == 404
    assert not Commenter.objects.exists()


@pytest.mark.parametrize("address", ["", " ", "rita", "rita@", "rita@example", "a\u202eb@example.org", "x" * 300])
def test_what_is_no_address_is_refused_at_its_field(address: str, ritas: Reader) -> None:
    with pytest.raises(InvalidFields) as refused:
        confirming.ask(address=address, reader=ritas)
    assert set(refused.value.fields) == {"email"}
    assert not Commenter.objects.exists()


def test_a_browser_that_asks_again_and_again_has_to_wait(ritas: Reader, sams: Reader) -> None:
    for number in range(confirming.ASKS_OF_A_BROWSER):
        confirming.ask(address=f"a{number}@example.org", reader=sams)
    for number in range(3):
        with pytest.raises(Refusal) as refused:
            confirming.ask(address=f"b{number}@example.org", reader=sams)
        assert (refused.value.status, refused.value.retry_after) == (429, 3600)
    assert Commenter.objects.count() == ConfirmationRequest.objects.count() == confirming.ASKS_OF_A_BROWSER

    confirming.ask(address=RITA, reader=ritas)
    next_day()
    confirming.ask(address=RITA, reader=sams)


def test_a_client_that_throws_its_cookie_away_has_to_wait_as_well() -> None:
    for number in range(confirming.ASKS_OF_A_CLIENT):
        confirming.ask(address=RITA, reader=browser(f"sam {number}"), client_digest="sam")
    with pytest.raises(Refusal) as refused:
        confirming.ask(address=RITA, reader=browser("one more"), client_digest="sam")
    assert refused.value.status == 429
    confirming.ask(address=RITA, reader=browser("rita"), client_digest="rita")


def test_clients_whose_address_is_unknown_are_not_one_client() -> None:
    for number in range(confirming.ASKS_OF_A_CLIENT + 5):
        confirming.ask(address=RITA, reader=browser(f"reader {number}"))


def test_asking_for_ones_own_types_nothing(ritas: Reader, write: Any, deliver: Any) -> None:
    comment = write(email=RITA, reader=ritas)
    confirming.ask_for_own(comment, reader=ritas)
    (mail,) = deliver()
    assert mail.to == [RITA]
    assert Commenter.objects.count() == 1


def test_nobody_asks_for_the_author_of_anothers_comment(sams: Reader, write: Any, carls_browser: Reader) -> None:
    comment = write(email=RITA, reader=carls_browser)
    with pytest.raises(Refusal) as refused:
        confirming.ask_for_own(comment, reader=sams)
    assert refused.value.status == 404
    assert not ConfirmationRequest.objects.exists()


def test_a_comment_without_an_address_offers_nothing(ritas: Reader, write: Any) -> None:
    comment = write(email=RITA, reader=ritas)
    Comment.objects.update(commenter=None)
    comment.refresh_from_db()
    assert not confirming.can_confirm(comment, ritas)
    with pytest.raises(Refusal):
        confirming.ask_for_own(comment, reader=ritas)


# --- Alike, whatever is known of the address


STATES = ("unknown", "known", "confirmed", "subscribed", "often asked", "confirmed here")


def in_state(state: str, thread: Thread, deliver: Any) -> tuple[str, Reader]:
    """An address of which so much is known, and a browser that has never asked for it."""
    number = Reader.objects.count()
    address = f"somebody{number}@example.org"
    asker = browser(f"asker {number}")
    first = browser(f"first {number}")
    if state == "known":
        privacy.commenter_for(address)
    if state in {"confirmed", "subscribed", "confirmed here"}:
        confirming.ask(address=address, reader=first)
        confirming.confirm(token_in(deliver()[0]), reader=first, subscriptions=())
    if state == "subscribed":
        subscribing.subscribe(subscribing.Wish(thread), reader=browser(f"first {number}"))
    if state == "often asked":
        for index in range(6):
            confirming.ask(address=address, reader=browser(f"{index} {number}"))
            deliver()
            next_day()
    if state == "confirmed here":
        asker = browser(f"first {number}")
        next_day()
    return address, asker


def shapes(queries: CaptureQueriesContext) -> list[str]:
    """Statements without their values."""
    return [re.sub(r"X?'[^']*'|\"s\d+_x\d+\"|\b\d+\b", "?", query["sql"]) for query in queries.captured_queries]


@pytest.mark.parametrize("verb", ["ask", "subscribe"])
def test_the_same_work_whatever_is_known_of_an_address(verb: str, thread: Thread, deliver: Any) -> None:
    done = {}
    for state in STATES:
        address, asker = in_state(state, thread, deliver)
        with CaptureQueriesContext(connection) as queries:
            if verb == "ask":
                confirming.ask(address=address, reader=asker, client_digest="")
            else:
                subscribing.subscribe(subscribing.Wish(thread), reader=asker, address=address)
        done[state] = shapes(queries)
        deliver()

    assert len({tuple(statements) for statements in done.values()}) == 1, done
    assert not any("SELECT" in statement and "comments_commenter" in statement for statement in done["known"])


def test_posting_with_the_box_ticked_costs_the_same_for_a_known_and_a_confirmed_address(
    thread: Thread, deliver: Any, write: Any
) -> None:
    done = {}
    for state in ("known", "confirmed", "often asked", "subscribed"):
        address, asker = in_state(state, thread, deliver)
        # The client's first look at a cache of staff names is not what is measured.
        write(email="warm@example.org", reader=browser("warm"))
        with CaptureQueriesContext(connection) as queries:
            write(email=address, reader=asker, notify=True)
        done[state] = shapes(queries)

    assert len({tuple(statements) for statements in done.values()}) == 1, done


# --- Settling


def test_settling_twice_is_settling_once(ritas: Reader, deliver: Any) -> None:
    request = confirming.ask(address=RITA, reader=ritas)
    confirming.settle(request.pk)
    confirming.settle(request.pk)
    confirming.settle(4711)
    assert Outbox.objects.count() == 1
    assert len(deliver()) == 1


def test_the_sweep_finds_what_no_task_has_settled(ritas: Reader, sams: Reader) -> None:
    confirming.ask(address=RITA, reader=ritas)
    confirming.ask(address=RITA, reader=sams)
    assert confirming.settle_waiting(limit=10) == 2
    assert confirming.settle_waiting(limit=10) == 0
    assert Commenter.objects.count() == 1, "two rows of one address have become one"
    assert Outbox.objects.count() == 1


def test_an_address_that_no_key_opens_is_given_up(
    ritas: Reader, settings: Any, deliver: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ("a secret, fifty characters long, that gets lost",)}
    confirming.ask(address=RITA, reader=ritas)
    settings.COMMENTS = {
        **settings.COMMENTS,
        "ADDRESS_KEYS": ("another secret, fifty characters long, from elsewhere",),
    }

    assert deliver() == []

    assert ConfirmationRequest.objects.get().settled_at is not None
    assert "cannot be opened" in caplog.text
    assert RITA not in caplog.text


def test_the_mail_speaks_the_language_of_the_page(ritas: Reader, deliver: Any) -> None:
    with translation.override("uk"):
        confirming.ask(address=RITA, reader=ritas)
    (mail,) = deliver()
    assert ConfirmationRequest.objects.get().language == "uk"
    assert 'lang="uk"' in mail.alternatives[0][0]


# --- The link


@pytest.fixture
def token(ritas: Reader, deliver: Any) -> str:
    """The link in a mail that Rita asked for."""
    confirming.ask(address=RITA, reader=ritas)
    return token_in(deliver()[0])


def test_a_link_shows_and_changes_nothing(token: str, ritas: Reader, sams: Reader, thread: Thread) -> None:
    subscribing.subscribe(subscribing.Wish(thread), reader=ritas, address=RITA)
    subscribing.subscribe(subscribing.Wish(thread, pace=Pace.DAILY), reader=sams, address="other@example.org")
    confirming.settle_waiting(limit=10)

    for reader, is_same in ((ritas, True), (sams, False), (None, False)):
        offer = confirming.read(token, reader=reader)
        assert offer.is_same_browser is is_same
        assert [row.thread for row in offer.subscriptions] == [thread]
        assert offer.wanted == {offer.subscriptions[0].pk}
    assert not Confirmation.objects.exists()
    assert not ConfirmationRequest.objects.exclude(used_at=None).exists()


def test_what_somebody_else_asked_for_is_not_ticked(token: str, sams: Reader, thread: Thread, deliver: Any) -> None:
    subscribing.subscribe(subscribing.Wish(thread), reader=sams, address=RITA)
    deliver()
    offer = confirming.read(token, reader=None)
    assert len(offer.subscriptions) == 1
    assert offer.wanted == frozenset()


def test_a_browser_that_has_been_forgotten_ticks_nothing(
    token: str, ritas: Reader, sams: Reader, thread: Thread, deliver: Any
) -> None:
    subscribing.subscribe(subscribing.Wish(thread), reader=sams, address=RITA)
    deliver()
    Reader.objects.all().delete()
    assert confirming.read(token, reader=None).wanted == frozenset()


def test_only_what_is_ticked_is_sent_from_now_on(token: str, ritas: Reader, thread: Thread, tags: Any) -> None:
    for tag in (None, tags["jobs"]):
        subscribing.subscribe(subscribing.Wish(thread, tag=tag), reader=ritas, address=RITA)
    stranger = subscribing.subscribe(subscribing.Wish(thread), reader=ritas, address="other@example.org")
    confirming.settle_waiting(limit=10)
    wanted = Subscription.objects.get(tag=tags["jobs"])

    confirming.confirm(token, reader=ritas, subscriptions=[wanted.pk, stranger.pk, 4711])

    held = Subscription.objects.filter(confirmed_at__isnull=False)
    assert list(held) == [wanted], "another one's wish is not hers to confirm"


def test_a_forwarded_link_trusts_whoever_presses_and_nobody_twice(token: str, ritas: Reader, sams: Reader) -> None:
    confirming.confirm(token, reader=sams, subscriptions=())

    with pytest.raises(Refusal) as refused:
        confirming.confirm(token, reader=ritas, subscriptions=())

    assert refused.value.status == 410
    assert [row.reader for row in Confirmation.objects.all()] == [sams]


def test_pressing_twice_is_pressing_once(token: str, ritas: Reader, thread: Thread) -> None:
    confirming.confirm(token, reader=ritas, subscriptions=())
    waiting = subscribing.subscribe(subscribing.Wish(thread), reader=browser("sam"), address=RITA)
    confirming.settle_waiting(limit=10)

    confirming.confirm(token, reader=ritas, subscriptions=[waiting.pk])

    assert confirming.read(token, reader=ritas).is_done
    assert Confirmation.objects.count() == 1
    assert not Subscription.objects.exclude(confirmed_at=None).exists(), "the second press does nothing any more"


@pytest.mark.parametrize("who", [None, "sam"])
def test_a_used_link_is_gone_for_everybody_else(who: str | None, token: str, ritas: Reader) -> None:
    confirming.confirm(token, reader=ritas, subscriptions=())
    with pytest.raises(Refusal) as refused:
        confirming.read(token, reader=browser(who) if who else None)
    assert refused.value.status == 410


def test_a_used_link_is_gone_where_trust_was_taken_back(token: str, ritas: Reader) -> None:
    confirming.confirm(token, reader=ritas, subscriptions=())
    Confirmation.objects.all().delete()
    for attempt in (
        lambda: confirming.read(token, reader=ritas),
        lambda: confirming.confirm(token, reader=ritas, subscriptions=()),
    ):
        with pytest.raises(Refusal):
            attempt()
    assert not Confirmation.objects.exists()


def test_a_link_grows_old(token: str, ritas: Reader, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    later = timezone.now() + timedelta(hours=48, minutes=1)
    monkeypatch.setattr("django.core.signing.time.time", later.timestamp)
    with pytest.raises(Refusal) as refused:
        confirming.confirm(token, reader=ritas, subscriptions=())
    assert refused.value.status == 410
    assert not Confirmation.objects.exists()


def test_an_old_request_mails_nothing(ritas: Reader, deliver: Any) -> None:
    confirming.ask(address=RITA, reader=ritas)
    ConfirmationRequest.objects.update(created_at=timezone.now() - timedelta(hours=49))
    assert deliver() == []
    assert Outbox.objects.get().state == "dropped"


def test_a_signature_without_the_tables_half_opens_nothing(token: str, ritas: Reader) -> None:
    ConfirmationRequest.objects.update(nonce="another")
    with pytest.raises(Refusal):
        confirming.confirm(token, reader=ritas, subscriptions=())


def test_confirming_again_keeps_one_row_and_the_last_time(ritas: Reader, confirmed: Any) -> None:
    confirmed(ritas)
    Confirmation.objects.update(at=timezone.now() - timedelta(days=30))
    next_day()
    Confirmation.objects.all().delete()
    confirmed(ritas)
    assert Confirmation.objects.count() == 1
    assert timezone.now() - Confirmation.objects.get().at < timedelta(hours=1)


def test_the_request_follows_its_address_to_the_row_that_stands_for_it(ritas: Reader, deliver: Any) -> None:
    known = privacy.commenter_for(RITA)
    request = confirming.ask(address=RITA, reader=ritas)
    assert request.commenter_id != known.pk
    token = token_in(deliver()[0])
    assert links.read_confirmation(token).commenter == known
    assert Commenter.objects.count() == 1


# --- At one moment


# No skip, which REQUIRE_ALL would refuse: threads share the one connection of a SQLite in memory.
if connection.vendor == "postgresql":

    @pytest.mark.parametrize("is_known", [False, True])
    @pytest.mark.django_db(transaction=True)
    def test_several_who_ask_at_one_moment_get_one_mail(
        is_known: bool, mail_site: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if is_known:
            with transaction.atomic():
                assert mailboxes.take_share(privacy.commenter_for(RITA))
            next_day()
        all_of_them = threading.Barrier(6)
        decide = mailboxes._may_be_asked

        def decide_slowly(*given: Any) -> bool:
            # Between the look at the row and the count: time enough for another to look, if nothing held it.
            threading.Event().wait(0.1)
            return decide(*given)

        def settle(pk: int) -> None:
            try:
                all_of_them.wait(timeout=30)
                confirming.settle(pk)
            finally:
                connection.close()

        addresses = [RITA, RITA, "rita+1@example.org", "RITA+2@example.org", "r.ita@example.org", "rita+1@example.org"]
        monkeypatch.setattr(mailboxes, "_may_be_asked", decide_slowly)
        asked = [confirming.ask(address=one, reader=browser(f"sam {at}")).pk for at, one in enumerate(addresses)]
        threads = [threading.Thread(target=settle, args=[pk]) for pk in asked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

        assert not ConfirmationRequest.objects.filter(settled_at=None).exists()
        assert Outbox.objects.count() == 1
        assert Mailbox.objects.get().asked_count == 1 + is_known
