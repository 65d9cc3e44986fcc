"""One line for each figure: what, how much, how much was wanted, and whether that is so."""

from __future__ import annotations

FAILED: list[str] = []


def line(what: str, measured: str, wanted: str = "", ok: bool | None = None) -> None:
    verdict = "" if ok is None else ("ok" if ok else "MISSED")
    print(f"{what:<58} {measured:>24}  {wanted:<16} {verdict}", flush=True)
    if ok is False:
        FAILED.append(what)


def ratio(what: str, value: float, floor: float, limit: float) -> None:
    times = value / floor
    line(what, f"{value:6.1f} ms = {times:4.2f} x", f"<= {limit} x", times <= limit)
