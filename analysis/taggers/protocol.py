"""The words that taggers and their callers share: what goes in, what comes out, and the thresholds between them.

Owns the `Tagger` protocol and its dataclasses. Plain Python, no database: verbs, commands, tests and other taggers
may all import it. A tagger never reads a comment's tags and never writes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from analysis.taggers.learned import TagModel
from analysis.taxonomy import TagDefinition

SHOWN_FROM = 0.5
"""Confidence from which a tag is shown to readers: more likely right than wrong."""

UNCERTAIN_FROM = 0.3
"""Confidence from which a tag that is not shown is put before a person."""


class Outcome(StrEnum):
    """What became of one comment. `uncertain` asks for a person; `none` says that no tag applies."""

    TAGGED = "tagged"
    NONE = "none"
    UNCERTAIN = "uncertain"


class Verdict(StrEnum):
    """What becomes of one tag: shown to readers, or kept for a person to look at."""

    SHOWN = "shown"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the comment's text, [start, end) in characters (code points, as Python's `len` counts)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TagScore:
    """One tag on one comment: `confidence` is a probability in [0, 1], `evidence` lies in the text, in order and
    apart from one another, and `words` quotes it. A shown tag always has evidence."""

    tag: str
    confidence: float
    evidence: tuple[Span, ...]
    words: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Tagged:
    """The answer for one comment: tags by falling confidence, those below the uncertain band left out."""

    outcome: Outcome
    tags: tuple[TagScore, ...] = ()

    @property
    def shown(self) -> tuple[TagScore, ...]:
        """The tags that readers see."""
        return tuple(score for score in self.tags if score.verdict is Verdict.SHOWN)

    @property
    def uncertain(self) -> tuple[TagScore, ...]:
        """The tags that a person should look at."""
        return tuple(score for score in self.tags if score.verdict is Verdict.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A comment with a person's word on it. `neg` None: every tag that is not in `tags` is judged not to apply;
    otherwise only those in `neg` are, and the rest is unknown."""

    text: str
    tags: frozenset[str]
    neg: frozenset[str] | None = None

    def judgement(self, tag: str) -> bool | None:
        """True where `tag` applies, False where it does not, None where nobody said."""
        if tag in self.tags:
            return True
        if self.neg is None or tag in self.neg:
            return False
        return None


@dataclass(frozen=True, slots=True)
class TaggingContext:
    """What a tagger may know besides the definitions, all of it about ONE article.

    `texts`: the article's own comments, unlabelled, so that a tagger can see which words are common there.
    `examples`: labelled comments of the article. Both may be empty; taggers then use built-in general values.
    `models`: what examples have taught already, by tag; where it is given, nothing is trained. None: a tagger that can
    learn trains on `examples`.
    """

    title: str = ""
    texts: tuple[str, ...] = ()
    examples: tuple[LabelledText, ...] = ()
    models: Mapping[str, TagModel] | None = None


@runtime_checkable
class PreparedTagger(Protocol):
    """A tagger with one article's definitions read and weighed; calling `tag` is cheap and changes nothing."""

    def tag(self, comment_text: str) -> Tagged:
        """Decide the tags of one comment; any string is fine, and the same string gives the same answer."""
        ...


@runtime_checkable
class Tagger(Protocol):
    """Decides which of an article's tags a comment gets. `name` and `version` are stored with each run."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def prepare(self, definitions: Sequence[TagDefinition], context: TaggingContext | None = None) -> PreparedTagger:
        """Read the definitions once for many comments."""
        ...

    def tag(
        self, comment_text: str, definitions: Sequence[TagDefinition], context: TaggingContext | None = None
    ) -> Tagged:
        """Tag a single comment; for more than one, `prepare` first."""
        ...


def verdict_for(confidence: float) -> Verdict | None:
    """Where a confidence falls; None is below the uncertain band."""
    if confidence >= SHOWN_FROM:
        return Verdict.SHOWN
    if confidence >= UNCERTAIN_FROM:
        return Verdict.UNCERTAIN
    return None


def tagged_from(scores: Iterable[TagScore]) -> Tagged:
    """Order scores by falling confidence (then by tag, so that ties are stable) and name the outcome."""
    ordered = tuple(sorted(scores, key=lambda score: (-score.confidence, score.tag)))
    if any(score.verdict is Verdict.SHOWN for score in ordered):
        return Tagged(Outcome.TAGGED, ordered)
    return Tagged(Outcome.UNCERTAIN if ordered else Outcome.NONE, ordered)
