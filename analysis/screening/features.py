"""What the learned screen looks at: words, parts of words, name, website, links, and counts that need no language.

Pure functions on `Facts`; training and the web process call the same ones, so a model sees in a comment what it saw
when it learned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from comments import conf
from comments.screening import prior
from comments.screening.verdict import Facts
from comments.texts import legible

WORDS, PARTS, NAME, SITE, LINKS, COUNTS = range(6)
SCALES = (1.0, 1.0, 0.7, 0.7, 0.7, 0.5)
"""Of each block. But for the counts, a block has length 1 before it: a long comment does not weigh more than a short
one, and five words of a name do not vanish behind five hundred of a text. Tuned on text messages."""

_HEAD, _TAIL = 1_500, 500
"""Characters of a text that are read: where it begins and where it ends. The time for a comment is bounded."""
_LONGEST = 40

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[£$€%!?]|[^\w\s]+|_+")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|info|biz|ru|uk|co|ly|be|tv|me|io|xyz|top|site|online|shop)\b(?:/\S*)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_LONG_NUMBER = re.compile(r"\d{5,}")
_MONEY = re.compile(r"[£$€]\s?\d|\d\s?[£$€]")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a comment.

    Args:
        blocks: the features that are there or not, by block; `COUNTS` has none here.
        counts: the measured ones.
        said: the distinct words of the text, the name and addresses, in lower case, each with the block and the mark of
            its features; see `features_of`.
    """

    blocks: tuple[Set[str], ...]
    counts: dict[str, float]
    said: tuple[tuple[str, int, str], ...]


def see(facts: Facts, *, behaviour: Iterable[str] = ()) -> Seen:
    """Look at a comment.

    Args:
        behaviour: codes of what was noticed about the sending; see `behaviour_of`.
    """
    text = facts.text
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]} {text[-_TAIL:]}"
    text = legible(text)
    name = legible(facts.name[:200])
    found = _ADDRESS.findall(text)
    typed = _typed(_ADDRESS.sub(" ￼ ", text) if found else text)
    tokens = [token_of(word) for word in typed]
    words = set(tokens)
    words.update([f"{one} {two}" for one, two in pairwise(tokens)])
    said = [(word, PARTS, "p:") for word in dict.fromkeys(typed)]
    parts: set[str] = set()
    for token in set(tokens):
        parts.update(_parts("p:", token))
    name_features: set[str] = set()
    for word in dict.fromkeys(_typed(name)):
        name_features.update(features_of(word, "n:"))
        said.append((word, NAME, "n:"))
    site = _of_address(facts.website, "s:", said, SITE)
    addresses = list(dict.fromkeys([*facts.links[:20], *found[:20]]))
    links: set[str] = set()
    for address in addresses:
        links |= _of_address(address, "l:", said, LINKS)
    counts = _counts(text, tokens, name, facts.website, len(addresses))
    hints = prior.features(facts)
    counts["m:prior"] = max(-6.0, min(6.0, prior.evidence_of(hints))) / 3
    counts.update({f"h:{hint}": min(value, 4.0) / 2 for hint, value in hints.items()})
    counts.update(dict.fromkeys([f"m:{code}" for code in behaviour if code in _BEHAVIOUR], 1.0))
    return Seen((words, parts, name_features, site, links), counts, tuple(said))


def features_of(word: str, mark: str) -> tuple[str, ...]:
    """The features that come from one word as typed, in the block with this mark; of the text's, its parts."""
    token = token_of(word)
    return _parts(mark, token) if mark == "p:" else (mark + token, *_parts(mark, token))


def is_count(feature: str) -> bool:
    """Whether a feature is a measured one and no word of anybody."""
    return feature.startswith(("m:", "h:"))


_BEHAVIOUR = ("too_fast", "repeated", "near_repeated", "flood")
"""Reasons of other screens that tell how a comment was sent. They are kept with it, so that a decision on it teaches
what they mean."""


def behaviour_of(facts: Facts) -> Iterator[str]:
    """What can be said of how a comment is sent, by the names of the reasons that other screens give for it."""
    if facts.seconds is not None and not facts.is_edit and facts.seconds < conf.MIN_SECONDS:
        yield "too_fast"
    if facts.other_repeats:
        yield "repeated"
    if facts.near_repeats:
        yield "near_repeated"
    if facts.client_count >= conf.FLOOD_HOLD:
        yield "flood"


def token_of(word: str) -> str:
    """The feature of a word as typed: of a number only how long it is."""
    return f"#{min(len(word), 12)}" if word.isdigit() else word


def _typed(text: str) -> list[str]:
    return [word[:_LONGEST].lower() for word in _TOKEN.findall(text)]


@lru_cache(maxsize=4096)
def _parts(mark: str, token: str) -> tuple[str, ...]:
    """Three and four characters of a word in a row, its ends marked. Most words of a comment are met again soon."""
    whole = f"<{token}>"
    size = len(whole)
    found = {mark + whole[at : at + 3] for at in range(size - 2)}
    found.update([mark + whole[at : at + 4] for at in range(size - 3)])
    return tuple(found)


def _of_address(address: str, mark: str, said: list[tuple[str, int, str]], block: int) -> set[str]:
    """The host, its labels, the words of the path."""
    if not address:
        return set()
    address = legible(address[:300]).lower()
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = parts.hostname or ""
    except ValueError:
        return {f"{mark}broken"}
    labels = host.split(".")
    words = [*labels[-3:], *_WORD.findall(f"{parts.path} {parts.query}")[:10]]
    found = {f"{mark}//{'.'.join(labels[-2:])}", f"{mark}.{labels[-1]}"}
    for word in dict.fromkeys(words):
        found.update(features_of(word[:_LONGEST], mark))
        said.append((word[:_LONGEST], block, mark))
    return found


def _counts(text: str, tokens: list[str], name: str, website: str, links: int) -> dict[str, float]:
    size = max(1, len(text))
    words = text.split()
    number = max(1, len(words))
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    spaces = sum(map(str.isspace, text))
    return {
        "m:links": min(links, 5) / 3,
        "m:any link": float(links > 0),
        "m:length": min(1.0, math.log1p(len(text)) / 7),
        "m:capitals": min(1.0, 2 * sum(map(str.isupper, text)) / size),
        "m:digits": min(1.0, 5 * digits / size),
        "m:signs": min(1.0, 3 * (size - letters - digits - spaces) / size),
        "m:exclamations": min(text.count("!"), 5) / 5,
        "m:questions": min(text.count("?"), 3) / 3,
        "m:shouted": sum(1 for word in words if len(word) > 2 and word.isupper()) / number,
        "m:long number": float(_LONG_NUMBER.search(text) is not None),
        "m:money": float(_MONEY.search(text) is not None),
        "m:not ascii": 0.0 if text.isascii() else sum(1 for sign in text if ord(sign) > 127) / size,
        "m:said again": 1 - len(set(tokens)) / max(1, len(tokens)),
        "m:name": float(bool(name)),
        "m:words of name": min(len(name.split()), 5) / 5,
        "m:digits in name": float(any(map(str.isdigit, name))),
        "m:address as name": float(_ADDRESS.search(name) is not None),
        "m:website": float(bool(website)),
        "m:deep website": float(website.count("/") > 3),
    }
