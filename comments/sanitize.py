"""The only door to markdown-it-py, bleach and nh3: body as typed -> safe html -> plain text.

A body is rendered once, when it is saved. Sanitising comes last, by the library that `COMMENTS["SANITISER"]` names, and
after it each link is looked at once more by our own eyes: either library knows protocols, not hosts, user-info or
control characters. `comments.posting` calls `render`; `plain_text` is for everybody.
"""

from __future__ import annotations

import html as html_entities
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLinkText
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from comments import conf

COMMENT_TAGS = frozenset({"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"})
ARTICLE_TAGS = COMMENT_TAGS | {"h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td"}
LINK_REL = "nofollow ugc noopener"

_MAX_NESTING = 20
"""Quotes in lists in quotes: deeper ones stay text, so neither the renderer nor the sanitiser recurses far."""

_NESTING_RULES = {"blockquote": ["paragraph", "reference", "blockquote", "list"], "list": ["paragraph", "blockquote"]}
"""The block rules that nest, and what each may interrupt."""

_ANCHOR = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_HREF = re.compile(r'\bhref="([^"]*)"')
_LINE_END = re.compile(r"<br\s*/?>|</(?:p|li|blockquote|pre|h[2-4]|tr)>")
_TAG = re.compile(r"<[^>]*>")
_BETWEEN_TAGS = re.compile(r"(?:^|(?<=>))[^<]+")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_PROTOCOLS = {"http", "https"}
_MARKUP = re.compile(r"[&<>\\`*_\[\]~]|//|mailto:|^(?: |[#+=|-]|[0-9]+[.)])| $", re.MULTILINE | re.IGNORECASE)
"""What may mean something in a body, or needs care in html: marks of Markdown, html and links; lines that begin like a
list, a rule or code, or that end in a blank."""
_UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"'`\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

Rule = Callable[..., bool]

_local = threading.local()


def is_safe_url(url: str) -> bool:
    """Whether a link may stand under a reader's words: http or https, a host, no user-info, no control characters.

    Args:
        url: the address, entities already resolved.
    """
    if not url or len(url) > 2000 or _UNSAFE_IN_URL.search(url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # raises on a port that is no number
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and "@" not in parts.netloc


def render(body: str) -> str:
    """Render a comment's body.

    Args:
        body: small Markdown as typed: paragraphs, emphasis, strong, links, quotes, lists, code. Raw HTML and images
            stay text.

    Returns:
        Safe html. Links carry `rel="nofollow ugc noopener"`.
    """
    bare = _bare_paragraphs(body)
    if bare is not None:
        return bare
    return _check_links(_clean(_parser("comment").render(body), "comment"), LINK_REL)


def _bare_paragraphs(body: str) -> str | None:
    """Render a body in which no rule of the parser and of the sanitiser finds anything to do; None for any other.

    Most people type such bodies, and the parser and the sanitiser would take most of the time of posting to find that
    out. What is listed here is what is certain to come out as it went in; a body with any other character takes the
    long way, and both lead to the same html, byte for byte.
    """
    # Printable: no controls, no blanks but the plain one, no joiners or marks of direction, no halves of characters.
    if not body.replace("\n", "").isprintable() or _MARKUP.search(body):
        return None
    blocks = [block for part in body.replace('"', "&quot;").split("\n\n") if (block := part.strip("\n"))]
    return "<p>" + "</p>\n<p>".join(block.replace("\n", "<br>\n") for block in blocks) + "</p>" if blocks else ""


def render_article(body: str) -> str:
    """Render an editor's Markdown: what a comment may hold, and headings and tables. Sanitised all the same."""
    return _check_links(_clean(_parser("article").render(body), "article"), "noopener")


@lru_cache(maxsize=64)  # a new comment's is asked for five times on its way from the form to the answer
def plain_text(html: str) -> str:
    """Return what a reader reads in rendered html: blocks on lines of their own, no markup, entities resolved.

    Evidence offsets are stored against this text, so a change here asks for tagging all comments anew.
    """
    text = html_entities.unescape(_TAG.sub("", _LINE_END.sub("\n", html)))
    # Line by line: a pattern for blanks around a line end takes quadratic time on a long run of blanks without one.
    return "\n".join(bare for line in text.split("\n") if (bare := line.strip()))


def link_targets(html: str) -> list[str]:
    """Return the addresses that rendered html links to, in order."""
    return [html_entities.unescape(url) for url in _HREF.findall(html)]


def link_words(html: str) -> list[str]:
    """Return what a reader reads of each link of rendered html, in the order of `link_targets`."""
    return [plain_text(words) for _attributes, words in _ANCHOR.findall(html)]


def _parser(profile: str) -> MarkdownIt:
    """One parser for each thread of the process: neither markdown-it's nor bleach's objects promise to be shared."""
    parser: MarkdownIt | None = getattr(_local, f"parser_{profile}", None)
    if parser is None:
        # The parser's own limit lies beyond ours: what it finds deeper than that it drops, words and all.
        options = {"html": False, "linkify": True, "breaks": True, "maxNesting": _MAX_NESTING + 5}
        parser = MarkdownIt("commonmark", options)
        parser.enable(["linkify"])
        parser.disable(["image", "html_block", "html_inline", "reference"])
        if parser.linkify is not None:
            parser.linkify.set({"fuzzy_email": False, "fuzzy_link": False})
        if profile == "comment":
            parser.disable(["heading", "lheading", "hr"])
        else:
            parser.enable(["table"])
        for name, interrupts in _NESTING_RULES.items():
            parser.block.ruler.at(name, _unless_deep(_rule(parser.block.ruler, name)), {"alt": interrupts})
        parser.inline.ruler.at("linkify", _after_scheme(_rule(parser.inline.ruler, "linkify")))
        # A refused target must not take the reader's words with it: render the text, let the link go below.
        parser.validateLink = is_safe_url  # type: ignore[method-assign]
        parser.normalizeLinkText = _link_text  # type: ignore[method-assign, assignment]
        parser.add_render_rule("fence", _fence)
        setattr(_local, f"parser_{profile}", parser)
    return parser


def _rule(ruler: Ruler[Rule], name: str) -> Rule:
    """The parser's own rule of this name."""
    return next(rule.fn for rule in ruler.__rules__ if rule.name == name)


def _unless_deep(rule: Rule) -> Rule:
    """Let quotes and lists be text where they are nested too deeply."""

    def shallow(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < _MAX_NESTING and rule(state, start, end, silent)

    return shallow


def _after_scheme(rule: Rule) -> Rule:
    """Look for a bare link only behind a scheme that may be linked.

    The rule itself searches all text since the last mark at each `:`, which takes quadratic time on `://://://`.
    """

    def near(state: StateInline, silent: bool) -> bool:
        return state.pending[-5:].lower().endswith(("http", "https")) and rule(state, silent)

    return near


def _link_text(url: str) -> str:
    """A bare link as readers see it: decoded, unless that brings back control characters or overrides of direction."""
    shown = normalizeLinkText(url)
    return url if _UNSAFE_IN_URL.search(shown) else shown


def _fence(_self: object, tokens: list[Token], index: int, _options: object, _env: object) -> str:
    """Fenced code without the `class` that names a language: bleach would drop it anyhow."""
    escaped = html_entities.escape(tokens[index].content, quote=False).replace('"', "&quot;")
    return f"<pre><code>{escaped}</code></pre>\n"


def _clean(html: str, profile: str) -> str:
    """Let the chosen library take out what may not be there.

    Both give the same html of a comment, byte for byte, but for a link to a host that cannot be: nh3 drops it, its
    words stay.
    """
    clean: Callable[[str], str] | None = getattr(_local, f"{conf.SANITISER}_{profile}", None)
    if clean is None:
        clean = SANITISERS[conf.SANITISER](COMMENT_TAGS if profile == "comment" else ARTICLE_TAGS)
        setattr(_local, f"{conf.SANITISER}_{profile}", clean)
    return clean(html)


def _bleach(tags: frozenset[str]) -> Callable[[str], str]:
    # Imported here, and nh3 below: the one that is not chosen need not be installed.
    from bleach.sanitizer import Cleaner

    cleaner = Cleaner(tags=tags, attributes={"a": ["href"]}, protocols=_PROTOCOLS, strip=True)
    return cast("Callable[[str], str]", cleaner.clean)


def _nh3(tags: frozenset[str]) -> Callable[[str], str]:
    import nh3

    cleaner = nh3.Cleaner(tags=set(tags), attributes={"a": {"href"}}, url_schemes=_PROTOCOLS, link_rel=None)

    def clean(html: str) -> str:
        # Its strings are UTF-8, which has no halves of characters.
        whole = _HALF_CHARACTER.sub("\ufffd", html)
        # The words between the tags as bleach writes them, so that stored html does not depend on the setting.
        return _BETWEEN_TAGS.sub(
            lambda words: words.group().replace('"', "&quot;").replace("&nbsp;", "\u00a0"), cleaner.clean(whole)
        )

    return clean


SANITISERS: dict[str, Callable[[frozenset[str]], Callable[[str], str]]] = {"bleach": _bleach, "nh3": _nh3}
"""The values of `COMMENTS["SANITISER"]`."""


def _check_links(html: str, rel: str) -> str:
    """Rebuild each anchor from nothing but an address that passes; drop the others and keep their words."""

    def rebuild(match: re.Match[str]) -> str:
        attributes, words = match.groups()
        href = _HREF.search(attributes)
        url = html_entities.unescape(href.group(1)) if href else ""
        if not is_safe_url(url):
            return words
        return f'<a href="{html_entities.escape(url)}" rel="{rel}">{words}</a>'

    return _ANCHOR.sub(rebuild, html).strip()
