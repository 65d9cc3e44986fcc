"""A hurried moderator's desk: many at once by keys, taking back from every page, and a session that ended meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import expect

from comments import bulk, moderation
from comments.models import Comment, ModerationEvent
from comments.moderation import Seen
from tests.browser.windows import NARROW

Write = Callable[..., Comment]
QUEUE = "/desk/moderation/"
LOG = "/desk/moderation/log/"


def card(page: Any, comment: Comment) -> Any:
    return page.locator(f"#c-{comment.pk}")


def statuses(comments: list[Comment]) -> list[str]:
    rows = Comment.objects.filter(pk__in=[comment.pk for comment in comments]).order_by("pk")
    return list(rows.values_list("status", flat=True))


def test_keys_select_all_and_decide_on_the_selected(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("j")
    # Nothing is selected: with Shift nothing is meant, not even the card in focus.
    page.keyboard.press("Shift+A")
    page.keyboard.press("Shift+X")
    expect(page.locator("#desk-picked")).to_have_text("3 selected")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#desk-picked")).to_have_text("2 selected")
    page.keyboard.press("Shift+R")
    expect(page.locator("#bulk-reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(page, waiting[1])).to_be_focused()
    page.keyboard.press("Shift+R")
    page.keyboard.press("1")

    expect(page.locator("#desk-summary")).to_contain_text("2 comments decided.")
    assert statuses(waiting) == ["rejected", "pending", "rejected"]
    expect(page.locator(".desk-summary")).to_be_focused()
    page.keyboard.press("z")
    expect(card(page, waiting[0]).get_by_role("button", name="Approve")).to_be_visible()
    assert statuses(waiting) == ["pending"] * 3


def test_with_caps_lock_a_key_means_the_card_in_focus(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("j")
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'A', code: 'KeyA', bubbles: true}))"
    )
    expect(card(page, waiting[0])).to_contain_text("Approved.")
    assert statuses(waiting) == ["approved", "pending", "pending"]


@pytest.mark.parametrize("path", [LOG, "{card}"])
def test_the_last_decision_is_taken_back_from_the_log_and_from_a_card(
    at_the_desk: Any, waiting: list[Comment], path: str
) -> None:
    first, second, _third = waiting
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(card(page, first)).to_contain_text("Approved.")
    page.goto(page.url.removesuffix(QUEUE) + path.format(card=f"{QUEUE}{second.pk}/"))
    expect(page.get_by_role("button", name="Keyboard")).to_be_visible()

    page.keyboard.press("z")

    expect(page.locator(".desk-messages")).to_contain_text("Undone.")
    assert statuses(waiting) == ["pending"] * 3
    assert ModerationEvent.objects.filter(action="undo").count() == 1
    # Where there is nothing to take back, that is said where it was asked for.
    page.keyboard.press("z")
    expect(page.locator(".desk-messages")).to_contain_text("There is nothing of the last hour to undo.")


def test_what_was_decided_at_once_is_one_line_of_the_log_and_taken_back_there(
    at_the_desk: Any, waiting: list[Comment], staff: User, axe: str
) -> None:
    bulk.decide_many([bulk.Choice(comment.pk, "spam", Seen("pending", 1)) for comment in waiting], by=staff)
    visit = at_the_desk(viewport=NARROW)
    page = visit.open(LOG)
    row = page.get_by_role("row").filter(has_text="3 comments at once")
    expect(row).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(axe)
    assert page.evaluate("axe.run().then((found) => found.violations.map((rule) => rule.id))") == []

    row.get_by_role("button", name="Undo all").click()

    expect(page.locator(".desk-summary")).to_contain_text("3 decisions undone.")
    assert statuses(waiting) == ["pending"] * 3
    page.get_by_role("link", name="Back to the log").click()
    expect(page.get_by_role("row").filter(has_text="3 taken back")).to_have_count(1)


def log_in(page: Any, staff: User) -> None:
    """As in another window of the same browser."""
    client = Client()
    client.force_login(staff)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": page.evaluate("location.origin")}]
    )
    # Logging in makes the tokens void that stand on other pages.
    page.context.clear_cookies(name="csrftoken")


def test_a_session_that_ended_costs_nothing_that_was_typed(
    at_the_desk: Any, waiting: list[Comment], staff: User
) -> None:
    first = waiting[0]
    page = at_the_desk(may_fail=(403,)).open(QUEUE)
    page.keyboard.press("j")
    page.keyboard.press("m")
    note = "The tide table says otherwise."
    card(page, first).get_by_label("Note for the log").fill(note)
    Session.objects.all().delete()

    card(page, first).get_by_role("button", name="Approve").click()

    expect(page.locator("#desk-away")).to_contain_text("nothing that you typed is lost")
    expect(page.locator("#desk-away a")).to_have_attribute("href", "/accounts/login/?next=/desk/moderation/")
    expect(card(page, first).get_by_label("Note for the log")).to_have_value(note)
    assert statuses([first]) == ["pending"]

    log_in(page, staff)
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#desk-away")).to_contain_text("You are logged in again.")
    card(page, first).get_by_role("button", name="Approve").click()
    expect(card(page, first)).to_contain_text("Approved.")
    assert ModerationEvent.objects.get(comment=first).note == note


def test_a_token_that_another_window_made_void_is_renewed(
    at_the_desk: Any, waiting: list[Comment], staff: User
) -> None:
    first = waiting[0]
    page = at_the_desk(may_fail=(403,)).open(QUEUE)
    log_in(page, staff)
    page.keyboard.press("j")
    with page.expect_response(lambda answer: answer.request.method == "GET" and answer.url.endswith(QUEUE)):
        page.keyboard.press("a")
    expect(page.locator("#desk-live")).to_contain_text("Nothing was decided; try once more.")
    page.wait_for_function(
        "token => document.querySelector('[name=csrfmiddlewaretoken]').value !== token",
        arg="",
    )
    expect(card(page, first)).to_be_focused()

    page.keyboard.press("a")

    expect(card(page, first)).to_contain_text("Approved.")


def test_without_htmx_what_was_typed_is_handed_back(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk(may_fail=(403,)).open(f"{QUEUE}{waiting[0].pk}/")
    page.keyboard.press("m")
    page.get_by_label("Message to the author").fill("Please name your source.")
    Session.objects.all().delete()
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_role("heading", name="You are logged out")).to_be_visible()
    expect(page.get_by_label("You typed")).to_have_value("Please name your source.")
    link = page.get_by_role("link", name="Log in in a new window")
    expect(link).to_have_attribute("href", f"/accounts/login/?next={QUEUE}{waiting[0].pk}/")
    assert statuses(waiting) == ["pending"] * 3


def test_two_presses_of_one_button_are_one_decision(at_the_desk: Any, waiting: list[Comment]) -> None:
    first, second, _third = waiting
    page = at_the_desk().open(QUEUE)
    card(page, first).get_by_role("button", name="Approve").dblclick()
    expect(card(page, first)).to_contain_text("Approved.")
    expect(card(page, second)).to_be_focused()
    expect(page.locator("#desk-tabs")).to_contain_text("Pending 2")
    assert statuses(waiting) == ["approved", "pending", "pending"]


def test_what_did_not_reach_the_site_is_said_and_done_by_the_next_press(
    at_the_desk: Any, waiting: list[Comment]
) -> None:
    first = waiting[0]
    visit = at_the_desk()
    page = visit.open(QUEUE)
    page.route("**/decide/", lambda route: route.abort())
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#desk-live")).to_have_text("This did not reach the site. Nothing was decided; try once more.")
    assert statuses(waiting) == ["pending"] * 3
    visit.faults.clear()  # Chromium logs what was cut off.
    page.unroute("**/decide/")

    page.keyboard.press("a")

    expect(card(page, first)).to_contain_text("Approved.")
    expect(page.locator("#desk-live")).not_to_have_class("desk-alert")
    expect(page.locator("#desk-live")).not_to_have_attribute("data-stays", "1")


def test_what_its_author_took_back_meanwhile_is_said_on_its_card(at_the_desk: Any, waiting: list[Comment]) -> None:
    first, second, _third = waiting
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("j")
    moderation.move(first, to="withdrawn", actor="author", seen=Seen("pending", 1))

    page.keyboard.press("a")

    expect(card(page, first)).to_contain_text("it is withdrawn now")
    assert statuses([first, second]) == ["withdrawn", "pending"]
