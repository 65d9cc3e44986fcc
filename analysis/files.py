"""Reads and writes the line formats that tagging works on: comments, labelled examples, tagged comments.

Owns the checks of those files; commands and the fitting of taggers call it. Files are hostile input: every line is
checked alone, and a wrong one is refused with its file, its number and what to do. Plain Python, no database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.taggers.protocol import LabelledText, PreparedTagger, Tagged, Tagger, TaggingContext, TagScore
from analysis.taxonomy import ArticleTaxonomy
from comments.jsonlines import FileError, identity, objects

_SHAPE = '{"id": ..., "article": ..., "text": ...}'


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One line of a comments or examples file. `tags` None: not known. `neg` None: what is not in `tags` does not
    apply; otherwise what is in neither is undecided. `id` is given back as it came, text or whole number."""

    id: str | int
    article: str
    text: str
    tags: frozenset[str] | None = None
    neg: frozenset[str] | None = None
    line: int = 0

    def judgement(self, tag: str) -> bool | None:
        """True where a person said that `tag` applies, False where not, None where nobody said."""
        return None if self.tags is None else LabelledText(self.text, self.tags, self.neg).judgement(tag)


def read_comments(
    path: str | Path, taxonomies: Sequence[ArticleTaxonomy], *, need_tags: bool = False, unique: bool = True
) -> tuple[CommentLine, ...]:
    """Read a file of JSON lines and check each against the taxonomy of its article.

    `article` may be left out where the taxonomy has one article. `need_tags` refuses lines without `tags`; `unique`
    refuses a second line with the same id. Blank lines and unknown fields are passed over.
    Raises `FileError` for the first wrong line, and `OSError` where the file cannot be opened.
    """
    articles = {article.id: frozenset(tag.id for tag in article.tags) for article in taxonomies}
    found: list[CommentLine] = []
    seen: dict[str | int, int] = {}
    for number, place, fields in objects(path, shape=_SHAPE):
        comment = _comment_from(fields, articles, place, number)
        if need_tags and comment.tags is None:
            raise FileError(f'{place}: "tags" is missing; write the labels as a list, [] for none.')
        if unique and comment.id in seen:
            first = seen[comment.id]
            raise FileError(f"{place}: the id {json.dumps(comment.id)} stands on line {first} already; change one.")
        seen.setdefault(comment.id, number)
        found.append(comment)
    return tuple(found)


def _comment_from(
    fields: dict[str, object], articles: dict[str, frozenset[str]], place: str, number: int
) -> CommentLine:
    comment_id, article, text = identity(fields, place), fields.get("article"), fields.get("text")
    if article is None and len(articles) == 1:
        article = next(iter(articles))
    if not isinstance(article, str):
        raise FileError(f'{place}: "article" is missing or not a text; write the id that the taxonomy gives it.')
    if article not in articles:
        known = ", ".join(sorted(articles)[:5]) or "none"
        raise FileError(f'{place}: the taxonomy has no article "{article[:100]}" (it has {known}); correct one.')
    if not isinstance(text, str):
        raise FileError(f'{place}: "text" is missing or not a text; write the comment as a JSON string.')
    tags = _tags_from(fields, "tags", articles[article], place)
    neg = _tags_from(fields, "neg", articles[article], place)
    if tags and neg and tags & neg:
        raise FileError(f'{place}: "{min(tags & neg)}" stands in both "tags" and "neg"; take it out of one.')
    return CommentLine(comment_id, article, text, tags, neg, number)


def _tags_from(fields: dict[str, object], field: str, known: frozenset[str], place: str) -> frozenset[str] | None:
    value = fields.get(field)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise FileError(f'{place}: "{field}" is not a list of tag ids; write ["one", "two"], or [] for none.')
    unknown = sorted(set(value) - known)
    if unknown:
        raise FileError(f'{place}: "{field}" names "{unknown[0][:100]}", which is no tag of its article; correct it.')
    return frozenset(value)


def contexts_for(
    taxonomies: Sequence[ArticleTaxonomy], comments: Iterable[CommentLine], examples: Iterable[CommentLine] = ()
) -> dict[str, TaggingContext]:
    """What a tagger may know of each article: the texts of `comments`, never their labels, and the labelled examples.
    Repeated texts count once, so that a campaign of copies does not teach."""
    texts: dict[str, dict[str, None]] = {article.id: {} for article in taxonomies}
    labelled: dict[str, list[LabelledText]] = {article.id: [] for article in taxonomies}
    for comment in comments:
        texts[comment.article][comment.text] = None
    for example in examples:
        if example.tags is not None:
            labelled[example.article].append(LabelledText(example.text, example.tags, example.neg))
    return {
        article.id: TaggingContext(article.title, tuple(texts[article.id]), tuple(labelled[article.id]))
        for article in taxonomies
    }


def tag_lines(
    tagger: Tagger,
    taxonomies: Sequence[ArticleTaxonomy],
    comments: Sequence[CommentLine],
    examples: Sequence[CommentLine] = (),
) -> Iterator[tuple[CommentLine, Tagged]]:
    """Tag `comments` one by one, in order, each against the tags of its own article."""
    contexts = contexts_for(taxonomies, comments, examples)
    definitions = {article.id: article.tags for article in taxonomies}
    prepared: dict[str, PreparedTagger] = {}
    for comment in comments:
        if comment.article not in prepared:
            prepared[comment.article] = tagger.prepare(definitions[comment.article], contexts[comment.article])
        yield comment, prepared[comment.article].tag(comment.text)


def tagged_line(comment: CommentLine, tagged: Tagged) -> str:
    """One line of a tagged file, without its line break. `tags` are those to show; those that a person should look at
    stand apart, in `uncertain`, so that whoever counts `tags` counts what readers see. ASCII, so that a lone surrogate
    in an id can be written."""
    line = {
        "id": comment.id,
        "outcome": tagged.outcome.value,
        "tags": [_score_fields(score) for score in tagged.shown],
        "uncertain": [_score_fields(score) for score in tagged.uncertain],
    }
    return json.dumps(line)


def _score_fields(score: TagScore) -> dict[str, object]:
    evidence = [{"start": span.start, "end": span.end} for span in score.evidence]
    return {"tag": score.tag, "confidence": score.confidence, "evidence": evidence}
