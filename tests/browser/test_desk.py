"""The desks in a browser: keys, focus, cards that change in place, and axe-core on each page and state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from comments import moderation, tagging, viewing
from comments.models import Block, Comment, Status, Viewing
from comments.moderation import Seen
from tests.browser.windows import DESK, NARROW

Write = Callable[..., Comment]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUEUE = "/desk/moderation/"


def card(page: Any, comment: Comment) -> Any:
    return page.locator(f"#c-{comment.pk}")


def statuses(comments: list[Comment]) -> list[str]:
    rows = Comment.objects.filter(pk__in=[comment.pk for comment in comments]).order_by("pk")
    return list(rows.values_list("status", flat=True))


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
    page.keyboard.press("2")
    expect(card(page, third)).to_contain_text("Rejected.")
    assert statuses(waiting) == ["approved", "spam", "rejected"]
    assert Comment.objects.get(pk=third.pk).reason == "off_topic"


def test_a_slip_is_taken_back_by_one_key(at_the_desk: Any, waiting: list[Comment]) -> None:
    first, second, _third = waiting
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(card(page, first)).to_contain_text("Approved.")
    expect(card(page, second)).to_be_focused()

    page.keyboard.press("z")

    expect(card(page, first)).to_be_focused()
    expect(card(page, first).get_by_role("button", name="Approve")).to_be_visible()
    expect(page.locator("#desk-live")).to_contain_text("Undone.")
    expect(page.locator("#desk-tabs")).to_contain_text("Pending 3")
    assert statuses(waiting) == ["pending"] * 3

    # From another page its line is gone; the card comes first.
    page.keyboard.press("s")
    expect(card(page, first)).to_contain_text("Marked as spam.")
    page.reload()
    expect(card(page, first)).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator("#desk-cards > article").first).to_have_attribute("id", f"c-{first.pk}")


def test_keys_reply_edit_block_and_close_what_they_opened(at_the_desk: Any, waiting: list[Comment]) -> None:
    first, second, third = waiting
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(card(page, first).get_by_label("Your reply")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(page, first)).to_be_focused()
    expect(card(page, first).get_by_label("Your reply")).to_have_count(0)

    page.keyboard.press("c")
    card(page, first).get_by_label("Your reply").press_sequentially("Thank you, as a rule.")
    card(page, first).get_by_role("button", name="Approve and reply").click()
    expect(card(page, first)).to_contain_text("Your reply is published.")
    expect(card(page, second)).to_be_focused()

    page.keyboard.press("e")
    field = card(page, second).get_by_label("Text", exact=True)
    expect(field).to_be_focused()
    field.fill("The tide, part two.")
    card(page, second).get_by_role("button", name="Save the text").click()
    expect(card(page, second).locator(".desk-body")).to_have_text("The tide, part two.")

    card(page, third).focus()
    page.keyboard.press("b")
    expect(card(page, third).get_by_label("How long")).to_be_focused()
    card(page, third).get_by_label("How long").press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(card(page, third)).to_contain_text("blocked on the whole site until")
    assert Block.objects.get().comment_id == third.pk


def test_who_has_walked_on_before_the_answer_came_stays_there(at_the_desk: Any, waiting: list[Comment]) -> None:
    first, second, third = waiting
    page = at_the_desk().open(QUEUE)
    held: list[Any] = []
    page.route("**/decide/", lambda route: held.append(route))
    for key in "jajj":
        page.keyboard.press(key)
    expect(card(page, third)).to_be_focused()

    (route,) = held
    route.continue_()

    expect(card(page, first)).to_contain_text("Approved.")
    expect(page.locator("#desk-tabs")).to_contain_text("Pending 2")
    page.keyboard.press("x")
    expect(card(page, third).locator("[name=pick]")).to_be_checked()
    expect(card(page, third)).to_be_focused()
    assert statuses([second, third]) == ["pending", "pending"]


def test_selected_cards_are_decided_together_and_taken_back(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)
    bar = page.get_by_role("form", name="Decide on the selected")
    expect(bar).to_be_hidden()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(bar).to_contain_text("2 selected")

    bar.get_by_role("button", name="Mark as spam").click()

    expect(page.locator("#desk-summary")).to_contain_text("2 comments decided.")
    expect(page.locator(".desk-done")).to_have_count(2)
    expect(bar).to_be_hidden()
    assert statuses(waiting) == ["spam", "spam", "pending"]
    page.get_by_role("button", name="Undo all").click()
    expect(card(page, waiting[0]).get_by_role("button", name="Approve")).to_be_visible()
    assert statuses(waiting) == ["pending"] * 3


def test_what_is_new_waits_behind_a_button(at_the_desk: Any, waiting: list[Comment], write: Write) -> None:
    page = at_the_desk().open(QUEUE)
    late = write("The late tide.", status="pending")
    other = User.objects.create_user("mona")
    viewing.look(waiting[1].pk, by=other)

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("#desk-tabs")).to_contain_text("Pending 4")
    expect(page.get_by_role("link", name="1 new")).to_be_visible()
    expect(card(page, waiting[1])).to_contain_text("mona has this open")
    expect(card(page, late)).to_have_count(0)
    page.keyboard.press(".")
    expect(card(page, late)).to_be_visible()
    expect(page.locator("#desk-cards > article").last).to_have_attribute("id", f"c-{late.pk}")
    expect(page.get_by_role("link", name="1 new")).to_have_count(0)


def test_a_card_in_focus_is_open_for_the_others(at_the_desk: Any, waiting: list[Comment], staff: User) -> None:
    page = at_the_desk().open(QUEUE)
    card(page, waiting[2]).focus()

    with page.expect_response(lambda answer: answer.url.endswith("/live/")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert Viewing.objects.get(user=staff).comment_id == waiting[2].pk


def test_keys_lead_from_queue_to_queue(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)

    page.keyboard.press("]")
    expect(page.locator("#desk-tabs [aria-current]")).to_contain_text("Reported")
    page.keyboard.press("[")
    expect(page.locator("#desk-tabs [aria-current]")).to_contain_text("Pending")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.locator("#desk-tabs [aria-current]")).to_contain_text("Spam")
    assert statuses(waiting) == ["pending"] * 3


def test_by_touch_at_phone_width(at_the_desk: Any, waiting: list[Comment], axe: str) -> None:
    first, second, third = waiting
    page = at_the_desk(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).open(QUEUE)

    card(page, first).get_by_role("button", name="Approve").tap()
    expect(card(page, first)).to_contain_text("Approved.")
    card(page, first).get_by_role("button", name="Undo").tap()
    expect(card(page, first).get_by_role("button", name="Approve")).to_be_visible()
    card(page, second).get_by_label("Reason").select_option("abuse")
    card(page, second).get_by_text("Message and note").tap()
    card(page, second).get_by_label("Message to the author").fill("Please leave the persons out.")
    card(page, second).get_by_label("They may revise it").check()
    card(page, second).get_by_role("button", name="Reject").tap()
    expect(card(page, second)).to_contain_text("Rejected.")
    card(page, third).get_by_role("link", name="Block").tap()
    expect(card(page, third).get_by_label("How long")).to_be_visible()
    card(page, third).get_by_label("Select the comment by").check()
    check(page, axe)

    event = second.events.first()
    assert (event.message, event.is_invitation) == ("Please leave the persons out.", True)
    assert page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth") == 0
    assert statuses(waiting) == ["pending", "rejected", "pending"]


def test_without_javascript_all_of_it_is_forms(at_the_desk: Any, waiting: list[Comment], axe: str) -> None:
    first, second, third = waiting
    page = at_the_desk(java_script_enabled=False).open(QUEUE)

    card(page, first).get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status").filter(has_text="Approved.")).to_be_visible()
    card(page, second).get_by_label("Reason").select_option("abuse")
    card(page, second).get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status").filter(has_text="Rejected.")).to_be_visible()
    card(page, third).get_by_role("link", name="Reply").click()
    page.get_by_label("Your reply").fill("Thank you.")
    page.get_by_role("button", name="Approve and reply").click()
    expect(page.get_by_role("status").filter(has_text="Your reply is published.")).to_be_visible()
    page.get_by_role("link", name="Block").click()
    page.get_by_label("How long").select_option("30")
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_role("status").filter(has_text="Blocked.")).to_be_visible()
    assert statuses(waiting) == ["approved", "rejected", "approved"]

    page.goto(page.url.split("/desk/")[0] + f"{QUEUE}?queue=all&order=newest")
    for number in (0, 1):
        page.get_by_label("Select the comment by").nth(number).check()
    page.get_by_role("form", name="Decide on the selected").get_by_role("button", name="Mark as spam").click()
    expect(page.get_by_role("heading", name="What was decided")).to_be_visible()
    page.get_by_role("button", name="Undo all").click()
    expect(page.locator(".desk-summary")).to_contain_text("2 decisions undone.")


def test_typing_decides_nothing(at_the_desk: Any, waiting: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)

    card(page, waiting[0]).get_by_text("Message and note").click()
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

    shown.get_by_text("Message and note").click()
    shown.get_by_label("Note for the log").fill("Fine by me")
    shown.get_by_role("button", name="Approve").click()

    expect(shown.get_by_role("alert")).to_contain_text("it is spam now")
    expect(shown.get_by_role("alert")).to_be_focused()
    expect(shown.get_by_label("Note for the log")).to_have_value("Fine by me")


def test_a_refusal_is_said_where_it_was_asked_for(at_the_desk: Any, waiting: list[Comment], staff: User) -> None:
    Comment.objects.filter(pk=waiting[0].pk).update(user=staff)
    page = at_the_desk(may_fail=(403,)).open(QUEUE)
    shown = card(page, waiting[0])
    shown.get_by_role("link", name="Block").click()
    shown.get_by_label("Why, for the log").fill("Shouts at others")

    shown.get_by_role("button", name="Block").click()

    expect(shown.get_by_role("alert")).to_contain_text("Staff cannot be blocked here.")
    expect(shown.get_by_label("Why, for the log")).to_have_value("Shouts at others")
    expect(page.locator("#desk-live")).to_be_empty()


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
        f"{QUEUE}?text=tide&order=newest&age=day&risk=50",
        f"{QUEUE}?thread={thread}&tag=jobs",
        f"{QUEUE}topic/?thread={thread}&tag=jobs",
        *(f"{QUEUE}{waiting[0].pk}/{tool}/" for tool in ("reply", "edit", "block", "more")),
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
    page.locator(".desk-filters summary").click()
    for tool in ("Reply", "Edit", "Block", "More"):
        card(page, second).get_by_role("link", name=tool, exact=True).click()
        expect(card(page, second).get_by_role("heading", level=3)).to_be_visible()
        check(page, axe)
        page.keyboard.press("Escape")
    card(page, third).get_by_label("Select the comment by").check()
    check(page, axe)
    card(page, first).get_by_role("button", name="Approve").click()
    expect(card(page, first)).to_contain_text("Approved.")
    card(page, second).locator("select").evaluate("field => { field.required = false; }")
    card(page, second).get_by_role("button", name="Reject").click()
    expect(card(page, second).locator(".desk-fault")).to_be_visible()
    moderation.decide(third, to=Status.SPAM, by=User.objects.get(username="nora"), seen=Seen("pending", 1))
    card(page, third).get_by_role("button", name="Approve").click()
    expect(card(page, third).get_by_role("alert")).to_be_visible()

    check(page, axe)
