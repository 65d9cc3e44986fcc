"""What a tagger has read of a thread before it reads a comment: its *reading*.

The definitions, the models that corrections taught, and how many of the thread's first comments showed it which words
are common there. The last grows in steps (`level_of`), each twice the one before, and each has the comments tagged
anew: so the tags of a comment depend on what the thread holds and not on when a worker came by, and a thread costs at
most twice. `runs` and `learning` call this; a reading is kept in the worker's memory and writes nothing.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from analysis import backends, conf, vectors
from analysis.models import LearnedModel
from analysis.taggers import LabelledText, PreparedTagger, Tagger, TaggingContext
from analysis.taggers.examples import stems_of
from analysis.taggers.learned import LearnedError, TagModel
from analysis.taxonomy import TagDefinition
from comments.models import Comment, Tag, TagAssignment, Thread

log = logging.getLogger(__name__)

FIRST_LEVEL = 30
"""Comments from which on a thread's own words are believed; below, taggers use values that hold everywhere."""

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


def definitions_of(thread: Thread) -> tuple[TagDefinition, ...]:
    """The tags of a thread as taggers take them."""
    return tuple(definition for definition, _shown_from in defined(thread))


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
    found = defined(thread)
    definitions = tuple(definition for definition, _shown_from in found)
    thresholds = {definition.id: shown for definition, shown in found if shown is not None}
    level = _level(thread)
    live = live_models(thread)
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


def defined(thread: Thread) -> tuple[tuple[TagDefinition, float | None], ...]:
    """The tags of a thread as taggers take them, each with the editor's threshold."""
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


def live_models(thread: Thread) -> list[LearnedModel]:
    """The versions in use, one for a tag at most."""
    return list(LearnedModel.objects.filter(tag__thread=thread, is_live=True).select_related("tag").order_by("tag_id"))


def _models_from(rows: Iterable[LearnedModel]) -> dict[str, TagModel]:
    models = {}
    for row in rows:
        try:
            models[row.tag.slug] = TagModel.from_json(row.state)
        except LearnedError as error:
            log.warning("Version %s of the model of tag %s is not used: %s", row.version, row.tag_id, error)
    return models
