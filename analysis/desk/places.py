"""Where an editor is: the discussion that a page keeps to, the queue and the place in it, and the tabs between them.

The views of this desk read addresses and forms here, once and strictly.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from comments.errors import Refusal
from comments.models import Thread


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the desk beside this one."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a queue.

    Args:
        name: of its address, without the app's.
        after: id of the comment after which the page begins.
    """

    name: str
    thread: Thread | None = None
    after: int = 0

    def url(self, *, after: int | str = 0) -> str:
        """The address of this queue, from a place on."""
        asked = {"thread": self.thread.pk if self.thread else 0, "after": after}
        query = urlencode({name: value for name, value in asked.items() if value})
        return reverse(f"analysis:{self.name}") + (f"?{query}" if query else "")

    @property
    def here(self) -> str:
        """The address of this very page."""
        return self.url(after=self.after)


QUEUES = ("editors-uncertain", "editors-suggestions")


def read_place(name: str, params: QueryDict) -> Place:
    """Read the address, or the form, of a queue.

    Raises:
        Refusal: a number is none (400), or the discussion is not there (404).
    """
    asked = number(params.get("thread", ""))
    thread = find_thread(asked) if asked else None
    return Place(name, thread, number(params.get("after", "")))


def find_thread(pk: int) -> Thread:
    """A discussion.

    Raises:
        Refusal: it is not there (404).
    """
    found = Thread.objects.filter(pk=pk).first()
    if found is None:
        raise Refusal("not_found", _("There is no such discussion."), status=404)
    return found


def number(value: str) -> int:
    """A number of an address; 0 for none.

    Raises:
        Refusal: it is something else (400).
    """
    if not value:
        return 0
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise Refusal("bad_number", _("This address is damaged. Start again from the first page."))
    return int(value)


def tabs(current: str, thread: Thread | None = None) -> list[Tab]:
    """The pages of a discussion, or of all of them."""
    found: list[Tab] = []

    def add(name: str, label: str, url: str) -> None:
        found.append(Tab(label, url, name == current))

    if thread is None:
        add("editors", _("Discussions"), reverse("analysis:editors"))
    else:
        add("editors-thread", _("Overview"), reverse("analysis:editors-thread", args=[thread.pk]))
    add("editors-uncertain", _("Cannot decide"), Place("editors-uncertain", thread).here)
    add("editors-suggestions", _("Readers’ suggestions"), Place("editors-suggestions", thread).here)
    if thread is not None:
        add("editors-learned", _("What was learned"), reverse("analysis:editors-learned", args=[thread.pk]))
    return found
