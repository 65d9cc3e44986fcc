"""The site as it runs in production as far as speed goes, with the floor's table and pages beside it."""

import os

os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("SECRET_KEY", "benchmark-only-benchmark-only-benchmark-only-benchmark")
os.environ.setdefault("ADDRESS_KEYS", "benchmark-address-key")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,testserver")
os.environ.setdefault("LOG_LEVEL", "ERROR")
# One client sends everything here; the screens that count are asked, and let it pass.
os.environ.setdefault("FLOOD_HOLD", "1000000")
os.environ.setdefault("FLOOD_REFUSE", "1000000")

from newsroom.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.benchmarks.floor"]  # noqa: F405
ROOT_URLCONF = "tests.benchmarks.floor.urls"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  WhiteNoise warns of a folder that is not there
STORAGES = {  # no collectstatic in a benchmark
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
