"""What tests of "my data" share: somebody with everything that can be kept, and every table as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from comments import posting, privacy, recommending, reporting, subscribing
from comments.models import Comment, Commenter, Confirmation, Reader, Thread

ADDRESS = "carl.harbour@example.org"
NAME = "Carlotta Quayside"
WEBSITE = "https://quayside.example/"
WORDS = "The dredger left a plume of silt behind the breakwater this morning."


@dataclass(frozen=True)
class Carlotta:
    """Somebody with everything that can be kept."""

    reader: Reader
    cookie: str
    commenter: Commenter
    comments: tuple[Comment, ...]

    @property
    def secrets(self) -> dict[str, str]:
        """What must be nowhere when she is gone, by what it is."""
        return {
            "name": NAME,
            "website": WEBSITE,
            "address": ADDRESS,
            "sealed address": bytes(self.commenter.sealed_address).decode("latin-1"),
            "digest of the address": str(self.commenter.address_digest),
            "digest of the cookie": self.reader.cookie_digest,
            "digest of the network address": "5" * 32,
            "note of a report": "Carlotta's own note",
            "note of a moderator": "as Carlotta does",
        }


def confirm(commenter: Commenter, reader: Reader) -> None:
    """As if the owner had pressed the button of the mail in this browser."""
    now = timezone.now()
    Confirmation.objects.get_or_create(commenter=commenter, reader=reader)
    Commenter.objects.filter(pk=commenter.pk).update(confirmed_at=now)
    commenter.confirmed_at = now
    reader.__dict__.pop("commenter_ids", None)


def settle_in(write: Callable[..., Comment], thread: Thread, *, is_confirmed: bool = True) -> Carlotta:
    """Post, be answered, recommend, report, subscribe."""
    reader, cookie = posting.new_reader()
    mine = {
        "reader": reader,
        "name": NAME,
        "email": ADDRESS,
        "website": WEBSITE,
        "client_digest": "5" * 32,
    }
    root = write(WORDS, **mine)
    commenter = Commenter.objects.get(pk=root.commenter_id)
    if is_confirmed:
        confirm(commenter, reader)
    other = write("Somebody else's remark on the cranes.", name="Rita", email="rita@example.org")
    write("An answer to the plume.", parent=root, name="Rita", email="rita@example.org")
    own = [
        root,
        write("A second remark, on the tugs.", parent=other, **mine),
        write("A third one, about ropes.", status="rejected", **mine),
        write("A fourth one, about paint.", status="spam", **mine),
        write("A fifth one, about gulls.", status="pending", **mine),
    ]
    gone = write("A sixth one, about rain.", **mine)
    posting.withdraw(gone, reader=reader)
    recommending.recommend(other, reader=reader)
    reporting.report(other, reader=reader, reason="other", note="Carlotta's own note")
    if is_confirmed:
        subscribing.subscribe(subscribing.Wish(thread), reader=reader)
    return Carlotta(reader, cookie, commenter, (*own, gone))


def dump() -> dict[str, str]:
    """Every table of the database as text."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = "\n".join(_text(value) for row in cursor.fetchall() for value in row)
    return found


def traces(secrets: dict[str, str]) -> list[tuple[str, str]]:
    """Where something of these still stands: table and what it is."""
    tables = dump()
    return [
        (table, what)
        for table, rows in tables.items()
        for what, secret in secrets.items()
        if secret.casefold() in rows.casefold()
    ]


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return f"{bytes(value).decode('latin-1')} {bytes(value).hex()}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def browser(name: str) -> Reader:
    """A browser by name."""
    return Reader.objects.create(cookie_digest=privacy.reader_digest(name))
