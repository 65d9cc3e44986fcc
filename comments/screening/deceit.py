"""Links that are not what they seem. Pure; the screen `link_tricks` calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from comments.screening.folding import fold, looks
from comments.screening.lists import host_of
from comments.screening.verdict import Facts

_HOST_IN_WORDS = re.compile(r"^(?:https?://)?((?:[\w-]+\.)+[a-z]{2,24})(?:[/:?#]|$)", re.IGNORECASE)
_LINK_IN_NAME = re.compile(
    r"https?:|www\.|\b[\w-]{2,}\.(?:com|net|org|info|biz|ru|shop|site|online|xyz|top|io|co)\b", re.I
)
_MOST = 20


def deceits(facts: Facts, *, shorteners: frozenset[str]) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with the links: code, the link as a moderator should read it, what to mark, and the field.

    Args:
        shorteners: hosts that only redirect.
    """
    if facts.name and _LINK_IN_NAME.search(facts.name):
        yield "link_in_name", facts.name, facts.name, "name"
    if facts.website:
        yield from _of_target(facts.website, "website", shorteners)
    for number, target in enumerate(facts.links[:_MOST]):
        yield from _of_target(target, "link", shorteners)
        words = facts.link_words[number] if number < len(facts.link_words) else ""
        if words and (said := _HOST_IN_WORDS.match(words.strip())):
            shown, leads_to = _bare(fold(said.group(1))), _bare(host_of(target))
            if not _is_same_site(shown, leads_to):
                yield "disguised_link", f"{words.strip()[:80]} → {leads_to}", target, "link"


def _of_target(target: str, where: str, shorteners: frozenset[str]) -> Iterator[tuple[str, str, str, str]]:
    host = _bare(host_of(target))
    if host in shorteners:
        yield "short_link", target[:200], target, where
    read = _read_idn(host)
    if not read.isascii() and _imitates(read):
        yield "lookalike_link", f"{read} ({host})" if read != host else read, target, where


def _imitates(host: str) -> bool:
    """Whether a label mixes scripts, or consists of nothing but letters that pass for Latin ones under a Latin end."""
    *labels, end = host.split(".")
    return any(not label.isascii() and _passes_for_latin(label, alone=end.isascii()) for label in labels)


def _passes_for_latin(label: str, *, alone: bool) -> bool:
    foreign = [char for char in label if char.isalpha() and not _is_latin(char)]
    if not foreign:
        return False
    has_latin = any(char.isalpha() and _is_latin(char) for char in label)
    return has_latin or (alone and looks(label).isascii())


def _is_latin(char: str) -> bool:
    return char < "\u0250" or "\u1e00" <= char <= "\u1eff"


def _read_idn(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return fold(host.encode("ascii").decode("idna"))
    except UnicodeError:
        return host


def _bare(host: str) -> str:
    return host.strip(".").removeprefix("www.")


def _is_same_site(shown: str, leads_to: str) -> bool:
    """Whether one host is the other or a part of it: `example.org` may stand for `news.example.org`."""
    return shown == leads_to or leads_to.endswith(f".{shown}") or shown.endswith(f".{leads_to}")
