"""What a moderator is looking at: a queue, an order and what narrows it, all of it in the URL.

Reads a URL into a `View` and says what is set and how to take it away again. `comments.desk.finding` finds the
comments; the desk's views alone call both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf.locale import LANG_INFO
from django.db import models
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.errors import Refusal
from comments.queues import Order, Place, Queue, read_order, read_queue
from comments.screening import REASONS
from comments.texts import clean_name

MAX_TEXT = 100
"""Longest text that is searched for."""

RISKS = (50, 70, 80, 90, 95)
"""Scores that the form offers, in per cent; a URL may name any."""


class Age(models.TextChoices):
    """How long ago a comment was posted, as it stands in a URL."""

    HOUR = "hour", gettext_lazy("the last hour")
    DAY = "day", gettext_lazy("the last 24 hours")
    WEEK = "week", gettext_lazy("the last 7 days")
    OLDER = "older", gettext_lazy("more than 7 days ago")

    @property
    def seconds(self) -> int:
        return {"hour": 3_600, "day": 86_400}.get(self.value, 604_800)


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that narrows the queue, and the queue without it."""

    label: str
    remove_url: str


@dataclass(frozen=True)
class View:
    """What a moderator is looking at: a queue, narrowed or not, in an order, from a place on.

    Args:
        thread: id or key of the discussion; empty for all.
        tags: slugs; they mean something within one discussion only.
        reason: code of a screen's objection.
        person: id of a comment; those from the same address and browser are shown.
        language: code of the language that the text seems to be written in.
        risk: least score in per cent.
        text: words that stand in the text, the name or the website.
        order: empty for the queue's own.
        after, before: places between which and the end of the queue the page lies.
    """

    queue: Queue = Queue.PENDING
    thread: str = ""
    tags: frozenset[str] = frozenset()
    reason: str = ""
    person: int | None = None
    language: str = ""
    age: Age | None = None
    risk: int | None = None
    text: str = ""
    order: Order | None = None
    after: Place | None = None
    before: Place | None = None

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What narrows and orders this view, as a form or a URL holds it; parts that ask for nothing are left out."""
        return tuple((name, value) for name, value in self._pairs() if value)

    @cached_property
    def query(self) -> str:
        """This view as the query of a URL."""
        places = [("after", self.after), ("before", self.before)]
        return urlencode([*self.pairs, *((name, _written(place)) for name, place in places if place is not None)])

    @property
    def in_force(self) -> Order:
        """The order in which the comments stand."""
        return self.order or self.queue.orders[0]

    @property
    def is_narrowed(self) -> bool:
        return any((self.thread, self.tags, self.person, self.needs_scan))

    @property
    def needs_scan(self) -> bool:
        """Whether something is asked that no index knows, so that comments have to be looked at one by one."""
        return any((self.reason, self.language, self.age, self.risk, self.text))

    def url(self, **changes: Any) -> str:
        """The address of this view, or of one that differs by `changes`; those begin at the first page."""
        if changes:
            changes = {"after": None, "before": None, **changes}
        query = replace(self, **changes).query if changes else self.query
        return reverse("comments:moderation") + (f"?{query}" if query else "")

    def with_queue(self, queue: Queue) -> View:
        """The same part of another queue. An order that is not to be had there gives way to its own."""
        order = self.order if self.order in queue.orders else None
        return replace(self, queue=queue, order=order, tags=frozenset(), after=None, before=None)

    @property
    def whole(self) -> View:
        """The queue in this order, not narrowed."""
        return View(queue=self.queue, order=self.order)

    def chips(self, thread: str, tags: Mapping[str, str], person: str) -> list[Chip]:
        """What narrows this view, in words.

        Args:
            thread: title of the chosen discussion.
            tags: label by slug.
            person: name under the comment that names the person.
        """
        found: list[Chip] = []
        if self.thread:
            found.append(Chip(thread, self.url(thread="", tags=frozenset())))
        found += [Chip(tags.get(slug, slug), self.url(tags=self.tags - {slug})) for slug in sorted(self.tags)]
        if self.person is not None:
            found.append(Chip(_("everything from %(name)s") % {"name": person}, self.url(person=None)))
        if self.reason:
            found.append(Chip(str(REASONS.get(self.reason, self.reason)), self.url(reason="")))
        if self.language:
            found.append(Chip(language_name(self.language), self.url(language="")))
        if self.age:
            found.append(Chip(_("posted: %(age)s") % {"age": self.age.label}, self.url(age=None)))
        if self.risk:
            found.append(Chip(_("risk of %(percent)d %% or more") % {"percent": self.risk}, self.url(risk=None)))
        if self.text:
            found.append(Chip(_("“%(text)s”") % {"text": self.text}, self.url(text="")))
        return found

    def _pairs(self) -> Iterator[tuple[str, str]]:
        yield "queue", "" if self.queue is Queue.PENDING else self.queue.value
        yield "thread", self.thread
        yield from (("tag", slug) for slug in sorted(self.tags))
        yield "reason", self.reason
        yield "person", "" if self.person is None else str(self.person)
        yield "language", self.language
        yield "age", self.age.value if self.age else ""
        yield "risk", str(self.risk) if self.risk else ""
        yield "text", self.text
        yield "order", "" if self.order in {None, self.queue.orders[0]} else str(self.order)


def read_view(params: QueryDict) -> View:
    """Read a URL of the queue page.

    Raises:
        Refusal: there is no such queue, order or age, or what is to be a number is none (400).
    """
    queue = read_queue(params.get("queue", ""))
    after, before = _read_place(params.get("after", "")), _read_place(params.get("before", ""))
    age = params.get("age", "")
    if age and age not in Age.values:
        raise damaged()
    risk = read_number(params.get("risk", ""))
    if risk is not None and risk > 100:
        raise damaged()
    order = read_order(params.get("order", ""), queue)
    return View(
        queue=queue,
        thread=clean_name(params.get("thread", "")),
        tags=frozenset(slug for slug in params.getlist("tag") if slug),
        reason=clean_name(params.get("reason", ""))[:50],
        person=read_number(params.get("person", "")),
        language=clean_name(params.get("language", ""))[:3],
        age=Age(age) if age else None,
        risk=risk or None,
        text=clean_name(params.get("text", ""))[:MAX_TEXT],
        order=None if order is queue.orders[0] else order,
        after=after,
        before=before if after is None else None,
    )


def read_number(text: str) -> int | None:
    """Return the id that a URL names, or None where it names none.

    Raises:
        Refusal: it is no id (400).
    """
    if not text:
        return None
    # Beyond 64 bits the database would raise.
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise damaged()
    return int(text)


def language_name(code: str) -> str:
    """A language in the moderator's own, or its code where nobody has a name for it."""
    info = LANG_INFO.get(code)
    # Django translates these names itself; they are no words of ours.
    return _(info["name"]) if info and "name" in info else code


def damaged() -> Refusal:
    """What is said of an address that nobody made by our links and forms."""
    return Refusal("bad_number", _("This address is damaged. Start again from the first page."))


def _written(place: Place) -> str:
    return str(place.pk) if place.value is None else f"{place.value}.{place.pk}"


def _read_place(text: str) -> Place | None:
    value, _dot, pk = text.rpartition(".")
    number = read_number(pk)
    if number is None:
        if text:
            raise damaged()
        return None
    # A column of the orders holds no more than 32 bits.
    if value and len(value) > 9:
        raise damaged()
    return Place(number, read_number(value))
