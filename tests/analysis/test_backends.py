"""From the settings to a tagger: who serves, and who serves meanwhile."""

from __future__ import annotations

import os
import shutil

import pytest

from analysis import backends, checks
from analysis.taggers import LEXICAL
from analysis.taggers.llm import LlmTagger
from analysis.taggers.weights import TENSORS, VOCABULARY, ModelAltered, ModelMissing
from analysis.taxonomy import TagDefinition
from tests.analysis.taggers.stand_in import KEY, MODEL, completion, serving

TAGS = (TagDefinition("library", "indicator", "Library hours", "Whether the library opens on Sunday."),)


@pytest.fixture(autouse=True)
def _nothing_is_kept():
    backends._chosen.cache_clear()
    backends._loaded.clear()


@pytest.fixture
def analysis(settings):
    def write(**keys):
        settings.ANALYSIS = keys

    return write


@pytest.fixture
def ids(analysis):
    def run(**keys):
        analysis(**keys)
        found = checks.check_settings()
        assert all(message.hint for message in found)
        return [message.id for message in found]

    return run


def test_the_lexical_tagger_serves_where_nothing_is_said(analysis):
    analysis()
    assert backends.chosen() is LEXICAL


def test_a_class_of_the_host_serves_by_its_path(analysis):
    analysis(TAGGER="analysis.taggers.lexical.LexicalTagger")
    assert backends.chosen().name == "lexical"


@pytest.mark.parametrize("path", ["nowhere.at.All", "analysis.taggers.Nothing", "embedings"])
def test_a_tagger_that_cannot_be_imported_is_an_error(path, ids):
    assert ids(TAGGER=path) == ["analysis.E002"]
    with pytest.raises(ImportError):
        backends.chosen()


@pytest.mark.parametrize("name", ["lexical", "analysis.taggers.lexical.LexicalTagger"])
def test_a_tagger_that_needs_nothing_has_nothing_to_be_checked(name, ids):
    assert ids(TAGGER=name, MODEL_DIR="/nowhere", LLM_URL="nonsense") == []


# --- embeddings --------------------------------------------------------------------------------------------------


@pytest.fixture
def model(tiny, tmp_path, monkeypatch):
    """A whole model in a folder of its own, small as it is."""
    pytest.importorskip("numpy", reason="numpy is not installed: pip install '.[embeddings]'")
    folder = tmp_path / "model"
    shutil.copytree(tiny.folder, folder)
    monkeypatch.setattr(backends, "RELEASE", tiny.release)
    return folder


def damage(path):
    """Change a byte as a bad disk would. The file's time says that it was written."""
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    os.replace(_beside(path, bytes(content)), path)


def _beside(path, content):
    other = path.with_suffix(".new")
    other.write_bytes(content)
    return other


def test_the_embeddings_tagger_serves_from_its_folder(db, model, analysis, ids):
    assert ids(TAGGER="embeddings", MODEL_DIR=str(model)) == []
    tagger = backends.chosen()
    assert tagger.name == "embeddings"
    assert tagger.tag("The library opens on Sunday.", TAGS).tags[0].tag == "library"


def test_the_model_belongs_into_the_hosts_var_dir_where_nothing_is_said(settings, analysis, tmp_path):
    settings.VAR_DIR = tmp_path
    analysis()
    assert backends.model_directory() == tmp_path / "models" / "all-MiniLM-L6-v2"


@pytest.mark.parametrize("name", [TENSORS, VOCABULARY])
def test_where_a_file_is_missing_a_check_says_so_and_the_lexical_tagger_serves(name, model, ids, caplog):
    (model / name).unlink()
    assert ids(TAGGER="embeddings", MODEL_DIR=str(model)) == ["analysis.W001"]
    assert backends.chosen() is LEXICAL
    assert f"{name} cannot be read" in caplog.text
    with pytest.raises(ModelMissing):
        backends.tagger_named("embeddings")


@pytest.mark.parametrize("name", [TENSORS, VOCABULARY])
def test_where_a_file_is_altered_a_check_says_so_and_the_lexical_tagger_serves(name, model, ids, caplog):
    damage(model / name)
    assert ids(TAGGER="embeddings", MODEL_DIR=str(model)) == ["analysis.W002"]
    assert backends.chosen() is LEXICAL
    assert f"{name} is not the published file" in caplog.text
    with pytest.raises(ModelAltered):
        backends.tagger_named("embeddings")


def test_a_file_that_is_altered_while_the_worker_runs_is_noticed_and_so_is_its_return(model, analysis):
    analysis(TAGGER="embeddings", MODEL_DIR=str(model))
    whole = (model / VOCABULARY).read_bytes()
    assert backends.chosen().name == "embeddings"
    damage(model / VOCABULARY)
    assert backends.chosen() is LEXICAL
    os.replace(_beside(model / VOCABULARY, whole), model / VOCABULARY)
    assert backends.chosen().name == "embeddings"


def test_without_numpy_a_check_says_so_and_the_lexical_tagger_serves(model, ids, monkeypatch):
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    assert ids(TAGGER="embeddings", MODEL_DIR=str(model)) == ["analysis.W001"]
    assert backends.chosen() is LEXICAL


# --- llm ---------------------------------------------------------------------------------------------------------


def test_the_language_model_serves_from_its_endpoint(analysis, ids):
    with serving(lambda question, handler: completion({"tags": []})) as endpoint:
        fields = {"LLM_URL": endpoint.url, "LLM_MODEL": MODEL, "LLM_KEY": KEY}
        assert ids(TAGGER="llm", **fields) == []
        tagger = backends.chosen()
        assert isinstance(tagger, LlmTagger)
        assert tagger.tag("The library opens on Sunday.", TAGS).by == f"llm 1 {MODEL}"
    assert endpoint.faults == []


def test_the_budget_of_a_day_is_counted_over_all_articles_and_taggers(analysis):
    with serving(lambda question, handler: completion({"tags": []})) as endpoint:
        analysis(TAGGER="llm", LLM_URL=endpoint.url, LLM_MODEL=MODEL, LLM_KEY=KEY, LLM_BUDGET=2)
        by = []
        for _ in range(4):
            backends._chosen.cache_clear()
            by.append(backends.chosen().tag("The library opens on Sunday.", TAGS).by)
    assert by == [f"llm 1 {MODEL}"] * 2 + [f"lexical {LEXICAL.version}"] * 2
    assert len(endpoint.requests) == 2


def test_the_budget_begins_anew_each_day(monkeypatch):
    take = backends.budget_of(lambda: 1)
    days = iter(["2026-11-21", "2026-11-21", "2026-11-22", "2026-11-22"])
    monkeypatch.setattr(backends, "_today", lambda: next(days))
    assert [take() for _ in range(4)] == [True, False, True, False]


def test_a_cache_that_keeps_nothing_pays_for_nothing(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert backends.budget_of(lambda: 1000)() is False


def test_the_local_tagger_behind_it_may_be_embeddings(db, model, analysis):
    analysis(TAGGER="llm", LLM_URL="http://127.0.0.1:9/v1", LLM_MODEL="m", LLM_LOCAL="embeddings", MODEL_DIR=str(model))
    assert backends.chosen().tag("The library opens on Sunday.", TAGS).by.startswith("embeddings 3")


def test_a_missing_model_behind_it_is_said_and_costs_no_comment(ids):
    fields = {"LLM_URL": "http://127.0.0.1:9/v1", "LLM_MODEL": "m", "LLM_LOCAL": "embeddings", "MODEL_DIR": "/nowhere"}
    assert ids(TAGGER="llm", **fields) == ["analysis.W001"]
    assert backends.chosen().tag("The library opens on Sunday.", TAGS).by.startswith("lexical")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["analysis.E003"]),
        ({"LLM_URL": "https://models.example.org/v1"}, ["analysis.E003"]),
        ({"LLM_URL": "models.example.org/v1", "LLM_MODEL": "m"}, ["analysis.E003"]),
        ({"LLM_URL": "https://u:p@models.example.org/v1", "LLM_MODEL": "m"}, ["analysis.E003"]),
        ({"LLM_URL": "https://models.example.org/v1", "LLM_MODEL": "m", "LLM_LOCAL": "llm"}, ["analysis.E004"]),
        ({"LLM_URL": "http://models.example.org/v1", "LLM_MODEL": "m", "LLM_KEY": "k"}, ["analysis.W003"]),
        ({"LLM_URL": "http://models.example.org/v1", "LLM_MODEL": "m"}, []),
        ({"LLM_URL": "http://localhost:11434/v1", "LLM_MODEL": "m", "LLM_KEY": "k"}, []),
    ],
)
def test_an_endpoint_that_cannot_be_meant_is_said(fields, expected, ids, settings):
    settings.COMMENTS = {**settings.COMMENTS, "THIRD_PARTIES": ("The owner of the endpoint reads comments.",)}
    assert ids(TAGGER="llm", **fields) == expected


def test_no_check_prints_a_password_or_a_key(analysis):
    analysis(TAGGER="llm", LLM_URL="http://u:hidden@models.example.org/v1", LLM_MODEL="m", LLM_KEY="hidden")
    assert "hidden" not in str(checks.check_settings())
