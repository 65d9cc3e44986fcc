"""What the headers are worth in a real browser: no foreign script, no frame, no other host, no early cookie."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from comments import confirming, links
from comments.models import Comment, Reader
from tests.browser.windows import PATH, Visit, fill, submit

pytestmark = pytest.mark.usefixtures("article")

SCRIPT = "<script>window.injected = 'yes'</script><img src=x onerror=\"window.injected = 'yes'\">"


@pytest.fixture
def mail_is_offered(settings: Any, live_server: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": live_server.url}


def cookies(visit: Visit) -> dict[str, dict[str, Any]]:
    return {cookie["name"]: cookie for cookie in visit.page.context.cookies()}


def pages(first: Comment) -> list[str]:
    """Every page that a reader can open without a token."""
    thread = first.thread_id
    return [
        "/",
        PATH,
        f"{PATH}?tag=dredging&sort=oldest",
        f"/comments/{first.pk}/",
        f"/comments/{first.pk}/replies/",
        f"/comments/{first.pk}/recommend/",
        f"/comments/{first.pk}/report/",
        f"/comments/{first.pk}/tags/dredging/",
        f"/comments/threads/{thread}/subscribe/",
        "/comments/mail/",
        "/comments/mine/",
        "/comments/privacy/",
        "/accounts/login/",
        "/nowhere/",
    ]


def test_a_script_that_got_into_a_page_does_not_run(site: Any, talk: dict[str, Comment]) -> None:
    # Past every door: as if sanitising had failed.
    Comment.objects.filter(pk=talk["first"].pk).update(html=f"<p>Injected.</p>{SCRIPT}")
    visit = site()
    page = visit.open()
    expect(page.get_by_text("Injected.")).to_be_visible()
    assert page.evaluate("typeof window.injected") == "undefined"
    refused = [fault for fault in visit.faults if "Content Security Policy" in fault]
    assert any("script-src" in fault for fault in refused)
    visit.faults = [fault for fault in visit.faults if fault not in refused and "404" not in fault]


def test_a_script_from_another_host_is_not_even_asked_for(site: Any, talk: dict[str, Comment]) -> None:
    visit = site()
    page = visit.open()
    failed = []
    page.on("requestfailed", lambda request: failed.append((request.url, request.failure)))
    page.evaluate(
        """() => new Promise(done => {
            const script = document.createElement("script");
            script.src = "https://evil.example/x.js";
            script.onerror = () => done();
            document.head.append(script);
        })"""
    )
    # Chromium tells of the request and stops it before it leaves.
    assert failed == [("https://evil.example/x.js", "csp")]
    assert any("Content Security Policy" in fault for fault in visit.faults)
    visit.faults = []


@pytest.fixture
def framing_site(live_server: Any) -> Iterator[str]:
    """A site of somebody else that puts ours into a frame."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<title>Frame</title><iframe src="{live_server.url}{PATH}"></iframe>'.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_another_site_cannot_put_the_page_into_a_frame(site: Any, talk: dict[str, Comment], framing_site: str) -> None:
    visit = site()
    visit.page.goto(framing_site)
    visit.page.wait_for_load_state("networkidle")
    framed = visit.page.frames[1]
    assert framed.url.startswith("chrome-error://")
    assert talk["first"].text not in framed.content()
    assert any("frame" in fault.lower() for fault in visit.faults)
    visit.faults = []


@pytest.mark.usefixtures("mail_is_offered")
def test_no_page_speaks_to_another_host_and_none_sets_a_cookie_before_a_reader_does_something(
    site: Any, talk: dict[str, Comment]
) -> None:
    visit = site(may_fail=(404, 422))
    for path in pages(talk["first"]):
        # `site` fails this test for a request that leaves the host.
        visit.open(path)
        assert {name for name in cookies(visit) if name != "csrftoken"} == set(), path
        if path != "/accounts/login/":
            assert cookies(visit) == {}, path
        visit.page.context.clear_cookies()


def assert_closed(visit: Visit, name: str) -> None:
    cookie = cookies(visit)[name]
    assert cookie["httpOnly"], name
    assert cookie["sameSite"] == "Lax", name
    assert cookie["domain"] == urlsplit(visit.host).hostname, name
    assert visit.page.evaluate("document.cookie") == ""


def test_posting_sets_one_cookie_that_no_script_reads(site: Any, talk: dict[str, Comment]) -> None:
    visit = site()
    page = visit.open()
    fill(page)
    assert cookies(visit) == {}
    submit(page)
    assert set(cookies(visit)) == {"reader"}
    assert_closed(visit, "reader")


def test_recommending_sets_the_same_one(site: Any, talk: dict[str, Comment]) -> None:
    visit = site()
    page = visit.open(f"/comments/{talk['first'].pk}/recommend/")
    assert cookies(visit) == {}
    page.locator("main form button").first.click()
    expect(page).not_to_have_url("about:blank")
    page.wait_for_load_state()
    assert set(cookies(visit)) == {"reader"}
    assert_closed(visit, "reader")


@pytest.mark.usefixtures("mail_is_offered")
def test_the_page_of_a_mails_link_tells_no_host_where_it_was(
    site: Any, talk: dict[str, Comment], live_server: Any
) -> None:
    reader = Reader.objects.create(cookie_digest="rita")
    request = confirming.ask(address="rita@example.org", reader=reader)
    confirming.settle(request.pk)
    request.refresh_from_db()
    visit = site()
    answer = visit.page.goto(links.of_confirmation(request))
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "no-store" in answer.headers["cache-control"]
    # Opening it has set nothing and done nothing: mail programs open links by themselves.
    assert cookies(visit) == {}
    request.refresh_from_db()
    assert request.used_at is None
