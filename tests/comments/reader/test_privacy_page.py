"""The privacy page: made of the settings in force and of the tables that the code works from, so that it cannot lie."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from comments import cookies, retention
from comments.models import Comment, Tag
from tests.comments.people import confirm
from tests.comments.reader.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
URL = "/comments/privacy/"


@pytest.fixture(autouse=True)
def _with_mail(settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org"}


def rule(page: Any, name: str) -> str:
    """What the page says of a rule."""
    (found,) = (one for one in page.root.iter("dd") if one.get("data-rule") == name)
    return words(found)


def test_it_says_each_rule_with_the_days_in_force(sam: Client, read: Any) -> None:
    page = read(sam, URL)

    for one in retention.RULES:
        assert str(one.kept) in page.text
        assert rule(page, one.name) == f"{one.days} days, {one.purpose}. Then {one.done}."


@pytest.mark.parametrize("one", retention.RULES, ids=lambda one: one.name)
def test_a_setting_that_changes_changes_the_page(one: retention.Rule, sam: Client, read: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, one.setting: 3}
    assert rule(read(sam, URL), one.name).startswith("3 days, ")

    settings.COMMENTS = {**settings.COMMENTS, one.setting: 1}
    assert rule(read(sam, URL), one.name).startswith("1 day, ")

    settings.COMMENTS = {**settings.COMMENTS, one.setting: None}
    assert rule(read(sam, URL), one.name) == f"Kept without limit, {one.purpose}."


def test_it_names_the_site_and_who_answers_for_it(sam: Client, read: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_NAME": "The Quay", "PRIVACY_CONTACT": "Nora Quay, room 4"}
    page = read(sam, URL)

    assert "the discussions of The Quay" in page.text
    assert "Who answers for it: Nora Quay, room 4" in page.text


def test_it_names_third_parties_or_says_that_there_are_none(sam: Client, read: Any, settings: Any) -> None:
    assert "We pass nothing on to anybody." in read(sam, URL).text

    settings.COMMENTS = {**settings.COMMENTS, "THIRD_PARTIES": ["Mails go by way of Post & Sons."]}
    page = read(sam, URL)

    assert "Mails go by way of Post & Sons." in page.text
    assert "We pass nothing on" not in page.text


def test_it_speaks_of_mail_only_where_mail_is_sent(sam: Client, read: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "CONFIRM_MAILS": 7}
    assert "7 in all" in read(sam, URL).text

    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": ""}
    assert "in all" not in read(sam, URL).text


def test_it_leads_to_my_data(sam: Client, read: Any) -> None:
    assert read(sam, URL).links("My data")[0].get("href") == "/comments/mine/"


def test_caches_may_keep_it_and_it_is_the_same_for_everybody(
    sam: Client, carl: Client, mona_client: Client, send: Any, typed: dict[str, str]
) -> None:
    first = sam.get(URL)
    assert {"public", "max-age=300"} <= set(first["Cache-Control"].split(", "))
    assert "Cookie" not in first.get("Vary", "")
    assert not first.cookies

    send(carl, {**typed, "remember": "1"})
    assert carl.get(URL).content == mona_client.get(URL).content == first.content


def test_it_changes_nothing(sam: Client) -> None:
    assert sam.post(URL).status_code == 405


# --- Cookies ---------------------------------------------------------------------------------------------------------


def test_every_cookie_that_the_site_sets_is_on_the_page(
    carl: Client,
    rita: Client,
    sam: Client,
    mona: User,
    mona_client: Client,
    send: Any,
    typed: dict[str, str],
    tags: dict[str, Tag],
    read: Any,
) -> None:
    """Each flow of a reader, and of the staff, as a browser goes through it."""
    seen: dict[str, Any] = {}

    def visit(answer: Any) -> Any:
        seen.update(answer.cookies)
        return answer

    visit(send(carl, {**typed, "remember": "1", "notify": "1"}))
    comment = Comment.objects.get()
    assert comment.commenter is not None
    assert comment.reader is not None
    thread = comment.thread_id
    for path in (
        "/", "/articles/harbour/", "/articles/harbour/?tag=jobs", f"/comments/threads/{thread}/feed/", URL,
        f"/comments/{comment.pk}/report/", "/comments/mail/", f"/comments/threads/{thread}/subscribe/",
        "/comments/mine/", f"/api/v1/threads/{thread}/", f"/api/v1/threads/{thread}/comments/", "/api/v1/schema/",
        "/nowhere/",
    ):  # fmt: skip
        answer = visit(sam.get(path))
        assert not answer.cookies, f"{path} sets a cookie before anything is done"
    visit(rita.post(f"/comments/{comment.pk}/recommend/"))
    for path, fields in (
        (f"/comments/{comment.pk}/report/", {"reason": "other"}),
        ("/comments/mail/", {"email": "sam@example.org"}),
        (f"/comments/threads/{thread}/subscribe/", {"email": "sam@example.org", "pace": "daily"}),
    ):
        assert set(visit(Client().post(path, fields)).cookies) <= {"reader"}
    confirm(comment.commenter, comment.reader)
    for path in ("/comments/mine/", "/comments/mine/data.json", "/comments/mine/erase/", "/comments/mine/withdraw/"):
        visit(carl.get(path))
    visit(carl.post("/comments/mine/name/", {"name": "Karl"}))
    visit(carl.post("/comments/mine/erase/", {"comments": "keep", "sure": "1"}))
    staff = Client()
    visit(staff.get("/accounts/login/"))
    visit(staff.post("/accounts/login/", {"username": "mona", "password": "correct horse battery staple"}))
    for path in ("/desk/moderation/", f"/desk/moderation/comments/{comment.pk}/", "/desk/editors/", "/admin/"):
        visit(staff.get(path))
    User.objects.filter(pk=mona.pk).update(is_staff=True, is_superuser=True)
    assert visit(staff.post("/admin/auth/group/add/", {"name": "Interns"})).status_code == 302

    listed = {words(one) for one in read(sam, URL).root.iter("dt") if one.find("code") is not None}
    assert set(seen) <= listed
    assert {cookie.name for cookie in cookies.COOKIES} <= set(seen)
    assert {"sessionid", "csrftoken", "messages"} <= set(seen)


@pytest.mark.parametrize("is_secure", [True, False])
def test_a_cookie_of_the_discussion_is_as_the_table_says(
    is_secure: bool, carl: Client, typed: dict[str, str], read: Any, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = False
    page = read(carl, "/articles/harbour/")
    fields = {"stamp": page.field("stamp"), "parent": "", "homepage": "", **typed, "remember": "1"}
    action = next(iter(page.classed("lar-form", page.by_id("respond")))).get("action")
    answer = carl.post(action, fields, secure=is_secure)
    assert answer.status_code == 303

    for cookie in cookies.COOKIES:
        morsel = answer.cookies[cookie.name]
        assert (morsel["httponly"], morsel["samesite"], bool(morsel["secure"])) == (True, "Lax", is_secure)
        assert (morsel["max-age"], morsel["domain"]) == (int(cookie.age.total_seconds()), "")


def test_the_page_says_purpose_and_lifetime_of_each_cookie(sam: Client) -> None:
    text = " ".join(unescape(sam.get(URL).content.decode()).split())
    for cookie in cookies.COOKIES:
        assert f"{cookie.purpose} Kept: {cookie.age.days} days." in text


def test_the_names_are_those_of_the_hosts_settings(sam: Client, read: Any, settings: Any) -> None:
    settings.SESSION_COOKIE_NAME = "quay_session"
    assert "quay_session" in read(sam, URL).text
