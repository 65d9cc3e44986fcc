"""System checks: settings that are misspelt, contradictory or unsafe are said at start, with an id and a hint."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from comments import conf

NAME_COLUMN = 150
"""Characters that `Comment.author_name` holds."""


@checks.register("comments")
def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Refuse unknown keys of `COMMENTS`, screens that cannot be imported, and an unknown mode."""
    found: list[checks.CheckMessage] = [
        checks.Error(
            f"COMMENTS has an unknown key {key!r}.",
            hint=f"Known keys are {', '.join(sorted(conf.SETTINGS))}.",
            id="comments.E001",
        )
        for key in sorted(set(getattr(settings, "COMMENTS", {})) - set(conf.SETTINGS))
    ]
    for path in conf.SCREENS:
        try:
            import_string(path)
        except ImportError as error:
            found.append(
                checks.Error(
                    f"COMMENTS['SCREENS'] names {path!r}, which cannot be imported: {error}",
                    hint="Give the dotted path of a function that takes Facts and returns a Verdict or None.",
                    id="comments.E002",
                )
            )
    from comments.models import Mode  # models are not ready when this module is imported

    if conf.MODE not in Mode.values:
        found.append(
            checks.Error(
                f"COMMENTS['MODE'] is {conf.MODE!r}.",
                hint=f"Choose one of {', '.join(Mode.values)}.",
                id="comments.E003",
            )
        )
    if conf.MAX_NAME_LENGTH > NAME_COLUMN:
        found.append(
            checks.Error(
                f"COMMENTS['MAX_NAME_LENGTH'] is {conf.MAX_NAME_LENGTH}; a name can be stored up to {NAME_COLUMN}.",
                hint=f"Choose at most {NAME_COLUMN}.",
                id="comments.E004",
            )
        )
    if conf.FLOOD_HOLD > conf.FLOOD_REFUSE:
        found.append(
            checks.Warning(
                "COMMENTS['FLOOD_HOLD'] lies above COMMENTS['FLOOD_REFUSE'], so nothing is ever held for flooding.",
                hint="Choose a FLOOD_HOLD below FLOOD_REFUSE.",
                id="comments.W001",
            )
        )
    return found


@checks.register("comments", deploy=True)
def check_keys(**_: Any) -> list[checks.CheckMessage]:
    """Warn where addresses are sealed with keys that other parts of the site use as well."""
    if conf.ADDRESS_KEYS and settings.SECRET_KEY not in conf.ADDRESS_KEYS:
        return []
    return [
        checks.Warning(
            "Addresses are sealed with SECRET_KEY.",
            hint="Give COMMENTS['ADDRESS_KEYS'] secrets of its own, so that SECRET_KEY can be changed without them.",
            id="comments.W002",
        )
    ]
