"""Judging the trainings, and what is worth trying next."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.demo.plan import Edit, PlannedRun, Round
from workbench.demo.results import best_by_data, changed_pair, folder_command, next_commands, summarize
from workbench.demo.training import RunView, Training
from workbench.demo.workspace import Workspace


def view(name: str, model: str, loss: float, *, data: str = "digits", state: str = "finished") -> RunView:
    """A run that has ended."""
    return RunView(PlannedRun(name, data, model, 9), name, state, name * 4, 1, {}, [(1, loss)])


def test_the_best_of_each_model_comes_first() -> None:
    runs = [view("a", "mlp", 0.3), view("b", "gbm", 0.1), view("c", "mlp", 0.2), view("d", "mlp", 0.9, data="cancer")]
    best = best_by_data([*runs, view("e", "linear", 0.01, state="failed")])
    assert {data: [view.name for view in views] for data, views in best.items()} == {
        "digits": ["b", "c"],
        "cancer": ["d"],
    }


def test_a_repetition_is_paired_with_the_run_before_it() -> None:
    first, other, again = view("a", "mlp", 0.3), view("b", "gbm", 0.1), view("c", "mlp", 0.2)
    assert changed_pair([first, other, again]) == (first, again)
    assert changed_pair([first, other]) is None


def test_commands_begin_the_way_the_demo_was_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    assert str(next_commands([], None, [])[0]) == "uv run workbench runs list -s 'min(valid_loss)'"


def test_commands_name_only_runs_that_exist() -> None:
    assert [str(command) for command in next_commands([], None, [])] == [
        "workbench runs list -s 'min(valid_loss)'",
        "workbench runs list -w 'metrics.test_accuracy > 0.96'",
    ]


def test_the_folder_is_reached_by_cd_unless_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = str(tmp_path / "my demo")
    assert folder_command(root) == "cd 'my demo'"
    monkeypatch.setenv("WORKBENCH_DIR", "/elsewhere")
    assert folder_command(root) == f"export WORKBENCH_DIR='{root}'"


def test_the_summary_compares_the_best_two(workspace: Workspace) -> None:
    plan = Round(
        (
            PlannedRun("slow", "digits", "mlp", 2),
            PlannedRun("fast", "digits", "gbm", 4),
            PlannedRun("bad", "digits", "failing", 1, fails=True),
            PlannedRun("odd", "digits", "broken", 1),
        )
    )
    with Training(workspace, [plan]) as training:
        list(training.snapshots(0.02))
    results = summarize(training)
    assert [run.name for run in results.compared] == ["fast", "slow"]
    assert results.comparison is not None
    assert results.comparison.names == ["fast", "slow"]
    assert [run.name for run in results.failed] == ["bad"]
    assert [run.name for run in results.surprises] == ["odd"]


def test_nothing_finished_is_no_reason_to_fail(workspace: Workspace) -> None:
    with Training(workspace, [Round((PlannedRun("odd", "digits", "broken", 1),))]) as training:
        list(training.snapshots(0.02))
    results = summarize(training)
    assert (results.best, results.comparison, results.changed) == ({}, None, None)


def test_a_change_that_an_earlier_demo_made_is_not_shown_again(workspace: Workspace) -> None:
    run = PlannedRun("first", "digits", "mlp", 1)
    plan = [Round((run,)), Round((PlannedRun("again", "digits", "mlp", 1),), Edit("train.py", "STEP = 1", "STEP = 2"))]
    pairs = []
    for _ in range(2):
        with Training(workspace, plan) as training:
            list(training.snapshots(0.02))
        changed = summarize(training).changed
        pairs.append(changed and [view.name for view in changed])
    assert pairs == [["first", "again"], None]
