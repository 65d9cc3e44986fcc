"""The tagger `embeddings`: the lexical scorer, and beside it how close a comment is to a tag in meaning.

Optional: it needs numpy and a model directory (`weights`). Owns the similarities and their calibration; callers use it
through the `Tagger` protocol. Words and cues are the lexical tagger's business: its probability is one feature here.
Similarities mean nothing by themselves – all comments under an article are alike – so each is centred on the article,
and compared with the article's other tags. Where the article's comments are known, those that a first pass is sure of
tell in which direction a tag's comments lie; examples that people gave teach a model of the tag on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.taggers.encoder import Array, Encoder, unit_length  # first: it bounds numpy's threads

import numpy as np  # isort: skip

from analysis.taggers.examples import stems_of
from analysis.taggers.examples import train as train_words
from analysis.taggers.learned import TagModel
from analysis.taggers.lexical import LexicalTagger, PreparedLexical
from analysis.taggers.likeness import Likeness, train
from analysis.taggers.logistic import logit, sigmoid
from analysis.taggers.protocol import Span, Tagged, TaggingContext, TagScore, tagged_from, verdict_for
from analysis.taggers.reading import text_of
from analysis.taggers.vectors import RecentVectors, Vectors, VectorStore, digest_of, pack, unpack
from analysis.taggers.weights import MINILM, TENSORS, Release
from analysis.taxonomy import TagDefinition

# --- constants ---------------------------------------------------------------------------------------------------

FEATURES = ("bias", "words", "meaning", "meaning_lead", "top", "kin", "kin_lead")
"""The columns of the calibration; what each means is written at `PreparedEmbeddings.features`."""

ALONE: tuple[float, ...] = (0.36, 0.73, 1.19, 5.76, 0.22, 0.00, 0.00)
WITH_TEXTS: tuple[float, ...] = (-0.29, 0.81, 2.70, 4.15, 0.29, 0.00, 0.00)
WITH_KIN: tuple[float, ...] = (-0.03, 0.79, 1.55, 3.29, 0.22, 4.85, 1.22)
"""Logistic regression from features to the probability that the tag applies: ALONE from the definitions, WITH_TEXTS for
the first pass over an article's comments, WITH_KIN after it. Fitted by `analysis.taggers.fit_embeddings`, which says on
what."""

FEWEST_TEXTS = 25
"""Below this many comments their mean says more about chance than about the article."""
EXPECTED_WORTH = 10.0
"""How many comments the expectation from the definitions counts as much as, in a tag's usual similarity."""
EXPECTED = (-0.03, 0.88)
"""A tag's usual similarity to the comments of its article, from its mean similarity to the article's other tags: they
are alike where the article is narrow. Regressed on the sets that the calibration is fitted on (r = 0.9)."""
EXPECTED_ALONE = 0.15
"""The same for a tag without others."""
SURE = 0.5
"""First-pass probability from which a comment shows where a tag's comments lie."""
KIN_SHRINKAGE = 3.0
"""Comments: a direction has to be shown by about so many before half of it is believed."""
MOST_LEAD = 0.3
MOST_LOGIT = 6.0


# --- reading -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """A comment: where its sentences lie, and its vectors."""

    spans: tuple[Span, ...]
    vectors: Vectors

    @property
    def is_empty(self) -> bool:
        return not len(self.vectors.sentences) or not self.vectors.whole.any()


def sentence_spans(text: str) -> tuple[Span, ...]:
    """The sentences of a text as the taggers cut it, each from its first word to its last."""
    spans: list[Span] = []
    sentence = -1
    for token in text_of(text).tokens:
        if token.sentence == sentence:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, token.end))
        else:
            spans.append(Span(token.start, token.end))
            sentence = token.sentence
    return tuple(spans)


class EmbeddingsTagger:
    """The tagger `embeddings`. Holds the model and the store of vectors; all else is in definitions and context."""

    name = "embeddings"

    def __init__(self, encoder: Encoder, *, store: VectorStore | None = None, release: Release = MINILM) -> None:
        self._model = release.files[TENSORS][:8]
        self.version = f"2 {self._model}"
        self._encoder = encoder
        self._store = RecentVectors() if store is None else store
        self._words = LexicalTagger()

    @classmethod
    def load(cls, directory: Path, *, store: VectorStore | None = None, release: Release = MINILM) -> EmbeddingsTagger:
        """Read the model from its directory. Raises `weights.ModelFault`."""
        return cls(Encoder.load(directory, release), store=store, release=release)

    @property
    def scorer(self) -> str:
        """Whose probabilities a learned model builds on; a model of another scorer is not used."""
        return f"{self.name} {self.version}"

    def prepare(
        self, definitions: Sequence[TagDefinition], context: TaggingContext | None = None
    ) -> PreparedEmbeddings:
        """Read the definitions once. Costs an encoding (some 50 ms for 100 words) for each of the context's texts that
        the store does not hold."""
        context = context or TaggingContext()
        # Its probability is a feature, of examples as of other comments; what they taught it would be counted twice.
        words = self._words.prepare(definitions, replace(context, examples=(), models={}))
        return PreparedEmbeddings(self, words, definitions, context)

    def tag(
        self, comment_text: str, definitions: Sequence[TagDefinition], context: TaggingContext | None = None
    ) -> Tagged:
        """Tag a single comment; for more than one, `prepare` first."""
        return self.prepare(definitions, context).tag(comment_text)

    def vectors(self, text: str, spans: Sequence[Span] | None = None) -> Vectors:
        """The vectors of a text and its sentences, from the store where it has them. They are always as the store gives
        them, so that a text gets the same tags whether it was encoded now or long ago."""
        spans = sentence_spans(text) if spans is None else spans
        digest = digest_of(self._model, text)  # other constants leave the vectors as they are
        packed = self._store.get(digest)
        if packed is not None:
            try:
                kept = unpack(packed, self._encoder.size)
            except ValueError:
                kept = None  # of another form
            if kept is not None and len(kept.sentences) <= len(spans):
                return kept
        packed = pack(self._encoder.encode([text[span.start : span.end] for span in spans]))
        self._store.put(digest, packed)
        return unpack(packed, self._encoder.size)


# --- one article -------------------------------------------------------------------------------------------------


class PreparedEmbeddings:
    """One article's definitions, ready for its comments."""

    def __init__(
        self,
        tagger: EmbeddingsTagger,
        words: PreparedLexical,
        definitions: Sequence[TagDefinition],
        context: TaggingContext,
    ) -> None:
        self._tagger = tagger
        self._words = words
        self._definitions = tuple(definitions)
        self._coefficients: Array = np.array(ALONE, np.float32)
        self._kin: _Kin | None = None
        self._likeness: dict[int, Likeness] = {}
        self._models: dict[str, TagModel] = {}
        if not self._definitions:
            return
        self._meanings: Array = np.stack([tagger.vectors(_said(one)).whole for one in self._definitions])
        self._usual: Array = self._expected()
        self._centre: Array = self._meanings.mean(axis=0)
        if len(context.texts) >= FEWEST_TEXTS:
            self._learn_from_texts(context.texts)
        if context.models is not None:
            self._models = {tag: model for tag, model in context.models.items() if model.scorer == tagger.scorer}
        self._learn_from_examples(context)

    # --- scoring -------------------------------------------------------------------------------------------------

    def zero_shot(self, text: str) -> list[float]:
        """The probability of every tag, in the order of the definitions, from everything but people's examples."""
        if not self._definitions:
            return []
        read = self._read(text)
        by_words = self._words.zero_shot(text)
        return by_words if read.is_empty else self._zero_shot(text, read, by_words).tolist()

    def features(self, text: str) -> Array:
        """The columns of FEATURES for each tag, as rows.

        words: log-odds of the lexical tagger's probability; meaning: the mean of two similarities to the tag's "name.
        description", of the whole comment and of its closest sentence, less what is usual for the tag in this article;
        meaning_lead: the same less the best other tag's; top: the tag that the comment is closest to in meaning; kin:
        how far the comment lies in the direction of the others that the first pass was sure of; kin_lead: the same less
        the best other tag's. Similarities to the name alone, to single cues, in units of their spread, the lexical
        probability less the best other tag's, and a second round of kin were tried and add nothing to these.
        """
        read = self._read(text)
        return self._features(text, self._words.zero_shot(text), read)

    def tag(self, comment_text: str) -> Tagged:
        """Decide the tags of one comment; any string is fine."""
        if not self._definitions:
            return tagged_from(())
        read = self._read(comment_text)
        if read.is_empty:
            return self._words.tag(comment_text)
        weighed = self._words.weigh(comment_text)
        taught = self._taught(comment_text, read, weighed.chances)
        if all(verdict_for(round(chance, 4)) is None for chance in taught):
            return tagged_from(())
        similar = read.vectors.sentences @ self._meanings.T
        scores = []
        for number, chance in enumerate(taught):
            tag = self._definitions[number].id
            confidence = round(chance, 4)
            verdict = verdict_for(confidence)
            if verdict is None:
                continue
            is_met = verdict_for(round(weighed.chances[number], 4)) is not None
            evidence = (is_met and self._words.evidence(weighed, number)) or (
                read.spans[int(similar[:, number].argmax())],  # no words: the sentence that is closest in meaning
            )
            words = tuple(comment_text[span.start : span.end] for span in evidence)
            scores.append(TagScore(tag, confidence, evidence, words, verdict))
        return tagged_from(scores)

    def _read(self, text: str) -> _Read:
        spans = sentence_spans(text)
        return _Read(spans, self._tagger.vectors(text, spans))

    def _meaning(self, read: _Read) -> Array:
        """Similarity of the comment to each tag, not yet centred."""
        closest = (read.vectors.sentences @ self._meanings.T).max(axis=0)
        meaning: Array = (closest + self._meanings @ read.vectors.whole) / 2
        return meaning

    def _features(self, text: str, by_words: Sequence[float], read: _Read) -> Array:
        words = np.array(by_words, np.float32)
        meaning = self._meaning(read) - self._usual
        kin = self._kin.of(text, read.vectors.whole - self._centre) if self._kin else np.zeros_like(meaning)
        several = len(words) > 1
        top = (meaning == meaning.max()) if several else np.zeros_like(meaning)
        held = np.clip(words, 1 / (1 + np.exp(MOST_LOGIT)), 1 / (1 + np.exp(-MOST_LOGIT)))
        columns = [
            np.ones_like(meaning),
            np.log(held / (1 - held)),
            meaning,
            _lead(meaning).clip(-MOST_LEAD, MOST_LEAD),
            top,
            kin,
            _lead(kin).clip(-MOST_LEAD, MOST_LEAD),
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _zero_shot(self, text: str, read: _Read, by_words: Sequence[float]) -> Array:
        return _chance(self._features(text, by_words, read) @ self._coefficients)

    def _taught(self, text: str, read: _Read, by_words: Sequence[float]) -> list[float]:
        """Every tag's probability, with what examples taught: by their vectors, by their words, or half by each."""
        found: list[float] = []
        whole = unit_length(read.vectors.whole - self._centre)
        stems = text_of(text).stems if self._models else []
        for number, chance in enumerate(self._zero_shot(text, read, by_words).tolist()):
            likeness, model = self._likeness.get(number), self._models.get(self._definitions[number].id)
            taught = [likeness.probability(chance, whole)] if likeness is not None else []
            if model is not None:
                taught.append(model.probability(chance, stems))
            found.append(sigmoid(sum(map(logit, taught)) / len(taught)) if taught else chance)
        return found

    # --- learning ------------------------------------------------------------------------------------------------

    def expectation(self, texts: Sequence[str]) -> tuple[list[float], list[float]]:
        """What EXPECTED is fitted on: for each tag the mean similarity to the others, and to `texts`. Empty where there
        is one tag or no text."""
        reads = [read for read in map(self._read, texts) if not read.is_empty]
        if len(self._definitions) < 2 or not reads:
            return [], []
        return self._alike().tolist(), np.mean([self._meaning(read) for read in reads], axis=0).tolist()

    def _alike(self) -> Array:
        """The mean similarity of each tag to the article's others."""
        alike = self._meanings @ self._meanings.T
        others: Array = (alike.sum(axis=1) - alike.diagonal()) / np.float32(len(alike) - 1)
        return others

    def _expected(self) -> Array:
        if len(self._definitions) == 1:
            return np.full(1, EXPECTED_ALONE, np.float32)
        base, slope = EXPECTED
        expected: Array = base + slope * self._alike()
        return expected

    def _learn_from_texts(self, texts: Sequence[str]) -> None:
        """What is usual in this article; then where the comments of each tag lie, from those that are sure."""
        reads = [(text, read) for text in texts if not (read := self._read(text)).is_empty]
        if not reads:
            return
        meanings = sum((self._meaning(read) for _, read in reads), np.zeros_like(self._usual))
        usual = (meanings + EXPECTED_WORTH * self._usual) / (len(reads) + EXPECTED_WORTH)
        self._usual = usual.astype(np.float32)
        self._centre = np.stack([read.vectors.whole for _, read in reads]).mean(axis=0)
        self._coefficients = np.array(WITH_TEXTS, np.float32)
        first = np.stack([self._zero_shot(text, read, self._words.zero_shot(text)) for text, read in reads])
        wholes = np.stack([read.vectors.whole for _, read in reads]) - self._centre
        self._kin = _Kin([text for text, _ in reads], wholes, np.where(first >= SURE, first, 0).astype(np.float32))
        self._coefficients = np.array(WITH_KIN, np.float32)

    def _learn_from_examples(self, context: TaggingContext) -> None:
        """A model of each tag from people's examples; where versions are kept elsewhere, for their tags only."""
        reads = [(example, self._read(example.text)) for example in context.examples]
        reads = [(example, read) for example, read in reads if not read.is_empty]
        if not reads:
            return
        examples = [example for example, _ in reads]
        chances = np.stack([self._zero_shot(one.text, read, self._words.zero_shot(one.text)) for one, read in reads])
        wholes = unit_length(np.stack([read.vectors.whole for _, read in reads]) - self._centre)
        if context.models is None:
            stems = [stems_of(example.text) for example in examples]
            for number, definition in enumerate(self._definitions):
                scores = chances[:, number].tolist()
                model = train_words(definition, examples, scores, scorer=self._tagger.scorer, stems=stems)
                if model is not None:
                    self._models[definition.id] = model
        for number, definition in enumerate(self._definitions):
            if context.models is not None and definition.id not in self._models:
                continue
            likeness = train([one.judgement(definition.id) for one in examples], chances[:, number], wholes)
            if likeness is not None:
                self._likeness[number] = likeness


class _Kin:
    """In which direction from the article's middle the comments of each tag lie."""

    def __init__(self, texts: Sequence[str], wholes: Array, shares: Array) -> None:
        """`wholes`: centred vectors, a row each; `shares`: how far each belongs to each tag, 0 where it is not sure."""
        self._sums: Array = shares.T @ wholes
        self._counts: Array = shares.sum(axis=0)
        # A comment is compared with what the others showed: it must not confirm itself.
        self._own = {
            text: (whole, share) for text, whole, share in zip(texts, wholes, shares, strict=True) if share.any()
        }

    def of(self, text: str, whole: Array) -> Array:
        """For each tag, how far the centred vector of `text` lies in its direction; 0 where none is known."""
        sums, counts = self._sums, self._counts
        if text in self._own:
            own, share = self._own[text]
            sums, counts = sums - share[:, None] * own, counts - share
        kin: Array = (sums @ unit_length(whole)) / (counts + np.float32(KIN_SHRINKAGE))
        return kin


# --- arithmetic --------------------------------------------------------------------------------------------------


def _said(definition: TagDefinition) -> str:
    """What a tag says of itself, as it is compared with comments."""
    return ". ".join(part for part in (definition.name.rstrip("."), definition.description) if part)


def _lead(values: Array) -> Array:
    """Each value less the best other; zeros where there is no other."""
    if len(values) < 2:
        return np.zeros_like(values)
    second, first = np.partition(values, -2)[-2:]
    lead: Array = values - np.where(values == first, second, first)
    return lead


def _chance(scores: Array) -> Array:
    chance: Array = 1 / (1 + np.exp(-scores.clip(-30, 30)))
    return chance
