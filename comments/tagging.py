"""Tags as neutral labels: define them for a thread, and say which of them a comment carries.

`analysis` speaks for the machine, editors and moderators for themselves; a person's word outranks the machine's for
ever. Nobody else writes Tag, TagAssignment or `tag_mask`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import signals, tallies
from comments.errors import Refusal
from comments.models import Comment, Status, Tag, TagAssignment, Thread
from comments.models.tag import MAX_TAGS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CORRECT_PERMISSION = "comments.change_tagassignment"


@dataclass(frozen=True, slots=True)
class MachineTag:
    """What a tagger says about one tag of one comment.

    Args:
        slug: the tag.
        confidence: calibrated probability that the comment talks about it, 0 to 1.
        is_sure: whether it is to be shown; otherwise a person should look.
        evidence: (start, end) offsets in characters of `Comment.text`.
    """

    slug: str
    confidence: float
    is_sure: bool
    evidence: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TagSpec:
    """A label as a taxonomy names it."""

    slug: str
    kind: str
    name: str = ""
    description: str = ""


def may_correct(user: object) -> bool:
    """Whether a user's word on a tag counts."""
    return bool(getattr(user, "is_active", False) and user.has_perm(CORRECT_PERMISSION))  # type: ignore[attr-defined]


def define_tags(thread: Thread, specs: Sequence[TagSpec]) -> list[Tag]:
    """Give a thread these tags, in this order: new ones are added, known slugs brought up to date, others removed.

    Where anything changes, all comments of the thread count as untagged in the same transaction, so that nothing is
    forgotten if the process dies; the signal only makes haste.

    Raises:
        Refusal: more tags than a thread can have (422).
    """
    if len(specs) > MAX_TAGS:
        raise Refusal(
            "too_many_tags", _("A discussion can have at most %(limit)d tags.") % {"limit": MAX_TAGS}, status=422
        )
    with transaction.atomic():
        tallies.lock(thread.pk)
        before = list(Tag.objects.filter(thread=thread))
        if [TagSpec(tag.slug, tag.kind, tag.name, tag.description) for tag in before] == list(specs):
            return before
        known = {tag.slug: tag for tag in before}
        for slug in known.keys() - {spec.slug for spec in specs}:
            _remove(known.pop(slug))
        free = _free_bits(known.values())
        tags = []
        for position, spec in enumerate(specs):
            tag = known.get(spec.slug) or Tag(thread=thread, slug=spec.slug, bit=next(free))
            tag.kind, tag.name, tag.description, tag.position = spec.kind, spec.name, spec.description, position
            tag.save()
            tags.append(tag)
        tags_changed(thread)
    return tags


def save_tag(tag: Tag) -> Tag:
    """Store one tag, new or changed, as an editor wrote it.

    Raises:
        Refusal: the thread has as many tags as it can have (422).
    """
    with transaction.atomic():
        tallies.lock(tag.thread_id)
        if tag._state.adding:
            bit = next(_free_bits(Tag.objects.filter(thread=tag.thread_id)), None)
            if bit is None:
                raise Refusal(
                    "too_many_tags",
                    _("A discussion can have at most %(limit)d tags.") % {"limit": MAX_TAGS},
                    status=422,
                )
            tag.bit = bit
        tag.save()
        tags_changed(tag.thread)
    return tag


def remove_tag(tag: Tag) -> None:
    """Remove a tag and take it off every comment, so that its bit can serve another."""
    with transaction.atomic():
        tallies.lock(tag.thread_id)
        _remove(tag)
        tags_changed(tag.thread)


def tags_changed(thread: Thread) -> None:
    """Declare all comments of a thread untagged, because its tags mean something else now. Call it in a transaction.

    The old tags stay until a tagger has been there again. It is one UPDATE, so a worker that dies half-way leaves the
    rest to the sweep.
    """
    tallies.touch(thread.pk)
    Comment.objects.filter(thread=thread, tagged_revision__gt=0).exclude(status="withdrawn").update(tagged_revision=0)
    signals.tell(signals.tags_defined, thread=thread)


def hold_tags(thread: Thread) -> None:
    """Keep others from changing the tags of a thread until the caller's transaction ends."""
    tallies.lock(thread.pk)


def assign_by_machine(comment: Comment, *, revision: int, tags: Iterable[MachineTag]) -> bool:
    """Store what a tagger said about a revision of a comment, in place of what it said before.

    Call it inside the transaction that also stores the tagger's run. Tags that the thread does not have any more are
    passed over.

    Returns:
        False, and nothing is stored, where the comment has another revision by now.
    """
    tallies.lock(comment.thread_id)
    current = Comment.objects.filter(pk=comment.pk, revision=revision).exclude(status="withdrawn").first()
    if current is None:
        return False
    by_slug = {tag.slug: tag for tag in Tag.objects.filter(thread=current.thread_id)}
    machine = TagAssignment.Source.MACHINE
    TagAssignment.objects.filter(comment=current, source=machine).delete()
    TagAssignment.objects.bulk_create(
        TagAssignment(
            comment=current,
            tag=by_slug[said.slug],
            source=machine,
            verdict=TagAssignment.Verdict.YES if said.is_sure else TagAssignment.Verdict.UNSURE,
            confidence=round(said.confidence, 4),
            evidence=[list(span) for span in said.evidence],
        )
        for said in tags
        if said.slug in by_slug
    )
    tallies.retag(current, _mask(current))
    Comment.objects.filter(pk=current.pk).update(tagged_revision=revision)
    return True


def correct(comment: Comment, tag: Tag, *, applies: bool, by: User) -> TagAssignment:
    """Store a person's word on whether a tag applies. It outranks the machine's for ever.

    Raises:
        Refusal: the tag belongs to another thread (404), or the comment is withdrawn (422).
    """
    if tag.thread_id != comment.thread_id:
        raise Refusal("unknown_tag", _("This discussion has no such tag."), status=404)
    verdict = TagAssignment.Verdict.YES if applies else TagAssignment.Verdict.NO
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.get(pk=comment.pk)
        if current.status == Status.WITHDRAWN:
            raise Refusal("withdrawn", _("A withdrawn comment has no text to tag any more."), status=422)
        word, _made = TagAssignment.objects.update_or_create(
            comment=current,
            tag=tag,
            source=TagAssignment.Source.PERSON,
            defaults={"verdict": verdict, "by": by, "at": timezone.now()},
        )
        mask = _mask(current)
        if mask == current.tag_mask and current.is_public:
            # The tag stood already; that a person confirmed it is news to readers all the same.
            tallies.touch(current.thread_id)
        tallies.retag(current, mask)
        comment.tag_mask = current.tag_mask
        signals.tell(signals.tags_corrected, comment=current, tag=tag, applies=applies, by=by)
    return word


def _free_bits(tags: Iterable[Tag]) -> Iterator[int]:
    return iter(sorted(set(range(MAX_TAGS)) - {tag.bit for tag in tags}))


def _remove(tag: Tag) -> None:
    marked = F("tag_mask").bitand(tag.mask)
    carriers = Comment.objects.filter(thread=tag.thread_id).alias(marked=marked).exclude(marked=0)
    for comment in carriers.iterator():
        tallies.retag(comment, comment.tag_mask & ~tag.mask)
    tag.delete()


def _mask(comment: Comment) -> int:
    """The bits of the tags that apply: the machine's, overruled by what persons said."""
    said: dict[int, str] = {}
    rows = TagAssignment.objects.filter(comment=comment).values_list("tag__bit", "source", "verdict")
    for bit, source, verdict in rows:
        if source == TagAssignment.Source.PERSON or bit not in said:
            said[bit] = verdict
    return sum(1 << bit for bit, verdict in said.items() if verdict == TagAssignment.Verdict.YES)
