"""What the site says where something goes wrong."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory

from newsroom import errors

pytestmark = pytest.mark.django_db


def test_a_page_that_is_not_there_says_so(client: Client) -> None:
    response = client.get("/articles/nothing/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()
    assert "newsroom/base.html" in [template.name for template in response.templates]


def test_the_api_says_it_in_json(client: Client) -> None:
    response = client.get("/api/v1/nothing/")
    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "detail": "It may have been moved, or the address has a slip in it. Go on from the list of articles.",
    }


@pytest.mark.parametrize(
    ("handler", "exception", "status", "sentence"),
    [
        (errors.bad_request, SuspiciousOperation(), 400, "This request cannot be read"),
        (errors.bad_request, RequestDataTooBig(), 413, "larger than this site takes"),
        (errors.permission_denied, PermissionDenied(), 403, "You may not open this page"),
    ],
)
def test_each_refusal_has_a_sentence(
    rf: RequestFactory, handler: object, exception: Exception, status: int, sentence: str
) -> None:
    response = handler(rf.get("/"), exception)  # type: ignore[operator]
    assert response.status_code == status
    assert sentence in response.content.decode()


def test_a_body_beyond_the_limit_is_413(client: Client, settings: LazySettings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post("/accounts/login/", {"username": "x" * 2000})
    assert response.status_code == 413
    assert "shorten it" in response.content.decode()


def test_a_foreign_form_is_refused_with_a_sentence() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/accounts/login/", {"username": "mona", "password": "x"})
    assert response.status_code == 403
    assert "Nothing was stored" in response.content.decode()


def test_the_error_page_stands_without_a_database(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> str:
        raise OperationalError("no connection")

    monkeypatch.setattr(errors, "render_to_string", fail)
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "<h1>Something went wrong here</h1>" in response.content.decode()


def test_an_error_page_repeats_nothing_that_was_typed(rf: RequestFactory) -> None:
    request: HttpRequest = rf.post("/x/", {"email": "rosalind@example.org"})
    assert "rosalind" not in errors.server_error(request).content.decode()
