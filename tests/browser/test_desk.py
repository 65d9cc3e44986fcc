"""The desks in a browser: keys, focus, cards that change in place, and axe-core on each page and state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from playwright.sync_api import expect

from comments import moderation, reporting, tagging
from comments.models import Comment, Reader, Status
from comments.moderation import Seen
from tests.browser.windows import DESK, NARROW

Write = Callable[..., Comment]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUEUE = "/desk/moderation/"


@pytest.fixture
def waiting(article: Any, write: Write) -> list[Comment]:
    """Three comments that wait, and one that is reported."""
    first, second, third = (write(f"The tide, part {number}.", status="pending") for number in (1, 2, 3))
    parent = write("A claim that can be answered.", status="approved")
    reported = write("The moon is cheese.", parent=parent, status="approved")
    reader = Reader.objects.create(cookie_digest="rita")
    reporting.report(reported, reader=reader, reason="false_claim", note="It is not.")
    return [first, second, third]


@pytest.fixture
def at_the_desk(site: Any, staff: User) -> Callable[..., Any]:
    """Opens a window in which a member of staff is logged in."""
    for group in Group.objects.all():
        group.permissions.add(*Permission.objects.filter(codename__in=["change_comment", "change_tag"]))

    def open_window(**options: Any) -> Any:
        client = Client()
        client.force_login(staff)
        visit = site(may_fail=(409, 422), **options)
        visit.page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": visit.host}]
        )
        return visit

    return open_window


def card(page: Any, comment: Comment) -> Any:
    return page.locator(f"#c-{comment.pk}")


def check(page: Any, axe: str) -> None:
    page.evaluate(axe)
    found = page.evaluate(
        """rules => axe.run(document, {runOnly: {type: "tag", values: rules}}).then(
          (result) => result.violations.flatMap(
            (rule) => rule.nodes.map((node) => [rule.id, node.html, node.failureSummary])))""",
        RULES,
    )
    assert found == []


def test_keys_walk_through_the_queue_and_decide(at_the_desk: Any, waiting: list[Comment]) -> None:
    first, second, third = waiting
    page = at_the_desk().open(QUEUE)

    page.keyboard.press("j")
    expect(card(page, first)).to_be_focused()
    page.keyboard.press("j")
    expect(card(page, second)).to_be_focused()
    page.keyboard.press("k")
    expect(card(page, first)).to_be_focused()
    page.keyboard.press("a")

    expect(card(page, first)).to_contain_text("Approved.")
    expect(card(page, second)).to_be_focused()
    expect(page.locator("#desk-tabs")).to_contain_text("Pending 2")
    expect(page.locator("#desk-live")).to_have_text("Approved.")
    page.keyboard.press("s")
    expect(card(page, second)).to_contain_text("Marked as spam.")
    expect(card(page, third)).to_be_focused()
    page.keyboard.press("r")
    expect(card(page, third).get_by_label("Reason")).to_be_focused()
    statuses = Comment.objects.filter(pk__in=[comment.pk for comment in waiting]).order_by("pk")
    assert list(statuses.values_list("status", flat=True)) == ["approved", "spam", "pending"]


def test_typing_decides_nothing(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)

    card(page, waiting[0]).get_by_label("Note for the log").press_sequentially("as a raj?")

    expect(card(page, waiting[0]).get_by_label("Note for the log")).to_have_value("as a raj?")
    assert Comment.objects.pending().count() == 3


def test_who_wants_no_keys_gets_none(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("?")
    page.get_by_label("Decide with single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()

    card(page, waiting[0]).focus()
    page.keyboard.press("a")
    page.keyboard.press("j")

    expect(card(page, waiting[0])).to_be_focused()
    assert Comment.objects.pending().count() == 3


def test_a_stale_view_is_said_on_the_card_and_the_note_stays(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)
    moderation.decide(waiting[0], to=Status.SPAM, by=User.objects.get(username="nora"), seen=Seen("pending", 1))
    shown = card(page, waiting[0])

    shown.get_by_label("Note for the log").fill("Fine by me")
    shown.get_by_role("button", name="Approve").click()

    expect(shown.get_by_role("alert")).to_contain_text("it is spam now")
    expect(shown.get_by_role("alert")).to_be_focused()
    expect(shown.get_by_label("Note for the log")).to_have_value("Fine by me")


def test_a_missing_reason_is_said_before_anything_is_sent(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)
    shown = card(page, waiting[0])

    shown.get_by_role("button", name="Reject").click()

    expect(shown.get_by_label("Reason")).to_be_focused()
    assert shown.locator("select").evaluate("field => field.validity.valueMissing")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, NARROW], ids=["desk", "320px"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    at_the_desk: Any, waiting: list[Comment], tags: Any, staff: User, axe: str, scheme: str, viewport: Any
) -> None:
    tagging.correct(waiting[0], tags["jobs"], applies=True, by=staff)
    visit = at_the_desk(color_scheme=scheme, viewport=viewport)
    thread = waiting[0].thread_id
    for path in [
        QUEUE,
        f"{QUEUE}?queue=reported",
        f"{QUEUE}?queue=all&thread={thread}&tag=jobs",
        f"{QUEUE}?queue=rejected",
        f"{QUEUE}log/",
        f"{QUEUE}{waiting[0].pk}/",
        "/desk/editors/",
        f"/desk/editors/{thread}/",
    ]:
        page = visit.open(path)
        check(page, axe)
        assert page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth") == 0, path


def test_axe_finds_nothing_in_what_comes_back(at_the_desk: Any, waiting: list[Comment], axe: str) -> None:
    first, second, third = waiting
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("?")
    check(page, axe)
    page.keyboard.press("Escape")
    card(page, first).get_by_role("button", name="Approve").click()
    expect(card(page, first)).to_contain_text("Approved.")
    card(page, second).locator("select").evaluate("field => { field.required = false; }")
    card(page, second).get_by_role("button", name="Reject").click()
    expect(card(page, second).locator(".desk-fault")).to_be_visible()
    moderation.decide(third, to=Status.SPAM, by=User.objects.get(username="nora"), seen=Seen("pending", 1))
    card(page, third).get_by_role("button", name="Approve").click()
    expect(card(page, third).get_by_role("alert")).to_be_visible()

    check(page, axe)
