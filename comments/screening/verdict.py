"""What a screen answers, and what it is asked about. Plain data: no database, no request."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from comments.errors import Sentence


class Outcome(enum.IntEnum):
    """What a verdict asks for, in rising order: the strongest of a pipeline wins."""

    PUBLISH = 0
    HOLD = 1
    SPAM = 2
    REFUSE = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """One screen's objection.

    Args:
        outcome: what it asks for.
        code: stable name of the reason, stored with the comment.
        detail: what was found, for the moderator: a word, a number, a link. For a refusal the sentence for the author.
        field: the form field that a refusal belongs to; empty for the whole form.
        status: HTTP status of a refusal.
        retry_after: seconds after which a refused author may try again.
    """

    outcome: Outcome
    code: str
    detail: Sentence = ""
    field: str = ""
    status: int = 422
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a screen may look at. `comments.screening.facts` gathers them for a post, `screen_file` from a file.

    Args:
        text: what readers would read.
        links: targets of the links in the text.
        name: name as cleaned.
        website: website as cleaned; may be empty.
        honeypot: what stood in the field that people do not see.
        seconds: age of the form when it came back; None where there was no form (the API).
        is_open: whether the thread takes comments.
        mode: mode of the thread.
        is_staff: whether a logged-in member of staff writes.
        is_edit: whether this is a new revision of a comment that stands already.
        client_count: comments from the same client address within the flood window.
        same_reader_repeats: comments with the same text from the same browser in this thread.
        other_repeats: recent comments with the same text, by anybody, anywhere on the site.
        approved_count: public comments of the same person from the same browser.
        staff_names: skeletons of names that belong to staff accounts.
    """

    text: str
    links: tuple[str, ...] = ()
    name: str = ""
    website: str = ""
    honeypot: str = ""
    seconds: float | None = None
    is_open: bool = True
    mode: str = "publish"
    is_staff: bool = False
    is_edit: bool = False
    client_count: int = 0
    same_reader_repeats: int = 0
    other_repeats: int = 0
    approved_count: int = 0
    staff_names: frozenset[str] = frozenset()
