"""The shapes of the desk: decisions and undoing go in, queues and results come out. As `comments.api.shapes`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from comments import moderation
from comments.api import shapes
from comments.bulk import MOST_CHOSEN, Choice
from comments.errors import InvalidFields, Refusal, Sentence
from comments.models import ModerationEvent, RejectionReason, Status
from comments.moderation import Seen

# --- In --------------------------------------------------------------------------------------------------------------


@extend_schema_field({"type": "string", "enum": [str(status) for status in moderation.DECISIONS]})
class Verdict(shapes.Text):
    """What is decided. Another word is the verb's to refuse (422), for that decision alone."""


class NewDecision(shapes.Shape):
    """A decision on one comment, and what the moderator was looking at."""

    comment = shapes.Number()
    to = Verdict()
    seen_status = shapes.Choice(choices=Status.choices)
    seen_revision = shapes.Number()
    reason = shapes.Text(
        required=False,
        default="",
        help_text="Needed to reject: the code of one of the site's reasons. It comes with "
        f"{', '.join(f'`{code}`' for code in RejectionReason.values)}; staff may add others, and retire these.",
    )
    note = shapes.Text(required=False, default="", help_text="For the log; 500 characters at most.")
    message = shapes.Text(
        required=False, default="", help_text="To the author; 1,000 characters at most. Who sent spam is told nothing."
    )
    invite = shapes.Flag(
        required=False,
        default=False,
        help_text="Whether the author is asked to revise the text and send it again; only with `rejected`.",
    )


class NewDecisions(shapes.Shape):
    """Decisions, each carried out or refused by itself."""

    decisions = serializers.ListField(child=NewDecision(), min_length=1, max_length=MOST_CHOSEN)


def read_decisions(data: Any) -> list[Choice]:
    """Return the decisions of a body.

    Raises:
        Refusal, InvalidFields: as `read`; a fault in the third decision is at `decisions.2.<field>`.
    """
    if not isinstance(data, dict):
        raise Refusal("not_an_object", _("The body must be a JSON object."))
    items = data.get("decisions")
    if set(data) != {"decisions"} or not isinstance(items, list) or not 1 <= len(items) <= MOST_CHOSEN:
        sentence = _("Send an object with the one field “decisions”: a list of 1 to %(limit)d decisions.")
        raise InvalidFields({"decisions": [sentence % {"limit": MOST_CHOSEN}]})
    found: list[Choice] = []
    faults: dict[str, list[Sentence]] = {}
    for index, item in enumerate(items):
        try:
            found.append(_choice(shapes.read(NewDecision, item)))
        except InvalidFields as refusal:
            faults |= {f"decisions.{index}.{name}": texts for name, texts in refusal.fields.items()}
        except Refusal as refusal:
            faults[f"decisions.{index}"] = [refusal.detail]
    if faults:
        raise InvalidFields(faults)
    return found


class NewUndo(shapes.Shape):
    """What is to be taken back: one decision, or all that were made at once."""

    event = shapes.Number(required=False, help_text="Id of a decision's entry in the log.")
    batch = shapes.Text(required=False, help_text="The `batch` with which decisions were answered.")


def read_undo(data: Any) -> int | UUID:
    """Return the id of a row of the log, or the name of a batch.

    Raises:
        Refusal, InvalidFields: as `shapes.read`; or it is not exactly one of them.
    """
    found = shapes.read(NewUndo, data)
    if len(found) != 1:
        raise InvalidFields({"event": [_("Send either “event” or “batch”.")]})
    if "event" in found:
        return int(found["event"])
    try:
        return UUID(found["batch"])
    except ValueError:
        raise InvalidFields({"batch": [_("This is not the number of a batch.")]}) from None


def _choice(fields: dict[str, Any]) -> Choice:
    seen = Seen(fields["seen_status"], fields["seen_revision"])
    said = {name: fields[name] for name in ("reason", "note", "message", "invite")}
    return Choice(fields["comment"], fields["to"], seen, **said)


# --- Out -------------------------------------------------------------------------------------------------------------


class Objection(shapes.Shape):
    """Why a screen held a comment."""

    code = serializers.CharField()
    detail = serializers.CharField(allow_blank=True, help_text="What was found.")


class ParentComment(shapes.Shape):
    """What a comment answers."""

    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=Status.choices)


class Event(shapes.Shape):
    """What somebody did, from the log; both statuses are empty where it changed none."""

    id = serializers.IntegerField(help_text="For `moderation/undo/`.")
    action = serializers.ChoiceField(choices=ModerationEvent.Action.choices)
    from_status = serializers.CharField(allow_blank=True)
    to_status = serializers.CharField(allow_blank=True)
    actor = serializers.ChoiceField(choices=ModerationEvent.Actor.choices)
    by = serializers.CharField(allow_null=True, help_text="User name of the moderator.")
    reason = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True, help_text="To the author.")
    invited = serializers.BooleanField(help_text="Whether the author was asked to revise the text and send it again.")
    undoes = serializers.IntegerField(allow_null=True, help_text="Id of the entry that this one takes back.")
    revision = serializers.IntegerField()
    at = serializers.DateTimeField()


class QueueCard(shapes.Comment):
    """A comment as a moderator sees it."""

    thread_title = serializers.CharField(allow_blank=True)
    body = serializers.CharField(allow_blank=True, help_text="As typed.")
    reason = serializers.CharField(allow_blank=True, help_text="Why it was rejected.")
    screening = Objection(many=True)
    report_count = serializers.IntegerField(help_text="Open complaints.")
    reports = shapes.ReportMade(many=True, help_text="Open complaints, newest first; 20 at most.")
    parent_comment = ParentComment(allow_null=True)
    events = Event(many=True, help_text="What happened to it last, newest first; 5 at most.")


class QueueCount(shapes.Shape):
    """How many comments a queue holds; counted up to 1,000."""

    count = serializers.IntegerField(max_value=1000)
    more = serializers.BooleanField()


class QueueCounts(shapes.Shape):
    """The length of each queue."""

    pending = QueueCount()
    reported = QueueCount()
    spam = QueueCount()
    rejected = QueueCount()
    sample = QueueCount()
    all = QueueCount()


class QueuePage(shapes.Shape):
    """A page of a queue."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    counts = QueueCounts()
    results = QueueCard(many=True)


class DecisionResult(shapes.Shape):
    """What became of one decision. With 409, `status` and the fields behind it tell what stands there now."""

    comment = serializers.IntegerField()
    status_code = serializers.ChoiceField(choices=[200, 403, 404, 409, 422, 503])
    changed = serializers.BooleanField(required=False, help_text="With 200: false where that had been done already.")
    event = serializers.IntegerField(
        required=False, allow_null=True, help_text="With 200: id of its entry in the log; null where nothing changed."
    )
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False, help_text="What is wrong and what to do.")
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    revision = serializers.IntegerField(required=False)
    decided_by = serializers.CharField(required=False, allow_blank=True)
    decided_at = serializers.DateTimeField(required=False, allow_null=True)


class DecisionResults(shapes.Shape):
    """A result for each decision, in their order."""

    batch = serializers.UUIDField(help_text="Names all of them, for `moderation/undo/`.")
    results = DecisionResult(many=True)


class UndoResult(DecisionResult):
    """What became of one decision that was to be taken back. With 409, `status` and the fields behind it tell what
    stands there now."""

    undoes = serializers.IntegerField(help_text="Id of the entry that was to be taken back.")


class UndoResults(shapes.Shape):
    """A result for each decision, the last first."""

    results = UndoResult(many=True)
