"""The screens. Each is a small pure function: facts -> verdict, or None where it does not object.

Their order stands in `COMMENTS["SCREENS"]`; reading that list aloud is reading the policy.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from comments import conf
from comments.screening.verdict import Facts, Outcome, Verdict
from comments.texts import fingerprint, legible, skeleton

_WORD_BREAK = re.compile(r"[\W_]+")


def closed_thread(facts: Facts) -> Verdict | None:
    """A closed discussion takes nothing more."""
    if facts.is_open or facts.is_edit:
        return None
    return Verdict(
        Outcome.REFUSE,
        "closed",
        _("This discussion is closed. You can still read it, but it takes no more comments."),
        status=403,
    )


def flood(facts: Facts) -> Verdict | None:
    """Many comments from one client address in a short time wait; very many are refused."""
    if facts.is_staff or facts.is_edit:
        return None
    if facts.client_count >= conf.FLOOD_REFUSE:
        return Verdict(
            Outcome.REFUSE,
            "flood",
            _("Too many comments came from your connection just now. Please wait a minute and send it again."),
            status=429,
            retry_after=conf.FLOOD_SECONDS,
        )
    if facts.client_count >= conf.FLOOD_HOLD:
        return Verdict(Outcome.HOLD, "flood", str(facts.client_count))
    return None


def honeypot(facts: Facts) -> Verdict | None:
    """A field that people do not see was filled in."""
    # What stood there is not kept: a program that fills in forms may have put an address into it.
    return Verdict(Outcome.SPAM, "honeypot") if facts.honeypot else None


def time_stamp(facts: Facts) -> Verdict | None:
    """A form that comes back at once was filled in by a program; one that is very old has to be sent once more."""
    if facts.seconds is None or facts.is_edit:
        return None
    if facts.seconds > conf.MAX_FORM_AGE or facts.seconds < 0:
        return Verdict(
            Outcome.REFUSE,
            "form_expired",
            _("This form was open for a long time. Nothing is lost: please send it once more."),
        )
    if facts.seconds < conf.MIN_SECONDS:
        return Verdict(Outcome.HOLD, "too_fast", f"{facts.seconds:.1f} s")
    return None


def repeated_text(facts: Facts) -> Verdict | None:
    """The same words again: refused to the same browser in the same thread, held when others send them too."""
    if facts.is_edit or facts.is_staff:
        return None
    if facts.same_reader_repeats:
        return Verdict(
            Outcome.REFUSE,
            "repeated",
            _("You have already posted this text here. Change it if you want to add something."),
            field="body",
        )
    # Three words are said by everybody ("I agree completely"); a longer text is not.
    if facts.other_repeats and len(fingerprint(facts.text).split()) > 3:
        return Verdict(Outcome.HOLD, "repeated", str(facts.other_repeats))
    return None


def staff_name(facts: Facts) -> Verdict | None:
    """Nobody but staff posts under a name that looks like theirs."""
    if facts.is_staff or not facts.name:
        return None
    reserved = _reserved(tuple(conf.RESERVED_NAMES))
    wholes = {skeleton(facts.name), skeleton(_WORD_BREAK.sub("", facts.name))}
    # Split in both ways: "Site-Admin" has two words, and in "@dmin" the sign is a letter.
    words = {*facts.name.split(), *_WORD_BREAK.split(facts.name)}
    if wholes & (facts.staff_names | reserved) or any(skeleton(word) in reserved for word in words):
        return Verdict(
            Outcome.REFUSE,
            "reserved_name",
            _("This name is reserved for the staff of this site. Please choose another."),
            field="name",
        )
    return None


def links(facts: Facts) -> Verdict | None:
    """More links than an argument needs."""
    count = len(facts.links)
    if facts.is_staff or count <= conf.MAX_LINKS:
        return None
    return Verdict(Outcome.HOLD, "links", str(count))


def blocked_words(facts: Facts) -> Verdict | None:
    """A word or phrase of the site's list stands in the text, the name or the website."""
    pattern = _blocked(tuple(conf.BLOCKED_WORDS))
    if pattern is None or facts.is_staff:
        return None
    found = pattern.search(legible(f"{facts.text}\n{facts.name}\n{facts.website}\n{' '.join(facts.links)}"))
    return Verdict(Outcome.HOLD, "blocked_word", found.group(0)) if found else None


def newcomer(facts: Facts) -> Verdict | None:
    """The thread's own rule: everything waits, or whoever has no public comment from this browser yet.

    The browser counts, not the typed address: anybody can type somebody else's.
    """
    if facts.is_staff or facts.mode in {"publish", "closed"}:
        return None
    if facts.mode == "hold_all":
        return Verdict(Outcome.HOLD, "hold_all")
    if facts.approved_count == 0:
        return Verdict(Outcome.HOLD, "newcomer")
    return None


@lru_cache(maxsize=4)
def _reserved(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(skeleton(name) for name in names)


@lru_cache(maxsize=4)
def _blocked(words: tuple[str, ...]) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(legible(word)) for word in words)})(?!\w)", re.IGNORECASE)
