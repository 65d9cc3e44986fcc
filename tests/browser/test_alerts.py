"""The page of alerts, a webhook's page and the page behind a mail's link: in both themes, on a phone, without scripts,
and axe-core on each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from comments import alerting, mailing
from comments.models import Comment, Delivery, Outbox
from tests.browser.test_desk import check
from tests.comments.test_mail_decisions import LINK

SHOTS = os.environ.get("SHOTS", "")
PAGE = "/desk/moderation/alerts/"
PHONE = {"width": 360, "height": 780}


@pytest.fixture
def nora(staff: User) -> User:
    """A moderator who runs the webhooks as well."""
    staff.email = "nora@newsroom.example"
    staff.save()
    staff.user_permissions.add(*Permission.objects.filter(codename__in=["change_comment", "change_webhook"]))
    return staff


def enter(visit: Any, user: User) -> Any:
    client = Client()
    client.force_login(user)
    visit.page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": visit.host}]
    )
    return visit


def look(page: Any, name: str, axe: str) -> None:
    """Check in both themes and at both widths that nothing is cut off or unreadable."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for size in ({"width": 1280, "height": 900}, PHONE, {"width": 320, "height": 640}):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, theme, size)
            check(page, axe)
            if SHOTS:
                page.screenshot(path=str(Path(SHOTS) / f"{name}-{theme}-{size['width']}.png"), full_page=True)


def test_a_moderator_chooses_alerts_and_an_operator_adds_a_webhook(
    site: Any, nora: User, axe: str, mail_site: str
) -> None:
    visit = enter(site(java_script_enabled=True), nora)
    page = visit.open(PAGE)
    page.get_by_label("Comments that wait").select_option("at_once")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_label("Comments that wait")).to_have_value("at_once")
    look(page, "alerts", axe)

    page.get_by_label("Address").fill("https://127.0.0.1/hook")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#desk-url-fault")).to_contain_text("private network")
    look(page, "alerts-fault", axe)
    page.get_by_label("Address").fill("https://hooks.example.org/newsroom")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_contain_text("shown only now")
    look(page, "webhook-secret", axe)

    page.get_by_role("button", name="Send a test").click()
    Delivery.objects.update(state="given_up", response_status=500, fault="http 500", attempts=7)
    page.reload()
    look(page, "webhook-log", axe)
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("tbody")).to_contain_text("waiting")


def test_a_decision_from_the_mail_without_scripts_and_without_logging_in(
    site: Any, nora: User, axe: str, mail_site: str, article: Any, write: Any
) -> None:
    alerting.choose(nora, pending="at_once", reported="never", digest_hours=24)
    comment = write("The quay is wet, and *nobody* says so.", status="pending", website="https://quay.example")
    Outbox.objects.update(due_at=timezone.now())
    mailing.send_due(limit=9)
    approve, reject, _spam = LINK.findall(str(mail.outbox[-1].body))

    page = site(may_fail=(409,)).open(reject)
    look(page, "decide", axe)
    window = site(java_script_enabled=False, may_fail=(409, 422)).open(reject)
    window.get_by_label("Reason").select_option("other")
    window.get_by_role("button", name="Reject").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Rejected")
    assert Comment.objects.get(pk=comment.pk).status == "rejected"
    page.goto(page.url.replace(reject, approve))
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to decide here")
    look(page, "decide-spent", axe)
