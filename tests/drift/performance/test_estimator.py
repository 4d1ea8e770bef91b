"""Estimators: bands, thresholds, what they refuse, and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.drift.performance.samples import SCORES, binary_rows, class_rows, number_rows
from workbench.base.errors import InputError
from workbench.drift.performance.estimator import Estimate, Estimator
from workbench.drift.performance.metrics import BETTER, realised
from workbench.drift.performance.roles import Roles

KINDS: dict[str, tuple[Callable[..., pl.DataFrame], Roles]] = {
    "binary": (binary_rows, Roles("label", "prediction", "score")),
    "multiclass": (class_rows, Roles("label", "prediction", SCORES)),
    "regression": (number_rows, Roles("label", "prediction")),
}


def by_name(estimates: list[Estimate]) -> dict[str, Estimate]:
    return {one.metric: one for one in estimates}


@pytest.mark.parametrize("kind", KINDS)
def test_it_survives_json_and_says_the_same(kind: str) -> None:
    make, roles = KINDS[kind]
    fitted = Estimator.fit(make(1500), roles)
    assert fitted.problem == kind
    text = json.dumps(fitted.to_document(), allow_nan=False)
    again = Estimator.from_document(json.loads(text))
    assert again.estimate(make(300, 1)) == fitted.estimate(make(300, 1))
    assert again.assumptions == fitted.assumptions
    assert json.dumps(again.to_document()) == text
    assert json.dumps(Estimator.fit(make(1500), roles).to_document()) == text


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_what_is_estimated_are_not_looked_at(kind: str) -> None:
    make, roles = KINDS[kind]
    fitted = Estimator.fit(make(800), roles)
    rows = make(200, 1)
    assert fitted.estimate(rows.drop("label")) == fitted.estimate(rows)
    assert fitted.estimate(rows.with_columns(label=rows["label"].reverse())) == fitted.estimate(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_realised_lies_in_the_band(kind: str) -> None:
    """A band is what chance makes of so many rows: 3 standard errors, so nearly all realised values lie in it."""
    make, roles = KINDS[kind]
    fitted = Estimator.fit(make(20_000), roles)
    inside = total = 0
    for seed in range(1, 60):
        rows = make(500, seed)
        estimates = by_name(fitted.estimate(rows))
        for metric in realised(rows, roles, fitted.problem):
            one = estimates.get(metric.name)
            if one is not None and one.low is not None and one.high is not None and metric.value is not None:
                total += 1
                inside += one.low <= metric.value <= one.high
    assert total >= 150
    assert inside / total > 0.98


def test_a_band_shrinks_with_the_root_of_the_rows() -> None:
    make, roles = KINDS["binary"]
    fitted = Estimator.fit(make(5000), roles)
    widths = {}
    for rows in (400, 1600):
        one = by_name(fitted.estimate(make(rows, 5)))["accuracy"]
        assert one.low is not None and one.high is not None
        widths[rows] = one.high - one.low
    assert widths[400] == pytest.approx(2 * widths[1600])
    accuracy = next(one for one in realised(make(5000), roles, "binary") if one.name == "accuracy")
    assert accuracy.se is not None
    assert widths[1600] == pytest.approx(6 * accuracy.se * np.sqrt(5000 / 1600))


def test_thresholds_are_three_deviations_of_the_parts_of_the_reference() -> None:
    make, roles = KINDS["binary"]
    rows = make(2000)
    fitted = Estimator.fit(rows, roles)
    parts = [realised(rows.slice(200 * i, 200), roles, "binary")[0].value for i in range(10)]
    mean, spread = np.mean(parts), 3 * np.std(parts)  # type: ignore[arg-type]
    one = by_name(fitted.estimate(rows))["accuracy"]
    assert [one.lower_threshold, one.upper_threshold] == pytest.approx([mean - spread, mean + spread])


def test_bounds_are_values_that_a_metric_can_have() -> None:
    for make, roles in KINDS.values():
        rows = make(100)
        for one in Estimator.fit(rows, roles).estimate(rows.head(5)):
            for bound in (one.low, one.high, one.lower_threshold, one.upper_threshold):
                assert bound is None or bound >= 0
                assert bound is None or one.metric not in BETTER or BETTER[one.metric] != "max" or bound <= 1


def test_assumptions_name_calibration_features_and_what_cannot_be_seen() -> None:
    said = {kind: " ".join(Estimator.fit(make(1500), roles).assumptions) for kind, (make, roles) in KINDS.items()}
    assert all("no concept drift" in text and "no unseen region" in text for text in said.values())
    assert "accuracy below 0.5" in said["binary"] and "accuracy below 0.33" in said["multiclass"]
    assert "errors depend on x, colour, prediction" in said["regression"]
    calibrated = Estimator.fit(binary_rows(3000, power=3), KINDS["binary"][1]).assumptions
    assert "after isotonic calibration" in calibrated[0]


def test_concept_drift_is_not_seen_by_an_estimate() -> None:
    make, roles = KINDS["binary"]
    fitted = Estimator.fit(make(10_000), roles)
    turned = binary_rows(10_000, 1, flipped=0.5)
    estimated, measured = by_name(fitted.estimate(turned))["accuracy"], realised(turned, roles, "binary")[0]
    assert estimated.value is not None and measured.value is not None
    assert estimated.value - measured.value > 0.2


def test_a_reference_that_nothing_can_be_learnt_from_is_refused() -> None:
    rows = binary_rows(500)
    roles = KINDS["binary"][1]
    empty = rows.with_columns(label=pl.lit(None, pl.Int64))
    for reference, given, message in (
        (rows.drop("label"), roles, "the reference has no column 'label'"),
        (empty, roles, "the reference has no labels: label is empty"),
        (rows, Roles("label", "prediction"), "an estimate needs scores"),
        (rows.with_columns(score=pl.lit(None, pl.Float64)), roles, "no row has a score"),
        (rows.filter(label=1), roles, "all labels of the reference are 1"),
        (rows.head(99), roles, "has 99 rows with a label and a prediction; an estimate needs 100"),
        (pl.concat([rows.head(50), empty]), roles, "has 50 rows"),
        (rows.with_columns(w=pl.lit(0)), Roles("label", "prediction", "score", weight="w"), "an estimate needs 100"),
    ):
        with pytest.raises(InputError, match=message):
            Estimator.fit(reference, given)


def test_a_class_that_the_reference_lacks_is_an_error() -> None:
    make, roles = KINDS["multiclass"]
    with pytest.raises(InputError, match="has the class 'bird', which the reference does not have"):
        Estimator.fit(make(500), roles).estimate(make(5).with_columns(prediction=pl.lit("bird")))


def test_no_rows_have_estimates_without_a_value() -> None:
    for make, roles in KINDS.values():
        for one in Estimator.fit(make(300), roles).estimate(make(5).clear()):
            assert (one.value, one.low, one.reason is not None) == (None, None, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "no performance estimator"),
        ({"version": 99}, "version 99; this program reads 1"),
        ({"model": {}}, "damaged"),
        ({"usual": {"accuracy": {"odd": 1}}}, "damaged"),
    ],
)
def test_a_document_that_is_none_is_an_error(change: dict[str, Any], message: str) -> None:
    document = Estimator.fit(binary_rows(200), KINDS["binary"][1]).to_document()
    with pytest.raises(InputError, match=message):
        Estimator.from_document({**document, **change})
