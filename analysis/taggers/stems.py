"""Cuts text into tokens and sentences and brings words to stems, in eight languages and any script.

Owns tokenising for all taggers: two texts that are compared must both have come through here. Plain and
deterministic; every step is bounded, because comments are hostile input.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped,unused-ignore]

from analysis.taggers.words import NUMBER_WORDS, STOP_WORDS, UNIT_WORDS, split_words

MAX_CHARACTERS = 20_000
"""What lies beyond is not read. The forms refuse longer bodies; files may hold anything."""

MAX_WORD = 40
"""Longer "words" are keyboards held down: the whole is evidence, so much of it is compared and cached."""

MAX_SENTENCE = 40
"""Tokens. A comment without full stops is cut into pieces of this size, so that a window stays a window."""

HYPHENS = ("-", "‐", "‑")

_SNOWBALL = {"en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "ru": "russian"}

_TENS = frozenset(str(number) for number in range(20, 100, 10))
_TENS_FOLLOWERS = UNIT_WORDS | {str(number): number for number in UNIT_WORDS.values()}

_WORD = re.compile(r"[^\W_]+(?:[’'ʼ`](?=[^\W\d_])[^\W_]+)*")
_SENTENCE_BREAK = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)|[。！？]+|\n+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_RUSSIAN = re.compile("[ыэъёЫЭЪЁ]")
_POLISH = re.compile("[ąćęłńśźż]")


_LATIN_STOP_WORDS: dict[str, tuple[str, ...]] = {}
for _code in ("en", "de", "fr", "es", "it", "pl"):
    for _stop in STOP_WORDS[_code]:
        _LATIN_STOP_WORDS[_stop] = (*_LATIN_STOP_WORDS.get(_stop, ()), _code)


@dataclass(frozen=True, slots=True)
class Languages:
    """The guess for one text: a language for its Latin words and one for its Cyrillic words."""

    latin: str = "en"
    cyrillic: str = "uk"


@dataclass(frozen=True, slots=True)
class Token:
    """A word at [start, end) of the text. `word` is folded for comparison, `stem` is its key; `is_stop` marks words
    of the language that mean nothing alone. `sentence` counts from 0."""

    start: int
    end: int
    word: str
    stem: str
    is_stop: bool
    sentence: int


def guess_languages(text: str) -> Languages:
    """A cheap guess by script, tell-tale letters and stop words; English and Ukrainian where nothing tells.

    Two stop words more than English are asked for before a Latin text is taken for something else: names, quotations
    and short texts are no reason to change the stemmer.
    """
    sample = text[:4000].casefold()
    words = [match[0] for match in _WORD.finditer(sample)][:300]
    counts = dict.fromkeys(("en", "de", "fr", "es", "it", "pl"), 0)
    for word in words:
        for code in _LATIN_STOP_WORDS.get(word, ()):
            counts[code] += 1
    counts["pl"] += len(_POLISH.findall(sample))
    best = max(("de", "fr", "es", "it", "pl"), key=lambda code: counts[code])
    latin = best if counts[best] >= counts["en"] + 2 else "en"
    if sample.isascii():
        return Languages(latin)
    ukrainian = len(_UKRAINIAN.findall(sample)) + sum(word in STOP_WORDS["uk"] for word in words)
    russian = len(_RUSSIAN.findall(sample)) + sum(word in STOP_WORDS["ru"] for word in words)
    return Languages(latin, "ru" if russian > ukrainian else "uk")


def tokenise(text: str, languages: Languages | None = None) -> tuple[Token, ...]:
    """The tokens of `text`, in order, with offsets in characters. `languages` None: guessed from the text.

    Numbers written as words become digits ("twenty-point" is "20", "point"); runs of a script without spaces become
    overlapping pairs of characters. Text in which nothing is a word gives no tokens.
    """
    text = text[:MAX_CHARACTERS]
    languages = languages or guess_languages(text)
    breaks = [match.end() for match in _SENTENCE_BREAK.finditer(text)]
    tokens: list[Token] = []
    sentence = passed = in_sentence = 0
    for start, end in _word_spans(text):
        while passed < len(breaks) and breaks[passed] <= start:
            passed += 1
            if in_sentence:
                sentence, in_sentence = sentence + 1, 0
        if in_sentence >= MAX_SENTENCE:
            sentence, in_sentence = sentence + 1, 0
        word, stem, is_stop = _read_word(text[start : min(end, start + MAX_WORD)], languages)
        tens = tokens[-1] if tokens and tokens[-1].end + 1 == start and text[start - 1] in HYPHENS else None
        if tens and word in _TENS_FOLLOWERS and tens.word in _TENS and not tens.word.startswith(text[tens.start]):
            number = str(int(tens.word) + _TENS_FOLLOWERS[word])
            tokens[-1] = Token(tens.start, end, number, number, False, tens.sentence)
            continue
        tokens.append(Token(start, end, word, stem, is_stop, sentence))
        in_sentence += 1
    return tuple(tokens)


def _word_spans(text: str) -> list[tuple[int, int]]:
    if text.isascii():
        return [match.span() for match in _WORD.finditer(text)]
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if end - start > 1 and _UNSPACED.search(match[0]):
            spans.extend((at, at + 2) for at in range(start, end - 1))
        else:
            spans.append((start, end))
    return spans


@lru_cache(maxsize=50_000)
def _read_word(raw: str, languages: Languages) -> tuple[str, str, bool]:
    """Folded form, stem and whether it is a stop word. Cached: pure Python stemming is what costs most here."""
    word = unicodedata.normalize("NFKC", raw).casefold().replace("’", "'").replace("ʼ", "'").replace("`", "'")
    language = languages.cyrillic if _CYRILLIC.search(word) else languages.latin
    if word in STOP_WORDS[language]:
        return word, word, True
    if language in ("en", "fr", "it"):  # who's, l'Europe, dell'Europa: the half that is grammar goes
        left, _, right = word.partition("'")
        is_before = (language == "fr" and len(left) <= 2) or (language == "it" and left in STOP_WORDS["it"])
        word = (right if is_before else left) or word
    if word in NUMBER_WORDS and language == "en":
        word = str(NUMBER_WORDS[word])
    is_stop = word in STOP_WORDS[language] or (len(word) < 2 and word.isascii() and not word.isdigit())
    return word, stem_word(word, language), is_stop


_per_thread = threading.local()  # a snowball stemmer keeps the word it works on inside itself


def stem_word(word: str, language: str) -> str:
    """The stem of one folded word; numbers, and words of unknown languages, are their own stems."""
    if not word.isalpha():
        return word
    if language in _ENDINGS:
        return _stem_lightly(word, _ENDINGS[language])
    if language not in _SNOWBALL:
        return word
    stemmers: dict[str, snowballstemmer.stemmer] = _per_thread.__dict__
    if language not in stemmers:
        stemmers[language] = snowballstemmer.stemmer(_SNOWBALL[language])
    return str(stemmers[language].stemWord(word))


def _longest_first(endings: str) -> tuple[str, ...]:
    return tuple(sorted(set(split_words(endings)), key=lambda ending: (-len(ending), ending)))


_ENDINGS = {
    "uk": _longest_first("""
        ністю ності ність ованими ованого ованому ований ована оване овані ування уванню уваннями
        ськими ського ському ськими ський ська ське ські ською ськім
        ого ому ими ій ий ої ою ая ее їй ім их ії ією ями ям ях ами ам ах ові еві ев ов ей ою ею єю ям
        ати ити іти яти ють уть ять ать еш иш ить ете ите ємо имо емо ала ила али или ало ило ав ив ів
        ення ання іння енням анням у ю а я о е и і ї є ь й
    """),
    "pl": _longest_first("""
        owaniem owania owanie owaniu aniem ania anie aniu eniem enia enie eniu ością ości ość
        owego owemu owym owych owymi owej owa owe owy iego iemu iej ego emu ymi imi ych ich ym im ej
        ami ach om ów owi em ą ę a e i o u y iem ie ia ię ią
        ować uje ują ał ała ało ały ali iły ili ił iła ć
    """),
}
"""Of the languages that have no snowball stemmer."""


def _stem_lightly(word: str, endings: tuple[str, ...]) -> str:
    """Strip the longest known ending that leaves three letters. This errs towards leaving too much, and alternations
    in the stem (захід, заходу) are not undone."""
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
