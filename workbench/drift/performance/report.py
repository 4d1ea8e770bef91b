"""The performance of a model as a document: what `workbench drift performance --json` prints and monitors keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.drift.performance.estimator import DEVIATIONS, Estimate
from workbench.drift.performance.metrics import BETTER, Metric
from workbench.drift.performance.roles import Problem
from workbench.drift.report import Document, plain_floats

METHOD = 1
"""Version of formulas and estimates: results of different methods do not compare."""
NO_LABELS = {"unknown": 0, "duplicates": 0, "contradicting": 0, "nulls": 0}


def performance_document(
    realised: Sequence[Metric],
    estimated: Sequence[Estimate],
    coverage: float,
    *,
    problem: Problem,
    rows: int,
    labelled: int,
    left_out: int = 0,
    assumptions: Sequence[str] = (),
    labels: Mapping[str, int] | None = None,
) -> Document:
    """The document of one window.

    Args:
        realised: metrics of the rows with labels; empty where there are none.
        estimated: estimates for all rows; empty where nothing is estimated.
        coverage: the share of the rows that have a label.
        problem: which one.
        rows: of the window.
        labelled: rows with a label.
        left_out: rows without a prediction or a weight, which nothing was computed of.
        assumptions: what the estimates rest on, in sentences.
        labels: `labels.Joined.counts` where labels were joined.

    Returns:
        `metrics` has one entry for each name, those that are realised first. `worse` says whether what is realised or
        what is estimated is, with 3 standard errors to its favour, still worse than the threshold; None without one.
        NaN and infinities are strings.
    """
    measured = {one.name: one for one in realised}
    guessed = {one.metric: one for one in estimated}
    document: Document = plain_floats(
        {
            "method": METHOD,
            "problem": problem,
            "rows": rows,
            "labelled": labelled,
            "coverage": coverage,
            "left_out": left_out,
            "metrics": [
                _entry(name, measured.get(name), guessed.get(name)) for name in dict.fromkeys([*measured, *guessed])
            ],
            "assumptions": list(assumptions),
            "labels": {**NO_LABELS, **(labels or {})},
        }
    )
    return document


def _entry(name: str, measured: Metric | None, guessed: Estimate | None) -> Document:
    reasons = [one.reason for one in (measured, guessed) if one is not None and one.reason]
    return {
        "metric": name,
        "realised": measured.value if measured else None,
        "se": measured.se if measured else None,
        "n": measured.n if measured else 0,
        "estimated": guessed.value if guessed else None,
        "low": guessed.low if guessed else None,
        "high": guessed.high if guessed else None,
        "lower_threshold": guessed.lower_threshold if guessed else None,
        "upper_threshold": guessed.upper_threshold if guessed else None,
        "worse": _worse(name, measured, guessed),
        "reason": "; ".join(dict.fromkeys(reasons)) or None,
    }


def _worse(name: str, measured: Metric | None, guessed: Estimate | None) -> bool | None:
    if guessed is None or guessed.lower_threshold is None or guessed.upper_threshold is None:
        return None
    spans = []
    if measured is not None and measured.value is not None and measured.se is not None:
        error = DEVIATIONS * measured.se
        spans.append((measured.value - error, measured.value + error))
    if guessed.low is not None and guessed.high is not None:
        spans.append((guessed.low, guessed.high))
    if not spans:
        return None
    falls = BETTER[name] != "min" and any(high < guessed.lower_threshold for _, high in spans)
    rises = BETTER[name] != "max" and any(low > guessed.upper_threshold for low, _ in spans)
    return falls or rises
