"""The discussion as it stands on an article page: reads the URL, gathers a page, renders what all readers share once.

The template tag and the views of this face call it. What all readers share is cached under `thread.version`; what
belongs to one browser (its waiting comments, its recommendations, the form) is added outside of it, on each request.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from comments import appeals, clients, conf, confirming, cookies, facets, listing, mailing
from comments.errors import Refusal, Sentence
from comments.listing import Cursor, Selection, Sort
from comments.models import Comment, Reader, Recommendation, Status, Thread
from comments.reader.cards import COLUMNS, Cards, More
from comments.reader.forms import ReplyForm, blank_form
from comments.reader.stamps import new_stamp

AUTHOR_COOKIE = cookies.AUTHOR.name
_BUTTON = re.compile(r'(<button type="submit" class="lar-recommend" aria-pressed=")false(" data-comment="(\d+)")')
_OWN = 10
"""Comments of one's own that the page lists above the others."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the URL of an article page asks of its discussion."""

    tags: frozenset[str] = frozenset()
    sort: Sort = Sort.NEWEST
    after: str = ""
    focus: int | None = None
    reply: int | None = None

    def url(self, base: str) -> str:
        """The address of the article page that asks for this; parts that ask for nothing are left out."""
        pairs: list[tuple[str, str]] = [("tag", slug) for slug in sorted(self.tags)]
        if self.sort is not Sort.NEWEST:
            pairs.append(("sort", self.sort.value))
        if self.after:
            pairs.append(("after", self.after))
        if self.focus:
            pairs.append(("focus", str(self.focus)))
        if not pairs:
            return base
        return f"{base}{'&' if '?' in base else '?'}{urlencode(pairs)}"


@dataclass(frozen=True, slots=True)
class Discussion:
    """Everything that the template of a discussion shows."""

    thread: Thread
    heading: int
    shared: SafeString
    form: ReplyForm
    stamp: str
    query: Query
    parent: Comment | None
    notice: Sentence = ""
    status: int = 200
    own: list[dict[str, Any]] = field(default_factory=list)
    staff_name: str = ""


def read_query(params: QueryDict) -> Query:
    """Read a URL.

    Raises:
        Refusal: an order that does not exist (400). Tags and cursors are judged when they are used.
    """
    return Query(
        tags=frozenset(slug for slug in params.getlist("tag") if slug),
        sort=listing.read_sort(params.get("sort", "")),
        after=params.get("after", ""),
        focus=_number(params.get("focus", "")),
        reply=_number(params.get("reply", "")),
    )


def discuss(request: HttpRequest, thread: Thread, *, heading: int = 2, form: ReplyForm | None = None) -> Discussion:
    """Gather the discussion of a thread for a request.

    A URL that makes no sense shows the first page with a sentence that says so, and a status for the host's response.

    Args:
        heading: level of the discussion's heading, 1 to 5.
        form: a form that came back with faults; None for a fresh one.
    """
    notice: Sentence = ""
    status = 200
    try:
        query = read_query(request.GET)
        shared = _shared(request, thread, query, heading)
    except Refusal as refusal:
        notice, status, query = refusal.detail, refusal.status, Query()
        shared = _shared(request, thread, query, heading)
    reader = clients.reader_of(request)
    parent = _parent(thread, form.draft().parent if form else query.reply)
    staff = clients.staff_user(request)
    if staff or request.COOKIES.keys() & {clients.READER_COOKIE, AUTHOR_COOKIE}:
        # This page is one person's. Django's cache around a host's view asks this before it keeps a page.
        request._cache_update_cache = False  # type: ignore[attr-defined]
    return Discussion(
        thread=thread,
        heading=heading,
        shared=_personal(shared, reader),
        form=form or blank_form(_remembered(request), parent),
        stamp=new_stamp(thread.pk),
        query=replace(query, reply=None),
        parent=parent,
        notice=notice,
        status=status,
        own=_own(thread, reader),
        staff_name=clients.staff_name(staff) if staff else "",
    )


def address_of(comment: Comment, *, reader: Reader | None = None) -> str:
    """The address at which a browser finds a comment on the article page.

    Args:
        reader: the browser; its own comments are shown to it while they wait, too.
    """
    base = comment.thread.get_absolute_url()
    if comment.is_public or (comment.is_listed and (reader is None or not comment.is_owned_by(reader))):
        return f"{Query(focus=comment.pk).url(base)}#comment-{comment.pk}"
    # The number means nothing to the page; it makes an address that no cache around the host's view has answered yet.
    anchor = "own" if comment.is_listed else "comment"
    return f"{base}{'&' if '?' in base else '?'}own={comment.pk}#{anchor}-{comment.pk}"


def replies_context(root: Comment, *, after: int, until: int, page_url: str) -> Mapping[str, Any]:
    """What the template of further replies shows.

    Args:
        after, until: ordinals between which the reader has none yet.
    """
    replies, has_more = listing.replies_page(root, after=after, size=conf.REPLIES_PER_PAGE)
    wanted = [reply for reply in replies if (reply.ordinal or 0) <= until]
    more = [More(wanted[-1].ordinal or 0, until)] if has_more and len(wanted) == len(replies) else []
    cards = Cards(listing.select(root.thread, ()), page_url, is_open=root.thread.is_open)
    return {
        "cards": cards.replies(root, wanted, more),
        "root": cards.card(root),
        "thread": root.thread,
        "is_open": root.thread.is_open,
    }


def _shared(request: HttpRequest, thread: Thread, query: Query, heading: int) -> SafeString:
    """The list with its filter, as it is for everybody; rendered at most once for each version of the thread."""
    name = "\0".join(
        [
            str(thread.pk), str(thread.version), get_language() or "", str(heading), thread.get_absolute_url(),
            *sorted(query.tags), query.sort.value, query.after, str(query.focus), str(mailing.is_offered()),
        ]
    )  # fmt: skip
    key = f"comments.list.{hashlib.sha256(name.encode(errors='replace')).hexdigest()}"
    html = cache.get(key)
    if html is None:
        html = render_to_string("comments/_list.html", _list_context(thread, query, heading))
        cache.set(key, str(html), conf.CACHE_SECONDS)
    return SafeString(html)


def _list_context(thread: Thread, query: Query, heading: int) -> dict[str, Any]:
    base = thread.get_absolute_url()
    selection = listing.select(thread, query.tags)
    cursor = Cursor.decode(query.after, query.sort) if query.after else None
    plain = replace(query, after="", focus=None, reply=None)
    cards = Cards(selection, plain.url(base), is_open=thread.is_open)
    if query.tags:
        size = conf.COMMENTS_PER_PAGE
        page = listing.flat(thread, sort=query.sort, cursor=cursor, size=size, selection=selection, columns=COLUMNS)
        rows = cards.flat(page.rows)
    else:
        page, rows = _conversations(thread, query, cursor, cards)
    selected = [tag for tag in selection.tags if tag.slug in query.tags]
    return {
        "thread": thread,
        "is_open": thread.is_open,
        "heading": heading,
        "cards": rows,
        "is_flat": bool(query.tags),
        "groups": facets.groups(
            selection.tags, selection.counts, selection.selected, lambda slugs: replace(plain, tags=slugs).url(base)
        ),
        "match_count": selection.match_count if query.tags else thread.comment_count,
        "clear_url": replace(plain, tags=frozenset()).url(base),
        "sorts": [
            {"label": sort.label, "url": replace(plain, sort=sort).url(base), "is_current": sort is query.sort}
            for sort in Sort
        ],
        "next_url": replace(plain, after=page.next.encode()).url(base) if page.next else "",
        "previous_url": replace(plain, after=page.previous.encode()).url(base) if page.previous else "",
        "is_first": cursor is None and query.focus is None,
        "pinned": _pinned(thread, cards) if plain == query and not query.tags else None,
        "feed_query": replace(plain, sort=Sort.NEWEST).url(""),
        "is_mail_offered": mailing.is_offered(),
        "followed_tag": selected[0] if len(selected) == 1 else None,
    }


def _conversations(
    thread: Thread, query: Query, cursor: Cursor | None, cards: Cards
) -> tuple[listing.Page, list[dict[str, Any]]]:
    """A page of conversations with the first replies of each; where the URL names a comment, the page that shows it."""
    size, each = conf.COMMENTS_PER_PAGE, conf.REPLIES_PER_ROOT
    focus = _focus(thread, query.focus)
    if focus is None:
        page = listing.conversations(thread, sort=query.sort, cursor=cursor, size=size, each=each)
    else:
        root = focus.root or focus
        page = listing.conversation_from(root, sort=query.sort, size=size, each=each)
    replies = listing.replies_of(page.rows, each=each)
    shown: dict[int, int] = {}
    for reply in replies:
        if reply.status == Status.APPROVED and reply.root_id is not None:
            shown[reply.root_id] = shown.get(reply.root_id, 0) + 1
    more = {root.pk: [More(each)] for root in page.rows if root.descendant_count > shown.get(root.pk, 0)}
    if focus is not None and focus.ordinal is not None and focus.ordinal > each:
        # The way to a reply far down a long conversation: the first replies, and then the stretch that holds it.
        root = page.rows[0]
        start = max(each, focus.ordinal - conf.REPLIES_PER_PAGE // 2)
        further, has_more = listing.replies_page(root, after=start, size=conf.REPLIES_PER_PAGE)
        replies += further
        more[root.pk] = [More(each, start, is_between=True)] if start > each else []
        if has_more:
            more[root.pk].append(More(further[-1].ordinal or start))
    return page, cards.nested(page.rows, replies, more)


def _pinned(thread: Thread, cards: Cards) -> dict[str, Any] | None:
    """The comment that stands above the first page; a query where there is one."""
    if thread.pinned_id is None:
        return None
    found = Comment.objects.public().filter(pk=thread.pinned_id).with_parents().defer("markup", "screening").first()
    return None if found is None else cards.card(found, says_what_it_answers=True)


def _focus(thread: Thread, pk: int | None) -> Comment | None:
    if pk is None:
        return None
    return Comment.objects.filter(thread=thread, pk=pk, is_listed=True).select_related("root").first()


def _parent(thread: Thread, pk: int | None) -> Comment | None:
    if pk is None:
        return None
    return Comment.objects.public().filter(thread=thread, pk=pk).only("author_name", "thread_id", "html").first()


def _own(thread: Thread, reader: Reader | None) -> list[dict[str, Any]]:
    """This browser's comments that the shared list does not show, or that it may still change."""
    if reader is None:
        return []
    rows = list(
        Comment.objects.owned_by(reader)
        .filter(thread=thread)
        .exclude(status=Status.WITHDRAWN)
        .with_parents()
        .order_by("-id")[:_OWN]
    )
    own: list[dict[str, Any]] = []
    if not rows:
        return own
    for comment in rows:
        comment.thread = thread
    tags = tuple(thread.tags.all()) if any(comment.tag_mask for comment in rows) else ()
    cards = Cards(Selection(tags, {}, frozenset()), thread.get_absolute_url())
    cards.look_up(rows)
    answers = appeals.answers(rows)
    offered: set[int | None] = set()
    for comment in rows:
        can_change = comment.is_editable_by(reader)
        if comment.status == Status.APPROVED and not can_change:
            continue
        card = cards.card(comment, says_what_it_answers=True)
        # Once for each address: a button on each comment would be a row of the same button.
        can_confirm = comment.commenter_id not in offered and confirming.can_confirm(comment, reader)
        offered.add(comment.commenter_id)
        own.append(
            {
                **card,
                "tags": cards.tags_of(comment),
                # To its author spam waits like the rest: who sends it learns nothing.
                "is_waiting": comment.status in {Status.PENDING, Status.SPAM},
                "is_rejected": comment.status == Status.REJECTED,
                "answer": answers.get(comment.pk),
                "can_change": can_change,
                "can_confirm": can_confirm,
                # What is listed below has that name already.
                "anchor": f"own-{comment.pk}" if comment.is_listed else f"comment-{comment.pk}",
                "address": address_of(comment),
            }
        )
    return own


def _personal(shared: SafeString, reader: Reader | None) -> SafeString:
    """Press the "recommend" buttons that this browser has pressed, in the list that all share."""
    if reader is None:
        return shared
    shown = {int(button[2]) for button in _BUTTON.findall(shared)}
    pressed = set(Recommendation.objects.filter(reader=reader, comment__in=shown).values_list("comment", flat=True))
    if not pressed:
        return shared

    def press(button: re.Match[str]) -> str:
        return f"{button[1]}true{button[2]}" if int(button[3]) in pressed else button[0]

    return SafeString(_BUTTON.sub(press, shared))


def _remembered(request: HttpRequest) -> dict[str, Any]:
    """Name and website that this browser asked us to remember; an address is never kept."""
    try:
        name, website = signing.loads(request.COOKIES.get(AUTHOR_COOKIE, ""), salt=AUTHOR_COOKIE)
    except (signing.BadSignature, ValueError, TypeError):
        return {}
    return {"name": name, "website": website, "remember": True}


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
