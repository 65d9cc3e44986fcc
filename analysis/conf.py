"""The add-on's settings: the one dict `ANALYSIS`, read on each access; see `comments.conf` for the habit."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from comments.conf import Setting

SETTINGS: dict[str, Setting] = {
    "TAGGER": Setting("analysis.taggers.lexical.LexicalTagger", "Dotted path of the tagger."),
    "CONTEXT_COMMENTS": Setting(200, "How many comments of a thread tell the tagger which words are common there."),
    "SWEEP_BATCH": Setting(500, "How many untagged comments one sweep takes up."),
}


def __getattr__(name: str) -> Any:
    """Return the value of a key of `ANALYSIS`, or its default.

    Raises:
        AttributeError: the name is not a setting of this app.
    """
    try:
        setting = SETTINGS[name]
    except KeyError:
        raise AttributeError(name) from None
    return getattr(settings, "ANALYSIS", {}).get(name, setting.default)
