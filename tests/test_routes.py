"""Ids in addresses: each address of either app refuses a number that no row can have, in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

APPS = ("comments", "analysis")


def routes(resolver: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in (resolver or get_resolver()).url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield path, one
        else:
            yield from routes(one, path)


OURS = [path for path, one in routes() if one.lookup_str.partition(".")[0] in APPS]
WITH_ID = [path for path in OURS if "<comments_id:" in path]


def test_each_id_in_an_address_of_ours_is_bounded() -> None:
    assert len(WITH_ID) > 15
    assert [path for path in OURS if "<int:" in path] == []


@pytest.mark.django_db
@pytest.mark.parametrize("digits", [str(2**63 - 1), str(2**63), "9" * 20, "9" * 5000])
@pytest.mark.parametrize("path", WITH_ID)
def test_a_number_that_no_row_has_is_not_found(path: str, digits: str, mona_client: Client, mona: Any) -> None:
    mona.is_superuser = True
    mona.save()
    filled = path
    while "<" in filled:
        start, end = filled.index("<"), filled.index(">")
        what = digits if "comments_id" in filled[start:end] else "x"
        filled = filled[:start] + what + filled[end + 1 :]
    for method in (mona_client.get, mona_client.post):
        # One that leads back to a list, where there is nothing to do, is as good.
        assert method(f"/{filled}").status_code in ({303, 404, 405} if digits == str(2**63 - 1) else {404, 405})
