"""The pages around mail: asking, confirming, following, stopping. What they answer, and what they never tell."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from comments import clients, confirming, links, privacy, subscribing, tagging
from comments.models import (
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    Mailbox,
    Outbox,
    Reader,
    Recommendation,
    Subscription,
    Thread,
)
from tests.comments.reader.pages import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article", "mail_site")]
URL = "/articles/harbour/"
CARL = "carl@example.org"
ASK = "/comments/mail/"
MINE = "/comments/mine/"


@pytest.fixture
def follow_url(thread: Thread) -> str:
    return f"/comments/threads/{thread.pk}/subscribe/"


@pytest.fixture
def link(deliver: Any) -> Callable[..., str]:
    """The path of the link in the newest mail."""

    def link(kind: str = "confirm") -> str:
        mail = deliver()[-1]
        return urlsplit(re.findall(rf"https://\S+/mail/{kind}/\S+", mail.body)[0]).path

    return link


@pytest.fixture
def trust(link: Any) -> Callable[[Client], None]:
    """Have Carl's address confirmed in a browser, by mail, link and button."""

    def trust(client: Client, address: str = CARL) -> None:
        assert client.post(ASK, {"email": address}).status_code == 200
        assert client.post(link()).status_code == 303
        Mailbox.objects.update(asked_at=None)

    return trust


def reader_of(client: Client) -> Reader:
    return Reader.objects.get(cookie_digest=privacy.reader_digest(client.cookies[clients.READER_COOKIE].value))


def buttons(page: Page, label: str) -> list[Any]:
    return [button for button in page.root.iter("button") if words(button) == label]


# --- The box in the form


def test_the_box_is_there_where_mail_is_offered(rita: Client, read: Any, settings: Any) -> None:
    page = read(rita, URL)
    assert page.field("notify") == ""
    assert words(page.by_id("lar-notify")) == ""
    assert [words(label) for label in page.root.iter("label") if label.get("for") == "lar-notify"] == [
        "Mail me when this comment is decided on or answered."
    ]
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": ""}
    assert not read(rita, URL).has_id("lar-notify"), "the form that all share is not kept across that"


def test_the_box_subscribes(carl: Client, typed: dict[str, str], send: Any, deliver: Any) -> None:
    assert send(carl, {**typed, "notify": "1"}).status_code == 303
    subscription = Subscription.objects.get()
    assert (subscription.comment, subscription.confirmed_at) == (Comment.objects.get(), None)
    (mail,) = deliver()
    assert mail.to == [typed["email"]]


def test_without_the_box_no_mail_goes(carl: Client, typed: dict[str, str], send: Any, deliver: Any) -> None:
    send(carl, typed)
    assert not Subscription.objects.exists()
    assert deliver() == []


@pytest.mark.parametrize("ticked", ["checked", ""])
@pytest.mark.parametrize("fields", [{"body": ""}, {"preview": "1"}])
def test_the_box_stays_as_it_was(
    ticked: str, fields: dict[str, str], carl: Client, typed: dict[str, str], send: Any, parse: Any
) -> None:
    answer = send(carl, {**typed, **fields, **({"notify": "1"} if ticked else {})})
    assert parse(answer).field("notify") == ticked
    assert not Subscription.objects.exists()


# --- The offer


def test_an_author_is_offered_to_confirm(carl: Client, typed: dict[str, str], send: Any, read: Any, link: Any) -> None:
    Thread.objects.update(mode="hold_all")
    send(carl, typed)
    comment = Comment.objects.get()
    own = next(iter(read(carl, URL).classed("lar-own")))
    (form,) = [form for form in own.iter("form") if form.get("action", "").endswith("/confirm/")]
    assert form.get("method") == "post"

    answer = carl.post(form.get("action"))

    assert answer.status_code == 200
    assert "Look into your mailbox." in answer.content.decode()
    assert carl.get(link()).status_code == 200
    assert buttons(read(carl, f"/comments/{comment.pk}/status/"), "Confirm your email address")


def test_the_offer_stands_once_for_an_address(carl: Client, typed: dict[str, str], send: Any, read: Any) -> None:
    for number in range(3):
        send(carl, {**typed, "body": f"Remark {number}."})
    send(carl, {**typed, "body": "Another.", "email": "other@example.org"})
    assert len(buttons(read(carl, URL), "Confirm your email address")) == 2


def test_where_it_is_confirmed_nothing_is_offered(
    carl: Client, typed: dict[str, str], send: Any, read: Any, trust: Any
) -> None:
    trust(carl)
    send(carl, {**typed, "email": CARL})
    comment = Comment.objects.get()
    for url in (URL, f"/comments/{comment.pk}/status/"):
        assert not buttons(read(carl, url), "Confirm your email address")


def test_without_mail_nothing_is_offered(
    carl: Client, typed: dict[str, str], send: Any, read: Any, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": ""}
    send(carl, {**typed, "notify": "1"})
    comment = Comment.objects.get()
    for url in (URL, f"/comments/{comment.pk}/status/"):
        page = read(carl, url)
        assert not buttons(page, "Confirm your email address")
        assert not [found for found in page.root.iter("a") if "subscribe" in found.get("href", "")]
    for url in (ASK, f"/comments/threads/{comment.thread_id}/subscribe/"):
        assert carl.get(url).status_code == 404
        assert carl.post(url, {"email": CARL}).status_code == 404
    assert carl.post(f"/comments/{comment.pk}/confirm/").status_code == 404
    assert not ConfirmationRequest.objects.exists()


@pytest.mark.parametrize("who", ["nobody", "sam"])
def test_the_offer_is_the_authors_alone(who: str, carl: Client, sam: Client, typed: dict[str, str], send: Any) -> None:
    send(carl, typed)
    comment = Comment.objects.get()
    if who == "sam":
        send(sam, {**typed, "body": "Sam has a browser, too."})
    assert sam.post(f"/comments/{comment.pk}/confirm/").status_code == 404
    assert sam.get(f"/comments/{comment.pk}/confirm/").status_code == 405
    assert not ConfirmationRequest.objects.exists()


# --- Asking and confirming


def test_ask_confirm_and_see_ones_data(rita: Client, read: Any, parse: Any, link: Any) -> None:
    page = read(rita, ASK)
    assert page.by_id("lar-email").get("type") == "email"

    done = parse(rita.post(ASK, {"email": CARL}))
    assert "Look into your mailbox." in done.text
    path = link()
    offer = read(rita, path)
    (form,) = offer.classed("lar-form")
    answer = rita.post(form.get("action"))

    assert answer.status_code == 303
    assert "Your email address is confirmed in this browser." in read(rita, answer["Location"]).text
    assert Confirmation.objects.get().reader == reader_of(rita)


def test_nothing_on_any_page_names_the_address(rita: Client, link: Any, follow_url: str) -> None:
    answers = [rita.post(ASK, {"email": "only.here@example.org"}), rita.post(follow_url, {"email": "x@example.org"})]
    path = link()
    answers += [rita.get(path), rita.post(path), rita.get(MINE)]
    for answer in answers:
        said = answer.content.decode() + str(answer.headers) + answer.cookies.output()
        assert "only.here" not in said
        assert "x@example" not in said


@pytest.mark.parametrize("address", ["", "carl", "carl@", "a\u202eb@example.org", "x" * 400])
def test_what_is_no_address_comes_back_with_a_sentence(address: str, rita: Client, parse: Any, follow_url: str) -> None:
    for url in (ASK, follow_url):
        answer = rita.post(url, {"email": address})
        page = parse(answer)
        field = page.by_id("lar-email")
        assert answer.status_code == 422
        assert field.get("value") == address
        assert field.get("aria-invalid") == "true"
        assert "lar-email-error" in field.get("aria-describedby", "").split()
        assert words(page.by_id("lar-email-error")).startswith("Please ")
        assert not answer.cookies, "nothing was chosen yet"
    assert not Reader.objects.exists()


@pytest.mark.parametrize("kind", ["ask", "follow"])
def test_who_asks_again_and_again_gets_429(kind: str, rita: Client, parse: Any, follow_url: str) -> None:
    url = ASK if kind == "ask" else follow_url
    for number in range(confirming.ASKS_OF_A_BROWSER):
        assert rita.post(url, {"email": f"a{number}@example.org"}).status_code == 200
    answer = rita.post(url, {"email": CARL})
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "several mails within the hour" in parse(answer).text
    assert ConfirmationRequest.objects.count() == confirming.ASKS_OF_A_BROWSER


def test_a_client_without_cookies_gets_429_and_leaves_no_readers(follow_url: str) -> None:
    for number in range(confirming.ASKS_OF_A_CLIENT):
        url = (ASK, follow_url)[number % 2]
        assert Client().post(url, {"email": f"a{number}@example.org"}).status_code == 200
    assert Client().post(ASK, {"email": CARL}).status_code == 429
    assert Reader.objects.count() == Commenter.objects.count() == confirming.ASKS_OF_A_CLIENT


def test_the_offer_of_ones_own_comment_counts_as_well(carl: Client, typed: dict[str, str], send: Any) -> None:
    send(carl, typed)
    url = f"/comments/{Comment.objects.get().pk}/confirm/"
    answers = [carl.post(url).status_code for _ in range(confirming.ASKS_OF_A_BROWSER + 1)]
    assert answers == [200] * confirming.ASKS_OF_A_BROWSER + [429]


@pytest.mark.parametrize("url", [ASK, "/comments/threads/{thread}/subscribe/"])
def test_another_sites_page_asks_for_nothing(url: str, rita: Client, thread: Thread) -> None:
    answer = rita.post(url.format(thread=thread.pk), {"email": CARL}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not ConfirmationRequest.objects.exists()


def test_another_sites_page_presses_no_button(rita: Client, link: Any) -> None:
    rita.post(ASK, {"email": CARL})
    path = link()
    assert rita.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not Confirmation.objects.exists()


# --- The link


def test_a_look_at_a_link_changes_nothing(rita: Client, sam: Client, link: Any, follow_url: str) -> None:
    rita.post(follow_url, {"email": CARL})
    path = link()
    before = rows()
    for client in (rita, sam, Client()):
        for method in (client.get, client.head, client.options):
            answer = method(path)
            assert answer.status_code == 200
            assert not answer.cookies
    assert rows() == before


def rows() -> list[Any]:
    """Everything that mail is about."""
    tables = (Commenter, Confirmation, ConfirmationRequest, Subscription, Outbox, Reader)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_link_in_another_browser_says_so(rita: Client, sam: Client, link: Any, read: Any) -> None:
    rita.post(ASK, {"email": CARL})
    path = link()
    assert "in another browser" in read(sam, path).text
    assert "in another browser" not in read(rita, path).text


def test_a_browser_is_trusted_where_the_button_was_pressed(
    carl: Client, sam: Client, link: Any, typed: dict[str, str], send: Any
) -> None:
    """Sam typed Carl's address. Carl finds the mail and presses the button."""
    send(sam, {**typed, "email": CARL, "name": "Carl"})
    sam.post(f"/comments/{Comment.objects.get().pk}/confirm/")
    assert carl.post(link()).status_code == 303

    assert reader_of(sam).commenter_ids == frozenset()
    assert len(reader_of(carl).commenter_ids) == 1
    assert not Comment.objects.get().is_confirmed
    assert sam.post(ASK, {"email": CARL}).status_code == 200
    assert reader_of(sam).commenter_ids == frozenset()


def test_a_second_press_leads_to_the_same_page(rita: Client, sam: Client, link: Any) -> None:
    rita.post(ASK, {"email": CARL})
    path = link()
    answers = [rita.post(path), rita.post(path), rita.get(path)]
    assert [(answer.status_code, urlsplit(answer["Location"]).path) for answer in answers] == [(303, MINE)] * 3
    assert Confirmation.objects.count() == 1
    assert sam.get(path).status_code == sam.post(path).status_code == 410
    assert not sam.cookies, "a link that is gone leaves no reader behind"
    assert Reader.objects.count() == 1


def test_an_old_link_is_gone(rita: Client, link: Any, parse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rita.post(ASK, {"email": CARL})
    path = link()
    later = timezone.now().timestamp() + 48 * 3600 + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    for answer in (rita.get(path), rita.post(path)):
        assert answer.status_code == 410
        assert "has been used or is too old" in parse(answer).text
    assert not Confirmation.objects.exists()


def test_no_cache_and_no_other_site_learns_of_a_link(rita: Client, link: Any, follow_url: str, thread: Thread) -> None:
    rita.post(follow_url, {"email": CARL})
    paths = [link(), links.of_management(Commenter.objects.get()), links.of_stopping(Subscription.objects.all())]
    for path in paths:
        answer = rita.get(urlsplit(path).path)
        assert answer.status_code == 200
        assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
        assert answer["Referrer-Policy"] == "same-origin"


HOSTILE: list[Any] = [
    None, True, False, 0, -1, 1.5, "", "1", [], {}, [1], [1, 2], [1, "nonce"], [True, "x"], [None, None], ["1", "x"],
    [2**70, "x"], 2**70, [2**70], [2**62, 2**62], [-1], [0], [1, -1], [[1]], [{"a": 1}], {"pk": 1}, [1] * 1000,
    "x" * 5000, [1, "x\u0000"], [1, "\ud800"], [1, None],
]  # fmt: skip


@pytest.mark.parametrize("kind", ["confirm", "subscriptions", "stop"])
@pytest.mark.parametrize("salt", [links.CONFIRM, links.MANAGE, links.STOP, "comments.reader", "author"])
def test_a_token_of_any_content_is_read_or_gone(kind: str, salt: str, rita: Client) -> None:
    ConfirmationRequest.objects.create(commenter=privacy.commenter_for(CARL), nonce="nonce")
    own = {"confirm": links.CONFIRM, "subscriptions": links.MANAGE, "stop": links.STOP}[kind]
    for content in HOSTILE:
        token = signing.dumps(content, salt=salt)
        path = reverse(f"comments:{kind}", args=[token])
        statuses = {rita.get(path).status_code, rita.post(path).status_code}
        if salt != own:
            assert statuses == {410}, content
        else:
            assert statuses <= {200, 303, 410}, content


@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["confirm", "subscriptions", "stop"]),
    token=st.text(st.characters(codec="utf-8", exclude_characters="/?#\r\n"), min_size=1, max_size=200)
    | st.binary(min_size=1, max_size=60).map(lambda raw: ":".join([raw.hex(), "1xVF", raw.hex()])),
)
def test_a_damaged_link_is_gone(kind: str, token: str, rita: Client) -> None:
    path = reverse(f"comments:{kind}", args=[token])
    assert rita.get(path).status_code == rita.post(path).status_code == 410


def test_a_changed_letter_is_noticed(rita: Client, link: Any, parse: Any) -> None:
    rita.post(ASK, {"email": CARL})
    path = link()
    for place in range(len("/comments/mail/confirm/"), len(path) - 2, 7):
        changed = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        answer = rita.get(changed)
        assert answer.status_code == 410
        assert "has been used or is too old" in parse(answer).text


# --- Answers alike


def answer_of(client: Client, url: str, fields: dict[str, str]) -> tuple[Any, ...]:
    """All that an answer tells, but for the new reader's random cookie, and the statements that it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(url, fields)
    shapes = [re.sub(r"X?'[^']*'|\"s\d+_x\d+\"|\b\d+\b", "?", query["sql"]) for query in queries.captured_queries]
    headers = {key: value for key, value in answer.headers.items() if key not in {"Expires", "Date"}}
    cookies = {name: (len(morsel.value), morsel["max-age"]) for name, morsel in answer.cookies.items()}
    body = answer.content.decode()
    assert fields["email"] not in body
    return answer.status_code, headers, body, cookies, shapes


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    local=st.from_regex(r"[a-z][a-z0-9.+-]{0,18}[a-z0-9]", fullmatch=True).filter(lambda text: ".." not in text),
    history=st.lists(
        st.sampled_from(["posted", "asked", "mailed", "confirmed", "followed", "stopped"]), unique=True, max_size=6
    ),
    is_known_browser=st.booleans(),
    pace=st.sampled_from(["at_once", "daily", "weekly"]),
)
def test_answers_are_alike_whatever_is_known_of_the_address(
    local: str,
    history: list[str],
    is_known_browser: bool,
    pace: str,
    thread: Thread,
    follow_url: str,
    write: Any,
    deliver: Any,
) -> None:
    """Two strangers ask: one for an address of which a lot is known, one for an address that nobody has ever typed."""
    address, unheard = f"{local}@known.example", f"{local}@never.example"
    cache.clear()  # one client asks all of this, and is counted
    with transaction.atomic():
        owner = Reader.objects.create(cookie_digest="owner")
        _live_through(history, address, owner, thread, write, deliver)
        for url, fields in ((ASK, {}), (follow_url, {"pace": pace})):
            answers = []
            for typed in (address, unheard):
                client = Client()
                if is_known_browser:
                    _, cookie = posted_reader()
                    client.cookies[clients.READER_COOKIE] = cookie
                answers.append(answer_of(client, url, {**fields, "email": typed}))
            assert answers[0] == answers[1]
            assert answers[0][0] == 200
        transaction.set_rollback(True)


def posted_reader() -> tuple[Reader, str]:
    cookie = privacy.new_reader_cookie()
    return Reader.objects.create(cookie_digest=privacy.reader_digest(cookie)), cookie


def _live_through(history: list[str], address: str, owner: Reader, thread: Thread, write: Any, deliver: Any) -> None:
    for step in history:
        if step == "posted":
            write(email=address, reader=owner)
        elif step == "asked":
            confirming.ask(address=address, reader=owner)
        elif step == "mailed":
            deliver()
        elif step == "confirmed":
            commenter = privacy.commenter_for(address)
            Confirmation.objects.get_or_create(commenter=commenter, reader=owner)
            Commenter.objects.filter(pk=commenter.pk).update(confirmed_at=timezone.now())
        elif step == "followed":
            subscribing.subscribe(subscribing.Wish(thread), reader=owner, address=address)
        else:
            subscribing.stop([row.pk for row in Subscription.objects.all()])


def test_what_is_offered_differs_by_browser_and_never_by_address(
    carl: Client, sam: Client, trust: Any, read: Any, follow_url: str
) -> None:
    trust(carl)
    assert "Leave it empty for the address that you have confirmed in this browser." in read(carl, follow_url).text
    assert read(carl, follow_url).by_id("lar-email").get("required") is None
    for stranger in (sam, Client()):
        page = read(stranger, follow_url)
        assert "Leave it empty" not in page.text
        assert page.by_id("lar-email").get("required") is not None


# --- Following


def test_the_page_offers_to_follow(rita: Client, read: Any, tags: Any, write: Any, ed: Any, follow_url: str) -> None:
    tagging.correct(write(), tags["jobs"], applies=True, by=ed)
    page = read(rita, URL)
    assert [found.get("href") for found in page.links("Follow by mail")] == [follow_url]
    assert not page.links("Follow this tag")
    one = read(rita, f"{URL}?tag=jobs")
    assert [found.get("href") for found in one.links("Follow this tag by mail")] == [f"{follow_url}?tag=jobs"]
    two = read(rita, f"{URL}?tag=jobs&tag=dredging")
    assert not two.links("Follow this tag")
    assert two.links("Follow by mail")


def test_the_page_that_all_share_does_not_offer_it_without_mail(rita: Client, read: Any, settings: Any) -> None:
    assert read(rita, URL).links("Follow by mail")
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": ""}
    assert not read(rita, URL).links("Follow by mail")


def test_follow_a_tag(rita: Client, read: Any, parse: Any, tags: Any, follow_url: str, link: Any) -> None:
    page = read(rita, f"{follow_url}?tag=jobs")
    assert "“The jobs promise”" in page.text
    hidden = {
        found.get("name"): found.get("value") for found in page.root.iter("input") if found.get("type") == "hidden"
    }
    assert hidden == {"tag": "jobs"}

    done = parse(rita.post(follow_url, {**hidden, "email": CARL, "pace": "weekly"}))

    assert "Look into your mailbox." in done.text
    assert done.links("Back to the discussion of “The harbour”")
    row = Subscription.objects.get()
    assert (row.tag, row.pace, row.confirmed_at) == (tags["jobs"], "weekly", None)
    path = link()
    offer = read(rita, path)
    (box,) = [found for found in offer.root.iter("input") if found.get("name") == "subscription"]
    assert box.get("checked") is not None
    rita.post(path, {"subscription": box.get("value")})
    row.refresh_from_db()
    assert row.confirmed_at is not None


def test_what_is_unticked_is_not_sent(rita: Client, link: Any, follow_url: str) -> None:
    rita.post(follow_url, {"email": CARL})
    rita.post(link(), {"subscription": ["", "x", "9" * 30, "-1"]})
    assert Subscription.objects.get().confirmed_at is None


def test_where_an_address_is_confirmed_following_takes_one_press(
    carl: Client, trust: Any, parse: Any, follow_url: str
) -> None:
    trust(carl)
    done = parse(carl.post(follow_url, {"email": " ", "pace": "daily"}))
    assert "Done." in done.text
    assert "mailbox" not in done.text
    assert Subscription.objects.get().confirmed_at is not None


def test_replies_to_a_comment_of_ones_own(
    carl: Client, sam: Client, typed: dict[str, str], send: Any, read: Any, follow_url: str
) -> None:
    send(carl, typed)
    comment = Comment.objects.get()
    (way,) = read(carl, f"/comments/{comment.pk}/status/").links("Get replies by mail")
    assert "silts up" in read(carl, way.get("href")).text
    assert carl.post(follow_url, {"comment": comment.pk, "email": CARL}).status_code == 200
    assert Subscription.objects.get().comment == comment

    for client in (sam, Client()):
        assert client.get(way.get("href")).status_code == 404
        assert client.post(follow_url, {"comment": comment.pk, "email": CARL}).status_code == 404
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize(
    "query", ["?tag=nothing", "?tag=a\u0000b", "?comment=1", "?comment=x", f"?comment={'9' * 30}", "?comment=-1"]
)
def test_what_does_not_exist_cannot_be_followed(query: str, rita: Client, follow_url: str) -> None:
    assert rita.get(f"{follow_url}{query}").status_code == 404
    name, _, value = query[1:].partition("=")
    assert rita.post(follow_url, {name: value, "email": CARL}).status_code == 404
    assert rita.get("/comments/threads/4711/subscribe/").status_code == 404


def test_a_pace_that_does_not_exist_is_refused(rita: Client, parse: Any, follow_url: str) -> None:
    answer = rita.post(follow_url, {"email": CARL, "pace": "hourly"})
    page = parse(answer)
    assert answer.status_code == 422
    assert words(page.by_id("lar-pace-error")) == "Choose how often you want mail."
    assert page.by_id("lar-email").get("value") == CARL
    assert not Subscription.objects.exists()


# --- What comes, and how it stops


@pytest.fixture
def followed(carl: Client, trust: Any, follow_url: str, tags: Any) -> list[Subscription]:
    """Carl follows the thread and a tag of it."""
    trust(carl)
    carl.post(follow_url, {"pace": "at_once"})
    carl.post(follow_url, {"pace": "daily", "tag": "jobs"})
    return list(Subscription.objects.order_by("pk"))


@pytest.fixture
def manage(followed: list[Subscription]) -> str:
    return urlsplit(links.of_management(followed[0].commenter)).path


def test_the_manage_page_needs_no_cookie(manage: str, rita: Client, read: Any) -> None:
    page = read(rita, manage)
    assert [words(legend) for legend in page.root.iter("legend")] == [
        "“The jobs promise” under “The harbour”",
        "All comments under “The harbour”",
    ]
    assert not rita.cookies


def test_change_how_often(manage: str, followed: list[Subscription], rita: Client, parse: Any) -> None:
    page = parse(rita.post(manage, {f"pace-{followed[0].pk}": "weekly", f"pace-{followed[1].pk}": "daily"}))
    assert "Your choice is kept." in page.text
    assert [row.pace for row in Subscription.objects.order_by("pk")] == ["weekly", "daily"]
    assert not rita.cookies


def test_a_pace_made_up_is_refused_with_a_sentence(manage: str, followed: list[Subscription], rita: Client) -> None:
    answer = rita.post(manage, {f"pace-{followed[0].pk}": "hourly"})
    assert answer.status_code == 422
    assert "Choose how often" in answer.content.decode()
    assert Subscription.objects.get(pk=followed[0].pk).pace == "at_once"


def test_what_is_refused_changes_nothing_and_comes_back_as_it_was_chosen(
    manage: str, followed: list[Subscription], rita: Client, carl: Client, parse: Any
) -> None:
    sent = {f"pace-{followed[0].pk}": "hourly", f"pace-{followed[1].pk}": "weekly"}
    for client, path in ((rita, manage), (carl, f"{MINE}subscriptions/")):
        answer = client.post(path, sent)
        assert answer.status_code == 422
        page = parse(answer)
        chosen = [option.get("value") for option in page.root.iter("option") if option.get("selected") is not None]
        assert chosen == ["weekly"]
        assert page.text.count("Choose how often you want mail.") == 1
        assert "Your choice is kept." not in page.text
        assert [row.pace for row in Subscription.objects.order_by("pk")] == ["at_once", "daily"]


def test_stop_one_and_stop_all(manage: str, followed: list[Subscription], rita: Client, parse: Any) -> None:
    rita.post(manage, {"stop": str(followed[1].pk), f"pace-{followed[0].pk}": "weekly"})
    assert [row.pk for row in Subscription.objects.all()] == [followed[0].pk]
    page = parse(rita.post(manage, {"stop_all": "1"}))
    assert "You get no mail from us." in page.text
    assert not Subscription.objects.exists()


def test_nobody_stops_what_is_anothers(manage: str, rita: Client, thread: Thread) -> None:
    others = Subscription.objects.create(
        commenter=privacy.commenter_for("sam@example.org"), thread=thread, confirmed_at=timezone.now()
    )
    for number in (str(others.pk), "x", "9" * 40):
        rita.post(manage, {"stop": number, f"pace-{others.pk}": "weekly"})
    rita.post(manage, {"stop_all": "1"})
    others.refresh_from_db()
    assert others.pace == "at_once"


def test_the_stop_link_shows_and_its_button_acts(
    followed: list[Subscription], rita: Client, read: Any, parse: Any
) -> None:
    path = urlsplit(links.of_stopping(followed[:1])).path
    before = rows()
    page = read(rita, path)
    assert "All comments under “The harbour”" in page.text
    assert "The jobs promise" not in page.text
    assert rows() == before
    assert "These mails have stopped" in parse(rita.post(path)).text
    assert "These mails have stopped" in read(rita, path).text
    assert [row.pk for row in Subscription.objects.all()] == [followed[1].pk]


# --- One's own, on all devices


def test_ones_own_comments_on_another_device(
    carl: Client, typed: dict[str, str], send: Any, read: Any, trust: Any, rita: Client
) -> None:
    Thread.objects.update(mode="hold_all")
    send(carl, {**typed, "email": CARL})
    comment = Comment.objects.get()
    phone = Client()
    for url in (f"/comments/{comment.pk}/status/", f"/comments/{comment.pk}/edit/"):
        assert phone.get(url).status_code == 404
    trust(phone)

    assert "silts up" in words(read(phone, URL).classed("lar-own")[0])
    assert "awaiting moderation" in read(phone, f"/comments/{comment.pk}/status/").text
    answer = phone.post(f"/comments/{comment.pk}/edit/", {"body": "Changed on the phone."})
    assert answer.status_code == 303
    assert "Changed on the phone." in read(phone, answer["Location"]).text
    api = f"/api/v1/comments/{comment.pk}/"
    assert phone.get(api).json()["text"] == "Changed on the phone."
    answer = phone.patch(api, {"body": "And by a program."}, content_type="application/json")
    assert answer.json()["revision"] == 3
    for stranger in (rita, Client()):
        assert stranger.get(api).status_code == 404
        assert stranger.patch(api, {"body": "x"}, content_type="application/json").status_code == 404
    assert phone.post(f"/comments/{comment.pk}/withdraw/").status_code == 303
    comment.refresh_from_db()
    assert (comment.status, comment.events.get().actor) == ("withdrawn", "author")


def test_nobody_recommends_their_own_from_another_device(
    carl: Client, typed: dict[str, str], send: Any, trust: Any
) -> None:
    send(carl, {**typed, "email": CARL})
    comment = Comment.objects.get()
    phone = Client()
    trust(phone)
    assert phone.post(f"/comments/{comment.pk}/recommend/").status_code == 403
    assert phone.post(f"/api/v1/comments/{comment.pk}/recommendations/").status_code == 403
    assert not Recommendation.objects.exists()


# --- The mark


def test_the_mark_stands_on_what_was_confirmed_and_is_no_staff_badge(
    carl: Client, sam: Client, rita: Client, typed: dict[str, str], send: Any, read: Any, trust: Any
) -> None:
    trust(carl)
    send(carl, {**typed, "email": CARL})
    send(sam, {**typed, "email": CARL, "body": "Sam says that he is Carl."})
    true, false = Comment.objects.order_by("pk")

    for url in (URL, f"{URL}?sort=oldest"):
        page = read(rita, url)
        (mark,) = page.classed("lar-confirmed", page.by_id(f"comment-{true.pk}"))
        assert words(mark) == "confirmed"
        assert mark.get("title") == "The address behind this name has been confirmed"
        assert mark.get("class") == "lar-confirmed"
        assert not page.classed("lar-confirmed", page.by_id(f"comment-{false.pk}"))
        assert not page.classed("lar-badge")
    listed = rita.get(f"/api/v1/threads/{true.thread_id}/comments/").json()["results"]
    assert {row["id"]: row["author"]["confirmed"] for row in listed} == {true.pk: True, false.pk: False}
    assert rita.get(f"/api/v1/comments/{true.pk}/").json()["author"] == {
        "name": "Carl", "website": "https://carl.example", "confirmed": True, "staff": False,
    }  # fmt: skip


def test_the_mark_comes_with_the_confirmation_for_everybody(
    carl: Client, rita: Client, typed: dict[str, str], send: Any, read: Any, trust: Any
) -> None:
    send(carl, {**typed, "email": CARL})
    api = f"/api/v1/threads/{Thread.objects.get().pk}/comments/"
    assert not read(rita, URL).classed("lar-confirmed")
    etag = rita.get(api)["ETag"]

    trust(carl)

    assert read(rita, URL).classed("lar-confirmed")
    answer = rita.get(api, headers={"If-None-Match": etag})
    assert answer.json()["results"][0]["author"]["confirmed"] is True


def test_the_desk_shows_the_mark(
    mona_client: Client, carl: Client, typed: dict[str, str], send: Any, trust: Any
) -> None:
    Thread.objects.update(mode="hold_all")
    trust(carl)
    send(carl, {**typed, "email": CARL})
    assert mona_client.get("/desk/moderation/").content.decode().count('class="desk-confirmed"') == 1
    Comment.objects.update(is_confirmed=False)
    assert "desk-confirmed" not in mona_client.get("/desk/moderation/").content.decode()


# --- Ways there


def test_each_page_leads_to_my_data_and_to_the_privacy_page(
    carl: Client, typed: dict[str, str], send: Any, read: Any, follow_url: str
) -> None:
    send(carl, typed)
    for url in (URL, ASK, follow_url, f"/comments/{Comment.objects.get().pk}/status/"):
        (foot,) = read(carl, url).classed("lar-foot")
        assert [found.get("href") for found in foot.iter("a")] == [MINE, "/comments/privacy/"]
