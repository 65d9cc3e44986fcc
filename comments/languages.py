"""Guesses the language of a text: by its script, and where several languages share one, by their commonest words.

Pure and cheap, for narrowing a queue and as a hint to screens; where nobody could tell, it says nothing.
"""

from __future__ import annotations

import re

_MOST = 320
_FEWEST = 2
"""Common words that must be found before a language is named."""

_WORD = re.compile(r"[^\W\d_]+")

_COMMON = {
    "en": "the and of to is in that it you for was are with this be have not they on but what we if would there can i",
    "de": "der die und das ist nicht ein zu ich sie mit den es auf für auch von dem sich aber eine wir wie im wird",
    "fr": "le les et est pas que des une pour qui dans vous je il sur ce avec plus nous mais au du sont cette c'est",
    "es": "el los que y es no una por para con las se lo del pero como más su esto hay muy está son este ser todo",
    "it": "il che di è non un per sono una gli con mi ma come questo della anche si ho più lo nel alla dei",
    "pt": "o que não é um uma para com os do da mais você mas como por se muito isso são dos está ao ele",
    "nl": "het een en van ik dat niet is je zijn voor met maar op wat er ook aan als hij dit wel nog naar",
    "pl": "nie się i w na to że jest z do jak co ale tak za jestem czy już tylko przez dla po tego są",
    "sv": "och det är att en som på inte jag för med har till av ett om så men den var kan vi",
    "cs": "je se na že to v co jak ale tak jsem by za si pro jsou už není jako ve tím",
    "tr": "bir ve bu için çok ne ben de da değil gibi daha var ama ile olarak sonra kadar mı",
    "ro": "și nu este că un pe cu mai să din pentru în ce care sunt dar fi sau",
    "uk": "і що не на це та в я як до у з за є але від ми ви так для бути вони його її також",
    "ru": "и не что это в на я как с он по а к но они мы вы за из у от для было так же его ее",
    "bg": "и да не на е се за от в че това с по са ще но си към ги като",
}
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _code, _list in _COMMON.items():
    for _word in _list.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _code)
_CYRILLIC = ("uk", "ru", "bg")

_TELLING = {
    "uk": re.compile("[іїєґ]"),
    "ru": re.compile("[ыэъё]"),
    "pl": re.compile("[ąęłńśźż]"),
    "de": re.compile("[ß]"),
    "cs": re.compile("[ěřůč]"),
    "tr": re.compile("[ığş]"),
    "ro": re.compile("[țșă]"),
    "pt": re.compile("[ãõ]"),
    "es": re.compile("[ñ¿¡]"),
    "sv": re.compile("[å]"),
}
"""Letters that hardly any other of these languages has."""

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("th", re.compile("[\u0e01-\u0e5b]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("fa", re.compile("[\u067e\u0686\u0698\u06af]")),
    ("ar", re.compile("[\u0620-\u06ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0531-\u058f]")),
    ("hi", re.compile("[\u0904-\u0939]")),
)
_FOREIGN = re.compile("[\u0370-\u1fff\u3040-\ud7af]")
_CYRILLIC_LETTER = re.compile("[\u0400-\u04ff]")


def language_of(text: str) -> str:
    """Return the ISO 639 code of the language that a text seems to be written in; empty where nothing tells.

    Args:
        text: what readers read; its beginning is enough.
    """
    sample = text[:_MOST].lower()
    if not sample.isascii() and (foreign := _FOREIGN.findall(sample)):
        letters = sum(len(word) for word in _WORD.findall(sample))
        if 2 * len(foreign) >= letters:
            return _by_script(sample)
    counts: dict[str, int] = {}
    for word in _WORD.findall(sample):
        for code in _BY_WORD.get(word, ()):
            if code not in _CYRILLIC:
                counts[code] = counts.get(code, 0) + 1
    return _best(sample, counts)


def _by_script(sample: str) -> str:
    cyrillic = len(_CYRILLIC_LETTER.findall(sample))
    found = {code: len(letters.findall(sample)) for code, letters in _SCRIPTS}
    best = max(found, key=lambda code: found[code])
    if cyrillic < found[best]:
        # Japanese is written with Chinese letters as well, Persian with Arabic ones; the reverse does not hold.
        if best == "zh" and found["ja"]:
            return "ja"
        return "fa" if best == "ar" and found["fa"] else best
    counts: dict[str, int] = {}
    for word in _WORD.findall(sample):
        for code in _BY_WORD.get(word, ()):
            if code in _CYRILLIC:
                counts[code] = counts.get(code, 0) + 1
    return _best(sample, counts)


def _best(sample: str, counts: dict[str, int]) -> str:
    if not sample.isascii():
        for code, letters in _TELLING.items():
            if told := len(letters.findall(sample)):
                counts[code] = counts.get(code, 0) + min(told, 6)
    if not counts:
        return ""
    first, *others = sorted(counts, key=lambda code: -counts[code])
    return first if counts[first] >= _FEWEST and (not others or counts[first] > counts[others[0]]) else ""
