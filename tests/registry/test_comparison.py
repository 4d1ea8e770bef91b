"""Versions side by side."""

from __future__ import annotations

import pytest

from tests.cli.harness import write_run
from tests.cli.models.conftest import model_events
from tests.registry.registries import Registry
from workbench.registry import approvals, models, versions
from workbench.registry.checks import FAILED, PASSED, GateResult, record_check
from workbench.registry.comparison import VersionComparison, compare_versions
from workbench.registry.registering import register_run
from workbench.registry.signature import column_types
from workbench.store.edits import set_tag
from workbench.tracking.compare import MISSING


@pytest.fixture
def compared(registry: Registry) -> Registry:
    """`fraud` with two versions that differ in everything."""
    for uid, name, lr, auc, column in (("a" * 32, "one", 0.1, 0.9, "amount"), ("b" * 32, "two", 0.2, 0.8, "total")):
        data = {"e": "data", "name": "train", "digest": f"sha256:{name}", "path": "t.csv", "size": 9, "format": "csv"}
        events = [{"e": "param", "name": "lr", "value": lr}, data, *model_events(registry.project, "model", column)]
        write_run(registry.project, uid, events, metrics={"auc": [auc], "same": [1.0]}, name=name)
        registry.do(register_run, name, "fraud")
    return registry


def compare(registry: Registry, *, all: bool = False) -> VersionComparison:
    with registry.visit() as db:
        return compare_versions(db, [versions.get(db, "fraud", number) for number in (1, 2)], all=all)


def test_what_differs_is_shown_with_its_direction(compared: Registry) -> None:
    found = compare(compared)
    [auc] = found.runs.metrics
    assert (auc.name, auc.direction, auc.values, auc.best) == ("auc", "max", [0.9, 0.8], [True, False])
    assert auc.deltas[1] == pytest.approx(-0.1)
    assert [row.name for row in found.runs.params] == ["lr"]
    assert [(row.name, row.values) for row in found.runs.data] == [("train", ["sha256:one", "sha256:two"])]
    assert [(row.name, row.values) for row in found.signature] == [
        ("inputs.amount", ["double", MISSING]),
        ("inputs.total", [MISSING, "double"]),
    ]
    assert found.runs.names == ["fraud/1", "fraud/2"]


def test_all_shows_also_what_is_equal(compared: Registry) -> None:
    assert "same" not in [row.name for row in compare(compared).runs.metrics]
    everything = compare(compared, all=True)
    assert "same" in [row.name for row in everything.runs.metrics]
    assert "outputs.0" in [row.name for row in everything.signature]


def test_gates_and_approvals_are_compared(compared: Registry) -> None:
    first, second = compare(compared).documents
    assert first["check"] is None and second["check"] is None
    with compared.visit() as db:
        both = [versions.get(db, "fraud", number) for number in (1, 2)]
    for version, outcome in zip(both, (PASSED, FAILED), strict=True):
        results = [GateResult("auc", "metric", outcome, ""), GateResult("size", "size", PASSED, "")]
        compared.do(record_check, version, results)
    compared.do(approvals.approve, "fraud", 1, "fine")
    found = compare(compared)
    assert [(row.name, row.values) for row in found.gates] == [("auc", [PASSED, FAILED])]
    document = found.to_json()
    assert document["gates"] == {"auc": ["passed", "failed"]}
    assert (document["approvals"], document["status"]) == ([1, 0], ["approved", "none"])
    shown = {row.name: row.values for row in found.runs.attributes}
    assert shown["gate auc"] == ["passed", "failed"]
    assert shown["gates"] == ["2/2", "1/2"]
    assert shown["approvals"] == ["1 of 1", MISSING]


def test_metrics_are_those_that_were_registered(compared: Registry) -> None:
    write_run(compared.project, "a" * 32, metrics={"auc": [0.5]}, name="one")
    assert compare(compared).runs.metrics[0].values == [0.9, 0.8]


def test_a_run_that_is_gone_is_no_error(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    for run in ("c" * 32, None):
        registry.do(versions.register, "fraud", source="s3://bucket", run=run)
    found = compare(registry)
    assert (found.runs.params, found.runs.metrics) == ([], [])
    assert found.to_json()["runs"] == ["c" * 32, None]


def test_tags_of_the_runs_are_compared(compared: Registry) -> None:
    set_tag(compared.project, "a" * 32, "kind", "base")
    assert compare(compared).to_json()["tags"] == {"kind": ["base", None]}


def test_types_of_columns_are_told() -> None:
    signature = {
        "inputs": [
            {"name": "a", "type": "double", "required": False},
            {"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 3]}},
            "odd",
        ],
        "outputs": None,
        "params": [{"name": "t", "type": "long"}],
    }
    assert column_types(signature) == {
        "inputs.a": "double optional",
        "inputs.1": "float64 (-1, 3)",
        "params.t": "long",
    }
    assert column_types(None) == {}
