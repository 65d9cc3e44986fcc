"""Who may open the editors' desk. Its views stand behind this."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from comments.gates import staff_page

PERMISSION = "comments.change_tag"


def may_summarise(user: Any) -> bool:
    """Whether a user may see the editors' desk."""
    return bool(user.is_active and user.has_perm(PERMISSION))


for_editors = staff_page(
    may_summarise,
    home="analysis:editors",
    sentence=gettext_lazy(
        "The editors’ desk is for editors. Ask the newsroom to make your account one, or log in with another."
    ),
)
