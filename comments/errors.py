"""What can go wrong, in words for the person who caused it.

Verbs raise these; faces turn them into a field error, a 4xx or a JSON refusal. Everybody may import this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from comments.models import Comment

Sentence = str | Promise


class Refusal(Exception):
    """Something that a person asked for and that cannot be done.

    Args:
        code: stable word for programs, `snake_case`.
        detail: a sentence that says what is wrong and what to do.
        status: the HTTP status that fits.
        retry_after: seconds after which trying again makes sense.
    """

    def __init__(self, code: str, detail: Sentence, *, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.status = status
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.detail)


class InvalidFields(Refusal):
    """A draft with faults, each at its field.

    Args:
        fields: field name -> sentences. The key `""` holds what belongs to no single field.
    """

    def __init__(self, fields: Mapping[str, list[Sentence]], *, code: str = "invalid") -> None:
        first = next(iter(fields.values()))[0]
        super().__init__(code, first, status=422)
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a comment stands now, for somebody whose view of it is out of date."""

    status: str
    revision: int
    decided_by: str
    decided_at: Any


class StaleDecision(Refusal):
    """The comment is no longer as the moderator saw it. `comment` is the row as it stands, `standing` who was first."""

    def __init__(self, comment: Comment, standing: Standing, detail: Sentence) -> None:
        super().__init__("stale", detail, status=409)
        self.comment = comment
        self.standing = standing


class IllegalTransition(Refusal):
    """The status may not become what was asked for."""

    def __init__(self, detail: Sentence) -> None:
        super().__init__("illegal_transition", detail, status=422)
