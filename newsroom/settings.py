"""Settings of the newsroom site.

One file. Everything that differs between a laptop and a cluster comes from the environment; with nothing set, the site
runs on what Python brings: SQLite, Celery's filesystem broker, a cache in memory and mail printed to the console, with
every file under VAR_DIR.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django
import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from comments.conf import DEFAULT_SCREENS

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=True)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. With DEBUG off, give the environment a long random SECRET_KEY."
        )
    SECRET_KEY = "a-key-for-a-laptop-that-protects-nothing"  # noqa: S105
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "comments",
    "analysis",
    "newsroom.articles",
]

MIDDLEWARE = [
    "newsroom.policy.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CSRF_FAILURE_VIEW = "newsroom.errors.csrf_failure"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "comments:moderation"
LOGOUT_REDIRECT_URL = "articles:list"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "newsroom" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Store -----------------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'newsroom.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if str(DATABASES["default"]["NAME"]).startswith(str(VAR_DIR)):
        VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # Write transactions take the lock when they begin: one that reads first and writes later could not wait for
        # another writer and would fail at once, whatever the timeout.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what was acknowledged is on the disk, even if the power goes next.
        # secure_delete: what was erased is written over, and does not wait in free pages for who copies the file.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
            "PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A connection costs more than most requests do with it, to PostgreSQL and to a SQLite file with its settings alike.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)

CACHES: dict[str, dict[str, Any]] = {"default": env.cache_url("CACHE_URL", default="locmemcache://newsroom")}
if CACHES["default"]["BACKEND"].endswith("LocMemCache"):
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 2000}
elif "redis" in CACHES["default"]["BACKEND"]:
    # Django's own: which class `cache_url` names depends on what else is installed.
    CACHES["default"]["BACKEND"] = "django.core.cache.backends.redis.RedisCache"

# --- Work ------------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# The schedule is kept in memory: it has no file that a killed worker could leave damaged or locked.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
if CELERY_BROKER_URL.startswith("filesystem:"):
    _queue = str(VAR_DIR / "queue")
    CELERY_BROKER_TRANSPORT = "newsroom.file_broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        # One folder for both directions: what the web process puts in is what the worker takes out.
        "data_folder_in": _queue,
        "data_folder_out": _queue,
        "control_folder": str(VAR_DIR / "control"),
        "polling_interval": 0.05,
    }
    # One worker beside one web server: there is nobody to control it from afar, and each ear is one more file to poll.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
else:
    # A request that has stored its comment does not wait for a broker that is gone; the sweep finds the comment.
    CELERY_BROKER_CONNECTION_TIMEOUT = 1
    CELERY_BROKER_TRANSPORT_OPTIONS = (
        {} if CELERY_BROKER_URL.startswith("amqp") else {"socket_connect_timeout": 1, "socket_timeout": 10}
    )
# Seconds between two looks for comments that no task has tagged.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=15.0)
# Seconds between two looks into the outbox.
MAIL_SWEEP_SECONDS = env.float("MAIL_SWEEP_SECONDS", default=10.0)
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "analysis.tasks.sweep", "schedule": SWEEP_SECONDS},
    "learn-screen": {"task": "analysis.tasks.learn_screen", "schedule": 300.0},
    "forget-words": {"task": "analysis.tasks.forget_words", "schedule": 3600.0},
    "sweep-mail": {"task": "comments.tasks.sweep_mail", "schedule": MAIL_SWEEP_SECONDS},
    "sweep-alerts": {"task": "comments.tasks.sweep_alerts", "schedule": MAIL_SWEEP_SECONDS},
    "forget": {"task": "comments.tasks.forget", "schedule": 3600.0},
}

# --- Mail ------------------------------------------------------------------------------------------------------------

_mail = env.email_url("EMAIL_URL", default="consolemail://")
# Seconds that one answer of the mail server may take. Other work waits behind it.
MAIL_TIMEOUT = env.float("MAIL_TIMEOUT", default=10.0)
# The parser drops the slash that begins a path.
_mail["EMAIL_FILE_PATH"] = f"/{_mail['EMAIL_FILE_PATH']}" if _mail["EMAIL_FILE_PATH"] else str(VAR_DIR / "mail")
if django.VERSION >= (6, 1):
    _options: dict[str, Any] = {}  # each backend refuses what is another's
    if _mail["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
        _options = {
            "host": _mail["EMAIL_HOST"] or "localhost",
            "port": _mail["EMAIL_PORT"],
            "username": _mail["EMAIL_HOST_USER"],
            "password": _mail["EMAIL_HOST_PASSWORD"],
            "use_tls": _mail.get("EMAIL_USE_TLS"),
            "use_ssl": _mail.get("EMAIL_USE_SSL"),
            "timeout": MAIL_TIMEOUT,
        }
    elif _mail["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
        _options = {"file_path": _mail["EMAIL_FILE_PATH"]}
    MAILERS = {"default": {"BACKEND": _mail["EMAIL_BACKEND"], "OPTIONS": _options}}
else:
    vars().update({name: value for name, value in _mail.items() if value is not None})
    EMAIL_TIMEOUT = MAIL_TIMEOUT
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="newsroom@localhost")

# --- Language, time, files -------------------------------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian"))]
LOCALE_PATHS = [BASE_DIR / "newsroom" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "newsroom" / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- Security --------------------------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# HTTPS is on wherever DEBUG is off; HTTPS=0 serves the rare site that is reached in the clear on purpose.
_https = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_https)
# Probes come from inside, in the clear.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The apps --------------------------------------------------------------------------------------------------------

COMMENTS: dict[str, Any] = {
    # What this site's own decisions taught has the first word; the prior that comes with the plugin fills in.
    "SCREENS": [
        screen
        for known in DEFAULT_SCREENS
        for screen in (
            ["analysis.screening.screen.learned", known] if known == "comments.screening.screens.prior" else [known]
        )
    ],
    "ADDRESS_KEYS": env.list("ADDRESS_KEYS", default=[]),
    "TRUSTED_PROXIES": env.int("TRUSTED_PROXIES", default=0),
    "BASE_TEMPLATE": "newsroom/base.html",
    "SITE_URL": env.str("SITE_URL", default=""),
    "SITE_NAME": env.str("SITE_NAME", default="The Newsroom"),
    "MAIL_DELAY": env.int("MAIL_DELAY", default=60),
    "MAIL_CLAIM_SECONDS": env.float("MAIL_CLAIM_SECONDS", default=600.0),
    "FLOOD_HOLD": env.int("FLOOD_HOLD", default=10),
    "FLOOD_REFUSE": env.int("FLOOD_REFUSE", default=60),
}
ANALYSIS: dict[str, Any] = {
    "TAGGER": env.str("TAGGER", default="lexical"),
    "MODEL_DIR": env.str("MODEL_DIR", default=str(VAR_DIR / "models" / "all-MiniLM-L6-v2")),
    "LLM_URL": env.str("LLM_URL", default=""),
    "LLM_MODEL": env.str("LLM_MODEL", default=""),
    "LLM_KEY": env.str("LLM_KEY", default=""),
}

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
SEEDS_DIR = BASE_DIR / "seeds"

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Leave a Reply",
    "DESCRIPTION": "The discussion under an article: threads, comments, moderation, tags.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Enumerations stay where they are used; named ones would ask for a list of names to be kept here.
    "POSTPROCESSING_HOOKS": [],
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "newsroom.logs.AddressFreeFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "null": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Django's own handlers would mail whole requests, typed addresses included, to ADMINS.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # Whoever scans the net asks for hosts that are none of ours, all day.
        "django.security.DisallowedHost": {"handlers": ["null"], "propagate": False},
    },
}
