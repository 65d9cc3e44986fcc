"""The HTML itself: well-formed for any tree of comments, inert for any text, at home in any page."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from comments import drafts, moderation, posting
from comments.models import Comment, Status, Thread
from newsroom.articles.models import Article
from tests.comments.reader.pages import Page, parse_page, words

pytestmark = pytest.mark.django_db
URL = "/articles/harbour/"
_numbers = itertools.count(1)


def show(thread: Thread, query: str = "", heading: int = 2, **extra: Any) -> Page:
    """A bare host page with the discussion of a thread."""
    request = RequestFactory().get(f"/{query}", **extra)
    context = RequestContext(request, {"thread": thread, "heading": heading})
    source = (
        "{% load leave_a_reply %}<!doctype html><html lang='en'><title>x</title>{% discussion thread heading=heading %}"
    )
    return parse_page(HttpResponse(Template(source).render(context)))


TREES = st.lists(st.tuples(st.integers(-1, 7), st.sampled_from(["approved", "rejected", "withdrawn"])), max_size=9)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES, depth=st.integers(1, 3), each=st.integers(1, 4))
def test_each_listed_comment_stands_once_in_a_well_formed_page(
    tree: list[tuple[int, str]], depth: int, each: int, settings: Any
) -> None:
    settings.COMMENTS = {"MAX_DEPTH": depth, "REPLIES_PER_ROOT": each}
    mona, _ = User.objects.get_or_create(username="mona")
    number = next(_numbers)
    thread = Thread.objects.create(key=f"tree {number}", mode="publish", url="/")
    comments: list[Comment] = []
    for place, (above, _) in enumerate(tree):
        parent = comments[above] if 0 <= above < place else None
        draft = drafts.Draft(f"{number}.{place}", "Carl", "carl@example.org", parent=parent.pk if parent else None)
        comments.append(posting.post(thread, draft, posting.Origin()).comment)
    for comment, (_, status) in zip(comments, tree, strict=True):
        seen = moderation.Seen("approved", 1)
        if status == Status.REJECTED:
            moderation.decide(comment, to=status, by=mona, seen=seen, reason="other")
        elif status == Status.WITHDRAWN:
            moderation.move(comment, to=status, actor="author", seen=seen)
    thread.refresh_from_db()

    seen_ids = []
    page = show(thread)
    seen_ids += page.comment_ids
    for link in page.links("Show more replies"):
        root, after = (link.get("href") or "").removeprefix("/comments/").split("/replies/?after=")
        answer = Client().get(f"/comments/{root}/replies/?after={after}")
        seen_ids += parse_page(answer).comment_ids

    listed = Comment.objects.filter(thread=thread, is_listed=True).values_list("pk", flat=True)
    assert sorted(seen_ids) == sorted(listed)
    assert thread.comment_count == sum(status == "approved" for _, status in tree)


@pytest.mark.parametrize("level", [1, 2, 3, 5])
def test_the_host_chooses_the_level_of_the_headings(level: int, thread: Thread, write: Any) -> None:
    write()

    page = show(thread, heading=level)

    levels = [element.tag for element in page.root.iter() if element.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]
    assert levels == [f"h{level}", f"h{level}"]


HOSTILE = [
    "</textarea><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](//evil.example)",
    "<https://user:pass@evil.example>",
    "{{ request }} {% load x %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "`</code><script>`\n\n```\n</pre><script>\n```",
    "![x](https://evil.example/x.png)<svg/onload=alert(1)>",
    "</li></ol></details><h1>",
    "<!-- --><![CDATA[ ]]><?php ?>",
    "\u202eevil\u202c\u2066\u2069",
]


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_and_does_nothing(text: str, write: Any, rita: Client, read: Any) -> None:
    name = text.replace("\n", " ")[:60]
    # Screens hold some of these; a moderator may let them pass.
    comment = write(text, name=name, status="approved")
    write(parent=comment)

    for url in (
        URL,
        f"{URL}?reply={comment.pk}",
        f"/comments/{comment.pk}/report/",
        f"/comments/{comment.pk}/recommend/",
    ):
        page = read(rita, url)
        inert(page)
    item = read(rita, URL).by_id(f"comment-{comment.pk}")
    assert {element.tag for element in item.iter()} <= {
        "li", "article", "header", "span", "cite", "bdi", "a", "time", "div", "p", "footer", "form", "button", "code",
        "pre", "details", "summary", "ol", "br",
    }  # fmt: skip


def inert(page: Page) -> None:
    for element in page.root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name != "style"
            if name in {"href", "src", "action", "formaction"}:
                is_outside = element.tag == "a" and element.get("rel") == "nofollow ugc noopener"
                assert value.startswith("https://" if is_outside else ("/", "#")), value
        if element.tag == "script":
            assert not (element.text or "").strip()
    assert not page.root.findall(".//img")


@pytest.mark.usefixtures("article")
def test_a_text_that_speaks_of_buttons_presses_none(write: Any, rita: Client, read: Any) -> None:
    comment = write()
    text = f'aria-pressed="false" data-comment="{comment.pk}"'
    write(text)
    rita.post(f"/comments/{comment.pk}/recommend/")

    page = read(rita, URL)

    assert text in page.text
    assert [b.get("data-comment") for b in page.root.iter("button") if b.get("aria-pressed") == "true"] == [
        str(comment.pk)
    ]


@pytest.mark.usefixtures("article")
def test_a_website_is_linked_without_our_recommendation(write: Any, rita: Client, read: Any) -> None:
    comment = write(website="carl.example/?a=1&b=2")

    link = next(iter(read(rita, URL).classed("lar-name")[0].iter("a")))

    assert link.get("href") == "https://carl.example/?a=1&b=2"
    assert link.get("rel") == "nofollow ugc noopener"
    assert comment.author_website == "https://carl.example/?a=1&b=2"


@pytest.mark.usefixtures("article")
def test_a_time_is_exact_for_programs_and_friendly_for_people(write: Any, rita: Client, read: Any) -> None:
    comment = write()

    time = next(iter(read(rita, URL).classed("lar-time")[0].iter("time")))

    assert time.get("datetime") == comment.created_at.isoformat(timespec="seconds")
    assert words(time) == "just now"


def test_numbers_that_name_something_are_written_plainly(
    article: Article, rita: Client, read: Any, settings: Any
) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    root = Comment.objects.create(
        pk=12_345, thread=article.thread, html="<p>One</p>", status="approved", is_listed=True
    )

    page = read(rita, f"{URL}?reply=12345")
    report = read(rita, "/comments/12345/report/")

    assert page.comment_ids == [root.pk]
    assert page.field("parent") == "12345"
    assert page.by_id("lar-body").get("data-max") == "10000"
    assert "12,345" not in page.response.content.decode() + report.response.content.decode()


@pytest.mark.usefixtures("article")
def test_each_language_has_a_page_of_its_own(write: Any, rita: Client, read: Any) -> None:
    comment = write("Порт росте.", name="Оксана")

    english = read(rita, URL)
    ukrainian = read(rita, URL, **{"Accept-Language": "uk"})
    again = read(rita, URL)

    assert [page.root.get("lang") for page in (english, ukrainian, again)] == ["en", "uk", "en"]
    assert ukrainian.comment_ids == [comment.pk]
    assert "Порт росте." in ukrainian.text
    assert words(english.by_id("lar-respond-title")) == words(again.by_id("lar-respond-title")) == "Leave a Reply"


@pytest.mark.usefixtures("article")
def test_an_error_speaks_the_readers_language(carl: Client, typed: dict[str, str], send: Any, parse: Any) -> None:
    answer = send(carl, {**typed, "name": ""}, headers={"Accept-Language": "uk"})

    page = parse(answer)
    assert page.root.get("lang") == "uk"
    assert page.field("body") == typed["body"]
    assert words(page.by_id("lar-name-error"))


@pytest.mark.usefixtures("article")
def test_a_text_in_another_script_has_a_direction_of_its_own(write: Any, rita: Client, read: Any) -> None:
    comment = write("الميناء يكبر", name="سمير")

    item = read(rita, URL).by_id(f"comment-{comment.pk}")

    assert next(div for div in item.iter("div") if "lar-body" in div.get("class", "")).get("dir") == "auto"
    assert [words(name) for name in item.iter("bdi")] == ["سمير"]
