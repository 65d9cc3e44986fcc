"""Gathers what the screens look at from the database. `comments.posting` alone calls it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.models import Func, IntegerField, Q
from django.utils import timezone

from comments import conf
from comments.models import Comment, Commenter, Mode, Reader, Status, Submission, Thread
from comments.prepared import Select
from comments.sanitize import link_targets
from comments.screening.verdict import Facts
from comments.texts import skeleton

STAFF_GROUPS = ("Moderators", "Editors")
_STAFF_NAMES = "comments.staff_names"
_STAFF_SECONDS = 60
_MANY = 50
"""Repetitions of one text beyond so many are not counted: the answer is the same."""


def gather(
    *,
    thread: Thread,
    text: str,
    html: str,
    name: str,
    website: str,
    honeypot: str,
    seconds: float | None,
    commenter: Commenter | None,
    reader: Reader | None,
    client_digest: str,
    text_digest: str,
    is_staff: bool,
) -> Facts:
    """Return the facts of a new comment in three queries, four where its text was posted before.

    Args:
        text, html: the text as readers would read it, and as rendered.
        seconds: age of the form; None where there was none.
        client_digest, text_digest: keyed digests of the client's address and of the fingerprint of the text.
    """
    repeats = _repeats(text_digest)
    client_count = 0
    if client_digest and not is_staff:
        since = timezone.now() - timedelta(seconds=conf.FLOOD_SECONDS)
        ((client_count,),) = _LATELY.rows(client_digest=client_digest, created_at=since)
    holds_newcomers = thread.mode == Mode.HOLD_NEWCOMERS and not is_staff
    return Facts(
        text=text,
        links=tuple(link_targets(html)),
        name=name,
        website=website,
        honeypot=honeypot,
        seconds=seconds,
        is_open=thread.is_open,
        mode=thread.mode,
        is_staff=is_staff,
        client_count=client_count,
        same_reader_repeats=repeats.count((thread.pk, reader.pk)) if reader else 0,
        other_repeats=len(repeats),
        approved_count=approved_count(commenter, reader) if holds_newcomers else 0,
        staff_names=frozenset() if is_staff else staff_names(),
    )


def _repeats(text_digest: str) -> list[tuple[int, int | None]]:
    """Thread and browser of each recent comment with this text that has not been taken back."""
    # Nearly always there is none, and this look-up costs half of the join.
    same = _SAME_TEXT.rows(text_digest=text_digest)
    if not same:
        return []
    standing = Comment.objects.filter(pk__in=[pk for (pk,) in same]).exclude(status=Status.WITHDRAWN)
    return list(standing.values_list("thread_id", "reader_id"))


# As an aggregate it would bring a GROUP BY along, and no row where there is nothing to count.
_NUMBER = Func(template="COUNT(*)", output_field=IntegerField())
_SAME_TEXT = Select(
    Submission,
    lambda rows, given: rows.filter(text_digest=given("text_digest")).order_by("-pk").values_list("comment_id")[:_MANY],
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
