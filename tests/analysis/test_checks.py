"""System checks of the add-on."""

from __future__ import annotations

import pytest

from analysis import checks


@pytest.fixture
def ids(settings):
    def run(**keys):
        settings.ANALYSIS = keys
        found = checks.check_settings()
        assert all(message.hint for message in found)
        return [message.id for message in found]

    return run


def test_good_settings_pass(ids):
    assert ids() == []


def test_an_unknown_key_is_an_error(ids):
    assert ids(TAGER="x") == ["analysis.E001"]


@pytest.mark.parametrize("path", ["nowhere.at.All", "analysis.taggers.Nothing"])
def test_a_tagger_that_cannot_be_imported_is_an_error(path, ids):
    assert ids(TAGGER=path) == ["analysis.E002"]


@pytest.mark.parametrize(
    ("url", "named", "expected"),
    [
        ("https://api.example.com/v1", (), ["analysis.W004"]),
        ("https://api.example.com/v1", ("Example Inc. reads comments to tag them.",), []),
        ("http://localhost:11434/v1", (), []),
        ("http://[::1]:11434/v1", (), []),
    ],
)
def test_comments_that_leave_for_another_machine_are_named_on_the_privacy_page(ids, settings, url, named, expected):
    settings.COMMENTS = {**settings.COMMENTS, "THIRD_PARTIES": named}
    assert ids(TAGGER="llm", LLM_URL=url, LLM_MODEL="some") == expected
