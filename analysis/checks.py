"""System checks of the add-on's settings, and of what the tagger that they name needs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from analysis import backends, conf
from analysis.taggers.llm_endpoint import fault_in
from analysis.taggers.weights import ModelAltered, ModelFault
from comments import conf as discussion

_FETCH = "`manage.py fetch_model` fetches the published file. Until then the lexical tagger serves."


@checks.register("analysis")
def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Refuse unknown keys of `ANALYSIS` and a tagger that cannot be made."""
    found: list[checks.CheckMessage] = [
        checks.Error(
            f"ANALYSIS has an unknown key {key!r}.",
            hint=f"Known keys are {', '.join(sorted(conf.SETTINGS))}.",
            id="analysis.E001",
        )
        for key in sorted(set(getattr(settings, "ANALYSIS", {})) - set(conf.SETTINGS))
    ]
    if conf.TAGGER == "embeddings" or (conf.TAGGER == "llm" and conf.LLM_LOCAL == "embeddings"):
        found += _faults_of_the_model()
    if conf.TAGGER == "llm":
        found += _faults_of_the_endpoint()
    if conf.TAGGER not in backends.NAMES:
        found += _faults_of_the_path()
    return found


def _faults_of_the_path() -> list[checks.CheckMessage]:
    try:
        import_string(conf.TAGGER)
    except ImportError as error:
        return [
            checks.Error(
                f"ANALYSIS['TAGGER'] names {conf.TAGGER!r}, which cannot be imported: {error}",
                hint=f"Give {', '.join(backends.NAMES)}, or the dotted path of a class that follows "
                "analysis.taggers.Tagger.",
                id="analysis.E002",
            )
        ]
    return []


def _faults_of_the_model() -> list[checks.CheckMessage]:
    """Warnings: comments are tagged all the same."""
    try:
        backends.check_model()
    except ModelAltered as error:
        return [checks.Warning(str(error), hint=f"It is not read. {_FETCH}", id="analysis.W002")]
    except ModelFault as error:
        return [checks.Warning(str(error), hint=_FETCH, id="analysis.W001")]
    return []


def _faults_of_the_endpoint() -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    fault = fault_in(conf.LLM_URL) or ("" if conf.LLM_MODEL else "ANALYSIS['LLM_MODEL'] names no model.")
    if fault:
        found.append(
            checks.Error(
                fault,
                hint="The tagger `llm` needs LLM_URL, such as http://localhost:11434/v1, and LLM_MODEL in ANALYSIS.",
                id="analysis.E003",
            )
        )
    if conf.LLM_LOCAL not in ("lexical", "embeddings"):
        found.append(
            checks.Error(
                f"ANALYSIS['LLM_LOCAL'] is {conf.LLM_LOCAL!r}.", hint="Give lexical or embeddings.", id="analysis.E004"
            )
        )
    if not fault and conf.LLM_KEY and _travels_in_the_clear(conf.LLM_URL):
        found.append(
            checks.Warning(
                "The key in ANALYSIS['LLM_KEY'] is sent over http, where others can read it.",
                hint="Give LLM_URL an https address.",
                id="analysis.W003",
            )
        )
    if not fault and urlsplit(conf.LLM_URL).hostname not in _HERE and not discussion.THIRD_PARTIES:
        found.append(
            checks.Warning(
                "The tagger `llm` sends comments to another machine, and the privacy page names nobody who gets them.",
                hint="Give COMMENTS['THIRD_PARTIES'] a sentence about whoever runs the endpoint.",
                id="analysis.W004",
            )
        )
    return found


_HERE = ("localhost", "127.0.0.1", "::1")


def _travels_in_the_clear(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in _HERE
