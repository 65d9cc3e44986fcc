"""Who may call what, as one table; and how programs say who they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from comments import reporting
from comments.models import AccessToken, Comment, Reader, Thread

PEOPLE = ("sam", "carl", "ed", "mona")

MATRIX: dict[str, tuple[str, str, Any, tuple[int, int, int, int]]] = {
    # name: method, address, body, then what a stranger, the author, an editor and a moderator are answered
    "read a thread": ("GET", "threads/{thread}/", None, (200, 200, 200, 200)),
    "list its comments": ("GET", "threads/{thread}/comments/", None, (200, 200, 200, 200)),
    "read a public comment": ("GET", "comments/{public}/", None, (200, 200, 200, 200)),
    "read a waiting comment": ("GET", "comments/{waiting}/", None, (404, 200, 404, 200)),
    "edit a public comment": ("PATCH", "comments/{public}/", {"body": "Other."}, (403, 200, 403, 403)),
    "edit a waiting comment": ("PATCH", "comments/{waiting}/", {"body": "Other."}, (404, 200, 404, 404)),
    "withdraw a public comment": ("DELETE", "comments/{public}/", None, (403, 204, 403, 403)),
    "withdraw a waiting comment": ("DELETE", "comments/{waiting}/", None, (404, 204, 404, 404)),
    "report": ("POST", "comments/{public}/reports/", {"reason": "spam"}, (201, 201, 201, 201)),
    "recommend": ("POST", "comments/{public}/recommendations/", None, (200, 403, 200, 200)),
    "take a recommendation back": ("DELETE", "comments/{public}/recommendations/", None, (200, 200, 200, 200)),
    "report a waiting comment": ("POST", "comments/{waiting}/reports/", {"reason": "spam"}, (404, 404, 404, 404)),
    "see the queue": ("GET", "moderation/comments/", None, (401, 401, 403, 200)),
    "decide": ("POST", "moderation/decisions/", {"decisions": "{decision}"}, (401, 401, 403, 200)),
    "correct a tag": ("PUT", "comments/{public}/tags/jobs/", {"applies": True}, (401, 401, 200, 200)),
    "deny all tags": ("POST", "comments/{public}/tags/", {"none": True}, (401, 401, 200, 200)),
    "read the schema": ("GET", "schema/", None, (200, 200, 200, 200)),
}


@pytest.mark.parametrize("call", MATRIX)
@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_may_do_what_the_table_says(
    request: pytest.FixtureRequest, send: Any, thread: Thread, write: Any, tags: Any, call: str, who: str
) -> None:
    method, address, body, statuses = MATRIX[call]
    client: Client = request.getfixturevalue(who if who in {"sam", "carl"} else f"{who}_client")
    carl = request.getfixturevalue("carl")
    good = {"body": "First.", "name": "Carl", "email": "carl@example.org"}
    public = send(carl, "POST", f"/api/v1/threads/{thread.pk}/comments/", good).json()["id"]
    Thread.objects.update(mode="hold_all")
    second = {**good, "body": "Second."}
    waiting = send(carl, "POST", f"/api/v1/threads/{thread.pk}/comments/", second).json()["id"]
    if body == {"decisions": "{decision}"}:
        body = {"decisions": [{"comment": waiting, "to": "approved", "seen_status": "pending", "seen_revision": 1}]}
    url = "/api/v1/" + address.format(thread=thread.pk, public=public, waiting=waiting)
    answer = send(client, method, url, body)
    assert answer.status_code == statuses[PEOPLE.index(who)]
    if answer.status_code >= 400:
        assert set(answer.json()) == {"code", "detail"}
        assert answer.json()["detail"].endswith(".")
    if answer.status_code == 401:
        assert answer["WWW-Authenticate"] == "Bearer"
    if call == "decide" and answer.status_code != 200:
        assert Comment.objects.get(pk=waiting).status == "pending"


def test_a_token_acts_for_its_user_without_csrf_nor_origin(send: Any, write: Any, monas_token: dict[str, str]) -> None:
    comment = write(status="pending")
    said = {"comment": comment.pk, "to": "approved", "seen_status": "pending", "seen_revision": 1}
    client = Client(enforce_csrf_checks=True)
    headers = {**monas_token, "Origin": "https://tool.example"}
    answer = send(client, "POST", "/api/v1/moderation/decisions/", {"decisions": [said]}, headers=headers)
    assert answer.json()["results"][0]["status_code"] == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nonsense", "bearer x y z", "Bearer " + "x" * 5000, "Bearer \xff\xfe"]
)
def test_an_unknown_token_is_refused_wherever_somebody_is_asked_for(
    rita: Client, send: Any, comments_url: str, header: str
) -> None:
    good = {"body": "First.", "name": "Carl", "email": "carl@example.org"}
    for method, url, body in [
        ("GET", "/api/v1/moderation/comments/", None),
        ("POST", comments_url, good),
    ]:
        answer = send(rita, method, url, body, HTTP_AUTHORIZATION=header)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        assert answer["WWW-Authenticate"] == "Bearer"
    assert not Comment.objects.exists()


def test_a_token_expires_and_leaves_with_its_user(rita: Client, mona: User, monas_token: dict[str, str]) -> None:
    url = "/api/v1/moderation/comments/"
    assert rita.get(url, headers=monas_token).status_code == 200
    AccessToken.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert rita.get(url, headers=monas_token).status_code == 200
    AccessToken.objects.update(expires_at=timezone.now())
    assert rita.get(url, headers=monas_token).status_code == 401
    AccessToken.objects.update(expires_at=None)
    User.objects.filter(pk=mona.pk).update(is_active=False)
    assert rita.get(url, headers=monas_token).status_code == 401


def test_a_token_of_somebody_without_a_role_opens_nothing(rita: Client, db: None) -> None:
    token = AccessToken.issue(user=User.objects.create_user("nobody"), label="test")
    answer = rita.get("/api/v1/moderation/comments/", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_another_scheme_is_nobody(rita: Client, db: None) -> None:
    answer = rita.get("/api/v1/moderation/comments/", headers={"Authorization": "Basic bW9uYTptb25h"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_decision_from_another_sites_page_is_refused(mona_client: Client, send: Any, write: Any) -> None:
    comment = write(status="pending")
    said = {"comment": comment.pk, "to": "approved", "seen_status": "pending", "seen_revision": 1}
    answer = send(
        mona_client,
        "POST",
        "/api/v1/moderation/decisions/",
        {"decisions": [said]},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_no_list_of_reporters_leaves_the_desk(mona_client: Client, write: Any, carls_browser: Reader) -> None:
    reporting.report(write(), reader=carls_browser, reason="spam")
    card = mona_client.get("/api/v1/moderation/comments/?queue=reported").json()["results"][0]
    assert set(card["reports"][0]) == {"reason", "note", "created_at"}
