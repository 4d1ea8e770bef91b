"""Estimates from probabilities: those of the expected confusion matrix, and right where the probabilities are."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.drift.performance.samples import SCORES, binary_rows, class_rows
from workbench.base.errors import InputError
from workbench.drift.performance.cbpe import Cbpe
from workbench.drift.performance.metrics import Metric, metrics_of
from workbench.drift.performance.outcomes import Outcomes, outcomes_of
from workbench.drift.performance.roles import Problem, Roles

BINARY, CLASSES = Roles("label", "prediction", "score"), Roles("label", "prediction", SCORES)
AS_THEY_ARE = {"binary": Cbpe((None,)), "multiclass": Cbpe((None, None, None))}


def outcomes(frame: pl.DataFrame, problem: Problem = "binary") -> Outcomes:
    return outcomes_of(frame, BINARY if problem == "binary" else CLASSES, problem)


def values(metrics: list[Metric]) -> dict[str, Any]:
    return {one.name: one.value for one in metrics}


def test_an_estimate_is_the_ratio_of_what_the_confusion_matrix_is_expected_to_hold() -> None:
    frame = binary_rows(12).with_columns(label=pl.lit(0))
    found = values(AS_THEY_ARE["binary"].expected(outcomes(frame)))
    p, said = frame["score"].to_numpy(), frame["prediction"].to_numpy()
    tp, fp, fn, tn = (p * said).sum(), ((1 - p) * said).sum(), (p * (1 - said)).sum(), ((1 - p) * (1 - said)).sum()
    assert found["accuracy"] == pytest.approx(np.mean(1 - np.abs(said - p)))
    assert found["precision"] == pytest.approx(tp / (tp + fp))
    assert found["recall"] == pytest.approx(tp / (tp + fn))
    assert found["specificity"] == pytest.approx(tn / (tn + fp))
    assert found["f1"] == pytest.approx(2 * tp / (2 * tp + fp + fn))
    pairs = itertools.product(range(12), repeat=2)
    won = sum(p[i] * (1 - p[j]) * (1.0 if p[i] > p[j] else 0.5 if p[i] == p[j] else 0) for i, j in pairs)
    assert found["roc_auc"] == pytest.approx(won / (p.sum() * (1 - p).sum()))


@pytest.mark.parametrize("problem", ["binary", "multiclass"])
def test_means_are_the_mean_over_every_way_that_labels_can_fall(problem: Problem) -> None:
    frame = (binary_rows if problem == "binary" else class_rows)(5)
    names: tuple[Any, ...] = (0, 1) if problem == "binary" else ("cat", "cow", "dog")
    total, accuracy = 0.0, 0.0
    for labels in itertools.product(names, repeat=5):
        chance = 1.0
        for row, label in zip(frame.iter_rows(named=True), labels, strict=True):
            if problem == "binary":
                chance *= row["score"] if label else 1 - row["score"]
            else:
                chance *= row[f"p_{label}"]
        given = frame.with_columns(label=pl.Series(labels))
        total += chance
        accuracy += chance * values(metrics_of(outcomes(given, problem)))["accuracy"]
    assert total == pytest.approx(1)
    expected = values(AS_THEY_ARE[problem].expected(outcomes(given, problem)))
    assert expected["accuracy"] == pytest.approx(accuracy)


@pytest.mark.parametrize("problem", ["binary", "multiclass"])
@pytest.mark.parametrize("shift", [0.0, -1.0, 1.5])
def test_where_scores_are_probabilities_the_estimate_is_what_is_realised(problem: Problem, shift: float) -> None:
    rows = (binary_rows if problem == "binary" else class_rows)(100_000, 3, shift=shift)
    estimated = values(AS_THEY_ARE[problem].expected(outcomes(rows, problem)))
    for metric in metrics_of(outcomes(rows, problem)):
        assert metric.value is not None and metric.se is not None
        assert abs(estimated[metric.name] - metric.value) < 4 * metric.se, metric.name


def test_scores_that_are_no_probabilities_are_calibrated_on_the_reference() -> None:
    fitted = Cbpe.fit(outcomes(binary_rows(50_000, power=3)))
    assert fitted.calibrations[0] is not None
    rows = binary_rows(50_000, 1, power=3, shift=-0.7)
    estimated, raw = (values(one.expected(outcomes(rows))) for one in (fitted, AS_THEY_ARE["binary"]))
    for name, one in values(metrics_of(outcomes(rows))).items():
        assert estimated[name] == pytest.approx(one, abs=0.02), name
    assert abs(raw["recall"] - values(metrics_of(outcomes(rows)))["recall"]) > 0.1


def test_scores_of_any_range_become_probabilities_of_two_classes_but_not_of_more() -> None:
    far = binary_rows(5000).with_columns(score=(pl.col("score") - 0.5) * 40, prediction=pl.col("prediction"))
    fitted = Cbpe.fit(outcomes(far))
    found = values(fitted.expected(outcomes(far)))
    assert found["accuracy"] == pytest.approx(values(metrics_of(outcomes(far)))["accuracy"], abs=0.01)
    assert found["brier"] is None
    with pytest.raises(InputError, match="some are below 0 or above 1"):
        Cbpe.fit(outcomes(class_rows(500).with_columns(p_cat=pl.col("p_cat") * 2), "multiclass"))


def test_probabilities_of_several_classes_add_up_to_1() -> None:
    rows = class_rows(3000).with_columns(pl.col("p_cat") ** 2, pl.col("p_dog") ** 3)
    fitted = Cbpe.fit(outcomes(rows, "multiclass"))
    scores = outcomes(rows, "multiclass").scores
    assert scores is not None
    np.testing.assert_allclose(fitted.probabilities(scores).sum(axis=1), 1)
    np.testing.assert_allclose(AS_THEY_ARE["multiclass"].probabilities(np.zeros((2, 3))), 1 / 3)
    estimated = values(fitted.expected(outcomes(rows, "multiclass")))
    assert estimated["accuracy"] == pytest.approx(
        values(metrics_of(outcomes(rows, "multiclass")))["accuracy"], abs=0.01
    )


def test_it_is_the_same_after_json() -> None:
    for problem, rows in (("binary", binary_rows(2000, power=3)), ("multiclass", class_rows(2000))):
        fitted = Cbpe.fit(outcomes(rows, problem))  # type: ignore[arg-type]
        again = Cbpe.from_document(fitted.as_document())
        assert values(again.expected(outcomes(rows, problem))) == values(fitted.expected(outcomes(rows, problem)))  # type: ignore[arg-type]


def test_rows_without_a_score_are_left_out_and_a_class_without_any_is_an_error() -> None:
    rows = binary_rows(100).with_columns(score=pl.when(pl.int_range(100) < 40).then(None).otherwise("score"))
    assert {one.n for one in AS_THEY_ARE["binary"].expected(outcomes(rows))} == {60}
    with pytest.raises(InputError, match="no row has a score"):
        Cbpe.fit(outcomes(rows.with_columns(score=pl.lit(None, pl.Float64))))
    without = outcomes_of(class_rows(200), Roles("label", "prediction", {"cat": "p_cat", "dog": "p_dog"}), "multiclass")
    with pytest.raises(InputError, match="the class cow has no scores"):
        Cbpe.fit(without)
