"""The first tagger: finds what a comment is about by the words of each tag's name, description and cues.

Works for any article from its definitions alone, in plain Python. Owns the features and the calibration; callers use
it through `analysis.taggers.LEXICAL`. What counts as evidence: content words by their stems, each weighed by how rare
it is among the article's tags (a stem that k tags share counts 1/k), in general, and in the article's comments; an
editor's cues, whole or by their words; and the best sentence or two neighbouring sentences, not the whole comment, so
that stray words do not add up.
Where the article's comments are known, words that go with a tag there ("librarian" with libraries) are learned from the
comments that a first pass is sure of; labelled examples are learned from in the same way.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.taggers.cues import Hit, muted
from analysis.taggers.definitions import Index, Weight, build_index
from analysis.taggers.learned import words_for
from analysis.taggers.protocol import (
    UNCERTAIN_FROM,
    Span,
    Tagged,
    TaggingContext,
    TagScore,
    tagged_from,
    verdict_for,
)
from analysis.taggers.stems import HYPHENS, Languages, Token, guess_languages, tokenise
from analysis.taxonomy import TagDefinition

# --- constants ---------------------------------------------------------------------------------------------------

FEATURES = (
    "bias", "description", "margin", "again", "learned", "phrase", "word", "cue_words", "cue_margin", "bare",
)  # fmt: skip
"""The columns of the calibration; what each means is written at `_Prepared.features`."""

FIRST_PASS: tuple[float, ...] = (-2.84, 1.32, 1.62, 1.64, 0.00, 0.72, 2.32, 2.07, 0.80, 0.98)
WITH_TEXTS: tuple[float, ...] = (-2.58, 3.12, 0.36, 1.27, 2.19, 0.83, 1.49, 2.20, 0.28, 1.00)
"""Logistic regression from features to the probability that the tag applies: FIRST_PASS from the definitions alone,
WITH_TEXTS where the article's own comments or labelled examples have taught further words. Fitted by
`analysis.taggers.fit_lexical` on four sets that weigh the same: newspaper comments under twenty debates, short
arguments against key points of forty topics (both research data, tags defined by name and description alone), and the
demonstration discussion in seeds/, once with its cues and once without. Coefficients are held at 0 or above: evidence
never counts against its own tag."""

NEIGHBOUR = 0.85
"""A word in the next sentence counts this much of one in the sentence itself."""
JOIN_WITHIN = 2
"""Matched words with at most one word between them become one piece of evidence."""
FAR_WEAKER = 0.4
"""Words with less than this share of the strongest word's weight are no evidence worth marking."""
LEARNED_TELLS = 2.0
"""Weight of learned words from which they are shown as evidence beside the definition's own."""
FEWEST_TEXTS = 25
"""Below this many comments their word counts say more about chance than about the article."""
SURE = 0.6
"""First-pass confidence from which an unlabelled comment teaches words."""


# --- one comment -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Tokens `first` to `last` (both included) and how much they say."""

    first: int
    last: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Text:
    """A comment that has been cut into words."""

    text: str
    languages: Languages
    tokens: tuple[Token, ...]

    def with_hyphens(self, place: _Place) -> _Place:
        """The place with what is joined to it by hyphens, since nobody marks half a word. Three steps each way: a
        comment may be one long row of hyphens."""
        first, last = place.first, place.last
        while first > max(0, place.first - 3) and self._is_joined(first - 1):
            first -= 1
        while last < place.last + 3 and self._is_joined(last):
            last += 1
        return _Place(first, last, place.weight)

    def _is_joined(self, at: int) -> bool:
        """Whether a hyphen joins the token to the next one."""
        return at + 1 < len(self.tokens) and self.text[self.tokens[at].end : self.tokens[at + 1].start] in HYPHENS


def _tokens_of(text: str) -> _Text:
    languages = guess_languages(text)
    return _Text(text, languages, tokenise(text, languages))


@dataclass(slots=True)
class _Found:
    """What one comment holds for one tag; filled while its words are read."""

    sentences: dict[int, dict[str, Weight]] = field(default_factory=dict)
    phrases: dict[tuple[str, ...], float] = field(default_factory=dict)
    cue_words: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    words: list[_Place] = field(default_factory=list)
    cue_places: list[_Place] = field(default_factory=list)
    learned_places: list[_Place] = field(default_factory=list)
    mentions: float = 0.0
    learned: float = 0.0


@dataclass(frozen=True, slots=True)
class _Window:
    """The best sentence for a tag with, where it adds, a neighbouring one."""

    sentences: frozenset[int]
    description: float
    total: float


_NO_WINDOW = _Window(frozenset(), 0.0, 0.0)


def _best_window(sentences: Mapping[int, Mapping[str, Weight]]) -> _Window:
    best = _NO_WINDOW
    for at, here in sentences.items():
        for neighbour in (at + 1, at - 1):
            beside = sentences.get(neighbour, {})
            words = [(weight, 1.0) for weight in here.values()]
            words += [(weight, NEIGHBOUR) for stem, weight in beside.items() if stem not in here]
            total = sum(weight.total * factor for weight, factor in words)
            if total > best.total:
                best = _Window(
                    frozenset((at, neighbour) if beside else (at,)),
                    sum(weight.description * factor for weight, factor in words),
                    total,
                )
    return best


class _Prepared:
    """One article's definitions, ready for its comments. Indexes are built when a language is first met."""

    def __init__(self, definitions: Sequence[TagDefinition], context: TaggingContext) -> None:
        self._definitions = tuple(definitions)
        self._indexes: dict[Languages, Index] = {}
        self._learned: dict[str, tuple[tuple[int, float], ...]] = {}
        self._coefficients = FIRST_PASS
        texts = context.texts if len(context.texts) >= FEWEST_TEXTS else ()
        read = [_tokens_of(text) for text in texts]
        documents = [frozenset(token.stem for token in one.tokens if not token.is_stop) for one in read]
        seen = Counter(stem for stems in documents for stem in stems)
        self._damping = {
            stem: max(0.3, math.log(len(documents) / count) / math.log(10))
            for stem, count in seen.items()
            if count * 10 > len(documents)
        }
        if texts or context.examples:
            self._learn(read, documents, context)

    def _learn(self, texts: Sequence[_Text], documents: list[frozenset[str]], context: TaggingContext) -> None:
        """Words that go with each tag. Comments that the first pass is unsure of teach nothing either way."""
        first = [self._confidences(text) for text in texts]
        labelled = [
            frozenset(token.stem for token in tokenise(example.text) if not token.is_stop)
            for example in context.examples
        ]
        learned: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, definition in enumerate(self._definitions):
            sure = [scores.get(number, 0.0) for scores in first]
            shares = [score if score >= SURE else 0.0 for score in sure]
            counted = [0.0 if UNCERTAIN_FROM <= score < SURE else 1.0 for score in sure]
            for example in context.examples:
                judgement = example.judgement(definition.id)
                shares.append(1.0 if judgement else 0.0)
                counted.append(0.0 if judgement is None else 1.0)
            for word in words_for(documents + labelled, shares, priors=counted):
                learned[word.stem].append((number, word.weight))
        self._learned = {stem: tuple(weights) for stem, weights in learned.items()}
        self._coefficients = WITH_TEXTS

    def _index(self, languages: Languages) -> Index:
        index = self._indexes.get(languages)
        if index is None:
            index = self._indexes[languages] = build_index(self._definitions, languages, self._damping)
        return index

    def _read(self, text: _Text) -> tuple[Index, dict[int, _Found]]:
        """Find everything in the comment that speaks for any tag."""
        tokens, index = text.tokens, self._index(text.languages)
        found: dict[int, _Found] = defaultdict(_Found)
        content: list[tuple[str, int]] = []  # stem, number of its token
        learned_from: set[str] = set()
        mute = muted([token.word for token in tokens], index.idioms)
        for at, token in enumerate(tokens):
            if at in mute:
                continue
            if not token.is_stop:
                for stem in index.split.get(token.stem, (token.stem,)):
                    content.append((stem, at))
                    self._note(found, index, stem, at, at, token.sentence)
                if token.stem in self._learned and token.stem not in learned_from:
                    learned_from.add(token.stem)
                    for number, weight in self._learned[token.stem]:
                        found[number].learned += weight
                        found[number].learned_places.append(_Place(at, at, weight / 4))
            if at + 1 < len(tokens) and tokens[at + 1].start - token.end == 1:
                whole = index.joined.get(token.word + tokens[at + 1].word)
                if whole is not None:
                    content.append((whole, at))
                    self._note(found, index, whole, at, at + 1, token.sentence)
        for hit in index.cues.hits(text.text, tokens, content, mute):
            self._note_cue(found[hit.cue.tag], hit, tokens[hit.first].sentence)
        return index, found

    @staticmethod
    def _note_cue(entry: _Found, hit: Hit, sentence: int) -> None:
        if hit.cue.is_whole and hit.cue.stems not in entry.phrases:
            entry.cue_words[sentence] += hit.strength  # its words are everyday words, which say nothing singly
        entry.phrases[hit.cue.stems] = max(entry.phrases.get(hit.cue.stems, 0.0), hit.strength)
        entry.cue_places.append(_Place(hit.first, hit.last, hit.strength))

    @staticmethod
    def _note(found: dict[int, _Found], index: Index, stem: str, first: int, last: int, sentence: int) -> None:
        for weight in index.by_stem.get(stem, ()):
            entry = found[weight.tag]
            in_sentence = entry.sentences.setdefault(sentence, {})
            if stem not in in_sentence:
                in_sentence[stem] = weight
                entry.cue_words[sentence] += weight.cues
            entry.words.append(_Place(first, last, max(weight.total, weight.cues)))
            entry.mentions += weight.total

    def features(self, text: str) -> dict[int, tuple[float, ...]]:
        """The columns of FEATURES for each tag (by its place in the definitions) that the text says anything about.

        description: share of the weight of the description's heaviest words that the best window holds; margin:
        weight of the window less the best other tag's; again: log of the weight of all mentions in the comment;
        learned: weight of learned words in the comment less the best other tag's, in fours; phrase, word: the
        strongest cue of several words, or of one, and half the next; cue_words: log of the weight of all words of
        the tag's cues, met singly or not; cue_margin: weight of those in the best sentence less the best other tag's;
        bare: the tag has no cues, so their absence says nothing. Shares of the name, cues met in part, the comment's
        other topics, and being the top tag were tried and add nothing to these.
        """
        return self._all_features(_tokens_of(text))

    def _all_features(self, text: _Text) -> dict[int, tuple[float, ...]]:
        index, found = self._read(text)
        windows = {number: _best_window(entry.sentences) for number, entry in found.items()}
        return self._features(index, found, windows)

    def _features(
        self, index: Index, found: Mapping[int, _Found], windows: Mapping[int, _Window]
    ) -> dict[int, tuple[float, ...]]:
        totals = _two_best(window.total for window in windows.values())
        learned = _two_best(entry.learned for entry in found.values())
        cue_words = {number: max(entry.cue_words.values(), default=0.0) for number, entry in found.items()}
        most_cue_words = _two_best(cue_words.values())
        rows: dict[int, tuple[float, ...]] = {}
        for number, entry in found.items():
            window = windows[number]
            rows[number] = (
                1.0,
                min(1.0, window.description / (index.description_total[number] or 1.0)),
                _clamped(window.total - _rival(window.total, totals), 2.0),
                math.log1p(entry.mentions),
                _clamped(entry.learned - _rival(entry.learned, learned), 4.0) / 4.0,
                _strongest(strength for stems, strength in entry.phrases.items() if len(stems) > 1),
                _strongest(strength for stems, strength in entry.phrases.items() if len(stems) == 1),
                math.log1p(sum(entry.cue_words.values())),
                _clamped(cue_words[number] - _rival(cue_words[number], most_cue_words), 2.0),
                0.0 if self._definitions[number].cues else 1.0,
            )
        return rows

    def _confidences(self, text: _Text) -> dict[int, float]:
        return {number: probability(row, self._coefficients) for number, row in self._all_features(text).items()}

    def tag(self, comment_text: str) -> Tagged:
        """Decide the tags of one comment; any string is fine."""
        text = _tokens_of(comment_text)
        index, found = self._read(text)
        windows = {number: _best_window(entry.sentences) for number, entry in found.items()}
        scores = []
        for number, row in self._features(index, found, windows).items():
            confidence = round(probability(row, self._coefficients), 4)
            verdict = verdict_for(confidence)
            if verdict is None:
                continue
            evidence = _evidence(found[number], windows[number], text)
            words = tuple(comment_text[span.start : span.end] for span in evidence)
            scores.append(TagScore(self._definitions[number].id, confidence, evidence, words, verdict))
        return tagged_from(scores)


def _two_best(values: Iterable[float]) -> tuple[float, float]:
    first, second, *_ = [*sorted(values, reverse=True), 0.0, 0.0]
    return first, second


def _rival(own: float, best: tuple[float, float]) -> float:
    """The best value of another tag."""
    return best[1] if own == best[0] else best[0]


def _clamped(value: float, most: float) -> float:
    return max(-most, min(most, value))


def _strongest(strengths: Iterable[float]) -> float:
    first, second = _two_best(strengths)
    return first + second / 2


def probability(row: Sequence[float], coefficients: Sequence[float]) -> float:
    """What a calibration makes of one row of features."""
    score = sum(value * coefficient for value, coefficient in zip(row, coefficients, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


def _evidence(entry: _Found, window: _Window, text: _Text) -> tuple[Span, ...]:
    """The words that decided, as spans in order and apart: cues wherever they stand, words of the best sentence, and
    learned words where they weighed in. Words far weaker than the best one are left out."""
    tokens = text.tokens
    sentences = set(window.sentences)
    best = max(entry.cue_words.values(), default=0.0)
    if best > 0:
        sentences.add(min(sentence for sentence, weight in entry.cue_words.items() if weight == best))
    places = entry.cue_places + [place for place in entry.words if tokens[place.first].sentence in sentences]
    if entry.learned >= LEARNED_TELLS or not places:
        places += entry.learned_places
    weakest = max(place.weight for place in places) * FAR_WEAKER
    joined: list[tuple[int, int]] = []
    for place in sorted(text.with_hyphens(place) for place in places if place.weight >= weakest):
        before = joined[-1][1] if joined else 0
        if joined and place.first - before <= JOIN_WITHIN and tokens[place.first].sentence == tokens[before].sentence:
            joined[-1] = (joined[-1][0], max(place.last, before))
        else:
            joined.append((place.first, place.last))
    spans: list[Span] = []
    for first, last in joined:
        start, end = tokens[first].start, tokens[last].end
        if spans and start < spans[-1].end:  # pairs of characters, in scripts without spaces, overlap
            start, end = spans[-1].start, max(end, spans[-1].end)
            spans.pop()
        spans.append(Span(start, end))
    return tuple(spans)


class LexicalTagger:
    """The tagger `lexical`. Holds nothing: all knowledge is in the definitions, the context and this module."""

    name = "lexical"
    version = "2"

    def prepare(self, definitions: Sequence[TagDefinition], context: TaggingContext | None = None) -> _Prepared:
        """Read the definitions once. Costs about a millisecond for each of `context.texts`."""
        return _Prepared(definitions, context or TaggingContext())

    def tag(
        self, comment_text: str, definitions: Sequence[TagDefinition], context: TaggingContext | None = None
    ) -> Tagged:
        """Tag a single comment; for more than one, `prepare` first."""
        return self.prepare(definitions, context).tag(comment_text)
