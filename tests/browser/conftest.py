"""A real Chromium on the live newsroom site.

Each test gets a browser context of its own, which is a reader of its own. Whatever a page does that no page should do
(a request that leaves the host, an error on the console, a breach of the Content-Security-Policy) fails the test that
did it, in `site`. CHROMIUM names the executable.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from comments import moderation, reporting, tagging
from comments.models import Comment, Reader, Reason, RejectionReason, Thread
from comments.tagging import MachineTag
from newsroom.articles.models import Article
from tests.browser.windows import DESK, PATH, Visit

# A busy machine is slow, and that is no fault of a page.
expect.set_options(timeout=10_000)
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("No Chromium here. Install it (Debian: apt install chromium), or name its executable in CHROMIUM.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        # Playwright runs an event loop in this thread, and Django takes each query for one made inside of it. Both end
        # with the module, so that other tests keep Django's guard.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = driver.chromium.launch(executable_path=executable, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


@pytest.fixture
def site(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Opens windows; each is a reader of its own."""
    visits: list[Visit] = []
    contexts = []

    def open_window(*, may_fail: tuple[int, ...] = (422,), **options: Any) -> Visit:
        context = chromium.new_context(**{"viewport": DESK, "locale": "en-GB", **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        visits.append(Visit(context.new_page(), live_server.url, may_fail))
        return visits[-1]

    yield open_window
    for context in contexts:
        context.close()
    assert [fault for visit in visits for fault in visit.faults] == []


@pytest.fixture(autouse=True)
def _quick_forms(settings: Any) -> None:
    """A test fills in a form faster than a person."""
    settings.COMMENTS = {**settings.COMMENTS, "MIN_SECONDS": 0, "TYPING_SPEED": 10**9, "REPLIES_PER_ROOT": 3}


@pytest.fixture
def _groups(transactional_db: None) -> None:
    """A live server's tests empty all tables when they end, what a migration put there as well."""
    for name in ("Moderators", "Editors"):
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            wanted = ["change_comment"] if name == "Moderators" else []
            group.permissions.set(Permission.objects.filter(codename__in=[*wanted, "change_tagassignment"]))
    for position, code in enumerate(RejectionReason.values):
        Reason.objects.get_or_create(code=code, defaults={"position": position})


@pytest.fixture
def thread(_groups: None) -> Thread:
    return Thread.objects.create(key="harbour", title="The harbour grows", url=PATH, mode="hold_newcomers")


@pytest.fixture
def article(thread: Thread) -> Article:
    return Article.objects.create(
        slug="harbour",
        title="The harbour grows",
        standfirst="The port wants a deeper channel. The bay has an opinion, too.",
        byline="Nora Quay",
        body="The channel is **nine metres** deep.\n\n## What is planned\n\nTwelve, by spring.\n\n> Deeper it is.\n",
        thread=thread,
    )


@pytest.fixture
def talk(thread: Thread, article: Article, tags: dict[str, Any], write: Callable[..., Comment]) -> dict[str, Comment]:
    """A discussion with replies, tags, another script, something long and something gone."""
    thread.mode = "publish"
    thread.save()
    first = write("The port may **dredge** the channel twice a year, and nobody counted the eel.", name="Rita Sand")
    answers = [
        write(f"Answer number {number} about the eel.", parent=first, name=f"Voice {number}") for number in range(6)
    ]
    deep = write("And who counted the cod? See https://fish.example/cod", parent=answers[0], name="Sam")
    jobs = write(
        "They promised *four hundred* jobs:\n\n- cranes\n- tugs\n\n> four hundred\n\n`400`, they said.",
        name="Carl",
        website="https://carl.example",
    )
    arabic = write("الميناء يكبر والخليج يصغر. " * 3, name="سمير")
    long = write(f"{'Donaudampfschifffahrtsgesellschaft' * 4} https://example.org/{'a' * 120}", name="W" * 60)
    gone = write("This will be taken back.", name="Gone")
    write("But I have answered it.", parent=gone, name="Ida")
    moderation.move(gone, to="withdrawn", actor="author", seen=moderation.Seen("approved", 1))
    for comment, slugs, word in (
        (first, ("dredging", "protect"), "dredge"),
        (jobs, ("jobs", "expand"), "four hundred"),
        (answers[0], ("dredging",), "eel"),
    ):
        start = comment.text.index(word)
        said = [MachineTag(slug, 0.91, is_sure=True, evidence=((start, start + len(word)),)) for slug in slugs]
        tagging.assign_by_machine(comment, revision=comment.revision, tags=said)
    Thread.objects.update(mode="hold_newcomers")
    return {
        "first": first, "jobs": jobs, "arabic": arabic, "long": long, "gone": gone, "deep": deep,
        "answer": answers[0], "last": answers[-1],
    }  # fmt: skip


@pytest.fixture
def staff(_groups: None) -> User:
    user = User.objects.create_user("nora", password="a quiet harbour at dawn")
    user.groups.set(Group.objects.all())
    return user


@pytest.fixture
def waiting(article: Any, write: Callable[..., Comment]) -> list[Comment]:
    """Three comments that wait, and one that is reported."""
    first, second, third = (write(f"The tide, part {number}.", status="pending") for number in (1, 2, 3))
    parent = write("A claim that can be answered.", status="approved")
    reported = write("The moon is cheese.", parent=parent, status="approved")
    reader = Reader.objects.create(cookie_digest="rita")
    reporting.report(reported, reader=reader, reason="false_claim", note="It is not.")
    return [first, second, third]


@pytest.fixture
def at_the_desk(site: Any, staff: User) -> Callable[..., Any]:
    """Opens a window in which a member of staff is logged in."""
    for group in Group.objects.all():
        group.permissions.add(*Permission.objects.filter(codename__in=["change_comment", "change_tag"]))

    def open_window(**options: Any) -> Any:
        client = Client()
        client.force_login(staff)
        visit = site(**{"may_fail": (409, 422), **options})
        visit.page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": visit.host}]
        )
        return visit

    return open_window
