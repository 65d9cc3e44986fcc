"""Writing a comment in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from comments.models import Comment, Thread
from tests.browser.windows import PATH, fill, submit

pytestmark = pytest.mark.usefixtures("article")


def test_it_works(site: Any) -> None:
    page = site().open()
    fill(page)
    page.get_by_role("button", name="Post comment").click()

    expect(page.locator(".lar-own")).to_contain_text("awaiting moderation")
    expect(page.locator(".lar-own .lar-body")).to_have_text("The channel silts up every spring.")
    comment = Comment.objects.get()
    assert page.url.endswith(f"#comment-{comment.pk}")
    expect(page.locator(f"#comment-{comment.pk}")).to_be_in_viewport()
    stranger = site().open()
    expect(stranger.locator("#lar-list")).to_contain_text("Nobody has commented yet.")


def test_by_keyboard_alone(site: Any) -> None:
    page = site().open(f"{PATH}#lar-respond-title")
    page.locator("#lar-body").focus()
    page.keyboard.type("Written without a mouse.")
    for text in ("Carl", "carl@example.org", "carl.example"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Post comment")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".lar-own")).to_contain_text("Written without a mouse.")
    expect(page.locator("#lar-name")).to_have_value("Carl")
    expect(page.locator("#lar-remember")).to_be_checked()
    expect(page.locator("#lar-email")).to_have_value("")


def test_the_summary_of_errors_takes_the_focus_and_leads_to_the_fields(site: Any) -> None:
    page = site().open()
    page.locator("#lar-body").evaluate("field => field.form.noValidate = true")
    fill(page, body="Kept.", name="", email="carl")
    submit(page)

    summary = page.locator("#lar-errors")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    expect(page.locator("#lar-body")).to_have_value("Kept.")
    expect(page.locator("#lar-email")).to_have_value("carl")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#lar-name")).to_be_focused()
    page.locator("#lar-name").fill("Carl")
    page.locator("#lar-email").fill("carl@example.org")
    submit(page)
    expect(page.locator(".lar-own")).to_contain_text("Kept.")


def test_without_scripts_the_focus_goes_to_the_summary_too(site: Any) -> None:
    page = site(java_script_enabled=False).open()
    fill(page, name="\u200b", email="carl@example")
    submit(page)

    assert page.url.endswith("#lar-errors")
    expect(page.locator("#lar-errors")).to_be_in_viewport()
    expect(page.locator("#lar-body")).to_have_value("The channel silts up every spring.")


def test_a_browser_asks_for_what_is_required(site: Any) -> None:
    page = site().open()
    page.get_by_role("button", name="Post comment").click()

    expect(page.locator("#lar-body")).to_be_focused()
    assert page.locator("#lar-body").evaluate("field => field.validity.valueMissing")
    assert not Comment.objects.exists()


def test_a_draft_outlives_a_reload_and_goes_when_it_is_posted(site: Any) -> None:
    page = site().open()
    page.locator("#lar-body").press_sequentially("Half a thought")
    page.reload()
    expect(page.locator("#lar-body")).to_have_value("Half a thought")

    fill(page, body="A whole thought")
    submit(page)

    expect(page.locator(".lar-own")).to_contain_text("A whole thought")
    expect(page.locator("#lar-body")).to_have_value("")
    page.reload()
    expect(page.locator("#lar-body")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_a_draft_outlives_a_post_that_never_arrived(site: Any) -> None:
    visit = site()
    page = visit.open()
    fill(page, body="Written in a tunnel.")
    page.route("**/post/", lambda route: route.abort())
    page.get_by_role("button", name="Post comment").click()
    page.wait_for_url("chrome-error://**")
    page.unroute("**/post/")
    visit.faults.clear()

    visit.open()

    expect(page.locator("#lar-body")).to_have_value("Written in a tunnel.")


def test_a_draft_holds_the_text_and_nothing_of_the_person(site: Any) -> None:
    page = site().open()
    fill(page, body="Half a thought")

    stored = page.evaluate("JSON.stringify(localStorage)")
    assert "Half a thought" in stored
    assert "carl" not in stored.lower()


def test_the_counter_counts_as_the_server_does(site: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "MAX_LENGTH": 10}
    page = site().open()
    counter = page.locator(".lar-counter")
    expect(counter).to_have_text("At most 10 characters.")

    page.locator("#lar-body").fill("eel 🐟🐟")
    expect(counter).to_have_text("Characters left: 4.")
    page.locator("#lar-body").fill("x" * 12)
    expect(counter).to_have_text("Characters too many: 2.")
    page.locator("#lar-body").fill("")
    expect(counter).to_have_text("At most 10 characters.")


def test_a_double_click_posts_once(site: Any) -> None:
    page = site().open()
    fill(page)
    page.get_by_role("button", name="Post comment").dblclick(no_wait_after=True)

    expect(page.locator(".lar-own")).to_contain_text("awaiting moderation")
    assert Comment.objects.count() == 1


def test_a_reload_after_posting_posts_nothing(site: Any) -> None:
    page = site().open()
    fill(page)
    submit(page)
    expect(page.locator(".lar-own")).to_be_visible()
    page.reload()

    expect(page.locator(".lar-own")).to_be_visible()
    assert Comment.objects.count() == 1


def test_the_preview_comes_in_place_and_is_announced(site: Any) -> None:
    page = site().open()
    page.locator("#lar-body").fill("So *deep* <b>b</b>")
    page.get_by_role("button", name="Preview").click()

    expect(page.locator("#lar-preview em")).to_have_text("deep")
    expect(page.locator("#lar-preview .lar-body")).to_have_text("So deep <b>b</b>")
    expect(page.locator("#lar-preview")).to_have_attribute("aria-live", "polite")
    expect(page.locator("#lar-body")).to_have_value("So *deep* <b>b</b>")
    assert page.url.endswith(PATH)
    assert not Comment.objects.exists()


def test_the_form_moves_below_the_comment_and_back(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    item = page.locator(f"#comment-{talk['jobs'].pk}")
    reply = item.locator("> article .lar-reply")
    reply.click()

    expect(item.locator("#respond")).to_be_visible()
    expect(page.locator("#lar-respond-title")).to_have_text("Leave a Reply to Carl")
    expect(page.locator("#lar-body")).to_be_focused()

    page.get_by_role("link", name="Cancel the reply").click()
    expect(item.locator("#respond")).to_have_count(0)
    expect(page.locator("#lar-respond-title")).to_have_text("Leave a Reply")
    expect(page.locator("[name=parent]")).to_have_value("")
    expect(reply).to_be_focused()

    reply.click()
    fill(page, body="Four hundred and one.")
    submit(page)
    expect(page.locator(".lar-own")).to_contain_text("Four hundred and one.")
    assert Comment.objects.latest("id").parent == talk["jobs"]


def test_a_reply_begun_keeps_its_words_when_the_list_changes(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    page.locator(f"#comment-{talk['jobs'].pk} > article .lar-reply").click()
    page.locator("#lar-body").fill("Half an answer")
    page.locator("#lar-facet-dredging").click()
    expect(page.locator(".lar-matches")).to_be_visible()

    expect(page.locator("#lar-body")).to_have_value("Half an answer")
    expect(page.locator("#lar-respond-title")).to_have_text("Leave a Reply to Carl")
    expect(page.locator("[name=parent]")).to_have_value(str(talk["jobs"].pk))


def test_edit_and_withdraw(site: Any) -> None:
    Thread.objects.update(mode="publish")
    page = site().open()
    fill(page)
    submit(page)
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.locator("#lar-body")).to_be_focused()
    page.locator("#lar-body").fill("It silts up every autumn.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#lar-list .lar-body")).to_have_text("It silts up every autumn.")

    page.get_by_role("link", name="Withdraw", exact=True).click()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.locator("main")).to_contain_text("You have withdrawn this comment.")
    page.get_by_role("link", name="Back to the discussion").click()
    expect(page.locator("#lar-list")).to_contain_text("Nobody has commented yet.")
