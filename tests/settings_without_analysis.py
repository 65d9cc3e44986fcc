"""A site with the plugin and without the add-on: comments works alone, editors tag by hand."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "analysis"]  # noqa: F405
ROOT_URLCONF = "tests.urls_without_analysis"
ANALYSIS = {}
COMMENTS = {name: value for name, value in COMMENTS.items() if name != "SCREENS"}  # noqa: F405
if "sqlite" not in DATABASES["default"]["ENGINE"]:  # noqa: F405
    # The suite that starts this one holds the other test database.
    DATABASES["default"]["TEST"] = {"NAME": "test_leave_a_reply_without_analysis"}  # noqa: F405
