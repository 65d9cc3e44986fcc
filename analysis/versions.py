"""What was learned about each tag of a thread, as the editors' page shows it: its versions, their figures, the log.

Reads what `analysis.learning` wrote, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from analysis import readings
from analysis.models import LearnedModel, ModelChange
from analysis.taggers import SHOWN_FROM
from analysis.taggers.examples import FEWEST_POSITIVES
from comments.models import Tag, TagAssignment, Thread


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a tag's model, for an editor to judge. Ratios are 0 to 1, cross-validated on its examples."""

    number: int
    is_live: bool
    is_usable: bool
    examples: int
    positives: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    made_at: datetime
    by: str

    @property
    def before_percent(self) -> dict[str, int]:
        return _percent(self.before)

    @property
    def after_percent(self) -> dict[str, int]:
        return _percent(self.after)


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the log: which version began to decide; None is the tagger alone."""

    at: datetime
    from_version: int | None
    to_version: int | None
    is_chosen: bool
    by: str


@dataclass(frozen=True, slots=True)
class LearnedTag:
    """What was learned about a tag.

    Args:
        shown_from: probability from which readers see it, as an editor set it; None: the tagger's own.
        yes, no: how many comments persons said it applies to, or does not.
        missing: comments that it still has to be given before anything can be learned.
        live: number of the version in use.
    """

    tag: Tag
    shown_from: float | None
    is_held: bool
    yes: int
    no: int
    live: int | None
    versions: tuple[Version, ...]
    changes: tuple[Change, ...]

    @property
    def missing(self) -> int:
        return max(0, FEWEST_POSITIVES - self.yes)

    @property
    def percent(self) -> int | None:
        return None if self.shown_from is None else round(100 * self.shown_from)

    @property
    def usual_percent(self) -> int:
        return round(100 * SHOWN_FROM)


def learned_tags(thread: Thread) -> list[LearnedTag]:
    """What was learned about each tag of a thread; five queries."""
    tags = list(Tag.objects.filter(thread=thread).select_related("definition", "thread"))
    said: dict[tuple[int, str], int] = {}
    rows = TagAssignment.objects.filter(tag__in=tags, source=TagAssignment.Source.PERSON).order_by()
    for pk, verdict in rows.values_list("tag_id", "verdict"):
        said[pk, verdict] = said.get((pk, verdict), 0) + 1
    scorer = readings.scorer_of(readings.current_tagger())
    versions: dict[int, list[Version]] = {}
    models = LearnedModel.objects.filter(tag__in=tags).defer("state").select_related("by").order_by("-version")
    for model in models:
        versions.setdefault(model.tag_id, []).append(
            Version(
                number=model.version,
                is_live=model.is_live,
                is_usable=model.scorer == scorer,
                examples=model.examples,
                positives=model.positives,
                before=model.before,
                after=model.after,
                made_at=model.created_at,
                by=model.by.get_username() if model.by else "",
            )
        )
    changes: dict[int, list[Change]] = {}
    for change in ModelChange.objects.filter(tag__in=tags).select_related("by").order_by("-pk")[:500]:
        changes.setdefault(change.tag_id, []).append(
            Change(
                at=change.at,
                from_version=change.from_version,
                to_version=change.to_version,
                is_chosen=change.is_chosen,
                by=change.by.get_username() if change.by else "",
            )
        )
    found = []
    for tag in tags:
        definition = getattr(tag, "definition", None)
        mine = versions.get(tag.pk, [])
        found.append(
            LearnedTag(
                tag=tag,
                shown_from=definition.shown_from if definition else None,
                is_held=bool(definition and definition.is_held),
                yes=said.get((tag.pk, TagAssignment.Verdict.YES), 0),
                no=said.get((tag.pk, TagAssignment.Verdict.NO), 0),
                live=next((version.number for version in mine if version.is_live), None),
                versions=tuple(mine),
                changes=tuple(changes.get(tag.pk, [])[:10]),
            )
        )
    return found


def _percent(figures: Mapping[str, float]) -> dict[str, int]:
    return {name: round(100 * figures.get(name, 0.0)) for name in ("precision", "recall", "f1")}
