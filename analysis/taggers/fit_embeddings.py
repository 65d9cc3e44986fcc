"""Fits the calibration of the tagger `embeddings`: `python -m analysis.taggers.fit_embeddings MODEL T.yaml IN.jsonl …`.

A tool for developers; nothing imports it. MODEL is the model's directory; then come pairs of a taxonomy and its
labelled comments. Prints the constants to put into `analysis.taggers.embeddings`: no text and no word of the files goes
anywhere. Each pair weighs the same, so that a large file does not drown a small one; a pair whose tags have cues is
taken twice, as it is and with the cues taken away. Figures are cross-validated by topic: a tag, or in a file of many
articles an article, is judged by coefficients that never saw it. Fit the lexical tagger first, since its probability
goes in.

The constants stand on four sets: newspaper comments under twenty debates, short arguments against key points of forty
topics (both research data, tags defined by name and description alone), and the examples in seeds/ with their cues and
without.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.files import CommentLine, contexts_for, read_comments
from analysis.scores import Judged, measure
from analysis.taggers import embeddings
from analysis.taggers.embeddings import FEATURES, EmbeddingsTagger, PreparedEmbeddings
from analysis.taggers.protocol import SHOWN_FROM, TaggingContext
from analysis.taggers.vectors import RecentVectors
from analysis.taxonomy import ArticleTaxonomy, read_taxonomy

Floats: TypeAlias = NDArray[np.float64]

RIDGE = 1.0
"""Strength of the pull towards zero, in observations, on every column but the bias."""
POSITIVES = {"first": 1.5, "last": 2.0}
"""How much a tag that applies counts, in tags that do not, in the first pass and in what readers see. At 1 the
probabilities are truest and fewer tags are shown; readers filter by tags, and what is not found by them is not read."""
FOLDS = 5
FIRST = tuple(column for column, name in enumerate(FEATURES) if not name.startswith("kin"))
"""Columns that a first pass has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A taxonomy and its labelled comments."""

    name: str
    taxonomies: tuple[ArticleTaxonomy, ...]
    comments: tuple[CommentLine, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The judged pairs of comment and tag of one source: features, labels, and the fold and the name of the tag."""

    features: Floats
    applies: Floats
    folds: NDArray[np.int64]
    tags: list[str]


def sources_from(pairs: Sequence[tuple[str, str]]) -> list[Source]:
    """The pairs of files and, after each that has cues, the same without them."""
    found = []
    for taxonomy_path, comments_path in pairs:
        taxonomies = read_taxonomy(taxonomy_path)
        comments = tuple(line for line in read_comments(comments_path, taxonomies) if line.tags is not None)
        found.append(Source(comments_path, taxonomies, comments))
        if any(tag.cues for article in taxonomies for tag in article.tags):
            bare = tuple(
                replace(article, tags=tuple(replace(tag, cues=()) for tag in article.tags)) for article in taxonomies
            )
            found.append(Source(f"{comments_path}, without cues", bare, comments))
    return found


def prepared_for(tagger: EmbeddingsTagger, source: Source, *, with_texts: bool) -> dict[str, PreparedEmbeddings]:
    """The tagger with each article of a source read."""
    contexts = contexts_for(source.taxonomies, source.comments if with_texts else ())
    used = {comment.article for comment in source.comments}
    return {
        article.id: tagger.prepare(article.tags, contexts.get(article.id, TaggingContext()))
        for article in source.taxonomies
        if article.id in used
    }


def rows_from(tagger: EmbeddingsTagger, source: Source, *, with_texts: bool) -> Rows:
    """All judged pairs of a source."""
    prepared = prepared_for(tagger, source, with_texts=with_texts)
    tags = {article.id: article.tags for article in source.taxonomies}
    order = {article: place for place, article in enumerate(sorted(prepared))}
    features, applies, folds, names = [], [], [], []
    for comment in source.comments:
        rows = prepared[comment.article].features(comment.text)
        for number, tag in enumerate(tags[comment.article]):
            judgement = comment.judgement(tag.id)
            if judgement is not None:
                features.append(rows[number])
                applies.append(float(judgement))
                folds.append((order[comment.article] if len(order) >= FOLDS else number) % FOLDS)
                names.append(f"{comment.article}/{tag.id}")
    return Rows(np.array(features, np.float64), np.array(applies), np.array(folds), names)


def fit(
    sources: Sequence[Rows], columns: Sequence[int], *, positives: float, without: int | None = None
) -> tuple[float, ...]:
    """Coefficients for `columns` (others stay 0) from all folds but one, by Newton's method with a ridge penalty."""
    kept = [np.ones(len(rows.applies), bool) if without is None else rows.folds != without for rows in sources]
    size = np.mean([mask.sum() for mask in kept])
    features = np.concatenate([rows.features[mask] for rows, mask in zip(sources, kept, strict=True)])[:, columns]
    applies = np.concatenate([rows.applies[mask] for rows, mask in zip(sources, kept, strict=True)])
    weights = np.concatenate([np.full(mask.sum(), size / mask.sum()) for mask in kept])
    weights = weights * np.where(applies > 0, positives, 1.0)
    pull = np.where(np.array(columns) == 0, 1e-9, RIDGE)
    found = np.zeros(len(columns))
    for _ in range(50):
        chance = _chance(features @ found)
        gradient = features.T @ ((applies - chance) * weights) - pull * found
        spread = (features * (chance * (1 - chance) * weights)[:, None]).T @ features
        step = np.linalg.solve(spread + np.diag(pull), gradient)
        found += step
        if np.abs(step).max() < 1e-8:
            break
    full = np.zeros(len(FEATURES))
    full[list(columns)] = found
    return tuple(full.tolist())


def expectation(tagger: EmbeddingsTagger, sources: Sequence[Source]) -> tuple[float, float]:
    """Intercept and slope from a tag's mean similarity to the other tags to its mean similarity to the comments, each
    source weighing the same."""
    alike, usual, weights = [], [], []
    for source in sources:
        for article, prepared in prepared_for(tagger, source, with_texts=False).items():
            texts = [comment.text for comment in source.comments if comment.article == article]
            expected, seen = prepared.expectation(texts)
            if not expected:
                continue  # a tag without others has nothing to be compared with
            alike += expected
            usual += seen
            weights += [1 / len(expected) / len(source.taxonomies)] * len(expected)
    design = np.stack([np.ones(len(alike)), np.array(alike)], axis=1)
    scaled = design * np.array(weights)[:, None]
    base, slope = np.linalg.solve(scaled.T @ design, scaled.T @ np.array(usual))
    return float(base), float(slope)


def report(name: str, sources: Sequence[Source], rows: Sequence[Rows], columns: Sequence[int]) -> None:
    """Cross-validated figures of each source, and how true the probabilities are."""
    for source, own in zip(sources, rows, strict=True):
        chances = np.zeros(len(own.applies))
        for fold in range(FOLDS):
            mask = own.folds == fold
            chances[mask] = _chance(
                own.features[mask] @ np.array(fit(rows, columns, positives=POSITIVES["last"], without=fold))
            )
        pairs = zip(own.tags, own.applies, chances, strict=True)
        figures = measure(Judged(tag, bool(applies), bool(chance >= SHOWN_FROM)) for tag, applies, chance in pairs)
        _say(
            f"{name}, {source.name}: macro-F1 {figures.macro_f1:.3f}, precision {figures.overall.precision:.3f}, "
            f"recall {figures.overall.recall:.3f}"
        )
        bands = []
        for low in np.arange(0, 1, 0.2):
            mask = (chances >= low) & (chances < low + 0.2)
            if mask.sum() >= 20:
                bands.append(f"{chances[mask].mean():.2f} -> {own.applies[mask].mean():.2f}")
        _say(f"    said -> true: {', '.join(bands)}")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Fit the calibration of the tagger `embeddings`.")
    parser.add_argument("model", type=Path, help="directory of the model")
    parser.add_argument("files", nargs="+", help="pairs of a taxonomy file and a comments file with labels")
    options = parser.parse_args(arguments)
    if len(options.files) % 2:
        parser.error("Give files in pairs: a taxonomy, then its comments.")
    tagger = EmbeddingsTagger.load(options.model, store=RecentVectors(1024**3))
    sources = sources_from(list(zip(options.files[::2], options.files[1::2], strict=True)))
    embeddings.EXPECTED = expectation(tagger, sources)
    _say(f"EXPECTED = ({embeddings.EXPECTED[0]:.2f}, {embeddings.EXPECTED[1]:.2f})")
    every = tuple(range(len(FEATURES)))

    alone = [rows_from(tagger, source, with_texts=False) for source in sources]
    report("definitions alone", sources, alone, FIRST)
    # The first pass decides which comments are sure, and so the columns of the second.
    first = [rows_from(tagger, source, with_texts=True) for source in sources]
    embeddings.WITH_TEXTS = fit(first, FIRST, positives=POSITIVES["first"])
    second = [rows_from(tagger, source, with_texts=True) for source in sources]
    report("with texts", sources, second, every)
    _print("ALONE", fit(alone, FIRST, positives=POSITIVES["last"]))
    _print("WITH_TEXTS", embeddings.WITH_TEXTS)
    _print("WITH_KIN", fit(second, every, positives=POSITIVES["last"]))


def _chance(scores: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-scores.clip(-30, 30)))
    return chance


def _print(name: str, coefficients: Sequence[float]) -> None:
    _say(f"{name}: tuple[float, ...] = ({', '.join(f'{value:.2f}' for value in coefficients)})")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
