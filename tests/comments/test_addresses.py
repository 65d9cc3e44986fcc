"""Which addresses are taken: those to which a mail can be written, however they are spelt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from comments import drafts, mailing, privacy
from comments.models import Comment, Outbox, Subscription, Thread


@pytest.mark.parametrize(
    "address",
    ["rita@example.org", "rita+news@приклад.укр", "пошта@example.org", "rita@straße.example", "rita@[127.0.0.1]"],
)
def test_an_address_is_taken(address: str) -> None:
    assert drafts.address_faults(address) == []


@pytest.mark.parametrize(
    "address",
    [
        f"rita@{'a' * 63}é.org",  # too long a label as soon as it is written
        "rita@℀.com",  # becomes a slash
        "rita@ex＠mple.org",
        "rita@exa\udcffmple.org",
        "ri\udcffta@example.org",
        "rita@a\u0301\u06dd.org",
        "rita@\u0627a.org",  # from the right and from the left in one label
        "rita@example\u3002\u3002org",
        f"rita@{'.'.join(['漢ж' * 9] * 12)}.org",  # short as it is typed and too long as it is written
    ],
)
def test_an_address_to_which_no_mail_can_be_written_is_refused_at_its_field(address: str) -> None:
    (said,) = drafts.address_faults(address)
    assert "name@example.org" in str(said)


@given(st.text(min_size=1, max_size=80))
def test_what_is_taken_can_be_written(text: str) -> None:
    address = f"rita@{text}"
    if drafts.address_faults(address) == []:
        domain = address.rpartition("@")[2]
        assert "@" not in domain.encode("idna").decode("ascii")
        assert privacy.normalise_address(address).rpartition("@")[2].isascii()


@pytest.mark.django_db
@pytest.mark.parametrize("domain", ["a" * 64 + ".org", "exa\u06ddmple.org", "ex..org"])
def test_a_mail_to_an_address_that_was_stored_all_the_same_is_given_up_at_once(
    domain: str, thread: Thread, write: Callable[..., Comment], mail_site: str, caplog: Any
) -> None:
    commenter = privacy.unmatched_commenter(f"rita@{domain}")
    Subscription.objects.create(commenter=commenter, thread=thread, confirmed_at=timezone.now())
    write()
    mailing.send_due(limit=9)
    mail = Outbox.objects.get(commenter=commenter)
    assert (mail.state, mail.fault, mail.attempts) == ("given_up", "not supported", 1)
    assert domain not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(("step", "state"), [("open", "waiting"), ("send_messages", "given_up")])
def test_a_mail_that_cannot_be_encoded_is_given_up_and_a_server_of_such_a_name_is_not_its_fault(
    step: str,
    state: str,
    thread: Thread,
    write: Callable[..., Comment],
    mail_site: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raises(*_: Any) -> None:
        raise UnicodeError("rita@example.org")

    Subscription.objects.create(
        commenter=privacy.commenter_for("rita@example.org"), thread=thread, confirmed_at=timezone.now()
    )
    write()
    monkeypatch.setattr(EmailBackend, step, raises)
    mailing.send_due(limit=9)
    assert (Outbox.objects.get().state, Outbox.objects.get().fault) == (state, "UnicodeError")
