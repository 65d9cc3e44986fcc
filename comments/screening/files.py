"""Screens the texts of a file: reads the lines, asks the same screens as posting does, writes the verdicts.

`manage.py screen_file` calls it. Files are hostile input: a wrong line is refused with its file, its number and what to
do. What only a database could tell (repetition, floods, trust, names of staff) counts as unknown, so none is touched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from comments import conf
from comments.errors import Sentence
from comments.jsonlines import FileError, identity, objects
from comments.languages import language_of
from comments.sanitize import link_targets, link_words, plain_text, render
from comments.screening import screen
from comments.screening.lists import NO_LISTS, WordLists
from comments.screening.verdict import Facts, Outcome
from comments.texts import clean_body, clean_name, clean_website, is_visible


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a comments file: the text, and who signed it where the line says so. `id` goes back as it came."""

    id: str | int
    text: str
    author: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Screened:
    """What would happen to a text: `publish`, `hold` or `spam`, and every reason as (code, detail)."""

    verdict: str
    reasons: tuple[tuple[str, str], ...] = ()


_VERDICTS = {
    Outcome.PUBLISH: "publish",
    Outcome.HOLD: "hold",
    Outcome.SPAM: "spam",
    # The contract of the file knows three words; what is to be rejected is not to be published.
    Outcome.REJECT: "hold",
    # There is nobody here to whom a refusal could be told; a person has to look.
    Outcome.REFUSE: "hold",
}


def read_texts(path: str | Path) -> tuple[TextLine, ...]:
    """Read a file of JSON lines. Blank lines and unknown fields are passed over.

    Raises:
        FileError: the first wrong line.
        OSError: the file cannot be opened.
    """
    found = objects(path, shape='{"id": ..., "text": ...}')
    return tuple(_text_from(fields, place) for _number, place, fields in found)


def screen_text(line: TextLine, lists: WordLists = NO_LISTS) -> Screened:
    """Say what would happen to a text in a discussion that publishes at once.

    Args:
        lists: the word lists of the desk, where they are to count; those of the settings do in any case.
    """
    body, name = clean_body(line.text), clean_name(line.author)
    faults: list[tuple[str, Sentence]] = []
    # The parser is asked about no more than a form would let through.
    html = render(body[: conf.MAX_LENGTH])
    text = plain_text(html)
    if not is_visible(text):
        faults.append(("empty", _("There is nothing to read in this text.")))
    if len(body) > conf.MAX_LENGTH:
        faults.append(("too_long", str(len(body))))
    if len(name) > conf.MAX_NAME_LENGTH:
        faults.append(("name", _("The name is too long.")))
    website = ""
    try:
        website = clean_website(line.website)
    except ValueError:
        faults.append(("website", _("The website is no address that may be linked.")))
    found = screen(
        Facts(
            text=text,
            links=tuple(link_targets(html)),
            link_words=tuple(link_words(html)),
            name=name,
            website=website,
            mode="publish",
            language=language_of(text),
            lists=lists,
        )
    )
    outcome = max(found.outcome, Outcome.HOLD) if faults else found.outcome
    reasons = [*faults, *((verdict.code, verdict.detail) for verdict in found.verdicts)]
    return Screened(_VERDICTS[outcome], tuple((code, str(detail)) for code, detail in reasons))


def screened_line(line: TextLine, screened: Screened) -> str:
    """One line of the answer, without its line break. ASCII, so that a lone surrogate in an id can be written."""
    reasons = [{"code": code, "detail": detail} for code, detail in screened.reasons]
    return json.dumps({"id": line.id, "verdict": screened.verdict, "reasons": reasons})


def _text_from(fields: dict[str, object], place: str) -> TextLine:
    line_id, text = identity(fields, place), fields.get("text")
    if not isinstance(text, str):
        raise FileError(f'{place}: "text" is missing or not a text; write the comment as a JSON string.')
    signed: dict[str, str] = {}
    for field in ("author", "website"):
        value = fields.get(field) or ""
        if not isinstance(value, str):
            raise FileError(f'{place}: "{field}" is not a text; write it as a JSON string, or leave it out.')
        signed[field] = value
    return TextLine(line_id, text, **signed)
