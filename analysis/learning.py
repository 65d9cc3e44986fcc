"""The verbs of learning: people's corrections become examples, examples a model of each tag, with the figures before
and after; an editor may go back to an earlier one, or to none.

A correction changes nothing here by itself: the task `analysis.tasks.retag_thread` calls `learn` after it, and the
sweep where the task was lost. What is learned is a function of what stands (texts, definitions, persons' words) and
not of the order in which it came about, unless an editor chose. Persons' words are read and never written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis import readings
from analysis.models import Definition, LearnedModel, ModelChange
from analysis.readings import Ready
from analysis.taggers import LabelledText
from analysis.taggers.examples import train
from analysis.taggers.learned import TagModel
from comments import tagging
from comments.errors import Refusal
from comments.models import Comment, Tag, TagAssignment, Thread

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

MOST_EXAMPLES = 1_000
"""Of a tag; of more, those on the latest comments."""

KEPT_VERSIONS = 20
"""Versions of a tag's model that are kept to go back to, the one in use not counted. A correction makes one each."""

_PERSON = TagAssignment.Source.PERSON
_YES = TagAssignment.Verdict.YES


@dataclass(frozen=True, slots=True, order=True)
class _Word:
    """What a person said about a tag of a comment, as an example."""

    comment_id: int
    revision: int
    applies: bool
    at: datetime
    by_id: int | None


# --- learning --------------------------------------------------------------------------------------------------------


def learn(thread: Thread) -> int:
    """Learn from everything that persons have said about the tags of a thread, and about the same tags in earlier ones.

    From three positives on a tag gets a model, where cross-validation says that it is better than the tagger alone; the
    newest such model decides, unless an editor chose another. Where another begins to decide, the thread's comments
    count as untagged: have them tagged after this. Repeatable; where nothing new was said it costs four queries.

    Returns:
        How many tags have another model in use now.
    """
    tags = list(Tag.objects.filter(thread=thread).select_related("definition"))
    words = _words_of(thread, tags)
    known = {tag.pk: tag.definition.learned_from for tag in tags if hasattr(tag, "definition")}
    if not any(words.values()) and not any(known.values()):
        return 0
    ready = readings.ready_for(thread)
    changed = 0
    for number, definition in enumerate(ready.definitions):
        tag = next((tag for tag in tags if tag.slug == definition.id), None)
        if tag is None:
            continue
        said = words.get(tag.pk, [])
        digest = _digest(ready, said)
        if digest != known.get(tag.pk, ""):
            changed += _refit(tag, number, said, ready, digest=digest)
        elif said:
            # Somebody said the same once more: nothing to learn, and nothing left to do for the sweep.
            Definition.objects.filter(tag=tag).update(learned_at=max(word.at for word in said))
    return changed


def due_threads(*, limit: int) -> list[int]:
    """Threads in which somebody corrected a tag since it was last learned from, or whose models build on another
    tagger than the present one."""
    fresh = TagAssignment.objects.filter(source=_PERSON).exclude(tag__definition__learned_at__gte=F("at"))
    found = set(fresh.order_by().values_list("tag__thread_id", flat=True).distinct()[:limit])
    scorer = readings.scorer_of(readings.current_tagger())
    stale = LearnedModel.objects.filter(is_live=True, tag__definition__is_held=False).exclude(scorer=scorer)
    found |= set(stale.order_by().values_list("tag__thread_id", flat=True).distinct()[:limit])
    return sorted(found)[:limit]


def heirs_of(thread: Thread) -> list[int]:
    """Later threads whose tags may have learned from this one."""
    names = list(Tag.objects.filter(thread=thread).values_list("slug", flat=True))
    later = Tag.objects.filter(slug__in=names, thread__gt=thread.pk).order_by("thread_id")
    return list(later.filter(learned_models__isnull=False).values_list("thread_id", flat=True).distinct())


def go_back(tag: Tag, version: int | None, *, by: User) -> None:
    """Let an earlier version of a tag's model decide, or none. It holds until an editor lets the figures decide again;
    meanwhile new versions are made and wait. The thread is tagged anew in the background.

    Raises:
        Refusal: there is no such version (404).
    """
    with transaction.atomic():
        tagging.hold_tags(tag.thread)
        to = None
        if version is not None:
            to = LearnedModel.objects.filter(tag=tag, version=version).first()
            if to is None:
                raise Refusal("unknown_version", _("This version is not kept any more. Choose another."), status=404)
        Definition.objects.get_or_create(tag=tag)
        Definition.objects.filter(tag=tag).update(is_held=True)
        if _let_decide(tag, to, by=by):
            tagging.tags_changed(tag.thread)


def let_figures_decide(tag: Tag) -> None:
    """End what `go_back` began: from now on the newest model decides, where it is better."""
    with transaction.atomic():
        tagging.hold_tags(tag.thread)
        if Definition.objects.filter(tag=tag, is_held=True).update(is_held=False, learned_from="", learned_at=None):
            tagging.tags_changed(tag.thread)


# --- inside ----------------------------------------------------------------------------------------------------------


def _words_of(thread: Thread, tags: Sequence[Tag]) -> dict[int, list[_Word]]:
    """By tag, what persons said about it, and about the same tag of earlier threads: same slug, kind and name."""
    mine = {_identity(tag.slug, tag.kind, tag.name, tag.description): tag.pk for tag in tags}
    earlier = Tag.objects.filter(slug__in=[tag.slug for tag in tags], thread__lt=thread.pk)
    owners = {tag.pk: tag.pk for tag in tags}
    for pk, *traits in earlier.values_list("pk", "slug", "kind", "name", "description"):
        owner = mine.get(_identity(*traits))
        if owner is not None:
            owners[pk] = owner
    words: dict[int, list[_Word]] = {}
    rows = TagAssignment.objects.filter(tag__in=owners, source=_PERSON).order_by("comment_id")
    for tag_id, comment_id, revision, verdict, at, by_id in rows.values_list(
        "tag_id", "comment_id", "comment__revision", "verdict", "at", "by_id"
    ):
        words.setdefault(owners[tag_id], []).append(_Word(comment_id, revision, verdict == _YES, at, by_id))
    return {tag: said[-MOST_EXAMPLES:] for tag, said in words.items()}


def _identity(slug: str, kind: str, name: str, description: str) -> tuple[str, str, str]:
    return slug, kind, name or description


def _digest(ready: Ready, words: Iterable[_Word]) -> str:
    """Names what a model would be made from; empty where there is nothing."""
    said = [(word.comment_id, word.revision, word.applies) for word in words]
    made_from = repr((ready.base, ready.scorer, said)).encode(errors="replace")
    return blake2b(made_from, digest_size=8).hexdigest() if said else ""


def _refit(tag: Tag, number: int, words: Sequence[_Word], ready: Ready, *, digest: str) -> bool:
    """Make the model that these words teach, and let it decide; return whether another decides now.

    Args:
        number: the tag's place among the definitions.
    """
    comments = {
        comment.pk: comment
        for comment in Comment.objects.filter(pk__in=[word.comment_id for word in words]).only("html", "revision")
    }
    found = [word for word in words if word.comment_id in comments]
    vocabulary: set[str] = set()
    model = None
    if ready.can_learn and found:
        scored = [ready.score(one.comment_id, one.revision, comments[one.comment_id].text) for one in found]
        vocabulary.update(*(stems for _scores, stems in scored))
        examples = [_example(tag.slug, comments[one.comment_id].text, one.applies) for one in found]
        try:
            model = train(
                ready.definitions[number],
                examples,
                [scores[number] for scores, _stems in scored],
                scorer=ready.scorer,
                stems=[stems for _scores, stems in scored],
            )
        except Exception:  # whatever arithmetic raises: tried again at the next correction, not at each sweep
            log.exception("Nothing could be learned about tag %s.", tag.pk)
    with transaction.atomic():
        tagging.hold_tags(tag.thread)
        if not Tag.objects.filter(pk=tag.pk).exists():
            return False
        definition, _made = Definition.objects.get_or_create(tag=tag)
        latest = max(words, key=lambda word: word.at, default=None)
        version = _store(tag, model, by_id=latest.by_id if latest else None) if model else None
        learned_at = latest.at if latest else None
        Definition.objects.filter(pk=definition.pk).update(learned_from=digest, learned_at=learned_at)
        _unlearn(tag, vocabulary)
        if definition.is_held or not _let_decide(tag, version, by=None):
            return False
        tagging.read_anew(tag.thread)
    return True


def _example(slug: str, text: str, applies: bool) -> LabelledText:
    carried = frozenset({slug})
    return LabelledText(text, carried, frozenset()) if applies else LabelledText(text, frozenset(), carried)


def _store(tag: Tag, model: TagModel, *, by_id: int | None) -> LearnedModel:
    """Keep a model as a new version, unless it says what the latest one says; old versions go."""
    state = model.to_json()
    latest = LearnedModel.objects.filter(tag=tag).order_by("-version").first()
    if latest is not None and latest.state == state:
        return latest
    made = LearnedModel.objects.create(
        tag=tag,
        version=latest.version + 1 if latest else 1,
        state=state,
        before=asdict(model.before),
        after=asdict(model.after),
        examples=model.examples,
        positives=model.positives,
        scorer=model.scorer,
        by_id=by_id,
    )
    others = LearnedModel.objects.filter(tag=tag, is_live=False).order_by("-version").values_list("pk", flat=True)
    LearnedModel.objects.filter(pk__in=list(others[KEPT_VERSIONS:])).delete()
    return made


def _unlearn(tag: Tag, vocabulary: set[str]) -> None:
    """Take words that no example holds any more out of all versions: where a text was erased, what it taught goes with
    it."""
    for model in LearnedModel.objects.filter(tag=tag):
        weights = model.state.get("weights", {})
        kept = {stem: weight for stem, weight in weights.items() if stem in vocabulary}
        if len(kept) < len(weights):
            model.state = {**model.state, "weights": kept}
            model.save(update_fields=["state"])


def _let_decide(tag: Tag, model: LearnedModel | None, *, by: User | None) -> bool:
    """Put a version into use and log it, inside a transaction that holds the thread.

    Args:
        model: None for the tagger alone.
        by: the editor who chose it; None: its figures did.

    Returns:
        Whether another one was in use before.
    """
    live = LearnedModel.objects.filter(tag=tag, is_live=True).first()
    if (live.pk if live else None) == (model.pk if model else None):
        return False
    # One after the other: the table takes one live version of a tag at a time.
    if live is not None:
        LearnedModel.objects.filter(pk=live.pk).update(is_live=False)
    if model is not None:
        LearnedModel.objects.filter(pk=model.pk).update(is_live=True)
    ModelChange.objects.create(
        tag=tag,
        from_version=live.version if live else None,
        to_version=model.version if model else None,
        is_chosen=by is not None,
        by=by,
        at=timezone.now(),
    )
    return True
