"""The verbs of tagging: tag a comment, tag what is untagged, adopt a taxonomy, say how sure a tag has to be.

Repeatable: twice is once, keyed by comment and revision. A person's word is never overwritten (`comments.tagging` sees
to that). Tasks, receivers, the admin, the editors' desk and `seed` call these.

What a tagger has read of a thread before it reads a comment is its *reading*: the definitions, the models that
corrections taught, and how many of the thread's first comments showed it which words are common there. The last grows
in steps (`level_of`), each twice the one before, and each has the comments tagged anew: so the tags of a comment depend
on what the thread holds and not on when a worker came by, and a thread costs at most twice.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis import backends, conf, vectors
from analysis.models import Definition, LearnedModel, TaggingRun, ThreadReading
from analysis.taggers import (
    SHOWN_FROM,
    UNCERTAIN_FROM,
    LabelledText,
    PreparedTagger,
    Tagged,
    Tagger,
    TaggingContext,
    Verdict,
)
from analysis.taggers.examples import stems_of
from analysis.taggers.learned import LearnedError, TagModel
from analysis.taxonomy import ArticleTaxonomy, TagDefinition
from comments import tagging
from comments.errors import InvalidFields
from comments.models import Comment, Tag, TagAssignment, Thread
from comments.tagging import MachineTag, MachineWord

log = logging.getLogger(__name__)

FIRST_LEVEL = 30
"""Comments from which on a thread's own words are believed; below, taggers use values that hold everywhere."""

BATCH = 100
"""Comments whose tags one transaction stores: long enough to be quick, short enough to keep nobody waiting."""

_MAX_READY = 32
_MAX_SCORED = 2_000

Scored = tuple[Sequence[float], frozenset[str]]
"""Of one comment: each tag's probability without any example, in the order of the definitions, and its stems."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A tagger that has read one thread, and what it had read."""

    key: tuple[object, ...]
    base: tuple[object, ...]
    tagger: Tagger
    prepared: PreparedTagger
    definitions: tuple[TagDefinition, ...]
    thresholds: Mapping[str, float]
    level: int
    scored: dict[tuple[int, int], Scored] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Names the reading, but for the thresholds, which need no reading."""
        return blake2b(repr(self.key).encode(errors="replace"), digest_size=8).hexdigest()

    @property
    def scorer(self) -> str:
        """Whose probabilities models build on."""
        return scorer_of(self.tagger)

    @property
    def can_learn(self) -> bool:
        """Whether the tagger says what it would say without examples."""
        return hasattr(self.prepared, "zero_shot")

    def score(self, comment_id: int, revision: int, text: str) -> Scored:
        """What the tagger says of a comment without examples. Kept in memory, for a correction has all examples of its
        thread scored again."""
        found = self.scored.get((comment_id, revision))
        if found is None:
            if len(self.scored) >= _MAX_SCORED:
                self.scored.clear()
            with vectors.of(comment_id):
                found = tuple(self.prepared.zero_shot(text)), stems_of(text)  # type: ignore[attr-defined]
            self.scored[comment_id, revision] = found
        return found


_ready: OrderedDict[int, Ready] = OrderedDict()
"""Prepared taggers of this worker process by thread, the latest last."""


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
        batch = min(BATCH, getattr(current_tagger(), "batch", BATCH))
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


def definitions_of(thread: Thread) -> tuple[TagDefinition, ...]:
    """The tags of a thread as taggers take them."""
    return tuple(definition for definition, _shown_from in _defined(thread))


def current_tagger() -> Tagger:
    """The tagger that the settings name, or what serves in its place."""
    return backends.chosen()


def scorer_of(tagger: Tagger) -> str:
    """The tagger and version on whose probabilities models build."""
    return str(getattr(tagger, "scorer", f"{tagger.name} {tagger.version}"))


def level_of(count: int) -> int:
    """How many of a thread's first comments a tagger reads, as a step: 0 for none, then FIRST_LEVEL and each time twice
    as many, up to `ANALYSIS["CONTEXT_COMMENTS"]`.

    Args:
        count: public comments of the thread.
    """
    level = 0
    while count >= FIRST_LEVEL << level and (level == 0 or FIRST_LEVEL << (level - 1) < conf.CONTEXT_COMMENTS):
        level += 1
    return level


def ready_for(thread: Thread) -> Ready:
    """A tagger that has read this thread; it reads anew where what it had read is no more what stands."""
    tagger = current_tagger()
    defined = _defined(thread)
    definitions = tuple(definition for definition, _shown_from in defined)
    thresholds = {definition.id: shown for definition, shown in defined if shown is not None}
    level = _level(thread)
    live = _live_models(thread)
    base = (tagger.name, tagger.version, definitions, level)
    key = (*base, tuple((row.tag_id, row.version) for row in live))
    ready = _ready.pop(thread.pk, None)
    if ready is None or ready.key != key:
        scored = ready.scored if ready is not None and ready.base == base else {}
        context = TaggingContext(
            title=thread.title,
            texts=_first_texts(thread, level),
            examples=examples_of(thread) if live else (),
            models=_models_from(live),
        )
        prepared = tagger.prepare(definitions, context)
        ready = Ready(key, base, tagger, prepared, definitions, thresholds, level, scored)
    elif ready.thresholds != thresholds:
        ready = Ready(key, base, tagger, ready.prepared, definitions, thresholds, level, ready.scored)
    _ready[thread.pk] = ready
    while len(_ready) > _MAX_READY:
        _ready.popitem(last=False)
    return ready


def examples_of(thread: Thread) -> tuple[LabelledText, ...]:
    """What persons said about the tags of a thread, oldest comment first; tags of which nobody spoke are undecided."""
    rows = TagAssignment.objects.filter(tag__thread=thread, source=TagAssignment.Source.PERSON)
    said: dict[int, tuple[set[str], set[str]]] = {}
    for pk, slug, verdict in rows.values_list("comment_id", "tag__slug", "verdict"):
        said.setdefault(pk, (set(), set()))[verdict == TagAssignment.Verdict.NO].add(slug)
    comments = Comment.objects.filter(pk__in=said).only("html").order_by("pk")
    return tuple(LabelledText(one.text, frozenset(said[one.pk][0]), frozenset(said[one.pk][1])) for one in comments)


def _store_cues(tag: Tag, cues: Sequence[str]) -> bool:
    """Store the cues of a tag; return whether they are other ones."""
    definition, is_new = Definition.objects.get_or_create(tag=tag, defaults={"cues": list(cues)})
    if is_new or definition.cues == list(cues):
        return is_new
    definition.cues = list(cues)
    definition.save(update_fields=["cues"])
    return True


def _defined(thread: Thread) -> tuple[tuple[TagDefinition, float | None], ...]:
    rows = Tag.objects.filter(thread=thread).select_related("definition")
    return tuple(
        (
            TagDefinition(tag.slug, tag.kind, tag.name, tag.description, tuple(one.cues) if one else ()),
            one.shown_from if one else None,
        )
        for tag, one in ((tag, getattr(tag, "definition", None)) for tag in rows)
    )


def _level(thread: Thread) -> int:
    """What the thread's taggers have read, or what they should read by now. It never falls: where comments are taken
    down, nothing is learned from tagging all others anew."""
    found = Thread.objects.filter(pk=thread.pk).values_list("comment_count", "reading__level").first()
    count, stored = found or (0, 0)
    return max(stored or 0, level_of(count))


def _first_texts(thread: Thread, level: int) -> tuple[str, ...]:
    if not level:
        return ()
    size = min(FIRST_LEVEL << (level - 1), conf.CONTEXT_COMMENTS)
    sample = Comment.objects.public().filter(thread=thread).order_by("pk")[:size]
    return tuple(comment.text for comment in sample.only("html"))


def _live_models(thread: Thread) -> list[LearnedModel]:
    return list(LearnedModel.objects.filter(tag__thread=thread, is_live=True).select_related("tag").order_by("tag_id"))


def _models_from(rows: Iterable[LearnedModel]) -> dict[str, TagModel]:
    models = {}
    for row in rows:
        try:
            models[row.tag.slug] = TagModel.from_json(row.state)
        except LearnedError as error:
            log.warning("Version %s of the model of tag %s is not used: %s", row.version, row.tag_id, error)
    return models


def _tag_many(thread: Thread, comments: Sequence[Comment], *, goes_on: bool = False) -> int:
    """Tag comments of one thread and store it in one transaction.

    Args:
        goes_on: log what a tagger raises over one comment, and go on with the others.

    Returns:
        How many were tagged.
    """
    ready = ready_for(thread)
    # The slow part runs before the transaction, so that a long text holds no lock; the verb that stores looks at the
    # revisions again.
    judged = _judged_before(ready, comments)
    for comment in comments:
        if comment.pk in judged:
            continue
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
    models = tuple((row.tag_id, row.version) for row in _live_models(thread))
    if (*ready.base, models) != ready.key:
        return False
    defined = _defined(thread)
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
