"""What the desk does beside deciding: pins, the mode of a discussion, a look at an address. All of it is logged."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from comments import disclosing, moderation, modes, pinning, posting
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Commenter, ModerationEvent, Reader, Thread

pytestmark = pytest.mark.django_db


def log() -> list[tuple[str, int | None]]:
    return list(ModerationEvent.objects.order_by("pk").values_list("action", "comment"))


# --- Pins


def test_a_comment_is_pinned_and_taken_down_again(write: Any, thread: Thread, mona: User) -> None:
    comment = write()
    thread.refresh_from_db()
    version = thread.version

    assert pinning.pin(comment, by=mona).pinned == comment

    thread.refresh_from_db()
    assert thread.pinned == comment
    assert thread.version > version
    assert pinning.unpin(comment, by=mona).pinned is None
    thread.refresh_from_db()
    assert thread.pinned is None
    assert log() == [("pin", comment.pk), ("unpin", comment.pk)]


def test_whoever_saves_a_discussion_read_before_takes_no_pin_down(write: Any, thread: Thread, mona: User) -> None:
    read_before = Thread.objects.get(pk=thread.pk)
    comment = write()
    pinning.pin(comment, by=mona)
    read_before.title = "The harbour, again"
    read_before.save()
    thread.refresh_from_db()
    assert (thread.title, thread.pinned) == ("The harbour, again", comment)


def test_pinning_twice_is_pinning_once(write: Any, mona: User) -> None:
    comment = write()
    pinning.pin(comment, by=mona)
    pinning.pin(comment, by=mona)
    pinning.unpin(write(), by=mona)
    assert log() == [("pin", comment.pk)]


def test_another_comment_takes_the_place(write: Any, thread: Thread, mona: User) -> None:
    first, reply = write(), None
    reply = write(parent=first)
    pinning.pin(first, by=mona)
    pinning.pin(reply, by=mona)
    thread.refresh_from_db()
    assert thread.pinned == reply
    assert log() == [("pin", first.pk), ("unpin", first.pk), ("pin", reply.pk)]


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_only_a_published_comment_can_be_pinned(status: str, write: Any, thread: Thread, mona: User) -> None:
    with pytest.raises(Refusal) as refused:
        pinning.pin(write(status=status), by=mona)
    assert refused.value.status == 409
    thread.refresh_from_db()
    assert thread.pinned is None


@pytest.mark.parametrize("how", ["rejected", "spam", "withdrawn", "held after an edit"])
def test_a_comment_that_is_not_public_any_more_loses_its_pin(
    how: str, write: Any, thread: Thread, mona: User, carls_browser: Reader, settings: Any
) -> None:
    comment = write(reader=carls_browser)
    pinning.pin(comment, by=mona)
    if how == "withdrawn":
        posting.withdraw(comment, reader=carls_browser)
    elif how == "held after an edit":
        settings.COMMENTS = {**settings.COMMENTS, "SCREENS": ("tests.comments.test_steering.hold",)}
        posting.edit(comment, body="Something else.", reader=carls_browser)
    else:
        moderation.decide(
            comment, to=how, by=mona, seen=moderation.Seen("approved", 1), reason="other" if how == "rejected" else ""
        )
    thread.refresh_from_db()
    assert thread.pinned is None


def hold(facts: Any) -> Any:
    """A screen."""
    from comments.screening import Outcome, Verdict

    return Verdict(Outcome.HOLD, "links")


# --- Modes


def test_a_mode_is_set_and_logged(thread: Thread, mona: User) -> None:
    version = thread.version
    event = modes.set_mode(thread, mode="closed", by=mona, note="Enough for today")
    thread.refresh_from_db()
    assert (thread.mode, thread.is_open) == ("closed", False)
    assert thread.version > version
    assert event is not None
    assert (event.action, event.thread, event.comment, event.by) == ("mode", thread, None, mona)
    assert (event.from_status, event.to_status, event.note) == ("publish", "closed", "Enough for today")


def test_the_mode_that_holds_already_is_no_change(thread: Thread, mona: User) -> None:
    assert modes.set_mode(thread, mode="publish", by=mona) is None
    assert not ModerationEvent.objects.exists()


@pytest.mark.parametrize("fields", [{"mode": "open"}, {"mode": ""}, {"note": "x" * 501}])
def test_a_mode_that_does_not_exist_is_refused(fields: dict[str, str], thread: Thread, mona: User) -> None:
    with pytest.raises(InvalidFields) as refused:
        modes.set_mode(thread, by=mona, **{"mode": "closed", **fields})
    assert list(refused.value.fields) == list(fields)
    thread.refresh_from_db()
    assert thread.mode == "publish"


# --- Addresses


@pytest.fixture
def trusted(mona: User) -> User:
    """A moderator who may see addresses."""
    mona.user_permissions.add(Permission.objects.get(codename="see_address"))
    return User.objects.get(pk=mona.pk)


def test_a_look_at_an_address_is_logged(write: Any, trusted: User) -> None:
    comment = write(email="carl@example.org")
    address = disclosing.address_of(comment, by=trusted)
    assert address == "carl@example.org"
    assert "carl" not in repr(address)
    assert log() == [("address", comment.pk)]
    assert ModerationEvent.objects.get().by == trusted
    assert "carl" not in ModerationEvent.objects.get().note


def test_who_may_not_see_addresses_sees_none(write: Any, mona: User, monkeypatch: Any) -> None:
    mona = User.objects.get(pk=mona.pk)
    mona.user_permissions.clear()
    for group in mona.groups.all():
        group.permissions.remove(*Permission.objects.filter(codename="see_address"))
    monkeypatch.setattr("comments.privacy.open_address", lambda commenter: pytest.fail("opened"))
    with pytest.raises(Refusal) as refused:
        disclosing.address_of(write(), by=User.objects.get(pk=mona.pk))
    assert refused.value.status == 403
    assert log() == []


def test_where_there_is_no_address_none_is_shown(write: Any, trusted: User, ed: User) -> None:
    with pytest.raises(Refusal) as refused:
        disclosing.address_of(write(user=ed, name="Ed", email=""), by=trusted)
    assert refused.value.status == 404


def test_an_address_that_no_key_opens_was_seen_by_nobody(write: Any, trusted: User) -> None:
    comment = write()
    Commenter.objects.update(sealed_address=b"?")
    with pytest.raises(Refusal) as refused:
        disclosing.address_of(comment, by=trusted)
    assert refused.value.status == 409
    assert log() == []
    assert Comment.objects.count() == 1
