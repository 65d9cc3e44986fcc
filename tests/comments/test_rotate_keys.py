"""`manage.py rotate_keys`: every address under the newest key, while readers post, and nothing lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from comments import commenters, confirming, mailing, privacy
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

pytestmark = pytest.mark.django_db

Write = Callable[..., Comment]

OLD, NEW = "the old key, long enough to be no guess", "the new key, long enough to be no guess"


@pytest.fixture
def keys(settings: Any) -> Callable[..., None]:
    """Set the keys in force, newest first."""

    def put(*keys: str) -> None:
        settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": keys, "SITE_URL": "https://news.example"}

    put(OLD)
    return put


def rotate() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def addresses() -> set[str]:
    return {privacy.open_address(row) for row in Commenter.objects.all()}


def test_after_a_rotation_the_old_key_can_go(keys: Any, write: Write) -> None:
    names = {f"reader{number}@example.org" for number in range(5)}
    for name in names:
        write(email=name)
    before = dict(Commenter.objects.values_list("pk", "address_digest"))
    keys(NEW, OLD)
    said = rotate()
    assert "5 addresses are under the newest key now." in said
    assert "No older key is needed any more." in said
    keys(NEW)
    assert addresses() == names
    assert set(Commenter.objects.values_list("sealed_under", flat=True)) == {privacy.key_name(NEW)}
    after = dict(Commenter.objects.values_list("pk", "address_digest"))
    assert after.keys() == before.keys()
    assert set(after.values()).isdisjoint(before.values())
    # The digests match what is typed from now on.
    known = Commenter.objects.count()
    assert {privacy.commenter_for(name).pk for name in names} == before.keys()
    assert Commenter.objects.count() == known


def test_a_site_that_sealed_with_its_secret_moves_to_keys_of_its_own_and_loses_nothing(
    keys: Any, write: Write, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the secret of the site", ["the one before"]
    keys()
    before = write(email="carl@example.org").commenter
    write(email="rita@example.org")
    keys(NEW)
    # Nothing has been rotated: rows open, and who posts is known, with one look.
    assert addresses() == {"carl@example.org", "rita@example.org"}
    assert privacy.commenter_for("carl@example.org") == before
    with django_assert_num_queries(1):
        privacy.commenter_for("carl@example.org")
    assert "1 addresses are under the newest key now." in rotate()
    # And now the site's secret may change as it likes.
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret of the site", []
    assert addresses() == {"carl@example.org", "rita@example.org"}
    assert privacy.commenter_for("carl@example.org") == before
    assert Commenter.objects.count() == 2


def test_the_sites_secret_seals_nothing_where_there_are_keys(keys: Any, write: Write, settings: Any) -> None:
    settings.SECRET_KEY = "the secret of the site"
    keys(NEW)
    write()
    keys()
    with pytest.raises(privacy.UnreadableAddress):
        addresses()


def test_a_second_run_does_nothing(keys: Any, write: Write) -> None:
    write()
    keys(NEW, OLD)
    rotate()
    before = list(Commenter.objects.values())
    assert "0 addresses are under the newest key now." in rotate()
    assert list(Commenter.objects.values()) == before


def test_with_no_address_there_is_nothing_to_do(keys: Any) -> None:
    assert "0 addresses" in rotate()


def test_a_row_that_no_key_opens_is_counted_and_left_as_it_is(keys: Any, write: Write) -> None:
    write(email="lost@example.org")
    keys("another key, long enough to be no guess")
    write(email="carl@example.org")
    keys(NEW, "another key, long enough to be no guess")
    lost = Commenter.objects.order_by("pk").values().first()
    with pytest.raises(CommandError, match="1 addresses remain under other keys"):
        rotate()
    assert Commenter.objects.order_by("pk").values().first() == lost
    keys(NEW, OLD)
    assert "1 addresses are under the newest key now." in rotate()
    assert addresses() == {"lost@example.org", "carl@example.org"}


def test_what_was_interrupted_goes_on_where_it_was(keys: Any, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        write(email=f"reader{number}@example.org")
    keys(NEW, OLD)
    renew, renewed = privacy.renew_seal, []

    def dies_at_the_fourth(row: Commenter) -> Commenter | None:
        if len(renewed) == 3:
            raise KeyboardInterrupt
        renewed.append(row.pk)
        return renew(row)

    monkeypatch.setattr(privacy, "renew_seal", dies_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    assert commenters.sealed_under_older_keys().count() == 4
    assert len(addresses()) == 7
    monkeypatch.setattr(privacy, "renew_seal", renew)
    assert "4 addresses are under the newest key now." in rotate()
    keys(NEW)
    assert len(addresses()) == 7


def test_posting_goes_on_meanwhile(keys: Any, write: Write) -> None:
    known = [write(email=f"reader{number}@example.org").commenter for number in range(6)]
    keys(NEW, OLD)
    posted = []
    for step, _done in enumerate(commenters.renew_seals(batch=1)):
        # One who is still under the old key, one who has been renewed, and one who is new.
        posted += [
            (write(email=f"reader{number}@example.org").commenter, known[number]) for number in (5 - step % 6, step % 6)
        ]
        write(email=f"new{step}@example.org")
    assert len(posted) >= 6
    assert all(found == expected for found, expected in posted)
    assert not commenters.sealed_under_older_keys().exists()
    assert "0 addresses" in rotate()
    keys(NEW)
    assert {f"reader{number}@example.org" for number in range(6)} < addresses()


def test_an_address_that_was_typed_and_not_yet_matched_is_renewed_and_stays_unmatched(
    keys: Any, carls_browser: Reader
) -> None:
    request = confirming.ask(address="carl@example.org", reader=carls_browser)
    keys(NEW, OLD)
    rotate()
    keys(NEW)
    row = Commenter.objects.get()
    assert row.address_digest is None
    confirming.settle(request.pk)
    assert Outbox.objects.get().kind == "confirm"
    assert Commenter.objects.get().address_digest is not None


@pytest.fixture
def two_rows(keys: Any, write: Write, thread: Thread, carls_browser: Reader) -> tuple[Commenter, Commenter]:
    """One address in two rows, each with all that a row can have: a rotation was taken back for a while."""
    other = Thread.objects.create(key="bay", title="The bay", url="/articles/bay/", mode="publish")
    rows = []
    for key, where in ((OLD, other), (NEW, thread)):
        keys(key)
        row = write(f"Under {key}.", email="carl@example.org").commenter
        assert row is not None
        shared = Subscription.objects.create(commenter=row, thread=thread, confirmed_at=timezone.now())
        if where != thread:
            Subscription.objects.create(commenter=row, thread=where, pace="daily", confirmed_at=timezone.now())
        browser = Reader.objects.create(cookie_digest=privacy.reader_digest(key))
        Confirmation.objects.create(commenter=row, reader=browser)
        Confirmation.objects.create(commenter=row, reader=carls_browser)
        ConfirmationRequest.objects.create(commenter=row, reader=browser, nonce="n")
        mail = Outbox.objects.create(commenter=row, kind="news")
        told = write(f"News for {key}.", email="ida@example.org")
        Notice.objects.filter(comment=told).delete()
        Notice.objects.create(outbox=mail, subscription=shared, comment=told)
        Commenter.objects.filter(pk=row.pk).update(confirmed_at=timezone.now())
        rows.append(row)
    Outbox.objects.exclude(pk__in=Notice.objects.values("outbox")).delete()
    return rows[0], rows[1]


def test_two_rows_of_one_address_become_one_with_all_that_they_had(
    keys: Any, two_rows: tuple[Commenter, Commenter], carls_browser: Reader
) -> None:
    comments = set(Comment.objects.filter(commenter__in=two_rows).values_list("pk", flat=True))
    # The old row was to hear of what the new one wrote: nobody knew that they are the same person.
    news = set(Notice.objects.exclude(comment__in=comments).values_list("comment", flat=True))
    assert len(news) == 2
    assert Notice.objects.filter(comment__in=comments).exists()
    keys(NEW, OLD)
    rotate()
    keys(NEW)
    one = privacy.commenter_for("carl@example.org")
    assert one == two_rows[1]
    assert not Commenter.objects.filter(pk=two_rows[0].pk).exists()
    assert set(one.comments.values_list("pk", flat=True)) == comments
    assert one.confirmations.count() == 3
    assert one.confirmations.filter(reader=carls_browser).count() == 1
    assert one.requests.count() == 2
    assert sorted(one.subscriptions.values_list("thread__key", "pace")) == [("bay", "daily"), ("harbour", "at_once")]
    assert one.confirmed_at is not None
    # What was to be told is told, in one mail and to nobody twice.
    assert Outbox.objects.filter(commenter=one, kind="news", state="waiting").count() == 1
    Outbox.objects.update(due_at=timezone.now())
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert mailing.send_due(limit=9) == 1
    assert set(Notice.objects.values_list("comment", flat=True)) == news
    assert "Under the" not in django_mail.outbox[0].body


def test_the_command_takes_no_address_and_prints_none(keys: Any, write: Write) -> None:
    write(email="secretly@example.org")
    keys(NEW, OLD)
    assert "secretly" not in rotate()
