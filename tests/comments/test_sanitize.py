"""What readers' browsers get to see: rendered Markdown with nothing in it that could harm them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comments import sanitize
from comments.sanitize import COMMENT_TAGS, is_safe_url, link_targets, plain_text, render, render_article
from comments.texts import clean_body

REL = 'rel="nofollow ugc noopener"'


@pytest.fixture(scope="module", params=["bleach", "nh3"], autouse=True)
def _sanitiser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test runs with each library."""
    with override_settings(COMMENTS={**django_settings.COMMENTS, "SANITISER": request.param}):
        yield


class Elements(HTMLParser):
    """All that a browser would make of some html."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.odd: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if len(attrs) != len(dict(attrs)):
            self.odd.append(f"<{tag}> with an attribute twice")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.odd.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.odd.append("a comment")

    def handle_decl(self, decl):
        self.odd.append("a declaration")

    def handle_pi(self, data):
        self.odd.append("a processing instruction")

    def unknown_decl(self, data):
        self.odd.append("a marked section")


def assert_harmless(html: str, *, tags=COMMENT_TAGS) -> Elements:
    found = Elements(html)
    assert not found.odd
    assert not found.open, "everything is closed"
    for tag, attributes in found.tags:
        assert tag in tags
        if tag == "a":
            assert attributes.keys() == {"href", "rel"}
            assert is_safe_url(attributes["href"] or "")
            assert attributes["rel"] == "nofollow ugc noopener"
        else:
            assert not attributes
    return found


RENDERED = {
    "one": "<p>one</p>",
    "one\n\ntwo": "<p>one</p>\n<p>two</p>",
    "one\ntwo": "<p>one<br>\ntwo</p>",
    "one  \ntwo": "<p>one<br>\ntwo</p>",
    "one\\\ntwo": "<p>one<br>\ntwo</p>",
    "*one* _two_": "<p><em>one</em> <em>two</em></p>",
    "**one** __two__": "<p><strong>one</strong> <strong>two</strong></p>",
    "***both***": "<p><em><strong>both</strong></em></p>",
    "snake_case_name": "<p>snake_case_name</p>",
    "`x < y`": "<p><code>x &lt; y</code></p>",
    "```py\nx < y\n```": "<pre><code>x &lt; y\n</code></pre>",
    "    x < y": "<pre><code>x &lt; y\n</code></pre>",
    "> said": "<blockquote>\n<p>said</p>\n</blockquote>",
    "- a\n- b": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "1. a\n2. b": "<ol>\n<li>a</li>\n<li>b</li>\n</ol>",
    "[x](https://example.org)": f'<p><a href="https://example.org" {REL}>x</a></p>',
    '[x](https://example.org "title")': f'<p><a href="https://example.org" {REL}>x</a></p>',
    "<https://example.org>": f'<p><a href="https://example.org" {REL}>https://example.org</a></p>',
    "see https://example.org/a?b=c&d=e.": (
        f'<p>see <a href="https://example.org/a?b=c&amp;d=e" {REL}>https://example.org/a?b=c&amp;d=e</a>.</p>'
    ),
    "(https://example.org/a_(b))": f'<p>(<a href="https://example.org/a_(b)" {REL}>https://example.org/a_(b)</a>)</p>',
    "HTTPS://EXAMPLE.ORG": f'<p><a href="HTTPS://EXAMPLE.ORG" {REL}>HTTPS://EXAMPLE.ORG</a></p>',
    "https://example.org/snake_case_name": (
        f'<p><a href="https://example.org/snake_case_name" {REL}>https://example.org/snake_case_name</a></p>'
    ),
    "https://приклад.укр/шлях": (
        f'<p><a href="https://xn--80aikifvh.xn--j1amh/%D1%88%D0%BB%D1%8F%D1%85" {REL}>https://приклад.укр/шлях</a></p>'
    ),
    # What the small Markdown leaves out stays as typed.
    "# not a heading": "<p># not a heading</p>",
    "not a heading\n===": "<p>not a heading<br>\n===</p>",
    "---": "<p>---</p>",
    "| a | b |\n|---|---|\n| c | d |": "<p>| a | b |<br>\n|---|---|<br>\n| c | d |</p>",
    "[x]\n\n[x]: https://example.org": (
        f'<p>[x]</p>\n<p>[x]: <a href="https://example.org" {REL}>https://example.org</a></p>'
    ),
    "example.org is no link": "<p>example.org is no link</p>",
    "carl@example.org is no link": "<p>carl@example.org is no link</p>",
    "1 < 2 & 3 > 2 \"q\" 'q'": "<p>1 &lt; 2 &amp; 3 &gt; 2 &quot;q&quot; 'q'</p>",
    "👩‍👩‍👧 नमस्ते שלום": "<p>👩‍👩‍👧 नमस्ते שלום</p>",
}


@pytest.mark.parametrize("body", RENDERED)
def test_markdown_is_rendered(body):
    html = render(body)
    assert html == RENDERED[body]
    assert_harmless(html)


NO_LINK = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](\u0001javascript:alert(1))",
    "[x](\u00a0javascript:alert(1))",
    "[x](\u2028javascript:alert(1))",
    "[x](javascript://example.org/%0aalert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](blob:1)",
    "[x](mailto:carl@example.org)",
    "[x](ftp://example.org)",
    "[x](//example.org)",
    "[x](/path)",
    "[x](path)",
    "[x](#fragment)",
    "[x](?query)",
    "[x](https://user:secret@example.org)",
    "[x](https://example.org@evil.example)",
    "[x](https:example.org)",
    "[x](https:/example.org)",
    "[x](https:///example.org)",
    "[x](https:\\\\\\\\example.org)",
    "[x](https://)",
    "[x](http://[::1)",
    "[x](http://:port)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "<carl@example.org>",
    "javascript:alert(1)",
    "[x](<javascript:alert(1)>)",
    "[x](https://" + "a" * 2001 + ".org)",
]


@pytest.mark.parametrize("body", NO_LINK)
def test_a_target_that_is_no_website_becomes_no_link_and_keeps_the_words(body):
    html = render(body)
    assert link_targets(html) == []
    assert_harmless(html)
    assert plain_text(html)


HARMLESS_AS_TEXT = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='https://example.org' onclick='alert(1)'>x</a>",
    "<p style='position:fixed'>x",
    "<b><i><u>unclosed",
    "</p></div></body>",
    "<!-- comment --><!DOCTYPE x><?php ?><![CDATA[x]]>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form><input name=body></form>",
    "![i](https://example.org/i.png)",
    "![i](javascript:alert(1))",
    "[![i](https://a.example/i.png)](https://b.example)",
    '[x](https://example.org/"onmouseover="alert(1))',
    "[x](https://example.org/'onmouseover='alert(1))",
    "[x](https://example.org/<script>)",
    '[x](https://example.org "\\"onmouseover=\\"alert(1)")',
    "[<script>alert(1)</script>](https://example.org)",
    "[a [b](https://b.example)](https://a.example)",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)\\</script>",
    "<<script>script>alert(1)<</script>/script>",
    "*<b*>*",
    "https://example.org/<img src=x onerror=alert(1)>",
    "https://example.org/%3Cscript%3E",
    "https://example.org/%00%0a%0d%E2%80%AEgro.live",
    "<a\x00href=https://example.org>",
    "x" * 10 + "\ufeff\u202e",
]


@pytest.mark.parametrize("body", HARMLESS_AS_TEXT)
def test_markup_is_text(body):
    html = render(body)
    found = assert_harmless(html)
    # Only a quote that is not escaped could end an address and begin another attribute.
    assert all(set(attributes) <= {"href", "rel"} for _, attributes in found.tags)
    assert not set("\"'<> ") & set("".join(link_targets(html)))


@pytest.mark.parametrize("encoded", ["%E2%80%AE", "%E2%81%A6", "%00", "%0A", "%C2%A0%20", "%EF%BB%BF"])
def test_a_bare_link_shows_no_character_that_its_address_hides(encoded):
    """Decoded for reading, an address could turn the direction of the line or bring a NUL into the store."""
    html = render(f"https://example.org/{encoded}gpj.exe")
    assert f">https://example.org/{encoded}gpj.exe<" in html
    assert len(link_targets(html)) == 1


SAFE = [
    "http://example.org",
    "https://example.org",
    "https://example.org:8080/a/b?c=d&e=f#g",
    "https://xn--80aikifvh.xn--j1amh",
    "https://приклад.укр",
    "https://[2001:db8::1]/",
    "https://example.org/@carl",
    "https://example.org/a?to=b@c",
]
UNSAFE = [
    "",
    "example.org",
    "//example.org",
    "javascript:alert(1)",
    " https://example.org",
    "https://example.org ",
    "https://exam ple.org",
    "https://example.org\n",
    "https://example.org/\t",
    "https://example.org/\x00",
    "https://a@example.org",
    "https://@example.org",
    "https://example.org\\",
    "https://example.org/\u202e",
    "https://example.org/\u200b",
    "https://example.org:x",
    "https://example.org:99999",
    "https://[",
    "https:///a",
    "https://example.org/<",
    "https://example.org/`",
    "https://example.org/" + "x" * 2000,
]


@pytest.mark.parametrize("url", SAFE)
def test_a_website_may_be_linked(url):
    assert is_safe_url(url)


@pytest.mark.parametrize("url", UNSAFE)
def test_anything_else_may_not(url):
    assert not is_safe_url(url)


DEEP = 100_000
FLOODS = {
    "quotes": ">" * DEEP,
    "quotes with words": ">" * 1000 + " deep words",
    "spaced quotes": "> " * (DEEP // 2),
    "lists": "- " * (DEEP // 2),
    "numbered lists": "1. " * (DEEP // 3),
    "a staircase": "".join(" " * step + "- x\n" for step in range(400)),
    "asterisks": "*" * DEEP,
    "underscores": "_" * DEEP,
    "open emphasis": "*a " * (DEEP // 4),
    "mixed emphasis": "**a*_b" * (DEEP // 10),
    "backticks": "".join("`" * length + " " for length in range(1, 400)),
    "links": "[a](https://a.example) " * 10_000,
    "bare links": "https://a.example " * 5_000,
    "colons": "://" * (DEEP // 3),
    "schemes": "https:" * (DEEP // 6),
    "angles": "<" * DEEP,
    "ampersands": "&" * DEEP,
    "backslashes": "\\" * DEEP,
    "blank lines": "\n" * DEEP,
    "lines": "a\n" * (DEEP // 10),
    "blanks": "a" + "\u00a0" * DEEP + "b",
    "one word": "x" * DEEP,
    "a long host": "https://" + "a." * (DEEP // 2),
    "astral": "\U0001f600" * (DEEP // 4),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_rendered_and_stays_in_proportion(name):
    body = FLOODS[name]
    html = render(body)
    assert_harmless(html)
    # The shortest link, `https://a.example `, grows into an anchor with `rel` at most; nothing grows by more.
    assert len(html) <= 12 * len(body) + 2000
    assert len(plain_text(html)) <= len(body)


@pytest.mark.parametrize("bracket", ["[", "![", "[a](", "[[a](", "]", "(", "[]("])
def test_brackets_as_many_as_a_comment_can_hold(bracket):
    body = bracket * (10_000 // len(bracket))
    assert_harmless(render(body))


@pytest.mark.parametrize("marker", [">", "> ", "- ", "1. ", "> - "])
def test_what_is_nested_too_deeply_stays_text_and_no_word_is_lost(marker):
    html = render(f"before\n\n{marker * 60}deep words\n\nafter")
    assert_harmless(html)
    text = plain_text(html)
    assert [word in text for word in ("before", "deep words", "after")] == [True] * 3
    assert html.count("<blockquote>") + html.count("<ul>") + html.count("<ol>") <= 21


MARKDOWN = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                *"*_`~[]()<>!#&\\\"'|:/-+.\n ",
                "](", "[x](", "https://", "http://a.example", "javascript:", "data:", "www.", "&#x6A;", "&amp;",
                "<a href=", "<script>", "</p>", "\n\n", "\n> ", "\n- ", "\n1. ", "\n    ", "```", "%00", "%E2%80%AE",
                "\u202e", "\ud800",
            ]
        ),
    ),
    max_size=25,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(MARKDOWN)
@example('[x](https://example.org/"><script>)')
@example("<https://example.org/&#34;onclick=1>")
@example("https://[")
@example("[a](<https://example.org/>'\">)")
def test_whatever_is_typed_only_the_small_set_of_elements_comes_out(body):
    body = clean_body(body)
    html = render(body)
    found = assert_harmless(html)
    assert render(body) == html, "the same body gives the same html"
    # The text is what a browser shows: nothing of it is markup, and nothing shown is missing.
    assert "".join(plain_text(html).split()) == "".join(found.text.split())
    html.encode()


def by(library: str, body: str) -> tuple[str, str]:
    """A comment and an article of this body, the long way.

    Where an article's heading of the first order is taken out, bleach leaves a line end and nh3 none: of an article
    runs of line ends count as one here.
    """
    with override_settings(COMMENTS={**django_settings.COMMENTS, "SANITISER": library}):
        html = sanitize._parser("comment").render(body)
        comment = sanitize._check_links(sanitize._clean(html, "comment"), sanitize.LINK_REL)
        return comment, re.sub(r"\n+", "\n", render_article(body))


@settings(deadline=None)
@given(MARKDOWN)
@example("1 < 2 & 3 > 2 \"q\" 'q' \u00a0 &nbsp; &quot; &amp;quot;")
@example(">#")
@example('`"&nbsp;"` "[\u00a0"](https://a.example/?a="b"&nbsp;c)')
def test_both_libraries_leave_the_same_words_links_and_elements(body):
    body = clean_body(body)
    for one, other in zip(by("bleach", body), by("nh3", body), strict=True):
        ours, theirs = Elements(one), Elements(other)
        assert ours.text == theirs.text
        assert plain_text(one) == plain_text(other)
        others_links = link_targets(other)
        # nh3 reads an address to its end, and drops one whose host no browser would look for.
        odd = [url for url in link_targets(one) if url not in others_links]
        assert not [url for url in odd if re.fullmatch(r"https?://([a-z0-9]+\.)*[a-z]+([:/?#].*)?", url.lower())]
        for url in odd:
            one = re.sub(rf'<a href="{re.escape(escape(url))}"[^>]*>(.*?)</a>', r"\1", one)
        assert one == other, "stored html does not depend on the setting"
        assert [tag for tag in Elements(one).tags if tag[0] != "a"] == [tag for tag in ours.tags if tag[0] != "a"]


@pytest.mark.parametrize("body", [*RENDERED, *NO_LINK, *HARMLESS_AS_TEXT])
def test_both_libraries_write_the_same_html(body):
    body = clean_body(body)
    assert by("bleach", body) == by("nh3", body)


@settings(deadline=None)
@given(MARKDOWN)
def test_an_articles_html_is_harmless_as_well(body):
    found = Elements(render_article(clean_body(body)))
    assert not found.odd
    assert all("href" not in attributes or is_safe_url(attributes["href"] or "") for _, attributes in found.tags)
    assert not {"script", "img", "iframe", "style", "form"} & {tag for tag, _ in found.tags}


def test_an_article_may_have_headings_and_tables():
    html = render_article("## Title\n\n| a | b |\n|---|---|\n| c | d |\n\n---\n\n[x](https://example.org)")
    assert [tag in html for tag in ("<h2>", "<table>", "<td>", "<hr>")] == [True] * 4
    assert '<a href="https://example.org" rel="noopener">' in html


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("one\n\ntwo", "one\ntwo"),
        ("one\ntwo", "one\ntwo"),
        ("*a* **b** `c`", "a b c"),
        ("- a\n- b", "a\nb"),
        ("> said\n\nanswer", "said\nanswer"),
        ("[words](https://example.org)", "words"),
        ("1 < 2 & 2 > 1", "1 < 2 & 2 > 1"),
        ("&lt;b&gt; `&amp;`", "<b> &amp;"),
        ("```\nx\n\n\ny\n```", "x\ny"),
        ("a\n\n\u00a0\n\nb", "a\nb"),
    ],
)
def test_the_plain_text_is_what_a_reader_reads(body, text):
    assert plain_text(render(body)) == text


def test_the_targets_of_links_are_told_in_order():
    html = render("[b](https://b.example/?x=1&y=2) https://a.example")
    assert link_targets(html) == ["https://b.example/?x=1&y=2", "https://a.example"]


def the_long_way(body: str) -> str:
    """What the parser and the sanitiser make of a body, whatever stands in it."""
    html = sanitize._clean(sanitize._parser("comment").render(body), "comment")
    return sanitize._check_links(html, sanitize.LINK_REL)


_BARE = [
    *" \n\n\"'():;!?.,-+#=|%$^{}@/0129ahiöß漢🙂اй–…„“",
    *("http:", "www.example.org", "carl@example.org", "mailto:", "ftp:", "://"),
    *("--", "...", "1. ", "2) ", "- ", "===", "\n\n\n"),
    *("\u0301", "\u2028", "\u00a0", "\u200d", "\x00", "\x0c", "\x85", "\ufeff", "\ud800", "\t", "    ", "\r"),
    *("&", "&amp;", "<b>", "*a*", "_a_", "`a`", "[a](b)", "~~~", "\\", "> ", "</p>"),
]  # fmt: skip


@settings(deadline=None, max_examples=1000)
@given(st.lists(st.sampled_from(_BARE) | st.characters(), max_size=25).map("".join))
@example('A line.\nAnother one.\n\nAnd a "paragraph" -- it\'s 3 < 4.')
@example("1. one\n2. two")
@example("word \n word")
def test_the_short_way_leads_where_the_long_one_does(body):
    assert sanitize._bare_paragraphs(body) in (None, the_long_way(body))
    assert render(body) == the_long_way(body)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("Plain words, as most people type them: 20% of the 7.5 million (or so)…", None),
        ("„Зачекайте!“ – 🙂", None),
        ('Not "so"?\nNo.\n\n\nYes.', "<p>Not &quot;so&quot;?<br>\nNo.</p>\n<p>Yes.</p>"),
        ("\n", ""),
    ],
)
def test_words_without_markup_go_the_short_way(body, html):
    assert sanitize._bare_paragraphs(body) == (html if html is not None else f"<p>{body}</p>")
    assert render(body) == the_long_way(body)


@pytest.mark.parametrize(
    "body",
    [
        *("*a*", "_a_", "`a`", "a[b", "a]b", "<b>", "a > b", "AT&T", "a\\b", "~~~\na\n~~~"),
        *("- a", "+ a", "# a", "1. a", "12) a", "a\n---", "a\n===", "a\n- b", " a", "a ", "a \nb", "a\n    b", "\ta"),
        *("https://example.org", "//example.org", "mailto:carl@example.org", "MAILTO:carl@example.org"),
        *("a\u00a0b", "a\u200bb", "a\u202eb", "a\x00b", "a\ud800b", "a\u2028b", "a\x85b"),
    ],
)
def test_whatever_may_mean_something_goes_the_long_way(body):
    assert sanitize._bare_paragraphs(body) is None
