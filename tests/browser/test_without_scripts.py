"""All that a reader can do, with JavaScript off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from comments.models import Comment, Recommendation, Report, Thread
from tests.browser.windows import PATH, fill, submit

pytestmark = pytest.mark.usefixtures("article")


@pytest.fixture
def plain(site: Any) -> Callable[..., Any]:
    """A page in a browser that runs no scripts."""
    return lambda path=PATH: site(java_script_enabled=False).open(path)


def test_post_and_reply(plain: Any, talk: dict[str, Comment]) -> None:
    page = plain()
    fill(page)
    submit(page)
    expect(page.locator(".lar-own")).to_contain_text("awaiting moderation")

    page.locator(f"#comment-{talk['jobs'].pk} > article .lar-reply").click()
    expect(page.locator("#lar-respond-title")).to_have_text("Leave a Reply to Carl")
    expect(page.locator("#lar-respond-title")).to_be_in_viewport()
    expect(page.locator(".lar-answered")).to_contain_text("They promised")
    fill(page, body="Four hundred and one.")
    submit(page)

    expect(page.locator(".lar-own")).to_contain_text("Four hundred and one.")
    assert Comment.objects.latest("id").parent == talk["jobs"]


def test_cancel_a_reply(plain: Any, talk: dict[str, Comment]) -> None:
    page = plain(f"{PATH}?reply={talk['jobs'].pk}")
    page.get_by_role("link", name="Cancel the reply").click()

    expect(page.locator("#lar-respond-title")).to_have_text("Leave a Reply")
    expect(page.locator(".lar-cancel")).to_be_hidden()


def test_preview(plain: Any) -> None:
    page = plain()
    page.locator("#lar-body").fill("So *deep*")
    page.get_by_role("button", name="Preview").click()

    expect(page.locator("#lar-preview em")).to_have_text("deep")
    expect(page.locator("#lar-preview")).to_be_in_viewport()
    expect(page.locator("#lar-body")).to_have_value("So *deep*")


def test_filter_sort_and_page(plain: Any, talk: dict[str, Comment], settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "COMMENTS_PER_PAGE": 4}
    page = plain()
    page.locator("#lar-facet-dredging").click()
    expect(page.locator("#lar-list .lar-body")).to_have_count(2)
    expect(page.locator("#lar-list")).to_be_in_viewport()
    page.get_by_role("link", name="Oldest").click()
    expect(page.locator("#lar-list .lar-body").first).to_contain_text("The port may dredge")
    page.get_by_role("link", name="Clear the filter").click()
    page.get_by_role("link", name="More comments").click()
    expect(page.get_by_role("link", name="Previous comments")).to_be_visible()


def test_recommend_and_take_back(plain: Any, talk: dict[str, Comment]) -> None:
    page = plain()
    button = page.locator(f"#comment-{talk['jobs'].pk} > article .lar-recommend")
    button.click()
    expect(page.locator("h1")).to_have_text("You recommend this comment")
    page.get_by_role("link", name="Back to the discussion").click()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(page.locator("h1")).to_have_text("Recommend this comment")
    assert not Recommendation.objects.exists()


def test_report(plain: Any, talk: dict[str, Comment]) -> None:
    page = plain()
    page.locator(f"#comment-{talk['jobs'].pk} > article").get_by_role("link", name="Report").click()
    page.get_by_label("It is off topic").check()
    page.get_by_role("button", name="Send report").click()

    expect(page.locator("main")).to_contain_text("The moderators will look at this comment.")
    assert Report.objects.get().reason == "off_topic"


def test_edit_and_withdraw(plain: Any) -> None:
    Thread.objects.update(mode="publish")
    page = plain()
    fill(page)
    submit(page)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#lar-body").fill("It silts up every autumn.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#lar-list .lar-body")).to_have_text("It silts up every autumn.")
    page.get_by_role("link", name="Withdraw", exact=True).click()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.locator("main")).to_contain_text("You have withdrawn this comment.")


def test_why_and_more_replies(plain: Any, talk: dict[str, Comment]) -> None:
    page = plain()
    page.locator(f"#comment-{talk['first'].pk} > article").get_by_role("link", name="The dredging licence").click()
    expect(page.locator("mark")).to_have_text("dredge")
    page.get_by_role("link", name="Show all comments with this tag").click()
    expect(page.locator("#lar-list .lar-body")).to_have_count(2)

    page.get_by_role("link", name="Clear the filter").click()
    page.get_by_role("link", name="Show more replies").click()
    expect(page.locator(f"#comment-{talk['last'].pk}")).to_be_visible()
    page.get_by_role("link", name="Back to the discussion").click()
    expect(page.locator("#discussion")).to_be_in_viewport()
