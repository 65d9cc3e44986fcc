"""The tagger `embeddings`: the lexical scorer, and beside it how close a comment is to a tag in meaning.

Optional: it needs numpy and a model directory (`weights`). Owns the similarities and their calibration; callers use it
through the `Tagger` protocol. Words and cues are the lexical tagger's business: its probability is one feature here.
Similarities mean nothing by themselves – all comments under an article are alike – so each is centred on the article,
and compared with the article's other tags. Where the article's comments are known, they teach as they teach the lexical
tagger (`feedback`), by one more measure: in which direction a tag's comments lie. Examples that people gave teach a
model of the tag on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.taggers.encoder import Array, Encoder, unit_length  # first: it bounds numpy's threads

import numpy as np  # isort: skip

from analysis.taggers import calibration
from analysis.taggers.calibration import first_logits, taught_rows
from analysis.taggers.examples import stems_of
from analysis.taggers.examples import train as train_words
from analysis.taggers.feedback import Feedback, Shares
from analysis.taggers.learned import TagModel
from analysis.taggers.lexical import PreparedLexical, Weighed, known_texts, labels_of
from analysis.taggers.likeness import Likeness, train
from analysis.taggers.logistic import dot, logit, sigmoid
from analysis.taggers.protocol import Span, Tagged, TaggingContext, TagScore, tagged_from, verdict_for
from analysis.taggers.reading import text_of
from analysis.taggers.vectors import RecentVectors, Vectors, VectorStore, digest_of, pack, unpack
from analysis.taggers.weights import MINILM, TENSORS, Release
from analysis.taxonomy import TagDefinition

# --- constants ---------------------------------------------------------------------------------------------------

FEATURES = ("bias", "words", "meaning", "meaning_lead", "top", "apart_lead")
"""The columns of the first pass; what each means is written at `PreparedEmbeddings.features`."""

TAUGHT_FEATURES = (*calibration.TAUGHT_FEATURES, "words", "cued_words")
"""The columns of the second pass: the lexical tagger's, of a first pass that knows meanings too, and the log-odds of
the lexical first pass for tags without cues and with them."""

ALONE: tuple[float, ...] = (0.34, 0.67, 0.85, 2.76, 0.00, 4.33)
WITH_TEXTS: tuple[float, ...] = (0.30, 0.74, 2.03, 3.93, 0.00, 3.88)
TAUGHT: tuple[float, ...] = (-0.19, 0.44, 0.00, 1.12, 0.05, 0.68, 0.02, 0.00, 0.27, 0.48, 0.09, 0.42)
"""Logistic regression from features to the probability that the tag applies: ALONE from the definitions, WITH_TEXTS for
the first pass over an article's comments, TAUGHT for the second. Fitted by `analysis.taggers.fit_embeddings`, which
says on what."""

FEWEST_TEXTS = 25
"""Below this many comments their mean says more about chance than about the article."""
EXPECTED_WORTH = 10.0
"""How many comments the expectation from the definitions counts as much as, in a tag's usual similarity."""
EXPECTED = (0.01, 0.87)
"""A tag's usual similarity to the comments of its article, from its mean similarity to the article's other tags: they
are alike where the article is narrow. Regressed on the sets that the calibration is fitted on (r = 0.9)."""
EXPECTED_ALONE = 0.15
"""The same for a tag without others."""
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
        self.version = f"3 {self._model}"
        self._encoder = encoder
        self._store = RecentVectors() if store is None else store

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
        words = PreparedLexical(definitions, context, is_taught=False)
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
        self._cues = tuple(len(definition.cues) for definition in self._definitions)
        self._feedback: Feedback | None = None
        self._is_alone = True
        self._likeness: dict[int, Likeness] = {}
        self._models: dict[str, TagModel] = {}
        if not self._definitions:
            return
        self._meanings: Array = np.stack([tagger.vectors(_said(one)).whole for one in self._definitions])
        self._apart: Array = unit_length(self._meanings - self._meanings.mean(axis=0))
        self._usual: Array = self._expected()
        self._centre: Array = self._meanings.mean(axis=0)
        if len(known := known_texts(context)) >= FEWEST_TEXTS:
            self._learn_from_texts(known, context)
        if context.models is not None:
            self._models = {tag: model for tag, model in context.models.items() if model.scorer == tagger.scorer}
        self._learn_from_examples(context)

    # --- scoring -------------------------------------------------------------------------------------------------

    def zero_shot(self, text: str) -> list[float]:
        """The probability of every tag, in the order of the definitions, from everything but people's examples."""
        if not self._definitions:
            return []
        return self._zero_shot(self._words.weigh(text), self._read(text))

    def features(self, text: str) -> tuple[Array, list[tuple[float, ...]]]:
        """The columns of FEATURES and of TAUGHT_FEATURES for each tag, as rows; none of the second where the article's
        comments are not known.

        words: log-odds of the lexical tagger's first pass; meaning: the mean of two similarities to the tag's "name.
        description", of the whole comment and of its closest sentence, less what is usual for the tag in this article;
        meaning_lead: the same less the best other tag's; top: the tag that the comment is closest to in meaning;
        apart_lead: the lead again, of similarities after what the article's comments have in common is taken from the
        comment, and what its tags have in common from the tags. Similarities to the name alone, to single cues, in
        units of their spread, whitened or without the main directions, and less those of the nearest comments (CSLS)
        were tried and add nothing to these.
        """
        weighed, read = self._words.weigh(text), self._read(text)
        first = self._features(weighed, read)
        return first, self._taught_rows(weighed, read, self._logits(first))

    def tag(self, comment_text: str) -> Tagged:
        """Decide the tags of one comment; any string is fine."""
        if not self._definitions:
            return tagged_from(())
        weighed, read = self._words.weigh(comment_text), self._read(comment_text)
        if read.is_empty:
            return self._words.tag(comment_text)
        similar = read.vectors.sentences @ self._meanings.T
        scores = []
        for number, chance in enumerate(self._with_examples(weighed, read)):
            tag = self._definitions[number].id
            confidence = round(chance, 4)
            verdict = verdict_for(confidence)
            if verdict is None:
                continue
            # The words' best sentence is the right one oftener (0.75) than the one closest in meaning (0.55).
            evidence = self._words.evidence(weighed, number, feedback=self._feedback) or (
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

    def _features(self, weighed: Weighed, read: _Read) -> Array:
        meaning = self._meaning(read) - self._usual
        apart = self._apart @ self._placed(read)
        several = len(meaning) > 1
        columns = [
            np.ones_like(meaning),
            np.array(first_logits(weighed.rows), np.float32),
            meaning,
            _lead(meaning).clip(-MOST_LEAD, MOST_LEAD),
            (meaning == meaning.max()) if several else np.zeros_like(meaning),
            _lead(apart).clip(-MOST_LEAD, MOST_LEAD),
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _placed(self, read: _Read) -> Array:
        """In which direction the comment lies from the article's middle."""
        return unit_length(read.vectors.whole - self._centre)

    def _logits(self, features: Array) -> list[float]:
        """The first pass's log-odds for every tag."""
        coefficients = ALONE if self._is_alone else WITH_TEXTS
        found: list[float] = (features @ np.array(coefficients, np.float32)).clip(-MOST_LOGIT, MOST_LOGIT).tolist()
        return found

    def _taught_rows(self, weighed: Weighed, read: _Read, firsts: Sequence[float]) -> list[tuple[float, ...]]:
        if self._feedback is None:
            return []
        stems = weighed.text.stems
        told = self._feedback.logits(weighed.text.text, stems, self._placed(read))
        rows = taught_rows(weighed.rows, firsts, told, cues=self._cues, size=len(stems))
        found = []
        for row, words, number in zip(rows, first_logits(weighed.rows), self._cues, strict=True):
            cued = min(1.0, number / calibration.MANY_CUES)
            found.append((*row, words * (1.0 - cued), words * cued))
        return found

    def _zero_shot(self, weighed: Weighed, read: _Read) -> list[float]:
        if read.is_empty:
            return weighed.chances
        firsts = self._logits(self._features(weighed, read))
        if self._feedback is None:
            return [sigmoid(value) for value in firsts]
        return [sigmoid(dot(row, TAUGHT)) for row in self._taught_rows(weighed, read, firsts)]

    def _with_examples(self, weighed: Weighed, read: _Read) -> list[float]:
        """Every tag's probability, with what examples taught: by their vectors, by their words, or half by each."""
        found: list[float] = []
        whole = self._placed(read)
        for number, chance in enumerate(self._zero_shot(weighed, read)):
            likeness, model = self._likeness.get(number), self._models.get(self._definitions[number].id)
            taught = [likeness.probability(chance, whole)] if likeness is not None else []
            if model is not None:
                taught.append(model.probability(chance, weighed.text.stems))
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

    def _learn_from_texts(self, texts: Sequence[str], context: TaggingContext) -> None:
        """What is usual in this article; then what its comments teach, those of each tag being what a first pass takes
        for them."""
        reads = [(text, read) for text in texts if not (read := self._read(text)).is_empty]
        if not reads:
            return
        meanings = sum((self._meaning(read) for _, read in reads), np.zeros_like(self._usual))
        usual = (meanings + EXPECTED_WORTH * self._usual) / (len(reads) + EXPECTED_WORTH)
        self._usual = usual.astype(np.float32)
        self._centre = np.stack([read.vectors.whole for _, read in reads]).mean(axis=0)
        self._is_alone = False
        weighed = [self._words.weigh(text) for text, _ in reads]
        first = [self._logits(self._features(one, read)) for one, (_, read) in zip(weighed, reads, strict=True)]
        documents = [(one.text.text, one.text.stems) for one in weighed]
        labels = labels_of(context, [text for text, _ in reads], self._definitions)
        places = np.stack([self._placed(read) for _, read in reads])
        self._feedback = Feedback(documents, first, labels, _Directions(places, len(self._definitions)), list(places))

    def _learn_from_examples(self, context: TaggingContext) -> None:
        """A model of each tag from people's examples; where versions are kept elsewhere, for their tags only."""
        reads = [(example, self._read(example.text)) for example in context.examples]
        reads = [(example, read) for example, read in reads if not read.is_empty]
        if not reads:
            return
        examples = [example for example, _ in reads]
        chances = np.array([self._zero_shot(self._words.weigh(one.text), read) for one, read in reads], np.float32)
        wholes = np.stack([self._placed(read) for _, read in reads])
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


class _Directions:
    """In which direction from the article's middle the comments of each tag lie; a `feedback.View`."""

    def __init__(self, places: Array, size: int) -> None:
        """`places`: the direction of every document, a row each; `size`: how many tags there are."""
        self._places = places
        self._size = size

    def teach(self, shares: Sequence[Shares]) -> None:
        parts: Array = np.zeros((len(shares), self._size), np.float32)
        for at, share in enumerate(shares):
            for tag, part in share.items():
                parts[at, tag] = part
        self._sums: Array = parts.T @ self._places
        self._length: Array = np.sqrt(np.square(self._sums).sum(axis=1)) + np.float32(0.5)

    def alike(self, comment: Array, own: Shares) -> list[float]:
        found: list[float] = (self._sums @ comment).tolist()
        for tag, part in own.items():
            found[tag] -= part
        return [value / length for value, length in zip(found, self._length.tolist(), strict=True)]


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
