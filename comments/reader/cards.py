"""Turns a page of comments into what the templates loop over: plain dicts, one a comment, in reading order.

A long page is rendered by one flat loop; nesting is carried by each card's `closing` tags. A recursive include would
cost more than everything else on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comments import conf
from comments.listing import Selection
from comments.models import Comment, Status, TagAssignment
from comments.reader.moulds import Mould

Card = dict[str, Any]

_NO_END = 999_999_999


@dataclass(frozen=True, slots=True)
class More:
    """Replies of a conversation that are not on the page: those with an ordinal after one and up to another.

    `is_between` says that replies follow which are on the page.
    """

    after: int
    until: int = _NO_END
    is_between: bool = False


_END = mark_safe("</li>")
_CLOSE = mark_safe("</ol></details></li>")
_URL = mark_safe("\x02")
"""Stands in an item for the address of its comment; no text of a tag holds it."""

_IN_ARTICLE = (
    "id", "url", "is_gone", "gone", "name", "initials", "hue", "website", "is_staff", "is_confirmed", "iso", "when",
    "is_edited", "is_staff_edited", "html", "tag_items", "recommendations", "reply_url",
)  # fmt: skip
"""What `_card.html` shows of a card."""

COLUMNS = (
    "pk", "parent_id", "user_id", "status", "author_name", "author_website", "hue", "is_confirmed", "created_at",
    "edited_at", "is_staff_edited", "html", "tag_mask", "recommendation_count", "reply_count", "parent_name",
    "parent_status",
)  # fmt: skip
"""What `Cards.flat` reads of a comment."""


class Cards:
    """Makes cards for one page. Holds what all cards of the page share.

    Args:
        selection: tags of the thread.
        page_url: address of the article page with the present selection, for the "reply" links.
        is_open: whether the thread takes comments now.
    """

    def __init__(self, selection: Selection, page_url: str, *, is_open: bool = True) -> None:
        self.tags = [
            (tag.pk, tag.mask, {"slug": SafeString(tag.slug), "label": tag.label, "kind": SafeString(tag.kind)})
            for tag in selection.tags
        ]
        self._said: dict[tuple[int, int], str] = {}
        self._by_person, self._by_machine = _("confirmed by an editor"), _("machine, %(percent)d %%")
        self.now = timezone.now()
        self.reply_url = f"{page_url}{'&' if '?' in page_url else '?'}reply="
        # One reverse for the page; the addresses of its comments differ by a number.
        self.base_url = reverse("comments:comment", args=[0]).removesuffix("0/")
        self.max_depth = conf.MAX_DEPTH
        self._article = Mould("comments/_card.html", "card", is_open=is_open)
        self._tag = Mould("comments/_tag.html", "tag")
        self._tag_items: dict[tuple[int, str], tuple[str, str]] = {}

    def card(self, comment: Comment, *, answers: Comment | None = None, says_what_it_answers: bool = False) -> Card:
        """One comment as the template shows it.

        Args:
            answers: what it answers, where that is on the page.
            says_what_it_answers: whether a line names what it answers, because it does not stand below it.
        """
        # What is made of digits or comes from `reverse` is text, so that a site that writes thousands with a comma does
        # not write ids with one, and safe, so that the template looks for nothing to escape in it.
        key = SafeString(comment.pk)
        return {
            "id": key,
            "url": SafeString(f"{self.base_url}{key}/"),
            "is_gone": comment.status != Status.APPROVED,
            "gone": self._gone(comment) if comment.status != Status.APPROVED else "",
            # Who was erased and left the comment has no name.
            "name": comment.author_name or _("Anonymous"),
            "initials": initials(comment.author_name or "?"),
            "hue": SafeString(comment.hue),
            "website": comment.author_website,
            "is_staff": comment.user_id is not None,
            "is_confirmed": comment.is_confirmed,
            "iso": SafeString(comment.created_at.isoformat(timespec="seconds")),
            "when": friendly(comment.created_at, self.now),
            "is_edited": comment.edited_at is not None,
            "is_staff_edited": comment.is_staff_edited,
            "html": mark_safe(comment.html),  # noqa: S308  sanitised on saving, see comments.sanitize
            "tag_items": self._items(comment) if comment.tag_mask else "",
            "recommendations": SafeString(comment.recommendation_count),
            "reply_url": f"{self.reply_url}{comment.pk}#respond",
            "answers": self._answers(comment, answers) if says_what_it_answers and comment.parent_id else None,
            "opens": "",
            "closing": "",
            "more": (),
            "root_closing": "",
        }

    def look_up(self, comments: Iterable[Comment]) -> None:
        """Learn who says so of the tags of these comments, and how sure; at most one query."""
        tagged = [comment.pk for comment in comments if comment.tag_mask]
        if not tagged:
            return
        rows = TagAssignment.objects.filter(comment__in=tagged, verdict=TagAssignment.Verdict.YES)
        for comment, tag, source, confidence in rows.values_list("comment_id", "tag_id", "source", "confidence"):
            if source == TagAssignment.Source.PERSON:
                self._said[comment, tag] = self._by_person
            elif confidence is not None:
                self._said.setdefault((comment, tag), self._by_machine % {"percent": round(100 * confidence)})

    def flat(self, comments: Iterable[Comment]) -> list[Card]:
        """Cards of a filtered list: none below another, each reply says what it answers."""
        comments = list(comments)
        self.look_up(comments)
        cards = [self.listed(comment, says_what_it_answers=True) for comment in comments]
        for card in cards:
            card["closing"] = _END
        return cards

    def listed(self, comment: Comment, *, answers: Comment | None = None, says_what_it_answers: bool = False) -> Card:
        """A card with its `article`, the html of it without what stands below. Arguments as for `card`."""
        card = self.card(comment, answers=answers, says_what_it_answers=says_what_it_answers)
        answered = card["answers"]
        shown = {name: card[name] for name in _IN_ARTICLE}
        shown["is_answer"] = answered is not None
        shown["answers_name"], shown["answers_url"] = (answered["name"], answered["url"]) if answered else ("", "")
        card["article"] = self._article.cast(shown)
        return card

    def nested(
        self, roots: Sequence[Comment], replies: Sequence[Comment], more: Mapping[int, Sequence[More]]
    ) -> list[Card]:
        """Cards of conversations in reading order.

        Args:
            replies: of all of them, parents before children.
            more: root id -> what "show more replies" is to bring.
        """
        by_id = {comment.pk: comment for comment in (*roots, *replies)}
        self.look_up(by_id.values())
        children: dict[int, list[Comment]] = {}
        depth = {root.pk: 0 for root in roots}
        strays: set[int] = set()
        for reply in replies:
            above = by_id.get(reply.parent_id or 0)
            if above is None:
                # What it answers is not listed (any more), or stands on an earlier page of the conversation.
                above = by_id.get(reply.root_id or 0)
                strays.add(reply.pk)
            elif depth[above.pk] >= self.max_depth:
                above = by_id[self._shelf(above, by_id, depth)]
                strays.add(reply.pk)
            if above is None:
                continue
            depth[reply.pk] = depth[above.pk] + 1
            children.setdefault(above.pk, []).append(reply)
        cards: list[Card] = []
        for root in roots:
            first = len(cards)
            self._walk(root, children, strays, by_id, cards)
            if more.get(root.pk):
                cards[first]["opens"] = self._summary(root, 0)
                cards[-1]["more"] = self._more(root, more[root.pk])
            cards[-1]["root_closing"] = _CLOSE if cards[first]["opens"] else _END
        return cards

    def replies(self, root: Comment, replies: Sequence[Comment], more: Sequence[More]) -> list[Card]:
        """Cards of further replies of one conversation, to be put behind those that a reader has."""
        cards = self.flat(replies)
        if cards:
            cards[-1]["more"] = self._more(root, more)
        return cards

    def tags_of(self, comment: Comment) -> list[dict[str, str]]:
        """The tags of a comment: `slug`, `label`, `kind`, and what `look_up` learned as `says`."""
        said = self._said
        return [
            {**tag, "says": said.get((comment.pk, pk), "")} for pk, mask, tag in self.tags if comment.tag_mask & mask
        ]

    def _items(self, comment: Comment) -> SafeString:
        """The tags of a comment as items of a list."""
        url = f"{self.base_url}{comment.pk}/"
        items: list[str] = []
        for pk, mask, tag in self.tags:
            if comment.tag_mask & mask:
                says = self._said.get((comment.pk, pk), "")
                found = self._tag_items.get((pk, says))
                if found is None:
                    # A page says the same of a tag many times; only the comment in the link differs.
                    start, _place, end = self._tag.cast({**tag, "says": says, "comment_url": _URL}).partition(_URL)
                    found = self._tag_items[pk, says] = (start, end)
                items += (found[0], url, found[1])
        return mark_safe("".join(items))  # noqa: S308  made of html and of a number

    def _walk(
        self,
        root: Comment,
        children: dict[int, list[Comment]],
        strays: set[int],
        by_id: dict[int, Comment],
        cards: list[Card],
    ) -> None:
        """Depth first, without recursion."""
        stack: list[tuple[Comment, int]] = [(root, 0)]
        while stack:
            comment, closing = stack.pop()
            card = self.listed(
                comment, answers=by_id.get(comment.parent_id or 0), says_what_it_answers=comment.pk in strays
            )
            cards.append(card)
            below = children.get(comment.pk)
            if below:
                card["opens"] = self._summary(comment, len(below))
                # The last child closes this list when it is done, and whatever it had to close itself.
                stack.append((below[-1], closing + 1))
                stack.extend((child, 0) for child in reversed(below[:-1]))
            else:
                # The list of the root itself stays open for "show more replies"; the template closes it.
                own = closing if stack else closing - 1
                card["closing"] = mark_safe(_END + _CLOSE * own) if comment is not root else ""  # noqa: S308

    def _shelf(self, above: Comment, by_id: dict[int, Comment], depth: dict[int, int]) -> int:
        """The ancestor under which a reply stands that would be indented too far."""
        while depth[above.pk] >= self.max_depth and above.parent_id in by_id:
            above = by_id[above.parent_id]
        return above.pk

    def _summary(self, comment: Comment, shown: int) -> str:
        count = comment.descendant_count if comment.parent_id is None else shown
        count = max(count, shown)
        return ngettext("%(count)d reply", "%(count)d replies", count) % {"count": count}

    def _more(self, root: Comment, more: Sequence[More]) -> list[dict[str, Any]]:
        return [
            {
                "url": f"{self.base_url}{root.pk}/replies/?after={gap.after}"
                + (f"&until={gap.until}" if gap.until != _NO_END else ""),
                "is_between": gap.is_between,
            }
            for gap in more
        ]

    def _answers(self, comment: Comment, answers: Comment | None) -> dict[str, Any]:
        status = answers.status if answers else getattr(comment, "parent_status", None)
        name = answers.author_name if answers else getattr(comment, "parent_name", None)
        return {
            "url": f"{self.base_url}{comment.parent_id}/" if status == Status.APPROVED else "",
            "name": (name or _("Anonymous")) if status == Status.APPROVED else "",
        }

    @staticmethod
    def _gone(comment: Comment) -> str:
        if comment.status == Status.WITHDRAWN:
            return _("This comment was withdrawn by its author.")
        return _("This comment is not available.")


def initials(name: str) -> str:
    """The one or two letters that stand for a picture."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return name[:1]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def friendly(moment: datetime, now: datetime) -> str:
    """A time as a reader says it: minutes and hours of the last day, a date before that."""
    seconds = (now - moment).total_seconds()
    if 0 <= seconds < 60:
        return _("just now")
    if 0 <= seconds < 3600:
        minutes = int(seconds // 60)
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    if 0 <= seconds < 86_400:
        hours = int(seconds // 3600)
        return ngettext("%(count)d hour ago", "%(count)d hours ago", hours) % {"count": hours}
    return _written_out(moment, get_language(), timezone.get_current_timezone())


@lru_cache(maxsize=4096)
def _written_out(moment: datetime, language: str | None, zone: tzinfo) -> str:
    """A date and time in the reader's language; the same fifty are asked for each time that a page is rendered anew."""
    return date_format(moment.astimezone(zone), "DATETIME_FORMAT")
