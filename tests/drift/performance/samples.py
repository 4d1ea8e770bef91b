"""Scored rows whose truth is known, for the tests of performance."""

from __future__ import annotations

import numpy as np
import polars as pl

from workbench.drift.performance.outcomes import Floats


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^-x)."""
    found: Floats = 1 / (1 + np.exp(-x))
    return found


def binary_rows(
    rows: int, seed: int = 0, *, shift: float = 0.0, power: float = 1.0, flipped: float = 0.0
) -> pl.DataFrame:
    """Columns `x`, `score`, `prediction`, `label`.

    Args:
        rows: how many.
        seed: of the random numbers.
        shift: of the mean of `x`, on which everything depends: a covariate shift.
        power: the score is the probability to this power; 1 is calibrated.
        flipped: the share of labels that are the other way round: concept drift.
    """
    random = np.random.default_rng(seed)
    x = random.normal(shift, 1, rows)
    probability = sigmoid(2 * x)
    label = random.random(rows) < np.where(random.random(rows) < flipped, 1 - probability, probability)
    score = probability**power
    return pl.DataFrame({"x": x, "score": score, "prediction": (score > 0.5).astype(int), "label": label.astype(int)})


def class_rows(rows: int, seed: int = 0, *, shift: float = 0.0) -> pl.DataFrame:
    """Columns `p_cat`, `p_dog`, `p_cow` with calibrated probabilities, `prediction`, the likeliest, and `label`."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (rows, 3)) + np.array([shift, 0.0, 0.0])
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    names = np.array(["cat", "cow", "dog"])
    label = names[(random.random((rows, 1)) > shares.cumsum(axis=1)).sum(axis=1).clip(max=2)]
    columns = {f"p_{name}": shares[:, k] for k, name in enumerate(names)}
    return pl.DataFrame({**columns, "prediction": names[shares.argmax(axis=1)], "label": label})


def number_rows(rows: int, seed: int = 0, *, shift: float = 0.0) -> pl.DataFrame:
    """Columns `x`, `colour`, `prediction`, `label`; errors grow with |x| and are twice as large where colour is red."""
    random = np.random.default_rng(seed)
    x = random.normal(shift, 1, rows)
    colour = random.choice(["red", "blue"], rows)
    spread = (0.5 + np.abs(x)) * np.where(colour == "red", 2.0, 1.0)
    return pl.DataFrame({"x": x, "colour": colour, "prediction": 2 * x, "label": 2 * x + random.normal(0, spread)})


SCORES = {"cat": "p_cat", "dog": "p_dog", "cow": "p_cow"}
