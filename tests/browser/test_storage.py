"""What a browser is left with after an address was typed in it: no address, in none of the places where a page can put
something. `check_privacy` asks the server; this asks the browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from comments.canary.traces import Traces
from comments.models import Comment
from tests.browser.test_mail import link_in, press
from tests.browser.windows import fill, submit

pytestmark = pytest.mark.usefixtures("article")

CANARY = "Ottoline.Quaver+Harbour@canary-of-the-bay.example"
BODY = "Words that a draft may keep."

_PLACES = """async () => {
  const places = {
    address: location.href, name: window.name, history: JSON.stringify(history.state), cookies: document.cookie,
    localStorage: JSON.stringify({...localStorage}), sessionStorage: JSON.stringify({...sessionStorage}),
    databases: JSON.stringify(await indexedDB.databases()), workers: "",
  };
  for (const worker of await navigator.serviceWorker.getRegistrations()) places.workers += worker.scope;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      places[`cache ${name} ${request.url}`] = await (await cache.match(request)).text();
    }
  }
  return places;
}"""


@pytest.fixture(autouse=True)
def _mails(settings: Any, live_server: Any) -> None:
    """The live site sends mail."""
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": live_server.url, "MAIL_DELAY": 0}


@pytest.fixture
def deliver(deliver: Any, settings: Any, live_server: Any) -> Any:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": live_server.url}
    return deliver


def places(page: Any) -> dict[str, str]:
    """All that a page, or the site by a header, can keep in this browser."""
    found: dict[str, str] = page.evaluate(_PLACES)
    return {
        **found,
        "cookie jar": json.dumps(page.context.cookies()),
        "state": json.dumps(page.context.storage_state()),
    }


def leaks(page: Any) -> dict[str, list[str]]:
    traces = Traces([CANARY])
    return {place: found for place, content in places(page).items() if (found := traces.find(content))}


def test_an_address_that_was_typed_is_nowhere_in_the_browser(site: Any, deliver: Any, thread: Any) -> None:
    page = site().open()
    typed = {"body": BODY, "email": CANARY, "name": "Ottoline"}
    fill(page, **typed)
    assert BODY in places(page)["localStorage"], "a draft is kept, so this looks where it lies"
    assert leaks(page) == {}
    page.reload()
    expect(page.locator("#lar-body")).to_have_value(BODY)
    expect(page.locator("#lar-email")).to_have_value("")

    # Refused: the form comes back with what was typed, and that stands in the page alone.
    fill(page, **{**typed, "website": "no website"})
    submit(page)
    expect(page.locator("#lar-email")).to_have_value(CANARY)
    assert leaks(page) == {}

    page.locator("#lar-website").fill("")
    page.locator("#lar-notify").check()
    submit(page)
    assert Comment.objects.count() == 1
    assert leaks(page) == {}

    page.goto(link_in(deliver()[0], "confirm"))
    press(page, "Yes, it is mine")
    expect(page.get_by_role("heading", level=1)).to_have_text("My data")
    assert leaks(page) == {}
    assert page.context.cookies(), "there is something to look at"


def test_what_a_page_keeps_is_found(site: Any) -> None:
    page = site().open()
    page.evaluate("address => { localStorage.a = btoa(address); sessionStorage.b = address; }", CANARY)
    page.evaluate(
        "async address => { const cache = await caches.open('c'); await cache.put('/c', new Response(address)); }",
        CANARY,
    )
    assert {"localStorage", "sessionStorage"} < leaks(page).keys()
    assert any(place.startswith("cache c") for place in leaks(page))
