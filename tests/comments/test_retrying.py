"""What happens where another transaction comes first: a row is merged, renewed or erased between two looks at it.

The other one is played by a hook that does its work at the worst moment, within the transaction that it disturbs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from comments import commenters, confirming, erasing, owning, posting, privacy
from comments.models import Comment, Commenter, ConfirmationRequest, Outbox, Reader, Subscription, Thread
from comments.retrying import once_more

pytestmark = pytest.mark.django_db(transaction=True)

Write = Callable[..., Comment]

CARL = "carl@example.org"


@pytest.fixture
def keys(settings: Any) -> Callable[..., None]:
    """Set the keys in force, newest first."""

    def put(*keys: str) -> None:
        settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": keys}

    return put


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Have something happen once, before or after the first call of a function; return the list of its calls."""

    def first(module: Any, name: str, happens: Callable[..., object], *, after: bool = False) -> list[str]:
        calls: list[str] = []
        real = getattr(module, name)

        def disturbed(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            if len(calls) > 1:
                return real(*args, **kwargs)
            if after:
                found = real(*args, **kwargs)
                happens(found)
                return found
            happens()
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, disturbed)
        return calls

    return first


def test_a_comment_is_posted_though_its_commenter_is_merged_away_meanwhile(write: Write, first: Any) -> None:
    write(email=CARL)
    calls = first(privacy, "commenter_for", lambda row: Commenter.objects.filter(pk=row.pk).delete(), after=True)
    write("Posted all the same.", email=CARL)
    assert calls == ["commenter_for"] * 2
    assert Comment.objects.filter(html__contains="all the same").count() == 1
    assert privacy.open_address(Comment.objects.latest("pk").commenter) == CARL  # type: ignore[arg-type]


def test_a_comment_is_posted_though_its_address_is_renewed_by_another_first(
    keys: Any, write: Write, first: Any
) -> None:
    keys("old")
    write(email=CARL)
    keys("new", "old")

    def another() -> None:
        Commenter.objects.create(address_digest=privacy._address_digests(CARL)[0], sealed_address=b"", sealed_under="")

    calls = first(privacy, "seal_address", another)
    write("Posted all the same.", email=CARL)
    assert calls == ["seal_address"] * 2
    assert Commenter.objects.count() == 1


def test_a_comment_is_posted_though_its_commenter_is_gone_when_it_is_to_be_renewed(
    keys: Any, write: Write, first: Any
) -> None:
    keys("old")
    write(email=CARL)
    keys("new", "old")
    first(privacy, "seal_address", lambda: Commenter.objects.all().delete())
    write("Posted all the same.", email=CARL)
    assert Commenter.objects.count() == 1


def test_a_rotation_merges_what_came_into_being_while_it_renewed(keys: Any, write: Write, first: Any) -> None:
    keys("old")
    write(email=CARL)
    keys("new", "old")

    def another() -> None:
        Commenter.objects.create(
            address_digest=privacy._address_digests(CARL)[0], sealed_address=b"", sealed_under=privacy.key_name("new")
        )

    first(privacy, "seal_address", another)
    assert sum(commenters.renew_seals()) == 1
    assert not commenters.sealed_under_older_keys().exists()


def test_a_request_is_settled_though_its_commenter_is_merged_away_meanwhile(
    carls_browser: Reader, write: Write, mail_site: str, first: Any
) -> None:
    write(email=CARL)
    request = confirming.ask(address=CARL, reader=carls_browser)
    first(privacy, "match", lambda row: Commenter.objects.filter(pk=row.pk).delete(), after=True)
    confirming.settle(request.pk)
    assert Outbox.objects.get().kind == "confirm"


def test_one_request_that_cannot_be_settled_keeps_no_other_from_it(
    carls_browser: Reader, mail_site: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = (confirming.ask(address=f"{name}@example.org", reader=carls_browser) for name in ("bad", "good"))
    real = commenters.settle

    def settle(commenter: Commenter) -> Commenter:
        if commenter.pk == bad.commenter_id:
            raise IntegrityError("bad@example.org")
        return real(commenter)

    monkeypatch.setattr(commenters, "settle", settle)
    confirming.settle_waiting(limit=9)
    assert ConfirmationRequest.objects.get(settled_at__isnull=True) == bad
    assert Outbox.objects.get().request == good
    assert "bad@example.org" not in caplog.text


def test_who_subscribes_while_being_erased_is_erased_with_it(
    carls_browser: Reader, thread: Thread, write: Write, mail_site: str, first: Any
) -> None:
    own = write(email=CARL, reader=carls_browser)
    person = owning.of_address(CARL)

    def subscribes(_found: object) -> None:
        Subscription.objects.create(commenter=own.commenter, thread=thread, confirmed_at=timezone.now())

    first(erasing, "_report_quotes", subscribes, after=True)
    erasing.erase(person, keep_comments=False)
    assert not Subscription.objects.exists()
    assert not Commenter.objects.exists()


# --- What is tried again, and what is not ----------------------------------------------------------------------------


class Cause(Exception):
    """What a database driver raises."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def failing(error: Exception, *, cause: Exception | None = None) -> tuple[Callable[[], str], list[int]]:
    calls: list[int] = []

    def work() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise error from cause
        return "done"

    return work, calls


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (IntegrityError(), None),
        (Commenter.DoesNotExist(), None),
        (OperationalError(), Cause("40P01")),
        (OperationalError(), Cause("40001")),
    ],
)
def test_what_another_transaction_caused_is_tried_again(error: Exception, cause: Exception | None) -> None:
    work, calls = failing(error, cause=cause)
    assert once_more(work) == "done"
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("error", "cause"),
    [(OperationalError("database is locked"), None), (OperationalError(), Cause("57P01")), (ValueError(), None)],
)
def test_what_waiting_does_not_mend_is_not_tried_again(error: Exception, cause: Exception | None) -> None:
    work, calls = failing(error, cause=cause)
    with pytest.raises(type(error)):
        once_more(work)
    assert len(calls) == 1


def test_a_second_time_is_the_last() -> None:
    calls = []

    def work() -> None:
        calls.append(1)
        raise IntegrityError

    with pytest.raises(IntegrityError):
        once_more(work)
    assert len(calls) == 2


@pytest.mark.parametrize("path", ["/comments/threads/{thread}/post/", "/api/v1/threads/{thread}/comments/"])
def test_a_locked_database_is_said_and_loses_nothing_that_was_typed(
    thread: Thread, client: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def locked(*_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(posting, "_post", locked)

    fields = {"body": "The harbour silts up.", "name": "Carl", "email": CARL}
    is_form = "/api/" not in path

    kind = {} if is_form else {"content_type": "application/json"}
    answer = client.post(path.format(thread=thread.pk), fields, **kind)

    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "Nothing is lost" in answer.text
    assert "The harbour silts up." in answer.text or not is_form
    assert not Comment.objects.exists()
