"""The verbs of tagging: tag a comment, tag what is untagged, adopt a taxonomy.

Repeatable: twice is once, keyed by comment and revision. A person's word is never overwritten (`comments.tagging` sees
to that). Tasks, receivers, the admin and `seed` call these.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import DatabaseError, transaction
from django.utils.module_loading import import_string

from analysis import conf
from analysis.models import Definition, TaggingRun
from analysis.taggers import PreparedTagger, Tagged, Tagger, TaggingContext, Verdict
from analysis.taxonomy import ArticleTaxonomy, TagDefinition
from comments import tagging
from comments.models import Comment, Tag, Thread

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A tagger that has read one thread's definitions, and what it had read."""

    key: tuple[object, ...]
    tagger: Tagger
    prepared: PreparedTagger


_ready: dict[int, _Ready] = {}
"""Prepared taggers of this worker process by thread. Small: a definition of seven tags is some kilobytes."""

_MAX_READY = 200


def tag_comment(comment_id: int) -> bool:
    """Tag the current revision of a comment, unless that has been done.

    Returns:
        Whether tags were stored now.
    """
    comment = Comment.objects.untagged().select_related("thread").filter(pk=comment_id).first()
    return comment is not None and _tag(comment)


def tag_untagged(thread: Thread | None = None, *, limit: int) -> int:
    """Tag comments that nobody has tagged, oldest first.

    Args:
        thread: only this one; None for the whole site.
        limit: how many at most.

    Returns:
        How many were tagged.
    """
    rows = Comment.objects.untagged().select_related("thread").order_by("pk")
    if thread is not None:
        rows = rows.filter(thread=thread)
    return sum(_tag_or_log(comment) for comment in rows[:limit])


def adopt_taxonomy(thread: Thread, taxonomy: ArticleTaxonomy) -> list[Tag]:
    """Give a thread the tags and cues of a taxonomy; its comments are tagged anew in the background if it differs."""
    with transaction.atomic():
        specs = [tagging.TagSpec(tag.id, tag.kind, tag.name, tag.description) for tag in taxonomy.tags]
        tags = tagging.define_tags(thread, specs)
        cues = {tag.id: list(tag.cues) for tag in taxonomy.tags}
        changed = [tag for tag in tags if _store_cues(tag, cues[tag.slug])]
        if changed:
            tagging.tags_changed(thread)
    return tags


def set_cues(tag: Tag, cues: Sequence[str]) -> Definition:
    """Store the cues of a tag. Where they differ, the thread's comments are tagged anew in the background."""
    with transaction.atomic():
        if _store_cues(tag, cues):
            tagging.tags_changed(tag.thread)
        return Definition.objects.get(tag=tag)


def definitions_of(thread: Thread) -> tuple[TagDefinition, ...]:
    """The tags of a thread as taggers take them."""
    rows = Tag.objects.filter(thread=thread).select_related("definition")
    return tuple(
        TagDefinition(
            tag.slug,
            tag.kind,
            tag.name,
            tag.description,
            tuple(tag.definition.cues) if hasattr(tag, "definition") else (),
        )
        for tag in rows
    )


def current_tagger() -> Tagger:
    """The tagger that the settings name."""
    return _tagger(conf.TAGGER)


def _store_cues(tag: Tag, cues: Sequence[str]) -> bool:
    """Store the cues of a tag; return whether they are other ones."""
    definition, is_new = Definition.objects.get_or_create(tag=tag, defaults={"cues": list(cues)})
    if is_new or definition.cues == list(cues):
        return is_new
    definition.cues = list(cues)
    definition.save(update_fields=["cues"])
    return True


def _tag(comment: Comment) -> bool:
    tagger, prepared, definitions = _prepared(comment.thread)
    # The slow part runs before the transaction, so that a long text holds no lock; `assign_by_machine` looks at the
    # revision again.
    decided = prepared.tag(comment.text)
    with transaction.atomic():
        tagging.hold_tags(comment.thread)
        if definitions_of(comment.thread) != definitions:
            # An editor has changed the tags meanwhile. To store what the old ones led to would pass for having tagged
            # the comment; left untagged, it is found again.
            return False
        if not tagging.assign_by_machine(comment, revision=comment.revision, tags=_machine_tags(decided)):
            return False
        TaggingRun.objects.update_or_create(
            comment=comment,
            revision=comment.revision,
            defaults={"tagger": f"{tagger.name} {tagger.version}", "outcome": decided.outcome.value},
        )
    return True


def _tag_or_log(comment: Comment) -> bool:
    """Tag one of many: a comment on which a tagger fails must not keep the sweep from those behind it."""
    try:
        return _tag(comment)
    except DatabaseError:
        raise  # it would fail on every one, and on PostgreSQL the transaction is lost
    except Exception:  # whatever a tagger raises
        log.exception("Comment %s could not be tagged; the next sweep tries again.", comment.pk)
        return False


def _machine_tags(decided: Tagged) -> list[tagging.MachineTag]:
    return [
        tagging.MachineTag(
            slug=score.tag,
            confidence=score.confidence,
            is_sure=score.verdict is Verdict.SHOWN,
            evidence=tuple((span.start, span.end) for span in score.evidence),
        )
        for score in decided.tags
    ]


def _prepared(thread: Thread) -> tuple[Tagger, PreparedTagger, tuple[TagDefinition, ...]]:
    """A tagger that has read this thread's definitions; read anew where they changed or the discussion has doubled."""
    tagger = current_tagger()
    definitions = definitions_of(thread)
    key = (tagger.name, tagger.version, definitions, thread.comment_count.bit_length())
    ready = _ready.get(thread.pk)
    if ready is None or ready.key != key:
        sample = Comment.objects.public().filter(thread=thread).order_by("pk")[: conf.CONTEXT_COMMENTS]
        texts = tuple(comment.text for comment in sample.only("html"))
        ready = _Ready(key, tagger, tagger.prepare(definitions, TaggingContext(title=thread.title, texts=texts)))
        if len(_ready) >= _MAX_READY:
            _ready.clear()
        _ready[thread.pk] = ready
    return ready.tagger, ready.prepared, definitions


@lru_cache(maxsize=4)
def _tagger(path: str) -> Tagger:
    made: Tagger = import_string(path)()
    return made
