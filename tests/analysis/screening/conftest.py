"""Comments made of chance, in two tongues: what is advertised, and what is talked about."""

from __future__ import annotations

import random

import pytest

from analysis.screening import screen
from analysis.screening.training import Example

SOLD = "lamps sofas carpets curtains pillows wardrobes mirrors stools shelves cushions blankets tiles".split()  # noqa: SIM905
TALKED = "harbour ferry council bridge school vote tram library garden bicycle market teacher".split()  # noqa: SIM905
BOTH = "the a of and to is it for this that with you we my at".split()  # noqa: SIM905


def made(number: int, *, seed: int = 1, rejects: bool = False) -> list[Example]:
    """Labelled comments, half of them good; each from somebody else."""
    chance = random.Random(seed)
    found = []
    for at in range(number):
        label = ("ham", "spam", "ham", "reject" if rejects else "spam")[at % 4]
        words = {"ham": TALKED, "spam": SOLD, "reject": [*TALKED, "idiot", "liar", "shame"]}[label]
        text = " ".join(chance.choice(words if chance.random() < 0.4 else BOTH) for _ in range(12))
        if label == "reject":
            text += " idiot liar"
        name = chance.choice(["Sofa World", "Lamps24"]) if label == "spam" else chance.choice(["Carl", "Rita", "Ann"])
        website = "https://sofa-world.example/lamps" if label == "spam" and chance.random() < 0.5 else ""
        found.append(Example(label, text, f"owner {at}", name, website))
    return found


@pytest.fixture(autouse=True)
def _nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model of another test; its revision may be the same."""
    monkeypatch.setattr(screen, "_loaded", (-1, None))
