"""Performance of whole data, windows and segments."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.drift.performance.samples import SCORES, binary_rows, class_rows, number_rows
from workbench.base.errors import InputError
from workbench.drift.performance.measuring import performance
from workbench.drift.performance.metrics import realised
from workbench.drift.performance.roles import Roles
from workbench.drift.source import table_of
from workbench.drift.windows import Windows

ROLES = Roles("label", "prediction", "score", key="id")


def served(rows: int = 1000, seed: int = 1, **options: float) -> pl.DataFrame:
    frame = binary_rows(rows, seed, **options)
    return frame.with_columns(
        id=pl.int_range(rows),
        day=pl.int_range(rows).floordiv(100).cast(pl.Date),
        shop=pl.Series(["a", "b", "b", None] * (rows // 4)),
    )


def named(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["metric"]: one for one in document["metrics"]}


def test_labels_that_cover_a_part_are_realised_and_all_rows_estimated() -> None:
    rows = served()
    labels = rows.select("id", "label").head(400)
    reference = table_of(binary_rows(3000), "train")
    document = performance(table_of(rows.drop("label"), "log"), ROLES, reference=reference, labels=labels)
    json.dumps(document, allow_nan=False)
    assert (document["rows"], document["labelled"], document["coverage"]) == (1000, 400, 0.4)
    accuracy = named(document)["accuracy"]
    assert accuracy["realised"] == realised(rows.head(400), ROLES, "binary")[0].value
    assert accuracy["n"] == 400
    assert accuracy["low"] < accuracy["estimated"] < accuracy["high"]
    assert (document["current"]["name"], document["reference"]["name"]) == ("log", "train")
    assert document["assumptions"]


def test_without_a_reference_nothing_is_estimated_and_without_labels_nothing_realised() -> None:
    alone = performance(table_of(served()), ROLES)
    assert {one["estimated"] for one in alone["metrics"]} == {None}
    assert (alone["reference"], alone["assumptions"]) == (None, [])
    blind = performance(table_of(served().drop("label")), ROLES, reference=table_of(binary_rows(500)))
    assert {one["realised"] for one in blind["metrics"]} == {None}
    with pytest.raises(InputError, match="data has no labels, label is not one of its columns"):
        performance(table_of(served().drop("label")), ROLES)
    with pytest.raises(InputError, match="data has no labels, label is empty"):
        performance(table_of(served().with_columns(label=None)), ROLES)


def test_windows_are_measured_by_themselves_and_may_lack_labels() -> None:
    rows = served()
    labels = rows.select("id", "label").head(250)
    current = table_of(rows.drop("label"))
    for windows in (Windows.parsed("period=1d"), Windows.parsed("size=100"), Windows.parsed("count=10")):
        document = performance(current, ROLES, labels=labels, windows=windows, reference=table_of(binary_rows(500)))
        assert [one["labelled"] for one in document["windows"]] == [100, 100, 50, *[0] * 7]
        second = document["windows"][1]
        assert named(second)["accuracy"]["realised"] == realised(rows.slice(100, 100), ROLES, "binary")[0].value
        assert named(document["windows"][-1])["accuracy"]["realised"] is None
        assert named(document["windows"][-1])["accuracy"]["estimated"] is not None
    days = performance(current, ROLES, labels=labels, windows=Windows.parsed("period=1d"))
    assert days["windows"][2]["window"]["start"] == "1970-01-03T00:00:00Z"


def test_a_window_without_rows_is_there() -> None:
    rows = served().filter(~pl.col("day").is_between(pl.date(1970, 1, 3), pl.date(1970, 1, 4)))
    reference = table_of(binary_rows(500))
    document = performance(table_of(rows), ROLES, windows=Windows.parsed("period=1d"), reference=reference)
    assert [one["rows"] for one in document["windows"]] == [100, 100, 0, 0, *[100] * 6]
    assert named(document["windows"][2])["accuracy"]["reason"] == "there are no rows"


def test_segments_are_the_rows_of_each_value() -> None:
    rows = served()
    document = performance(table_of(rows), ROLES, by="shop")
    assert [(one["segment"], one["rows"]) for one in document["segments"]] == [("b", 500), ("a", 250)]
    ours = realised(rows.filter(shop="b"), ROLES, "binary")
    assert [one["realised"] for one in document["segments"][0]["metrics"]] == [one.value for one in ours]
    many = performance(table_of(rows.with_columns(shop=pl.col("id") % 30)), ROLES, by="shop")
    assert (len(many["segments"]), many["segments_left_out"]) == (20, 10)


def test_other_problems_are_measured_likewise() -> None:
    classes = performance(
        table_of(class_rows(300, 1)), Roles("label", "prediction", SCORES), reference=table_of(class_rows(600))
    )
    assert named(classes)["macro_f1"]["estimated"] == pytest.approx(named(classes)["macro_f1"]["realised"], abs=0.1)
    numbers = performance(
        table_of(number_rows(300, 1).with_columns(new=pl.lit(1))),
        Roles("label", "prediction"),
        reference=table_of(number_rows(600).with_columns(gone=pl.Series(np.linspace(0, 1, 600)))),
    )
    assert named(numbers)["mae"]["estimated"] == pytest.approx(named(numbers)["mae"]["realised"], rel=0.3)
    assert "gone" not in numbers["assumptions"][0]


def test_a_model_that_has_become_worse_is_said_to_be() -> None:
    reference = table_of(binary_rows(5000))
    calm = performance(table_of(binary_rows(2000, 1)), ROLES, reference=reference)
    assert not any(one["worse"] for one in calm["metrics"])
    turned = performance(table_of(binary_rows(2000, 1, flipped=0.6)), ROLES, reference=reference)
    assert named(turned)["accuracy"]["worse"] and named(turned)["roc_auc"]["worse"] and named(turned)["brier"]["worse"]


def test_rows_without_a_prediction_are_counted() -> None:
    rows = served().with_columns(prediction=pl.when(pl.col("id") < 7).then(None).otherwise("prediction"))
    document = performance(table_of(rows), ROLES)
    assert (document["left_out"], named(document)["accuracy"]["n"]) == (7, 993)


def test_a_column_that_is_not_there_is_an_error() -> None:
    for roles, message in (
        (Roles("label", "said"), "data has no column 'said'"),
        (Roles("label", "prediction", "p"), "data has no column 'p'"),
        (Roles("label", "prediction", weight="w"), "data has no column 'w'"),
    ):
        with pytest.raises(InputError, match=message):
            performance(table_of(served()), roles)
    with pytest.raises(InputError, match="data has no column 'town'"):
        performance(table_of(served()), ROLES, by="town")
    with pytest.raises(InputError, match="the data has no column 'id'"):
        performance(table_of(served().drop("id")), ROLES, labels=served().select("id", "label"))
