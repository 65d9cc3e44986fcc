"""The add-on's settings: the one dict `ANALYSIS`, read on each access; see `comments.conf` for the habit."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from comments.conf import Setting

SETTINGS: dict[str, Setting] = {
    "TAGGER": Setting("lexical", "Who tags: `lexical`, `embeddings`, `llm`, or the dotted path of a class of yours."),
    "CONTEXT_COMMENTS": Setting(200, "How many comments of a thread tell the tagger which words are common there."),
    "SWEEP_BATCH": Setting(500, "How many untagged comments one sweep takes up."),
    "LEARN_DELAY": Setting(
        2, "Seconds after a correction in which further ones are waited for; then all are learned from."
    ),
    "SCREEN_ERROR": Setting(
        0.01, "Share of good comments that the learned screen may mark as spam, until somebody chooses on the desk."
    ),
    "SCREEN_HOLD_ERROR": Setting(
        0.05, "Share of good comments that it may hold in vain, until somebody chooses on the desk."
    ),
    "SCREEN_RETRAIN": Setting(
        50, "New decisions of moderators after which the screen learns anew; `0`: it learns nothing by itself."
    ),
    "MODEL_DIR": Setting(
        "",
        "Folder of the sentence model that `embeddings` reads; empty: `models/all-MiniLM-L6-v2` in `VAR_DIR`, where "
        "`manage.py fetch_model` puts it.",
    ),
    "LLM_URL": Setting(
        "",
        "Base address of the OpenAI-compatible endpoint that `llm` asks, such as `http://localhost:11434/v1`. "
        "Comments and tag definitions are sent there.",
    ),
    "LLM_MODEL": Setting("", "The model that it asks for."),
    "LLM_KEY": Setting("", "Key of the endpoint, sent as `Authorization: Bearer`; empty: none is sent."),
    "LLM_SECONDS": Setting(20.0, "Seconds for one question; after that the local tagger decides."),
    "LLM_BUDGET": Setting(1000, "Questions a day (UTC), counted in the cache; beyond, the local tagger decides."),
    "LLM_OPTIONS": Setting({"temperature": 0}, "Fields added to each question."),
    "LLM_LOCAL": Setting(
        "lexical", "The local tagger behind `llm`, `lexical` or `embeddings`: it decides where no answer can be used."
    ),
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
