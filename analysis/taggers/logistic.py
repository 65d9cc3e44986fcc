"""Logistic regression on a handful of columns, by Newton's method in plain Python; the arithmetic of all calibrations.

Owns the fitting and the probability; the taggers, what learns from examples and the fitting script call it.
Deterministic: the same rows give the same coefficients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

MOST_LOGIT = 30.0


def logit(probability: float) -> float:
    """Log-odds, held within what six decimals of a probability can say."""
    held = min(max(probability, 1e-6), 1.0 - 1e-6)
    return math.log(held / (1.0 - held))


def sigmoid(score: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-MOST_LOGIT, min(MOST_LOGIT, score))))


def dot(row: Sequence[float], coefficients: Sequence[float]) -> float:
    """The log-odds that coefficients make of a row, which is as long as they are."""
    return float(sum(map(mul, row, coefficients)))


def fit(
    rows: Sequence[Sequence[float]],
    targets: Sequence[float],
    *,
    pull: Sequence[float],
    towards: Sequence[float] | None = None,
    weights: Sequence[float] | None = None,
    rounds: int = 25,
) -> list[float]:
    """Coefficients that make `targets` (in [0, 1]) likeliest.

    Args:
        pull: for each column, the strength of the pull towards `towards` (0 without it), in observations.
        weights: how much each row counts, 1 without it.
        rounds: steps at most; it stops once they are small.

    Source: iteratively reweighted least squares with a ridge, e.g. Hastie, Tibshirani and Friedman, 4.4.1.
    """
    size = len(pull)
    goal = list(towards) if towards is not None else [0.0] * size
    found = list(goal)
    counts = weights if weights is not None else [1.0] * len(rows)
    for _ in range(rounds):
        gradient = [-pull[i] * (found[i] - goal[i]) for i in range(size)]
        hessian = [[pull[i] + 1e-9 if i == j else 0.0 for j in range(size)] for i in range(size)]
        for row, target, count in zip(rows, targets, counts, strict=True):
            chance = sigmoid(dot(row, found))
            residual, spread = (target - chance) * count, chance * (1.0 - chance) * count
            for i in range(size):
                gradient[i] += residual * row[i]
                scaled, line = spread * row[i], hessian[i]
                for j in range(i + 1):
                    line[j] += scaled * row[j]
        for i in range(size):
            for j in range(i):
                hessian[j][i] = hessian[i][j]
        step = [max(-3.0, min(3.0, change)) for change in solve(hessian, gradient)]
        found = [value + change for value, change in zip(found, step, strict=True)]
        if max(map(abs, step)) < 1e-5:
            break
    return found


def fit_rising(
    rows: Sequence[Sequence[float]],
    targets: Sequence[float],
    *,
    pull: Sequence[float],
    weights: Sequence[float] | None = None,
    free: int = 1,
    rounds: int = 25,
) -> list[float]:
    """As `fit`, with no coefficient below zero but the first `free`: evidence never counts against its own tag.
    Columns that come out negative, being nearly sums of others, are left out one by one, the worst first."""
    size = len(pull)
    kept = list(range(size))
    while True:
        kept_rows = rows if len(kept) == size else [[row[at] for at in kept] for row in rows]
        some = fit(kept_rows, targets, pull=[pull[at] for at in kept], weights=weights, rounds=rounds)
        worst = min(range(len(kept)), key=lambda at: some[at] if kept[at] >= free else 0.0)
        if kept[worst] < free or some[worst] >= 0:
            break
        del kept[worst]
    found = [0.0] * size
    for at, value in zip(kept, some, strict=True):
        found[at] = value
    return found


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a small linear system by Gaussian elimination with partial pivoting."""
    size = len(right)
    work = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row][column]))
        work[column], work[pivot] = work[pivot], work[column]
        for row in range(column + 1, size):
            factor = work[row][column] / work[column][column]
            for k in range(column, size + 1):
                work[row][k] -= factor * work[column][k]
    found = [0.0] * size
    for row in reversed(range(size)):
        found[row] = (work[row][size] - sum(work[row][k] * found[k] for k in range(row + 1, size))) / work[row][row]
    return found
