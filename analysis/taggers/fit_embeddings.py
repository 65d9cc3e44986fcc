"""Fits the calibration of the tagger `embeddings`: `python -m analysis.taggers.fit_embeddings MODEL T.yaml IN.jsonl …`.

A tool for developers; nothing imports it. MODEL is the model's directory; then come pairs of a taxonomy and its
labelled comments, made into the same problems as for the lexical tagger (`fit_lexical`), which is to be fitted first,
since its words go in. Prints the constants to put into `analysis.taggers.embeddings`: no text and no word of the files
goes anywhere. Kinds of problems weigh the same. Figures are of topics that the constants never saw.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.scores import Judged, measure, reliability
from analysis.taggers import embeddings
from analysis.taggers.embeddings import FEATURES, TAUGHT_FEATURES, EmbeddingsTagger
from analysis.taggers.fit_lexical import PAIRS_OF_A_KIND, RIDGE, Problem, problems_from
from analysis.taggers.protocol import SHOWN_FROM, TaggingContext
from analysis.taggers.vectors import RecentVectors

Floats: TypeAlias = NDArray[np.float64]

POSITIVES = {"alone": 1.8, "first": 1.5, "taught": 1.8}
"""How much a tag that applies counts, in tags that do not: from the definitions, and in both passes over an article's
comments. At 1 the probabilities are truest and fewer tags are shown; 1.6 gives sister topics five points of precision
more than 2, and takes two of F1 from an article whose tags have no cues."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The judged pairs of comment and tag of one problem: features, labels, and the place of the tag."""

    problem: Problem
    features: Floats
    applies: Floats
    tags: list[str]


def rows_of(tagger: EmbeddingsTagger, problem: Problem, stage: str) -> Rows:
    """All judged pairs of a problem."""
    texts = () if stage == "alone" else tuple(dict.fromkeys(text for text, _ in problem.comments))
    prepared = tagger.prepare(problem.tags, TaggingContext(title=problem.title, texts=texts))
    features, applies, tags = [], [], []
    for text, said in problem.comments:
        first, taught = prepared.features(text)
        rows = taught if stage == "taught" else first
        for number, tag in enumerate(problem.tags):
            if tag.id in said:
                features.append(rows[number])
                applies.append(float(said[tag.id]))
                tags.append(tag.id)
    return Rows(problem, np.array(features, np.float64), np.array(applies), tags)


def fit(several: Sequence[Rows], positives: float) -> tuple[float, ...]:
    """Coefficients, by Newton's method with a ridge penalty; none below zero but the bias (`logistic.fit_rising`)."""
    pairs = Counter[str]()
    for rows in several:
        pairs[rows.problem.kind] += len(rows.applies)
    features = np.concatenate([rows.features for rows in several])
    applies = np.concatenate([rows.applies for rows in several])
    weights = np.concatenate(
        [np.full(len(rows.applies), PAIRS_OF_A_KIND / pairs[rows.problem.kind]) for rows in several]
    ) * np.where(applies > 0, positives, 1.0)
    kept = list(range(features.shape[1]))
    while True:
        found = _newton(features[:, kept], applies, weights)
        worst = min(range(len(kept)), key=lambda at: found[at] if kept[at] else 0.0)
        if not kept[worst] or found[worst] >= 0:
            break
        del kept[worst]
    full = np.zeros(features.shape[1])
    full[kept] = found
    return tuple(round(value, 2) for value in full.tolist())


def _newton(features: Floats, applies: Floats, weights: Floats) -> Floats:
    pull = np.full(features.shape[1], RIDGE)
    pull[0] = 1e-9
    found = np.zeros(features.shape[1])
    for _ in range(50):
        chance = _chance(features @ found)
        gradient = features.T @ ((applies - chance) * weights) - pull * found
        spread = (features * (chance * (1 - chance) * weights)[:, None]).T @ features
        step = np.linalg.solve(spread + np.diag(pull), gradient)
        found += step
        if np.abs(step).max() < 1e-8:
            break
    return found


def expectation(tagger: EmbeddingsTagger, problems: Sequence[Problem]) -> tuple[float, float]:
    """Intercept and slope from a tag's mean similarity to the other tags to its mean similarity to the comments, each
    kind of problem weighing the same."""
    alike, usual, weights = [], [], []
    kinds = Counter(problem.kind for problem in problems)
    for problem in problems:
        expected, seen = tagger.prepare(problem.tags).expectation([text for text, _ in problem.comments])
        if not expected:
            continue  # a tag without others has nothing to be compared with
        alike += expected
        usual += seen
        weights += [1 / len(expected) / kinds[problem.kind]] * len(expected)
    design = np.stack([np.ones(len(alike)), np.array(alike)], axis=1)
    scaled = design * np.array(weights)[:, None]
    base, slope = np.linalg.solve(scaled.T @ design, scaled.T @ np.array(usual))
    return float(base), float(slope)


def report(tagger: EmbeddingsTagger, problems: Sequence[Problem]) -> None:
    """Figures of each kind, every problem judged by constants that were fitted without its fold."""
    judged: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for fold in sorted({problem.fold for problem in problems}):
        kept = [problem for problem in problems if problem.fold != fold]
        left_out = [problem for problem in problems if problem.fold == fold]
        for stage in ("alone", "taught"):
            if stage == "taught":
                embeddings.WITH_TEXTS = fit([rows_of(tagger, one, "first") for one in kept], POSITIVES["first"])
            coefficients = np.array(fit([rows_of(tagger, one, stage) for one in kept], POSITIVES[stage]))
            for number, problem in enumerate(left_out):
                rows = rows_of(tagger, problem, stage)
                chances = _chance(rows.features @ coefficients)
                for tag, applies, chance in zip(rows.tags, rows.applies, chances.tolist(), strict=True):
                    name = f"{fold}/{number}/{tag}"
                    judged[problem.kind, stage].append(Judged(name, bool(applies), chance >= SHOWN_FROM, chance))
    for (kind, stage), some in judged.items():
        figures, bands = measure(some), reliability(some)
        error = sum(abs(band.predicted - band.observed) * band.number for band in bands if band.predicted >= 0.1)
        _say(
            f"{kind[-40:]:<40} {stage:<6} macro-F1 {figures.macro_f1:.3f}, "
            f"precision {figures.overall.precision:.3f}, recall {figures.overall.recall:.3f}, calibration error "
            f"{error / max(1, sum(band.number for band in bands if band.predicted >= 0.1)):.3f}"
        )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Fit the calibration of the tagger `embeddings`.")
    parser.add_argument("model", type=Path, help="directory of the model")
    parser.add_argument("files", nargs="+", help="pairs of a taxonomy file and a comments file with labels")
    parser.add_argument("--folds", action="store_true", help="also print figures for topics left out")
    options = parser.parse_args(arguments)
    if len(options.files) % 2:
        parser.error("Give files in pairs: a taxonomy, then its comments.")
    tagger = EmbeddingsTagger.load(options.model, store=RecentVectors(1024**3))
    problems = problems_from(list(zip(options.files[::2], options.files[1::2], strict=True)))
    embeddings.EXPECTED = expectation(tagger, problems)
    _say(f"EXPECTED = ({embeddings.EXPECTED[0]:.2f}, {embeddings.EXPECTED[1]:.2f})")
    if options.folds:
        report(tagger, problems)
    _print("ALONE", fit([rows_of(tagger, one, "alone") for one in problems], POSITIVES["alone"]), FEATURES)
    # The first pass decides the shares that teach, and so the columns of the second.
    embeddings.WITH_TEXTS = fit([rows_of(tagger, one, "first") for one in problems], POSITIVES["first"])
    _print("WITH_TEXTS", embeddings.WITH_TEXTS, FEATURES)
    taught = fit([rows_of(tagger, one, "taught") for one in problems], POSITIVES["taught"])
    _print("TAUGHT", taught, TAUGHT_FEATURES)


def _chance(scores: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-scores.clip(-30, 30)))
    return chance


def _print(name: str, coefficients: Iterable[float], features: Sequence[str]) -> None:
    values = [f"{value:.2f}" for value in coefficients]
    _say(f"{name}: tuple[float, ...] = ({', '.join(values)})")
    _say("    " + ", ".join(f"{feature} {value}" for feature, value in zip(features, values, strict=True)))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
