"""A hand-written score of spam, for a site that has not yet decided enough for a model to learn from.

Pure and quick: features of text, name and website are counted, each count has a weight, and the logistic function of
their sum is the answer. The weights are evidence in log-odds, written down from what spam under articles, videos and
on phones is like, and tuned on a few public texts; a site's own decisions outrank them as soon as there is a model.
A model may take `features` or `score` as its own input.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from comments.screening import pitches, speech
from comments.screening import vocabulary as v
from comments.screening.folding import WORD, fold
from comments.screening.verdict import Facts

_MOST = 4_000
"""Characters of a text that are read: what is spam shows by then."""

_MONEY = re.compile(r"[$£€₽₴]\s?\d|\d\s?(?:usd|eur|gbp|dollars|pounds|euros|bucks|quid)\b|\d[$£€]", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w/.=-])(?:\+|00)?\d(?:[\s().-]{0,2}\d){8,13}(?!\w)|(?<!\d)0[789]\d{8,9}(?!\d)|(?<![\w.,:/-])[68]\d{4}(?![\w:-])"
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w{2,}")
_MARKUP = re.compile(r"\[/?(?:url|link|img)\b|<a\s|</a>|\[b\]|href=", re.IGNORECASE)
_BARE = re.compile(r"https?://|\bwww\.|\b[\w-]{2,40}\.(?:com|net|org|info|biz|ru|tk|ly|me|be|tv)\b", re.IGNORECASE)
_STARS = re.compile(r"\*{3,}|<3|[▬►★☆♥➡⬇✔]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DOTTED = re.compile(r"\w\.\w|://")
_DIGIT = re.compile(r"\d")
_DISGUISE = re.compile(r"(?<!\w)[^\W\d_]+\d{1,3}[^\W\d_]+(?!\w)")
_HANDLE = re.compile(r"\b(?:watch\?v=|youtu\.be|bit\.ly|goo\.gl|t\.me|wa\.me|facebook\.com|fb\.com)", re.IGNORECASE)
_PROGRAM_NAME = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]{1,5}|[a-z]*\d{2,})")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}")


@dataclass(frozen=True, slots=True)
class Score:
    """How sure the prior is that this is spam, from 0 to 1, and the words that drove it, the strongest first."""

    probability: float
    words: tuple[str, ...] = ()

    @property
    def log_odds(self) -> float:
        """The same without bounds, as a model wants it."""
        inside = min(max(self.probability, 1e-6), 1 - 1e-6)
        return math.log(inside / (1 - inside))


BASE = -2.6
"""Log-odds of a comment about which nothing is remarkable."""

WEIGHTS: dict[str, float] = {
    # What stands in the text.
    "links": 1.0,
    "bare_links": 0.9,
    "link_alone": 1.3,
    "link_markup": 2.6,
    "handles": 0.9,
    "pills": 1.3,
    "gambling": 1.2,
    "credit": 0.5,
    "sex": 0.5,
    "goods": 0.7,
    "traffic": 0.8,
    "prizes": 0.55,
    "begging_words": 0.35,
    "tricks": 0.5,
    "praise": 0.3,
    "formulas": 0.75,
    "begging": 0.7,
    "own_works": 1.2,
    "firm_calls": 1.3,
    "soft_calls": 0.4,
    "calls_to_own": 1.0,
    "made": 0.5,
    "goals": 1.4,
    "offers": 0.65,
    "commerce": 0.12,
    "money": 0.6,
    "phones": 1.9,
    "addresses": 1.2,
    "shouting": 0.25,
    "capitals": 0.7,
    "disguises": 0.5,
    "keywords": 1.0,
    # What speaks for a person.
    "arguing": -0.4,
    "function_words": -0.5,
    "long": -0.5,
    "substance": -0.03,
    "moments": -0.8,
    "others": -0.25,
    # Who signs, and where the name leads.
    "website": 0.9,
    "name_commerce": 1.1,
    "name_subject": 2.0,
    "name_phrase": 0.9,
    "name_digits": 0.3,
    "name_link": 2.2,
    "name_program": 0.5,
    "name_noise": 0.9,
    "name_keyword": 1.4,
    "own_host": -1.5,
    "host_commerce": 0.9,
    "host_trade": 0.5,
    "host_long": 0.5,
    "host_subject": 1.8,
    "host_cheap": 0.8,
    "host_free": 0.5,
    "host_hyphens": 0.7,
    "host_digits": 0.3,
    "site_path": 0.8,
    # What is innocent alone and is not together.
    "praise_for_link": 0.7,
    "nothing_said": 1.0,
    "something_said": -0.3,
    "subject_for_link": 1.0,
    "foreign": 0.8,
}
"""Evidence in log-odds for one of each."""

_CAPS: dict[str, int] = {
    "links": 3,
    "bare_links": 2,
    "arguing": 5,
    "shouting": 3,
    "commerce": 5,
    "disguises": 2,
    "own_works": 2,
    "firm_calls": 3,
    "soft_calls": 2,
    "made": 2,
    "goals": 2,
    "substance": 8,
    "moments": 1,
    "others": 3,
    "something_said": 6,
    "host_trade": 2,
}
_CAP = 4
_FEW = frozenset({"phones", "addresses", "money", "handles", "capitals", "host_cheap"})


@dataclass(slots=True)
class _Reading:
    """Counts by feature, and the words behind them."""

    counts: dict[str, float] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)

    def note(self, name: str, count: float, words: object = ()) -> None:
        if count:
            most = 1 if name in _FEW else _CAPS.get(name, _CAP)
            self.counts[name] = min(count, most)
            found = sorted(words) if isinstance(words, set | frozenset) else list(words) if words else []  # type: ignore[call-overload]
            if found:
                self.words[name] = found


def features(facts: Facts) -> dict[str, float]:
    """The counts that the prior weighs, by the names of `WEIGHTS`; what is not there is zero."""
    return dict(_read(facts).counts)


def evidence_of(counts: Mapping[str, float]) -> float:
    """What the counts of `features` add up to, in log-odds without bounds."""
    return BASE + sum(WEIGHTS[name] * count for name, count in counts.items())


def score(facts: Facts) -> Score:
    """How much like spam a comment is, and the words that say so."""
    reading = _read(facts)
    total = evidence_of(reading.counts)
    evidence = {name: WEIGHTS[name] * reading.counts.get(name, 0.0) for name in reading.words}
    words: dict[str, None] = {}
    for name in sorted(reading.words, key=lambda name: -evidence[name]):
        if evidence[name] > 0.0:
            words.update(dict.fromkeys(reading.words[name][:3]))
    return Score(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), tuple(words)[:6])


# The learned screen weighs what this finds, and the prior is asked about the same comment after it.
@lru_cache(maxsize=1)
def _read(facts: Facts) -> _Reading:
    reading = _Reading()
    text = facts.text[:_MOST]
    folded = fold(text)
    tokens = WORD.findall(folded)
    _read_text(reading, facts, text, folded, tokens)
    if facts.name:
        _read_name(reading, facts.name)
    if facts.website:
        _read_website(reading, facts.website, facts.name)
    _read_together(reading, facts, tokens)
    return reading


def _read_text(reading: _Reading, facts: Facts, text: str, folded: str, tokens: list[str]) -> None:
    note = reading.note
    distinct = set(tokens)
    for family, words in v.FAMILIES.items():
        if hits := words & distinct:
            note("begging_words" if family == "begging" else family, len(hits), hits)
    pairs = [f"{one} {two}" for one, two in pairwise(tokens)]
    said = distinct.union(pairs, (f"{pair} {word}" for pair, word in zip(pairs, tokens[2:], strict=False)))
    for name, phrases in (
        ("praise", v.PRAISE),
        ("formulas", v.FORMULAS),
        ("begging", v.BEGGING),
        ("offers", v.OFFERS),
    ):
        if hits := phrases & said:
            note(name, len(hits), hits)
    _read_pitch(reading, text, folded, tokens)
    talk = len(speech.SITE_TALK & distinct)
    substance = pitches.substance(WORD.findall(_ADDRESS.sub(" ", folded)) if "." in folded else tokens)
    note("substance", max(0, substance - talk))
    note("commerce", len(v.COMMERCE & distinct))
    note("arguing", len(v.ARGUING & distinct))
    links = len(facts.links)
    note("links", links, facts.links[:2])
    if _DOTTED.search(text):
        addresses = _ADDRESS.findall(text)
        note("bare_links", len(_BARE.findall(_ADDRESS.sub(" ", text))) + max(0, len(addresses) - links))
        note("handles", len(_HANDLE.findall(text)))
    has_link = links or "bare_links" in reading.counts
    note("link_alone", bool(has_link) and len(tokens) < 12)
    if "[" in text or "<" in text or "=" in text:
        note("link_markup", len(_MARKUP.findall(text)) > 0)
    if _DIGIT.search(text):
        phones = _PHONE.findall(text)
        note("phones", len(phones), phones)
        money = _MONEY.findall(text)
        note("money", len(money), [piece.strip() for piece in money])
        note("disguises", sum(len(word) > 4 for word in _DISGUISE.findall(folded)))
    if "@" in text:
        note("addresses", len(_MAIL.findall(text)))
    note("shouting", text.count("!") + text.count("??") + len(_STARS.findall(text)))
    letters = sum(map(str.isalpha, text))
    note("capitals", letters > 12 and 2 * sum(map(str.isupper, text)) > letters)
    if tokens:
        share = sum(word in v.FUNCTION_WORDS for word in tokens) / len(tokens)
        note("function_words", len(tokens) > 15 and share > 0.38)
        note("keywords", len(tokens) > 11 and folded.isascii() and share < 0.16)
        note("long", len(tokens) > 60)


def _read_pitch(reading: _Reading, text: str, folded: str, tokens: list[str]) -> None:
    note = reading.note
    words = set(tokens)
    works = list(pitches.own_works(tokens))
    firm, soft = pitches.firm_calls(folded, words), pitches.soft_calls(folded, words)
    note("own_works", len(works), works)
    note("firm_calls", len(firm), firm)
    note("soft_calls", len(soft))
    note("calls_to_own", bool(works) and bool(firm or soft))
    note("made", sum(1 for _ in pitches.made(tokens)))
    note("goals", pitches.goals(folded))
    note("moments", pitches.moments(text))
    note("others", sum(token in speech.OTHERS for token in tokens))


def _read_name(reading: _Reading, name: str) -> None:
    note = reading.note
    folded = fold(name)
    words = WORD.findall(folded)
    distinct = set(words)
    subjects = {word for family, known in v.FAMILIES.items() if family != "begging" for word in known & distinct}
    note("name_subject", len(subjects), subjects)
    trade = (v.COMMERCE & distinct) - subjects
    note("name_commerce", len(trade), trade)
    note("name_phrase", len(words) > 3 or (len(words) == 3 and name.islower()), [name])
    note("name_digits", any(map(str.isdigit, name)))
    note("name_link", bool(_BARE.search(name)), [name])
    note("name_program", len(words) == 1 and bool(_PROGRAM_NAME.fullmatch(name)))
    note("name_noise", len(words) == 1 and bool(_CONSONANTS.search(folded)))


def _read_website(reading: _Reading, website: str, name: str) -> None:
    note = reading.note
    note("website", 1)
    try:
        parts = urlsplit(website)
        host = fold(parts.hostname or "").removeprefix("www.")
    except ValueError:
        return
    labels = host.split(".")
    is_free = len(labels) > 2 and labels[-2] in v.FREE_HOSTS
    # A page on somebody else's host is called by what stands before that.
    called = ".".join(labels[: -2 if is_free else -1])[:60]
    is_own = _is_own(called, name, reading)
    note("own_host", is_own)
    bare = _own_part_out(called, name) if is_own else called
    pieces = {bare[at : at + size] for size in range(3, 11) for at in range(len(bare) - size + 1)}
    subjects = {word for family, words in v.FAMILIES.items() if family != "begging" for word in words & pieces}
    subjects = {word for word in subjects if len(word) > 3}
    note("host_subject", len(subjects) > 0, [host])
    whole = set(bare.replace("-", ".").split("."))
    roots = {root for root in v.HOST_ROOTS & pieces if len(root) > 3 or root in whole}
    note("host_commerce", min(len(roots), 2), [host])
    if not is_own:
        note("host_trade", len({root for root in v.TRADE_ROOTS & pieces if len(root) > 3}), [host])
        note("host_long", len(called) > 17)
        note("name_keyword", _is_keyword(called, name), [name])
    note("host_free", is_free, [host])
    note("host_cheap", labels[-1] in v.CHEAP_ENDINGS and not is_own, [host])
    note("host_hyphens", min(called.count("-"), 1 if is_own else 2), [host])
    note("host_digits", any(map(str.isdigit, called)))
    note("site_path", len(parts.path.strip("/")) > 12 or bool(parts.query), [website[:80]])


def _is_own(called: str, name: str, reading: _Reading) -> bool:
    """Whether a website bears the name of whoever signs, and the name is a person's."""
    if not called or reading.counts.keys() & {
        "name_subject",
        "name_commerce",
        "name_noise",
        "name_link",
        "name_phrase",
    }:
        return False
    words = [word for word in WORD.findall(fold(name)) if len(word) > 1]
    joined = re.sub(r"[^a-z0-9]", "", called)
    if not words or not name[:1].isupper():
        return False
    if any(word in speech.GIVEN_NAMES and len(word) > 2 and word in joined for word in words):
        return True
    whole = "".join(words)
    sells = any(len(root) > 3 and root in joined for root in v.HOST_ROOTS)
    return len(whole) > 2 and not sells and (joined == whole or (len(words) == 1 and joined.startswith(whole)))


def _own_part_out(called: str, name: str) -> str:
    for word in WORD.findall(fold(name)):
        if len(word) > 2:
            called = called.replace(word, " ")
    return called


def _is_keyword(called: str, name: str) -> bool:
    """Whether a name of several words, none of them a person's, is what the website is called."""
    words = [word for word in WORD.findall(fold(name)) if len(word) > 2]
    if len(words) < 2 or not speech.GIVEN_NAMES.isdisjoint(words):
        return False
    joined = re.sub(r"[^a-z0-9]", "", called)
    return joined != "".join(words) and sum(word in joined for word in words) > 1


def _read_together(reading: _Reading, facts: Facts, tokens: list[str]) -> None:
    note, counts = reading.note, reading.counts
    leads_away = facts.website or facts.links or "bare_links" in counts
    if leads_away:
        note("praise_for_link", counts.get("praise", 0))
        subjects = sum(counts.get(name, 0) for name in ("pills", "gambling", "credit", "sex", "goods", "traffic"))
        note("subject_for_link", min(subjects, 2))
    if facts.website:
        # A name with a link under words that would do under anything - or under what only this writer could say.
        said = counts.get("substance", 0)
        note("nothing_said", said < 2 and "arguing" not in counts)
        note("something_said", said if not facts.links and "bare_links" not in counts else 0)
    if facts.language and facts.thread_language:
        note("foreign", facts.language != facts.thread_language)
