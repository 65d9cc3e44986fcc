"""Cleaning and judging what people type, before anything is rendered: bodies, names, websites.

Pure functions, no database. Faces and `comments.posting` call them; nothing here knows HTML.
"""

from __future__ import annotations

import re
import unicodedata

from comments.sanitize import is_safe_url

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_BIDI_OVERRIDE = re.compile(r"[\u202a-\u202e]")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_JOINERS = re.compile(r"[\u200c\u200d]")
_SPACE = re.compile(r"\s+")

_LOOKALIKES = str.maketrans(
    # Letters of other scripts, digits and signs that pass for Latin ones in a name (a part of Unicode TR 39).
    # All that passes for an upright stroke is one: `I`, `l`, `1` and `|` differ in no typeface that can be relied on.
    "аеорсухіјѕԁһӏвкмнтαεικνορτυχ013457@$|iı",
    "aeopcyxljsdhlbkmhtaelknoptuxoleastaslll",
)


def clean_body(body: str) -> str:
    """Return a body without what no reader can mean: NUL and other controls, lone surrogates, direction overrides.

    Line ends become `\\n`. Everything else, in whatever script, stays as typed.
    """
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    return _BIDI_OVERRIDE.sub("", _CONTROL.sub("", body)).strip()


def clean_name(name: str) -> str:
    """Return a name on one line, in composed form, without direction marks and invisible characters.

    Joiners stay inside a name where a script or an emoji needs them, and go from its ends.
    """
    name = unicodedata.normalize("NFC", _CONTROL.sub("", name.replace("\n", " ").replace("\r", " ").replace("\t", " ")))
    name = _INVISIBLE.sub("", _BIDI.sub("", name))
    return _SPACE.sub(" ", name).strip().strip("\u200c\u200d").strip()


_INK = re.compile(r"[A-Za-z0-9]")
"""What most texts have, so that nothing more has to be looked for."""


def is_visible(text: str) -> bool:
    """Whether a reader would see anything: one letter, digit, sign or emoji that has ink."""
    if _INK.search(text):
        return True
    bare = _JOINERS.sub("", _INVISIBLE.sub("", text))
    return any(unicodedata.category(char)[0] in "LNPS" and char != "\u2800" for char in bare)


def clean_website(website: str) -> str:
    """Return a website as an address that may be linked, `https://` added where it is missing.

    Raises:
        ValueError: it is no address of a website.
    """
    website = _SPACE.sub("", _CONTROL.sub("", website))
    if not website:
        return ""
    if "://" not in website:
        website = f"https://{website}"
    if not is_safe_url(website) or "." not in website.split("://", 1)[1].split("/", 1)[0].strip("."):
        raise ValueError(website)
    return website


def skeleton(text: str) -> str:
    """Return a form in which look-alikes are alike: "Аdmіn", "ADMIN" and "a d m i n" give one skeleton.

    For comparing only, never for showing.
    """
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(char for char in text if not unicodedata.combining(char)).translate(_LOOKALIKES)
    return re.sub(r"[\W_]+", "", text)


def legible(text: str) -> str:
    """Return a text as it looks: compatibility forms composed, what has no ink left out. For searching only."""
    return _JOINERS.sub("", _INVISIBLE.sub("", _BIDI.sub("", unicodedata.normalize("NFKC", text))))


def fingerprint(text: str) -> str:
    """Return a text in the form in which repetition is looked for: case, spacing and punctuation do not count.

    In a text without letters they are what is said: "+1" is not "1", and two emoji differ.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[\W_]+", " ", folded).strip()
    return words if any(char.isalpha() for char in words) else _SPACE.sub(" ", folded).strip()
