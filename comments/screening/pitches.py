"""How people ask for clicks under what others made, and how much of a text is about anything at all.

Pure; only the prior calls it. It goes by how the words stand to each other - a call at the head of a clause, something
of one's own behind "my" - so that a fan who subscribed, or who hates those who beg, does not look like a beggar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set

from comments.screening import speech

_HEAD = r"(?:^|[.!?,;:)(>|~*\n\u2022-]\s*|[^\w\s'’.,]\s*|\b(?:%s)\s+)"
_BEFORE_SOFT = (
    "please|pls|plz|plzz|pleas|plss|kindly|and|go|come|guys|everyone|everybody|people|friends|ppl|bro|hey|yo|then"
    "|so|just"
    "|also|must|should|gotta|now|will u|could you|can you|would you|you can|feel free to|make sure to|make sure you"
    "|dont forget to|don.t forget to|want to"
)
_BEFORE_FIRM = f"{_BEFORE_SOFT}|to"
_FIRM = (
    r"sub|subs|su[bs]+c?ri?be|subscibe|follow|vote|visit|chec?k(?: it| them| him| her| me| us)? ?out|chek"
    r"|check (?:my|our|dis|mah)|click|join|sign up|share|register|whatsapp|contact|download|hit (?:that|the)"
    r"|like (?:and|my|our|this|if|for)"
    r"|thumbs? (?:this )?up|stop by|drop by|swing by|come over|support (?:me|us|my|our)|copy|go to|head over|hit me up"
    r"|add me"
)
_SOFT = (
    "watch|listen|look|try|read|search|give|help|take|hear|stream|buy|get|tell|let me|earn|win|grab|comment"
    "|have a (?:look|listen)"
)
_FIRM_CALL = re.compile(_HEAD % _BEFORE_FIRM + rf"({_FIRM})\b")
_SOFT_CALL = re.compile(_HEAD % _BEFORE_SOFT + rf"({_SOFT})\b")
_GOAL = re.compile(
    r"\b(?:need|reach|reaching|hit|get|get me|help me (?:get|reach)|have|at|goal|want|make it|trying to|till|until"
    r"|for)\b[^.!?\n]{0,20}?\b\d[\d,.]*k?\b[^.!?\n]{0,12}?\b(?:subs?|subscribers?|followers?|likes)\b"
    r"|\bsub\w* ?(?:4|for|=) ?sub\w*|\bsub\w* (?:you |u )?back\b|\bneed (?:more |some )?(?:subs|views|followers)\b"
    r"|\btrade subs\b|\bfollow ?(?:4|for) ?follow|\bl4l\b|\bf4f\b"
)
_GOAL_HINTS = ("sub", "follow", "likes", "l4l", "f4f")
_MOMENT = re.compile(r"(?<![\d:])\d{1,2}:[0-5]\d(?![\d:])")
_REACH = 3
"""Words that may stand between "my" and what is mine, between "I" and what I do."""


def own_works(tokens: Sequence[str]) -> Iterator[str]:
    """What somebody calls their own that one can click on: "my new channel", "our band"."""
    return _behind(tokens, speech.MINE, speech.WORKS, lambda word: word in speech.BREAKS)


def made(tokens: Sequence[str]) -> Iterator[str]:
    """What somebody says that they make: "I upload", "we just dropped"."""
    return _behind(tokens, speech.MAKERS, speech.MAKING, lambda word: word not in speech.BETWEEN)


def _behind(tokens: Sequence[str], heads: Set[str], wanted: Set[str], is_end: Callable[[str], bool]) -> Iterator[str]:
    for at, token in enumerate(tokens):
        if token in heads:
            for word in tokens[at + 1 : at + 2 + _REACH]:
                if word in wanted:
                    yield word
                    break
                if is_end(word):
                    break


def firm_calls(folded: str, words: Set[str]) -> list[str]:
    """Calls that ask for a click and hardly for anything else. `words` are those of the text, so that most texts are
    not searched."""
    return [] if speech.FIRM_WORDS.isdisjoint(words) else [match.group(1) for match in _FIRM_CALL.finditer(folded)]


def soft_calls(folded: str, words: Set[str]) -> list[str]:
    """Calls that may ask for one."""
    return [] if speech.SOFT_WORDS.isdisjoint(words) else [match.group(1) for match in _SOFT_CALL.finditer(folded)]


def goals(folded: str) -> int:
    """Numbers of subscribers and likes that somebody wants, and offers to trade them."""
    return len(_GOAL.findall(folded)) if any(hint in folded for hint in _GOAL_HINTS) else 0


def moments(text: str) -> int:
    """Places in a film that are spoken of: "2:15"."""
    return len(_MOMENT.findall(text)) if ":" in text else 0


def substance(tokens: Sequence[str]) -> int:
    """Distinct words that are about something: neither grammar, nor praise, nor talk about sites and posts."""
    return len({word for word in tokens if len(word) > 3 and word not in speech.SAYS_NOTHING})
