from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import workbench.registry.gates as gates_package
from tests.registry.gates.candidates import judge_of
from workbench.base.errors import SettingsError
from workbench.registry.gates.kinds import KINDS, ready_gates
from workbench.registry.policy import Gate, parse_rules

ROOT = Path(__file__).parents[3]


def test_every_kind_of_the_documentation_is_there_and_understands_its_settings() -> None:
    text = "\n".join(line[4:] for line in str(gates_package.__doc__).splitlines() if line.startswith("    "))
    text = text[: text.index("settings.py")]
    assert tomllib.loads(text)
    gates = parse_rules(text).policy("fraud").gates
    ready = ready_gates(gates.values(), "workbench.toml")
    assert {gate.kind for gate in ready} == set(KINDS)
    assert {gate.timeout_s for gate in ready} == {300.0}


@pytest.mark.parametrize(
    ("kind", "settings", "problem"),
    [
        ("metrics", {}, "there is no such kind of gate"),
        ("metric", {"min": 1}, "it has no metric"),
        ("metric", {"metric": "auc"}, "neither min nor max"),
        ("metric", {"metric": "auc", "min": "0.9"}, "min is a number"),
        ("metric", {"metric": "auc", "min": True}, "min is a number"),
        ("metric", {"metric": "auc", "min": float("nan")}, "min is a number"),
        ("metric", {"metric": "auc", "min": 2, "max": 1}, "min is more than max"),
        ("metric", {"metric": "", "min": 2}, "metric is a text"),
        ("metric", {"metric": "auc", "mn": 2, "max": 1}, "no setting 'mn'"),
        ("metric", {"metric": "auc", "min": 1, "timeout_s": 0}, "timeout_s is more than 0"),
        ("not-worse", {"metric": "auc"}, "it has no against"),
        ("not-worse", {"metric": "auc", "against": "latest"}, "against: 'latest' is no alias"),
        ("not-worse", {"metric": "auc", "against": 0}, "against is an alias"),
        ("not-worse", {"metric": "auc", "against": "c", "tolerance": -1}, "tolerance is 0 or more"),
        ("not-worse", {"metric": "auc", "against": "c", "direction": "up"}, "no direction 'up'"),
        ("not-worse", {"metric": "auc", "against": "c", "measure": "f1"}, "no measure 'f1'"),
        ("not-worse", {"metric": "auc", "against": "c", "resamples": 5}, "resamples is 100 or more"),
        ("not-worse", {"metric": "auc", "against": "c", "predictions": "../x"}, "does not lie within the run"),
        ("slices", {"by": "x", "min": 1}, "it has no predictions"),
        ("slices", {"predictions": "p.csv", "min": 1}, "it has no by"),
        ("slices", {"predictions": "p.csv", "by": "x"}, "neither min nor max nor max_gap"),
        ("size", {}, "either max_bytes or max_mb"),
        ("size", {"max_bytes": 1, "max_mb": 1}, "either max_bytes or max_mb"),
        ("size", {"max_bytes": -1}, "whole number of 0 or more"),
        ("latency", {}, "it has no max_ms"),
        ("latency", {"max_ms": -1}, "max_ms is more than 0"),
        ("latency", {"max_ms": 1, "predictions": 0}, "predictions is 1 or more"),
        ("requires", {}, "it requires nothing"),
        ("requires", {"tags": "owner"}, "tags is a list of texts"),
        ("signature", {"allow_new_optional": 1}, "true or false"),
        ("data", {"tag": 1}, "tag is a text"),
        ("command", {}, "run is a command"),
        ("command", {"run": ""}, "run is a command"),
        ("command", {"run": ["sh", 1]}, "run is a command"),
        ("command", {"run": "sh 'x"}, "cannot be split into words"),
    ],
)
def test_a_gate_that_cannot_be_understood_is_named_with_its_line(
    kind: str, settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SettingsError, match=f"^workbench.toml:7:1: the gate g .{kind}.: .*{re.escape(problem)}"):
        judge_of(kind, **settings)


def test_a_whole_number_is_a_number() -> None:
    assert judge_of("metric", metric="auc", min=1) == judge_of("metric", metric="auc", min=1.0)


def test_gates_are_all_understood_before_one_runs() -> None:
    good, bad = Gate("a", "size", {"max_mb": 1}), Gate("b", "size", {}, 9)
    with pytest.raises(SettingsError, match=":9:1: the gate b"):
        ready_gates([good, bad], "workbench.toml")


def test_nothing_heavy_is_loaded_before_a_gate_needs_it() -> None:
    code = (
        "import sys; import workbench.registry.gates.check, workbench.cli.models.check, workbench.output.check_view; "
        "print(*{'numpy', 'polars', 'pandas', 'mlflow', 'yaml'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""
