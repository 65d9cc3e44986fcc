"""Reads, checks and proposes taxonomies: the indicators and positions that an article's comments are tagged with.

Owns the taxonomy file's format. Plain Python without a database, so commands, seeds and taggers may all call it; what
a taxonomy becomes in the database is the business of `analysis.runs` and the seeding command.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import yaml

INDICATOR = "indicator"
POSITION = "position"
KINDS = (INDICATOR, POSITION)

MAX_TAGS = 62
"""Tags of one article: a reader's selection has to fit a signed 64-bit set with room to spare."""


class TaxonomyError(ValueError):
    """A taxonomy that cannot be used; the message names article, tag and field and says what to do."""


@dataclass(frozen=True, slots=True)
class TagDefinition:
    """One indicator or position of an article. `name` may be empty where `description` is not."""

    id: str
    kind: str
    name: str
    description: str
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleTaxonomy:
    """The tags of one article, in the order of the file, which is the order that readers see."""

    id: str
    title: str
    tags: tuple[TagDefinition, ...]


# --- reading -----------------------------------------------------------------------------------------------------


def read_taxonomy(path_or_stream: str | Path | IO[str] | IO[bytes]) -> tuple[ArticleTaxonomy, ...]:
    """Read a taxonomy file (YAML, UTF-8) and check all of it.

    Raises `TaxonomyError` for the first thing that is wrong, and `OSError` where the file cannot be opened.
    """
    try:
        if isinstance(path_or_stream, (str, Path)):
            with open(path_or_stream, "rb") as stream:
                document = yaml.safe_load(stream)
        else:
            document = yaml.safe_load(path_or_stream)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TaxonomyError(f"The taxonomy is not valid YAML: {_one_line(error)}. Mend the file there.") from error
    except (ValueError, RecursionError) as error:  # an impossible date, or thousands of brackets
        raise TaxonomyError(f"The taxonomy cannot be read as YAML: {_one_line(error)}. Put texts in quotes.") from error
    return _taxonomy_from(document)


def _taxonomy_from(document: object) -> tuple[ArticleTaxonomy, ...]:
    if not isinstance(document, dict) or "articles" not in document:
        raise TaxonomyError('A taxonomy file holds one list named "articles"; begin the file with "articles:".')
    found: dict[str, ArticleTaxonomy] = {}
    for number, entry in enumerate(_list(document["articles"], 'The field "articles"'), start=1):
        article = _article_from(entry, f"Article {number}")
        if article.id in found:
            raise TaxonomyError(f'Two articles have the id "{article.id}"; give each its own id.')
        found[article.id] = article
    return tuple(found.values())


def _article_from(entry: object, place: str) -> ArticleTaxonomy:
    if not isinstance(entry, dict):
        raise TaxonomyError(f"{place} is {_kind_of(entry)}; write it as fields: id, title and tags.")
    article_id = _text(entry, "id", place, required=True)
    place = f'Article "{article_id}"'
    title = _text(entry, "title", place)
    entries = _list(entry.get("tags"), f'{place}: the field "tags"')
    if len(entries) > MAX_TAGS:
        raise TaxonomyError(f"{place} has {len(entries)} tags; an article holds {MAX_TAGS} at most, so merge some.")
    tags: dict[str, TagDefinition] = {}
    for number, tag_entry in enumerate(entries, start=1):
        tag = _tag_from(tag_entry, f"{place}, tag {number}", place)
        if tag.id in tags:
            raise TaxonomyError(f'{place}: two tags have the id "{tag.id}"; give each its own id.')
        tags[tag.id] = tag
    return ArticleTaxonomy(id=article_id, title=title, tags=tuple(tags.values()))


def _tag_from(entry: object, place: str, article_place: str) -> TagDefinition:
    if not isinstance(entry, dict):
        raise TaxonomyError(f"{place} is {_kind_of(entry)}; write it as fields: id, kind, name, description.")
    tag_id = _text(entry, "id", place, required=True)
    place = f'{article_place}, tag "{tag_id}"'
    kind = _text(entry, "kind", place, required=True)
    if kind not in KINDS:
        raise TaxonomyError(f'{place}: the kind "{kind}" is unknown; write "{INDICATOR}" or "{POSITION}".')
    name = _text(entry, "name", place)
    description = _text(entry, "description", place)
    if not name and not description:
        raise TaxonomyError(f"{place}: name and description are both empty; write at least one of them.")
    cues: dict[str, None] = {}
    if entry.get("cues") is not None:
        for number, cue in enumerate(_list(entry["cues"], f'{place}: the field "cues"'), start=1):
            if not isinstance(cue, str):
                raise TaxonomyError(f"{place}: cue {number} is {_kind_of(cue)}; put the phrase in quotes.")
            if cue.strip():
                cues[cue.strip()] = None
    return TagDefinition(id=tag_id, kind=kind, name=name, description=description, cues=tuple(cues))


def _text(entry: dict[object, object], field: str, place: str, *, required: bool = False) -> str:
    value = entry.get(field)
    if value is None:
        value = ""
    if not isinstance(value, str):  # YAML reads `no`, 20 and 2025-12-12 as something else than text
        raise TaxonomyError(f'{place}: the field "{field}" is {_kind_of(value)}, not text; put it in quotes.')
    if required and not value.strip():
        raise TaxonomyError(f'{place}: the field "{field}" is missing or empty; write it.')
    return value.strip()


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise TaxonomyError(f'{place} is {_kind_of(value)}, not a list; start each entry on a line with "- ".')
    return value


def _kind_of(value: object) -> str:
    names = {type(None): "empty", bool: "a yes/no value", int: "a number", float: "a number", str: "a text"}
    names |= {list: "a list", dict: "a set of fields"}
    return names.get(type(value), f"a {type(value).__name__}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


# --- writing -----------------------------------------------------------------------------------------------------


def dump_taxonomy(articles: Iterable[ArticleTaxonomy]) -> str:
    """The taxonomy file for `articles`; `read_taxonomy` of it gives them back."""
    document = {
        "articles": [
            {"id": article.id, "title": article.title, "tags": [_fields_of(tag) for tag in article.tags]}
            for article in articles
        ]
    }
    dumped: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
    return dumped


def _fields_of(tag: TagDefinition) -> dict[str, object]:
    fields: dict[str, object] = {"id": tag.id, "kind": tag.kind, "name": tag.name, "description": tag.description}
    if tag.cues:
        fields["cues"] = list(tag.cues)
    return fields


# --- proposing ---------------------------------------------------------------------------------------------------

_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$")
_ITEM = re.compile(r"^[ \t]{0,6}(?:\d{1,3}[.)]|[-*+•–])[ \t]+(.*)$")
_BOLD_LEAD = re.compile(r"^(?:\*\*|__)(.{2,120}?)(?:\*\*|__)[ \t]*[:.–—-]?[ \t]*(.*)$", re.DOTALL)
_COLON_LEAD = re.compile(r"^([^:.!?]{2,80}?)(?::|[ \t][–—-])[ \t]+(.+)$", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+")
_SIDE = re.compile(
    r"\b([Tt]he[ \t]+(?:[\w’'/&-]+[ \t]+){1,4}?(?:push|side|camp|position|argument|view))\b(?![ \t]+of\b)"
)
_ONE_OF_TWO = re.compile(
    r"(?:^|[.;:,]\s+|\b[Bb]ut\s+|\b[Ww]hile\s+)([Tt]he[ \t]+(?:[\w’'-]+[ \t]+){1,4}?)one[ \t]+[a-z]+s\b"
)
_CONJUNCTION = re.compile(r"^(?:And|But|While|Yet|Still|Meanwhile|Now|and|but|while|yet)\s+")
_SIDES_ABOVE = re.compile(r"\b(?:push|side|camp|position|argument|view|idea|school)e?s\b", re.IGNORECASE)
_ARGUERS = re.compile(
    r"(?:^|[.;:,]\s+|\b[Bb]ut\s+|\b[Ww]hile\s+)((?:[\w’'-]+[ \t]+){0,3}[\w’'-]{3,})[ \t]+"
    r"(?:argues?|argued|insists?|insisted|maintains?|contends?|counters?)[ \t]+that\b"
)
_PRONOUNS = frozenset({"he", "she", "they", "it", "we", "you", "i", "who", "which", "this", "that", "these", "those"})


def propose(article_text: str, *, article_id: str = "") -> ArticleTaxonomy:
    """A first taxonomy for an article in Markdown, HTML or plain text, for an editor to correct.

    Checklist items (numbered, else bulleted) become indicators, or the headings below the title where the article
    has no list; "the ... push, side, camp" and "... argue that" become positions. Nothing is guessed beyond what the
    article says, so an article without such marks gives no tags. `article_id` empty: made from the title.
    """
    matter, body = _front_matter(article_text)
    title, headings, items, prose = _outline(_plain(body))
    title = matter.get("title", "") or title
    used: set[str] = set()
    tags: list[TagDefinition] = []
    for name, description in items or headings:
        tags.append(TagDefinition(_new_id(name, INDICATOR, used), INDICATOR, name, description))
    for name, description in _sides(prose):
        tags.append(TagDefinition(_new_id(name, POSITION, used), POSITION, name, description))
    article_id = article_id or matter.get("id", "") or _slug(title) or "article"
    return ArticleTaxonomy(article_id, title, tuple(tags[:MAX_TAGS]))


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The texts between two lines of "---" at the top, as many site generators write them, and what follows."""
    match = re.match(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", text, re.DOTALL)
    if not match:
        return {}, text
    try:
        fields = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    if not isinstance(fields, dict):
        return {}, text
    return {str(key): value.strip() for key, value in fields.items() if isinstance(value, str)}, text[match.end() :]


def _plain(article_text: str) -> str:
    """Markdown-like text from any of the three formats; HTML keeps only headings, list items and paragraphs."""
    text = article_text.replace("\r\n", "\n").replace("\r", "\n")
    if not re.search(r"<(?:p|h[1-6]|li|div|article|html|body)\b", text, re.IGNORECASE):
        return text
    text = re.sub(r"(?is)<(script|style|head|nav|form|footer)\b.*?</\1\s*>", " ", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?i)<(?:b|strong)\b[^<>]*>\s*|\s*</(?:b|strong)>", "**", text)
    text = re.sub(r"(?i)<h1\b[^<>]*>", "\n\n# ", text)
    text = re.sub(r"(?i)<h[2-6]\b[^<>]*>", "\n\n## ", text)
    ordered = re.sub(r"(?i)<li\b[^<>]*>(?:\s*<p\b[^<>]*>)?", "\n- ", text)
    ordered = re.sub(r"(?i)<br\b[^<>]*>", "\n", ordered)
    ordered = re.sub(r"(?i)</?(?:p|div|h[1-6]|ul|ol|section|article|blockquote|tr|table)\b[^<>]*>", "\n\n", ordered)
    return html.unescape(re.sub(r"<[^<>]{0,2000}>", "", ordered))


def _outline(text: str) -> tuple[str, list[tuple[str, str]], list[tuple[str, str]], str]:
    """Title, headings with the sentence below each, list items, and the running text."""
    title = ""
    headings: list[tuple[str, str]] = []
    items: list[str] = []
    prose: list[str] = []
    in_item = awaiting = False
    for line in [*text.split("\n"), ""]:
        heading, item = _HEADING.match(line), _ITEM.match(line)
        if heading:
            name = _clean(heading[1])
            if not title:
                title = name
            elif name:
                headings.append((name, ""))
                awaiting = True
            in_item = False
            prose.append("")
        elif item:
            items.append(item[1])
            in_item, awaiting = True, False
        elif not line.strip():
            in_item = False
            prose.append("")
        elif in_item or (line.startswith(("  ", "\t")) and items):
            items[-1] += " " + line.strip()
        else:
            prose.append(line.strip())
            if awaiting:
                headings[-1] = (headings[-1][0], _first_sentence(_clean(line)))
                awaiting = False
            title = title or _clean(line)[:120]
    paragraphs = [_clean(block) for block in "\n".join(prose).split("\n\n")]
    pairs = [pair for pair in map(_name_and_description, items) if pair[0]]
    return title, headings, pairs, "\n".join(block for block in paragraphs if block)


def _name_and_description(item: str) -> tuple[str, str]:
    for pattern, read in ((_BOLD_LEAD, item.strip()), (_COLON_LEAD, _clean(item))):
        lead = pattern.match(read)
        if lead:
            return _clean(lead[1]).rstrip(" .:–—-"), _first_sentence(_clean(lead[2]))
    sentence = _clean(item)
    return " ".join(sentence.split()[:8]).rstrip(" .,;:"), _first_sentence(sentence)


def _sides(prose: str) -> list[tuple[str, str]]:
    """Positions with the sentence that names them, each once, in the order of the article."""
    found: dict[str, tuple[str, str]] = {}
    for block in prose.split("\n"):
        # "Two ideas are at work. The American one is ...": a side only where the paragraph speaks of sides
        patterns = (_SIDE, _ARGUERS, _ONE_OF_TWO) if _SIDES_ABOVE.search(block) else (_SIDE, _ARGUERS)
        for sentence in _SENTENCE_END.split(block):
            for pattern, match in ((one, match) for one in patterns for match in one.finditer(sentence[:1000])):
                name = _CONJUNCTION.sub("", match[1].strip()) + (" side" if pattern is _ONE_OF_TWO else "")
                if name.split()[0].lower() in _PRONOUNS or name.split()[-1].lower() in _PRONOUNS:
                    continue
                name = name[0].upper() + name[1:]
                known = found.get(name.casefold())
                if known is None or (match.start(1) == 0 and not known[1].startswith(name[: -len(" side")])):
                    # a sentence that opens with the side says what it wants; "on the American side" says who was there
                    found[name.casefold()] = (name, sentence.strip()[:400])
    return list(found.values())


def _clean(text: str) -> str:
    """Text without Markdown's marks, on one line."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()\s]*\)", r"\1", text)
    text = re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", text)
    return " ".join(text.replace("\n>", "\n").split())


def _first_sentence(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0].strip()[:400]


def _slug(text: str, words: int = 4) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    parts = [part for part in re.findall(r"[a-z0-9]+", folded) if part not in {"the", "a", "an", "of", "s"}]
    return "-".join(parts[:words])[:50].strip("-")


def _new_id(name: str, kind: str, used: set[str]) -> str:
    stem = _slug(name) or kind
    number, candidate = 1, stem
    while candidate in used:
        number += 1
        candidate = f"{stem}-{number}"
    used.add(candidate)
    return candidate
