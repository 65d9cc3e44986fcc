"""Tags as neutral labels: define them for a thread, and say which of them a comment carries.

`analysis` speaks for the machine, editors and moderators for themselves; a person's word outranks the machine's for
ever. Nobody else writes Tag, TagAssignment or `tag_mask`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import mailing, signals, tallies
from comments.errors import Refusal
from comments.models import Comment, Status, Tag, TagAssignment, TagSuggestion, Thread
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
class MachineWord:
    """What a tagger says about all tags of one comment.

    Args:
        revision: of the comment, that was read.
        tags: tags of which nothing is said are left out.
    """

    comment_id: int
    revision: int
    tags: tuple[MachineTag, ...] = ()


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
    """Declare all comments of a thread untagged, because its tags mean something else now. Call it in a transaction."""
    tallies.touch(thread.pk)
    read_anew(thread)
    signals.tell(signals.tags_defined, thread=thread)


def read_anew(thread: Thread) -> None:
    """Declare all comments of a thread untagged, because a tagger may say something else now. Call it in a
    transaction, and have the tagger told after it.

    The old tags stay until it has been there again. It is one UPDATE, so a worker that dies half-way leaves the rest to
    the sweep.
    """
    Comment.objects.filter(thread=thread, tagged_revision__gt=0).exclude(status="withdrawn").update(tagged_revision=0)


def hold_tags(thread: Thread) -> None:
    """Keep others from changing the tags of a thread until the caller's transaction ends."""
    tallies.lock(thread.pk)


def assign_by_machine(comment: Comment, *, revision: int, tags: Iterable[MachineTag]) -> bool:
    """Store what a tagger said about a revision of a comment, in place of what it said before.

    Returns:
        False, and nothing is stored, where the comment has another revision by now.
    """
    return bool(assign_many_by_machine(comment.thread_id, [MachineWord(comment.pk, revision, tuple(tags))]))


def assign_many_by_machine(thread_id: int, words: Sequence[MachineWord]) -> set[int]:
    """Store what a tagger said about comments of one thread, in place of what it said before.

    Call it inside the transaction that also stores the tagger's run. Tags that the thread does not have any more are
    passed over, and so is what a person has denied. What stands already is not written again: a thread that is tagged
    anew with little change costs little.

    Returns:
        The comments of which it was stored; one that has another revision by now, or is withdrawn, is not among them.
    """
    tallies.lock(thread_id)
    said = {word.comment_id: word for word in words}
    rows = Comment.objects.filter(pk__in=said, thread=thread_id).exclude(status=Status.WITHDRAWN)
    current = {
        row.pk: row for row in rows.defer("markup", "html", "screening") if row.revision == said[row.pk].revision
    }
    tags = {tag.slug: tag for tag in Tag.objects.filter(thread=thread_id)}
    bits = {tag.pk: tag.bit for tag in tags.values()}
    stands = _stands_of(current)
    gone: list[int] = []
    fresh: list[TagAssignment] = []
    masks: list[tuple[Comment, int]] = []
    is_news = False
    for pk, comment in sorted(current.items()):
        persons, before = stands.get(pk, ({}, {}))
        # A tagger that names a tag twice would run into the table's constraint; the last word holds.
        wanted = {
            tags[one.slug].pk: _machine_row(comment, tags[one.slug], one) for one in said[pk].tags if one.slug in tags
        }
        wanted = {tag: row for tag, row in wanted.items() if persons.get(tag) != TagAssignment.Verdict.NO}
        stays = {tag for tag, row in wanted.items() if tag in before and _is_same(before[tag], row)}
        gone += [row.pk for tag, row in before.items() if tag not in stays]
        fresh += [row for tag, row in wanted.items() if tag not in stays]
        changed = [row for rows in (before, wanted) for tag, row in rows.items() if tag not in stays]
        is_news |= comment.is_public and any(row.verdict == TagAssignment.Verdict.YES for row in changed)
        verdicts = {tag: row.verdict for tag, row in wanted.items()} | persons
        yes = (tag for tag, verdict in verdicts.items() if verdict == TagAssignment.Verdict.YES)
        masks.append((comment, sum(1 << bits[tag] for tag in yes)))
    if gone:
        TagAssignment.objects.filter(pk__in=gone).delete()
    TagAssignment.objects.bulk_create(fresh)
    retagged = [comment for comment, mask in masks if mask != comment.tag_mask]
    if not tallies.retag_many(thread_id, masks) and is_news:
        # The tags stand as they stood, but their reasons or confidences, which readers and the API see, do not.
        tallies.touch(thread_id)
    for comment in retagged:
        mailing.queue_tag_news(comment)
    Comment.objects.filter(pk__in=current).update(tagged_revision=F("revision"))
    return set(current)


def correct(comment: Comment, tag: Tag, *, applies: bool, by: User) -> TagAssignment:
    """Store a person's word on whether a tag applies. It outranks the machine's for ever.

    Readers' suggestions about it are settled by it.

    Raises:
        Refusal: the tag belongs to another thread (404), or the comment is withdrawn (422).
    """
    if tag.thread_id != comment.thread_id:
        raise Refusal("unknown_tag", _("This discussion has no such tag."), status=404)
    with transaction.atomic():
        (word,) = _say(comment, {tag: applies}, by=by)
        signals.tell(signals.tags_corrected, comment=comment, tag=tag, applies=applies, by=by)
    return word


def deny_all(comment: Comment, *, by: User) -> list[TagAssignment]:
    """Store a person's word that no tag of the thread applies: a NO for each that it has now. What the machine said is
    taken away.

    Raises:
        Refusal: the thread has no tags, or the comment is withdrawn (422).
    """
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        tags = list(Tag.objects.filter(thread=comment.thread_id))
        if not tags:
            raise Refusal("no_tags", _("This discussion has no tags that could be denied."), status=422)
        TagAssignment.objects.filter(comment=comment, source=TagAssignment.Source.MACHINE).delete()
        words = _say(comment, dict.fromkeys(tags, False), by=by)
        signals.tell(signals.tags_corrected, comment=comment, tag=None, applies=False, by=by)
    return words


def _say(comment: Comment, words: Mapping[Tag, bool], *, by: User) -> list[TagAssignment]:
    """Store a person's words on tags of the comment's thread, inside a transaction."""
    tallies.lock(comment.thread_id)
    current = Comment.objects.get(pk=comment.pk)
    if current.status == Status.WITHDRAWN:
        raise Refusal("withdrawn", _("A withdrawn comment has no text to tag any more."), status=422)
    # Read under the lock, so that times rise with the order of the words: `analysis` asks what came after a time.
    now = timezone.now()
    said = []
    for tag, applies in words.items():
        verdict = TagAssignment.Verdict.YES if applies else TagAssignment.Verdict.NO
        word, _made = TagAssignment.objects.update_or_create(
            comment=current,
            tag=tag,
            source=TagAssignment.Source.PERSON,
            defaults={"verdict": verdict, "by": by, "at": now},
        )
        said.append(word)
    TagSuggestion.objects.filter(comment=current, tag__in=words, settled_at__isnull=True).update(settled_at=now)
    mask = _mask(current)
    if mask == current.tag_mask and current.is_public:
        # The tag stood already; that a person confirmed it is news to readers all the same.
        tallies.touch(current.thread_id)
    tallies.retag(current, mask)
    mailing.queue_tag_news(current)
    comment.tag_mask = current.tag_mask
    return said


def _stands_of(
    comment_ids: Iterable[int],
) -> dict[int, tuple[dict[int, str], dict[int, TagAssignment]]]:
    """What stands about comments: for each what persons said, and the machine's rows, by tag."""
    stands: dict[int, tuple[dict[int, str], dict[int, TagAssignment]]] = {}
    for row in TagAssignment.objects.filter(comment__in=comment_ids):
        persons, machine = stands.setdefault(row.comment_id, ({}, {}))
        if row.source == TagAssignment.Source.PERSON:
            persons[row.tag_id] = row.verdict
        else:
            machine[row.tag_id] = row
    return stands


def _machine_row(comment: Comment, tag: Tag, said: MachineTag) -> TagAssignment:
    return TagAssignment(
        comment=comment,
        tag=tag,
        source=TagAssignment.Source.MACHINE,
        verdict=TagAssignment.Verdict.YES if said.is_sure else TagAssignment.Verdict.UNSURE,
        confidence=round(said.confidence, 4),
        evidence=[list(span) for span in said.evidence],
    )


def _is_same(one: TagAssignment, other: TagAssignment) -> bool:
    return (one.verdict, one.confidence, one.evidence) == (other.verdict, other.confidence, other.evidence)


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
