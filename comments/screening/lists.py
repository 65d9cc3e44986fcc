"""The site's word lists, prepared for looking up: words, phrases, wildcards and domains against a comment.

Pure: a `WordLists` is made once from its entries (`comments.screening.entries` does, from the table) and asked for
each comment. Whatever the number of entries, a comment costs look-ups of its own words: exact words and pairs of words
in a dictionary, wildcards by their fixed beginning, end or middle.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from comments.screening import folding
from comments.screening.folding import WORD, fold, looks
from comments.screening.vocabulary import TWINS

FEWEST_FIXED = 2
"""Letters that a word with a wildcard has to name; with less it would match half of the language."""

_LENGTH = 200
_LOOKED_AT = 50
"""Places of one word at which an entry may begin."""
_RANK = {"hold": 0, "reject": 1, "spam": 2}
_DOMAIN = re.compile(r"(?:\*?\.)?(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_HOSTS_IN_TEXT = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_DOT = re.compile(r"\s*[\[({]\s*(?:\.|dot|punkt|точка)\s*[\])}]\s*| dot ")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SHORTEST_TWIN = 5
_OF_SENTENCES = frozenset(".,:;!?'\"()[]/-–—…‘’“”«»")
"""Signs that stand in every sentence: one of them alone is no entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the list (`hold`, `spam`, `reject`) and what it says, as typed."""

    list: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that was found: the words as they stand there, and the field: `text`, `name`, `website` or `link`."""

    entry: Entry
    found: str
    where: str


_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A folded pattern: its words, `*` among their letters for any letters. `in_words` is the form for look-alikes."""

    entry: Entry
    words: _Key
    looks: _Key


class _Stars:
    """Words with wildcards, by their longest fixed part: beginning, end or middle."""

    def __init__(self) -> None:
        self._by: dict[str, dict[str, list[tuple[_Key, _Rule]]]] = {"start": {}, "end": {}, "middle": {}}
        self._lengths: dict[str, tuple[int, ...]] = {}

    def add(self, words: _Key, rule: _Rule) -> None:
        parts = words[0].split("*")
        options = [("start", parts[0]), ("end", parts[-1]), ("middle", max(parts[1:-1], key=len, default=""))]
        where, fixed = max(options, key=lambda option: len(option[1]))
        self._by[where].setdefault(fixed, []).append((words, rule))

    def close(self) -> None:
        self._lengths = {where: tuple(sorted({len(fixed) for fixed in by})) for where, by in self._by.items() if by}

    def candidates(self, word: str) -> Iterator[tuple[_Key, _Rule]]:
        for where, lengths in self._lengths.items():
            by = self._by[where]
            for length in lengths:
                if length > len(word):
                    break
                if where == "start":
                    slices: Sequence[str] = (word[:length],)
                elif where == "end":
                    slices = (word[-length:],)
                else:
                    slices = [word[at : at + length] for at in range(min(len(word), _LENGTH) - length + 1)]
                for piece in slices:
                    if piece in by:
                        yield from by[piece]

    def __bool__(self) -> bool:
        return bool(self._lengths)


class _Index:
    """Rules by what a text must hold for them to be worth a look: a word, two words in a row, or a wildcard's part."""

    def __init__(self) -> None:
        self._words: dict[str, list[tuple[_Key, _Rule]]] = defaultdict(list)
        self._pairs: dict[tuple[str, str], list[tuple[_Key, _Rule]]] = defaultdict(list)
        self._stars = _Stars()

    def add(self, words: _Key, rule: _Rule) -> None:
        if "*" in words[0]:
            self._stars.add(words, rule)
        elif len(words) > 1 and "*" not in words[1]:
            self._pairs[words[0], words[1]].append((words, rule))
        else:
            self._words[words[0]].append((words, rule))

    def close(self) -> None:
        self._stars.close()

    def find(self, tokens: Sequence[str]) -> list[tuple[_Rule, int, int]]:
        """The rules that match, with the first and the last of the words where they do."""
        places: dict[str, list[int]] = defaultdict(list)
        for at, token in enumerate(tokens):
            places[token].append(at)
        rules = [(places[word], self._words[word]) for word in self._words.keys() & places.keys()]
        if self._pairs:
            named = self._pairs.keys() & set(pairwise(tokens))
            rules += [(places[pair[0]], self._pairs[pair]) for pair in named]
        if self._stars:
            rules += [(at, list(self._stars.candidates(word))) for word, at in places.items()]
        return [found for at, some in rules if some for found in self._from(tokens, at[:_LOOKED_AT], some)]

    @staticmethod
    def _from(
        tokens: Sequence[str], places: Sequence[int], rules: list[tuple[_Key, _Rule]]
    ) -> Iterator[tuple[_Rule, int, int]]:
        for words, rule in rules:
            for at in places:
                if at + len(words) <= len(tokens) and all(
                    _is_like(tokens[at + number], word) for number, word in enumerate(words)
                ):
                    yield rule, at, at + len(words) - 1
                    break


def _is_like(token: str, word: str) -> bool:
    if "*" not in word:
        return token == word
    first, *rest = word.split("*")
    if not token.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        at = token.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(token) - at >= len(rest[-1]) and token.endswith(rest[-1])


class WordLists:
    """The entries of a site, ready to be looked for. Made once, then only read."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._plain, self._looks, self._hosts = _Index(), _Index(), _Stars()
        self._domains: dict[str, Entry] = {}
        self._signs: list[tuple[str, Entry]] = []
        self.size = 0
        for entry in sorted(entries, key=lambda entry: -_RANK.get(entry.list, 0)):
            self._add(entry)
        for index in (self._plain, self._looks, self._hosts):
            index.close()

    def __bool__(self) -> bool:
        return self.size > 0

    def find(
        self, *, text: str = "", name: str = "", website: str = "", links: Sequence[str] = ()
    ) -> tuple[Match, ...]:
        """The entries that a comment holds, those of the strongest list first, each once."""
        if not self.size:
            return ()
        found: dict[Entry, Match] = {}
        fields = (("text", text), ("name", name), ("website", website), *(("link", link) for link in links))
        for where, value in fields:
            if value:
                for entry, words in self._in_field(value, is_address=where in {"website", "link"}):
                    found.setdefault(entry, Match(entry, words[:_LENGTH], where))
        return tuple(sorted(found.values(), key=lambda match: -_RANK.get(match.entry.list, 0)))

    def _add(self, entry: Entry) -> None:
        pattern = fold(entry.pattern.strip())
        if _DOMAIN.fullmatch(pattern) and not pattern.removeprefix("*").count("*"):
            self._domains.setdefault(_domain(pattern.lstrip("*.")), entry)
        elif re.fullmatch(r"(?:\*\.|\.)[^\W_]{2,24}", pattern):
            self._domains.setdefault(pattern.lstrip("*."), entry)
        elif not (words := words_of(pattern)):
            sign = pattern.replace("*", "").strip()
            if not sign or sign in _OF_SENTENCES:
                return
            self._signs.append((sign, entry))
        elif len(pattern) == 1 and not _UNSPACED.search(pattern):
            # "a", which somebody meant as a part of something, stands in every other sentence.
            return
        elif not all(len(word.replace("*", "")) >= FEWEST_FIXED for word in words if "*" in word):
            return
        else:
            if _UNSPACED.search(pattern):
                words = tuple(f"*{word.strip('*')}*" if _UNSPACED.search(word) else word for word in words)
            rule = _Rule(entry, words, tuple(looks(word) for word in words))
            self._plain.add(rule.words, rule)
            self._looks.add(rule.looks, rule)
        self.size += 1

    def _in_field(self, value: str, *, is_address: bool) -> Iterator[tuple[Entry, str]]:
        if is_address and "%" in value:
            value = unquote(value)
        folded = fold(value)
        tokens = WORD.findall(folded)
        as_written = folding.Places(value, folded)
        for rule, first, last in self._plain.find(tokens):
            yield rule.entry, as_written.words(first, last)
        alike = looks(folded)
        seen = WORD.findall(alike)
        if len(seen) == len(tokens):
            in_latin: bool | None = None
            for rule, first, last in self._looks.find(seen):
                if in_latin is None:
                    in_latin = folding.is_latin(folded)
                if all(
                    _means(tokens[first + number], rule.words[number], in_latin=in_latin)
                    for number in range(last - first + 1)
                ):
                    yield rule.entry, as_written.words(first, last)
        if not is_address and (signs := folding.signs_as_letters(folded)):
            words = list(WORD.finditer(looks(signs)))
            for rule, first, last in self._looks.find([word.group() for word in words]):
                # A word without a sign in it was judged above, by what it means.
                start, end = words[first].start(), words[last].end()
                if signs[start:end] != folded[start:end]:
                    yield rule.entry, as_written.part(start, end)
        for word, start, end in folding.spelt_out(folded):
            for rule, _first, _last in self._looks.find([looks(word)]):
                yield rule.entry, as_written.part(start, end).strip()
        for sign, entry in self._signs:
            at = folded.find(sign)
            if at >= 0:
                yield entry, as_written.part(at, at + len(sign))
        if self._domains:
            yield from self._domains_in(value, folded, is_address=is_address)

    def _domains_in(self, value: str, folded: str, *, is_address: bool) -> Iterator[tuple[Entry, str]]:
        if is_address:
            hosts = [host_of(value)]
        else:
            if "dot" in folded or "[" in folded or "(" in folded:
                folded = _DOT.sub(".", folded)
            hosts = _HOSTS_IN_TEXT.findall(folded) if "." in folded else []
        for host in hosts:
            labels = _domain(host).split(".")[-10:]
            for number in range(len(labels)):
                if entry := self._domains.get(".".join(labels[number:])):
                    yield entry, host
                    break


NO_LISTS = WordLists(())


def words_of(pattern: str) -> _Key:
    """The words of a pattern in folded form, wildcards kept where they touch letters."""
    parts = re.findall(r"[^\W_*]*(?:\*+[^\W_*]+)*\**", fold(pattern))
    return tuple(re.sub(r"\*+", "*", part) for part in parts if part.strip("*"))


def host_of(address: str) -> str:
    """The host of an address, folded; empty where it has none."""
    try:
        return fold(urlsplit(address if "://" in address else f"//{address}").hostname or "")
    except ValueError:
        return ""


def _domain(host: str) -> str:
    """A host in the form in which hosts are compared: without `www.`, punycode read."""
    host = host.strip(".").removeprefix("www.")
    if "xn--" in host:
        try:
            host = fold(host.encode("ascii").decode("idna"))
        except UnicodeError:
            return host
    return host


def _means(word: str, meant: str, *, in_latin: bool) -> bool:
    """Whether a word that looks like one of the list is that word in disguise, and not a word of its own."""
    if _is_like(word, meant):
        return True
    if folding.is_dressed(word, in_latin=in_latin):
        return True
    if not word.isascii():
        # The other way round: the entry is written in the reader's script and the word in it as well.
        return False
    return word.isalpha() and len(word) >= _SHORTEST_TWIN and word not in TWINS
