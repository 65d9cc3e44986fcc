"""Who may open the desk, and what everybody else gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import include, path

from comments.models import Comment, ModerationEvent, Status

# A host that has the plugin and nothing else: no add-on, no log-out.
urlpatterns = [path("", include("comments.urls"))]

PAGES = ["/desk/moderation/", "/desk/moderation/log/", "/desk/moderation/1/"]


@pytest.fixture
def waiting(write: Callable[..., Comment]) -> Comment:
    return write(status="pending")


def test_a_moderator_opens_the_queue(mona_client: Client, waiting: Comment) -> None:
    response = mona_client.get("/desk/moderation/")

    assert response.status_code == 200
    assert waiting.text in response.text


@pytest.mark.parametrize("url", PAGES)
def test_a_stranger_is_sent_to_log_in_and_back(sam: Client, db: None, url: str) -> None:
    response = sam.get(url)

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={url}"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("url", PAGES)
def test_an_account_without_the_role_is_told_so(sam: Client, db: None, url: str) -> None:
    sam.force_login(User.objects.create_user("sam"))

    response = sam.get(url)

    assert response.status_code == 403
    assert "for moderators" in response.text
    assert response["Cache-Control"] == "private, no-store"


def test_an_editor_is_no_moderator(ed_client: Client, waiting: Comment) -> None:
    response = ed_client.get("/desk/moderation/")

    assert response.status_code == 403
    assert waiting.text not in response.text


def test_a_suspended_moderator_is_a_stranger(mona: User, mona_client: Client) -> None:
    User.objects.filter(pk=mona.pk).update(is_active=False)

    assert mona_client.get("/desk/moderation/").status_code == 302


@pytest.mark.parametrize("who", ["sam", "ed_client"])
def test_nobody_else_decides(request: pytest.FixtureRequest, who: str, waiting: Comment) -> None:
    client: Client = request.getfixturevalue(who)
    form = {"to": "approved", "seen_status": "pending", "seen_revision": "1"}
    before = ModerationEvent.objects.count()

    response = client.post(f"/desk/moderation/{waiting.pk}/decide/", form)

    assert response.status_code in {302, 403}
    waiting.refresh_from_db()
    assert waiting.status == Status.PENDING
    assert ModerationEvent.objects.count() == before


def test_logging_in_after_a_lost_session_leads_to_the_queue_and_not_to_the_form(sam: Client, waiting: Comment) -> None:
    response = sam.post(f"/desk/moderation/{waiting.pk}/decide/", {})

    assert response["Location"] == "/accounts/login/?next=/desk/moderation/"


def test_with_htmx_a_lost_session_is_said_on_the_page_and_the_page_stays(sam: Client, waiting: Comment) -> None:
    response = sam.post(
        f"/desk/moderation/{waiting.pk}/decide/",
        {},
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/moderation/?queue=spam"},
    )

    assert (response.status_code, response["HX-Retarget"]) == (403, "#desk-away")
    assert 'href="/accounts/login/?next=/desk/moderation/%3Fqueue%3Dspam"' in response.text
    assert "<html" not in response.text


def test_what_was_typed_before_the_session_was_lost_is_handed_back(sam: Client, waiting: Comment) -> None:
    path = f"/desk/moderation/{waiting.pk}/"
    response = sam.post(
        f"{path}decide/",
        {"note": "<b>Enough</b>", "message": " ", "to": "approved"},
        headers={"Referer": f"http://testserver{path}"},
    )

    assert response.status_code == 403
    assert "&lt;b&gt;Enough&lt;/b&gt;</textarea>" in response.text
    assert response.text.count("<textarea") == 1
    assert f'href="/accounts/login/?next={path}"' in response.text
    waiting.refresh_from_db()
    assert waiting.status == "pending"


def test_logging_in_leads_to_no_other_site(sam: Client, waiting: Comment) -> None:
    response = sam.post(
        f"/desk/moderation/{waiting.pk}/decide/", {"note": "Enough"}, headers={"Referer": "https://evil.example/x"}
    )
    assert 'href="/accounts/login/?next=/desk/moderation/"' in response.text


def test_a_form_of_another_site_decides_nothing(mona: User, waiting: Comment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)

    response = client.post(
        f"/desk/moderation/{waiting.pk}/decide/", {"to": "approved", "seen_status": "pending", "seen_revision": "1"}
    )

    assert response.status_code == 403
    waiting.refresh_from_db()
    assert waiting.status == Status.PENDING


def test_each_role_sees_the_links_that_it_can_follow(mona_client: Client, ed_client: Client) -> None:
    assert 'href="/desk/editors/"' not in mona_client.get("/desk/moderation/").text
    page = ed_client.get("/desk/editors/").text
    assert 'href="/desk/moderation/"' not in page
    assert 'action="/accounts/logout/"' in page


@pytest.mark.urls(__name__)
def test_the_desk_works_in_a_host_without_the_add_on(
    admin_client: Client, waiting: Comment, tags: dict[str, Any]
) -> None:
    page = admin_client.get("/desk/moderation/").text

    assert waiting.text in page
    assert "/desk/editors/" not in page
    assert "Log out" not in page


def test_no_page_needs_inline_scripts_or_styles(mona_client: Client, waiting: Comment) -> None:
    for url in ["/desk/moderation/", "/desk/moderation/log/", f"/desk/moderation/{waiting.pk}/"]:
        page = mona_client.get(url).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"<[^>]*\s(style|on[a-z]+|hx-on[^=]*)=", page)
        assert "<style" not in page
