"""The reasons for a rejection, as this site words them: what is offered, and the sentence behind each code.

A row without a sentence has the words that come with the software, in the language of whoever reads. Verbs, faces and
mails ask here; the rows are edited in the admin. A reason that is retired, or gone, stays readable.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from comments.models import Reason, RejectionReason


def offered() -> list[tuple[str, str]]:
    """What a moderator may choose from, in the site's order: code and sentence. One query."""
    rows = Reason.objects.filter(is_offered=True).values_list("code", "sentence")
    return [(code, _worded(code, sentence)) for code, sentence in rows]


def is_offered(code: str) -> bool:
    """Whether a comment may be rejected for this now. One query, or none for what no code can be."""
    if not 0 < len(code) <= 16 or not code.isascii() or "\0" in code:
        return False
    return Reason.objects.filter(code=code, is_offered=True).exists()


def sentence(code: str) -> str:
    """What the author reads; empty for no code. One query."""
    if not code:
        return ""
    return _worded(code, Reason.objects.filter(code=code).values_list("sentence", flat=True).first() or "")


def sentences() -> dict[str, str]:
    """The sentence of every code that this site has or the software knows. One query, for pages with many."""
    found = {code: _worded(code, "") for code in RejectionReason.values}
    for code, said in Reason.objects.values_list("code", "sentence"):
        found[code] = _worded(code, said)
    return found


def worded(code: str, found: dict[str, str]) -> str:
    """The sentence of a code among `sentences()`; empty for no code."""
    return (found.get(code) or _worded(code, "")) if code else ""


def _worded(code: str, said: str) -> str:
    if said:
        return said
    if code in RejectionReason.values:
        return str(RejectionReason(code).label)
    return _("It goes against the rules of the discussion")
