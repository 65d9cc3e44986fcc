"""My data and the privacy page in a browser: each state with axe-core, in both colour schemes, narrow, unscripted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from comments import subscribing
from comments.models import Comment, Reader, Report, Subscription, Thread
from tests.browser.test_access import LOOKS, OVERFLOW, check
from tests.browser.windows import NARROW, fill, submit
from tests.comments.people import confirm

pytestmark = pytest.mark.usefixtures("article")
MINE = "/comments/mine/"
State = Callable[[Any], Any]


@pytest.fixture(autouse=True)
def _with_mail(settings: Any, live_server: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": live_server.url}


def post(visit: Any) -> Comment:
    """Post from this window and have the address confirmed in it, with something to get by mail."""
    page = visit.open()
    fill(page, name="Carlotta Quayside", website="https://quayside.example")
    submit(page)
    comment = Comment.objects.latest("id")
    assert comment.commenter is not None
    assert comment.reader is not None
    confirm(comment.commenter, comment.reader)
    reader = Reader.objects.get(pk=comment.reader.pk)
    subscribing.subscribe(subscribing.Wish(comment.thread), reader=reader)
    return comment


def unknown(visit: Any) -> Any:
    """The page, to a browser of which nothing is known."""
    return visit.open(MINE)


def known(visit: Any) -> Any:
    """The page, to a browser that posted."""
    post(visit)
    return visit.open(MINE)


def wrong_name(visit: Any) -> Any:
    """A name that is the staff's."""
    page = known(visit)
    page.get_by_label("Name on all your comments").fill("Editor")
    page.get_by_role("button", name="Correct it everywhere").click()
    expect(page.locator("#lar-name-error")).to_be_visible()
    return page


def withdrawing(visit: Any) -> Any:
    """The question before one comment is withdrawn."""
    return visit.open(f"{MINE}withdraw/{post(visit).pk}/")


def withdrawing_all(visit: Any) -> Any:
    """The question before all are."""
    post(visit)
    return visit.open(f"{MINE}withdraw/")


def erasing(visit: Any) -> Any:
    """The question before somebody is erased."""
    post(visit)
    return visit.open(f"{MINE}erase/")


def erasing_unsure(visit: Any) -> Any:
    """The same, sent without a choice."""
    page = erasing(visit)
    page.locator("#lar-sure").evaluate("field => { field.form.noValidate = true }")
    page.get_by_role("button", name="Erase me").click()
    expect(page.locator("#lar-sure-error")).to_be_visible()
    return page


def erased(visit: Any) -> Any:
    """What is said at the end."""
    page = erasing(visit)
    page.get_by_label("They stay").check()
    page.get_by_label("I am sure").check()
    page.get_by_role("button", name="Erase me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have been erased")
    return page


def privacy(visit: Any) -> Any:
    """The privacy page."""
    return visit.open("/comments/privacy/")


STATES: list[State] = [
    unknown, known, wrong_name, withdrawing, withdrawing_all, erasing, erasing_unsure, erased, privacy,
]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_each_state(look: str, state: State, site: Any, axe: str) -> None:
    check(state(site(**LOOKS[look])), axe)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_scrolls_sideways_at_320_pixels(state: State, site: Any) -> None:
    page = state(site(viewport=NARROW))

    assert page.evaluate(OVERFLOW) == [0, []]


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_from_a_comment_to_being_nobody(scripts: bool, site: Any, thread: Thread, tmp_path: Path) -> None:
    visit = site(java_script_enabled=scripts, accept_downloads=True)
    comment = post(visit)
    page = visit.open(MINE)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all of it (JSON)").click()
    download.value.save_as(tmp_path / "mine.json")
    assert json.loads((tmp_path / "mine.json").read_text())["comments"][0]["name"] == "Carlotta Quayside"
    assert download.value.suggested_filename == "my-data.json"

    page.get_by_label("Name on all your comments").fill("Lotte")
    page.get_by_role("button", name="Correct it everywhere").click()
    expect(page.get_by_role("status")).to_have_text("Your name has been corrected.")
    page.get_by_label("How often").select_option("weekly")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your choice is kept.")
    assert (Comment.objects.get().author_name, Subscription.objects.get().pace) == ("Lotte", "weekly")

    page.get_by_role("link", name="Withdraw", exact=True).click()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_role("status")).to_contain_text("It is withdrawn.")
    comment.refresh_from_db()
    assert comment.status == "withdrawn"

    if scripts:
        page.evaluate("localStorage.setItem('lar-draft-7', 'Unsent.'); localStorage.setItem('theme', 'dark')")
    page.get_by_role("link", name="Erase me").click()
    page.get_by_label("Their text is deleted").check()
    page.get_by_label("I am sure").check()
    page.get_by_role("button", name="Erase me").click()
    expect(page.get_by_role("status")).to_have_text("Nothing here leads to you any more.")
    assert [cookie["name"] for cookie in page.context.cookies()] == []
    if scripts:
        assert page.evaluate("Object.keys(localStorage)") == ["theme"], "what is the host's stays"
    assert not Reader.objects.exists()

    visit.open(MINE)
    expect(page.get_by_text("We know nothing of this browser")).to_be_visible()


def test_a_moderator_finds_who_quotes_in_the_queue(site: Any, staff: Any, write: Callable[..., Comment]) -> None:
    visit = site()
    post(visit)
    write("Carlotta Quayside is wrong about the channel.", name="Ida", email="ida@example.org", status="approved")
    page = visit.open(f"{MINE}erase/")
    page.get_by_label("They stay").check()
    page.get_by_label("I am sure").check()
    page.get_by_role("button", name="Erase me").click()
    expect(page.get_by_text("may quote or name you")).to_be_visible()
    assert Report.objects.get().reason == "erased_quote"

    desk = site()
    page = desk.open("/accounts/login/?next=/desk/moderation/%3Fqueue%3Dreported")
    page.get_by_label("Account name").fill("nora")
    page.get_by_label("Password").fill("a quiet harbour at dawn")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_text("It may quote somebody who asked to be erased")).to_be_visible()
    expect(page.get_by_text("is wrong about the channel")).to_be_visible()
