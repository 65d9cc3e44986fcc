"""The screens: what all of them together cost a comment, with 10,000 entries in the word lists and a learned model."""

from __future__ import annotations

import random
import statistics
import string
import time
from dataclasses import replace

from analysis.screening import learning, training
from analysis.screening.training import Example
from comments.models import WordEntry
from comments.sanitize import link_targets, plain_text
from comments.screening import Facts, entries, screen
from tests.benchmarks import data
from tests.benchmarks.report import line

ENTRIES = 10_000
_ROUNDS = 5


def measure() -> None:
    """Measure in this process, first with neither, then with both; leaves the entries and the model behind."""
    chance = random.Random(3)
    written = [
        Facts(text=plain_text(html), links=tuple(link_targets(html)), name=author, mode="publish")
        for _, html, author in data.texts()
    ]
    line("screens alone, a comment", f"{_milliseconds(written):6.2f} ms CPU")
    WordEntry.objects.bulk_create(
        (
            WordEntry(list=chance.choice(WordEntry.List.values), pattern=pattern)
            for pattern in sorted({_pattern(chance) for _ in range(2 * ENTRIES)})[:ENTRIES]
        ),
        batch_size=1000,
    )
    entries.forget()
    written = [replace(facts, lists=entries.word_lists()) for facts in written]
    with_lists = _milliseconds(written)
    line(f"screens with {ENTRIES:,} entries, a comment", f"{with_lists:6.2f} ms CPU")
    spam = [
        Facts(
            text=" ".join(_word(chance) for _ in range(30)),
            name=_word(chance),
            website=f"https://{_word(chance)}.example/",
        )
        for _ in range(200)
    ]
    examples = [
        Example(label, facts.text, owner=f"{label} {number}", name=facts.name, website=facts.website)
        for label, some in (("ham", written[:300]), ("spam", spam))
        for number, facts in enumerate(some)
    ]
    learning.take_over(training.train(examples, spam_error=0.02, hold_error=0.05))
    cost = _milliseconds(written)
    line(f"screens with {ENTRIES:,} entries and a model, a comment", f"{cost:6.2f} ms CPU", "<= 5 ms", cost <= 5)


def _milliseconds(written: list[Facts]) -> float:
    for facts in written:
        screen(facts)
    rounds = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        for facts in written:
            screen(facts)
        rounds.append(1000 * (time.process_time() - start) / len(written))
    return statistics.median(rounds)


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 11)))


def _pattern(chance: random.Random) -> str:
    """Mostly words; some phrases, wildcards and domains, as in the lists that newsrooms keep."""
    kind = chance.random()
    if kind < 0.7:
        return _word(chance)
    if kind < 0.85:
        return f"{_word(chance)} {_word(chance)}"
    if kind < 0.95:
        return f"{_word(chance)}*"
    return f"{_word(chance)}.example"
