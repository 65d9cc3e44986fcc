"""The reply form as a page has it: where it leads, what it hides, and what the page's script keeps of it.

The canary and its visitors read pages as text, as whoever searches them would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"<form\b[^>]*action=[\"']([^\"']*/post/[^\"']*)[\"'].*?</form>", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(r"<input\b[^>]*type=[\"']hidden[\"'][^>]*>", re.IGNORECASE)
_KEPT = re.compile(r"<[a-z]+\b[^>]*\sdata-keep\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(name|value)=[\"']([^\"']*)[\"']")


@dataclass(frozen=True, slots=True)
class Form:
    """A reply form.

    Args:
        target: path that it is sent to.
        hidden: names and values of its hidden fields.
        kept: names of the fields of which the page's script keeps what is typed.
    """

    target: str
    hidden: dict[str, str]
    kept: tuple[str, ...] = ()


def find_form(page: str, target: str) -> Form | None:
    """The form of a page that is sent to this path; None where there is none."""
    for match in _FORM.finditer(page):
        if match.group(1).startswith(target):
            hidden = [_attributes(tag) for tag in _HIDDEN.findall(match.group())]
            return Form(
                target,
                {pair["name"]: pair.get("value", "") for pair in hidden if "name" in pair},
                tuple(_attributes(tag).get("name", "") for tag in _KEPT.findall(match.group())),
            )
    return None


def _attributes(tag: str) -> dict[str, str]:
    return dict(_ATTRIBUTE.findall(tag))
