"""My data: the page, the file, a corrected name, withdrawing, being erased; by the browser that asks, by no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from comments import clients, moderation, owning, recommending, subscribing
from comments.models import Comment, Commenter, Reader, Report, Status, Subscription, Thread
from tests.comments.people import browser, confirm, traces
from tests.comments.reader.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
MINE = "/comments/mine/"
PAGES = ["", "data.json", "withdraw/", "erase/"]
OTHER_SITE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture(autouse=True)
def _with_mail(settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org"}


@pytest.fixture
def posted(carl: Client, typed: dict[str, str], send: Any) -> Callable[..., Comment]:
    """A comment that Carl posts from his browser."""

    def posted(**fields: str) -> Comment:
        assert send(carl, {**typed, **fields}).status_code == 303
        return Comment.objects.latest("id")

    return posted


@pytest.fixture
def confirmed(posted: Any) -> Comment:
    """The same, with his address confirmed in it."""
    comment: Comment = posted()
    assert comment.commenter is not None
    assert comment.reader is not None
    confirm(comment.commenter, comment.reader)
    return comment


def is_private(answer: HttpResponse) -> bool:
    return {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_kept_about_this_browser(posted: Any, carl: Client, read: Any) -> None:
    comment = posted()
    page = read(carl, MINE)

    assert comment.text in page.text
    assert [link.get("href") for link in page.links("Show it in the discussion")] == [f"/comments/{comment.pk}/"]
    assert "1 comment" in page.text
    assert "0 recommendations" in page.text
    assert page.by_id("lar-name").get("value") == "Carl"
    assert "carl+harbour" not in page.response.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_no_cache_keeps_it(path: str, posted: Any, carl: Client) -> None:
    posted()
    assert is_private(carl.get(MINE + path))


@pytest.mark.parametrize("is_mail_offered", [True, False])
def test_a_browser_that_is_not_known_is_told_so(is_mail_offered: bool, sam: Client, read: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org" if is_mail_offered else ""}
    page = read(sam, MINE)

    assert "We know nothing of this browser" in page.text
    assert bool([link for link in page.root.iter("a") if link.get("href") == "/comments/mail/"]) == is_mail_offered
    assert is_private(page.response)
    assert not Reader.objects.exists()
    assert not sam.cookies


@pytest.mark.parametrize("path", PAGES[1:])
def test_it_is_led_from_the_other_pages_to_that_one(path: str, sam: Client) -> None:
    answer = sam.get(MINE + path)
    assert (answer.status_code, answer["Location"]) == (303, MINE)


def test_an_address_confirmed_here_shows_what_was_posted_elsewhere(
    confirmed: Comment, write: Any, carl: Client, read: Any
) -> None:
    write("From my telephone.", reader=browser("phone"), email="Carl+harbour@example.org")

    page = read(carl, MINE)

    assert "From my telephone." in page.text
    assert "2 comments" in page.text


def test_spam_waits_like_the_rest(posted: Any, carl: Client, read: Any, mona: User) -> None:
    comment = posted()
    moderation.decide(comment, to="spam", by=mona, seen=moderation.Seen("approved", 1))

    text = read(carl, MINE).text
    assert "pending" in text
    assert "spam" not in text.partition("Your comments")[2].partition("Your name")[0]


def test_a_long_list_comes_in_pages(posted: Any, carl: Client, read: Any, write: Any) -> None:
    reader = posted().reader
    for number in range(55):
        write(f"One of many, number {number}.", reader=reader)
    page = read(carl, MINE)
    assert len(page.classed("lar-piece")) == 50

    older = page.links("Older comments")[0].get("href")
    assert len(page.classed("lar-piece", read(carl, older).root)) == 6


def test_the_page_costs_the_same_however_much_was_posted(
    posted: Any, carl: Client, write: Any, django_assert_num_queries: Any
) -> None:
    def count() -> int:
        with django_assert_num_queries(20, exact=False) as seen:
            assert carl.get(MINE).status_code == 200
        return len(seen)

    reader = posted().reader
    one = count()
    for number in range(40):
        write(f"One of many, number {number}.", reader=reader)
    assert count() == one


# --- The file --------------------------------------------------------------------------------------------------------


def test_all_of_it_is_one_file(posted: Any, carl: Client) -> None:
    comment = posted()
    answer = carl.get(f"{MINE}data.json")

    assert answer["Content-Type"].startswith("application/json")
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    found = json.loads(answer.content)
    assert [one["body"] for one in found["comments"]] == [comment.body]
    assert "carl+harbour" not in answer.content.decode()


def test_the_file_of_one_browser_is_not_anothers(posted: Any, rita: Client, typed: dict[str, str], send: Any) -> None:
    posted()
    send(rita, {**typed, "body": "Rita's own words.", "name": "Rita"})  # under the same address, typed

    text = rita.get(f"{MINE}data.json").content.decode()
    assert "Rita's own words." in text
    assert "silts" not in text


# --- The name --------------------------------------------------------------------------------------------------------


def test_a_name_is_corrected_everywhere(posted: Any, carl: Client, read: Any) -> None:
    posted(remember="1")
    assert "Carl" in read(carl, "/articles/harbour/").text

    answer = carl.post(f"{MINE}name/", {"name": "Karl"})

    assert (answer.status_code, answer["Location"]) == (303, f"{MINE}?done=renamed")
    assert answer.cookies["author"]["max-age"] == 0
    assert "Your name has been corrected." in read(carl, answer["Location"]).text
    page = read(carl, "/articles/harbour/")
    assert [words(one) for one in page.classed("lar-name")] == ["Karl"]


def test_a_name_of_the_staffs_is_refused_at_the_field(posted: Any, carl: Client, parse: Any) -> None:
    posted()
    answer = carl.post(f"{MINE}name/", {"name": "Editor"})

    page = parse(answer)
    assert (answer.status_code, page.by_id("lar-name").get("value")) == (422, "Editor")
    assert "reserved" in words(page.by_id("lar-name-error"))
    assert Comment.objects.get().author_name == "Carl"


# --- Withdrawing -----------------------------------------------------------------------------------------------------


def test_one_comment_is_withdrawn_long_after_the_window(posted: Any, carl: Client, read: Any) -> None:
    comment = posted()
    Comment.objects.update(created_at=timezone.now() - timedelta(days=300))
    (link,) = read(carl, MINE).links("Withdraw", None)[:1]
    assert comment.text in read(carl, str(link.get("href"))).text
    comment.refresh_from_db()
    assert comment.status == "approved"  # the link only asks

    answer = carl.post(str(link.get("href")))

    comment.refresh_from_db()
    assert (answer.status_code, comment.status, comment.text) == (303, "withdrawn", "")
    assert comment.events.get().actor == "author"
    assert "It is withdrawn." in read(carl, answer["Location"]).text


def test_all_are_withdrawn(posted: Any, carl: Client, read: Any) -> None:
    posted()
    posted(body="Another one.")
    assert "all your 2 comments" in read(carl, f"{MINE}withdraw/").text

    carl.post(f"{MINE}withdraw/")

    assert set(Comment.objects.values_list("status", flat=True)) == {Status.WITHDRAWN}


def test_a_stranger_withdraws_nothing(posted: Any, rita: Client, typed: dict[str, str], send: Any) -> None:
    comment = posted()
    send(rita, {**typed, "body": "Rita's own words.", "name": "Rita"})

    assert rita.post(f"{MINE}withdraw/{comment.pk}/").status_code == 404
    assert rita.post(f"{MINE}withdraw/{2**63}/").status_code == 404
    rita.post(f"{MINE}withdraw/")

    comment.refresh_from_db()
    assert comment.status == "approved"


# --- Mail ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def following(confirmed: Comment, thread: Thread) -> Subscription:
    reader = Reader.objects.get(pk=confirmed.reader_id)
    return subscribing.subscribe(subscribing.Wish(thread), reader=reader)


def test_subscriptions_are_changed_without_a_link(following: Subscription, carl: Client, read: Any) -> None:
    assert "All comments under “The harbour”" in read(carl, MINE).text

    carl.post(f"{MINE}subscriptions/", {f"pace-{following.pk}": "weekly"})

    following.refresh_from_db()
    assert following.pace == "weekly"


@pytest.mark.parametrize("button", ["stop", "stop_all"])
def test_subscriptions_are_stopped(button: str, following: Subscription, carl: Client) -> None:
    carl.post(f"{MINE}subscriptions/", {button: following.pk})
    assert not Subscription.objects.exists()


def test_a_pace_that_does_not_exist_is_refused(following: Subscription, carl: Client) -> None:
    assert carl.post(f"{MINE}subscriptions/", {f"pace-{following.pk}": "hourly"}).status_code == 422
    following.refresh_from_db()
    assert following.pace == "at_once"


def test_a_stranger_changes_no_subscription(following: Subscription, rita: Client, typed: Any, send: Any) -> None:
    send(rita, {**typed, "body": "Rita's own words.", "name": "Rita"})
    rita.post(f"{MINE}subscriptions/", {f"pace-{following.pk}": "weekly", "stop": following.pk, "stop_all": "1"})

    following.refresh_from_db()
    assert following.pace == "at_once"


# --- Being erased ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "status", "left"), [("keep", "approved", True), ("remove", "withdrawn", False)])
def test_somebody_is_erased(
    choice: str, status: str, left: bool, posted: Any, carl: Client, write: Any, parse: Any
) -> None:
    comment = posted(remember="1")
    other = write(name="Rita", email="rita@example.org")
    recommending.recommend(other, reader=comment.reader)
    commenter_id, reader_id = comment.commenter_id, comment.reader_id
    answer = carl.post(f"{MINE}erase/", {"comments": choice, "sure": "1"})

    page = parse(answer)
    assert (answer.status_code, is_private(answer)) == (200, True)
    assert "1 recommendation is taken back." in page.text
    assert {name: morsel["max-age"] for name, morsel in answer.cookies.items()} == {"reader": 0, "author": 0}
    comment.refresh_from_db()
    assert (comment.status, comment.author_name, bool(comment.text)) == (status, "", left)
    assert traces({"website": "carl.example", "name": "Carl"}) == []
    assert not Commenter.objects.filter(pk=commenter_id).exists()
    assert not Reader.objects.filter(pk=reader_id).exists()


def test_who_was_erased_is_not_known_any_more(posted: Any, carl: Client, read: Any) -> None:
    posted()
    carl.post(f"{MINE}erase/", {"comments": "remove", "sure": "1"})

    assert "We know nothing of this browser" in read(carl, MINE).text


def test_sent_twice_it_is_done_once(posted: Any, carl: Client, parse: Any) -> None:
    posted()
    cookie = carl.cookies["reader"].value
    carl.post(f"{MINE}erase/", {"comments": "remove", "sure": "1"})
    carl.cookies["reader"] = cookie

    answer = carl.post(f"{MINE}erase/", {"comments": "remove", "sure": "1"})

    assert answer.status_code == 200
    assert "nothing (more) to erase" in parse(answer).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose what is to become of your comments."),
        ({"sure": "1"}, "Choose what is to become of your comments."),
        ({"comments": "eat", "sure": "1"}, "Choose what is to become of your comments."),
        ({"comments": "keep"}, "Tick the box if you are sure."),
    ],
)
def test_nothing_is_erased_without_a_choice_and_a_tick(
    fields: dict[str, str], sentence: str, posted: Any, carl: Client, parse: Any
) -> None:
    posted()
    answer = carl.post(f"{MINE}erase/", fields)

    assert answer.status_code == 422
    assert sentence in parse(answer).text
    assert Comment.objects.get().author_name == "Carl"
    assert not answer.cookies


def test_quotes_are_put_before_the_moderators(posted: Any, carl: Client, write: Any, parse: Any) -> None:
    posted(name="Carlotta")
    quoting = write("Carlotta is wrong about the channel.", name="Ida", email="ida@example.org")

    answer = carl.post(f"{MINE}erase/", {"comments": "keep", "sure": "1"})

    assert "may quote or name you" in parse(answer).text
    assert Report.objects.get(comment=quoting).reason == "erased_quote"


def test_no_mail_is_sent_by_any_of_it(confirmed: Comment, carl: Client) -> None:
    for path in PAGES:
        carl.get(MINE + path)
    carl.post(f"{MINE}name/", {"name": "Karl"})
    carl.post(f"{MINE}erase/", {"comments": "remove", "sure": "1"})

    assert mail.outbox == []
    assert not Commenter.objects.exists()


# --- Doors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["name/", "withdraw/", "withdraw/{}/", "subscriptions/", "erase/"])
def test_another_sites_page_changes_nothing(path: str, posted: Any, carl: Client) -> None:
    comment = posted()
    fields = {"name": "Mallory", "comments": "remove", "sure": "1", "stop_all": "1"}

    answer = carl.post(MINE + path.format(comment.pk), fields, headers=OTHER_SITE)

    comment.refresh_from_db()
    assert (answer.status_code, comment.author_name, comment.status) == (403, "Carl", "approved")


@pytest.mark.parametrize("path", ["name/", "subscriptions/"])
def test_a_link_changes_nothing(path: str, posted: Any, carl: Client) -> None:
    posted()
    assert carl.get(MINE + path).status_code == 405


def test_the_cookie_is_the_whole_proof(posted: Any, carl: Client) -> None:
    posted()
    person = owning.of_browser(Reader.objects.get())
    assert person.asking == Reader.objects.get().pk
    carl.cookies[clients.READER_COOKIE] = "x" * 32
    assert "We know nothing" in carl.get(MINE).content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_it_stands_in_the_frame_of_the_plugin_alone(path: str, posted: Any, carl: Client, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "BASE_TEMPLATE": "comments/base.html"}
    posted()
    assert carl.get(MINE + path).status_code == 200
