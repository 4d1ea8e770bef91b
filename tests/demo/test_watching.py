"""The demo's step about drift: what came of replayed use in a few words, and what is said where it fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.packaging.shops import Shop
from workbench.base.project import Project
from workbench.demo.plan import PlannedRun
from workbench.demo.training import RunView
from workbench.demo.watching import Watched, _summed_up, watch_best
from workbench.drift.monitors.results import Result


def day(number: int, *drifted: str) -> Result:
    window = f"2026-11-{number:02d}"
    verdict = "drift" if drifted else "ok"
    return Result(str(number), "m", window, window, 0, 1, None, number, 10, verdict, "b", drifted_columns=drifted)


def test_the_first_day_with_drift_and_every_column_are_named() -> None:
    days = (day(1), day(2), day(3, "b"), day(4, "a", "b"), day(5))
    assert _summed_up("m/1", days) == Watched("m/1", 50, 5, 2, ("b", "a"), "2026-11-03")


def test_nothing_that_drifts_is_no_day_and_no_column() -> None:
    assert _summed_up("m/1", (day(1), day(2))) == Watched("m/1", 20, 2, 2, (), "")


@pytest.fixture
def best(project: Project, clock: FakeClock) -> RunView:
    """A run that has logged a model."""
    shop = Shop.open(project)
    shop.add_version("a", name="other")
    shop.registry.close()
    return RunView(PlannedRun("cancer", "breast_cancer", "mlp", 1), "cancer", "finished", "a" * 32)


def test_a_replay_that_fails_is_a_sentence(project: Project, best: RunView) -> None:
    Path(project.root, "traffic.py").write_text("raise SystemExit('no such file')")
    assert watch_best(project, best) == "traffic.py failed: no such file"


def test_a_run_without_a_model_is_a_sentence(project: Project, best: RunView) -> None:
    said = watch_best(project, replace(best, run_id="f" * 32))
    assert isinstance(said, str)
    assert "no run" in said
