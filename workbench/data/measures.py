"""How good predictions are, as functions of how often each row counts, so that a bootstrap is one more weighting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from workbench.base.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Weighted = Callable[["NDArray[Any]"], float]
"""The value of a measure, given how often each row counts; NaN where it has none."""

BETTER: dict[str, Literal["min", "max"]] = {
    "accuracy": "max",
    "auc": "max",
    "error_rate": "min",
    "mae": "min",
    "rmse": "min",
    "log_loss": "min",
}
"""Every measure, and whether a higher or a lower value is better."""
_LEAST_PROBABILITY = 1e-15


def weighted(measure: str, labels: NDArray[Any], predictions: NDArray[Any]) -> Weighted:
    """A measure of predictions.

    Args:
        measure: one of `BETTER`.
        labels, predictions: of each row: classes for accuracy and error rate, numbers for `mae` and `rmse`; for `auc`
            and `log_loss` labels are 0 or 1, and predictions scores or probabilities of 1.

    Raises:
        InputError: there is no such measure, or the rows do not suit it.
    """
    if measure not in BETTER:
        raise InputError(f"there is no measure {measure!r}", f"one of: {', '.join(BETTER)}")
    if measure == "accuracy":
        return _mean((labels == predictions).astype(np.float64))
    if measure == "error_rate":
        return _mean((labels != predictions).astype(np.float64))
    if labels.dtype != np.float64:
        raise InputError(f"{measure} needs numbers, and there are texts")
    if measure == "mae":
        return _mean(np.abs(predictions - labels))
    if measure == "rmse":
        squares = _mean((predictions - labels) ** 2)
        return lambda weights: float(np.sqrt(squares(weights)))
    if not np.isin(labels, (0.0, 1.0)).all():
        raise InputError(f"{measure} needs labels that are 0 or 1")
    if measure == "auc":
        return _auc(labels, predictions)
    if not ((predictions >= 0) & (predictions <= 1)).all():
        raise InputError("log_loss needs predictions between 0 and 1")
    said = np.where(labels == 1, predictions, 1 - predictions)
    return _mean(-np.log(np.maximum(said, _LEAST_PROBABILITY)))


def value(measure: str, labels: NDArray[Any], predictions: NDArray[Any]) -> float:
    """A measure over all rows. Raises: as `weighted`."""
    return weighted(measure, labels, predictions)(np.ones(len(labels)))


def _mean(of_rows: NDArray[np.float64]) -> Weighted:
    return lambda weights: float(weights @ of_rows / weights.sum())


def _auc(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> Weighted:
    """The share of pairs of a 1 and a 0 in which the 1 has the higher score; ties count half (Mann and Whitney)."""
    _, rank = np.unique(scores, return_inverse=True)

    def area(weights: NDArray[Any]) -> float:
        ones = np.bincount(rank, weights * labels)
        zeros = np.bincount(rank, weights * (1 - labels))
        pairs = ones.sum() * zeros.sum()
        below = np.cumsum(zeros) - zeros / 2
        return float(ones @ below / pairs) if pairs else float("nan")

    return area
