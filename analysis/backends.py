"""Makes the taggers that the settings name: where the model lies, whom to ask, what it may cost.

Owns the way from `ANALYSIS` to a `Tagger`; `runs`, the commands and the checks call it. Taggers themselves know no
settings. A tagger that cannot be had now is replaced by the lexical one, which needs nothing, and tried again as soon
as what it lacked has changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string

from analysis import conf
from analysis.taggers import LEXICAL, Tagger
from analysis.taggers.llm import LlmTagger
from analysis.taggers.llm_endpoint import Endpoint
from analysis.taggers.weights import MINILM, ModelFault, ModelMissing, verify
from analysis.vectors import StoredVectors

if TYPE_CHECKING:
    from analysis.taggers.encoder import Encoder

log = logging.getLogger(__name__)

_ModelState = tuple[str, tuple[tuple[int, int], ...]]

_TWO_DAYS = 2 * 24 * 3600  # seconds

RELEASE = MINILM
"""The model that `embeddings` reads here."""

_loaded: list[tuple[_ModelState, Encoder]] = []
"""The one copy of the model in this process, and the state of the files that it was read from."""

NAMES = ("lexical", "embeddings", "llm")
"""What `ANALYSIS["TAGGER"]` may say beside a dotted path."""


def model_directory() -> Path:
    """Where the sentence model lies or belongs."""
    named = conf.MODEL_DIR
    return Path(named) if named else Path(getattr(settings, "VAR_DIR", "var")) / "models" / RELEASE.name


def tagger_named(name: str, *, keeps: bool = False) -> Tagger:
    """The tagger of this name, or of this dotted path.

    Args:
        keeps: whether the vectors of comments are kept in the database; else in this process's memory, as the commands
            want it that work on files.

    Raises:
        ModelFault: `embeddings` lacks its model or numpy; the message says what.
        ImportError: no such class.
    """
    if name == "lexical":
        return LEXICAL
    if name == "embeddings":
        return _embeddings(_state_of_model(), keeps=keeps)
    if name == "llm":
        return _llm(keeps=keeps)
    made: Tagger = import_string(name)()
    return made


def chosen() -> Tagger:
    """The tagger that the settings name, or the lexical one while that cannot be had."""
    endpoint = (conf.LLM_URL, conf.LLM_MODEL, conf.LLM_KEY, conf.LLM_SECONDS, repr(conf.LLM_OPTIONS), conf.LLM_LOCAL)
    return _chosen(conf.TAGGER, _state_of_model(), endpoint)


@lru_cache(maxsize=4)
def _chosen(name: str, model: _ModelState, endpoint: tuple[object, ...]) -> Tagger:
    """Kept for as long as nothing of what it was made from changes: among that, the model's files."""
    return _or_lexical(name, keeps=True)


def check_model() -> None:
    """Look whether `embeddings` could be made, without making it. Raises `ModelFault`."""
    if find_spec("numpy") is None:
        raise ModelMissing("numpy is not installed: pip install 'leave-a-reply[embeddings]'.")
    verify(model_directory(), RELEASE)


def _or_lexical(name: str, *, keeps: bool) -> Tagger:
    try:
        return tagger_named(name, keeps=keeps)
    except ModelFault as error:
        log.warning("The lexical tagger serves in place of %s: %s", name, error)
        return LEXICAL


def _state_of_model() -> _ModelState:
    """The directory, and size and time of each file: what changes when a model is fetched, removed or replaced."""
    directory = model_directory()
    states = []
    for name in sorted(RELEASE.files):
        try:
            state = (directory / name).stat()
        except OSError:
            states.append((-1, -1))
        else:
            states.append((state.st_size, state.st_mtime_ns))
    return str(directory), tuple(states)


def _embeddings(state: _ModelState, *, keeps: bool) -> Tagger:
    check_model()
    # These need numpy, which most sites do not have.
    from analysis.taggers.embeddings import EmbeddingsTagger
    from analysis.taggers.encoder import Encoder

    if not _loaded or _loaded[0][0] != state:
        _loaded[:] = [(state, Encoder.load(Path(state[0]), RELEASE))]
    store = StoredVectors() if keeps else None
    return EmbeddingsTagger(_loaded[0][1], store=store, release=RELEASE)


def _llm(*, keeps: bool) -> Tagger:
    endpoint = Endpoint(
        url=conf.LLM_URL, model=conf.LLM_MODEL, key=conf.LLM_KEY, seconds=conf.LLM_SECONDS, options=conf.LLM_OPTIONS
    )
    local = _or_lexical(conf.LLM_LOCAL, keeps=keeps)
    return LlmTagger(endpoint, local=local, may_ask=budget_of(lambda: int(conf.LLM_BUDGET)))


def budget_of(calls: Callable[[], int]) -> Callable[[], bool]:
    """A function that counts a call, and says whether today's budget bears it. The day is UTC's, the count stands in
    the cache: processes share it where they share the cache."""

    def take() -> bool:
        key = f"analysis:llm:{_today()}"
        cache.add(key, 0, timeout=_TWO_DAYS)
        try:
            return cache.incr(key) <= calls()
        except ValueError:
            return False  # the cache keeps nothing, so nothing can be counted

    return take


def _today() -> str:
    return timezone.now().strftime("%Y-%m-%d")
