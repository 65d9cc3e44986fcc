"""System checks: settings that are misspelt, contradictory or unsafe are said at start, with an id and a hint."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from comments import conf
from comments.sanitize import SANITISERS

SHORTEST_KEY = 32
"""Characters below which a secret can be guessed by who has a dump: even random letters and digits want twenty."""

FEWEST_CHARACTERS = 10
"""Different characters below which even a long secret was not drawn at random."""

CLAIM_SECONDS = 60
"""A mail server may take this long to answer and still have taken the mail."""

NAME_COLUMN = 150
"""Characters that `Comment.author_name` holds."""


@checks.register("comments")
def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Refuse unknown keys of `COMMENTS`, screens that cannot be imported, and an unknown mode."""
    found: list[checks.CheckMessage] = [
        checks.Error(
            f"COMMENTS has an unknown key {key!r}.",
            hint=f"Known keys are {', '.join(sorted(conf.SETTINGS))}.",
            id="comments.E001",
        )
        for key in sorted(set(getattr(settings, "COMMENTS", {})) - set(conf.SETTINGS))
    ]
    for path in conf.SCREENS:
        try:
            import_string(path)
        except ImportError as error:
            found.append(
                checks.Error(
                    f"COMMENTS['SCREENS'] names {path!r}, which cannot be imported: {error}",
                    hint="Give the dotted path of a function that takes Facts and returns a Verdict or None.",
                    id="comments.E002",
                )
            )
    from comments.models import Mode  # models are not ready when this module is imported

    if conf.MODE not in Mode.values:
        found.append(
            checks.Error(
                f"COMMENTS['MODE'] is {conf.MODE!r}.",
                hint=f"Choose one of {', '.join(Mode.values)}.",
                id="comments.E003",
            )
        )
    if conf.MAX_NAME_LENGTH > NAME_COLUMN:
        found.append(
            checks.Error(
                f"COMMENTS['MAX_NAME_LENGTH'] is {conf.MAX_NAME_LENGTH}; a name can be stored up to {NAME_COLUMN}.",
                hint=f"Choose at most {NAME_COLUMN}.",
                id="comments.E004",
            )
        )
    if conf.FLOOD_HOLD > conf.FLOOD_REFUSE:
        found.append(
            checks.Warning(
                "COMMENTS['FLOOD_HOLD'] lies above COMMENTS['FLOOD_REFUSE'], so nothing is ever held for flooding.",
                hint="Choose a FLOOD_HOLD below FLOOD_REFUSE.",
                id="comments.W001",
            )
        )
    return [*found, *_sanitiser_faults()]


@checks.register("comments")
def check_mail(**_: Any) -> list[checks.CheckMessage]:
    """Refuse figures of mail that mean nothing, and an address of the site that no link can begin with."""
    found: list[checks.CheckMessage] = []
    if not _are_positive(tuple(conf.MAIL_TRIES)):
        found.append(
            checks.Error(
                f"COMMENTS['MAIL_TRIES'] is {conf.MAIL_TRIES!r}.",
                hint="Give the pauses between tries as a list of positive numbers, in seconds.",
                id="comments.E005",
            )
        )
    for name in ("CONFIRM_HOURS", "CONFIRM_MAILS", "MAIL_CLAIM_SECONDS"):
        value = getattr(conf, name)
        if not _are_positive((value,)):
            found.append(
                checks.Error(
                    f"COMMENTS[{name!r}] is {value!r}.", hint="Choose a number above zero.", id="comments.E006"
                )
            )
    if not (conf.MAIL_DELAY == 0 or _are_positive((conf.MAIL_DELAY,))):
        found.append(
            checks.Error(
                f"COMMENTS['MAIL_DELAY'] is {conf.MAIL_DELAY!r}.",
                hint="Choose a number of seconds, or 0.",
                id="comments.E006",
            )
        )
    if conf.SITE_URL and not _is_site_url(conf.SITE_URL):
        found.append(
            checks.Error(
                f"COMMENTS['SITE_URL'] is {conf.SITE_URL!r}; links in mails would lead nowhere.",
                hint="Give the whole address, such as https://news.example.org.",
                id="comments.E007",
            )
        )
    return found


@checks.register("comments")
def check_screening(**_: Any) -> list[checks.CheckMessage]:
    """Refuse thresholds that mean nothing and outside screens that cannot be asked; say it where words leave."""
    found: list[checks.CheckMessage] = []
    thresholds = (conf.SCREEN_HOLD, conf.SCREEN_SPAM)
    if not _are_positive(thresholds) or not conf.SCREEN_HOLD <= conf.SCREEN_SPAM <= 1:
        found.append(
            checks.Error(
                f"COMMENTS['SCREEN_HOLD'] and ['SCREEN_SPAM'] are {conf.SCREEN_HOLD!r} and {conf.SCREEN_SPAM!r}.",
                hint="Choose two numbers above 0 and up to 1, SCREEN_HOLD not above SCREEN_SPAM.",
                id="comments.E020",
            )
        )
    for path in conf.OUTSIDE_SCREENS:
        try:
            import_string(path)
        except ImportError as error:
            found.append(
                checks.Error(
                    f"COMMENTS['OUTSIDE_SCREENS'] names {path!r}, which cannot be imported: {error}",
                    hint="Give the dotted path of a function that takes Facts and returns a Verdict or None.",
                    id="comments.E021",
                )
            )
    if conf.OUTSIDE_WHEN_DOWN not in {"hold", "publish"}:
        found.append(
            checks.Error(
                f"COMMENTS['OUTSIDE_WHEN_DOWN'] is {conf.OUTSIDE_WHEN_DOWN!r}.",
                hint="Choose hold or publish.",
                id="comments.E022",
            )
        )
    if conf.OUTSIDE_SCREENS and not conf.THIRD_PARTIES:
        found.append(
            checks.Warning(
                "COMMENTS['OUTSIDE_SCREENS'] sends what readers write to a service, and the privacy page names nobody.",
                hint="Give COMMENTS['THIRD_PARTIES'] a sentence about each service.",
                id="comments.W020",
            )
        )
    return found


@checks.register("comments", deploy=True)
def check_keys(**_: Any) -> list[checks.CheckMessage]:
    """Warn where addresses are sealed with keys that other parts of the site use as well, or that can be guessed."""
    found: list[checks.CheckMessage] = []
    if not conf.ADDRESS_KEYS or {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS} & set(conf.ADDRESS_KEYS):
        found.append(
            checks.Warning(
                "Addresses are sealed with SECRET_KEY or one of its fallbacks.",
                hint=(
                    "Give COMMENTS['ADDRESS_KEYS'] secrets of its own, so that the others can change without them; "
                    "then manage.py rotate_keys. Until then SECRET_KEY opens what it sealed, without standing there."
                ),
                id="comments.W002",
            )
        )
    weak = sum(len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS for key in conf.ADDRESS_KEYS)
    if weak:
        found.append(
            checks.Warning(
                f"{weak} of COMMENTS['ADDRESS_KEYS'] can be guessed by somebody who has a dump of the database.",
                hint=(
                    f"Use at least {SHORTEST_KEY} random characters, such as those that "
                    "python -c 'import secrets; print(secrets.token_urlsafe(48))' prints; then manage.py rotate_keys."
                ),
                id="comments.W003",
            )
        )
    return found


@checks.register("comments", deploy=True)
def check_mail_of_a_site(**_: Any) -> list[checks.CheckMessage]:
    """Warn where a production site would send no mail, or links that anybody on the way can read."""
    found: list[checks.CheckMessage] = []
    if not conf.SITE_URL and _sends_by_smtp():
        found.append(
            checks.Warning(
                "A mail server is set and COMMENTS['SITE_URL'] is empty, so no mail is offered or sent.",
                hint="Give SITE_URL the address of the site, such as https://news.example.org.",
                id="comments.W004",
            )
        )
    if str(conf.SITE_URL).lower().startswith("http://"):
        found.append(
            checks.Warning(
                "COMMENTS['SITE_URL'] begins with http://, so the links of mails can be read on their way.",
                hint="Use https://.",
                id="comments.W005",
            )
        )
    if _are_positive((conf.MAIL_CLAIM_SECONDS,)) and conf.MAIL_CLAIM_SECONDS < CLAIM_SECONDS:
        found.append(
            checks.Warning(
                f"COMMENTS['MAIL_CLAIM_SECONDS'] is {conf.MAIL_CLAIM_SECONDS}; a slow mail server gets mails twice.",
                hint=f"Choose at least {CLAIM_SECONDS}.",
                id="comments.W006",
            )
        )
    return found


def _sanitiser_faults() -> list[checks.CheckMessage]:
    if conf.SANITISER not in SANITISERS:
        return [
            checks.Error(
                f"COMMENTS['SANITISER'] is {conf.SANITISER!r}.",
                hint=f"Choose one of {', '.join(SANITISERS)}.",
                id="comments.E008",
            )
        ]
    try:
        SANITISERS[conf.SANITISER](frozenset({"p"}))
    except ImportError:
        return [
            checks.Error(
                f"COMMENTS['SANITISER'] is {conf.SANITISER!r}, which is not installed.",
                hint=f"Install it: pip install 'leave-a-reply[{conf.SANITISER}]'.",
                id="comments.E009",
            )
        ]
    return []


def _are_positive(values: tuple[Any, ...]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) and value > 0 for value in values)


def _is_site_url(url: Any) -> bool:
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment


def _sends_by_smtp() -> bool:
    """Whether mail leaves the machine; Django 6.1 gave the setting another name."""
    mailers = getattr(settings, "MAILERS", None)
    backend = mailers.get("default", {}).get("BACKEND", "") if mailers is not None else settings.EMAIL_BACKEND
    return str(backend).endswith(".smtp.EmailBackend")
