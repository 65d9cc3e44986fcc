"""The verbs of tagging: tag a comment, tag what is untagged, adopt a taxonomy, say how sure a tag has to be.

Repeatable: twice is once, keyed by comment and revision. A person's word is never overwritten (`comments.tagging` sees
to that). Tasks, receivers, the admin, the editors' desk and `seed` call these.

By what a tagger had read of the thread, its *reading* (`analysis.readings`), a comment is known to be tagged already.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import groupby

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis import readings, vectors
from analysis.models import Definition, TaggingRun, ThreadReading
from analysis.readings import Ready
from analysis.taggers import SHOWN_FROM, UNCERTAIN_FROM, Tagged, Verdict
from analysis.taxonomy import ArticleTaxonomy
from comments import tagging
from comments.errors import InvalidFields
from comments.models import Comment, Tag, TagAssignment, Thread
from comments.tagging import MachineTag, MachineWord

log = logging.getLogger(__name__)

BATCH = 100
"""Comments whose tags one transaction stores: long enough to be quick, short enough to keep nobody waiting."""


def tag_comment(comment_id: int) -> bool:
    """Tag the current revision of a comment, unless that has been done.

    Returns:
        Whether tags were stored now.
    """
    comment = Comment.objects.untagged().select_related("thread").filter(pk=comment_id).first()
    return comment is not None and bool(_tag_many(comment.thread, [comment]))


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
    tagged = 0
    # Together by thread, for a tagger that has read one should go on with it; within each the oldest come first.
    found = sorted(rows.defer("markup", "screening")[:limit], key=lambda comment: (comment.thread_id, comment.pk))
    for _thread_id, of_one in groupby(found, key=lambda comment: comment.thread_id):
        comments = list(of_one)
        # Fewer where each answer costs money: a worker that is killed has asked in vain for what it had not stored.
        batch = min(BATCH, getattr(readings.current_tagger(), "batch", BATCH))
        for start in range(0, len(comments), batch):
            tagged += _tag_many(comments[0].thread, comments[start : start + batch], goes_on=True)
    return tagged


def forget(comment: Comment) -> None:
    """Let go of what was made of a text that is gone: its runs and its vectors."""
    TaggingRun.objects.filter(comment=comment).delete()
    vectors.forget(comment.pk)


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


def set_threshold(tag: Tag, shown_from: float | None) -> Definition:
    """Say how sure the tagger has to be before readers see a tag. The thread is judged anew in the background, by what
    is stored: no comment is read again.

    Args:
        shown_from: probability, from `UNCERTAIN_FROM` on, below which nothing is stored; None leaves it to the tagger.

    Raises:
        InvalidFields: `shown_from` is out of that range.
    """
    if shown_from is not None and not UNCERTAIN_FROM <= shown_from <= 0.99:
        sentence = _("Give a number from %(lowest)d to 99.") % {"lowest": round(UNCERTAIN_FROM * 100)}
        raise InvalidFields({"shown_from": [sentence]})
    with transaction.atomic():
        tagging.hold_tags(tag.thread)
        definition, _made = Definition.objects.get_or_create(tag=tag)
        if definition.shown_from != shown_from:
            definition.shown_from = shown_from
            definition.save(update_fields=["shown_from"])
            tagging.tags_changed(tag.thread)
    return definition


def _store_cues(tag: Tag, cues: Sequence[str]) -> bool:
    """Store the cues of a tag; return whether they are other ones."""
    definition, is_new = Definition.objects.get_or_create(tag=tag, defaults={"cues": list(cues)})
    if is_new or definition.cues == list(cues):
        return is_new
    definition.cues = list(cues)
    definition.save(update_fields=["cues"])
    return True


def _tag_many(thread: Thread, comments: Sequence[Comment], *, goes_on: bool = False) -> int:
    """Tag comments of one thread and store it in one transaction.

    Args:
        goes_on: log what a tagger raises over one comment, and go on with the others.

    Returns:
        How many were tagged.
    """
    ready = readings.ready_for(thread)
    # The slow part runs before the transaction, so that a long text holds no lock; the verb that stores looks at the
    # revisions again.
    judged = _judged_before(ready, comments)
    waiting = [comment for comment in comments if comment.pk not in judged]
    with vectors.read_ahead(comment.pk for comment in waiting):
        for comment in waiting:
            try:
                with vectors.of(comment.pk):
                    judged[comment.pk] = _judge(ready, ready.prepared.tag(comment.text))
            except DatabaseError:
                raise  # a tagger that keeps things in a table; it would fail on every comment
            except Exception:  # whatever a tagger raises
                if not goes_on:
                    raise
                log.exception("Comment %s could not be tagged; the next sweep tries again.", comment.pk)
    words = [MachineWord(one.pk, one.revision, judged[one.pk][0]) for one in comments if one.pk in judged]
    with transaction.atomic():
        tagging.hold_tags(thread)
        if not _still_holds(thread, ready):
            # Somebody has changed the tags meanwhile, or what is known of them. To store what the old ones led to would
            # pass for having tagged the comments; left untagged, they are found again.
            return 0
        stored = tagging.assign_many_by_machine(thread.pk, words)
        _store_runs(ready, {one.pk: one.revision for one in comments if one.pk in stored}, judged)
    return len(stored)


_Judged = tuple[tuple[MachineTag, ...], TaggingRun.Outcome, str]
"""What was said of a comment, what became of it, and who said it: a tagger may have had another one decide."""


def _judge(ready: Ready, decided: Tagged) -> _Judged:
    tags = tuple(
        MachineTag(
            slug=score.tag,
            confidence=score.confidence,
            is_sure=_is_sure(
                ready, score.tag, score.confidence, score.evidence, by_itself=score.verdict is Verdict.SHOWN
            ),
            evidence=tuple((span.start, span.end) for span in score.evidence),
        )
        for score in decided.tags
    )
    return tags, _outcome(tags), getattr(decided, "by", "") or f"{ready.tagger.name} {ready.tagger.version}"


def _is_sure(ready: Ready, slug: str, confidence: float, evidence: Sequence[object], *, by_itself: bool) -> bool:
    """Whether readers see a tag: by the editor's threshold where there is one, else as the tagger has it."""
    shown_from = ready.thresholds.get(slug)
    return by_itself if shown_from is None else confidence >= shown_from and bool(evidence)


def _outcome(tags: Sequence[MachineTag]) -> TaggingRun.Outcome:
    if any(tag.is_sure for tag in tags):
        return TaggingRun.Outcome.TAGGED
    return TaggingRun.Outcome.UNCERTAIN if tags else TaggingRun.Outcome.NONE


def _judged_before(ready: Ready, comments: Sequence[Comment]) -> dict[int, _Judged]:
    """What was said under this very reading, judged by the thresholds of now: it would be said again."""
    revisions = {comment.pk: comment.revision for comment in comments}
    runs = TaggingRun.objects.filter(comment__in=revisions, reading=ready.digest)
    by = {
        pk: tagger
        for pk, revision, tagger in runs.values_list("comment_id", "revision", "tagger")
        if revisions[pk] == revision
    }
    known: dict[int, list[MachineTag]] = {pk: [] for pk in by}
    if not known:
        return {}
    rows = TagAssignment.objects.filter(comment__in=known, source=TagAssignment.Source.MACHINE).order_by("pk")
    for pk, slug, stored, evidence in rows.values_list("comment_id", "tag__slug", "confidence", "evidence"):
        confidence = stored or 0.0
        is_sure = _is_sure(ready, slug, confidence, evidence, by_itself=confidence >= SHOWN_FROM and bool(evidence))
        known[pk].append(MachineTag(slug, confidence, is_sure, tuple((start, end) for start, end in evidence)))
    return {pk: (tuple(tags), _outcome(tags), by[pk]) for pk, tags in known.items()}


def _still_holds(thread: Thread, ready: Ready) -> bool:
    """Whether the reading is still what stands, inside a transaction that holds the thread."""
    models = tuple((row.tag_id, row.version) for row in readings.live_models(thread))
    if (*ready.base, models) != ready.key:
        return False
    defined = readings.defined(thread)
    thresholds = {definition.id: shown for definition, shown in defined if shown is not None}
    if tuple(definition for definition, _shown_from in defined) != ready.definitions or thresholds != ready.thresholds:
        return False
    stored = ThreadReading.objects.filter(thread=thread).values_list("level", flat=True).first()
    if (stored or 0) > ready.level:
        return False
    if stored is None or stored < ready.level:
        ThreadReading.objects.update_or_create(thread=thread, defaults={"level": ready.level})
        if ready.level:
            # Those that were tagged when less had been read, and what was learned then; the sweep finds both.
            tagging.read_anew(thread)
            Definition.objects.filter(tag__thread=thread).update(learned_at=None)
    return True


def _store_runs(ready: Ready, revisions: Mapping[int, int], judged: Mapping[int, _Judged]) -> None:
    """One run for each comment and revision: written anew where there is one."""
    now, digest = timezone.now(), ready.digest
    rows = TaggingRun.objects.filter(comment__in=revisions).values_list("pk", "comment_id", "revision")
    known = {comment: pk for pk, comment, revision in rows if revisions[comment] == revision}
    for outcome, tagger in {judged[pk][1:] for pk in known}:
        keys = [known[pk] for pk in known if judged[pk][1:] == (outcome, tagger)]
        TaggingRun.objects.filter(pk__in=keys).update(tagger=tagger, reading=digest, outcome=outcome, at=now)
    TaggingRun.objects.bulk_create(
        TaggingRun(
            comment_id=pk, revision=revision, tagger=judged[pk][2], reading=digest, outcome=judged[pk][1], at=now
        )
        for pk, revision in revisions.items()
        if pk not in known
    )
