"""Says of each card which words drove its score, also where the score held nothing. The cards call it.

Words are kept with a comment only where a screen held it for them (`Comment.screening`): of the others they would cost
every comment some bytes, and are asked for anew when a moderator looks, which takes a fraction of a millisecond. What
was said is remembered as long as any rendered page may serve, and no longer.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.cache import cache

from comments import conf
from comments.models import Comment
from comments.sanitize import link_targets
from comments.screening import Facts, explain

MOST = 5
_SCORES = ("prior", "learned")


def words_of(comments: Sequence[Comment]) -> dict[int, tuple[str, ...]]:
    """The words that drove the scores of these comments, the strongest first, by id; of those that have a score and
    whose objections do not name the words already. No query."""
    wanted = {_key(comment): comment for comment in comments if comment.risk and comment.html and not _is_said(comment)}
    if not wanted:
        return {}
    known = cache.get_many(wanted)
    fresh = {key: explain(_facts(comment))[:MOST] for key, comment in wanted.items() if key not in known}
    if fresh:
        cache.set_many(fresh, conf.CACHE_SECONDS)
    return {comment.pk: tuple((known | fresh)[key]) for key, comment in wanted.items()}


def _key(comment: Comment) -> str:
    return f"comments.desk.words.{comment.pk}.{comment.revision}"


def _is_said(comment: Comment) -> bool:
    """Whether an objection gives the score and its words already."""
    return any(entry.get("code") in _SCORES for entry in comment.screening)


def _facts(comment: Comment) -> Facts:
    return Facts(
        text=comment.text,
        links=tuple(link_targets(comment.html)),
        name=comment.author_name,
        website=comment.author_website,
        language=comment.language,
    )
