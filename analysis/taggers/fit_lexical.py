"""Fits the calibration of the lexical tagger: `python -m analysis.taggers.fit_lexical T.yaml IN.jsonl [T2 IN2 ...]`.

A tool for developers; nothing imports it. Prints the constants to put into `analysis.taggers.lexical`: no text and no
word of the files goes anywhere. Logistic regression by Newton's method with a small ridge penalty. Each pair of files
weighs the same, so that a large file does not drown a small one; a pair whose tags have cues is taken twice, as it is
and with the cues taken away. `--folds 5` adds figures for each pair from coefficients that never saw the comment.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from analysis.files import CommentLine, contexts_for, read_comments
from analysis.scores import Judged, measure
from analysis.taggers import lexical
from analysis.taggers.lexical import FEATURES, LexicalTagger
from analysis.taggers.protocol import SHOWN_FROM, TaggingContext
from analysis.taxonomy import ArticleTaxonomy, read_taxonomy

RIDGE = 1.0
"""Strength of the pull towards zero, in observations, on every column but the bias."""

ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One tag on one comment: its features (none where nothing was found), whether it applies, and what it weighs.
    `comment` is the comment's place in its file."""

    comment: int
    tag: str
    features: tuple[float, ...]
    applies: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """A taxonomy and its labelled comments. Sources of one file hold the same comments, so folds keep them together."""

    name: str
    taxonomies: tuple[ArticleTaxonomy, ...]
    comments: tuple[CommentLine, ...]


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


def rows_from(source: Source, *, with_texts: bool) -> list[Row]:
    """All judged (comment, tag) pairs of a source."""
    contexts = contexts_for(source.taxonomies, source.comments if with_texts else ())
    tagger = LexicalTagger()
    prepared = {
        article.id: tagger.prepare(article.tags, contexts.get(article.id, TaggingContext()))
        for article in source.taxonomies
    }
    tags = {article.id: article.tags for article in source.taxonomies}
    rows = []
    for place, comment in enumerate(source.comments):
        features = prepared[comment.article].features(comment.text)
        for number, tag in enumerate(tags[comment.article]):
            judgement = comment.judgement(tag.id)
            if judgement is not None:
                rows.append(Row(place, f"{comment.article}/{tag.id}", features.get(number, ()), judgement))
    return rows


def fit_rising(rows: Sequence[Row], columns: Sequence[int]) -> tuple[float, ...]:
    """As `fit`, with no coefficient below zero but the bias: evidence never counts against its own tag. Columns that
    come out negative, being nearly sums of others, are left out one by one, the worst first."""
    kept = list(columns)
    while True:
        found = fit(rows, kept)
        worst = min(kept, key=lambda column: found[column] if column else 0.0)
        if worst == 0 or found[worst] >= 0:
            return found
        kept.remove(worst)


def fit(rows: Sequence[Row], columns: Sequence[int]) -> tuple[float, ...]:
    """Coefficients for `columns` of the features (others stay 0), by Newton's method on the penalised likelihood."""
    size = len(columns)
    found = [0.0] * size
    for _ in range(ROUNDS):
        gradient = [0.0 if columns[i] == 0 else -RIDGE * found[i] for i in range(size)]
        hessian = [[(RIDGE if i == j and columns[i] else 1e-9 * (i == j)) for j in range(size)] for i in range(size)]
        for row in rows:
            values = [row.features[column] for column in columns]
            score = sum(value * coefficient for value, coefficient in zip(values, found, strict=True))
            chance = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
            residual = (row.applies - chance) * row.weight
            spread = chance * (1.0 - chance) * row.weight
            for i in range(size):
                gradient[i] += residual * values[i]
                scaled = spread * values[i]
                for j in range(i + 1):
                    hessian[i][j] += scaled * values[j]
        for i in range(size):
            for j in range(i):
                hessian[j][i] = hessian[i][j]
        step = solve(hessian, gradient)
        found = [value + change for value, change in zip(found, step, strict=True)]
        if max(abs(change) for change in step) < 1e-6:
            break
    full = [0.0] * len(FEATURES)
    for column, value in zip(columns, found, strict=True):
        full[column] = value
    return tuple(full)


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a small linear system by Gaussian elimination with partial pivoting."""
    size = len(right)
    work = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row][column]))
        work[column], work[pivot] = work[pivot], work[column]
        for row in range(column + 1, size):
            factor = work[row][column] / work[column][column]
            for k in range(column, size + 1):
                work[row][k] -= factor * work[column][k]
    found = [0.0] * size
    for row in reversed(range(size)):
        found[row] = (work[row][size] - sum(work[row][k] * found[k] for k in range(row + 1, size))) / work[row][row]
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Fit the calibration of the lexical tagger.")
    parser.add_argument("files", nargs="+", help="pairs of a taxonomy file and a comments file with labels")
    parser.add_argument("--folds", type=int, default=0, help="also print cross-validated figures")
    options = parser.parse_args(arguments)
    if len(options.files) % 2:
        parser.error("Give files in pairs: a taxonomy, then its comments.")
    sources = sources_from(list(zip(options.files[::2], options.files[1::2], strict=True)))
    judged = cross_validated(sources, options.folds)
    first, second = two_passes(sources)
    _print("FIRST_PASS", first)
    _print("WITH_TEXTS", second)
    for name, of_source in judged.items():
        figures = measure(of_source)
        sys.stdout.write(
            f"{name}: {options.folds}-fold macro-F1 {figures.macro_f1:.3f}, "
            f"precision {figures.overall.precision:.3f}, recall {figures.overall.recall:.3f}\n"
        )


def two_passes(
    sources: Sequence[Source], keep: Callable[[Row], bool] = lambda _: True
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """FIRST_PASS and WITH_TEXTS from the rows that `keep` lets through. Sets the first, which decides what is learned
    from."""
    definitions_alone = [at for at, feature in enumerate(FEATURES) if feature != "learned"]
    lexical.FIRST_PASS = fit_rising(pooled(sources, keep, with_texts=False), definitions_alone)
    return lexical.FIRST_PASS, fit_rising(pooled(sources, keep, with_texts=True), list(range(len(FEATURES))))


def pooled(sources: Sequence[Source], keep: Callable[[Row], bool], *, with_texts: bool) -> list[Row]:
    """The rows of all sources, weighed so that each source counts the same. Pairs without any matched word are left
    out: the tagger never asks the calibration about them."""
    parts = [
        [row for row in rows_from(source, with_texts=with_texts) if row.features and keep(row)] for source in sources
    ]
    share = sum(map(len, parts)) / len(parts)
    return [replace(row, weight=share / len(part)) for part in parts for row in part]


def cross_validated(sources: Sequence[Source], folds: int) -> dict[str, list[Judged]]:
    """Every comment judged by what the other folds taught, by source. Unlabelled texts are seen by all, as they are
    when a discussion is tagged."""
    judged: dict[str, list[Judged]] = defaultdict(list)
    for fold in range(folds):

        def others(row: Row, fold: int = fold) -> bool:
            return row.comment % folds != fold

        _, coefficients = two_passes(sources, others)
        for source in sources:
            for row in rows_from(source, with_texts=True):
                if row.comment % folds == fold:
                    shown = bool(row.features) and lexical.probability(row.features, coefficients) >= SHOWN_FROM
                    judged[source.name].append(Judged(row.tag, row.applies, shown))
    return judged


def _print(name: str, coefficients: Sequence[float]) -> None:
    sys.stdout.write(f"{name}: tuple[float, ...] = ({', '.join(f'{value:.2f}' for value in coefficients)})\n")


if __name__ == "__main__":
    main(sys.argv[1:])
