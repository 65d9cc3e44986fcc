"""Prints what stands below each card: the forms of decisions and the links to its tools.

It is the same for all cards of a page but for three numbers, and would cost more than all the rest of the page if it
were rendered for each; so it is rendered once for each kind of card and filled in. The desk's views call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from comments import reasons
from comments.desk.cards import Card

_ID, _REVISION, _VIEW = "\ue000", "\ue001", "\ue002"
"""Stand for what differs. Nothing that somebody typed is in the template that has them."""

_NO_TOOL = SafeString("")


class Printer:
    """Prints the cards of one answer.

    Args:
        view: query of the queue page that the forms lead back to; None on the page of one comment.
    """

    def __init__(self, request: HttpRequest, view: str | None) -> None:
        self._request = request
        self._view = view
        self._kinds: dict[tuple[Any, ...], str] = {}

    @cached_property
    def offered(self) -> list[tuple[str, str]]:
        """The reasons for a rejection to choose from."""
        return reasons.offered()

    @cached_property
    def _shared(self) -> dict[str, Any]:
        return {
            "offered": self.offered,
            "is_alone": self._view is None,
        }

    @cached_property
    def context(self) -> dict[str, Any]:
        """What the template of a card needs beside the card: words that each card says, translated once."""
        return {
            "desk_url": reverse("comments:moderation"),
            "view_query": self._view or "",
            "is_alone": self._view is None,
            "words": {
                "select": _("Select the comment by"),
                "nobody": _("(no name)"),
                "staff": _("Staff"),
                "confirmed": _("confirmed"),
                "confirmed_at_length": _("The address behind this name has been confirmed"),
                "website": _("Website:"),
                "edited": _("edited"),
                "view": _("View"),
                "under": _("Under"),
                "answers": _("Answers"),
                "somebody": _("somebody"),
                "held": _("Why it was held"),
                "risk": _("Risk"),
                "driven_by": _("Raised by"),
                "tags": _("Tags"),
                "latest": _("Latest from this person"),
                "person": _("From this person"),
                "everything": _("Everything from this person"),
            },
        }

    def with_forms(self, cards: Sequence[Card]) -> list[Card]:
        """The cards with all that stands below them."""
        return [self.with_form(card) for card in cards]

    def with_form(self, card: Card, *, tool: SafeString = _NO_TOOL) -> Card:
        """A card with all that stands below it.

        Args:
            tool: a tool that stands open there.
        """
        if tool or not card.form.is_empty:
            printed = self._render(card, card.number, card.seen_revision, self._view or "", tool)
            return replace(card, decide=SafeString(printed))
        kind = (card.seen_status, card.approve_label, card.spam_label, card.chosen_reason)
        if kind not in self._kinds:
            self._kinds[kind] = self._render(card, _ID, _REVISION, _VIEW)
        printed = (
            self._kinds[kind]
            .replace(_ID, card.number)
            .replace(_REVISION, card.seen_revision)
            .replace(_VIEW, escape(self._view or ""))
        )
        # What was filled in is two numbers and an escaped query.
        return replace(card, decide=SafeString(printed))

    def _render(self, card: Card, number: str, revision: str, view: str, tool: SafeString = _NO_TOOL) -> str:
        """Render what stands below a card of this kind."""
        shown = {"card": card, "id": number, "revision": revision, "view_query": view, "tool": tool}
        context = {**self._shared, **shown}
        return render_to_string("comments/desk/_decide.html", context, request=self._request)
