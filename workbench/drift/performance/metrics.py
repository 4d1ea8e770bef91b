"""How good predictions are, and how sure that is.

A truth may be a probability: then a row counts in part as positive and in part as negative, and the metric is what it
is expected to be. Measured and estimated performance are the same formulas.

Standard errors are those of the infinitesimal jackknife (Efron, Biometrika 68, 1981): SE² = Σ (wᵢ ψᵢ)² / (Σ w)², with
ψᵢ the influence of row i. For a mean that is the usual error with ddof 0, √(p(1−p)/n) for a share; for a ratio
R = Σwt / Σwb it is ψ = (t − R b) / b̄ (Cochran, Sampling Techniques, 6.3); for the area under the ROC curve it is that
of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988). It is 0 where all rows agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import polars as pl

from workbench.drift.performance.outcomes import Floats, Outcomes, outcomes_of
from workbench.drift.performance.roles import Problem, Roles

BETTER: dict[str, Literal["max", "min", "zero"]] = {
    **dict.fromkeys(("accuracy", "precision", "recall", "f1", "specificity", "roc_auc"), "max"),
    **dict.fromkeys(("macro_precision", "macro_recall", "macro_f1", "macro_roc_auc", "r2"), "max"),
    **dict.fromkeys(("log_loss", "brier", "mae", "mse", "rmse", "mape"), "min"),
    "bias": "zero",
}
"""Every metric, and which values of it are better: high ones, low ones, or those near 0."""
NO_ROWS = "there are no rows"
_LEAST = float(np.finfo(np.float64).eps)

Measured = tuple[float, Floats]
"""A value, and the influence of each row on it."""


@dataclass(frozen=True)
class Metric:
    """What a metric is over some rows.

    Attributes:
        name: one of `BETTER`.
        value: None where it is not defined.
        se: its standard error; None where it has no value or there are fewer than two rows.
        n: how many rows it is of.
        reason: why there is no value, or what was done about rows that have none.
    """

    name: str
    value: float | None
    se: float | None
    n: int
    reason: str | None = None


class UndefinedError(ValueError):
    """A metric has no value for these rows; the text says why."""


def realised(frame: pl.DataFrame, roles: Roles, problem: Problem, *, name: str = "the data") -> list[Metric]:
    """The metrics of the rows that have a label and a prediction.

    Args:
        frame: rows; those without a label are not looked at.
        roles: which column is what.
        problem: which one.
        name: what messages call the frame.

    Raises:
        InputError: a column is missing or of the wrong kind, or the positive class is not told.
    """
    return metrics_of(outcomes_of(frame, roles, problem, name=name))


def metrics_of(outcomes: Outcomes) -> list[Metric]:
    """The metrics of rows with labels."""
    if outcomes.problem == "regression":
        return regression(outcomes.truth, outcomes.said, outcomes.weights)
    if outcomes.problem == "binary":
        scores = None if outcomes.scores is None else outcomes.scores[:, 0]
        return binary(outcomes.truth, outcomes.said, scores, outcomes.weights)
    truth = outcomes.truth
    return multiclass(
        lambda k: (truth == k).astype(np.float64), outcomes.said, outcomes.scores, outcomes.weights, outcomes.classes
    )


def binary(truth: Floats, said: Floats, scores: Floats | None, weights: Floats) -> list[Metric]:
    """The metrics of a binary problem.

    Args:
        truth: 1 for positive, 0 for negative; between them the probability of being positive.
        said: what is predicted, 0 or 1.
        scores: NaN where a row has none; None leaves out what needs them.
        weights: how much each row counts.
    """
    hits = truth * said
    asked: list[tuple[str, Floats, Floats, str]] = [
        ("accuracy", hits + (1 - truth) * (1 - said), np.ones_like(said), NO_ROWS),
        ("precision", hits, said, "nothing is predicted positive"),
        ("recall", hits, truth, "nothing is positive"),
        ("f1", 2 * hits, truth + said, "nothing is positive, nor predicted so"),
        ("specificity", (1 - truth) * (1 - said), 1 - truth, "nothing is negative"),
    ]
    metrics = [metric_of(name, partial(ratio, t, b, weights, reason), weights) for name, t, b, reason in asked]
    if scores is None:
        return metrics
    there = np.isfinite(scores)
    if not there.all():
        truth, scores, weights = truth[there], scores[there], weights[there]
    said_so = _probabilities(scores)
    return [
        *metrics,
        metric_of("roc_auc", lambda: auc(scores, truth, weights), weights),
        metric_of("log_loss", lambda: mean(_log_loss(truth, said_so()), weights), weights),
        metric_of("brier", lambda: mean(truth * (1 - said_so()) ** 2 + (1 - truth) * scores**2, weights), weights),
    ]


def multiclass(
    truth: Callable[[int], Floats], said: Floats, scores: Floats | None, weights: Floats, classes: Sequence[str]
) -> list[Metric]:
    """The metrics of a problem of several classes; `macro` is the mean over those that occur, each as one against all.

    A class that is never predicted has the precision 0, one that never occurs the recall 0, as in scikit-learn.

    Args:
        truth: for each class, by its number, which rows are of it: 0, 1, or a probability.
        said: the number of the predicted class.
        scores: rows x classes; None leaves out what needs them.
        weights: how much each row counts.
        classes: their names, for messages.
    """
    right = np.zeros_like(said)
    parts: dict[str, list[Measured]] = {"macro_precision": [], "macro_recall": [], "macro_f1": []}
    unsaid, absent = [], []
    for k, name in enumerate(classes):
        true, claimed = truth(k), (said == k).astype(np.float64)
        hits = true * claimed
        right += hits
        occurs, is_said = bool((weights * true).any()), bool((weights * claimed).any())
        if not occurs and not is_said:
            continue
        unsaid += [] if is_said else [name]
        absent += [] if occurs else [name]
        for metric, top, bottom in (
            ("macro_precision", hits, claimed),
            ("macro_recall", hits, true),
            ("macro_f1", 2 * hits, true + claimed),
        ):
            parts[metric].append(_ratio_or_0(top, bottom, weights))
    said_of = {"macro_precision": ("predicted", unsaid), "macro_recall": ("true", absent)}
    metrics = [metric_of("accuracy", lambda: mean(right, weights), weights)]
    for metric, found in parts.items():
        what, names = said_of.get(metric, ("", []))
        metrics.append(metric_of(metric, partial(_macro, found), weights, _counted_as_0(what, names)))
    if scores is not None:
        metrics.append(_macro_auc(truth, scores, weights, classes))
    return metrics


def regression(truth: Floats, said: Floats, weights: Floats) -> list[Metric]:
    """The metrics of predicted numbers: errors are prediction minus truth; `bias` is their mean, `mape` a share."""
    error = said - truth
    squares = error**2

    def r2() -> Measured:
        mse, of_mse = mean(squares, weights)
        middle, _ = mean(truth, weights)
        variance, of_variance = mean((truth - middle) ** 2, weights)
        if variance <= _LEAST * middle**2:
            raise UndefinedError("all labels are equal")
        return 1 - mse / variance, (mse / variance * of_variance - of_mse) / variance

    def mape() -> Measured:
        if len(truth) and zeros == len(truth):
            raise UndefinedError("all labels are 0")
        return mean(np.abs(error[given] / truth[given]), weights[given])

    given = truth != 0
    zeros = int((~given).sum())
    return [
        metric_of("mae", lambda: mean(np.abs(error), weights), weights),
        metric_of("rmse", lambda: root_of(mean(squares, weights)), weights),
        metric_of("mse", lambda: mean(squares, weights), weights),
        metric_of("bias", lambda: mean(error, weights), weights),
        metric_of("r2", r2, weights),
        metric_of("mape", mape, weights[given], f"{zeros:,} rows with the label 0 are left out" if zeros else None),
    ]


def ratio(top: Floats, bottom: Floats, weights: Floats, undefined: str) -> Measured:
    """Σ w top / Σ w bottom, and each row's influence on it.

    Raises:
        UndefinedError: the denominator is 0.
    """
    total = float(weights @ bottom)
    if not total > 0:
        raise UndefinedError(undefined if len(weights) else NO_ROWS)
    value = float(weights @ top) / total
    return value, (top - value * bottom) * (float(weights.sum()) / total)


def auc(scores: Floats, truth: Floats, weights: Floats) -> Measured:
    """The area under the ROC curve: how probably a positive row has the higher score than a negative one, ties half.

    Raises:
        UndefinedError: there are no positive or no negative rows.
    """
    if not len(scores):
        raise UndefinedError("no row has a score")
    _, rank = np.unique(scores, return_inverse=True)
    ones, zeros = (np.bincount(rank, weights * part) for part in (truth, 1 - truth))
    positive, negative = ones.sum(), zeros.sum()
    if not (positive > 0 and negative > 0):
        raise UndefinedError("all rows are negative" if negative > 0 else "all rows are positive")
    below = ((np.cumsum(zeros) - zeros / 2) / negative)[rank]
    above = (1 - (np.cumsum(ones) - ones / 2) / positive)[rank]
    value = float((weights * truth) @ below / positive)
    total = float(weights.sum())
    return value, total * (truth * (below - value) / positive + (1 - truth) * (above - value) / negative)


def root_of(measured: Measured) -> Measured:
    """The square root of a measure."""
    value, influence = measured
    root = float(np.sqrt(value))
    return root, influence / (2 * root) if root else influence


def metric_of(name: str, measure: Callable[[], Measured], weights: Floats, reason: str | None = None) -> Metric:
    """A metric with its standard error.

    Args:
        name: what it is called.
        measure: gives its value and the influence of each row, or raises UndefinedError.
        weights: of the same rows.
        reason: what there is to say of it.
    """
    try:
        value, influence = measure()
    except UndefinedError as undefined:
        return Metric(name, None, None, len(weights), str(undefined))
    if len(weights) < 2:
        return Metric(name, value, None, len(weights), reason)
    moved = weights * influence
    return Metric(name, value, float(np.sqrt(moved @ moved) / weights.sum()), len(weights), reason)


def mean(values: Floats, weights: Floats) -> Measured:
    """The weighted mean, and each row's influence on it.

    Raises:
        UndefinedError: there are no rows.
    """
    return ratio(values, np.ones_like(values), weights, NO_ROWS)


def _ratio_or_0(top: Floats, bottom: Floats, weights: Floats) -> Measured:
    try:
        return ratio(top, bottom, weights, "")
    except UndefinedError:
        return 0.0, np.zeros_like(top)


def _macro(parts: Sequence[Measured]) -> Measured:
    if not parts:
        raise UndefinedError(NO_ROWS)
    influence = sum((one for _, one in parts), np.zeros_like(parts[0][1]))
    return sum(value for value, _ in parts) / len(parts), influence / len(parts)


def _macro_auc(truth: Callable[[int], Floats], scores: Floats, weights: Floats, classes: Sequence[str]) -> Metric:
    """The mean of each class's area against all others (Provost and Domingos without the shares of the classes)."""
    there = np.isfinite(scores).all(axis=1)
    kept = slice(None) if there.all() else there
    weights = weights[kept]

    def areas() -> Iterator[Measured]:
        for k, name in enumerate(classes):
            if not np.isfinite(scores[:, k]).any() and len(scores):
                raise UndefinedError(f"the class {name} has no score")
            try:
                yield auc(scores[kept, k], truth(k)[kept], weights)
            except UndefinedError as undefined:
                reason = str(undefined)
                whole = {"all rows are negative": f"no row is {name}", "all rows are positive": f"all rows are {name}"}
                raise UndefinedError(whole.get(reason, reason)) from None

    return metric_of("macro_roc_auc", lambda: _macro(list(areas())), weights)


def _probabilities(scores: Floats) -> Callable[[], Floats]:
    def checked() -> Floats:
        if ((scores < 0) | (scores > 1)).any():
            raise UndefinedError("scores are no probabilities: some are below 0 or above 1")
        return scores

    return checked


def _log_loss(truth: Floats, probabilities: Floats) -> Floats:
    kept = np.clip(probabilities, _LEAST, 1 - _LEAST)
    loss: Floats = -(truth * np.log(kept) + (1 - truth) * np.log(1 - kept))
    return loss


def _counted_as_0(what: str, names: Sequence[str]) -> str | None:
    if not names:
        return None
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    verb = "are" if len(names) > 1 else "is"
    return f"{', '.join(names[:3])}{more} {verb} never {what}: 0"
