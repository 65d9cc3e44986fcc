"""The log holds no addresses."""

from __future__ import annotations

import logging
import time

import pytest

from newsroom.logs import AddressFreeFormatter


def formatted(message: str, *args: object, exception: BaseException | None = None) -> str:
    info = (type(exception), exception, exception.__traceback__) if exception else None
    record = logging.LogRecord("site", logging.ERROR, __file__, 1, message, args, info)
    return AddressFreeFormatter("%(message)s").format(record)


@pytest.mark.parametrize(
    "address",
    [
        "rita@example.org",
        "Rita+news@Example.ORG",
        "ріта@приклад.укр",
        "rita@localhost",
        "o'rita@example.org",
        "a.b@c.de",
    ],
)
def test_an_address_does_not_reach_the_log(address: str) -> None:
    local, _, domain = address.partition("@")
    for message in (f"no mail to {address}", f"<{address}>", f"email={address}", f"Key (email)=({address}) exists"):
        said = formatted(message)
        assert domain not in said
        assert f"{local}@" not in said
    assert domain not in formatted("to %s", address)


def test_nor_does_one_in_a_traceback() -> None:
    try:
        raise ValueError("cannot seal rita@example.org")
    except ValueError as error:
        said = formatted("failed", exception=error)
    assert "cannot seal [address]" in said
    assert "example.org" not in said


@pytest.mark.parametrize("page", ["confirm", "subscriptions", "stop"])
def test_a_link_of_a_mail_does_not_reach_the_log(page: str) -> None:
    line = formatted("Forbidden (%s): %s", "cross-site", f"/comments/mail/{page}/WzEsInFr:1xVEv0:8h4WHYFjoxJu/")

    assert line == f"Forbidden (cross-site): /comments/mail/{page}/[link]/"


def test_other_words_stay() -> None:
    assert formatted("GET /articles/ukraine/ 200 in 3 ms") == "GET /articles/ukraine/ 200 in 3 ms"


def test_a_long_line_costs_no_more_than_its_length() -> None:
    begun = time.process_time()
    formatted("a" * 200_000)
    assert time.process_time() - begun < 2
