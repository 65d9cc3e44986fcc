"""Reading, filtering, recommending and reporting in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from comments import moderation
from comments.models import Comment, Report, TagSuggestion, Thread
from tests.browser.test_access import check
from tests.browser.windows import PATH

pytestmark = pytest.mark.usefixtures("article")


def bodies(page: Any) -> Any:
    return page.locator("#lar-list .lar-body")


def mark(page: Any) -> None:
    """Leave a sign on the document, to see later whether it is still the same one."""
    page.evaluate("window.sameDocument = true")


def is_same_document(page: Any) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def test_a_filter_changes_the_url_and_nothing_else(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    mark(page)
    page.locator("#lar-facet-dredging").click()

    expect(page.locator(".lar-matches")).to_contain_text("2 comments match")
    expect(bodies(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"\?tag=dredging#discussion$"))
    expect(page.locator("#lar-facet-dredging")).to_be_focused()
    expect(page.locator("#lar-live")).to_have_text("2 comments match")
    assert is_same_document(page)

    page.keyboard.press("Enter")
    expect(page.locator(".lar-matches")).to_have_count(0)
    expect(page.locator("#lar-facet-dredging")).to_be_focused()
    expect(page.locator("#lar-live")).to_have_text("")


def test_the_back_button_goes_back(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    page.locator("#lar-facet-dredging").click()
    expect(bodies(page)).to_have_count(2)
    page.locator("#lar-facet-protect").click()
    expect(bodies(page)).to_have_count(1)

    page.go_back()
    expect(bodies(page)).to_have_count(2)
    expect(page.locator("#lar-facet-protect")).not_to_have_attribute("aria-current", "true")
    page.go_back()
    expect(page.locator(".lar-matches")).to_have_count(0)
    page.go_forward()
    expect(bodies(page)).to_have_count(2)


def test_a_filtered_address_can_be_shared(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    page.locator("#lar-facet-dredging").click()
    expect(bodies(page)).to_have_count(2)

    other = site().open(page.url.removeprefix(page.url.split(PATH)[0]))

    expect(bodies(other)).to_have_count(2)
    expect(other.locator("#lar-facet-dredging")).to_have_attribute("aria-current", "true")


def test_an_empty_result_leads_out(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    page.locator("#lar-facet-jobs").click()
    # The links of the other facets combine with this one from the moment that its list has come.
    expect(page.locator("#lar-facet-jobs")).to_have_attribute("aria-current", "true")
    page.locator("#lar-facet-protect").click()

    empty = page.locator(".lar-empty")
    expect(empty).to_contain_text("No comment talks about all of this.")
    expect(page.locator("#lar-live")).to_have_text("0 comments match")
    empty.get_by_role("link", name="Clear the filter").click()
    expect(page.locator("#lar-list")).to_contain_text("They promised")


def test_an_order_is_a_click(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    mark(page)
    page.get_by_role("link", name="Oldest").click()

    expect(page.get_by_role("link", name="Oldest")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("link", name="Oldest")).to_be_focused()
    expect(bodies(page).first).to_contain_text("The port may dredge")
    assert is_same_document(page)


def test_a_link_that_is_out_of_date_says_so(site: Any, talk: dict[str, Comment], thread: Thread) -> None:
    page = site(may_fail=(400,)).open()
    thread.tags.get(slug="jobs").delete()
    Thread.objects.update(version=99)
    page.locator("#lar-facet-jobs").click()

    expect(page.locator(".lar-notice")).to_contain_text("This discussion has no such tag.")


def test_the_pages_of_a_long_discussion(site: Any, talk: dict[str, Comment], settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "COMMENTS_PER_PAGE": 4}
    page = site().open()
    page.get_by_role("link", name="More comments").click()
    expect(page.get_by_role("link", name="Previous comments")).to_be_visible()
    expect(page.locator("#lar-list")).to_be_in_viewport()

    page.get_by_role("link", name="To the beginning of the discussion").click()
    expect(page.get_by_role("link", name="Previous comments")).to_have_count(0)


def test_more_replies_come_in_place_and_reading_goes_on(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    mark(page)
    expect(page.locator(f"#comment-{talk['last'].pk}")).to_have_count(0)
    page.get_by_role("link", name="Show more replies").focus()
    page.keyboard.press("Enter")

    expect(page.locator(f"#comment-{talk['last'].pk}")).to_be_visible()
    expect(page.get_by_role("link", name="Show more replies")).to_have_count(0)
    expect(page.locator(f"#comment-{talk['first'].pk} .lar-item a.lar-time:focus")).to_have_count(1)
    expect(page).to_have_url(re.compile(f"{PATH}$"))
    assert is_same_document(page)


def test_a_link_to_a_reply_far_down_shows_it(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open(f"/comments/{talk['last'].pk}/")

    expect(page.locator(f"#comment-{talk['last'].pk}")).to_be_in_viewport()


def test_a_conversation_can_be_folded_by_keyboard(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    details = page.locator(f"#comment-{talk['first'].pk} > details")
    details.locator("> summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#comment-{talk['answer'].pk}")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(f"#comment-{talk['answer'].pk}")).to_be_visible()


def test_why_opens_below_the_tags_and_gives_the_focus_back(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    item = page.locator(f"#comment-{talk['first'].pk} > article")
    item.get_by_role("link", name="The dredging licence").click()

    expect(item.locator("mark")).to_have_text("dredge")
    expect(item.locator(".lar-why")).to_be_focused()
    expect(item.locator(".lar-why")).to_contain_text("91 % sure")
    expect(page).to_have_url(re.compile(f"{PATH}$"))
    item.get_by_role("button", name="Close").click()
    expect(item.locator(".lar-why")).to_have_count(0)
    expect(item.get_by_role("link", name="The dredging licence")).to_be_focused()


def test_a_wrong_tag_is_suggested_in_place_and_taken_back(site: Any, talk: dict[str, Comment], axe: str) -> None:
    page = site().open()
    page.locator(f"#comment-{talk['first'].pk} > article .lar-tag").first.click()
    page.get_by_role("button", name="Wrong tag?").click()
    expect(page.get_by_text("An editor will look at this tag.")).to_be_visible()
    check(page, axe)
    assert TagSuggestion.objects.get().comment == talk["first"]
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert not TagSuggestion.objects.exists()


def test_recommending_presses_the_button(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    button = page.locator(f"#comment-{talk['jobs'].pk} > article .lar-recommend")
    button.focus()
    page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("1")
    expect(button).to_be_focused()
    expect(page).to_have_url(re.compile(f"{PATH}$"))
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    # Again and again, on the button that the last answer brought: one on each comment, whatever was pressed before.
    buttons = page.locator(".lar-recommend").count()
    for pressed, count in (("false", "0"), ("true", "1"), ("false", "0")):
        button.click()
        expect(button).to_have_attribute("aria-pressed", pressed)
        expect(button).to_contain_text(count)
        expect(page.locator(".lar-recommend")).to_have_count(buttons)


@pytest.mark.parametrize("pressed", [".lar-recommend", ".lar-tag", "a[href$='/report/']"])
def test_what_opens_in_place_does_not_move_the_page(pressed: str, site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    control = page.locator(f"#comment-{talk['jobs'].pk} > article {pressed}").first
    control.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    with page.expect_response(lambda response: response.request.headers.get("hx-request") == "true"):
        control.click()
    expect(page.locator(f"#comment-{talk['jobs'].pk} > article :is([aria-pressed=true], .lar-piece)")).to_be_visible()

    assert page.evaluate("scrollY") == before


def test_what_cannot_be_recommended_any_more_says_so(site: Any, talk: dict[str, Comment], staff: Any) -> None:
    page = site(may_fail=(404,)).open()
    moderation.decide(talk["jobs"], to="spam", by=staff, seen=moderation.Seen("approved", 1))
    page.locator(f"#comment-{talk['jobs'].pk} > article .lar-recommend").click()

    expect(page.locator("h1")).to_have_text("There is no such page")


def test_a_report_is_sent_in_place(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    item = page.locator(f"#comment-{talk['jobs'].pk} > article")
    item.get_by_role("link", name="Report").click()
    item.get_by_label("It is off topic").check()
    item.get_by_label("Note for the moderators").fill("It is about cranes.")
    item.get_by_role("button", name="Send report").click()

    expect(item.get_by_role("status")).to_contain_text("The moderators will look at this comment.")
    expect(page).to_have_url(re.compile(f"{PATH}$"))
    report = Report.objects.get()
    assert (report.comment, report.reason, report.note) == (talk["jobs"], "off_topic", "It is about cranes.")


def test_a_faulty_report_stays_in_place(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    item = page.locator(f"#comment-{talk['jobs'].pk} > article")
    item.get_by_role("link", name="Report").click()
    item.locator("form.lar-form").evaluate("form => form.noValidate = true")
    item.get_by_role("button", name="Send report").click()

    expect(item.locator(".lar-error")).to_have_text("Please choose a reason.")
    item.get_by_role("button", name="Close").click()
    expect(item.locator(".lar-piece")).to_have_count(0)


def test_times_follow_the_clock_of_the_reader(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    time = page.locator(f"#comment-{talk['jobs'].pk} > article time")

    expect(time).to_have_text("now")
    assert re.search(r"20\d\d", time.get_attribute("title"))
