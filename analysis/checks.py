"""System checks of the add-on's settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from analysis import conf


@checks.register("analysis")
def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Refuse unknown keys of `ANALYSIS` and a tagger that cannot be imported."""
    found: list[checks.CheckMessage] = [
        checks.Error(
            f"ANALYSIS has an unknown key {key!r}.",
            hint=f"Known keys are {', '.join(sorted(conf.SETTINGS))}.",
            id="analysis.E001",
        )
        for key in sorted(set(getattr(settings, "ANALYSIS", {})) - set(conf.SETTINGS))
    ]
    try:
        import_string(conf.TAGGER)
    except ImportError as error:
        found.append(
            checks.Error(
                f"ANALYSIS['TAGGER'] names {conf.TAGGER!r}, which cannot be imported: {error}",
                hint="Give the dotted path of a class that follows analysis.taggers.Tagger.",
                id="analysis.E002",
            )
        )
    return found
