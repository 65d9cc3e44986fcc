"""The privacy page: what the discussion keeps, for how long, and which cookies it sets.

It is made of the settings in force, the rules by which the sweep forgets (`comments.retention`) and the table from
which cookies are set (`comments.cookies`), so it says what happens. It is the same for everybody; caches may keep it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_cache_control
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from comments import conf, cookies, links, mailing, retention
from comments.errors import Sentence
from comments.reader.pages import own_page

_MAX_AGE = 300


@dataclass(frozen=True, slots=True)
class CookieRow:
    """A cookie as the page lists it."""

    name: str
    purpose: Sentence
    lifetime: str


@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    """Show the page."""
    context = {
        "site_name": links.site_name(),
        "contact": conf.PRIVACY_CONTACT,
        "third_parties": conf.THIRD_PARTIES,
        "rules": retention.RULES,
        "cookies": [CookieRow(one.name, one.purpose, _span(one.age)) for one in cookies.COOKIES],
        "host_cookies": _host_cookies(),
        "is_mail_offered": mailing.is_offered(),
        "confirm_mails": conf.CONFIRM_MAILS,
        "confirm_hours": conf.CONFIRM_HOURS,
        "edit_minutes": conf.EDIT_WINDOW // 60,
    }
    response = own_page(request, "comments/privacy.html", context)
    patch_cache_control(response, public=True, max_age=_MAX_AGE)
    return response


def _host_cookies() -> list[CookieRow]:
    """The cookies of Django itself that this site may set."""
    found = []
    if apps.is_installed("django.contrib.sessions"):
        age = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        lifetime = _("until the browser is closed") if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE else _span(age)
        found.append(CookieRow(settings.SESSION_COOKIE_NAME, _("Set when a member of staff logs in."), lifetime))
    if not settings.CSRF_USE_SESSIONS:
        lifetime = (
            _("until the browser is closed")
            if settings.CSRF_COOKIE_AGE is None
            else _span(timedelta(seconds=settings.CSRF_COOKIE_AGE))
        )
        purpose = _("Protects the forms of the staff from other sites.")
        found.append(CookieRow(settings.CSRF_COOKIE_NAME, purpose, lifetime))
    if apps.is_installed("django.contrib.messages") and issubclass(
        import_string(settings.MESSAGE_STORAGE), CookieStorage | FallbackStorage
    ):
        purpose = _("Tells a member of staff, on the next page, what became of something done in the admin.")
        found.append(CookieRow(CookieStorage.cookie_name, purpose, _("until it has been shown")))
    try:
        reverse("set_language")
    except NoReverseMatch:
        return found
    lifetime = (
        _("until the browser is closed")
        if settings.LANGUAGE_COOKIE_AGE is None
        else _span(timedelta(seconds=settings.LANGUAGE_COOKIE_AGE))
    )
    return [*found, CookieRow(settings.LANGUAGE_COOKIE_NAME, _("Set when you choose a language."), lifetime)]


def _span(age: timedelta) -> str:
    days = max(1, round(age / timedelta(days=1)))
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
