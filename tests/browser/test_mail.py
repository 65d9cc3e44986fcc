"""Mail in a real browser: from the page to the mailbox and back by the links of the mails, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from comments import confirming, links
from comments.models import Comment, Confirmation, Subscription, Thread
from tests.browser.test_access import LOOKS, OVERFLOW, check
from tests.browser.windows import DESK, NARROW, PATH, fill, submit

pytestmark = pytest.mark.usefixtures("article")

CARL = "carl@example.org"
MAILBOX = "Look into your mailbox."


@pytest.fixture
def mail_site(settings: Any, live_server: Any) -> str:
    """The live site offers mail; its links lead to itself."""
    shown = {"SITE_URL": live_server.url, "SITE_NAME": "The Newsroom", "MAIL_DELAY": 0}
    settings.COMMENTS = {**settings.COMMENTS, **shown}
    return str(live_server.url)


@pytest.fixture(autouse=True)
def _mails(mail_site: str) -> None:
    """Each test here is about a site that sends mail."""


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def window(request: pytest.FixtureRequest, site: Callable[..., Any]) -> Callable[..., Any]:
    """Opens windows of browsers that all run scripts, or all do not."""
    return lambda **options: site(java_script_enabled=request.param, **options)


def link_in(mail: Any, kind: str) -> str:
    return re.findall(rf"http://\S+/mail/{kind}/\S+", mail.body)[0]


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def ask(page: Any, address: str = CARL) -> None:
    page.locator("#lar-email").fill(address)
    press(page, "Send the mail")
    expect(page.get_by_role("status")).to_contain_text(MAILBOX)


def trust(visit: Any, deliver: Any, address: str = CARL) -> None:
    """Confirm an address in this browser."""
    ask(visit.open("/comments/mail/"), address)
    visit.page.goto(link_in(deliver()[-1], "confirm"))
    press(visit.page, "Yes, it is mine")


def test_ask_open_the_link_press_the_button_and_see_my_data(window: Any, deliver: Any) -> None:
    page = window().open()
    fill(page)
    submit(page)
    page.get_by_role("button", name="Confirm your email address").click()
    expect(page.get_by_role("status")).to_contain_text(MAILBOX)
    (mail,) = deliver()
    assert mail.to == [CARL]

    page.goto(link_in(mail, "confirm"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this your email address?")
    assert not Confirmation.objects.exists()
    press(page, "Yes, it is mine")

    expect(page.get_by_role("heading", level=1)).to_have_text("My data")
    expect(page.locator("main")).to_contain_text("The channel silts up every spring.")
    assert Confirmation.objects.count() == 1
    assert Comment.objects.get().is_confirmed
    page.goto(page.url.partition("/comments/")[0] + PATH)
    expect(page.locator(".lar-own")).to_contain_text("awaiting moderation")
    expect(page.get_by_role("button", name="Confirm your email address")).to_have_count(0)


def test_the_first_device_and_the_second(window: Any, deliver: Any) -> None:
    Thread.objects.update(mode="publish")
    desk, phone = window(), window()
    fill(desk.open())
    submit(desk.page)
    expect(phone.open().locator(".lar-own")).to_have_count(0)

    trust(phone, deliver)

    expect(phone.open().locator(".lar-own")).to_contain_text("Your comment is published.")
    phone.page.get_by_role("link", name="Edit", exact=True).click()
    phone.page.locator("#lar-body").fill("Changed on the phone.")
    press(phone.page, "Save")
    expect(phone.page.locator("#lar-list .lar-body")).to_have_text("Changed on the phone.")


def test_a_link_that_somebody_else_asked_for(window: Any, deliver: Any) -> None:
    """Sam types Carl's address; Carl opens the mail."""
    sam, carl = window(), window(may_fail=(410,))
    ask(sam.open("/comments/mail/"))
    link = link_in(deliver()[0], "confirm")
    page = carl.page
    page.goto(link)
    expect(page.locator("main")).to_contain_text("The mail was asked for in another browser.")
    press(page, "Yes, it is mine")
    expect(page.get_by_role("heading", level=1)).to_have_text("My data")

    sam.may_fail = (410,)
    sam.page.goto(link)
    expect(sam.page.get_by_role("alert")).to_contain_text("has been used or is too old")
    assert Confirmation.objects.count() == 1
    expect(sam.open("/comments/mine/").get_by_text("We know nothing")).to_have_count(0)
    expect(sam.page.get_by_role("link", name="Confirm your email address")).to_be_visible()


def test_follow_a_thread_get_mail_and_stop_it(window: Any, deliver: Any, write: Any, article: Any) -> None:
    Thread.objects.update(mode="publish")
    thread = Thread.objects.get()
    page = window().open()
    page.get_by_role("link", name="Follow by mail").click()
    page.locator("#lar-email").fill(CARL)
    page.get_by_label("at once").check()
    press(page, "Follow")
    expect(page.get_by_role("status")).to_contain_text(MAILBOX)
    page.goto(link_in(deliver()[0], "confirm"))
    expect(page.get_by_label("All comments under “The harbour grows”")).to_be_checked()
    press(page, "Yes, it is mine")

    comment = write("The crane is new.", name="Rita", email="rita@example.org", thread=thread)
    (mail,) = deliver()
    assert mail.to == [CARL]
    page.goto(re.findall(r"http://\S+/comments/\d+/", mail.body)[0])
    expect(page.locator(f"#comment-{comment.pk}")).to_be_in_viewport()

    stranger = window().page
    stranger.goto(link_in(mail, "stop"))
    expect(stranger.get_by_role("listitem").filter(has_text="All comments under")).to_have_count(1)
    assert Subscription.objects.count() == 1
    press(stranger, "Stop them")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("These mails have stopped")
    assert not Subscription.objects.exists()
    write("And gone.", thread=thread)
    assert deliver() == []


def test_follow_a_tag(window: Any, deliver: Any, talk: dict[str, Comment]) -> None:
    page = window().open()
    page.locator("#lar-facet-dredging").click()
    page.get_by_role("link", name="Follow this tag by mail").click()
    expect(page.locator("main")).to_contain_text("“The dredging licence”")
    page.locator("#lar-email").fill(CARL)
    press(page, "Follow")
    expect(page.get_by_role("status")).to_contain_text(MAILBOX)
    assert Subscription.objects.get().tag.slug == "dredging"
    page.get_by_role("link", name="Back to the discussion").click()
    expect(page.locator("#discussion")).to_be_in_viewport()


def test_the_box_brings_replies(window: Any, deliver: Any, write: Any) -> None:
    Thread.objects.update(mode="publish")
    page = window().open()
    fill(page, body="Who counts the eel?", email="carl@nowhere")
    page.get_by_label("Mail me when this comment is decided on or answered.").check()
    submit(page)
    expect(page.locator("#lar-errors")).to_be_visible()
    expect(page.locator("#lar-notify")).to_be_checked()
    page.locator("#lar-email").fill(CARL)
    submit(page)
    own = Comment.objects.get()
    page.goto(link_in(deliver()[0], "confirm"))
    expect(page.get_by_label("Replies to your comment under “The harbour grows”")).to_be_checked()
    press(page, "Yes, it is mine")

    answer = write("I do.", parent=own, name="Rita", email="rita@example.org", thread=own.thread)
    (mail,) = deliver()
    assert "Rita answered your comment" in mail.body
    page.goto(re.findall(r"http://\S+/comments/\d+/", mail.body)[0])
    expect(page.locator(f"#comment-{answer.pk}")).to_be_in_viewport()


def test_the_manage_page(window: Any, deliver: Any, write: Any, thread: Thread) -> None:
    Thread.objects.update(mode="publish")
    visit = window()
    trust(visit, deliver)
    visit.open(f"/comments/threads/{thread.pk}/subscribe/")
    visit.page.get_by_label("at once").check()
    press(visit.page, "Follow")
    expect(visit.page.get_by_role("status")).to_contain_text("Done.")
    write(name="Rita", email="rita@example.org", thread=Thread.objects.get())
    (mail,) = deliver()

    page = window().page
    page.goto(link_in(mail, "subscriptions"))
    group = page.get_by_role("group", name="All comments under “The harbour grows”")
    group.get_by_label("How often").select_option("weekly")
    press(page, "Save")
    expect(page.get_by_role("status")).to_contain_text("Your choice is kept.")
    assert Subscription.objects.get().pace == "weekly"
    expect(group.get_by_label("How often")).to_have_value("weekly")
    press(page, "Stop this")
    expect(page.locator("main")).to_contain_text("You get no mail from us.")
    assert not Subscription.objects.exists()


def test_who_asks_too_often_reads_why(window: Any) -> None:
    visit = window(may_fail=(429,))
    for number in range(confirming.ASKS_OF_A_BROWSER):
        ask(visit.open("/comments/mail/"), f"a{number}@example.org")
    page = visit.open("/comments/mail/")
    page.locator("#lar-email").fill(CARL)
    press(page, "Send the mail")
    expect(page.get_by_role("alert")).to_contain_text("several mails within the hour")


def test_a_double_click_confirms_once(site: Any, deliver: Any) -> None:
    asked, page = site(), site().page
    ask(asked.open("/comments/mail/"))
    page.goto(link_in(deliver()[0], "confirm"))
    page.get_by_role("button", name="Yes, it is mine").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("My data")
    assert Confirmation.objects.count() == 1


def test_by_keyboard_alone(site: Any, deliver: Any, thread: Thread) -> None:
    page = site().open(f"/comments/threads/{thread.pk}/subscribe/")
    page.locator("#lar-email").focus()
    page.keyboard.type("carl")
    page.locator("#lar-email").evaluate("field => field.form.noValidate = true")
    page.keyboard.press("Enter")
    expect(page.locator("#lar-email-error")).to_be_visible()
    expect(page.locator("#lar-email")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("@example.org")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Follow")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(MAILBOX)
    assert Subscription.objects.get().pace == "daily"
    page.goto(link_in(deliver()[0], "confirm"))
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My data")
    assert Subscription.objects.get().confirmed_at is None


SIZES = {**LOOKS, "320px": {"viewport": NARROW}, "zoom-200": {"viewport": {"width": 640, "height": 450}}}


@pytest.mark.parametrize("look", SIZES)
def test_each_page_and_state(
    look: str, site: Any, axe: str, deliver: Any, talk: dict[str, Comment], thread: Thread
) -> None:
    visit = site(may_fail=(410, 422), **SIZES[look])
    page = visit.page

    def looks_right() -> None:
        check(page, axe)
        assert page.evaluate(OVERFLOW) == [0, []]

    visit.open(f"{PATH}?tag=dredging")
    looks_right()
    visit.open()
    fill(page)
    page.locator("#lar-notify").check()
    submit(page)
    expect(page.get_by_role("button", name="Confirm your email address")).to_be_visible()
    looks_right()
    own = Comment.objects.latest("id")
    follow = f"threads/{thread.pk}/subscribe/"
    for path in ("mail/", f"{follow}?tag=jobs", f"{follow}?comment={own.pk}"):
        visit.open(f"/comments/{path}")
        looks_right()
        page.locator("#lar-email").evaluate("field => field.form.noValidate = true")
        page.locator("#lar-email").fill("carl")
        with page.expect_navigation():
            page.locator(".lar-primary").click()
        expect(page.locator("#lar-email-error")).to_be_visible()
        looks_right()
        page.locator("#lar-email").fill(CARL)
        with page.expect_navigation():
            page.locator(".lar-primary").click()
        expect(page.get_by_role("status")).to_contain_text(MAILBOX)
        looks_right()
    link = link_in(deliver()[0], "confirm")
    other = site(**SIZES[look]).page
    other.goto(link)
    check(other, axe)
    page.goto(link)
    looks_right()
    press(page, "Yes, it is mine")
    visit.open(f"/comments/threads/{thread.pk}/subscribe/")
    looks_right()
    press(page, "Follow")
    expect(page.get_by_role("status")).to_contain_text("Done.")
    looks_right()
    fill(visit.open(), body="Confirmed now.")
    submit(page)
    Comment.objects.filter(pk=own.pk).update(status="approved", is_listed=True)
    Thread.objects.update(version=1_000_000)
    expect(visit.open().locator("#lar-list .lar-confirmed")).to_have_text("confirmed")
    looks_right()
    row = Subscription.objects.get(comment=None, tag=None)
    for url in (links.of_management(row.commenter), links.of_stopping([row])):
        page.goto(url)
        looks_right()
    press(page, "Stop them")
    looks_right()
    gone = site(may_fail=(410,), **SIZES[look]).page
    gone.goto(link)
    expect(gone.get_by_role("alert")).to_be_visible()
    check(gone, axe)


def test_the_mark_is_no_staff_badge(site: Any, deliver: Any, write: Any, staff: Any, thread: Thread) -> None:
    Thread.objects.update(mode="publish")
    visit = site(viewport=DESK)
    trust(visit, deliver)
    fill(visit.open())
    submit(visit.page)
    write("By the desk.", user=staff, name="Nora", email="", thread=Thread.objects.get())
    page = site().open()
    mark, badge = page.locator("#lar-list .lar-confirmed"), page.locator("#lar-list .lar-badge")
    expect(mark).to_have_count(1)
    expect(badge).to_have_count(1)
    expect(mark).to_have_attribute("title", "The address behind this name has been confirmed")
    look = "element => { const s = getComputedStyle(element); return [s.backgroundColor, s.fontWeight, s.color]; }"
    plain, loud = mark.evaluate(look), badge.evaluate(look)
    assert plain[0] == "rgba(0, 0, 0, 0)"
    assert all(one != other for one, other in zip(plain, loud, strict=True))
