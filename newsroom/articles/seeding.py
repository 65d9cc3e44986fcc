"""Loads seeds/: the article, its taxonomy, its discussion. `manage.py seed` and `manage.py demo` call it.

Repeatable: what has been loaded once is not loaded again, so what readers wrote, moderators decided and editors changed
meanwhile stays. Each file is one transaction; a seeding that is killed leaves no file half loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from analysis.runs import adopt_taxonomy
from analysis.taxonomy import read_taxonomy
from comments import moderation, posting, privacy, reporting, tallies
from comments.models import Comment, Commenter, ModerationEvent, Reader, Recommendation, Report, Status, Thread
from comments.models.comment import markup_of
from comments.sanitize import render
from comments.texts import clean_body, clean_name, clean_website
from newsroom.articles.models import Article, SeededComment


class SeedError(Exception):
    """A seed file that cannot be loaded; the message names file, line and fault."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """How much a seeding added."""

    articles: int
    taxonomies: int
    comments: int


def seed(folder: Path) -> Seeded:
    """Load all seeds of a folder that have not been loaded yet.

    Raises:
        SeedError: a file is not as it should be; nothing of it was stored.
        analysis.taxonomy.TaxonomyError: the taxonomy is not as it should be.
    """
    return Seeded(
        articles=seed_article(folder / "article.md"),
        taxonomies=seed_taxonomy(folder / "taxonomy.yaml"),
        comments=seed_discussion(folder / "discussion.jsonl"),
    )


def seed_article(path: Path) -> int:
    """Publish the article of a Markdown file with YAML front matter, unless it is there; return how many were added."""
    _before, opening, rest = path.read_text(encoding="utf-8").partition("---\n")
    front, closing, body = rest.partition("\n---\n")
    if not (opening and closing):
        raise SeedError(f"{path}: begin the file with its front matter between two lines of ---.")
    try:
        about = yaml.safe_load(front)
        slug, title, published = about["id"], about["title"], about["published"]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise SeedError(f"{path}: the front matter needs id, title and published ({error}).") from error
    with transaction.atomic():
        _article, is_new = Article.objects.get_or_create(
            slug=slug,
            defaults={
                "title": title,
                "standfirst": about.get("standfirst", ""),
                "byline": about.get("byline", ""),
                "language": about.get("language", "en"),
                "published_at": published if isinstance(published, datetime) else datetime.fromisoformat(published),
                "body": body.strip(),
            },
        )
    return int(is_new)


def seed_taxonomy(path: Path) -> int:
    """Give each article of a taxonomy file its tags, unless it has some; return how many articles got them."""
    given = 0
    with transaction.atomic():
        for taxonomy in read_taxonomy(path):
            thread = _thread(taxonomy.id, path)
            if not thread.tags.exists():
                adopt_taxonomy(thread, taxonomy)
                given += 1
    return given


def seed_discussion(path: Path) -> int:
    """Load the comments of a discussion file that have not been loaded before; return how many were added."""
    with transaction.atomic():
        known: dict[str, int | None] = dict(SeededComment.objects.values_list("seed_id", "comment_id"))
        rows = [row for row in _rows(path) if row["id"] not in known]
        threads = {key: _thread(key, path) for key in {row["article"] for row in rows}}
        cast = _Cast(known.values())
        for number, row in enumerate(rows):
            comment = _seed_comment(row, threads[row["article"]], known, cast)
            known[row["id"]] = comment.pk
            SeededComment.objects.create(seed_id=row["id"], comment=comment)
            _seed_reactions(row, comment, cast.others(comment, start=number))
    return len(rows)


class _Cast:
    """The people of the seeded discussion: for each name one browser and one address, made up at example.org."""

    def __init__(self, comments: Iterable[int | None]) -> None:
        earlier = Comment.objects.filter(pk__in=[pk for pk in comments if pk]).select_related("reader", "commenter")
        self._people: dict[str, tuple[Reader | None, Commenter | None]] = {
            comment.author_name: (comment.reader, comment.commenter) for comment in earlier
        }
        self._readers = [reader for reader, _commenter in self._people.values() if reader is not None]

    def person(self, name: str) -> tuple[Reader | None, Commenter | None]:
        """The browser and the address of a name, made at first sight."""
        if name not in self._people:
            reader = self._new_reader()
            # Nothing that stands on a page may be a part of it: a name in it would look like a leak.
            local = sha256(name.encode()).hexdigest()[:12]
            self._people[name] = (reader, privacy.commenter_for(f"{local}@example.org"))
        return self._people[name]

    def others(self, comment: Comment, *, start: int) -> Iterable[Reader]:
        """Browsers that did not write this comment, beginning somewhere else each time; new ones where they run out."""
        count = len(self._readers)
        for index in range(count):
            reader = self._readers[(start * 7 + index) % count]
            if reader.pk != comment.reader_id:
                yield reader
        while True:
            yield self._new_reader()

    def _new_reader(self) -> Reader:
        reader, _cookie = posting.new_reader()
        self._readers.append(reader)
        return reader


def _seed_comment(row: dict[str, Any], thread: Thread, known: dict[str, int | None], cast: _Cast) -> Comment:
    """Store one comment with the status that it has in the file, counted and logged as if it had got it here."""
    # What it answers may have been erased since; then it answers nobody.
    parent = Comment.objects.filter(pk=known[row["parent"]] or 0).first() if row["parent"] else None
    reader, commenter = cast.person(clean_name(row["author"]))
    body = clean_body(row["text"])
    html = render(body)
    is_public = row["status"] == Status.APPROVED
    comment = Comment.objects.create(
        thread=thread,
        parent=parent,
        root_id=(parent.root_id or parent.pk) if parent else None,
        depth=parent.depth + 1 if parent else 0,
        commenter=commenter,
        reader=reader,
        author_name=clean_name(row["author"]),
        author_website=clean_website(row["website"]),
        hue=reader.hue if reader else 0,
        markup=markup_of(body, html),
        html=html,
        created_at=row["time"],
        status=Status.APPROVED if is_public else Status.PENDING,
        screening=[] if is_public else [{"code": "seeded", "detail": ""}],
        is_listed=is_public,
    )
    if is_public:
        tallies.publish(comment)
    elif row["status"] != Status.PENDING:
        moderation.move(
            comment,
            to=row["status"],
            actor=ModerationEvent.Actor.MODERATOR,
            reason=row.get("reason", ""),
            seen=moderation.Seen(Status.PENDING, 1),
            at=min(row["time"] + timedelta(minutes=20), timezone.now()),
        )
    return comment


def _seed_reactions(row: dict[str, Any], comment: Comment, others: Iterable[Reader]) -> None:
    """Recommend and report a public comment, each by as many readers as the file says."""
    if not comment.is_public:
        return  # nobody could have seen it
    people = iter(others)
    for complaint in row.get("reports", []):
        made = reporting.report(
            comment, reader=next(people), reason=complaint["reason"], note=complaint.get("note", "")
        )
        Report.objects.filter(pk=made.pk).update(created_at=min(row["time"] + timedelta(hours=1), timezone.now()))
    count = int(row.get("recommendations", 0))
    if count:
        # One by one through the verb, a seeding would take a quarter of a minute.
        Recommendation.objects.bulk_create(
            [Recommendation(comment=comment, reader=reader) for reader in islice(people, count)]
        )
        Comment.objects.filter(pk=comment.pk).update(recommendation_count=count)


def _thread(key: str, path: Path) -> Thread:
    article = Article.objects.filter(slug=key).select_related("thread").first()
    if article is None:
        raise SeedError(f"{path} names the article {key!r}, which is not in the database.")
    return article.thread


def _rows(path: Path) -> Sequence[dict[str, Any]]:
    """Read a discussion file; check what would otherwise fail half-way, with the line that is wrong."""
    rows: list[dict[str, Any]] = []
    ids: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            row["time"] = datetime.fromisoformat(row["time"])
            row.setdefault("parent", None)
            row.setdefault("website", "")
            is_complete = bool(row["id"] and row["article"] and row["author"] and row["text"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SeedError(f"{path}, line {number}: this is no comment ({error}).") from error
        if not is_complete or row["status"] not in Status.values:
            raise SeedError(f"{path}, line {number}: id, article, author, text or status is missing or wrong.")
        if row["id"] in ids or (row["parent"] and row["parent"] not in ids):
            raise SeedError(f"{path}, line {number}: the id repeats, or the parent does not stand above.")
        ids.add(row["id"])
        rows.append(row)
    return rows
