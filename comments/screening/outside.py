"""Asks the outside screens, those that call a service over the network, before anything is written.

A service may take seconds, and a transaction that waits for it would keep every other writer out. `comments.posting`
calls this before its transaction and hands the answers on to the pipeline. Nothing is asked unless the site names a
screen in `COMMENTS["OUTSIDE_SCREENS"]`.
"""

from __future__ import annotations

import logging

from django.utils.module_loading import import_string

from comments import conf
from comments.screening.exchange import ServiceFault
from comments.screening.verdict import Facts, Outcome, Verdict

log = logging.getLogger(__name__)


def ask(facts: Facts) -> tuple[Verdict, ...]:
    """The verdicts of the outside screens; () where none is set up, and for what is decided without them.

    Args:
        facts: what the words alone tell; an address is not among it.
    """
    paths = conf.OUTSIDE_SCREENS
    if not paths or facts.is_staff or facts.honeypot or not facts.is_open:
        return ()
    found: list[Verdict] = []
    for path in paths:
        try:
            verdict = import_string(path)(facts)
        except ServiceFault as fault:
            # The fault names its kind only: neither the key nor what was asked belongs into a log.
            log.warning("The outside screen %s gave no answer: %s", path, fault)
            verdict = Verdict(Outcome.HOLD, "outside_down") if conf.OUTSIDE_WHEN_DOWN == "hold" else None
        if verdict is not None and verdict.outcome is not Outcome.PUBLISH:
            found.append(verdict)
    return tuple(found)
