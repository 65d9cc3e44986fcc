"""The one dict of settings: defaults, late reading, help."""

from __future__ import annotations

import pytest

from analysis import conf as analysis_conf
from comments import conf


def test_a_key_that_is_not_set_has_its_default(settings):
    settings.COMMENTS = {}
    assert {name: getattr(conf, name) for name in conf.SETTINGS} == {
        name: setting.default for name, setting in conf.SETTINGS.items()
    }


def test_the_whole_dict_may_be_missing(settings):
    del settings.COMMENTS
    del settings.ANALYSIS
    assert conf.MAX_LENGTH == 10_000
    assert analysis_conf.SWEEP_BATCH == 500


def test_a_setting_is_read_when_it_is_used(settings):
    settings.COMMENTS = {"MAX_LENGTH": 5}
    assert conf.MAX_LENGTH == 5
    settings.COMMENTS = {"MAX_LENGTH": 6}
    assert conf.MAX_LENGTH == 6
    settings.ANALYSIS = {"SWEEP_BATCH": 7}
    assert analysis_conf.SWEEP_BATCH == 7


@pytest.mark.parametrize("module", [conf, analysis_conf])
def test_a_name_that_is_no_setting_is_an_error(module):
    with pytest.raises(AttributeError, match="MAX_LENGHT"):
        module.MAX_LENGHT  # noqa: B018


@pytest.mark.parametrize("module", [conf, analysis_conf])
def test_every_setting_has_a_sentence(module):
    assert all(setting.help.endswith(".") and setting.help[0].isupper() for setting in module.SETTINGS.values())
    assert all(name.isupper() for name in module.SETTINGS)
