"""Latency and signature of real models; each is opened in a process of its own, which takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import workbench as wb
from tests.registry.gates.candidates import outcome_of
from tests.registry.registries import Registry
from tests.tracking.journals import QUIET
from workbench.registry import models, versions
from workbench.registry.gates.candidate import Candidate, gather_candidate

X = pd.DataFrame({"amount": [1.0, 2.0, 30.0, 40.0], "count": [1, 2, 3, 4]})
Y = [0, 0, 1, 1]
Registered = Callable[..., Candidate]


@pytest.fixture
def registered(registry: Registry) -> Registered:
    """Trains a model on some columns, registers it and returns it as a candidate beside version 1."""
    registry.do(models.register, "fraud")

    def register(columns: list[str], *steps: object, **options: Any) -> Candidate:
        model = make_pipeline(*steps, LogisticRegression()).fit(X[columns], Y)
        with wb.start_run(on_error="raise", **QUIET) as run:
            run.log_model(model, "model", **options)
        made = registry.do(versions.register, "fraud", source=f"runs:/{run.run_id}/model", run=run.run_id)
        with registry.visit() as db:
            return gather_candidate(db, registry.project, made, [1])

    return register


def test_predictions_on_the_input_example_are_timed(registered: Registered) -> None:
    judged = registered(["amount", "count"], input_example=X.head(3))
    found = outcome_of(judged, "latency", max_ms=0.000001, predictions=5, warm_up=1)
    assert found.outcome == "failed"
    assert found.detail.endswith("at most 1e-06 ms is wanted")
    measured = found.measured
    assert (measured["rows"], measured["predictions"]) == (3, 5)
    assert 0 < measured["p50_ms"] <= measured["p95_ms"] <= measured["max_ms"]


def test_a_model_that_hangs_when_it_is_opened_is_given_up(registered: Registered) -> None:
    found = outcome_of(registered(["amount"], input_example=X[["amount"]]), "latency", max_ms=1, timeout_s=0.05)
    assert found.outcome == "timed out"


def test_a_model_without_an_input_example_does_not_pass(registered: Registered) -> None:
    found = outcome_of(registered(["amount"]), "latency", max_ms=1000)
    assert found.outcome == "failed"
    assert found.detail.startswith("the model has no input example")


def test_a_model_that_could_run_code_is_opened_only_where_the_gate_says_so(registered: Registered) -> None:
    own_code = FunctionTransformer(lambda values: values * 2)
    judged = registered(["amount"], own_code, input_example=X[["amount"]])
    found = outcome_of(judged, "latency", max_ms=1000)
    assert found.outcome == "failed"
    assert "it holds a pickle" in found.detail
    assert "allow_pickle = true" in found.detail
    trusted = outcome_of(judged, "latency", max_ms=60_000, predictions=1, allow_pickle=True)
    assert trusted.passed, trusted.detail


def test_signatures_of_real_models_are_compared(registered: Registered) -> None:
    first = registered(["amount"], input_example=X[["amount"]])
    assert outcome_of(first, "signature").detail == "a signature of 1 inputs and an input example are there"
    second = registered(["amount", "count"], input_example=X)
    found = outcome_of(second, "signature", against=1)
    assert (found.outcome, found.detail) == ("failed", "not as fraud/1: the input count is new and required")
    assert outcome_of(registered(["amount"], input_example=X[["amount"]]), "signature", against=1).passed
