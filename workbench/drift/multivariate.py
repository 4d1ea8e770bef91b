"""All columns together: what none of them shows alone, such as a correlation that has broken."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from workbench.drift.measures import measure_numbers
from workbench.drift.numbers import numbers_of
from workbench.drift.options import Options
from workbench.drift.report import Document
from workbench.drift.source import VALUES, Table
from workbench.drift.verdict import DRIFT, significance

ROWS = 20_000
"""Rows of each side, at equal distances."""
CLASSIFIED_ROWS = 5_000
"""Of these, as many as the classifier gets."""
TREES = 100
VARIANCE = 0.65
"""Share of the variance that the components keep, as NannyML's default."""
AUROC_THRESHOLD = 0.55
LEAST_COLUMNS = 2

Matrix = NDArray[np.float64]


def compare_together(reference: Table, current: Table, columns: Sequence[str], options: Options) -> Iterator[Document]:
    """PCA reconstruction and a domain classifier over `columns`, one document each.

    Their p-values are corrected by the number of these tests alone.
    """
    if len(columns) < LEAST_COLUMNS:
        yield {"test": "pca", "drifted": False, "reason": f"{LEAST_COLUMNS} columns are needed"}
        return
    frames = reference.sampled(columns, ROWS), current.sampled(columns, ROWS)
    if min(frame.height for frame in frames) < 2 * options.min_rows:
        yield {"test": "pca", "drifted": False, "reason": f"{2 * options.min_rows} rows are needed"}
        return
    alpha = options.alpha / 2
    ours, theirs = encoded(*frames)
    known, held_back = ours[::2], ours[1::2]
    error = reconstruction_error(known)
    measured = measure_numbers(
        numbers_of(pl.Series(error(held_back))), numbers_of(pl.Series(error(theirs))), "wasserstein"
    )
    threshold = options.threshold_of("", "", "wasserstein")
    verdict = significance(measured.effect, measured.floor, measured.p_value, threshold, alpha)
    yield {
        "test": "pca",
        "score": measured.effect,
        "floor": measured.floor,
        "p_value": measured.p_value,
        "threshold": threshold,
        "drifted": verdict == DRIFT,
        "reason": "the distance between rows and what the reference's main components make of them has changed"
        if verdict == DRIFT
        else "",
    }
    ours, theirs = (side[:: max(1, -(-len(side) // CLASSIFIED_ROWS))] for side in (ours, theirs))
    score, p_value = domain_classifier(ours, theirs)
    floor = 0.5 + float(ndtri(0.99)) * auroc_error(len(ours), len(theirs))
    drifted = score >= max(AUROC_THRESHOLD, floor) and p_value < alpha
    yield {
        "test": "domain_classifier",
        "score": score,
        "floor": floor,
        "p_value": p_value,
        "threshold": AUROC_THRESHOLD,
        "drifted": drifted,
        "reason": "a classifier can tell the two sides apart" if drifted else "",
    }


def encoded(reference: pl.DataFrame, current: pl.DataFrame) -> tuple[Matrix, Matrix]:
    """Both sides as numbers: categories by how frequent they are in the reference, gaps as its mean."""
    ours: list[Matrix] = []
    theirs: list[Matrix] = []
    for name in reference.columns:
        a, b = (side.get_column(name).alias(VALUES) for side in (reference, current))
        if a.dtype.is_numeric() and b.dtype.is_numeric():
            pair = [side.cast(pl.Float64).to_numpy() for side in (a, b)]
        else:
            counts = a.cast(pl.String).value_counts(name="rows")
            shares = dict(
                zip(counts.get_column(VALUES).to_list(), (counts.get_column("rows") / len(a)).to_list(), strict=True)
            )
            pair = [np.array([shares.get(value, 0.0) for value in side.cast(pl.String).to_list()]) for side in (a, b)]
        usual = pair[0][np.isfinite(pair[0])].mean() if np.isfinite(pair[0]).any() else 0.0
        for side, column in zip((ours, theirs), pair, strict=True):
            side.append(np.where(np.isfinite(column), column, usual))
    return np.column_stack(ours), np.column_stack(theirs)


def reconstruction_error(known: Matrix, variance: float = VARIANCE) -> Any:
    """A function that gives each row's distance from its image in the main components of `known`.

    Args:
        known: rows that the components are made of; standardised by their own mean and standard deviation.
        variance: the share of the variance that the components keep.
    """
    mean, std = known.mean(axis=0), known.std(axis=0)
    std[std == 0] = 1.0
    values, vectors = np.linalg.eigh(np.cov((known - mean) / std, rowvar=False))
    order = np.argsort(values)[::-1]
    kept = int(np.searchsorted(np.cumsum(values[order]) / values.sum(), variance)) + 1
    components = vectors[:, order[:kept]]

    def error(rows: Matrix) -> Matrix:
        centred = (rows - mean) / std
        distance: Matrix = np.linalg.norm(centred - centred @ components @ components.T, axis=1)
        return distance

    return error


def domain_classifier(reference: Matrix, current: Matrix, seed: int = 0) -> tuple[float, float]:
    """AUROC of a classifier that tells the sides apart, and its p-value (one-sided).

    A random forest; each row is judged by the trees that have not seen it.
    """
    from sklearn.ensemble import RandomForestClassifier

    rows = np.concatenate([reference, current])
    side = np.concatenate([np.zeros(len(reference)), np.ones(len(current))])
    model = RandomForestClassifier(
        TREES, min_samples_leaf=10, oob_score=True, class_weight="balanced", random_state=seed, n_jobs=1
    )
    model.fit(rows, side)
    scores = model.oob_decision_function_[:, 1]
    score = auroc(np.where(np.isfinite(scores), scores, 0.5), side)
    return score, float(ndtr(-(score - 0.5) / auroc_error(len(reference), len(current))))


def auroc(scores: Matrix, positive: Matrix) -> float:
    """The area under the ROC curve, ties counted half."""
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    count = positive.sum()
    return float((ranks[positive == 1].sum() - count * (count + 1) / 2) / (count * (len(positive) - count)))


def auroc_error(n: int, m: int) -> float:
    """The standard error of an AUROC of scores that mean nothing."""
    return math.sqrt((n + m + 1) / (12 * n * m))
