"""The document of a window."""

from __future__ import annotations

import json

import pytest

from workbench.drift.performance.estimator import Estimate
from workbench.drift.performance.metrics import Metric
from workbench.drift.performance.report import performance_document


def one_metric(measured: Metric | None, guessed: Estimate | None) -> dict[str, object]:
    document = performance_document(
        [measured] if measured else [], [guessed] if guessed else [], 0.5, problem="binary", rows=4, labelled=2
    )
    (entry,) = document["metrics"]
    assert isinstance(entry, dict)
    return entry


def test_realised_and_estimated_stand_beside_each_other() -> None:
    document = performance_document(
        [Metric("accuracy", 0.9, 0.01, 50), Metric("recall", None, None, 50, "nothing is positive")],
        [Estimate("accuracy", 0.8, 0.7, 0.9, 0.6, 1.0), Estimate("brier", float("inf"), None, None, None, None)],
        0.5,
        problem="binary",
        rows=100,
        labelled=50,
        left_out=3,
        assumptions=["no concept drift"],
        labels={"unknown": 1, "duplicates": 2, "contradicting": 3, "nulls": 4},
    )
    json.dumps(document, allow_nan=False)
    assert [one["metric"] for one in document["metrics"]] == ["accuracy", "recall", "brier"]
    accuracy, recall, brier = document["metrics"]
    assert (accuracy["realised"], accuracy["se"], accuracy["n"], accuracy["estimated"]) == (0.9, 0.01, 50, 0.8)
    assert (recall["realised"], recall["estimated"], recall["reason"]) == (None, None, "nothing is positive")
    assert (brier["realised"], brier["n"], brier["estimated"]) == (None, 0, "Infinity")
    assert (document["coverage"], document["left_out"], document["labels"]["contradicting"]) == (0.5, 3, 3)


@pytest.mark.parametrize(
    ("name", "measured", "guessed", "worse"),
    [
        ("accuracy", None, (0.5, 0.45, 0.55), True),
        ("accuracy", None, (0.58, 0.5, 0.62), False),  # chance may make so much of it
        ("accuracy", None, (0.95, 0.92, 1.0), False),  # better
        ("accuracy", (0.5, 0.01), None, None),
        ("accuracy", (0.5, 0.01), (0.7, 0.65, 0.75), True),
        ("accuracy", (0.5, 0.05), (0.7, 0.65, 0.75), False),
        ("accuracy", (0.5, None), (0.7, 0.65, 0.75), False),
        ("brier", None, (0.95, 0.92, 1.0), True),
        ("brier", None, (0.5, 0.45, 0.55), False),
        ("bias", None, (0.5, 0.45, 0.55), True),
        ("bias", None, (0.95, 0.92, 1.0), True),
        ("accuracy", None, (None, None, None), None),
    ],
)
def test_worse_is_beyond_the_threshold_by_more_than_chance(
    name: str,
    measured: tuple[float, float | None] | None,
    guessed: tuple[float | None, float | None, float | None] | None,
    worse: bool | None,
) -> None:
    """Thresholds are 0.6 and 0.9."""
    entry = one_metric(
        Metric(name, *measured, 100) if measured else None, Estimate(name, *guessed, 0.6, 0.9) if guessed else None
    )
    assert entry["worse"] is worse
