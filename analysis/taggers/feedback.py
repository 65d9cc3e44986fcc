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

from analysis.taggers.logistic import fit

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


class Feedback:
    """What an article's comments taught, by the tag's place in the definitions."""

    def __init__(
        self,
        documents: Sequence[tuple[str, Sequence[str]]],
        first: Sequence[Sequence[float]],
        labels: Mapping[int, Labels] | None = None,
    ) -> None:
        """`documents`: each text and its stems, in order; `first`: the first pass's log-odds for each tag; `labels`:
        what people said of a document, by its place."""
        self._labels = labels or {}
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
        self._belief = (0.0, 0.0, 0.0)
        for turn in range(ROUNDS):
            if turn:
                shares = self._all_shares(
                    [own + told for own, told in zip(row, self._told(vector, scale, share), strict=True)]
                    for row, vector, scale, share in zip(first, vectors, scales, shares, strict=True)
                )
            self._teach(vectors, scales, shares)
            self._believe(vectors, scales, shares, wanted)
        self._known = {_digest(text): share for (text, _), share in zip(documents, shares, strict=True) if share}

    def logits(self, text: str, stems: Sequence[str]) -> list[float]:
        """How much the other comments raise or lower each tag's log-odds for this one."""
        vector = self._vector(Counter(stems))
        return self._told(vector, self._scale(vector), self._known.get(_digest(text), {}))

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
        self, vector: Sequence[tuple[int, float]], scale: float, own: Shares
    ) -> tuple[list[float], list[float]]:
        """Similarity to each tag's direction and the mean of its word odds, without what the comment itself taught."""
        size, mean = self._size, self._mean
        along, odds = [0.0] * size, [0.0] * size
        usual = 0.0
        for word, value in vector:
            usual += value * mean[word]
            towards, line = self._towards[word], self._odds[word]
            for tag in range(size):
                along[tag] += value * towards[tag]
                odds[tag] += line[tag]
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
        return alike, [value / spread for value in odds]

    def _believe(
        self,
        vectors: Sequence[Sequence[tuple[int, float]]],
        scales: Sequence[float],
        shares: Sequence[Shares],
        wanted: Sequence[Shares],
    ) -> None:
        """Fit how far similarity and odds foretell the first pass's shares. Neither may speak against its own tag."""
        step = max(1, math.ceil(len(vectors) * self._size / MOST_PAIRS))
        rows: list[tuple[float, float, float]] = []
        targets: list[float] = []
        weights: list[float] = []
        for at in sorted({*range(0, len(vectors), step), *self._labels}):
            alike, odds = self._compare(vectors[at], scales[at], shares[at])
            rows.extend((1.0, *pair) for pair in zip(alike, odds, strict=True))
            said = self._labels.get(at, {})
            targets.extend(float(said.get(tag, wanted[at].get(tag, 0.0))) for tag in range(self._size))
            weights.extend(LABELLED if tag in said else 1.0 for tag in range(self._size))
        pull = [1e-6, 3.0, 3.0]
        bias, similarity, words = fit(rows, targets, pull=pull, weights=weights, rounds=8)
        if min(similarity, words) < 0:  # nearly the same twice: the better one alone
            keep = 1 if similarity > words else 2
            pull[3 - keep] = 1e9
            bias, similarity, words = fit(rows, targets, pull=pull, weights=weights, rounds=8)
        self._belief = (bias, max(0.0, similarity), max(0.0, words))

    def _told(self, vector: Sequence[tuple[int, float]], scale: float, own: Shares) -> list[float]:
        if not vector:
            return [0.0] * self._size
        alike, odds = self._compare(vector, scale, own)
        _, similarity, words = self._belief
        return [
            max(-MOST_LOGIT, min(MOST_LOGIT, similarity * one + words * other))
            for one, other in zip(alike, odds, strict=True)
        ]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
