"""Lists of runs: order, pages, cells and the columns that are shown by default."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import cache

import pytest
from duckdb import DuckDBPyConnection as Connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.synthetic import BEGAN_US, add_metric, add_run, empty_store, fill
from workbench.base.errors import FilterError, InputError
from workbench.store.fields import time_of
from workbench.store.runs import RunQuery, default_columns, list_runs

NAME = ["attributes.name"]


def order(sort: list[str], *runs: dict[str, object]) -> str:
    db = empty_store()
    for number, run in enumerate(runs):
        add_run(
            db, str(number),
            params={"p": run["p"]} if "p" in run else {}, metrics={"m": [float(str(run["m"]))]} if "m" in run else {},
        )  # fmt: skip
    return " ".join(row[0] for row in list_runs(db, RunQuery(sort=sort, columns=NAME)).rows)


def test_the_newest_run_comes_first() -> None:
    assert order([], {}, {}, {}) == "2 1 0"


def test_missing_values_and_nan_come_last_in_either_direction() -> None:
    runs: tuple[dict[str, object], ...] = ({"m": 1}, {"m": math.nan}, {}, {"m": 3}, {"m": -math.inf}, {"m": 2})
    assert order(["metrics.m"], *runs) == "4 0 5 3 2 1"
    assert order(["-metrics.m"], *runs) == "3 5 0 4 2 1"


def test_params_sort_numbers_by_size_before_text_by_letter() -> None:
    runs: tuple[dict[str, object], ...] = ({"p": 10}, {"p": "b"}, {"p": 9}, {}, {"p": "a"}, {"p": True})
    assert order(["params.p"], *runs) == "2 0 4 1 5 3"
    assert order(["-params.p"], *runs) == "0 2 5 1 4 3"


def test_further_keys_decide_between_equals_then_the_newer_run() -> None:
    runs: tuple[dict[str, object], ...] = ({"p": 1, "m": 2}, {"p": 1, "m": 1}, {"p": 0, "m": 9}, {"p": 1, "m": 2})
    assert order(["params.p", "-metrics.m"], *runs) == "2 3 0 1"


def test_equal_runs_are_in_the_order_of_their_ids() -> None:
    db = empty_store()
    for digit in "c", "a", "b":
        add_run(db, digit, uid=digit * 32, started_at=time_of(BEGAN_US))
    assert [row[0] for row in list_runs(db, RunQuery(columns=NAME)).rows] == ["a", "b", "c"]


@cache
def shared_dozen() -> Connection:
    db = empty_store()
    for number in range(12):
        add_run(db, str(number), metrics={"m": [number % 3]} if number % 4 else {})
    return db


@settings(deadline=None)
@given(limit=st.integers(1, 7), descending=st.booleans())
def test_pages_joined_are_the_whole_list(limit: int, descending: bool) -> None:
    db = shared_dozen()
    sort = ["-metrics.m" if descending else "metrics.m"]
    whole = list_runs(db, RunQuery(sort=sort, columns=NAME))
    pages = [list_runs(db, RunQuery(sort=sort, columns=NAME, limit=limit, offset=at)) for at in range(0, 14, limit)]
    assert [row for page in pages for row in page.rows] == whole.rows
    assert [uid for page in pages for uid in page.run_ids] == whole.run_ids
    assert {page.total for page in pages} == {12}


def test_a_limit_of_zero_still_counts() -> None:
    db = empty_store()
    add_run(db, "a")
    page = list_runs(db, RunQuery(limit=0))
    assert (page.rows, page.total) == ([], 1)
    assert list_runs(empty_store(), RunQuery()).total == 0


@pytest.mark.parametrize("query", [RunQuery(limit=-1), RunQuery(offset=-1)])
def test_negative_pages_are_refused(query: RunQuery) -> None:
    with pytest.raises(InputError):
        list_runs(empty_store(), query)


def test_cells_keep_their_types() -> None:
    db = empty_store()
    add_run(
        db, "a", params={"i": 3, "f": 3.0, "s": "3", "b": True, "n": None, "l": [1, {"x": "y"}]},
        metrics={"m": [1.0, math.nan]}, tags={"t": "1"}, exit_code=None,
    )  # fmt: skip
    names = [f"params.{key}" for key in "ifsbnl"] + ["m", "min(m)", "step(m)", "count(m)", "t", "params.missing"]
    page = list_runs(db, RunQuery(columns=[*names, "exit_code", "starred", "started_at", "duration_s"]))
    cells = dict(zip(page.columns, page.rows[0], strict=True))
    assert math.isnan(cells.pop("m"))
    assert cells == {
        "params.i": 3, "params.f": 3.0, "params.s": "3", "params.b": True, "params.n": None,
        "params.l": [1, {"x": "y"}], "min(m)": 1.0, "step(m)": 1, "count(m)": 2, "t": "1",
        "params.missing": None, "exit_code": None, "starred": False, "duration_s": 60.0,
        "started_at": datetime.fromtimestamp(BEGAN_US / 1e6 + 60, UTC),
    }  # fmt: skip
    assert type(cells["params.i"]) is int
    assert type(cells["params.f"]) is float
    assert page.kinds == ["param"] * 6 + ["number"] * 4 + ["text", "param", "number", "bool", "time", "duration"]
    assert page.notices == ["no run has params.missing"]


def test_aggregates_are_columns() -> None:
    db = empty_store()
    add_run(db, "a", metrics={"loss": [3.0, 1.0, 2.0], "auc": [0.5, 0.9, 0.7]})
    columns = ["first(loss)", "last(loss)", "mean(loss)", "best(loss)", "best(auc)", "step(best(auc)) as at"]
    page = list_runs(db, RunQuery(columns=columns))
    assert page.rows == [(3.0, 2.0, 2.0, 1.0, 0.9, 1)]
    assert page.columns[-1] == "at"
    assert list_runs(db, RunQuery(columns=["best(loss)"], directions={"loss": "max"})).rows == [(3.0,)]


def test_the_trash_is_a_list_of_its_own() -> None:
    db = empty_store()
    add_run(db, "kept", experiment="x")
    add_run(db, "gone", deleted=True)
    assert [row[0] for row in list_runs(db, RunQuery(columns=NAME)).rows] == ["kept"]
    assert [row[0] for row in list_runs(db, RunQuery(columns=NAME, deleted=True)).rows] == ["gone"]
    assert list_runs(db, RunQuery(where="deleted OR NOT deleted")).total == 2
    assert list_runs(db, RunQuery(experiment="x")).total == 1
    assert list_runs(db, RunQuery(experiment="y")).total == 0


def test_default_columns_are_the_params_that_differ_and_the_main_metrics() -> None:
    db = empty_store()
    add_run(
        db, "a", params={"lr": 0.1, "seed": 1, "status": 1}, metrics={"auc": [1], "system/cpu": [1], "val/auc": [1]}
    )
    add_run(db, "b", params={"lr": 0.2, "seed": 1, "extra": 1, "status": 2}, metrics={"auc": [1], "seed": [1]})
    columns = default_columns(db, RunQuery())
    assert columns[:5] == ["run_id", "name", "status", "started_at", "duration_s"]
    assert columns[5:] == ["lr", "params.status", "extra", "auc", "metrics.seed", "val/auc"]
    assert list_runs(db, RunQuery()).columns == columns
    add_run(db, "c", experiment="other")
    assert "experiment" in default_columns(db, RunQuery())
    assert "experiment" not in default_columns(db, RunQuery(experiment="other"))
    assert default_columns(empty_store(), RunQuery())[-1] == "duration_s"


def test_default_columns_are_few_whatever_is_logged() -> None:
    db = empty_store()
    fill(db, 20, params=40, metrics=2)
    db.execute("INSERT INTO metric_key SELECT i, 'layer/' || i FROM range(100, 12100) t(i)")
    db.execute(
        "INSERT INTO metric_summary BY NAME SELECT 1 AS run_id, i AS key_id, 1.0 AS last FROM range(100, 12100) t(i)"
    )
    assert default_columns(db, RunQuery())[6:] == ["p0", "p1", "p10", "p11", "p12", "m0", "m1", *(
        f"layer/{i}" for i in (100, 1000, 10000)
    )]  # fmt: skip


def test_odd_names_can_be_default_columns() -> None:
    db = empty_store()
    add_run(db, "a", params={"a b": 1, "run.x": 1, "null": 1, "`": 1}, metrics={"max(x)": [1.0]})
    add_run(db, "b")
    page = list_runs(db, RunQuery(where="params.`a b` = 1"))
    assert page.total == 1
    assert set(list_runs(db, RunQuery()).columns[5:]) == {"a b", "run.x", "null", "`", "max(x)"}


def test_columns_of_unknown_bare_names_are_mistakes() -> None:
    with pytest.raises(FilterError) as caught:
        list_runs(empty_store(), RunQuery(columns=["duration_s", "max(auc)"]))
    assert caught.value.position == 0
    assert caught.value.text == "max(auc)"


def test_data_sets_are_no_columns() -> None:
    with pytest.raises(FilterError):
        list_runs(empty_store(), RunQuery(sort=["datasets.name"]))


def test_a_large_store_is_filtered_and_counted_right() -> None:
    db = empty_store()
    fill(db, 20_000, params=5, metrics=5)
    add_metric(db, 7, "rare", [1.0])
    query = RunQuery(where="m3 > 0.9 AND p1 = 'v3'", sort=["-m3"], limit=50)
    page = list_runs(db, query)
    assert len(page.rows) == 50
    assert page.total == db.execute(
        "SELECT count(*) FROM metric_summary s JOIN param p USING (run_id) WHERE key_id = 3 AND last > 0.9"
        " AND p.name = 'p1' AND p.text = 'v3'"
    ).fetchall()[0][0]  # fmt: skip
    assert list_runs(db, RunQuery(where="rare = 1")).total == 1


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("min(loss)", "min(loss)"),
        ("-max(metrics.loss)", "max(loss)"),
        ("-loss", "loss"),
        ("metrics.loss", "loss"),
        ("params.lr", "lr"),
        ("-duration_s", None),
        ("attributes.name", None),
        ("host", "host"),
    ],
)
def test_what_a_list_is_sorted_by_is_shown_once(key: str, column: str | None) -> None:
    db = empty_store()
    add_run(db, "a", params={"lr": 0.1}, metrics={"loss": [1.0]})
    add_run(db, "b", params={"lr": 0.2}, metrics={"loss": [2.0]})
    columns = default_columns(db, RunQuery(sort=[key]))
    base = ["run_id", "name", "status", "started_at", "duration_s"]
    assert columns[: len(base)] == base
    assert columns[len(base)] == (column or "lr")
    assert len(set(columns)) == len(columns)
    assert list_runs(db, RunQuery(sort=[key])).columns == columns
