"""Reads an article's tag definitions into what can be looked up while a comment is read.

Owns the weighing of words and cues; only the lexical tagger calls it. An index holds for one pair of
languages, because definitions are stemmed the way the comment is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from analysis.taggers.cues import CueBook, idioms_in
from analysis.taggers.kin import RELATIVE_WORTH, SLIP_WORTH, Kin
from analysis.taggers.stems import HYPHENS, Languages, Token, stem_word, tokenise
from analysis.taggers.synonyms import SYNONYMS
from analysis.taggers.words import COMMON_ENGLISH
from analysis.taxonomy import TagDefinition

COMMON_WEIGHT = 0.5
"""Weight of an everyday word, where a rare one has 1."""
COMMON_CUE_WEIGHT = 0.6
"""The same for a word of a cue: an editor chose it."""
NUMBER_WEIGHT = 0.3
"""A number alone says little about what is counted; beside its word, in a cue, it tells."""
DESCRIPTION_WEIGHT = 0.5
SYNONYM_WORTH = 0.5
"""A word that people use in the place of a definition's counts this much of it. Cues get none: an editor who wanted
the other word would have written it."""
MOST_REMEMBERED = 20_000
"""Words of comments whose meaning an index keeps; beyond, they are looked up each time."""
DESCRIPTION_NEEDED = 4
"""So many of a description's words, the heaviest, are all that a comment could be expected to repeat."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one stem is worth for one tag: in its description, in name and description together, and in its cues."""

    tag: int
    description: float
    total: float
    cues: float

    def times(self, factor: float) -> Weight:
        """The same at a part of its worth."""
        return Weight(self.tag, self.description * factor, self.total * factor, self.cues * factor)


@dataclass(frozen=True, slots=True)
class Index:
    """All definitions of an article under one pair of languages. `joined` finds "ceasefire" in "cease-fire" and
    `split` the other way round."""

    by_stem: Mapping[str, tuple[Weight, ...]]
    kin: Kin
    cues: CueBook
    idioms: frozenset[tuple[str, ...]]
    joined: Mapping[str, str]
    split: Mapping[str, tuple[str, str]]
    description_total: tuple[float, ...]
    is_english: bool
    _met: dict[str, tuple[str, tuple[Weight, ...]]] = field(default_factory=dict)

    def lookup(self, stem: str) -> tuple[str, tuple[Weight, ...]]:
        """The stem that a comment means by `stem`, and what it is worth for each tag that has it or a relative."""
        exact = self.by_stem.get(stem)
        if exact is not None:
            return stem, exact
        met = self._met.get(stem)
        if met is None:
            met = self._nearly(stem)
            if len(self._met) < MOST_REMEMBERED:
                self._met[stem] = met
        return met

    def _nearly(self, stem: str) -> tuple[str, tuple[Weight, ...]]:
        meant = sorted(SYNONYMS.get(stem, _NONE) & self.by_stem.keys()) if self.is_english else ()
        if meant:
            best: dict[int, Weight] = {}
            for weight in (weight for one in meant for weight in self.by_stem[one]):
                if weight.tag not in best or weight.total > best[weight.tag].total:
                    best[weight.tag] = weight
            return stem, tuple(replace(weight.times(SYNONYM_WORTH), cues=0.0) for weight in best.values())
        if stem in _common_stems:
            return stem, ()
        slip = self.kin.slip(stem)
        if slip is not None:
            return slip, tuple(weight.times(SLIP_WORTH) for weight in self.by_stem[slip])
        relative = self.kin.relative(stem)
        if relative is not None:
            return stem, tuple(weight.times(RELATIVE_WORTH) for weight in self.by_stem[relative])
        return stem, ()


_NONE: frozenset[str] = frozenset()
_common_stems = frozenset(stem_word(word, "en") for word in COMMON_ENGLISH)


class _Builder:
    """Collects what the definitions hold; `build_index` empties it into an `Index`."""

    def __init__(self, languages: Languages, damping: Mapping[str, float]) -> None:
        self.languages = languages
        self.damping = damping
        self.joined: dict[str, str] = {}
        self.split: dict[str, tuple[str, str]] = {}
        self.idioms: set[tuple[str, ...]] = set()

    def rarity(self, stem: str) -> float:
        general = COMMON_WEIGHT if stem in _common_stems else NUMBER_WEIGHT if stem.isdigit() else 1.0
        return general * self.damping.get(stem, 1.0)

    def cue_word(self, stem: str) -> float:
        """What a single word of a cue is worth."""
        return self.rarity(stem) * (COMMON_CUE_WEIGHT / COMMON_WEIGHT if stem in _common_stems else 1.0)

    def read(self, text: str) -> tuple[Token, ...]:
        tokens = tokenise(text, self.languages)
        for token, following in pairwise(tokens):
            if text[token.end : following.start] in HYPHENS:
                whole = stem_word(token.word + following.word, self.languages.latin)
                self.split[whole] = (token.stem, following.stem)
        self.idioms |= idioms_in([token.word for token in tokens])
        for token in tokens:
            if not token.is_stop:
                self.joined.setdefault(token.word, token.stem)
        return tokens


def build_index(definitions: Sequence[TagDefinition], languages: Languages, damping: Mapping[str, float]) -> Index:
    """Weigh the words of `definitions`. `damping` lowers stems that many of the article's comments use (factor in
    (0, 1]; a stem that is missing keeps its weight)."""
    builder = _Builder(languages, damping)
    names: list[frozenset[str]] = []
    descriptions: list[frozenset[str]] = []
    cue_words: list[Counter[str]] = []
    cues: list[tuple[tuple[Token, ...], int]] = []
    for number, definition in enumerate(definitions):
        name, description = (
            [token for token in builder.read(text) if not token.is_stop]
            for text in (definition.name, definition.description)
        )
        names.append(frozenset(token.stem for token in (name or description)))
        descriptions.append(frozenset(token.stem for token in description))
        phrases = [builder.read(cue) for cue in definition.cues]
        cue_words.append(Counter(stem for cue in phrases for stem in {word.stem for word in cue if not word.is_stop}))
        cues.extend((cue, number) for cue in phrases)

    all_words = [names[at] | descriptions[at] | cue_words[at].keys() for at in range(len(definitions))]
    shared = Counter(stem for words in all_words for stem in words)
    in_cues = sum(cue_words, Counter[str]())
    by_stem: dict[str, list[Weight]] = defaultdict(list)
    description_total = []
    for number, words in enumerate(all_words):
        worth_of = {stem: builder.rarity(stem) / shared[stem] for stem in sorted(words)}
        for stem, worth in worth_of.items():
            name_worth = worth if stem in names[number] else 0.0
            description_worth = worth if stem in descriptions[number] else 0.0
            cue_worth = builder.cue_word(stem) * cue_words[number][stem] / (in_cues[stem] or 1)
            total = max(name_worth, DESCRIPTION_WEIGHT * description_worth)
            by_stem[stem].append(Weight(number, description_worth, total, cue_worth))
        heaviest = sorted((worth for stem, worth in worth_of.items() if stem in descriptions[number]), reverse=True)
        description_total.append(sum(heaviest[:DESCRIPTION_NEEDED]))
    return Index(
        by_stem={stem: tuple(weights) for stem, weights in by_stem.items()},
        kin=Kin(stem for stem in by_stem if stem not in _common_stems),
        cues=CueBook(cues, builder.rarity),
        idioms=frozenset(builder.idioms),
        joined=builder.joined,
        split=builder.split,
        description_total=tuple(description_total),
        is_english=languages.latin == "en",
    )
