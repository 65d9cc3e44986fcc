"""Settings of the test suite: the newsroom site, with nothing that leaves the process.

`DATABASE_URL` and `CACHE_URL` choose the engine, as in the site; with none set the suite runs on SQLite.
"""

import os
import tempfile

if "VAR_DIR" not in os.environ:
    # Goes with the process; children inherit its path and not the duty.
    _var = tempfile.TemporaryDirectory(prefix="leave-a-reply-tests-", ignore_cleanup_errors=True)
    os.environ["VAR_DIR"] = _var.name
os.environ["CELERY_BROKER_URL"] = "memory://"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["DEBUG"] = "1"

from newsroom.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING["root"]["level"] = "WARNING"  # type: ignore[index]  # noqa: F405
# The test runner turns DEBUG off after the settings are read; WhiteNoise would then look for collected files.
WHITENOISE_AUTOREFRESH = True

# Tests empty the cache between them, so processes of one run that share a Redis must not share a database of it.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
if _worker and str(CACHES["default"]["LOCATION"]).startswith("redis:"):  # noqa: F405
    _server, _, _number = CACHES["default"]["LOCATION"].rpartition("/")  # noqa: F405
    CACHES["default"]["LOCATION"] = f"{_server}/{(int(_number) + 2 * _worker) % 16}"  # noqa: F405

# By chance a comment would be drawn for the standing sample, and cost a statement more; tests of it say so.
COMMENTS = {**COMMENTS, "SAMPLE_SHARE": 0}  # noqa: F405
