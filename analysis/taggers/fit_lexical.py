"""Fits the calibration of the lexical tagger: `python -m analysis.taggers.fit_lexical T.yaml IN.jsonl [T2 IN2 ...]`.

A tool for developers; nothing imports it. Prints the constants to put into `analysis.taggers.calibration`: no text and
no word of the files goes anywhere. What a file holds is made into problems as newsrooms have them: a file of many
articles gives each of them, and neighbours merged into one with the tags of both, comment by comment and three
comments of a tag joined to a long one; an article of many tags is halved, and taken again with half and with a third
of the words of its definitions, as an editor who says less would have written them; tags with cues are taken with and
without. Kinds of problems weigh the same. `--folds` prints figures for topics that the constants never saw: articles
are dealt to folds in blocks, the halves of an article to two of them.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import pairwise

from analysis.files import CommentLine, read_comments
from analysis.scores import Judged, measure, reliability
from analysis.taggers import calibration
from analysis.taggers.calibration import FEATURES, TAUGHT_FEATURES
from analysis.taggers.lexical import LexicalTagger
from analysis.taggers.logistic import dot, fit_rising, sigmoid
from analysis.taggers.protocol import SHOWN_FROM, TaggingContext
from analysis.taggers.stems import tokenise
from analysis.taxonomy import ArticleTaxonomy, TagDefinition, read_taxonomy

RIDGE = 1.0
"""Strength of the pull towards zero, in observations, on every column but the bias."""
MANY_TAGS = 14
"""An article of so many tags is a collection of topics, and is halved."""
THINNED = (0.5, 0.3)
"""Shares of its definitions' words with which a collection of topics is taken again."""
PAIRS_OF_A_KIND = 4_000
"""What all problems of a kind weigh together, in pairs of comment and tag."""

POSITIVES = (1.5, 2.0)
"""How much a tag that applies counts, in tags that do not, in each pass. At 1 the probabilities are truest where tags
are hard to tell apart, but a third of what is shown at 2 is not shown then, and F1 is lower in every kind; readers
filter by tags, and what is not found is not read. The first pass is what the second learns from, so it is warier."""

Row = tuple[float, ...]


@dataclass(slots=True)
class Problem:
    """One article to tag: its comments with what people said of each tag. `fold` names what must be left out together
    with it."""

    kind: str
    fold: int
    tags: tuple[TagDefinition, ...]
    title: str
    comments: list[tuple[str, dict[str, bool]]]
    first: list[list[Row]] = field(default_factory=list)
    taught: list[list[Row]] = field(default_factory=list)


def problems_from(pairs: Sequence[tuple[str, str]]) -> list[Problem]:
    """All problems of all pairs of files."""
    found: list[Problem] = []
    for number, (taxonomy_path, comments_path) in enumerate(pairs):
        taxonomies = read_taxonomy(taxonomy_path)
        by_article: dict[str, list[CommentLine]] = defaultdict(list)
        for line in read_comments(comments_path, taxonomies):
            if line.tags is not None:
                by_article[line.article].append(line)
        if len(taxonomies) == 1 and len(taxonomies[0].tags) >= MANY_TAGS:
            found += _halves(comments_path, taxonomies[0], by_article[taxonomies[0].id])
        elif len(taxonomies) == 1:
            found += _alone(comments_path, 2 + 2 * number, taxonomies[0], by_article[taxonomies[0].id])
        else:
            for at, article in enumerate(taxonomies):
                fold = at * 2 // len(taxonomies)
                found.append(_problem(comments_path, fold, article, article.tags, by_article[article.id]))
            for at, (one, other) in enumerate(pairwise(taxonomies)):
                if at % 2 == 0:
                    both = by_article[one.id] + by_article[other.id]
                    found += _sisters(comments_path, at * 2 // len(taxonomies), one, one.tags + other.tags, both)
    return found


def _problem(
    kind: str, fold: int, article: ArticleTaxonomy, tags: tuple[TagDefinition, ...], lines: Sequence[CommentLine]
) -> Problem:
    comments = []
    for line in lines:
        said = {tag.id: line.judgement(tag.id) for tag in tags}
        comments.append((line.text, {tag: yes for tag, yes in said.items() if yes is not None}))
    return Problem(kind, fold, tags, article.title, comments)


def _halves(kind: str, article: ArticleTaxonomy, lines: Sequence[CommentLine]) -> list[Problem]:
    found = []
    for fold in (0, 1):
        tags = article.tags[fold::2]
        own = {tag.id for tag in tags}
        some = [line for line in lines if line.tags and line.tags & own]
        found.append(_problem(kind, fold, article, tags, some))
        for share in THINNED:
            thin = tuple(_thinned(tag, share) for tag in tags)
            found.append(_problem(f"{kind}, {share:.0%} of the words", fold, article, thin, some))
    return found


def _thinned(tag: TagDefinition, share: float) -> TagDefinition:
    """The tag with `share` of the different words of its definition, two at least: which is chance, always the same."""
    words = sorted(
        {token.stem for token in tokenise(f"{tag.name}. {tag.description}") if not token.is_stop},
        key=lambda stem: blake2b(f"{tag.id} {stem}".encode(), digest_size=8).digest(),
    )
    kept = frozenset(words[: max(2, round(len(words) * share))])

    def thin(text: str) -> str:
        for token in reversed(tokenise(text)):
            if not token.is_stop and token.stem not in kept:
                text = text[: token.start] + text[token.end :]
        return text

    return replace(tag, name=thin(tag.name), description=thin(tag.description))


def _alone(kind: str, fold: int, article: ArticleTaxonomy, lines: Sequence[CommentLine]) -> list[Problem]:
    bare = tuple(replace(tag, cues=()) for tag in article.tags)
    found = [_problem(f"{kind}, without cues", fold, article, bare, lines)]
    if bare != article.tags:  # few files have cues, so that halves of one have to judge each other
        found += [_problem(kind, fold + half, article, article.tags, lines[half::2]) for half in (0, 1)]
    return found


def _sisters(
    kind: str, fold: int, article: ArticleTaxonomy, tags: tuple[TagDefinition, ...], lines: Sequence[CommentLine]
) -> list[Problem]:
    """Comments with one tag of a merged article, which then is the only one; and threes of a tag joined."""
    single = [line for line in lines if line.tags and len(line.tags) == 1]
    alone = [replace(line, neg=None) for line in single]
    by_tag: dict[frozenset[str], list[str]] = defaultdict(list)
    for line in single:
        by_tag[line.tags or frozenset()].append(line.text)
    joined = [
        CommentLine("", article.id, ". ".join(texts[at : at + 3]), tag)
        for tag, texts in by_tag.items()
        for at in range(0, len(texts) - 2, 3)
    ]
    return [
        _problem(f"{kind}, sisters", fold, article, tags, alone),
        _problem(f"{kind}, sisters, long", fold, article, tags, joined),
    ]


# --- rows --------------------------------------------------------------------------------------------------------


def read_first(problems: Sequence[Problem]) -> None:
    """The first pass's rows, from the definitions alone."""
    for problem in problems:
        prepared = LexicalTagger().prepare(problem.tags, TaggingContext(title=problem.title))
        problem.first = [prepared.features(text)[0] for text, _ in problem.comments]


def read_taught(problems: Sequence[Problem]) -> None:
    """The second pass's rows, with all the problem's comments as context; they depend on FIRST_PASS."""
    for problem in problems:
        texts = tuple(dict.fromkeys(text for text, _ in problem.comments))
        prepared = LexicalTagger().prepare(problem.tags, TaggingContext(title=problem.title, texts=texts))
        problem.taught = [prepared.features(text)[1] for text, _ in problem.comments]


def fit_passes(problems: Sequence[Problem], positives: Sequence[float] = POSITIVES) -> tuple[Row, Row]:
    """FIRST_PASS and WITH_TEXTS. Sets both, because the second is learned from what the first believes."""
    pairs = {
        id(problem): [
            (rows[number], said[tag.id])
            for (_, said), rows in zip(problem.comments, problem.first, strict=True)
            for number, tag in enumerate(problem.tags)
            if tag.id in said
        ]
        for problem in problems
    }
    calibration.FIRST_PASS = _fit(problems, pairs, len(FEATURES), positives[0])
    read_taught(problems)
    pairs = {
        id(problem): [
            (rows[number], said[tag.id])
            for (_, said), rows in zip(problem.comments, problem.taught, strict=True)
            for number, tag in enumerate(problem.tags)
            if rows and tag.id in said
        ]
        for problem in problems
    }
    calibration.WITH_TEXTS = _fit(problems, pairs, len(TAUGHT_FEATURES), positives[1])
    return calibration.FIRST_PASS, calibration.WITH_TEXTS


def _fit(
    problems: Sequence[Problem], pairs: dict[int, list[tuple[Row, bool]]], size: int, positives: float
) -> tuple[float, ...]:
    of_kind: dict[str, int] = defaultdict(int)
    for problem in problems:
        of_kind[problem.kind] += len(pairs[id(problem)])
    rows, targets, weights = [], [], []
    for problem in problems:
        for row, applies in pairs[id(problem)]:
            rows.append(row)
            targets.append(float(applies))
            weights.append(PAIRS_OF_A_KIND / of_kind[problem.kind] * (positives if applies else 1.0))
    pull = [0.0] + [RIDGE] * (size - 1)
    return tuple(round(value, 2) for value in fit_rising(rows, targets, pull=pull, weights=weights))


# --- the command -------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Fit the calibration of the lexical tagger.")
    parser.add_argument("files", nargs="+", help="pairs of a taxonomy file and a comments file with labels")
    parser.add_argument("--folds", action="store_true", help="also print figures for topics left out")
    parser.add_argument(
        "--positives", type=float, nargs=2, default=POSITIVES, help="how much a tag that applies counts in each pass"
    )
    options = parser.parse_args(arguments)
    if len(options.files) % 2:
        parser.error("Give files in pairs: a taxonomy, then its comments.")
    problems = problems_from(list(zip(options.files[::2], options.files[1::2], strict=True)))
    read_first(problems)
    if options.folds:
        _print_folds(problems, options.positives)
    first, taught = fit_passes(problems, options.positives)
    _print("FIRST_PASS", first)
    _print("WITH_TEXTS", taught)


def _print_folds(problems: Sequence[Problem], positives: Sequence[float]) -> None:
    """Figures of each kind, every problem judged by constants that were fitted without its fold. A mean F1 is taken
    over all tags of a kind."""
    judged: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for fold in sorted({problem.fold for problem in problems}):
        fit_passes([problem for problem in problems if problem.fold != fold], positives)
        left_out = [problem for problem in problems if problem.fold == fold]
        read_taught(left_out)
        for number, problem in enumerate(left_out):
            for (_, said), first, taught in zip(problem.comments, problem.first, problem.taught, strict=True):
                for at, tag in enumerate(problem.tags):
                    if tag.id not in said:
                        continue
                    alone = sigmoid(dot(first[at], calibration.FIRST_PASS))
                    known = sigmoid(dot(taught[at], calibration.WITH_TEXTS)) if taught else alone
                    name = f"{fold}/{number}/{tag.id}"
                    for stage, chance in (("definitions", alone), ("with texts", known)):
                        judged[problem.kind, stage].append(Judged(name, said[tag.id], chance >= SHOWN_FROM, chance))
    for (kind, stage), some in judged.items():
        figures = measure(some)
        bands = reliability(some)
        error = sum(abs(band.predicted - band.observed) * band.number for band in bands if band.predicted >= 0.1)
        sys.stdout.write(
            f"{kind[-40:]:<40} {stage:<11} macro-F1 {figures.macro_f1:.3f}, "
            f"precision {figures.overall.precision:.3f}, recall {figures.overall.recall:.3f}, calibration error "
            f"{error / max(1, sum(band.number for band in bands if band.predicted >= 0.1)):.3f}\n"
        )


def _print(name: str, coefficients: Sequence[float]) -> None:
    sys.stdout.write(f"{name}: tuple[float, ...] = ({', '.join(f'{value:.2f}' for value in coefficients)})\n")


if __name__ == "__main__":
    main(sys.argv[1:])
