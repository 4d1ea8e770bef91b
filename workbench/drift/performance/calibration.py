"""Scores as probabilities: isotonic regression of what is true on the score, and whether it is worth it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.drift.performance.metrics import UndefinedError, auc
from workbench.drift.performance.outcomes import Floats

SPLITS, HELD_BACK, BINS = 10, 0.1, 10
SPLIT_ROWS = 100_000
"""Rows, drawn at random, that the splits are made of at most."""
PERFECT_AUC = 0.999
"""Scores that tell the classes apart as well as this are left as they are."""


@dataclass(frozen=True)
class Calibration:
    """A function from scores to probabilities that never falls: straight between points, constant beyond them.

    Attributes:
        scores: ascending.
        probabilities: of each.
    """

    scores: Floats
    probabilities: Floats

    def __call__(self, scores: Floats) -> Floats:
        """The probabilities of scores."""
        return np.interp(scores, self.scores, self.probabilities)

    def as_document(self) -> dict[str, list[float]]:
        """For JSON."""
        return {"scores": self.scores.tolist(), "probabilities": self.probabilities.tolist()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Calibration:
        """The function in a document of `as_document`."""
        return cls(*(np.array(document[name], np.float64) for name in ("scores", "probabilities")))


def isotonic(scores: Floats, truth: Floats, weights: Floats) -> Calibration:
    """The function that never falls with the least squared distance to what is true.

    Pool adjacent violators (Ayer and others, Annals of Mathematical Statistics 26, 1955); equal scores are one point.

    Args:
        scores: finite.
        truth: 1 or 0 for each.
        weights: how much each row counts, not all 0.
    """
    points, place = np.unique(scores, return_inverse=True)
    masses = np.bincount(place, weights).astype(np.float64)
    there = masses > 0
    points, masses = points[there], masses[there]
    fitted = pooled(np.bincount(place, weights * truth)[there] / masses, masses)
    turns = np.ones(len(points), bool)
    turns[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    return Calibration(points[turns], fitted[turns])


def pooled(values: Floats, weights: Floats) -> Floats:
    """The values, where they fall replaced by their weighted means until they do not.

    Every pass makes one block of each run of blocks that falls.
    """
    means, masses, sizes = values, weights, np.ones(len(values), np.int64)
    while True:
        falls = means[1:] < means[:-1]
        if not falls.any():
            return np.repeat(means, sizes)
        starts = np.flatnonzero(np.concatenate([[True], ~falls]))
        sums = np.add.reduceat(masses * means, starts)
        masses, sizes = np.add.reduceat(masses, starts), np.add.reduceat(sizes, starts)
        means = sums / masses


def expected_calibration_error(scores: Floats, truth: Floats, weights: Floats, bins: int = BINS) -> float:
    """The mean distance between scores and the share that is true, over bins of equally many rows.

    Naeini and others, Obtaining Well Calibrated Probabilities Using Bayesian Binning (AAAI 2015).
    """
    order = np.argsort(scores, kind="stable")
    total = 0.0
    for rows in np.array_split(order, bins):
        total += abs(float(weights[rows] @ (scores[rows] - truth[rows])))
    return total / float(weights.sum())


def improves(scores: Floats, truth: Floats, weights: Floats, seed: int = 42) -> bool:
    """Whether scores are better probabilities when they are calibrated.

    Each of `SPLITS` times a tenth of either class is held back, and the rest calibrates it; the calibration error over
    all that was held back has to fall.
    """
    if len(scores) > SPLIT_ROWS:
        drawn = np.random.default_rng(seed).choice(len(scores), SPLIT_ROWS, replace=False)
        scores, truth, weights = scores[drawn], truth[drawn], weights[drawn]
    try:
        if auc(scores, truth, weights)[0] > PERFECT_AUC:
            return False
    except UndefinedError:
        return False
    before, after = [], []
    for known, held in _splits(truth, seed):
        if not weights[known].any():
            continue
        before.append(np.stack([scores[held], truth[held], weights[held]]))
        calibrated = isotonic(scores[known], truth[known], weights[known])(scores[held])
        after.append(np.stack([calibrated, truth[held], weights[held]]))
    errors = [expected_calibration_error(*np.concatenate(parts, axis=1)) for parts in (before, after)]
    return errors[1] < errors[0]


def _splits(truth: Floats, seed: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Which rows are known and which are held back, the same share of both classes."""
    random = np.random.default_rng(seed)
    sides = [np.flatnonzero(truth == side) for side in (0, 1)]
    for _ in range(SPLITS):
        held = np.zeros(len(truth), bool)
        for rows in sides:
            held[random.permutation(rows)[: max(1, round(len(rows) * HELD_BACK))]] = True
        yield ~held, held
