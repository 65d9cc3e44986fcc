"""Posting through the form on the article page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client

from comments import moderation
from comments.models import Comment, Status, Submission, Thread
from comments.reader.stamps import new_stamp
from tests.comments.reader.pages import words

pytestmark = pytest.mark.django_db
URL = "/articles/harbour/"


@pytest.mark.usefixtures("article")
def test_it_works(
    thread: Thread, carl: Client, rita: Client, mona: User, typed: dict[str, str], send: Any, read: Any
) -> None:
    Thread.objects.update(mode="hold_newcomers")

    answer = send(carl, typed)

    comment = Comment.objects.get()
    assert answer.status_code == 303
    assert answer["Location"].endswith(f"#comment-{comment.pk}")
    assert (comment.status, comment.author_name, comment.author_website) == ("pending", "Carl", "https://carl.example")
    assert comment.screening[0]["code"] == "newcomer"
    own = read(carl, answer["Location"])
    assert own.comment_ids == [comment.pk]
    assert "awaiting moderation" in own.text
    assert read(rita, URL).comment_ids == []

    moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("pending", 1))

    page = read(rita, URL)
    assert page.comment_ids == [comment.pk]
    assert "The channel silts up every spring." in page.text
    assert comment.events.get().to_status == Status.APPROVED
    assert "awaiting moderation" not in read(carl, URL).text


@pytest.mark.usefixtures("article")
def test_a_comment_that_is_published_at_once_is_shown_where_it_stands(
    carl: Client, typed: dict[str, str], send: Any, read: Any
) -> None:
    answer = send(carl, typed)

    comment = Comment.objects.get()
    assert answer["Location"] == f"{URL}?focus={comment.pk}#comment-{comment.pk}"
    page = read(carl, answer["Location"])
    assert page.by_id(f"comment-{comment.pk}") in page.by_id("lar-list").iter("li")
    assert "Your comment is published." in page.text
    assert not page.has_id("lar-errors")


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize("field", ["body", "name", "email"])
def test_an_empty_field_is_named_at_the_field_and_above_the_form(
    field: str, carl: Client, typed: dict[str, str], send: Any, parse: Any
) -> None:
    answer = send(carl, {**typed, field: "  "})

    page = parse(answer)
    assert answer.status_code == 422
    sentence = words(page.by_id(f"lar-{field}-error"))
    assert sentence.startswith("Please ")
    assert sentence in words(page.by_id("lar-errors"))
    assert [link.get("href") for link in page.by_id("lar-errors").iter("a")] == [f"#lar-{field}"]
    control = page.by_id(f"lar-{field}")
    assert control.get("aria-invalid") == "true"
    assert f"lar-{field}-error" in (control.get("aria-describedby") or "").split()
    assert not Comment.objects.exists()


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", "\u200b\u2060"),
        ("body", "> \n"),
        ("body", "x" * 10_001),
        ("name", "x" * 61),
        ("name", "Administrator"),
        ("email", "carl"),
        ("email", "carl@"),
        ("website", "javascript:alert(1)"),
        ("website", "https://user@carl.example"),
        ("website", f"https://{'a' * 300}.example"),
    ],
)
def test_a_fault_is_named_at_its_field(
    field: str, value: str, carl: Client, typed: dict[str, str], send: Any, parse: Any
) -> None:
    answer = send(carl, {**typed, field: value})

    page = parse(answer)
    assert answer.status_code == 422
    assert page.has_id(f"lar-{field}-error")
    assert page.field(field) == value
    assert not Comment.objects.exists()


@pytest.mark.usefixtures("article")
def test_several_faults_are_named_at_once(carl: Client, send: Any, parse: Any) -> None:
    page = parse(send(carl, {"body": "", "name": "", "email": "nothing", "website": "also: nothing"}))

    assert len(list(page.by_id("lar-errors").iter("li"))) == 4


@pytest.mark.usefixtures("article")
def test_everything_typed_comes_back_with_the_error(
    carl: Client, typed: dict[str, str], send: Any, parse: Any, write: Any
) -> None:
    parent = write(name="Rita")
    lines = "\nA line.\n\n<b>&amp; \"another\"</b> 'one'"

    answer = send(carl, {**typed, "body": lines, "email": "carl@", "remember": "1"}, url=f"{URL}?reply={parent.pk}")

    page = parse(answer)
    assert page.field("body") == lines
    assert page.field("name") == "Carl"
    assert page.field("email") == "carl@"
    assert page.field("website") == "https://carl.example"
    assert page.field("parent") == str(parent.pk)
    assert page.field("remember") == "checked"
    assert words(page.by_id("lar-respond-title")) == "Leave a Reply to Rita"
    assert words(page.root.find(".//h1")) == "The harbour", "the form comes back on the article's page"
    assert {"private", "no-store"} <= set(page.response["Cache-Control"].split(", "))


@pytest.mark.usefixtures("article")
def test_an_address_comes_back_in_the_form_alone(carl: Client, typed: dict[str, str], send: Any, parse: Any) -> None:
    answer = send(carl, {**typed, "body": ""})

    assert answer.content.decode().count("carl+harbour@example.org") == 1
    assert parse(answer).field("email") == "carl+harbour@example.org"
    assert "carl+harbour" not in str(answer.headers) + str(answer.cookies)


@pytest.mark.usefixtures("article")
def test_a_form_that_came_back_can_be_sent_again(
    carl: Client, typed: dict[str, str], send: Any, parse: Any, thread: Thread
) -> None:
    page = parse(send(carl, {**typed, "body": ""}))

    answer = carl.post(f"/comments/threads/{thread.pk}/post/", {**typed, "stamp": page.field("stamp")})

    assert answer.status_code == 303
    assert Comment.objects.get().status == Status.APPROVED


@pytest.mark.usefixtures("article")
def test_a_control_character_gives_one_sentence_at_its_field(carl: Client, typed: dict[str, str], send: Any) -> None:
    answer = send(carl, {**typed, "email": "carl\0@example.org", "body": ""})

    assert answer.status_code == 422
    assert answer.content.count(b'id="lar-email-error"') == 1


@pytest.mark.usefixtures("article")
def test_the_preview_shows_the_text_and_stores_nothing(
    carl: Client, typed: dict[str, str], send: Any, parse: Any
) -> None:
    answer = send(carl, {**typed, "email": "", "preview": "1"})

    page = parse(answer)
    assert answer.status_code == 200
    assert [words(em) for em in page.by_id("lar-preview").iter("em")] == ["every"]
    assert page.field("body") == typed["body"]
    assert not page.has_id("lar-errors")
    assert not Comment.objects.exists()


def test_the_preview_for_htmx_is_a_piece(carl: Client) -> None:
    answer = carl.post("/comments/preview/", {"body": "*so* <script>alert(1)</script>"})

    assert b"<em>so</em> &lt;script&gt;" in answer.content
    assert b"<html" not in answer.content


# --- Replying


@pytest.mark.usefixtures("article")
def test_a_reply_names_whom_it_answers(carl: Client, typed: dict[str, str], send: Any, read: Any, write: Any) -> None:
    parent = write(name="Rita & <Son>")
    page = read(carl, f"{URL}?reply={parent.pk}")

    assert words(page.by_id("lar-respond-title")) == "Leave a Reply to Rita & <Son>"
    cancel = page.classed("lar-cancel")[0]
    assert cancel.get("hidden") is None
    assert [link.get("href") for link in cancel.iter("a")] == [f"{URL}#respond"]
    assert send(carl, typed, url=f"{URL}?reply={parent.pk}").status_code == 303
    assert Comment.objects.latest("id").parent == parent


@pytest.mark.usefixtures("article")
def test_without_a_parent_the_heading_is_plain(carl: Client, read: Any) -> None:
    page = read(carl, URL)

    assert words(page.by_id("lar-respond-title")) == "Leave a Reply"
    assert page.classed("lar-cancel")[0].get("hidden") is not None
    assert page.field("parent") == ""


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize("which", ["elsewhere", "pending", "none", "words", "huge"])
def test_a_parent_that_cannot_be_answered_is_refused_and_the_text_kept(
    which: str, carl: Client, typed: dict[str, str], send: Any, parse: Any, write: Any
) -> None:
    other = Thread.objects.create(key="other", mode="publish")
    parents = {
        "elsewhere": lambda: write(thread=other).pk,
        "pending": lambda: write(status="pending").pk,
        "none": lambda: 4711,
        "words": lambda: "the first one",
        "huge": lambda: 10**30,
    }
    parent = parents[which]()
    before = Comment.objects.count()

    answer = send(carl, {**typed, "parent": parent})

    page = parse(answer)
    assert answer.status_code == 422
    assert "The comment that you answer is not here any more." in words(page.by_id("lar-errors"))
    assert page.field("body") == typed["body"]
    assert page.field("parent") == "", "sent again, it becomes a comment of its own"
    assert Comment.objects.count() == before


# --- Once


@pytest.mark.usefixtures("article")
def test_the_same_form_sent_twice_is_stored_once(
    carl: Client, typed: dict[str, str], read: Any, thread: Thread
) -> None:
    data = {**typed, "stamp": read(carl, URL).field("stamp")}

    answers = [carl.post(f"/comments/threads/{thread.pk}/post/", data) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer["Location"] for answer in answers}) == 1
    assert Comment.objects.count() == Submission.objects.count() == 1


@pytest.mark.usefixtures("article")
def test_each_visit_gets_a_stamp_of_its_own_in_the_form_that_is_kept(rita: Client, carl: Client, read: Any) -> None:
    stamps = [read(client, URL).field("stamp") for client in (rita, carl, rita)]
    assert len(set(stamps)) == 3
    assert all(stamp.count(":") == 2 for stamp in stamps)


@pytest.mark.usefixtures("article")
def test_two_readers_with_one_stamp_are_both_stored(
    carl: Client, rita: Client, typed: dict[str, str], read: Any, thread: Thread
) -> None:
    stamp = read(carl, URL).field("stamp")
    url = f"/comments/threads/{thread.pk}/post/"
    first = carl.post(url, {**typed, "stamp": stamp})

    second = rita.post(url, {"body": "Not last spring.", "name": "Rita", "email": "rita@example.org", "stamp": stamp})

    assert first.status_code == second.status_code == 303
    assert {comment.body for comment in Comment.objects.all()} == {typed["body"], "Not last spring."}
    assert Comment.objects.values("reader").distinct().count() == 2


# --- The stamp, the trap, the flood


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize("which", ["missing", "forged", "foreign", "expired"])
def test_a_stamp_that_does_not_hold_loses_nothing(
    which: str, carl: Client, typed: dict[str, str], parse: Any, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        if which == "expired":
            patch.setattr("django.core.signing.time.time", lambda: 1_700_000_000.0)
        good = new_stamp(thread.pk)
    stamp = {"missing": "", "forged": f"{good}x", "foreign": new_stamp(thread.pk + 1), "expired": good}[which]
    url = f"/comments/threads/{thread.pk}/post/"

    answer = carl.post(url, {**typed, "stamp": stamp})

    page = parse(answer)
    assert answer.status_code == 422
    assert "please send it once more" in words(page.by_id("lar-errors"))
    assert page.field("body") == typed["body"]
    assert carl.post(url, {**typed, "stamp": page.field("stamp")}).status_code == 303
    assert Comment.objects.get().status == Status.APPROVED


@pytest.mark.usefixtures("article")
def test_a_form_that_comes_back_at_once_waits(carl: Client, typed: dict[str, str], send: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "MIN_SECONDS": 2}

    send(carl, typed)

    comment = Comment.objects.get()
    assert (comment.status, comment.screening[0]["code"]) == ("pending", "too_fast")


@pytest.mark.usefixtures("article")
def test_who_fills_in_the_trap_is_told_nothing(carl: Client, typed: dict[str, str], send: Any, read: Any) -> None:
    answer = send(carl, {**typed, "homepage": "https://spam.example"})

    assert Comment.objects.get().status == Status.SPAM
    assert "awaiting moderation" in read(carl, answer["Location"]).text


@pytest.mark.usefixtures("article")
def test_a_discussion_that_closed_meanwhile_gives_the_text_back(
    carl: Client, typed: dict[str, str], read: Any, parse: Any, thread: Thread
) -> None:
    stamp = read(carl, URL).field("stamp")
    Thread.objects.update(mode="closed")

    answer = carl.post(f"/comments/threads/{thread.pk}/post/", {**typed, "stamp": stamp})

    page = parse(answer)
    assert answer.status_code == 403
    assert "This discussion is closed." in words(page.by_id("lar-errors"))
    assert page.by_id("lar-body").text == typed["body"]
    assert page.by_id("lar-body").get("readonly") is not None
    assert not Comment.objects.exists()


@pytest.mark.usefixtures("article")
def test_a_closed_discussion_has_no_form_and_can_be_read(carl: Client, read: Any, write: Any, thread: Thread) -> None:
    comment = write()
    Thread.objects.update(mode="closed")

    page = read(carl, URL)

    assert page.comment_ids == [comment.pk]
    assert not list(page.by_id("respond").iter("form"))
    assert "This discussion is closed" in words(page.by_id("respond"))


@pytest.mark.usefixtures("article")
def test_a_flood_is_refused_with_the_time_to_wait(
    carl: Client, typed: dict[str, str], send: Any, parse: Any, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "FLOOD_HOLD": 1, "FLOOD_REFUSE": 2, "FLOOD_SECONDS": 60}
    bodies = [f"Number {number} of many." for number in range(3)]

    answers = [send(carl, {**typed, "body": body}) for body in bodies]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert parse(answers[-1]).field("body") == bodies[-1]
    assert list(Comment.objects.order_by("id").values_list("status", flat=True)) == ["approved", "pending"]


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(("proxies", "stored"), [(0, 1), (1, 2)])
def test_a_made_up_forwarding_header_counts_only_behind_a_trusted_proxy(
    proxies: int, stored: int, carl: Client, typed: dict[str, str], send: Any, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "FLOOD_REFUSE": 1, "TRUSTED_PROXIES": proxies}

    for number in (1, 2):
        send(carl, {**typed, "body": f"Number {number}."}, headers={"X-Forwarded-For": f"1.2.3.4, 10.0.0.{number}"})

    assert Comment.objects.count() == stored


# --- Foreign pages


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_cannot_post(
    headers: dict[str, str], carl: Client, typed: dict[str, str], send: Any, parse: Any
) -> None:
    answer = send(carl, typed, headers=headers)

    assert answer.status_code == 403
    assert "came from another site" in parse(answer).text
    assert not Comment.objects.exists()


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(
    "headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}]
)
def test_the_sites_own_page_can(headers: dict[str, str], carl: Client, typed: dict[str, str], send: Any) -> None:
    assert send(carl, typed, headers=headers).status_code == 303


def test_posting_to_nothing_is_not_found(carl: Client, typed: dict[str, str]) -> None:
    for number in (4711, 10**30):
        assert carl.post(f"/comments/threads/{number}/post/", typed).status_code == 404


@pytest.mark.usefixtures("article")
def test_fields_that_the_form_does_not_have_change_nothing(carl: Client, typed: dict[str, str], send: Any) -> None:
    extra = {"status": "approved", "html": "<script>", "is_listed": "1", "user": "1", "thread": "9", "hue": "99"}
    Thread.objects.update(mode="hold_all")

    send(carl, {**typed, **extra})

    comment = Comment.objects.get()
    assert (comment.status, comment.user, comment.is_listed) == ("pending", None, False)
    assert comment.hue < 12


# --- Cookies


@pytest.mark.usefixtures("article")
def test_reading_sets_no_cookie(rita: Client, write: Any) -> None:
    comment = write()
    for url in (URL, f"{URL}?sort=oldest", f"/comments/{comment.pk}/", f"/comments/{comment.pk}/report/", "/"):
        rita.get(url)

    assert not rita.cookies


@pytest.mark.usefixtures("article")
def test_posting_sets_one_cookie_that_scripts_cannot_read(carl: Client, typed: dict[str, str], send: Any) -> None:
    send(carl, typed)

    assert list(carl.cookies) == ["reader"]
    assert carl.cookies["reader"]["httponly"]
    assert carl.cookies["reader"]["samesite"] == "Lax"


@pytest.mark.usefixtures("article")
def test_name_and_website_are_remembered_on_request_and_the_address_never(
    carl: Client, typed: dict[str, str], send: Any, read: Any
) -> None:
    send(carl, {**typed, "remember": "1"})

    cookie = carl.cookies["author"]
    assert cookie["httponly"]
    assert "carl+harbour" not in str(signing.loads(cookie.value, salt="author"))
    page = read(carl, URL)
    assert (page.field("name"), page.field("website")) == ("Carl", "https://carl.example")
    assert page.field("email") == ""
    assert page.field("remember") == "checked"


@pytest.mark.usefixtures("article")
def test_without_the_box_nothing_is_remembered_any_more(
    carl: Client, typed: dict[str, str], send: Any, read: Any
) -> None:
    send(carl, {**typed, "remember": "1"})
    send(carl, {**typed, "body": "And every autumn."})

    assert not carl.cookies["author"].value
    assert read(carl, URL).field("name") == ""


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(
    "value",
    ["", "Mallory", signing.dumps(["Mallory", "https://evil.example"], salt="other"), "é\x01", "x" * 5000],
    # Named, because a signature tells the time, and two processes must collect the same tests.
    ids=["empty", "plain", "of another purpose", "not ASCII", "long"],
)
def test_a_forged_cookie_is_ignored(value: str, sam: Client, read: Any) -> None:
    sam.cookies["author"] = value
    sam.cookies["reader"] = value

    page = read(sam, URL)

    assert page.field("name") == ""
    assert page.comment_ids == []
