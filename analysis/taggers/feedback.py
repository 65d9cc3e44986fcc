"""Learns from an article's own unlabelled comments which other words go with each tag ("librarian" with libraries).

Owns pseudo-relevance feedback; only the lexical tagger calls it. A first pass gives every comment a soft share in each
tag; from the shares come, for each tag, a direction (a Rocchio centroid, centred on the article, so that what all its
comments talk about says nothing) and word odds (naive Bayes, shrunk towards the article's own word counts). A comment
is always compared with what the OTHERS taught: it must not confirm itself, and a new comment must get what an old one
gets. How far the two are believed is fitted on the article itself, to how well they foretell the first pass; where
comments of a tag have nothing else in common, nothing is learned. Comments that people labelled keep the shares that
people gave them, and count more than others. Plain Python, deterministic.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from operator import mul
from typing import Any, Protocol

from analysis.taggers.logistic import dot, fit_rising

ROUNDS = 4
"""Each shares the comments out by what the last one taught. The second gains most, the fourth a little, and eight do
not drift: the belief is fitted to the first pass each time."""
LEAST_SHARE = 0.05
"""Smaller shares teach nothing."""
LABELLED = 6.0
"""How many comments a labelled one counts as much as."""
FEWEST_DOCUMENTS = 2
"""Comments that must hold a word before it teaches: in one alone it can only confirm that one."""
BACKGROUND = 40.0
"""Words of the article's general use that are added to each tag's own, so that few comments teach little."""
MOST_LOGIT = 6.0
MOST_PAIRS = 4_000
"""Pairs of comment and tag that the belief is fitted on; of more, an even sample."""

Shares = dict[int, float]
Labels = Mapping[int, bool]
"""What people said of one comment, by the tag's place; a tag that is missing is undecided."""


class View(Protocol):
    """Another way than by words to tell how near a comment lies to those of a tag. `comment` is what the view knows of
    one."""

    def teach(self, shares: Sequence[Shares]) -> None:
        """Take in the shares of all documents, in order."""
        ...

    def alike(self, comment: Any, own: Shares) -> list[float]:
        """Similarity to each tag's direction, without what the comment itself taught."""
        ...


class Feedback:
    """What an article's comments taught, by the tag's place in the definitions."""

    def __init__(
        self,
        documents: Sequence[tuple[str, Sequence[str]]],
        first: Sequence[Sequence[float]],
        labels: Mapping[int, Labels] | None = None,
        view: View | None = None,
        views: Sequence[Any] = (),
    ) -> None:
        """`documents`: each text and its stems, in order; `first`: the first pass's log-odds for each tag; `labels`:
        what people said of a document, by its place; `view` and `views`: another view, and what it knows of
        each."""
        self._labels = labels or {}
        self._view = view
        others: Sequence[Any] = views if view else [None] * len(documents)
        self._size = len(first[0])
        counts = [Counter(stems) for _, stems in documents]
        total = len(documents)
        seen = Counter(stem for one in counts for stem in one)
        self._idf = {stem: math.log((total + 1) / (often + 0.5)) for stem, often in seen.items()}
        self._unseen = math.log((total + 1) / 0.5)
        self._words = {stem: at for at, stem in enumerate(sorted(s for s, n in seen.items() if n >= FEWEST_DOCUMENTS))}
        everywhere = sum(seen[stem] + 0.1 for stem in self._words)
        self._background = [(seen[stem] + 0.1) / everywhere for stem in self._words]
        vectors = [self._vector(one) for one in counts]
        self._mean = [0.0] * len(self._words)
        for vector in vectors:
            for word, value in vector:
                self._mean[word] += value / total
        self._mean_square = sum(value * value for value in self._mean)
        scales = [self._scale(vector) for vector in vectors]
        shares = self._all_shares(first)
        wanted = shares
        self._belief: Sequence[float] = ()
        for turn in range(ROUNDS):
            if turn:
                shares = self._all_shares(
                    [own + told for own, told in zip(row, self._told(vector, scale, share, other), strict=True)]
                    for row, vector, scale, share, other in zip(first, vectors, scales, shares, others, strict=True)
                )
            self._teach(vectors, scales, shares)
            if view:
                view.teach(shares)
            self._believe(vectors, scales, shares, wanted, others)
        self._known = {_digest(text): share for (text, _), share in zip(documents, shares, strict=True) if share}

    def logits(self, text: str, stems: Sequence[str], seen: Any = None) -> list[float]:
        """How much the other comments raise or lower each tag's log-odds for this one. `seen`: what the view knows of
        it."""
        vector = self._vector(Counter(stems))
        return self._told(vector, self._scale(vector), self._known.get(_digest(text), {}), seen)

    def weight(self, stem: str, tag: int) -> float:
        """The log of how much oftener the comments of a tag hold a word than the article's do."""
        word = self._words.get(stem)
        return 0.0 if word is None else self._odds[word][tag]

    # --- learning ------------------------------------------------------------------------------------------------

    def _vector(self, counts: Counter[str]) -> list[tuple[int, float]]:
        """Known words with their tf-idf, of a vector that all words together make one long."""
        raw = {stem: (1 + math.log(often)) * self._idf.get(stem, self._unseen) for stem, often in counts.items()}
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return [(self._words[stem], value / length) for stem, value in raw.items() if stem in self._words]

    def _scale(self, vector: Sequence[tuple[int, float]]) -> float:
        """One over the length of the vector once the article's mean is taken from it."""
        square = self._mean_square + sum(value * (value - 2 * self._mean[word]) for word, value in vector)
        return 1.0 / math.sqrt(square) if square > 1e-9 else 0.0

    def _all_shares(self, rows: Iterable[Sequence[float]]) -> list[Shares]:
        """The shares of every document, people's labels before what the tagger believes."""
        shares = [self._shares(row) for row in rows]
        for at, said in self._labels.items():
            carried = sum(said.values())
            undecided = {tag: part for tag, part in shares[at].items() if tag not in said}
            shares[at] = undecided | {tag: LABELLED / carried for tag, applies in said.items() if applies}
        return shares

    def _shares(self, logits: Sequence[float]) -> Shares:
        """Softmax over the tags and "none"; small shares left out."""
        powers = [math.exp(max(-20.0, min(20.0, value))) for value in logits]
        total = 1.0 + sum(powers)
        return {tag: power / total for tag, power in enumerate(powers) if power >= LEAST_SHARE * total}

    def _teach(
        self, vectors: Sequence[Sequence[tuple[int, float]]], scales: Sequence[float], shares: Sequence[Shares]
    ) -> None:
        size = self._size
        towards = [[0.0] * size for _ in self._words]
        held = [[0.0] * size for _ in self._words]
        self._pulled, self._held = [0.0] * size, [0.0] * size
        for vector, scale, share in zip(vectors, scales, shares, strict=True):
            for tag, part in share.items():
                self._pulled[tag] += part * scale
                self._held[tag] += part * len(vector)
                scaled = part * scale
                for word, value in vector:
                    towards[word][tag] += scaled * value
                    held[word][tag] += part
        self._counts = held
        self._towards = towards
        with_mean, square = [0.0] * size, [0.0] * size
        for word, line in enumerate(towards):
            mean = self._mean[word]
            for tag, value in enumerate(line):
                if value:
                    with_mean[tag] += value * mean
                    square[tag] += value * value
        self._with_mean = with_mean
        self._length = [0.5] * size
        for tag, pulled in enumerate(self._pulled):
            centred = square[tag] - 2 * pulled * with_mean[tag] + pulled * pulled * self._mean_square
            self._length[tag] += math.sqrt(max(0.0, centred))
        totals = [BACKGROUND + value for value in self._held]
        self._odds = [
            [
                math.log((count + BACKGROUND * usual) / (total * usual))
                for count, total in zip(line, totals, strict=True)
            ]
            for line, usual in zip(held, self._background, strict=True)
        ]

    def _compare(
        self, vector: Sequence[tuple[int, float]], scale: float, own: Shares, seen: Any
    ) -> list[tuple[float, ...]]:
        """For each tag: similarity to its direction, the mean of its word odds, and what the view says; without what
        the comment itself taught."""
        size, mean = self._size, self._mean
        along, odds = [0.0] * size, [0.0] * size
        values = [value for _, value in vector]
        usual = sum(value * mean[word] for word, value in vector)
        if vector:  # by columns, in the interpreter's own loops: this is what an article's preparing costs most
            towards = zip(*(self._towards[word] for word, _ in vector), strict=True)
            along = [sum(map(mul, values, column)) for column in towards]
            odds = list(map(sum, zip(*(self._odds[word] for word, _ in vector), strict=True)))
        spread = math.sqrt(len(vector) + 5.0)
        for tag, part in own.items():
            total = BACKGROUND + self._held[tag] - part * len(vector)
            odds[tag] = 0.0
            for word, _ in vector:
                background = self._background[word]
                count = max(0.0, self._counts[word][tag] - part)
                odds[tag] += math.log((count + BACKGROUND * background) / (total * background))
        alike = []
        for tag in range(size):
            centred = along[tag] - self._pulled[tag] * usual - self._with_mean[tag]
            centred = (centred + self._pulled[tag] * self._mean_square) * scale
            alike.append((centred - own.get(tag, 0.0)) / self._length[tag])
        by_words = [(near, value / spread) for near, value in zip(alike, odds, strict=True)]
        if self._view is None:
            return list(by_words)
        return [(*pair, near) for pair, near in zip(by_words, self._view.alike(seen, own), strict=True)]

    def _believe(
        self,
        vectors: Sequence[Sequence[tuple[int, float]]],
        scales: Sequence[float],
        shares: Sequence[Shares],
        wanted: Sequence[Shares],
        others: Sequence[Any],
    ) -> None:
        """Fit how far each measure foretells the first pass's shares. None may speak against its own tag."""
        step = max(1, math.ceil(len(vectors) * self._size / MOST_PAIRS))
        rows: list[tuple[float, ...]] = []
        targets: list[float] = []
        weights: list[float] = []
        for at in sorted({*range(0, len(vectors), step), *self._labels}):
            measures = self._compare(vectors[at], scales[at], shares[at], others[at])
            rows.extend((1.0, *measured) for measured in measures)
            said = self._labels.get(at, {})
            targets.extend(float(said.get(tag, wanted[at].get(tag, 0.0))) for tag in range(self._size))
            weights.extend(LABELLED if tag in said else 1.0 for tag in range(self._size))
        pull = [1e-6] + [3.0] * (len(rows[0]) - 1)
        self._belief = fit_rising(rows, targets, pull=pull, weights=weights, rounds=8)[1:]

    def _told(self, vector: Sequence[tuple[int, float]], scale: float, own: Shares, seen: Any) -> list[float]:
        if not vector and (self._view is None or seen is None):
            return [0.0] * self._size
        return [
            max(-MOST_LOGIT, min(MOST_LOGIT, dot(measured, self._belief)))
            for measured in self._compare(vector, scale, own, seen)
        ]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
