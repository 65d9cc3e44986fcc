"""The screens. Each is a small pure function: facts -> verdict, or None where it does not object.

Their order stands in `COMMENTS["SCREENS"]`; reading that list aloud is reading the policy.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from comments import conf
from comments.screening import holds
from comments.screening.deceit import deceits
from comments.screening.lists import NO_LISTS, Entry, WordLists
from comments.screening.prior import score
from comments.screening.verdict import Facts, Outcome, Verdict, scores
from comments.texts import fingerprint, skeleton

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


def blocked(facts: Facts) -> Verdict | None:
    """Who is blocked takes no part. An address that is only typed proves nothing: there the comment waits."""
    held = facts.hold
    if held is None:
        return None
    if not held.is_proven:
        return Verdict(Outcome.HOLD, "blocked_address")
    return Verdict(Outcome.REFUSE, "blocked", holds.sentence(held.until, is_everywhere=held.is_everywhere), status=403)


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


def near_repeated(facts: Facts) -> Verdict | None:
    """Nearly the same words again, by anybody, under any article: campaigns change a word or two."""
    if facts.is_edit or facts.is_staff or not facts.near_repeats:
        return None
    return Verdict(Outcome.HOLD, "near_repeated", str(facts.near_repeats))


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


def link_tricks(facts: Facts) -> tuple[Verdict, ...]:
    """Links that hide where they lead: shortened, under the name of another site, to a host that imitates one, or in
    the name."""
    if facts.is_staff:
        return ()
    return tuple(
        Verdict(Outcome.HOLD, code, link, found=(found,), where=where)
        for code, link, found, where in deceits(facts, shorteners=frozenset(conf.SHORTENERS))
    )


def fast_link(facts: Facts) -> Verdict | None:
    """A text with a link or a website, back sooner than anybody types so much.

    Alone, speed says little: people write elsewhere and paste.
    """
    if facts.seconds is None or facts.is_staff or facts.is_edit or not (facts.links or facts.website):
        return None
    if len(facts.text) <= conf.TYPING_SPEED * max(facts.seconds, 1.0):
        return None
    return Verdict(Outcome.HOLD, "fast_link", f"{len(facts.text) / max(facts.seconds, 1.0):.0f}/s")


def blocked_words(facts: Facts) -> Verdict | tuple[Verdict, ...] | None:
    """An entry of the site's lists stands in the text, the name, the website or a link."""
    if facts.is_staff:
        return None
    fixed = _blocked(tuple(conf.BLOCKED_WORDS))
    if not fixed and not facts.lists:
        return None
    fields = {"text": facts.text, "name": facts.name, "website": facts.website}
    found = [match for lists in (fixed, facts.lists) if lists for match in lists.find(links=facts.links, **fields)]
    verdicts = tuple(
        Verdict(*_LISTS[match.entry.list], match.entry.pattern, found=(match.found,), where=match.where)
        for match in found[:_SHOWN]
    )
    return verdicts[0] if len(verdicts) == 1 else verdicts or None


_SHOWN = 5
"""Entries that are named for one comment, those of the strongest list first."""
_LISTS = {
    "hold": (Outcome.HOLD, "blocked_word"),
    "spam": (Outcome.SPAM, "spam_word"),
    "reject": (Outcome.REJECT, "reject_word"),
}


@scores
def prior(facts: Facts) -> Verdict | None:
    """The hand-written score: two thresholds send a comment to a moderator, or among the spam."""
    if facts.is_staff:
        return None
    found = score(facts)
    if found.probability >= conf.SCREEN_SPAM:
        outcome = Outcome.SPAM
    else:
        outcome = Outcome.HOLD if found.probability >= conf.SCREEN_HOLD else Outcome.PUBLISH
    detail = f"{round(100 * found.probability)} %: {', '.join(found.words)}".removesuffix(": ")
    return Verdict(outcome, "prior", detail, found=found.words, risk=found.probability)


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
def _blocked(words: tuple[str, ...]) -> WordLists:
    return WordLists(Entry("hold", word) for word in words) if words else NO_LISTS
