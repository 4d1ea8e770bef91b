"""Errors told from features: trees as scikit-learn evaluates them, and estimates that follow the rows."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from tests.drift.performance.samples import number_rows
from workbench.base.errors import InputError
from workbench.drift.performance.direct_loss import BATCH_ROWS, DirectLoss, Trees
from workbench.drift.performance.features import Features
from workbench.drift.performance.metrics import regression


def fitted(rows: pl.DataFrame) -> DirectLoss:
    truth, said = (rows[name].to_numpy() for name in ("label", "prediction"))
    return DirectLoss.fit(rows, truth, said, np.ones(rows.height), ["label", "prediction"])


@pytest.mark.parametrize("seed", range(4))
def test_trees_say_what_scikit_learn_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(3000, 5)).round(seed % 3)
    rows[random.random(rows.shape) < 0.2] = np.nan
    rows[:, 4] = random.choice([0.0, np.nan], 3000)  # nothing but missing or not
    target = np.nan_to_num(rows[:, 0]) ** 2 + np.isnan(rows[:, 1]) + np.isnan(rows[:, 4]) * rows[:, 2] ** 2
    target = np.nan_to_num(target) + random.normal(0, 0.1, 3000)
    model = HistGradientBoostingRegressor(max_iter=40, max_depth=5, early_stopping=False, random_state=0)
    model.fit(rows, target, sample_weight=random.random(3000))
    asked = np.concatenate([rows, random.normal(0, 5, (BATCH_ROWS, 5))])
    asked[-3] = np.nan
    trees = Trees.of(model)
    np.testing.assert_allclose(trees(asked), model.predict(asked), rtol=0, atol=1e-9)
    again = Trees.from_document(json.loads(json.dumps(trees.as_document(), allow_nan=False)))
    np.testing.assert_array_equal(again(asked), trees(asked))


@pytest.mark.parametrize("shift", [0.0, 1.0, -2.0])
def test_estimates_follow_rows_to_where_errors_are_larger(shift: float) -> None:
    model = fitted(number_rows(20_000, 0))
    later = number_rows(20_000, 1, shift=shift)
    said, ones = later["prediction"].to_numpy(), np.ones(later.height)
    realised = {one.name: one.value for one in regression(later["label"].to_numpy(), said, ones)}
    for one in model.expected(later, said, ones):
        assert one.value == pytest.approx(realised[one.name], rel=0.08), one.name


def test_estimates_follow_categories_and_missing_values() -> None:
    model = fitted(number_rows(20_000, 0))
    later = number_rows(20_000, 1)
    found = {}
    for name, rows in (
        ("red", later.filter(colour="red")),
        ("blue", later.filter(colour="blue")),
        ("new", later.with_columns(colour=pl.lit("green"))),
        ("none", later.with_columns(colour=pl.lit(None, pl.String))),
    ):
        found[name] = model.expected(rows, rows["prediction"].to_numpy(), np.ones(rows.height))[0].value
    assert found["red"] is not None and found["blue"] is not None
    assert found["red"] == pytest.approx(2 * found["blue"], rel=0.1)
    assert found["new"] == found["none"]


def test_features_leave_out_what_says_nothing() -> None:
    frame = pl.DataFrame(
        {
            "amount": np.linspace(0, 1, 100),
            "shop": ["a", "b", "b", None] * 25,
            "member": [True, False] * 50,
            "order_id": np.arange(100),
            "uuid": [f"u{i}" for i in range(100)],
            "note": [f"word {i} and more words" for i in range(100)],
            "day": pl.Series(range(100)).cast(pl.Date),
            "same": np.ones(100),
            "empty": pl.Series([None] * 100, dtype=pl.Float64),
            "tags": [[1]] * 100,
            "secret": np.linspace(0, 1, 100),
        }
    )
    found = Features.of(frame, ["secret"])
    assert dict(found.columns) == {"amount": None, "shop": ("b", "a"), "member": ("0", "1")}
    assert Features.from_document(json.loads(json.dumps(found.as_document()))).columns == found.columns
    coded = found(frame.head(4).with_columns(amount=pl.Series([1.0, np.inf, np.nan, None])))
    np.testing.assert_array_equal(coded, [[1, 1, 1], [np.nan, 0, 0], [np.nan, 0, 1], [np.nan, np.nan, 0]])


def test_a_feature_that_is_gone_or_changed_its_kind_is_an_error() -> None:
    features = Features.of(number_rows(100))
    with pytest.raises(InputError, match="no column 'x', which the estimate needs"):
        features(number_rows(5).drop("x"))
    with pytest.raises(InputError, match="x is no number any more, it is String"):
        features(number_rows(5).with_columns(x=pl.lit("a")))


def test_rows_without_any_feature_are_told_from_the_prediction() -> None:
    rows = number_rows(5000).select("prediction", "label")
    model = fitted(rows)
    assert not model.features.columns
    said = rows["prediction"].to_numpy()
    small, large = (model.expected(rows.filter(part), said[part], np.ones(part.sum()))[0].value for part in
                    (np.abs(said) < 1, np.abs(said) > 3))  # fmt: skip
    assert small is not None and large is not None and large > 1.5 * small
