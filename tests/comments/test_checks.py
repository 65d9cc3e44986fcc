"""System checks: a setting that is misspelt, contradictory or unsafe is said at start, with an id and a hint."""

from __future__ import annotations

import sys

import pytest

from comments import checks
from tests.plugins.mailserver import MailServer


@pytest.fixture
def ids(settings):
    """The ids of what the checks say about these settings."""

    def run(**keys):
        settings.COMMENTS = keys
        found = [
            *checks.check_settings(),
            *checks.check_mail(),
            *checks.check_keys(),
            *checks.check_mail_of_a_site(),
        ]
        assert all(message.hint for message in found)
        return [message.id for message in found]

    return run


KEYS = {"ADDRESS_KEYS": ("a secret of its own, drawn at random: 4711",)}


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
    settings.SECRET_KEY = "the key of the site, long enough to be no guess"
    settings.SECRET_KEY_FALLBACKS = ["the former key of the site, which is as long"]
    assert ids() == ["comments.W002"]
    assert ids(ADDRESS_KEYS=(settings.SECRET_KEY,)) == ["comments.W002"]
    assert ids(ADDRESS_KEYS=(*KEYS["ADDRESS_KEYS"], settings.SECRET_KEY_FALLBACKS[0])) == ["comments.W002"]


@pytest.mark.parametrize("key", ["short", "a" * 60, "abcabcabc" * 8, "x" * 31])
def test_a_key_that_can_be_guessed_is_a_warning_on_deployment(key, ids):
    assert ids(ADDRESS_KEYS=(*KEYS["ADDRESS_KEYS"], key)) == ["comments.W003"]


@pytest.mark.parametrize("tries", [(0,), (60, -1), ("60",), (None,), (True,)])
def test_pauses_that_are_none_are_an_error(tries, ids):
    assert ids(**KEYS, MAIL_TRIES=tries) == ["comments.E005"]


def test_no_second_try_is_a_choice(ids):
    assert ids(**KEYS, MAIL_TRIES=()) == []


@pytest.mark.parametrize("value", [0, -1, "48", None])
@pytest.mark.parametrize("name", ["CONFIRM_HOURS", "CONFIRM_MAILS", "MAIL_CLAIM_SECONDS"])
def test_a_figure_of_mail_that_means_nothing_is_an_error(name, value, ids):
    assert ids(**KEYS, **{name: value}) == ["comments.E006"]


@pytest.mark.parametrize("value", [-1, "60", None])
def test_a_delay_that_is_none_is_an_error(value, ids):
    assert ids(**KEYS, MAIL_DELAY=value) == ["comments.E006"]


def test_no_delay_is_a_choice(ids):
    assert ids(**KEYS, MAIL_DELAY=0) == []


@pytest.mark.parametrize("url", ["news.example.org", "//news.example.org", "ftp://news.example.org", "https://", "x:["])
def test_an_address_of_the_site_that_is_none_is_an_error(url, ids):
    assert ids(**KEYS, SITE_URL=url) == ["comments.E007"]


@pytest.mark.parametrize("url", ["https://news.example.org", "https://news.example.org:8443/talk/"])
def test_an_address_of_the_site_passes(url, ids):
    assert ids(**KEYS, SITE_URL=url) == []


def test_a_mail_server_without_an_address_of_the_site_is_a_warning_on_deployment(ids, settings):
    for name, value in MailServer().options(timeout=1).items():
        setattr(settings, name, value)
    assert ids(**KEYS) == ["comments.W004"]
    assert ids(**KEYS, SITE_URL="https://news.example.org") == []


def test_links_in_the_clear_are_a_warning_on_deployment(ids):
    assert ids(**KEYS, SITE_URL="http://news.example.org") == ["comments.W005"]


def test_a_claim_that_lapses_while_a_server_thinks_is_a_warning_on_deployment(ids):
    assert ids(**KEYS, MAIL_CLAIM_SECONDS=30) == ["comments.W006"]


def test_an_unknown_sanitiser_is_an_error(ids):
    assert ids(**KEYS, SANITISER="regex") == ["comments.E008"]


def test_a_sanitiser_that_is_not_installed_is_an_error_and_the_one_that_is_passes(ids, monkeypatch):
    assert ids(**KEYS, SANITISER="nh3") == []
    monkeypatch.setitem(sys.modules, "nh3", None)
    assert ids(**KEYS, SANITISER="nh3") == ["comments.E009"]
    assert ids(**KEYS, SANITISER="bleach") == []
