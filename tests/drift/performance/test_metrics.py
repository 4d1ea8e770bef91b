"""Realised metrics beside scikit-learn, their standard errors beside other formulas and simulation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from tests.drift.performance.samples import SCORES, binary_rows, class_rows, number_rows
from workbench.drift.performance.metrics import BETTER, Metric, auc, binary, realised, regression
from workbench.drift.performance.outcomes import Floats
from workbench.drift.performance.roles import Roles

WEIGHTS = st.sampled_from([0.25, 1.0, 1.0, 3.0])
BINARY = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), WEIGHTS),
    min_size=2,
    max_size=40,
)


def by_name(found: list[Metric]) -> dict[str, Metric]:
    assert set(BETTER) >= {one.name for one in found}
    return {one.name: one for one in found}


def arrays(rows: list[tuple[float, ...]]) -> list[Floats]:
    return [np.array(column, np.float64) for column in zip(*rows, strict=True)]


def agree(found: Mapping[str, Metric], expected: Mapping[str, float]) -> None:
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, rel=1e-9, abs=1e-12), name


@given(BINARY)
@settings(max_examples=60, deadline=None)
def test_binary_metrics_are_those_of_scikit_learn(rows: list[tuple[float, ...]]) -> None:
    truth, said, scores, weights = arrays(rows)
    found = by_name(binary(truth, said, scores, weights))
    asked: dict[str, Callable[..., float]] = {
        "accuracy": oracle.accuracy_score,
        "precision": oracle.precision_score,
        "recall": oracle.recall_score,
        "f1": oracle.f1_score,
    }
    defined = {name: ask for name, ask in asked.items() if found[name].value is not None}
    agree(found, {name: float(ask(truth, said, sample_weight=weights)) for name, ask in defined.items()})
    assert (found["precision"].value is None) == (not said.any())
    assert (found["recall"].value is None) == (not truth.any())
    assert (found["f1"].value is None) == (not truth.any() and not said.any())
    agree(found, {"brier": float(weights @ (scores - truth) ** 2 / weights.sum())})
    agree(found, {"log_loss": float(oracle.log_loss(truth, scores, sample_weight=weights, labels=[0, 1]))})
    if len(set(truth)) == 2:
        agree(found, {"roc_auc": float(oracle.roc_auc_score(truth, scores, sample_weight=weights))})
        agree(found, {"specificity": float(oracle.recall_score(truth, said, pos_label=0, sample_weight=weights))})
    else:
        assert found["roc_auc"].value is None
        assert found["roc_auc"].reason == ("all rows are positive" if truth.any() else "all rows are negative")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 5), WEIGHTS), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_metrics_of_several_classes_are_those_of_scikit_learn(rows: list[tuple[int, int, int, float]]) -> None:
    names = ["cat", "cow", "dog"]
    truth, said, dice, weights = (list(column) for column in zip(*rows, strict=True))
    scores = np.array([[1 + (d + k) % 3, 1 + d % 2, 2] for k, d in enumerate(dice)], np.float64)
    scores /= scores.sum(axis=1, keepdims=True)
    frame = pl.DataFrame(
        {
            "label": [names[k] for k in truth],
            "prediction": [names[k] for k in said],
            "w": weights,
            **{f"p_{name}": scores[:, k] for k, name in enumerate(names)},
        }
    )
    found = by_name(realised(frame, Roles("label", "prediction", SCORES, weight="w"), "multiclass"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected: dict[str, Any] = {
            f"macro_{name}": getattr(oracle, f"{name}_score")(
                truth, said, average="macro", sample_weight=weights, zero_division=0
            )
            for name in ("precision", "recall", "f1")
        }
    agree(found, {"accuracy": float(oracle.accuracy_score(truth, said, sample_weight=weights)), **expected})
    area = found["macro_roc_auc"]
    if len(set(truth)) == 3:
        one_against_all = [
            oracle.roc_auc_score(np.array(truth) == k, scores[:, k], sample_weight=weights) for k in range(3)
        ]
        assert area.value == pytest.approx(np.mean(one_against_all))
    else:
        assert area.value is None and area.reason is not None and area.reason.startswith(("no row is", "all rows are"))


@given(
    st.lists(
        st.tuples(st.integers(-4, 4), st.floats(-1e3, 1e3, allow_subnormal=False), WEIGHTS), min_size=2, max_size=40
    )
)
@settings(max_examples=60, deadline=None)
def test_metrics_of_numbers_are_those_of_scikit_learn(rows: list[tuple[float, ...]]) -> None:
    truth, said, weights = arrays(rows)
    found = by_name(regression(truth, said, weights))
    mse = float(oracle.mean_squared_error(truth, said, sample_weight=weights))
    agree(
        found,
        {
            "mae": float(oracle.mean_absolute_error(truth, said, sample_weight=weights)),
            "mse": mse,
            "rmse": float(np.sqrt(mse)),
            "bias": float(np.average(said - truth, weights=weights)),
        },
    )
    if len(set(truth)) > 1:
        agree(found, {"r2": float(oracle.r2_score(truth, said, sample_weight=weights))})
    else:
        assert (found["r2"].value, found["r2"].reason) == (None, "all labels are equal")
    there = truth != 0
    if there.any():
        share = oracle.mean_absolute_percentage_error(truth[there], said[there], sample_weight=weights[there])
        agree(found, {"mape": float(share)})
        assert found["mape"].n == there.sum()
    else:
        assert (found["mape"].value, found["mape"].reason) == (None, "all labels are 0")


def test_a_share_has_the_usual_standard_error() -> None:
    found = by_name(realised(binary_rows(500), Roles("label", "prediction", "score"), "binary"))
    for name, n in (("accuracy", 500), ("precision", None), ("recall", None)):
        rows = binary_rows(500)
        parts = {"precision": rows.filter(prediction=1).height, "recall": rows.filter(label=1).height}
        share, se = found[name].value, found[name].se
        assert share is not None
        assert se == pytest.approx(np.sqrt(share * (1 - share) / (n or parts[name])), rel=1e-9)


def test_an_area_has_the_standard_error_of_delong() -> None:
    rows = binary_rows(300, power=2).with_columns(pl.col("score").round(1))
    truth, scores = rows["label"].to_numpy(), rows["score"].to_numpy()
    ones, zeros = scores[truth == 1], scores[truth == 0]
    wins = (ones[:, None] > zeros).astype(float) + 0.5 * (ones[:, None] == zeros)
    variance = wins.mean(axis=1).var() / len(ones) + wins.mean(axis=0).var() / len(zeros)
    found = by_name(realised(rows, Roles("label", "prediction", "score"), "binary"))["roc_auc"]
    assert found.value == pytest.approx(wins.mean())
    assert found.se == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_equal_rows_may_be_given_once_with_their_number_as_weight() -> None:
    rows = binary_rows(60).with_columns(pl.col("score").round(1), w=pl.Series([1.0, 2.0, 3.0] * 20))
    times = rows.select(pl.all().repeat_by(pl.col("w").cast(pl.Int64)).explode())
    roles = Roles("label", "prediction", "score")
    one = by_name(realised(rows, Roles("label", "prediction", "score", weight="w"), "binary"))
    many = by_name(realised(times, roles, "binary"))
    for name in one:
        assert one[name].value == pytest.approx(many[name].value), name


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_standard_errors_are_how_much_metrics_vary(kind: str) -> None:
    rows: dict[str, tuple[Callable[..., pl.DataFrame], Roles]] = {
        "binary": (binary_rows, Roles("label", "prediction", "score")),
        "multiclass": (class_rows, Roles("label", "prediction", SCORES)),
        "regression": (number_rows, Roles("label", "prediction")),
    }
    make, roles = rows[kind]
    samples = [by_name(realised(make(800, seed), roles, kind)) for seed in range(150)]  # type: ignore[arg-type]
    for name in samples[0]:
        if name == "mape":  # labels near 0 give it no finite variance
            continue
        values = [sample[name].value for sample in samples]
        errors = [sample[name].se for sample in samples]
        ratio = float(np.mean(errors) / np.std(values))  # type: ignore[arg-type]
        assert 0.8 < ratio < 1.25, (name, ratio)


def test_what_has_no_value_has_a_reason() -> None:
    nothing = pl.DataFrame({"label": [0, 0], "prediction": [0, 0], "score": [0.5, None]})
    found = by_name(realised(nothing, Roles("label", "prediction", "score"), "binary"))
    assert (found["precision"].value, found["precision"].reason) == (None, "nothing is predicted positive")
    assert (found["recall"].value, found["recall"].reason) == (None, "nothing is positive")
    assert found["f1"].reason == "nothing is positive, nor predicted so"
    assert (found["brier"].value, found["brier"].se, found["brier"].n) == (0.25, None, 1)
    empty = by_name(realised(nothing.clear(), Roles("label", "prediction", "score"), "binary"))
    assert {one.value for one in empty.values()} == {None}
    assert {one.reason for one in empty.values()} == {"there are no rows", "no row has a score"}
    odd = by_name(realised(nothing.with_columns(score=pl.lit(7.0)), Roles("label", "prediction", "score"), "binary"))
    assert odd["log_loss"].reason == "scores are no probabilities: some are below 0 or above 1"


def test_a_class_that_is_never_predicted_or_true_counts_as_0_and_is_named() -> None:
    frame = pl.DataFrame({"label": ["a", "b", "c"], "prediction": ["a", "b", "b"]})
    found = by_name(realised(frame, Roles("label", "prediction"), "multiclass"))
    assert found["macro_precision"].value == pytest.approx((1 + 0.5 + 0) / 3)
    assert found["macro_precision"].reason == "c is never predicted: 0"


def test_a_score_that_is_missing_for_a_class_leaves_the_area_out() -> None:
    frame = class_rows(100)
    scores = {"cat": "p_cat", "dog": "p_dog", "bird": "p_cow"}
    found = by_name(realised(frame, Roles("label", "prediction", scores), "multiclass"))
    assert found["macro_roc_auc"].value is None


@given(BINARY, st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_an_area_only_looks_at_the_order_of_scores(rows: list[tuple[float, ...]], power: int) -> None:
    truth, _, scores, weights = arrays(rows)
    if len(set(truth)) == 2:
        value, _ = auc(scores, truth, weights)
        assert auc(scores**power * 7 - 3, truth, weights)[0] == pytest.approx(value)
        assert auc(-scores, truth, weights)[0] == pytest.approx(1 - value)
