"""Histories and summaries of metrics."""

from __future__ import annotations

import math

import pytest

from tests.store.synthetic import BEGAN_US, add_run, empty_store
from workbench.base.errors import MetricNotFoundError
from workbench.store.metrics import MetricSummary, history, metric_names, recent_values, summaries

BEGAN_ONE_US = BEGAN_US + 60_000_000


def test_a_history_is_ordered_by_step_then_time() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [(2, 0.2, 5), (0, 0.9, 1), (1, math.inf, 2), (1, 0.5, 9)], "auc": [0.1]})
    assert history(db, [uid], ["loss"]) == {
        uid: {"loss": [(0, 0.9, BEGAN_ONE_US + 1), (1, math.inf, BEGAN_ONE_US + 2), (1, 0.5, BEGAN_ONE_US + 9),
                       (2, 0.2, BEGAN_ONE_US + 5)]}
    }  # fmt: skip
    assert list(history(db, [uid])[uid]) == ["auc", "loss"]
    assert list(history(db, [uid], ["loss", "auc"])[uid]) == ["loss", "auc"]


def test_runs_without_a_metric_have_no_entry_for_it() -> None:
    db = empty_store()
    one, two = add_run(db, "a", metrics={"loss": [1.0]}), add_run(db, "b", metrics={"auc": [1.0]})
    assert {uid: list(series) for uid, series in history(db, [one, two], ["loss"]).items()} == {one: ["loss"], two: []}
    assert history(db, []) == {}


def test_a_history_can_be_read_in_pages() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [float(step) for step in range(10)]})

    def steps(after: int | None = None, limit: int | None = None, newest: bool = False) -> list[int]:
        return [step for step, *_ in history(db, [uid], after_step=after, limit=limit, newest=newest)[uid]["loss"]]

    assert steps(limit=3) == [0, 1, 2]
    assert steps(after=2, limit=3) == [3, 4, 5]
    assert steps(limit=3, newest=True) == [7, 8, 9]


def test_a_metric_that_no_run_has_is_an_error_with_a_suggestion() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"val/loss": [1.0]})
    other = add_run(db, "b", metrics={"auc": [1.0]})
    with pytest.raises(MetricNotFoundError) as caught:
        history(db, [uid], ["val_loss"])
    assert caught.value.message == f"run {uid[:8]} has no metric val_loss"
    assert caught.value.hint == "did you mean val/loss?"
    with pytest.raises(MetricNotFoundError, match="none of the runs has a metric zzz") as caught:
        history(db, [uid, other], ["zzz"])
    assert caught.value.hint == "known: auc, val/loss"
    with pytest.raises(MetricNotFoundError) as caught:
        history(db, [add_run(db, "c")], ["x"])
    assert caught.value.hint == "nothing is logged yet"


def test_a_summary_has_the_extremes_and_where_they_were() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [3.0, 1.0, math.nan, 1.0, math.inf], "bad": [math.nan]})
    bad, loss = summaries(db, uid)
    assert loss == MetricSummary("loss", 5, math.inf, 4, 3.0, 1.0, 1, math.inf, 4, 5 / 3)
    assert (bad.min, bad.min_step, bad.mean) == (None, None, None)
    assert math.isnan(bad.last)
    assert metric_names(db, uid) == ["bad", "loss"]
    assert metric_names(db, "f" * 32) == []


def test_recent_values_sample_the_course_and_end_with_the_last_value() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"long": [float(step) for step in range(1000)], "short": [1.0, 2.0]})
    values = recent_values(db, uid, limit=10)
    assert values["short"] == [1.0, 2.0]
    assert values["long"] == [99.0, 199.0, 299.0, 399.0, 499.0, 599.0, 699.0, 799.0, 899.0, 999.0]
