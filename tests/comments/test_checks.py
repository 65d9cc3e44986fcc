"""System checks: a setting that is misspelt, contradictory or unsafe is said at start, with an id and a hint."""

from __future__ import annotations

import pytest

from comments import checks


@pytest.fixture
def ids(settings):
    """The ids of what the checks say about these settings."""

    def run(**keys):
        settings.COMMENTS = keys
        found = [*checks.check_settings(), *checks.check_keys()]
        assert all(message.hint for message in found)
        return [message.id for message in found]

    return run


KEYS = {"ADDRESS_KEYS": ("a secret of its own",)}


def test_good_settings_pass(ids):
    assert ids(**KEYS) == []


def test_an_unknown_key_is_an_error(ids):
    assert ids(**KEYS, MAX_LENGHT=5, Mode="x") == ["comments.E001", "comments.E001"]


@pytest.mark.parametrize("path", ["comments.screening.screens.nothing", "nowhere.at.all", "undotted"])
def test_a_screen_that_cannot_be_imported_is_an_error(path, ids):
    assert ids(**KEYS, SCREENS=("comments.screening.screens.links", path)) == ["comments.E002"]


def test_an_unknown_mode_is_an_error(ids):
    assert ids(**KEYS, MODE="open") == ["comments.E003"]


def test_a_flood_that_is_never_held_is_a_warning(ids):
    assert ids(**KEYS, FLOOD_HOLD=61) == ["comments.W001"]


def test_addresses_under_the_sites_secret_are_a_warning_on_deployment(ids, settings):
    assert ids() == ["comments.W002"]
    assert ids(ADDRESS_KEYS=(settings.SECRET_KEY,)) == ["comments.W002"]
