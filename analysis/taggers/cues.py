"""Finds an editor's cues in a comment, and knows when a cue's word stands there in another sense.

Owns the matching of phrases; only the lexical tagger and its index call it. A cue is an editor's word, so a full match
is strong evidence by itself: all its words, inflected or not, in order, with room for a word or two that people put in
between ("sign the damn deal"). Idioms that English uses everywhere ("I guarantee you", "a great deal of") are muted
before anything is matched, unless the article's own definitions use the idiom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from analysis.taggers.idioms import IDIOMS
from analysis.taggers.stems import Token
from analysis.taggers.words import ARTICLES

MOST_BETWEEN = 2
"""Words that may stand inside a phrase, all in all; stop words are free where the phrase passes over them."""
GAP_WORTH = 0.85
"""A match keeps this much of its strength for each word in between."""
_BREAKS = frozenset(',;:()[]{}—–/|"“”„«»…')


@dataclass(frozen=True, slots=True)
class Cue:
    """Stems that follow one another, and what they say for a tag, in (0, 1]. `is_whole`: every word has to stand
    there; otherwise stop words are passed over. `gap`: how many other words may stand in between, all in all."""

    stems: tuple[str, ...]
    tag: int
    strength: float
    is_whole: bool
    gap: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue met in a comment, from token `first` to `last` (both included), and what that says, in (0, 1]."""

    cue: Cue
    strength: float
    first: int
    last: int


class CueBook:
    """All cues of an article under one pair of languages."""

    def __init__(self, cues: Sequence[tuple[Sequence[Token], int]], rarity: Callable[[str], float]) -> None:
        phrases: dict[tuple[tuple[str, ...], bool], dict[int, Cue]] = defaultdict(dict)
        for tokens, tag in cues:
            cue = _compile(tokens, tag, rarity)
            if cue.stems:
                phrases[cue.stems, cue.is_whole][tag] = cue
        by_first: dict[str, list[Cue]] = defaultdict(list)
        for (stems, _), of_tags in phrases.items():
            for cue in of_tags.values():
                by_first[stems[0]].append(replace(cue, strength=cue.strength / len(of_tags)))
        self._by_first: Mapping[str, tuple[Cue, ...]] = {stem: tuple(found) for stem, found in by_first.items()}

    def hits(
        self, text: str, tokens: Sequence[Token], content: Sequence[tuple[str, int]], mute: Set[int] = frozenset()
    ) -> Iterator[Hit]:
        """Every cue that the comment holds. `content`: stem and token of the words that count; `mute`: tokens that
        count for nothing."""
        every = [(token.stem, at) for at, token in enumerate(tokens) if at not in mute]
        for words, is_whole in ((content, False), (every, True)):
            for place, (stem, at) in enumerate(words):
                for cue in self._by_first.get(stem, ()):
                    if cue.is_whole is not is_whole:
                        continue
                    last, between = _follow(cue, words, place, tokens)
                    if last is None or (is_whole and _broken(text, tokens, at, last)):
                        continue
                    yield Hit(cue, cue.strength * GAP_WORTH**between, at, last)


def _compile(tokens: Sequence[Token], tag: int, rarity: Callable[[str], float]) -> Cue:
    """A cue is matched by its content words; where only one of them is left ("sign now"), by all its words, or it
    would turn into an everyday word; and where none is left ("get it done"), by all its words without a gap."""
    content = tuple(token.stem for token in tokens if not token.is_stop)
    whole = tuple(token.stem for token in tokens if token.word not in ARTICLES)
    strength = 0.7 * sum(rarity(stem) for stem in content)
    if len(content) == 1 == len(whole) or len(content) > 1:
        return Cue(content, tag, min(1.0, strength + 0.25 * (len(content) - 1)), False, MOST_BETWEEN)
    return Cue(whole, tag, min(1.0, strength + 0.35 * (len(whole) - 1)), True, MOST_BETWEEN if content else 0)


def _follow(cue: Cue, words: Sequence[tuple[str, int]], place: int, tokens: Sequence[Token]) -> tuple[int | None, int]:
    """The last token of the cue where it starts at `words[place]`, and how many words stand in between."""
    sentence = tokens[words[place][1]].sentence
    between, at = 0, place
    for stem in cue.stems[1:]:
        at += 1
        while at < len(words) and words[at][0] != stem and between < cue.gap:
            at, between = at + 1, between + 1
        if at >= len(words) or words[at][0] != stem or tokens[words[at][1]].sentence != sentence:
            return None, 0
    return words[at][1], between


def _broken(text: str, tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether punctuation stands inside: "a good sign, it means" does not say "sign it"."""
    return any(not _BREAKS.isdisjoint(text[tokens[at].end : tokens[at + 1].start]) for at in range(first, last))


# --- other senses ------------------------------------------------------------------------------------------------

_idioms_by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
for _idiom in IDIOMS:
    _idioms_by_first[_idiom[0]].append(_idiom)


def muted(words: Sequence[str], kept: frozenset[tuple[str, ...]] = frozenset()) -> frozenset[int]:
    """Places of words that stand in an everyday idiom. `kept`: idioms that the article itself uses."""
    found: set[int] = set()
    for at, word in enumerate(words):
        for idiom in _idioms_by_first.get(word, ()):
            if tuple(words[at : at + len(idiom)]) == idiom and idiom not in kept:
                found.update(range(at, at + len(idiom)))
    return frozenset(found)


def idioms_in(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The idioms that a definition uses, which then are no idioms to its article."""
    return frozenset(
        idiom
        for at, word in enumerate(words)
        for idiom in _idioms_by_first.get(word, ())
        if tuple(words[at : at + len(idiom)]) == idiom
    )
