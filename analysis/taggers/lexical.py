"""The default tagger: finds what a comment is about by the words of each tag's name, description and cues.

Works for any article from its definitions alone, in plain Python; callers use it through `analysis.taggers.LEXICAL`.
What counts as evidence: content words by their stems, each weighed by how rare it is among the article's tags (a stem
that k tags share counts 1/k), in general, and in the article's comments; an editor's cues, whole or by their words; and
the best sentence or two neighbouring sentences, not the whole comment, so that stray words do not add up. Where the
article's comments are known, they teach which other words go with a tag; where people have given examples, a model of
the tag is trained on top, and used where it is better. `calibration` turns all of it into probabilities.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.taggers import calibration
from analysis.taggers.calibration import first_logits, first_rows, taught_rows
from analysis.taggers.definitions import Index, build_index
from analysis.taggers.evidence import spans_of
from analysis.taggers.examples import stems_of, train
from analysis.taggers.feedback import Feedback, Labels
from analysis.taggers.learned import TagModel, strongest_words
from analysis.taggers.logistic import dot, sigmoid
from analysis.taggers.protocol import Span, Tagged, TaggingContext, TagScore, tagged_from, verdict_for
from analysis.taggers.reading import NOTHING, Found, Place, Text, read, text_of
from analysis.taggers.stems import Languages
from analysis.taxonomy import TagDefinition

FEWEST_TEXTS = 25
"""Below this many comments their word counts say more about chance than about the article."""
LEARNED_FROM = 0.4
"""Log-odds of a learned word from which it is worth showing: it is half as often again in the tag's comments."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One reading of a comment: every tag's probability without examples, in the order of the definitions, and what
    was found for it. `rows`: the features of the first pass."""

    text: Text
    rows: list[tuple[float, ...]]
    chances: list[float]
    found: Mapping[int, Found]


class PreparedLexical:
    """One article's definitions, ready for its comments. Indexes are built when a language is first met."""

    def __init__(
        self, definitions: Sequence[TagDefinition], context: TaggingContext, *, is_taught: bool = True
    ) -> None:
        """`is_taught`: whether the context's comments and examples teach; without, they only show which words are
        common, for a caller that does the teaching."""
        self._definitions = tuple(definitions)
        self._bare = tuple(not definition.cues for definition in self._definitions)
        self._cues = tuple(len(definition.cues) for definition in self._definitions)
        self._indexes: dict[Languages, Index] = {}
        self._feedback: Feedback | None = None
        self._models: Mapping[str, TagModel] = {}
        known = known_texts(context)
        texts = [text_of(text) for text in known] if len(known) >= FEWEST_TEXTS else []
        documents = [(text.text, text.stems) for text in texts]
        seen = Counter(stem for _, stems in documents for stem in set(stems))
        self._damping = {
            stem: max(0.3, math.log(len(documents) / count) / math.log(10))
            for stem, count in seen.items()
            if count * 10 > len(documents)
        }
        if not is_taught:
            return
        if texts and self._definitions:
            labels = labels_of(context, known, self._definitions)
            self._feedback = Feedback(documents, [first_logits(self._first(text)[1]) for text in texts], labels)
        if context.models is not None:
            self._models = {tag: model for tag, model in context.models.items() if model.scorer == SCORER}
        elif context.examples:
            self._models = self._trained(context)

    # --- scoring -------------------------------------------------------------------------------------------------

    def zero_shot(self, text: str) -> list[float]:
        """The probability of every tag, in the order of the definitions, from everything but people's examples."""
        return self.weigh(text).chances

    def features(self, text: str) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
        """The rows of both passes for every tag; none of the second where the article's comments are not known."""
        read_text = text_of(text)
        _, rows = self._first(read_text)
        return rows, self._taught(read_text, rows)

    def weigh(self, text: str) -> Weighed:
        """The probabilities and, in the same reading, what `evidence` marks."""
        read_text = text_of(text)
        found, rows = self._first(read_text)
        if self._feedback is not None:
            chances = [sigmoid(dot(row, calibration.WITH_TEXTS)) for row in self._taught(read_text, rows)]
        else:
            chances = [sigmoid(dot(row, calibration.FIRST_PASS)) for row in rows]
        return Weighed(read_text, rows, chances, found)

    def evidence(
        self, weighed: Weighed, number: int, model: TagModel | None = None, feedback: Feedback | None = None
    ) -> tuple[Span, ...]:
        """The words that speak for a tag, by its place in the definitions; none where the comment has none.
        `feedback`: what other comments taught, where the caller did the teaching."""
        entry = weighed.found.get(number, NOTHING)
        learned = self._learned_places(weighed.text, number, model, feedback or self._feedback)
        return spans_of(weighed.text, entry.words + entry.cue_places, learned)

    def tag(self, comment_text: str) -> Tagged:
        """Decide the tags of one comment; any string is fine."""
        weighed = self.weigh(comment_text)
        stems = weighed.text.stems
        if not stems and not weighed.found:
            return tagged_from(())  # nothing was read: no prior may speak for it
        scores = []
        for number, definition in enumerate(self._definitions):
            model = self._models.get(definition.id)
            chance = weighed.chances[number]
            confidence = round(model.probability(chance, stems) if model else chance, 4)
            verdict = verdict_for(confidence)
            if verdict is None:
                continue
            evidence = self.evidence(weighed, number, model)
            if not evidence:
                continue  # a reason that cannot be shown is none
            words = tuple(comment_text[span.start : span.end] for span in evidence)
            scores.append(TagScore(definition.id, confidence, evidence, words, verdict))
        return tagged_from(scores)

    def _index(self, languages: Languages) -> Index:
        index = self._indexes.get(languages)
        if index is None:
            index = self._indexes[languages] = build_index(self._definitions, languages, self._damping)
        return index

    def _first(self, text: Text) -> tuple[dict[int, Found], list[tuple[float, ...]]]:
        index = self._index(text.languages)
        found = read(text, index)
        return found, first_rows(found, index.description_total, self._bare)

    def _taught(self, text: Text, rows: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
        if self._feedback is None:
            return []
        stems = text.stems
        told = self._feedback.logits(text.text, stems)
        return taught_rows(rows, first_logits(rows), told, cues=self._cues, size=len(stems))

    # --- learning ------------------------------------------------------------------------------------------------

    def _trained(self, context: TaggingContext) -> dict[str, TagModel]:
        zero_shot = [self.zero_shot(example.text) for example in context.examples]
        stems = [stems_of(example.text) for example in context.examples]
        models = {}
        for number, definition in enumerate(self._definitions):
            scores = [row[number] for row in zero_shot]
            model = train(definition, context.examples, scores, scorer=SCORER, stems=stems)
            if model is not None:
                models[definition.id] = model
        return models

    @staticmethod
    def _learned_places(text: Text, number: int, model: TagModel | None, feedback: Feedback | None) -> list[Place]:
        """Words of the comment that other comments or examples taught."""
        by_people = strongest_words(text.stems, model.weights) if model else {}
        places = []
        for at, token in enumerate(text.tokens):
            if token.is_stop or at in text.quoted:
                continue
            weight = by_people.get(token.stem, 0.0)
            if feedback is not None:
                weight += feedback.weight(token.stem, number)
            if weight >= LEARNED_FROM:
                places.append(Place(at, at, weight))
        return places


def known_texts(context: TaggingContext) -> tuple[str, ...]:
    """The article's comments that may teach; a file's examples are among them."""
    if context.models is not None:
        return context.texts
    return tuple(dict.fromkeys((*context.texts, *(example.text for example in context.examples))))


def labels_of(context: TaggingContext, known: Sequence[str], definitions: Sequence[TagDefinition]) -> dict[int, Labels]:
    """What examples say, by the place of their text. Where versions of models are kept (`context.models`) they say
    nothing here: models build on probabilities that a correction must not move."""
    if context.models is not None:
        return {}
    places = {text: at for at, text in enumerate(known)}
    return {
        places[example.text]: {
            number: judgement
            for number, definition in enumerate(definitions)
            if (judgement := example.judgement(definition.id)) is not None
        }
        for example in context.examples
        if example.text in places
    }


class LexicalTagger:
    """The tagger `lexical`. Holds nothing: all knowledge is in the definitions, the context and the constants."""

    name = "lexical"
    version = "5"

    def prepare(self, definitions: Sequence[TagDefinition], context: TaggingContext | None = None) -> PreparedLexical:
        """Read the definitions once. Costs about two milliseconds for each of `context.texts`."""
        return PreparedLexical(definitions, context or TaggingContext())

    def tag(
        self, comment_text: str, definitions: Sequence[TagDefinition], context: TaggingContext | None = None
    ) -> Tagged:
        """Tag a single comment; for more than one, `prepare` first."""
        return self.prepare(definitions, context).tag(comment_text)


SCORER = f"{LexicalTagger.name} {LexicalTagger.version}"
"""Whose probabilities a learned model builds on; a model of another scorer is not used."""
