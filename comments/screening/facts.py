"""Gathers what the screens look at from the database. `comments.posting` alone calls it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.models import Func, IntegerField, Q
from django.utils import timezone

from comments import conf
from comments.languages import language_of
from comments.models import Comment, Commenter, Mode, Reader, Status, Submission, Thread
from comments.prepared import Select
from comments.sanitize import link_targets, link_words, plain_text
from comments.screening import holds
from comments.screening.entries import word_lists
from comments.screening.lists import NO_LISTS
from comments.screening.sketches import ALIKE, Sketch, likeness
from comments.screening.verdict import Facts
from comments.texts import skeleton

STAFF_GROUPS = ("Moderators", "Editors")
_STAFF_NAMES = "comments.staff_names"
_STAFF_SECONDS = 60
_COMPARED = 10
"""Texts that are read to tell how near they are."""
_MANY = 50
"""Repetitions of one text beyond so many are not counted: the answer is the same."""


def facts_of_words(
    *,
    thread: Thread,
    text: str,
    html: str,
    name: str,
    website: str,
    is_staff: bool,
    honeypot: str = "",
    seconds: float | None = None,
    is_edit: bool = False,
) -> Facts:
    """Return what can be said of the words alone, before a transaction; outside screens are asked about no more.

    Args:
        text, html: the text as readers would read it, and as rendered.
        seconds: age of the form; None where there was none.
    """
    links = link_targets(html)
    return Facts(
        text=text,
        links=tuple(links),
        link_words=tuple(link_words(html)) if links else (),
        name=name,
        website=website,
        honeypot=honeypot,
        seconds=seconds,
        is_open=is_edit or thread.is_open,
        mode=thread.mode,
        is_staff=is_staff,
        is_edit=is_edit,
        language=language_of(text),
        thread_language=_language_of_title(thread.title),
        url=thread.url,
        lists=NO_LISTS if is_staff else word_lists(),
    )


def gather(
    words: Facts,
    *,
    thread: Thread,
    commenter: Commenter | None,
    reader: Reader | None,
    client_digest: str,
    text_digest: str,
    sketch: Sketch | None,
) -> Facts:
    """Add what the database knows about a new comment: three queries, one more where its text was posted before.

    Args:
        words: of `facts_of_words`.
        client_digest, text_digest: keyed digests of the client's address and of the fingerprint of the text.
        sketch: of the text; None for a short one.
    """
    is_staff = words.is_staff
    repeats, near_repeats = _repeats(text_digest, sketch, words.text)
    client_count = 0
    if client_digest and not is_staff:
        since = timezone.now() - timedelta(seconds=conf.FLOOD_SECONDS)
        ((client_count,),) = _LATELY.rows(client_digest=client_digest, created_at=since)
    holds_newcomers = thread.mode == Mode.HOLD_NEWCOMERS and not is_staff
    return replace(
        words,
        client_count=client_count,
        same_reader_repeats=repeats.count((thread.pk, reader.pk)) if reader else 0,
        other_repeats=len(repeats),
        near_repeats=near_repeats,
        approved_count=approved_count(commenter, reader) if holds_newcomers else 0,
        staff_names=frozenset() if is_staff else staff_names(),
        hold=None if is_staff else holds.on(thread_id=thread.pk, reader=reader, commenter=commenter),
    )


def _repeats(text_digest: str, sketch: Sketch | None, text: str) -> tuple[list[tuple[int, int | None]], int]:
    """Thread and browser of each recent comment with this text that has not been taken back, and how many have nearly
    this text."""
    # Nearly always there is none, and this look-up costs half of the join.
    if sketch is None:
        alike = _SAME_TEXT.rows(text_digest=text_digest)
    else:
        # The same text has the same sketch.
        alike = _ALIKE.rows(sketch_a=sketch[0], sketch_b=sketch[1])
    if not alike:
        return [], 0
    same = {comment_id for comment_id, digest in alike if digest == text_digest}
    near = {comment_id for comment_id, _digest in alike} - same
    standing = Comment.objects.exclude(status=Status.WITHDRAWN)
    found: list[tuple[int, int | None]] = (
        list(standing.filter(pk__in=same).values_list("thread_id", "reader_id")) if same else []
    )
    if not near or found:
        return found, 0
    # A sketch is a hint: what it points to is read and compared.
    texts = standing.filter(pk__in=sorted(near)[-_COMPARED:]).values_list("html", flat=True)
    return found, sum(likeness(text, plain_text(html)) >= ALIKE for html in texts)


@lru_cache(maxsize=256)
def _language_of_title(title: str) -> str:
    return language_of(title)


# As an aggregate it would bring a GROUP BY along, and no row where there is nothing to count.
_NUMBER = Func(template="COUNT(*)", output_field=IntegerField())
_SAME_TEXT = Select(
    Submission,
    lambda rows, given: (
        rows.filter(text_digest=given("text_digest"), sketch_a__isnull=True)
        .order_by("-pk")
        .values_list("comment_id", "text_digest")[:_MANY]
    ),
)
_ALIKE = Select(
    Submission,
    lambda rows, given: (
        rows.filter(Q(sketch_a=given("sketch_a")) | Q(sketch_b=given("sketch_b")))
        .order_by("-pk")
        .values_list("comment_id", "text_digest")[:_MANY]
    ),
)
_LATELY = Select(
    Submission,
    lambda rows, given: (
        rows.filter(client_digest=given("client_digest"), created_at__gte=given("created_at"))
        .order_by()
        .values_list(_NUMBER)
    ),
)


def approved_count(commenter: Commenter | None, reader: Reader | None) -> int:
    """How many public comments this browser posted under this address; at most one is counted.

    Where the address has been confirmed in it, what its owner posted in other confirmed browsers counts as well.
    """
    if commenter is None or reader is None:
        return 0
    proven = Q(reader=reader)
    if commenter.pk in reader.commenter_ids:
        proven |= Q(is_confirmed=True)
    return int(Comment.objects.public().filter(proven, commenter=commenter).exists())


def staff_names() -> frozenset[str]:
    """Skeletons of the names of staff accounts, at most a minute old."""
    names: frozenset[str] | None = cache.get(_STAFF_NAMES)
    if names is None:
        users = get_user_model()._default_manager.filter(
            Q(is_superuser=True) | Q(groups__name__in=STAFF_GROUPS), is_active=True
        )
        names = frozenset(
            skeleton(name) for user in users for name in (user.get_username(), user.get_full_name()) if skeleton(name)
        )
        cache.set(_STAFF_NAMES, names, _STAFF_SECONDS)
    return names
