"""Subscriptions: what somebody hears of, how often, and how it stops."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from comments import confirming, posting, privacy, subscribing, tagging
from comments.drafts import Draft
from comments.errors import InvalidFields, Refusal
from comments.models import (
    Comment,
    Commenter,
    ConfirmationRequest,
    Mailbox,
    Notice,
    Outbox,
    Pace,
    Reader,
    Subscription,
    Thread,
)
from comments.subscribing import Wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_site")]

RITA = "rita@example.org"
_LINK = re.compile(r"https://news\.example\.org/comments/mail/(\w+)/(\S+?)/\s")


def browser(name: str) -> Reader:
    return Reader.objects.get_or_create(cookie_digest=privacy.reader_digest(name))[0]


@pytest.fixture
def ritas(deliver: Any) -> Reader:
    """Rita's browser, in which her address has been confirmed."""
    return trusted("rita", RITA, deliver)


def trusted(name: str, address: str, deliver: Any) -> Reader:
    confirming.ask(address=address, reader=browser(name))
    (mail,) = deliver()
    token = dict(_LINK.findall(mail.body))["confirm"]
    confirming.confirm(token, reader=browser(name), subscriptions=())
    return browser(name)


def sent(deliver: Callable[[], list[Any]]) -> list[tuple[list[str], str]]:
    return [(mail.to, mail.body) for mail in deliver()]


# --- It works


def test_it_works(ritas: Reader, thread: Thread, write: Any, deliver: Any) -> None:
    subscription = subscribing.subscribe(Wish(thread), reader=ritas)
    assert subscription.confirmed_at is not None

    write("The crane is *new*.", name="Carl")
    ((to, body),) = sent(deliver)

    assert to == [RITA]
    assert "Carl wrote under “The harbour”:" in body
    assert "> The crane is new." in body


def test_a_typed_address_waits_for_its_owner(thread: Thread, write: Any, deliver: Any) -> None:
    reader = browser("rita")
    subscribing.subscribe(Wish(thread, pace=Pace.DAILY), reader=reader, address=RITA)
    (mail,) = deliver()
    write()
    assert deliver() == []

    (waiting,) = Subscription.objects.all()
    assert (waiting.confirmed_at, waiting.pace) == (None, "daily")
    confirming.confirm(dict(_LINK.findall(mail.body))["confirm"], reader=reader, subscriptions=[waiting.pk])
    write()

    assert [to for to, _ in sent(deliver)] == [[RITA]]


def test_replies_to_ones_own_comment(ritas: Reader, write: Any, deliver: Any) -> None:
    own = write(email=RITA, reader=ritas, notify=True)
    assert Subscription.objects.get().confirmed_at is not None
    assert ConfirmationRequest.objects.count() == 1, "confirmed here: nothing is asked again"

    write("Not an answer.")
    write("An answer.", parent=own, name="Carl")
    ((_, body),) = sent(deliver)

    assert "Carl answered your comment under “The harbour”:" in body
    assert "Not an answer" not in body


def test_who_has_not_confirmed_gets_one_mail_and_then_replies(write: Any, deliver: Any) -> None:
    own = write(email=RITA, reader=browser("rita"), notify=True)
    (mail,) = deliver()
    write(parent=own)
    assert deliver() == []
    (row,) = Subscription.objects.all()
    confirming.confirm(dict(_LINK.findall(mail.body))["confirm"], reader=browser("rita"), subscriptions=[row.pk])
    write(parent=own)
    assert len(deliver()) == 1


def test_a_tag_of_a_thread(ritas: Reader, thread: Thread, tags: Any, write: Any, ed: User, deliver: Any) -> None:
    subscribing.subscribe(Wish(thread, tag=tags["jobs"]), reader=ritas)
    for slug in ("jobs", "dredging"):
        tagging.correct(write(f"About {slug}."), tags[slug], applies=True, by=ed)

    ((_, body),) = sent(deliver)

    assert "About jobs." in body
    assert "About dredging." not in body


def test_one_mail_tells_of_all_and_of_each_once(ritas: Reader, thread: Thread, write: Any, deliver: Any) -> None:
    own = write(email=RITA, reader=ritas, notify=True)
    subscribing.subscribe(Wish(thread), reader=ritas)
    write("First.", parent=own)
    write("Second.")
    ((_, body),) = sent(deliver)
    assert body.count("> First.") == body.count("> Second.") == 1


# --- What is refused


@pytest.mark.parametrize(
    ("pace", "address", "field"),
    [
        ("hourly", RITA, "pace"),
        ("", RITA, "pace"),
        ("daily", "", "email"),
        ("daily", "  ", "email"),
        ("daily", "x", "email"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(pace: str, address: str, field: str, thread: Thread) -> None:
    with pytest.raises(InvalidFields) as refused:
        subscribing.subscribe(Wish(thread, pace=pace), reader=browser("rita"), address=address)
    assert set(refused.value.fields) == {field}
    assert not Subscription.objects.exists()
    assert not Commenter.objects.exists()


def test_without_mail_nothing_is_kept(thread: Thread, write: Any, settings: Any) -> None:
    settings.COMMENTS = {}
    with pytest.raises(Refusal) as refused:
        subscribing.subscribe(Wish(thread), reader=browser("rita"), address=RITA)
    assert refused.value.status == 404
    write(email=RITA, notify=True)
    assert not Subscription.objects.exists()
    assert not ConfirmationRequest.objects.exists()


def test_who_asks_again_and_again_has_to_wait(thread: Thread) -> None:
    for number in range(confirming.ASKS_OF_A_BROWSER):
        subscribing.subscribe(Wish(thread), reader=browser("sam"), address=f"a{number}@example.org")
    with pytest.raises(Refusal) as refused:
        subscribing.subscribe(Wish(thread), reader=browser("sam"), address=RITA)
    assert refused.value.status == 429
    assert Subscription.objects.count() == Commenter.objects.count() == confirming.ASKS_OF_A_BROWSER


def test_a_comment_is_posted_even_where_too_much_was_asked(write: Any) -> None:
    sam = browser("sam")
    for _ in range(confirming.ASKS_OF_A_BROWSER + 3):
        write(email=RITA, reader=sam, notify=True)
    assert ConfirmationRequest.objects.count() == confirming.ASKS_OF_A_BROWSER
    assert Comment.objects.count() == Subscription.objects.count() == confirming.ASKS_OF_A_BROWSER + 3


def test_staff_without_an_address_follow_nothing(thread: Thread, mona: User) -> None:
    posting.post(thread, Draft(body="By the desk.", name="Mona", notify=True), posting.Origin(user=mona))
    assert not Subscription.objects.exists()


# --- Whose mailbox


def test_where_two_addresses_were_confirmed_the_last_one_counts(thread: Thread, deliver: Any) -> None:
    trusted("rita", "new@example.org", deliver)
    trusted("rita", "old@example.org", deliver)
    Mailbox.objects.update(asked_at=None)
    # Confirmed again in this browser, from a mail that was asked for elsewhere.
    confirming.ask(address="new@example.org", reader=browser("phone"))
    (mail,) = deliver()
    confirming.confirm(dict(_LINK.findall(mail.body))["confirm"], reader=browser("rita"), subscriptions=())

    followed = subscribing.subscribe(Wish(thread), reader=browser("rita"))

    assert followed.commenter == privacy.commenter_for("new@example.org")


def test_a_typed_address_counts_where_another_is_confirmed(ritas: Reader, thread: Thread, deliver: Any) -> None:
    subscribing.subscribe(Wish(thread), reader=ritas, address="rita.work@example.org")
    (mail,) = deliver()
    assert mail.to == ["rita.work@example.org"]
    assert Subscription.objects.get().confirmed_at is None


def test_typing_the_address_that_is_confirmed_here_holds_without_a_mail(
    ritas: Reader, thread: Thread, write: Any, deliver: Any
) -> None:
    subscribing.subscribe(Wish(thread, pace=Pace.WEEKLY), reader=ritas, address=RITA)
    assert deliver() == []
    held = Subscription.objects.get()
    assert held.confirmed_at is not None
    assert held.commenter == privacy.commenter_for(RITA)


def test_an_impostor_changes_nothing_of_what_its_owner_has(
    ritas: Reader, thread: Thread, write: Any, deliver: Any
) -> None:
    hers = subscribing.subscribe(Wish(thread, pace=Pace.WEEKLY), reader=ritas)
    subscribing.subscribe(Wish(thread, pace=Pace.AT_ONCE), reader=browser("sam"), address=RITA)
    confirming.settle_waiting(limit=10)

    (row,) = Subscription.objects.all()
    assert (row.pk, row.pace, row.reader) == (hers.pk, "weekly", ritas)


def test_of_two_that_wait_the_last_one_counts(ritas: Reader, thread: Thread, deliver: Any) -> None:
    """Sam typed Rita's address first; her own wish must not vanish behind his."""
    subscribing.subscribe(Wish(thread, pace=Pace.AT_ONCE), reader=browser("sam"), address=RITA)
    confirming.settle_waiting(limit=10)
    assert Subscription.objects.get().confirmed_at is None
    with translation.override("uk"):
        subscribing.subscribe(Wish(thread, pace=Pace.WEEKLY), reader=ritas, address=RITA)
    confirming.settle_waiting(limit=10)

    (row,) = Subscription.objects.all()
    assert row.confirmed_at is not None
    assert (row.reader, row.pace, row.language) == (ritas, "weekly", "uk")


def test_following_twice_is_following_once(ritas: Reader, thread: Thread) -> None:
    subscribing.subscribe(Wish(thread), reader=ritas)
    subscribing.subscribe(Wish(thread, pace=Pace.DAILY), reader=ritas)
    assert Subscription.objects.get().pace == "daily"


# --- Of what nobody is told


def test_nobody_hears_of_their_own_comments(ritas: Reader, thread: Thread, write: Any, deliver: Any) -> None:
    subscribing.subscribe(Wish(thread), reader=ritas)
    own = write(email=RITA, reader=ritas, notify=True)
    write(email="rita.work@example.org", reader=ritas, parent=own)
    write(email=RITA, reader=browser("phone"), parent=own)
    assert deliver() == []


@pytest.mark.parametrize("status", ["rejected", "spam", "withdrawn", "pending"])
def test_nobody_hears_of_what_is_not_public_any_more(
    status: str, ritas: Reader, thread: Thread, write: Any, deliver: Any, carls_browser: Reader
) -> None:
    subscribing.subscribe(Wish(thread), reader=ritas)
    if status == "withdrawn":
        posting.withdraw(write(reader=carls_browser), reader=carls_browser)
    else:
        write(status=status)
    assert deliver() == []


# --- Stopping


@pytest.fixture
def links_of(ritas: Reader, thread: Thread, write: Any, deliver: Any, tags: Any) -> dict[str, str]:
    """Rita follows a thread and a tag of it; the tokens of a mail about the thread."""
    subscribing.subscribe(Wish(thread), reader=ritas)
    subscribing.subscribe(Wish(thread, tag=tags["jobs"]), reader=ritas)
    write()
    (mail,) = deliver()
    return dict(_LINK.findall(mail.body + "\n"))


def test_the_link_of_a_mail_ends_what_it_came_from(
    links_of: dict[str, str], write: Any, deliver: Any, tags: Any
) -> None:
    write()
    assert Notice.objects.filter(outbox__state="waiting").exists()

    assert subscribing.stop_by_link(links_of["stop"]) == 1
    assert subscribing.stop_by_link(links_of["stop"]) == 0

    assert Subscription.objects.get().tag == tags["jobs"]
    assert deliver() == [], "what waits to be sent of it goes out of its mail"
    assert Outbox.objects.filter(state="dropped").count() == 1


def test_all_of_a_person_is_shown_newest_first(links_of: dict[str, str], tags: Any, thread: Thread) -> None:
    subscribing.subscribe(Wish(thread), reader=browser("sam"), address="sam@example.org")
    rita = privacy.commenter_for(RITA)
    shown = subscribing.subscriptions_of([rita.pk])
    assert [row.tag for row in shown] == [tags["jobs"], None]


def test_the_pace_changes_for_what_comes(ritas: Reader, thread: Thread, write: Any) -> None:
    row = subscribing.subscribe(Wish(thread), reader=ritas)
    write()
    subscribing.change_paces({row: "daily"})
    row.refresh_from_db()
    write()
    assert sorted(Outbox.objects.filter(kind="news").values_list("pace", flat=True)) == ["at_once", "daily"]
    with pytest.raises(InvalidFields):
        subscribing.change_paces({row: "hourly"})
