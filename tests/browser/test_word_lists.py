"""The page of word lists: in both themes, on a phone, without scripts, and axe-core on each state."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import expect

from comments.models import WordEntry
from tests.browser.test_alerts import enter, look

PAGE = "/desk/moderation/lists/"


@pytest.fixture
def nora(staff: User) -> User:
    """A moderator who keeps the lists."""
    names = ["change_comment", "view_wordentry", "add_wordentry", "delete_wordentry"]
    staff.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return staff


def test_entries_are_tried_added_and_removed_without_scripts(site: Any, nora: User, axe: str) -> None:
    visit = enter(site(java_script_enabled=False), nora)
    page = visit.open(PAGE)
    page.get_by_label("Entries, one on each line").fill("casino*\ncheap pills")
    page.get_by_role("button", name="Try on the latest").click()
    expect(page.get_by_role("status")).to_contain_text("hold one of these")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("2 entries added.")
    page.get_by_label("Choose casino*").check()
    page.get_by_role("button", name="Remove the chosen ones").click()
    expect(page.get_by_role("status")).to_contain_text("1 entry removed.")
    assert list(WordEntry.objects.values_list("pattern", flat=True)) == ["cheap pills"]


def test_each_state_is_readable_in_every_look(site: Any, nora: User, axe: str) -> None:
    WordEntry.objects.bulk_create(
        WordEntry(list=name, pattern=pattern, note="since July", by=nora)
        for name, pattern in (("hold", "casino*"), ("spam", "x" * 150), ("reject", "casino-example.com"))
    )
    visit = enter(site(java_script_enabled=True), nora)
    look(visit.open(PAGE), "word-lists", axe)
    page = visit.page
    page.get_by_label("Entries, one on each line").fill("*")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("Entries, one on each line")).to_have_attribute("aria-invalid", "true")
    look(page, "word-lists-fault", axe)
    page.get_by_label("Entries, one on each line").fill("bay")
    page.get_by_role("button", name="Try on the latest").click()
    expect(page.get_by_role("status")).to_be_visible()
    look(page, "word-lists-trial", axe)
