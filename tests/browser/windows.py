"""What a test of the browser does with a window: open a page, fill in the form, notice what no page should do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}
PATH = "/articles/harbour/"


class Visit:
    """One reader's browser window on the site.

    Args:
        may_fail: statuses that pages of this test are meant to answer with; Chromium logs each as an error.
    """

    def __init__(self, page: Any, host: str, may_fail: tuple[int, ...]) -> None:
        self.page = page
        self.host = host
        self.may_fail = may_fail
        self.faults: list[str] = []
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))

    def open(self, path: str = PATH) -> Any:
        """Go to a page, or to a place on it, and wait until its scripts are there."""
        self.page.goto(self.host + path)
        return self.page

    def _request(self, request: Any) -> None:
        if request.url.startswith(("data:", "blob:")):
            return
        if urlsplit(request.url).netloc != urlsplit(self.host).netloc:
            self.faults.append(f"a request to {request.url}")

    def _console(self, message: Any) -> None:
        if message.type not in {"error", "warning"}:
            return
        if message.location.get("url", "").endswith("/favicon.ico"):
            return  # Chromium asks for it by itself where a page names none.
        if any(f"{word} {status} " in message.text for status in self.may_fail for word in ("status of", "Error Code")):
            return
        self.faults.append(f"{message.type}: {message.text}")


def fill(page: Any, **fields: str) -> None:
    """Type into the reply form."""
    values = {
        "body": "The channel silts up every spring.",
        "name": "Carl",
        "email": "carl@example.org",
        "website": "",
        **fields,
    }
    for name, value in values.items():
        page.locator(f"#lar-{name}").fill(value)


def submit(page: Any) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Post comment").click()
