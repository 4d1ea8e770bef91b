"""Comparisons show what differs, and nothing else."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import InputError
from workbench.tracking.compare import MISSING, Comparison, compare_documents

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)


def run(number: int, **more: Any) -> dict[str, Any]:
    return {"run_id": f"{number:032x}", "name": f"run-{number}", "status": "finished"} | more


def values(comparison: Comparison, group: str) -> dict[str, list[object]]:
    return {row.name: row.values for row in getattr(comparison, group)}


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_a_run_does_not_differ_from_its_twin(params: dict[str, object]) -> None:
    comparison = compare_documents([run(1, params=params), run(2, params=params)])
    assert comparison.params == []
    assert len(compare_documents([run(1, params=params), run(2, params=params)], all=True).params) == len(params)


def test_params_are_compared_as_json_values() -> None:
    a = {"int": 1, "order": {"a": 1, "b": [2]}, "bool": True, "text": "1", "same": 0.1}
    b = {"int": 1.0, "order": {"b": [2.0], "a": 1}, "bool": 1, "text": 1, "same": 0.1}
    assert set(values(compare_documents([run(1, params=a), run(2, params=b)]), "params")) == {"bool", "text"}


def test_missing_is_not_null() -> None:
    comparison = compare_documents([run(1, params={"x": None}), run(2, params={})])
    assert values(comparison, "params") == {"x": [None, MISSING]}
    assert comparison.to_json()["params"] == {"x": ["null", None]}


def test_the_best_metric_follows_its_direction_and_deltas_the_baseline() -> None:
    runs = [
        run(1, metrics={"auc": 0.9, "loss": 0.5}),
        run(2, metrics={"auc": 0.8, "loss": 0.25}),
        run(3, metrics={"auc": 0.9, "loss": math.nan}),
    ]
    auc, loss = compare_documents(runs, baseline=1).metrics
    assert (auc.direction, auc.best) == ("max", [True, False, True])
    assert (loss.direction, loss.best) == ("min", [False, True, False])
    assert loss.deltas == [0.25, 0.0, None]
    assert [loss.is_better(i) for i in range(3)] == [False, None, None]
    assert auc.is_better(0) is True


def test_a_direction_can_be_given() -> None:
    runs = [run(1, metrics={"score": 1.0}), run(2, metrics={"score": 2.0})]
    assert compare_documents(runs, directions={"score": "min"}).metrics[0].best == [True, False]


def test_equal_metrics_have_no_best() -> None:
    runs = [run(1, metrics={"auc": 0.9}), run(2, metrics={"auc": 0.9})]
    assert compare_documents(runs).metrics == []
    assert compare_documents(runs, all=True).metrics[0].best == [False, False]


def test_non_finite_metrics_may_be_strings_as_in_json() -> None:
    runs = [run(1, metrics={"auc": "NaN"}), run(2, metrics={"auc": "Infinity"}), run(3, metrics={})]
    [row] = compare_documents(runs).metrics
    assert math.isnan(row.values[0] or 0)
    assert row.values[1:] == [math.inf, None]
    assert not any(row.best)


def test_system_metrics_are_noise_unless_all_is_asked_for() -> None:
    runs = [run(i, system_metrics={"system/cpu": float(i)}) for i in (1, 2)]
    assert compare_documents(runs).metrics == []
    assert [row.name for row in compare_documents(runs, all=True).metrics] == ["system/cpu"]


def git(commit: str, dirty: bool = False, patch: str | None = None) -> dict[str, Any]:
    captures = {"patch": {"sha256": patch}} if patch else {}
    return {"git": {"commit": commit, "branch": "main", "dirty": dirty}, "captures": captures}


@pytest.mark.parametrize(
    ("a", "b", "changed"),
    [
        (git("a" * 40), git("a" * 40), False),
        (git("a" * 40), git("b" * 40), True),
        (git("a" * 40), git("a" * 40, dirty=True), True),
        (git("a" * 40, True, "1" * 64), git("a" * 40, True, "1" * 64), False),
        (git("a" * 40, True, "1" * 64), git("a" * 40, True, "2" * 64), True),
        (git("a" * 40, True), git("a" * 40, True), True),
        ({}, {"git": None}, False),
    ],
)
def test_code_changed_is_told_from_commit_and_patch(a: dict[str, Any], b: dict[str, Any], changed: bool) -> None:
    assert compare_documents([run(1, **a), run(2, **b)]).code_changed is changed


def test_data_and_environment_are_compared_one_by_one() -> None:
    def made(number: int, digest: str, numpy: str) -> dict[str, Any]:
        environment = {"python": "3.12.4", "packages": {"numpy": numpy, "polars": "2.1"}}
        return run(number, datasets=[{"name": "tx", "digest": digest}], captures={"environment": environment})

    comparison = compare_documents([made(1, "sha256:" + "a" * 64, "1.0"), made(2, "sha256:" + "a" * 63 + "b", "2.0")])
    assert set(values(comparison, "data")) == {"tx"}
    assert values(comparison, "environment") == {"numpy": ["1.0", "2.0"]}


def test_the_json_shape_is_what_scripts_rely_on() -> None:
    runs = [
        run(1, params={"lr": 0.1, "name": "x"}, metrics={"auc": 0.91}),
        run(2, params={"lr": 0.2, "name": "x"}, metrics={"auc": 0.93}),
    ]
    document = compare_documents(runs).to_json()
    assert document["runs"] == [f"{1:032x}", f"{2:032x}"]
    assert document["params"] == {"lr": ["0.1", "0.2"]}
    assert document["metrics"] == {"auc": [0.91, 0.93]}
    assert document["tags"] == {}
    assert document["code_changed"] is False
    assert document["best"] == {"auc": [f"{2:032x}"]}


def test_nothing_to_compare_is_an_input_error() -> None:
    with pytest.raises(InputError):
        compare_documents([])
    with pytest.raises(InputError):
        compare_documents([run(1)], baseline=1)


def test_a_comparison_of_very_many_metrics_looks_at_each_once() -> None:
    class Counting(dict[str, Any]):
        reads = 0

        def get(self, key: str, default: Any = None) -> Any:
            Counting.reads += key == "metrics"
            return super().get(key, default)

    metrics = {f"m{number}": 1.0 for number in range(100)}
    compare_documents([Counting(run(1, metrics=metrics)), Counting(run(2, metrics=metrics))])
    assert Counting.reads <= 4
