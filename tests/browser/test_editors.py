"""The editors' queue in a browser: one key each, the same without scripts, and axe-core on each page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from playwright.sync_api import expect

from analysis import learning, readings
from analysis.models import TaggingRun
from comments import suggesting, tagging
from comments.models import Comment, Reader, Tag, TagAssignment, Thread
from comments.tagging import MachineTag
from tests.analysis.test_learning import DREDGING, OTHER
from tests.browser.test_access import OVERFLOW, check
from tests.browser.windows import DESK, NARROW, PHONE

Write = Callable[..., Comment]
QUEUE = "/desk/editors/uncertain/"


@pytest.fixture
def unsure(article: Any, thread: Thread, write: Write, tags: dict[str, Tag]) -> list[Comment]:
    """Three comments on which the tagger cannot decide; readers doubt a tag of a fourth."""
    thread.mode = "publish"
    thread.save()
    found = []
    for text, slugs in (
        ("The channel was never meant for ships of that size, and the port knew.", ("dredging", "protect")),
        ("They promised my brother work and gave him a leaflet.", ("jobs",)),
        ("Let it grow, or let it be, but decide.", ("expand", "protect")),
    ):
        comment = write(text, name="Rita Sand")
        said = [MachineTag(slug, 0.44 - 0.1 * at, False, ((4, 11),)) for at, slug in enumerate(slugs)]
        tagging.assign_by_machine(comment, revision=1, tags=said)
        TaggingRun.objects.create(comment=comment, revision=1, tagger="test 1", outcome="uncertain")
        found.append(comment)
    doubted = write("Nobody asked the eel.", name="Carl")
    tagging.assign_by_machine(doubted, revision=1, tags=[MachineTag("jobs", 0.61, True, ((7, 12),))])
    suggesting.doubt(doubted, tags["jobs"], reader=Reader.objects.create(cookie_digest="rita"))
    return found


@pytest.fixture
def learned(write: Write, tags: dict[str, Tag], thread: Thread, staff: User, unsure: list[Comment]) -> Tag:
    readings._ready.clear()
    for text, applies in [*((text, True) for text in DREDGING), *((text, False) for text in OTHER)]:
        tagging.correct(write(text), tags["dredging"], applies=applies, by=staff)
    learning.learn(thread)
    return tags["dredging"]


@pytest.fixture
def at_the_desk(site: Any, staff: User) -> Callable[..., Any]:
    """Opens a window in which an editor is logged in."""
    Group.objects.get(name="Editors").permissions.add(*Permission.objects.filter(codename="change_tag"))

    def open_window(**options: Any) -> Any:
        client = Client()
        client.force_login(staff)
        visit = site(**options)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": visit.host}
        visit.page.context.add_cookies([cookie])
        return visit

    return open_window


def card(page: Any, comment: Comment) -> Any:
    return page.locator(f"#c-{comment.pk}")


def words() -> set[tuple[int, str, str]]:
    rows = TagAssignment.objects.filter(source="person")
    return set(rows.values_list("comment_id", "tag__slug", "verdict"))


def test_keys_alone_go_through_the_queue(at_the_desk: Any, unsure: list[Comment]) -> None:
    first, second, third = unsure
    page = at_the_desk().open(QUEUE)

    page.keyboard.press("j")
    expect(card(page, first)).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#desk-live")).to_have_text("“The dredging licence” applies.")
    expect(card(page, first).locator("[aria-pressed=true]")).to_have_text("Yes")
    expect(card(page, first)).to_be_focused()
    assert words() == {(first.pk, "dredging", "yes")}
    page.keyboard.press("1")
    expect(page.locator("#desk-live")).to_have_text("“The dredging licence” does not apply.")
    expect(card(page, first).locator("[aria-pressed=true]")).to_have_text("No")
    expect(card(page, first)).to_be_focused()
    assert words() == {(first.pk, "dredging", "no")}
    page.keyboard.press("s")
    expect(card(page, second)).to_be_focused()
    page.keyboard.press("k")
    expect(card(page, first)).to_be_focused()
    page.keyboard.press("j")
    expect(card(page, second)).to_be_focused()
    page.keyboard.press("n")
    expect(card(page, second)).to_contain_text("None of these tags applies.")
    expect(card(page, third)).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("#desk-live")).to_have_text("“Protect the bay” applies.")
    assert {word for word in words() if word[0] == third.pk} == {(third.pk, "protect", "yes")}
    assert {verdict for pk, _slug, verdict in words() if pk == second.pk} == {"no"}


def test_typing_says_nothing_and_who_wants_no_keys_gets_none(at_the_desk: Any, unsure: list[Comment]) -> None:
    page = at_the_desk().open(QUEUE)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("1")
    page.get_by_label("Decide with single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    card(page, unsure[0]).focus()
    page.keyboard.press("1")
    page.keyboard.press("n")
    page.reload()
    assert words() == set()


def test_without_scripts_buttons_do_the_same(at_the_desk: Any, unsure: list[Comment]) -> None:
    first, second, _third = unsure
    page = at_the_desk(java_script_enabled=False).open(QUEUE)
    group = card(page, first).get_by_role("group", name="The dredging licence")
    group.get_by_role("button", name="Yes").click()
    expect(page.locator(".desk-messages")).to_contain_text("“The dredging licence” applies. The comment by Rita Sand.")
    expect(card(page, first)).to_have_count(0)
    card(page, second).get_by_role("button", name="None of these").click()
    expect(page.locator(".desk-messages")).to_contain_text("None of these tags applies.")
    assert (first.pk, "dredging", "yes") in words()
    assert {verdict for pk, _slug, verdict in words() if pk == second.pk} == {"no"}


def test_an_editor_goes_back_to_the_tagger_alone(at_the_desk: Any, learned: Tag, thread: Thread) -> None:
    page = at_the_desk().open(f"/desk/editors/{thread.pk}/learned/")
    expect(page.locator(f"#tag-{learned.pk}")).to_contain_text("Version 1 decides.")
    page.get_by_role("button", name="Let the tagger alone decide").click()
    expect(page.locator(f"#tag-{learned.pk}")).to_contain_text("An editor chose that")
    page.get_by_label("Readers see it from (The jobs promise)").fill("12")
    page.get_by_role("button", name="Save (The jobs promise)").click()
    expect(page.get_by_text("Give a number from 30 to 99.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE, NARROW], ids=["desk", "phone", "320px"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    at_the_desk: Any, learned: Tag, unsure: list[Comment], thread: Thread, axe: str, scheme: str, viewport: Any
) -> None:
    visit = at_the_desk(color_scheme=scheme, viewport=viewport)
    for path in [
        QUEUE,
        f"{QUEUE}?thread={thread.pk}",
        f"{QUEUE}?after=999999",
        "/desk/editors/suggestions/",
        f"/desk/editors/comments/{unsure[0].pk}/",
        f"/desk/editors/{thread.pk}/learned/",
        f"/desk/editors/{thread.pk}/",
    ]:
        page = visit.open(path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        check(page, axe)
        assert page.evaluate(OVERFLOW) == [0, []], path
