"""What a filter means, over runs whose answers are known."""

from __future__ import annotations

import math
from datetime import timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FakeClock
from tests.store import trees
from tests.store.synthetic import BEGAN_US, add_run, empty_store
from workbench.base.errors import FilterError
from workbench.store.conditions import Comparison, Condition, Every, IsNull, Not, Operand, Some
from workbench.store.fields import time_of
from workbench.store.runs import RunQuery, list_runs


@pytest.fixture(scope="module")
def db() -> duckdb.DuckDBPyConnection:
    db = empty_store()
    add_run(
        db, "one", experiment="fraud",
        params={"lr": 0.1, "depth": 8, "model": "gbm", "flag": True, "my key": "x", "batch": "32"},
        metrics={"auc": [0.5, 0.95, 0.9], "loss": [0.9, 0.1, 0.3], "val/loss": [1.0]},
        tags={"kind": "baseline", "n": "7"}, datasets={"train": "d1", "test": "d2"}, starred=True, git_dirty=True,
    )  # fmt: skip
    add_run(
        db, "two", params={"lr": 0.01, "depth": 10, "model": "linear", "flag": False, "batch": 32},
        metrics={"auc": [0.99, 0.7], "loss": [math.nan, 0.2]}, tags={"kind": "Base", "gone": None}, status="failed",
        exit_code=3, error="boom", datasets={"train": "d3"},
    )  # fmt: skip
    add_run(db, "three", metrics={"auc": [math.nan], "loss": [0.5, math.inf]}, status="running", ended_at=None)
    add_run(db, "four", params={"model": "gbm", "lr": "auto"}, deleted=True)
    return db


def names(db: duckdb.DuckDBPyConnection, where: str) -> set[str]:
    return {row[0] for row in list_runs(db, RunQuery(where=where, columns=["attributes.name"])).rows}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", "one two three"),
        ("metrics.auc > 0.8", "one"),
        ("metrics.auc = 0.9", "one"),
        ("metrics.auc < 0.8", "two"),
        ("max(metrics.auc) > 0.97", "two"),
        ("best(metrics.auc) > 0.97", "two"),
        ("best(metrics.loss) < 0.15", "one"),
        ("min(loss) < 0.15", "one"),
        ("first(loss) >= 0.5", "one three"),
        ("mean(metrics.auc) > 0.8", "two"),
        ("count(auc) = 3", "one"),
        ("step(best(loss)) = 1", "one two"),
        ("step(max(auc)) = 0", "two"),
        ("metrics.auc = nan", "three"),
        ("metrics.auc = 'NaN'", "three"),
        ("metrics.auc != NaN", "one two"),
        ("metrics.auc IN (0.7, nan)", "two three"),
        ("metrics.loss = infinity", "three"),
        ("metrics.loss > 1", "three"),
        ("metrics.`val/loss` = 1", "one"),
        ("val/loss = 1", "one"),
        ("metrics.auc IS NULL", ""),
        ("params.lr IS NULL", "three"),
        ("params.lr < 0.05", "two"),
        ("params.lr = '0.1'", "one"),
        ("params.depth >= 10", "two"),
        ("params.depth > '8'", ""),
        ("params.batch = 32", "one two"),
        ("params.model = 'gbm'", "one"),
        ("params.model != 'gbm'", "two"),
        ("params.model LIKE 'G%'", ""),
        ("params.model ILIKE 'G%'", "one"),
        ("params.model RLIKE '^(gbm|xgb)$'", "one"),
        ("params.model NOT IN ('gbm', 'x')", "two"),
        ("params.flag = true", "one"),
        ("params.flag = 'true'", "one"),
        ("params.flag != true", "two"),
        ("params.\"my key\" = 'x'", "one"),
        ("`my key` = 'x'", "one"),
        ("tags.kind LIKE '%ase%'", "one two"),
        ("tags.n > 6.5", "one"),
        ("tags.gone IS NULL", "one two three"),
        ("status = 'RUNNING'", "three"),
        ("attributes.status IN ('failed', 'Running')", "two three"),
        ("attributes.status != 'finished'", "two three"),
        ("name = 'two'", "two"),
        ("attributes.run_name LIKE 't%'", "two three"),
        ("experiment = 'fraud'", "one"),
        ("starred", "one"),
        ("NOT starred", "two three"),
        ("git_dirty = true", "one"),
        ("git_dirty != 'true'", "two three"),
        ("exit_code = 3", "two"),
        ("error IS NOT NULL", "two"),
        ("note IS NULL", "one two three"),
        ("duration_s = 60", "one two"),
        ("duration = '1m'", "one two"),
        ("command LIKE 'python train%'", "one two three"),
        ("deleted", "four"),
        ("deleted = true OR deleted = false", "one two three four"),
        ("datasets.name = 'test'", "one"),
        ("dataset.digest IN ('d2', 'd3')", "one two"),
        ("NOT datasets.name = 'test'", "two three"),
        ("datasets.context = 'train'", "one two"),
        ("datasets.name IS NULL", "three"),
        ("metrics.never = 1", ""),
        ("metrics.never IS NULL", "one two three"),
        ("metrics.auc > 0.8 AND (params.model = 'x' OR tags.kind LIKE 'base%')", "one"),
        ("lr BETWEEN 0.01 AND 0.05", "two"),
        ("lr NOT BETWEEN 0.01 AND 0.05", "one"),
    ],
)
def test_a_filter_finds_these_runs(db: duckdb.DuckDBPyConnection, where: str, expected: str) -> None:
    assert names(db, where) == set(expected.split())


def test_a_missing_value_fits_neither_a_condition_nor_its_opposite(db: duckdb.DuckDBPyConnection) -> None:
    assert "three" not in names(db, "params.lr > 0") | names(db, "NOT params.lr > 0")
    assert "three" not in names(db, "metrics.auc > 0") | names(db, "NOT metrics.auc > 0")  # NaN compares with nothing


def test_times_compare_with_dates_spans_and_milliseconds(db: duckdb.DuckDBPyConnection, clock: FakeClock) -> None:
    clock.now_us = BEGAN_US + 2 * 60_000_000 + 30_000_000  # half a minute after run two began
    began_two = time_of(BEGAN_US + 2 * 60_000_000)
    assert names(db, "started_at > '-40s'") == {"two", "three"}
    assert names(db, "started_at < '-1m'") == {"one"}
    assert names(db, f"attributes.start_time = {(BEGAN_US + 120_000_000) // 1000}") == {"two"}
    assert names(db, f"started_at = '{began_two.isoformat()}Z'") == {"two"}
    assert names(db, f"started_at = '{(began_two + timedelta(hours=2)).isoformat()}+02:00'") == {"two"}
    assert names(db, f"started_at >= '{began_two.date().isoformat()}'") == {"one", "two", "three"}
    clock.now_us = BEGAN_US + 3 * 60_000_000 + 5_000_000
    assert names(db, "duration_s = 5") == {"three"}, "a run that still runs has lasted until now"


@pytest.mark.parametrize(
    ("where", "position", "message"),
    [
        ("auk > 0.9", 0, "no attribute, metric, param or tag named auk"),
        ("max(lr) > 1", 0, "no metric named lr"),
        ("metrics.auc > 'high'", 14, "'high' is not a number"),
        ("metrics.auc = true", 14, "true is not a number"),
        ("metrics.auc > nan", 14, "neither greater nor less"),
        ("metrics.auc LIKE '1%'", 17, "LIKE is for text"),
        ("status = 'done'", 9, "'done' is not a status"),
        ("name = 3", 7, "this is text"),
        ("started_at > 'yesterday'", 13, "'yesterday' is not a time"),
        ("started_at > true", 13, "true is not a time"),
        ("started_at > 1e300", 13, "1e+300 is not a time"),
        ("starred = 'maybe'", 10, "neither true nor false"),
        ("starred > true", 10, "no order"),
        ("params.model RLIKE '('", 19, "not a regular expression"),
    ],
)
def test_a_value_that_does_not_fit_is_pointed_at(
    db: duckdb.DuckDBPyConnection, where: str, position: int, message: str
) -> None:
    with pytest.raises(FilterError) as caught:
        list_runs(db, RunQuery(where=where))
    assert message in caught.value.message
    assert caught.value.position == position


def test_a_misspelt_name_is_suggested(db: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(FilterError) as caught:
        list_runs(db, RunQuery(where="modle = 'gbm'"))
    assert caught.value.hint == "did you mean model?"
    page = list_runs(db, RunQuery(where="params.modle = 'gbm'"))
    assert page.notices == ["no run has params.modle; did you mean params.model?"]


def test_a_bare_name_that_two_things_have_must_be_qualified() -> None:
    db = empty_store()
    add_run(db, "a", params={"x": 1}, metrics={"x": [1.0]}, tags={"y": "1"})
    with pytest.raises(FilterError) as caught:
        list_runs(db, RunQuery(where="y = '1' AND x > 0"))
    assert caught.value.position == 12
    assert caught.value.explanation == "write metrics.x or params.x"
    assert list_runs(db, RunQuery(where="max(x) > 0")).total == 1, "only a metric has a maximum"


def test_hostile_names_and_values_stay_values() -> None:
    db = empty_store()
    evil = "'; DROP TABLE run; --"
    add_run(db, evil, params={evil: evil, "$p1": 1}, tags={'"': "`"}, metrics={"{}": [1.0], "a.b`c": [2.0]})
    quoted = evil.replace("'", "''")
    for where in (
        f"name = '{quoted}'",
        f"params.`{evil}` = '{quoted}'",
        "params.$p1 = 1",
        "tags.`\"` = '`'",
        "metrics.`{}` = 1",
        "metrics.`a.b``c` = 2",
    ):
        assert list_runs(db, RunQuery(where=where)).total == 1, where


@settings(max_examples=200, deadline=None)
@given(condition=trees.conditions)
def test_any_filter_is_answered_or_a_filter_error(db: duckdb.DuckDBPyConnection, condition: Condition) -> None:
    try:
        list_runs(db, RunQuery(where=str(condition), columns=["attributes.name"]))
    except FilterError as error:
        assert 0 <= error.position <= len(error.text)


RUNS: list[dict[str, object]] = [
    {}, {"a": 1.0}, {"a": 2.0, "b": "x"}, {"a": math.nan, "b": "y"}, {"b": "x"}, {"a": 3.0, "b": "z", "c": True},
    {"c": False}, {"a": 1.0, "c": True},
]  # fmt: skip
A, B, C = Operand("metrics", "a"), Operand("tags", "b"), Operand("params", "c")
leaves = st.one_of(
    st.builds(
        lambda op, v: Comparison(A, op, v),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([1.0, 2.0]),
    ),
    st.builds(lambda op, v: Comparison(B, op, v), st.sampled_from(["=", "!=", "<"]), st.sampled_from(["x", "y"])),
    st.builds(lambda v: Comparison(C, "=", v), st.booleans()),
    st.sampled_from([A, B, C]).map(IsNull),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Some(tuple(parts))),
    ),
    max_leaves=6,
)


def oracle(condition: Condition, run: dict[str, object]) -> bool | None:
    """Three-valued logic as SQL defines it; NaN compares as something unknown."""
    match condition:
        case Not(inner):
            value = oracle(inner, run)
            return None if value is None else not value
        case Every(parts):
            answers = [oracle(part, run) for part in parts]
            return False if False in answers else None if None in answers else True
        case Some(parts):
            answers = [oracle(part, run) for part in parts]
            return True if True in answers else None if None in answers else False
        case IsNull(operand):
            return run.get(operand.name) is None
        case Comparison(operand, operator, value):
            have = run.get(operand.name)
            if have is None or have != have:
                return None
            compare = {"=": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
            return bool(getattr(have, compare[operator])(value))
    raise AssertionError(condition)


@pytest.fixture(scope="module")
def oracle_db() -> duckdb.DuckDBPyConnection:
    db = empty_store()
    for number, run in enumerate(RUNS):
        add_run(
            db, str(number),
            metrics={"a": [float(str(run["a"]))]} if "a" in run else {},
            tags={"b": str(run["b"])} if "b" in run else {},
            params={"c": run["c"]} if "c" in run else {},
        )  # fmt: skip
    return db


@settings(deadline=None)
@given(condition=conditions)
def test_and_or_not_follow_the_truth_tables(oracle_db: duckdb.DuckDBPyConnection, condition: Condition) -> None:
    expected = {str(number) for number, run in enumerate(RUNS) if oracle(condition, run)}
    assert names(oracle_db, str(condition)) == expected
