"""What a screen answers, and what it is asked about. Plain data: no database, no request."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from comments.errors import Sentence
from comments.screening.lists import NO_LISTS, WordLists


class Outcome(enum.IntEnum):
    """What a verdict asks for, in rising order: the strongest of a pipeline wins.

    Spam outranks a rejection: an author is told of a rejection, and a spammer of nothing.
    """

    PUBLISH = 0
    HOLD = 1
    REJECT = 2
    SPAM = 3
    REFUSE = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """One screen's objection, or its score.

    Args:
        outcome: what it asks for; PUBLISH where the screen only says how sure it is.
        code: stable name of the reason, stored with the comment.
        detail: what was found, for the moderator: a word, a number, a link. For a refusal the sentence for the author.
        field: the form field that a refusal belongs to; empty for the whole form.
        status: HTTP status of a refusal.
        retry_after: seconds after which a refused author may try again.
        found: the very words or links that were found, as they stand there, for the desk to mark.
        where: where they stand: `text`, `name`, `website` or `link`; empty where that says nothing.
        risk: how sure a screen that scores is that this is not to be published, from 0 to 1.
    """

    outcome: Outcome
    code: str
    detail: Sentence = ""
    field: str = ""
    status: int = 422
    retry_after: int | None = None
    found: tuple[str, ...] = ()
    where: str = ""
    risk: float | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps somebody from taking part.

    Args:
        is_proven: whether it is they who are blocked, and not only an address that they typed.
        until: when it ends; None for never.
        is_everywhere: whether it holds on the whole site.
    """

    is_proven: bool
    until: datetime | None = None
    is_everywhere: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a screen may look at. `comments.screening.facts` gathers them for a post, `screen_file` from a file.

    Args:
        text: what readers would read.
        links: targets of the links in the text.
        link_words: the words that each of them stands under, in the same order; may be missing.
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
        hold: the block that holds whoever writes, if any.
        near_repeats: recent comments with nearly the same text, by anybody, anywhere on the site.
        language: ISO 639 code of the language of the text; empty where nobody can tell.
        thread_language: that of the discussion, as far as its title tells.
        url: address of the article.
        lists: the site's word lists.
        is_explained: whether a screen that scores names the words behind its score where it objects to nothing, too.
    """

    text: str
    links: tuple[str, ...] = ()
    link_words: tuple[str, ...] = ()
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
    hold: Hold | None = None
    near_repeats: int = 0
    language: str = ""
    thread_language: str = ""
    url: str = ""
    lists: WordLists = NO_LISTS
    is_explained: bool = False


_Scores = TypeVar("_Scores", bound=Callable[[Facts], Any])


def scores(screen: _Scores) -> _Scores:
    """Mark a screen as one that scores words, and nothing but these: the desk asks it once more what drove the score.

    A verdict of such a screen has a `risk`, and the words in `found`, the strongest first.
    """
    screen.scores = True  # type: ignore[attr-defined]
    return screen
