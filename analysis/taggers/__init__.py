"""Taggers decide which of an article's tags a comment gets; this is the package's public door.

Plain Python without a database. Callers import from here; the modules inside are private rooms, except that a new
tagger builds on `protocol` and `stems`.
"""

from analysis.taggers.lexical import LexicalTagger
from analysis.taggers.protocol import (
    SHOWN_FROM,
    UNCERTAIN_FROM,
    LabelledText,
    Outcome,
    PreparedTagger,
    Span,
    Tagged,
    Tagger,
    TaggingContext,
    TagScore,
    Verdict,
)

LEXICAL = LexicalTagger()
"""The tagger that needs nothing but the definitions."""

__all__ = [
    "LEXICAL",
    "SHOWN_FROM",
    "UNCERTAIN_FROM",
    "LabelledText",
    "LexicalTagger",
    "Outcome",
    "PreparedTagger",
    "Span",
    "TagScore",
    "Tagged",
    "Tagger",
    "TaggingContext",
    "Verdict",
]
