"""What follows a rejection, in a browser: the message is read, a revised text is sent, another look is asked for; and
what somebody sees who is blocked. Each state with axe-core, in both colour schemes, narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from comments import blocks, editing, moderation, pinning
from comments.models import Comment
from tests.browser.test_access import LOOKS, OVERFLOW, check
from tests.browser.windows import NARROW, fill, submit

pytestmark = pytest.mark.usefixtures("article")


def post(visit: Any) -> Comment:
    """Post from this window."""
    page = visit.open()
    fill(page, name="Carlotta Quayside")
    submit(page)
    return Comment.objects.latest("id")


def reject(comment: Comment, by: User, *, invite: bool) -> None:
    moderation.decide(
        comment,
        to="rejected",
        by=by,
        seen=moderation.Seen(comment.status, comment.revision),
        reason="off_topic",
        message="Please say how this concerns the port.\n\nWe would like to print it.",
        invite=invite,
    )


def test_a_rejected_comment_is_revised_and_waits(site: Any, staff: User) -> None:
    visit = site()
    comment = post(visit)
    reject(comment, staff, invite=True)
    page = visit.open()
    expect(page.get_by_text("Please say how this concerns the port.")).to_be_visible()
    page.get_by_role("link", name="Revise and send again").click()
    field = page.get_by_label("Comment")
    expect(field).to_have_value(comment.body)
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("This is the text that was rejected.")).to_be_visible()
    field.fill("The port dredges, and the eel goes.")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Your comment is awaiting moderation.")).to_be_visible()
    comment.refresh_from_db()
    assert (comment.status, comment.text) == ("pending", "The port dredges, and the eel goes.")


def test_another_look_is_asked_for_without_scripts(site: Any, staff: User) -> None:
    visit = site(java_script_enabled=False)
    comment = post(visit)
    reject(comment, staff, invite=False)
    page = visit.open(f"/comments/{comment.pk}/status/")
    page.get_by_role("link", name="Ask for another look").click()
    page.get_by_label("Why should it be published?").fill("It is about the port.")
    page.get_by_role("button", name="Ask for another look").click()
    expect(page.get_by_text("You asked for another look; a moderator will decide.")).to_be_visible()
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_who_is_blocked_is_told_and_keeps_the_text(site: Any, staff: User) -> None:
    visit = site(may_fail=(403,))
    comment = post(visit)
    blocks.block(comment, by=staff, days=3, everywhere=True)
    page = visit.open()
    fill(page, body="And another thing.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("The moderators have blocked you from this site until")).to_be_visible()
    expect(page.get_by_label("Comment *")).to_have_value("And another thing.")


def invited(visit: Any, staff: User) -> Any:
    """The status page with an invitation."""
    comment = post(visit)
    reject(comment, staff, invite=True)
    return visit.open(f"/comments/{comment.pk}/status/")


def refused(visit: Any, staff: User) -> Any:
    """The status page without one."""
    comment = post(visit)
    reject(comment, staff, invite=False)
    return visit.open(f"/comments/{comment.pk}/status/")


def panel(visit: Any, staff: User) -> Any:
    """The panel above the discussion."""
    reject(post(visit), staff, invite=True)
    return visit.open()


def mine(visit: Any, staff: User) -> Any:
    """My data."""
    reject(post(visit), staff, invite=True)
    return visit.open("/comments/mine/")


def revising(visit: Any, staff: User) -> Any:
    """A revised text that says nothing new."""
    page = invited(visit, staff)
    page.get_by_role("link", name="Revise and send again").click()
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#lar-body-error")).to_be_visible()
    return page


def appealing(visit: Any, staff: User) -> Any:
    """The form for another look."""
    page = refused(visit, staff)
    page.get_by_role("link", name="Ask for another look").click()
    return page


def pinned(visit: Any, staff: User) -> Any:
    """A comment that the newsroom has edited and pinned."""
    comment = post(visit)
    seen = moderation.Seen(comment.status, comment.revision)
    comment = moderation.decide(comment, to="approved", by=staff, seen=seen).comment
    seen = moderation.Seen(comment.status, comment.revision)
    editing.edit(comment, by=staff, body="The port may dredge, says the mayor.", seen=seen)
    pinning.pin(comment, by=staff)
    return visit.open()


STATES: list[Callable[[Any, User], Any]] = [invited, refused, panel, mine, revising, appealing, pinned]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_each_state_is_free_of_faults(state: Any, look: Any, site: Any, staff: User, axe: str) -> None:
    page = state(site(may_fail=(422,), **LOOKS[look]), staff)
    check(page, axe)
    page.set_viewport_size(NARROW)
    assert page.evaluate(OVERFLOW) == [0, []]
