"""Fills the tables of the benchmark: threads of 100 to 100,000 comments, and the floor's table with as many rows.

Texts are the hand-written ones of seeds/discussion.jsonl, taken in turn, so lengths and mark-up are those of people.
Rows are inserted in bulk with their derived columns worked out here.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management.color import no_style
from django.db import connection

from analysis.models import TaggingRun
from comments import privacy
from comments.models import Comment, Commenter, FacetCount, Reader, Status, Tag, TagAssignment, Thread
from comments.models.comment import markup_of
from comments.sanitize import render
from newsroom.articles.models import Article
from tests.benchmarks.floor.models import Remark

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
START = datetime(2025, 12, 12, 15, tzinfo=UTC)
_CHUNK = 2000


def texts() -> list[tuple[str, str, str]]:
    """(body, html, author) of the seed comments."""
    found = []
    for line in (SEEDS / "discussion.jsonl").read_text().splitlines():
        row = json.loads(line)
        found.append((row["text"], render(row["text"]), row["author"]))
    return found


def fill(size: int, *, tags_like: Thread, waiting: bool = False) -> Article:
    """Make an article with a thread of `size` comments; six in ten begin a conversation, each has one tag on average.

    Args:
        tags_like: a thread whose tags the new one gets.
        waiting: whether the comments wait for a moderator.
    """
    chance = random.Random(size)
    key = f"bench-{size}{'-waiting' if waiting else ''}"
    thread = Thread.objects.create(key=key, title=f"Thread of {size}", url=f"/articles/{key}/", mode="publish")
    source = tags_like.article
    article = Article.objects.create(
        slug=key, title=source.title, standfirst=source.standfirst, body=source.body, thread=thread
    )
    tags = [
        Tag.objects.create(
            thread=thread, slug=tag.slug, kind=tag.kind, name=tag.name, bit=tag.bit, position=tag.position
        )
        for tag in tags_like.tags.all()
    ]
    readers = Reader.objects.bulk_create(
        Reader(cookie_digest=privacy.reader_digest(f"{key}-{number}"), hue=number % 12) for number in range(200)
    )
    commenters = Commenter.objects.bulk_create(
        Commenter(
            sealed_address=privacy.seal_address(f"{key}-{number}@example.org"),
            address_digest=privacy.keyed_digest("address", f"{key}-{number}@example.org"),
        )
        for number in range(max(1, size // 4))
    )
    written = texts()
    first = (Comment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    rows: list[Comment] = []
    for number in range(size):
        body, html, author = written[number % len(written)]
        comment = Comment(
            pk=first + number,
            thread=thread,
            commenter=commenters[number % len(commenters)],
            reader=readers[number % len(readers)],
            author_name=author,
            hue=number % 12,
            markup=markup_of(body, html),
            html=html,
            status=Status.PENDING if waiting else Status.APPROVED,
            screening=[{"code": "newcomer", "detail": ""}] if waiting else [],
            is_listed=not waiting,
            created_at=START + timedelta(seconds=number),
            tagged_revision=1,
            recommendation_count=int(chance.paretovariate(1.2)) - 1,
        )
        if not waiting and number and chance.random() < 0.4:
            parent = rows[max(0, number - 1 - int(chance.expovariate(1 / 40)))]
            root = rows[(parent.root_id or parent.pk) - first]
            comment.parent_id, comment.root_id, comment.depth = parent.pk, root.pk, parent.depth + 1
            parent.reply_count += 1
            root.descendant_count += 1
            comment.ordinal = root.descendant_count
        for tag in tags:
            if chance.random() < 0.15:
                comment.tag_mask |= tag.mask
        rows.append(comment)
    for at in range(0, size, _CHUNK):
        part = rows[at : at + _CHUNK]
        Comment.objects.bulk_create(part)
        TagAssignment.objects.bulk_create(
            TagAssignment(
                comment=comment, tag=tag, source="machine", verdict="yes", confidence=0.87, evidence=[[4, 19]]
            )
            for comment in part
            for tag in tags
            if comment.tag_mask & tag.mask
        )
        TaggingRun.objects.bulk_create(
            TaggingRun(
                comment=comment, revision=1, tagger="lexical 1", outcome="tagged" if comment.tag_mask else "none"
            )
            for comment in part
        )
        Remark.objects.bulk_create(
            Remark(
                article=thread.pk,
                author=comment.author_name,
                email="somebody@example.org",
                parent=comment.parent_id,
                recommendations=comment.recommendation_count,
                text=comment.body,
                created_at=comment.created_at,
            )
            for comment in part
        )
    # The keys were given here; PostgreSQL's own counting has to go on behind them.
    for sql in connection.ops.sequence_reset_sql(no_style(), [Comment]):
        with connection.cursor() as cursor:
            cursor.execute(sql)
    if not waiting:
        counts: dict[int, int] = {}
        for comment in (row for row in rows if row.tag_mask):
            counts[comment.tag_mask] = counts.get(comment.tag_mask, 0) + 1
        FacetCount.objects.bulk_create(
            FacetCount(thread=thread, tag_mask=mask, count=count) for mask, count in counts.items()
        )
        thread.comment_count = size
        thread.save(update_fields=["comment_count"])
    return article
