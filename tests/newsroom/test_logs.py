"""The log holds no addresses."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from newsroom.logs import AddressFreeFormatter

_URLENCODED = "application/x-www-form-urlencoded"


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


def test_nor_does_one_that_decides_on_a_comment() -> None:
    path = reverse("comments:decide-from-mail", args=["WzEsInFr:1xVEv0:8h4WHYFjoxJu"])

    assert formatted("Conflict: %s", path) == f"Conflict: {path.replace('WzEsInFr:1xVEv0:8h4WHYFjoxJu', '[link]')}"


def test_other_words_stay() -> None:
    assert formatted("GET /articles/ukraine/ 200 in 3 ms") == "GET /articles/ukraine/ 200 in 3 ms"


def test_a_long_line_costs_no_more_than_its_length() -> None:
    begun = time.process_time()
    formatted("a" * 200_000)
    assert time.process_time() - begun < 2


CANARY = "secretly@example.org"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the site's own handler writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(AddressFreeFormatter("%(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"headers": {"host": "secretly.evil.example"}}, 400),
        ({"headers": {"host": f"{CANARY}:x"}}, 400),
        ({"data": {"email": CANARY, "body": "x" * 2_000_000}}, 413),
        ({"data": f"email={CANARY}", "content_type": "multipart/form-data"}, 400),
        ({"data": f"--x\r\n{CANARY}", "content_type": "multipart/form-data; boundary=é"}, 400),
        ({"data": "&".join(f"email={CANARY}" for _ in range(1100)), "content_type": _URLENCODED}, 413),
    ],
)
def test_a_request_that_cannot_be_taken_leaves_a_line_at_most(
    request_: dict[str, Any], status: int, written: io.StringIO
) -> None:
    answer = Client(raise_request_exception=False).post("/accounts/login/", **request_)
    assert answer.status_code == status
    said = written.getvalue()
    assert "Traceback" not in said
    assert "secretly" not in said + answer.content.decode()
    assert len(said.splitlines()) == ("headers" not in request_), "and of hosts that are none of ours, nothing"


@pytest.mark.django_db
def test_our_own_errors_keep_their_traceback(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("newsroom.articles.views.render", fails)
    assert Client(raise_request_exception=False).get("/").status_code == 500
    assert "Traceback" in written.getvalue()
    assert "[address]" in written.getvalue()
    assert CANARY not in written.getvalue()
