from __future__ import annotations

from typing import Any

import pytest

from tests.registry.gates.candidates import candidate, facts, outcome_of, stored
from workbench.base.project import Project
from workbench.registry.checks import GateResult
from workbench.registry.gates.candidate import Facts


def by_metric(project: Project, own: float, other: float, metric: str = "auc", **settings: Any) -> GateResult:
    others = {"champion": facts(1, registered_metrics={metric: other})}
    judged = candidate(project, facts(registered_metrics={metric: own}), others)
    return outcome_of(judged, "not-worse", metric=metric, against="champion", **settings)


@pytest.mark.parametrize(
    ("own", "other", "settings", "outcome"),
    [
        (0.9, 0.9, {}, "passed"),
        (0.89, 0.9, {}, "failed"),
        (0.95, 0.9, {}, "passed"),
        (0.89, 0.9, {"tolerance": 0.02}, "passed"),
        (0.95, 0.9, {"direction": "min"}, "failed"),
        (float("nan"), 0.9, {}, "failed"),
        (0.9, float("nan"), {}, "failed"),
    ],
)
def test_a_metric_is_not_worse(
    project: Project, own: float, other: float, settings: dict[str, Any], outcome: str
) -> None:
    assert by_metric(project, own, other, **settings).outcome == outcome


def test_the_name_of_a_metric_says_which_way_is_better(project: Project) -> None:
    found = by_metric(project, 0.3, 0.2, "val/log_loss")
    assert (found.outcome, found.detail) == ("failed", "val/log_loss is 0.3, and 0.2 in fraud/1 (champion): +0.1")


def test_the_first_version_has_nothing_to_compare_with_and_passes(project: Project) -> None:
    found = outcome_of(candidate(project, others={"champion": None}), "not-worse", metric="auc", against="champion")
    assert (found.outcome, found.detail) == (
        "passed",
        "there is nothing to compare with: no version of fraud is champion",
    )


def test_a_version_that_is_named_by_its_number_has_to_be_there(project: Project) -> None:
    judged = candidate(project, others={7: "fraud has no version 7"})
    found = outcome_of(judged, "not-worse", metric="auc", against=7)
    assert (found.outcome, found.detail) == ("failed", "there is nothing to compare with: fraud has no version 7")


def test_a_version_is_not_compared_with_itself(project: Project) -> None:
    own = facts(2)
    found = outcome_of(candidate(project, own, {"champion": facts(2)}), "not-worse", metric="auc", against="champion")
    assert found.outcome == "passed"
    assert found.detail.endswith("fraud/2 (champion) is this version itself")


def predictions(project: Project, wrong: int, rows: int = 200, **columns: list[object]) -> dict[str, tuple[str, int]]:
    """A file in which the first rows are predicted wrongly."""
    lines = ["id,label,prediction"]
    lines += [f"{row},{row % 2},{row % 2 if row >= wrong else 1 - row % 2}" for row in range(rows)]
    return stored(project, {"predictions.csv": "\n".join(lines) + "\n"})


def by_rows(project: Project, own: Any, other: Any, **settings: Any) -> GateResult:
    mine: Facts = facts(run_files=own, registered_metrics={"auc": 0.9})
    theirs = facts(1, run_files=other, registered_metrics={"auc": 0.5})
    judged = candidate(project, mine, {"champion": theirs})
    options = {"metric": "auc", "against": "champion", "predictions": "predictions.csv", "resamples": 200}
    return outcome_of(judged, "not-worse", **{**options, **settings})


def test_rows_that_are_worse_for_sure_fail_whatever_the_metric_says(project: Project) -> None:
    found = by_rows(project, predictions(project, 60), predictions(project, 20), id="id")
    assert found.outcome == "failed"
    assert found.detail.startswith("accuracy is 0.7, and 0.9 in fraud/1 (champion): −0.2, at best −0.")
    low, high = found.measured["ci"]
    assert low < found.measured["difference"] == pytest.approx(-0.2)
    assert found.measured["difference"] < high < 0
    assert found.measured["n"] == 200
    again = by_rows(project, predictions(project, 60), predictions(project, 20), id="id")
    assert again.measured == found.measured


def test_a_small_difference_may_be_luck_and_a_tolerated_one_passes(project: Project) -> None:
    assert by_rows(project, predictions(project, 21), predictions(project, 20)).outcome == "passed"
    assert by_rows(project, predictions(project, 60), predictions(project, 20), tolerance=0.3).outcome == "passed"
    assert by_rows(project, predictions(project, 20), predictions(project, 60)).outcome == "passed"


def test_errors_that_grow_are_worse(project: Project) -> None:
    settings = {"measure": "mae", "resamples": 200}
    found = by_rows(project, predictions(project, 60), predictions(project, 20), **settings)
    assert found.outcome == "failed"
    assert by_rows(project, predictions(project, 20), predictions(project, 60), **settings).outcome == "passed"


def test_rows_that_do_not_pair_leave_the_metric(project: Project) -> None:
    found = by_rows(project, predictions(project, 60), predictions(project, 20, rows=100))
    assert found.outcome == "passed"
    assert found.detail.endswith(
        "compared by the metric alone: the rows do not pair, one has 200 rows and the other 100"
    )


def test_a_run_without_predictions_leaves_the_metric(project: Project) -> None:
    found = by_rows(project, predictions(project, 60), {})
    assert found.outcome == "passed"
    assert found.detail.endswith("compared by the metric alone: no predictions.csv in the run of fraud/1")


def test_a_file_of_something_else_does_not_pass(project: Project) -> None:
    other = stored(project, {"predictions.csv": "a,b\n1,2\n"})
    found = by_rows(project, other, predictions(project, 20))
    assert found.outcome == "failed"
    assert "predictions.csv of fraud/2 has no column label" in found.detail


def test_contents_that_the_store_lacks_do_not_pass(project: Project) -> None:
    found = by_rows(project, {"predictions.csv": ("a" * 64, 1)}, predictions(project, 20))
    assert found.outcome == "failed"
    assert "missing from the store" in found.detail


def test_comparing_rows_has_a_limit_on_its_time(project: Project) -> None:
    found = by_rows(project, predictions(project, 60), predictions(project, 20), timeout_s=0.01)
    assert (found.outcome, found.detail) == ("timed out", "it took longer than 0.01 s")
