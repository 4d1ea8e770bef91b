"""Training side by side, and what a snapshot knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.demo.plan import Edit, PlannedRun, Round
from workbench.demo.training import Snapshot, Training
from workbench.demo.workspace import Workspace
from workbench.store.runs import RunQuery, list_runs
from workbench.store.store import Store

INTERVAL_S = 0.02
GOOD = PlannedRun("good", "digits", "mlp", 3)
FAILING = PlannedRun("failing", "digits", "failing", 2, fails=True)
BROKEN = PlannedRun("broken", "digits", "broken", 2)
ENDLESS = PlannedRun("endless", "digits", "endless", 2)


def train(workspace: Workspace, *plan: Round) -> tuple[Training, list[Snapshot]]:
    """Train to the end."""
    with Training(workspace, plan) as training:
        return training, list(training.snapshots(INTERVAL_S))


def stored(workspace: Workspace) -> dict[str, str]:
    """Status of every run by name."""
    with Store(workspace.project).reading() as db:
        rows = list_runs(db, RunQuery(columns=["attributes.name", "attributes.status"])).rows
    return {str(name): str(status) for name, status in rows}


def test_runs_end_as_they_were_meant_to(workspace: Workspace) -> None:
    training, snapshots = train(workspace, Round((GOOD, FAILING)))
    good, failing = training.runs
    assert (good.state, good.epoch, good.losses) == ("finished", 3, [(1, 1.0), (2, 0.5), (3, 1 / 3)])
    assert good.best_loss == 1 / 3
    assert good.values["valid_auc"] == 0.5
    assert failing.state == "failed"
    assert "the loss is too high" in str(failing.error)
    assert not any(view.surprising for view in training.runs)
    assert snapshots[-1].elapsed_s > 0


def test_a_script_that_dies_before_its_run_says_why(workspace: Workspace) -> None:
    training, _ = train(workspace, Round((BROKEN,)))
    assert (training.runs[0].state, training.runs[0].error) == ("failed", "no such model")
    assert training.runs[0].surprising


def test_a_second_demo_in_the_same_folder_adds_runs(workspace: Workspace) -> None:
    train(workspace, Round((GOOD,)))
    train(workspace, Round((GOOD,)))
    assert stored(workspace) == {"good": "finished", "good-2": "finished"}


def test_the_code_changes_between_rounds(workspace: Workspace) -> None:
    again = PlannedRun("again", "digits", "mlp", 3)
    training, snapshots = train(workspace, Round((GOOD,)), Round((again,), Edit("train.py", "STEP = 1", "STEP = 2")))
    assert [view.best_loss for view in training.runs] == [1 / 3, 1 / 6]
    assert snapshots[-1].news == ("changed train.py, not committed: STEP = 1 → STEP = 2",)


def test_leaving_early_ends_runs_as_killed_and_starts_no_more(workspace: Workspace) -> None:
    with Training(workspace, [Round((ENDLESS, GOOD))], workers=1) as training:
        for _ in training.snapshots(INTERVAL_S):
            if training.runs[0].epoch:
                break
    last = training.snapshot()
    assert [view.state for view in last.runs] == ["killed", "waiting"]
    assert stored(workspace) == {"endless": "killed"}


def test_a_training_that_had_not_begun_leaves_no_trace(workspace: Workspace) -> None:
    (Path(workspace.project.root) / "train.py").write_text("import time\ntime.sleep(60)\n")
    with Training(workspace, [Round((GOOD,))]) as training:
        next(training.snapshots(INTERVAL_S))
    assert training.snapshot().runs[0].state == "waiting"
    assert stored(workspace) == {}


def test_the_environment_of_the_caller_does_not_divert_runs(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_RUN_ID", "a" * 32)
    monkeypatch.setenv("WORKBENCH_DIR", str(tmp_path))
    train(workspace, Round((GOOD,)))
    assert stored(workspace) == {"good": "finished"}
