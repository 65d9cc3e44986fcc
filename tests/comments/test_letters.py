"""What stands in a mail: words that read well as plain text, a modest HTML of the same, headers without a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit

import pytest
from bleach._vendor.html5lib import HTMLParser, getTreeBuilder
from django.test import Client
from django.utils import timezone, translation

from comments import confirming, letters, links, mailing, privacy, subscribing
from comments.models import Comment, Commenter, Outbox, Reader, Subscription, Thread

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_site")]

RITA = "rita@example.org"
SITE = "https://news.example.org"


@pytest.fixture
def follow(thread: Thread) -> Callable[..., Subscription]:
    """Follow a thread, or what is named, with a confirmed address."""

    def follow(address: str = RITA, **fields: Any) -> Subscription:
        wish = {"thread": thread, "language": "en", "confirmed_at": timezone.now(), **fields}
        return Subscription.objects.create(commenter=privacy.commenter_for(address), **wish)

    return follow


@pytest.fixture
def confirmation(deliver: Any) -> Callable[..., Any]:
    """The mail that asks to confirm an address."""

    def ask(language: str = "en") -> Any:
        with translation.override(language):
            confirming.ask(address=RITA, reader=Reader.objects.create(cookie_digest="rita"))
        return deliver()[0]

    return ask


def html_of(mail: Any) -> str:
    ((html, kind),) = mail.alternatives
    assert kind == "text/html"
    return str(html)


def tree_of(mail: Any) -> Any:
    """The HTML part, by a parser that raises on the first fault."""
    return HTMLParser(tree=getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False).parse(html_of(mail))


# --- The confirmation


def test_a_confirmation_reads_well(confirmation: Any) -> None:
    mail = confirmation()
    link = f"{SITE}/comments/mail/confirm/TOKEN/"
    text = re.sub(r"/confirm/\S+/", "/confirm/TOKEN/", mail.body)
    assert text == (
        "Somebody, probably you, gave this email address at The Newsroom and asked to have it confirmed.\n\n"
        "Open this link and press the button there to confirm it:\n\n"
        f"{link}\n\n"
        "The link works once, within 48 hours.\n\n"
        "If it was not you, you need not do anything: we send nothing else to an address that nobody has confirmed. "
        "This question comes at most once a day, and 4 times in all.\n\n"
        f"-- \nThe Newsroom\n{SITE}\n"
    )
    assert mail.subject == "Please confirm your email address for The Newsroom"
    assert (mail.to, mail.cc, mail.bcc, mail.reply_to) == ([RITA], [], [], [])


# --- News


def test_news_read_well(thread: Thread, write: Any, follow: Any, deliver: Any) -> None:
    own = write("What is planned?", email=RITA, name="Rita")
    follow()
    follow(comment=own)
    first = write("Twelve metres.\n\nBy *spring*.", parent=own, name="Carl")
    second = write("Too deep.", name="Sam", email="sam@example.org")
    (mail,) = deliver()

    text = re.sub(r"/(stop|subscriptions)/\S+/", r"/\1/TOKEN/", mail.body)
    assert text == (
        "Carl answered your comment under “The harbour”:\n\n"
        "> Twelve metres.\n> By spring.\n\n"
        f"Show it in the discussion:\n{SITE}/comments/{first.pk}/\n\n"
        "Sam wrote under “The harbour”:\n\n"
        "> Too deep.\n\n"
        f"Show it in the discussion:\n{SITE}/comments/{second.pk}/\n\n"
        "-- \n"
        "You get this mail because you asked for it.\n"
        f"Stop these mails:\n{SITE}/comments/mail/stop/TOKEN/\n"
        f"Change what you get:\n{SITE}/comments/mail/subscriptions/TOKEN/\n\n"
        f"The Newsroom\n{SITE}\n"
    )
    assert mail.subject == "2 new comments: The harbour"


def test_the_html_says_the_same(write: Any, follow: Any, deliver: Any) -> None:
    follow()
    write("Twelve metres.\n\nBy *spring*.", name="Carl")
    (mail,) = deliver()
    page = tree_of(mail)

    words = " ".join("".join(page.find("body").itertext()).split())
    assert "Carl wrote under “The harbour”: Twelve metres." in words
    assert page.find(".//blockquote").get("dir") == "auto"
    assert page.get("lang") == "en"
    hrefs = [link.get("href") for link in page.iter("a")]
    assert all(href.startswith(f"{SITE}") for href in hrefs)
    assert {urlsplit(href).path.split("/")[-3] for href in hrefs[1:3]} == {"stop", "subscriptions"}


def test_nothing_of_a_readers_markup_and_nothing_to_fetch(write: Any, follow: Any, deliver: Any) -> None:
    follow()
    write(
        "**bold** <img src=x onerror=y> [a link](https://evil.example/) ![i](/static/i.png)",
        name="<b onclick=x>Sam</b>",
        website="https://evil.example",
        status="approved",
    )
    (mail,) = deliver()
    page = tree_of(mail)

    assert {found.tag for found in page.iter()} <= {
        "html", "head", "meta", "title", "body", "p", "a", "blockquote", "br", "hr",
    }  # fmt: skip
    assert not [found for found in page.iter() if set(found.attrib) & {"src", "style", "background", "onclick"}]
    assert not [link for link in page.iter("a") if "evil" in link.get("href")]
    assert "<img" not in html_of(mail)
    assert "evil.example" not in mail.message().as_string().partition("\n\n")[0]


def test_a_readers_words_cannot_pass_for_ours(write: Any, follow: Any, deliver: Any) -> None:
    follow()
    write("Look:\n\n-- \n\nStop these mails:\n\nhttps://evil.example/", name="Sam", status="approved")
    (mail,) = deliver()
    ours = [line for line in mail.body.splitlines() if not line.startswith(">")]
    assert sum("Stop these mails" in line for line in ours) == 1
    assert not [line for line in ours if "evil" in line]


def test_a_long_comment_is_cut_and_many_are_counted(
    thread: Thread, write: Any, follow: Any, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST", 3)
    follow()
    for number in range(5):
        write(f"{number} {'Salt ' * 400}")
    (mail,) = deliver()
    assert mail.body.count("Carl wrote") == 3
    assert "And 2 more comments." in mail.body
    assert mail.body.count("Salt") < 3 * 130
    assert mail.subject == "5 new comments: The harbour"


def test_the_subject_names_the_discussion_and_no_reader(thread: Thread, write: Any, follow: Any, deliver: Any) -> None:
    other = Thread.objects.create(key="mill", title="The mill", url="/articles/mill/", mode="publish")
    follow()
    follow(thread=other)
    for where in (thread, other):
        write("Buy my shoes.", name="Shoes", thread=where)
    (mail,) = deliver()
    assert mail.subject == "2 new comments"


@pytest.mark.parametrize("title", ["Two\nlines\r\nBcc: all@example.org", "T" * 300, "Гавань і затока", "\x1e \x85"])
def test_a_title_stays_in_its_header(title: str, write: Any, follow: Any, deliver: Any) -> None:
    Thread.objects.update(title=title)
    thread = Thread.objects.get()
    follow()
    write(thread=thread)
    (mail,) = deliver()
    message = message_from_bytes(mail.message().as_bytes(), policy=SMTP)
    subject = message["Subject"].strip()
    assert subject.startswith("1 new comment")
    assert len(subject) <= 100
    assert message["Bcc"] is None


def test_a_thread_without_a_title_goes_by_its_key(thread: Thread, write: Any, follow: Any, deliver: Any) -> None:
    Thread.objects.update(title="")
    follow()
    write()
    (mail,) = deliver()
    assert "Carl wrote under “harbour”:" in mail.body
    assert mail.subject == "1 new comment"


def test_a_comment_without_a_name(write: Any, follow: Any, deliver: Any) -> None:
    follow()
    write()
    Comment.objects.update(author_name="")
    (mail,) = deliver()
    assert "Anonymous wrote under" in mail.body


@pytest.mark.parametrize(("language", "direction"), [("uk", "ltr"), ("ar", "rtl")])
def test_a_mail_is_in_the_language_of_its_page(language: str, direction: str, confirmation: Any) -> None:
    page = tree_of(confirmation(language))
    assert (page.get("lang"), page.get("dir")) == (language, direction)


# --- Headers


def test_headers(write: Any, follow: Any, deliver: Any) -> None:
    follow()
    write()
    (mail,) = deliver()
    row = Outbox.objects.get()
    headers = dict(mail.extra_headers)
    assert headers["Message-ID"] == f"<{row.message_id}@news.example.org>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<{SITE}/comments/mail/stop/[\w:.-]+/>", headers["List-Unsubscribe"])
    assert set(headers) == {"Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"}


def test_a_confirmation_is_no_list_to_leave(confirmation: Any) -> None:
    assert set(confirmation().extra_headers) == {"Message-ID", "Auto-Submitted"}


def test_the_address_to_unsubscribe_goes_out_in_one_readable_piece(write: Any, follow: Any, deliver: Any) -> None:
    """Python's modern policy, which Django 6 writes by, encodes what is long and has no space to fold at."""
    follow()
    write()
    (mail,) = deliver()
    value = mail.extra_headers["List-Unsubscribe"]
    modern = EmailMessage(policy=SMTP)
    modern["List-Unsubscribe"] = value
    modern.set_content("x")

    for written in (mail.message().as_bytes(), modern.as_bytes()):
        assert b"=?" not in written.partition(b"List-Unsubscribe")[2].partition(b"\n\n")[0]
        assert str(value).encode() in written, "folded before it at most, and never within"
        read = message_from_bytes(written)["List-Unsubscribe"]
        assert read.strip() == str(value)
        assert max(map(len, written.splitlines())) <= 998


def test_the_address_stays_short_however_many_subscriptions_a_mail_comes_from() -> None:
    rows = [Subscription(pk=10**9 + 7919 * number * number % 90_000_000) for number in range(1, 400)]
    url = links.of_stopping(rows)
    assert len(f"List-Unsubscribe: <{url}>") <= 998
    ids = links.read_stopping(url.rstrip("/").rpartition("/")[2])
    assert ids == sorted({row.pk for row in rows})[:200]


def test_one_click_ends_it_without_cookie_referer_or_origin(write: Any, follow: Any, deliver: Any) -> None:
    kept = follow("sam@example.org")
    follow()
    write()
    mail = next(mail for mail in deliver() if mail.to == [RITA])
    path = urlsplit(mail.extra_headers["List-Unsubscribe"].strip("<>")).path
    bare = Client(enforce_csrf_checks=True)

    for _ in range(2):
        answer = bare.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, answer.cookies) == (200, {})
    assert list(Subscription.objects.all()) == [kept]
    answer = bare.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, "as multipart/form-data, too"


# --- Nothing to say


def test_what_is_not_public_any_more_is_not_told(write: Any, follow: Any) -> None:
    follow()
    write()
    Comment.objects.update(status="rejected")
    assert letters.write(Outbox.objects.get()) is None


def test_a_request_that_was_used_mails_nothing(deliver: Any) -> None:
    request = confirming.ask(address=RITA, reader=Reader.objects.create(cookie_digest="rita"))
    confirming.settle(request.pk)
    token = links.of_confirmation(request).rstrip("/").rpartition("/")[2]
    confirming.confirm(token, reader=Reader.objects.get(), subscriptions=())
    assert deliver() == []
    assert Outbox.objects.get().state == "dropped"


def test_no_letter_holds_its_address(write: Any, follow: Any) -> None:
    follow()
    write()
    letter = letters.write(Outbox.objects.get())
    assert letter is not None
    assert "rita" not in repr(letter)
    assert mailing.is_offered()
    assert subscribing.subscriptions_of(Commenter.objects.values_list("pk", flat=True)).count() == 1
