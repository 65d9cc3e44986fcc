"""Whether a browser sent a request from somebody else's page."""

from __future__ import annotations

import pytest
from django.test import RequestFactory, override_settings

from comments.origins import is_cross_site


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "something-new"}, True),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": "https://testserver"}, False),
        ({"Origin": "http://TESTSERVER"}, False),
        ({"Origin": "http://testserver:8000"}, True),
        ({"Origin": "http://testserver.evil.example"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://[broken"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://www.news.example"}, False),
        ({"Origin": "https://app.papers.example"}, False),
        ({"Origin": "http://app.papers.example"}, True),
        ({"Origin": "https://papers.example.evil.example"}, True),
    ],
)
@override_settings(CSRF_TRUSTED_ORIGINS=["https://www.news.example", "https://*.papers.example"])
def test_a_request_is_from_another_site_where_the_browser_says_so(headers: dict[str, str], expected: bool) -> None:
    assert is_cross_site(RequestFactory().post("/", headers=headers)) is expected
