"""Reads one comment for an article's tags: which of their words and cues it holds, and where.

Owns what was found and the best sentence for each tag; the lexical tagger weighs it and marks it. Plain Python.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from analysis.taggers.cues import Hit, muted
from analysis.taggers.definitions import Index, Weight
from analysis.taggers.stems import HYPHENS, Languages, Token, guess_languages, tokenise

NEIGHBOUR = 0.85
"""A word in the next sentence counts this much of one in the sentence itself."""
OWN_WORDS = 3
"""Content words outside quoted lines from which a reply speaks for itself and what it quotes counts for nothing."""

_QUOTED = re.compile(r"^[ \t]{0,3}>.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Tokens `first` to `last` (both included) and how much they say."""

    first: int
    last: int
    weight: float


@dataclass(frozen=True, slots=True)
class Text:
    """A comment that has been cut into words. `quoted`: tokens in lines that quote somebody else (">")."""

    text: str
    languages: Languages
    tokens: tuple[Token, ...]
    quoted: frozenset[int]

    @property
    def stems(self) -> list[str]:
        """The stems of the words that count, in order."""
        return [token.stem for at, token in enumerate(self.tokens) if not token.is_stop and at not in self.quoted]

    def with_hyphens(self, place: Place) -> Place:
        """The place with what is joined to it by hyphens, since nobody marks half a word. Three steps each way: a
        comment may be one long row of hyphens."""
        first, last = place.first, place.last
        while first > max(0, place.first - 3) and self._is_joined(first - 1):
            first -= 1
        while last < place.last + 3 and self._is_joined(last):
            last += 1
        return Place(first, last, place.weight)

    def _is_joined(self, at: int) -> bool:
        """Whether a hyphen joins the token to the next one."""
        return at + 1 < len(self.tokens) and self.text[self.tokens[at].end : self.tokens[at + 1].start] in HYPHENS


@lru_cache(maxsize=256)
def text_of(text: str) -> Text:
    """Cut a comment into words. Quoted lines are set apart where the comment says enough of its own. The latest are
    kept: one comment is read for its words, its sentences and what examples taught."""
    languages = guess_languages(text)
    tokens = tokenise(text, languages)
    quoted: frozenset[int] = frozenset()
    if ">" in text:
        lines = [match.span() for match in _QUOTED.finditer(text)]
        inside = {
            at for start, end in lines for at, token in enumerate(tokens) if start <= token.start and token.end <= end
        } if len(lines) <= 50 else set()  # fmt: skip
        if sum(not token.is_stop for at, token in enumerate(tokens) if at not in inside) >= OWN_WORDS:
            quoted = frozenset(inside)
    return Text(text, languages, tokens, quoted)


@dataclass(slots=True)
class Found:
    """What one comment holds for one tag; filled while its words are read."""

    sentences: dict[int, dict[str, Weight]] = field(default_factory=dict)
    phrases: dict[tuple[str, ...], float] = field(default_factory=dict)
    cue_words: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    words: list[Place] = field(default_factory=list)
    cue_places: list[Place] = field(default_factory=list)
    mentions: float = 0.0


NOTHING = Found()
"""What a comment holds for a tag that it has no word of; never filled."""


@dataclass(frozen=True, slots=True)
class Window:
    """The best sentence for a tag with, where it adds, a neighbouring one."""

    description: float
    total: float


NO_WINDOW = Window(0.0, 0.0)


def best_window(sentences: Mapping[int, Mapping[str, Weight]]) -> Window:
    """The sentence, with its better neighbour, that holds most of a tag's words."""
    best = NO_WINDOW
    for at, here in sentences.items():
        for neighbour in (at + 1, at - 1):
            beside = sentences.get(neighbour, {})
            words = [(weight, 1.0) for weight in here.values()]
            words += [(weight, NEIGHBOUR) for stem, weight in beside.items() if stem not in here]
            total = sum(weight.total * factor for weight, factor in words)
            if total > best.total:
                best = Window(sum(weight.description * factor for weight, factor in words), total)
    return best


def read(text: Text, index: Index) -> dict[int, Found]:
    """Find everything in the comment that speaks for any tag, by the tag's place in the definitions."""
    tokens = text.tokens
    found: dict[int, Found] = defaultdict(Found)
    content: list[tuple[str, int]] = []  # stem, number of its token
    mute = muted([token.word for token in tokens], index.idioms) | text.quoted
    for at, token in enumerate(tokens):
        if at in mute:
            continue
        if not token.is_stop:
            for stem in index.split.get(token.stem, (token.stem,)):
                meant, weights = index.lookup(stem)
                content.append((meant, at))
                _note(found, weights, meant, at, at, token.sentence)
        if at + 1 < len(tokens) and tokens[at + 1].start - token.end == 1:
            whole = index.joined.get(token.word + tokens[at + 1].word)
            if whole is not None:
                content.append((whole, at))
                _note(found, index.lookup(whole)[1], whole, at, at + 1, token.sentence)
    for hit in index.cues.hits(text.text, tokens, content, mute):
        _note_cue(found[hit.cue.tag], hit, tokens[hit.first].sentence)
    return found


def _note_cue(entry: Found, hit: Hit, sentence: int) -> None:
    if hit.cue.is_whole and hit.cue.stems not in entry.phrases:
        entry.cue_words[sentence] += hit.strength  # its words are everyday words, which say nothing singly
    entry.phrases[hit.cue.stems] = max(entry.phrases.get(hit.cue.stems, 0.0), hit.strength)
    entry.cue_places.append(Place(hit.first, hit.last, hit.strength))


def _note(
    found: dict[int, Found], weights: tuple[Weight, ...], stem: str, first: int, last: int, sentence: int
) -> None:
    for weight in weights:
        entry = found[weight.tag]
        in_sentence = entry.sentences.setdefault(sentence, {})
        if stem not in in_sentence:
            in_sentence[stem] = weight
            entry.cue_words[sentence] += weight.cues
        entry.words.append(Place(first, last, max(weight.total, weight.cues)))
        entry.mentions += weight.total
