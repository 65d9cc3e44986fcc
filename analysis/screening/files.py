"""Reads files of labelled comments, and files of models, as `manage.py train_screen` and `score_screen` take them.

Files are hostile input: a wrong line is refused with its file, its number and what to do. No database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from analysis.screening.measures import LABELS
from analysis.screening.model import Model, StateError, from_json
from analysis.screening.training import Example
from comments import conf
from comments.jsonlines import FileError, identity, objects
from comments.sanitize import link_targets, plain_text, render
from comments.screening.verdict import Facts
from comments.texts import clean_body, clean_name, clean_website

_SHAPE = '{"id": ..., "text": ..., "label": "spam"}'


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """One line: what was written, and what a person said about it. `id` is given back as it came."""

    id: str | int
    label: str
    facts: Facts

    def example(self) -> Example:
        """To learn from. Each line counts as somebody else's: whose it is cannot be known."""
        facts = self.facts
        return Example(self.label, facts.text, str(self.id), facts.name, facts.website, facts.links)


def read_labelled(path: str | Path) -> tuple[LabelledLine, ...]:
    """Read a file of JSON lines. Blank lines and unknown fields are passed over.

    Raises:
        FileError: the first wrong line, or there is none.
        OSError: the file cannot be opened.
    """
    found: list[LabelledLine] = []
    seen: dict[str | int, int] = {}
    for number, place, fields in objects(path, shape=_SHAPE):
        line = _line(fields, place)
        if line.id in seen:
            raise FileError(
                f"{place}: the id {json.dumps(line.id)} stands on line {seen[line.id]} already; change one."
            )
        seen[line.id] = number
        found.append(line)
    if not found:
        raise FileError(f"{path}: there is no line in it; write {_SHAPE} on each.")
    return tuple(found)


def read_model(path: str | Path) -> Model:
    """Read what `train_screen --out` wrote.

    Raises:
        FileError: it is no such file.
        OSError: it cannot be opened.
    """
    content = Path(path).read_bytes()
    try:
        return from_json(json.loads(content.decode("utf-8")))
    except StateError as error:
        raise FileError(f"{path}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: not valid JSON; make one with `manage.py train_screen`.") from error


def _line(fields: dict[str, object], place: str) -> LabelledLine:
    line_id, text, label = identity(fields, place), fields.get("text"), fields.get("label")
    if not isinstance(text, str):
        raise FileError(f'{place}: "text" is missing or not a text; write the comment as a JSON string.')
    if not isinstance(label, str) or label not in LABELS:
        raise FileError(f'{place}: "label" is none of {", ".join(LABELS)}; write what a moderator would decide.')
    signed = {"author": "", "website": ""}
    for field in signed:
        value = fields.get(field)
        if value is not None and not isinstance(value, str):
            raise FileError(f'{place}: "{field}" is not a text; write it as a JSON string, or leave it out.')
        signed[field] = value or ""
    # As it is done with what is posted, so that what is learned here is met there.
    html = render(clean_body(text)[: conf.MAX_LENGTH])
    try:
        website = clean_website(signed["website"])
    except ValueError:
        website = signed["website"][:300]
    name = clean_name(signed["author"])[:200]
    facts = Facts(text=plain_text(html), links=tuple(link_targets(html)), name=name, website=website)
    return LabelledLine(line_id, label, facts)
