"""The sample projects: each is run as its README says, and what it claims about itself holds."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.cli.harness import program
from workbench.base.project import Project
from workbench.demo.samples import sample_dir
from workbench.store.metrics import history
from workbench.store.runs import run_documents
from workbench.store.store import Store

SHIFT = date(2025, 5, 5)


def load(sample: str, script: str) -> ModuleType:
    """A script of a sample as a module."""
    spec = importlib.util.spec_from_file_location(f"{sample}_{script}", Path(sample_dir(sample), f"{script}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy(sample: str, to: Path) -> Path:
    """A copy of a sample, as a user would make it."""
    return Path(shutil.copytree(sample_dir(sample), to / sample))


def run(folder: Path, command: Sequence[str], status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in a sample's copy, whose project is the same folder."""
    environment = os.environ | {"WORKBENCH_DIR": str(folder), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, done.stderr
    return done


def documents(folder: Path) -> list[dict[str, Any]]:
    """Every run of a project, newest first, as `workbench runs list --json` gives it."""
    with Store(Project(str(folder))).reading() as db:
        return run_documents(db, None)


def curve(folder: Path, run_id: str, key: str) -> list[float]:
    """The values of a metric."""
    with Store(Project(str(folder))).reading() as db:
        return [value for _, value, _ in history(db, [run_id], [key])[run_id][key]]


# -- classifier


def test_the_classifier_leaves_a_complete_run(tmp_path: Path) -> None:
    folder = copy("classifier", tmp_path)
    words = ["--data", "digits", "--model", "mlp", "--epochs", "4", "--name", "first"]
    done = run(folder, [sys.executable, "train.py", *words])
    (document,) = documents(folder)
    assert (document["name"], document["experiment"], document["status"]) == ("first", "digits", "finished")
    assert document["params"] == {"model": "mlp", "epochs": 4, "learning_rate": 0.003, "hidden": 64, "seed": 0}
    losses = curve(folder, document["run_id"], "valid_loss")
    assert len(losses) == 4
    assert losses[-1] < losses[0]
    assert document["metrics"]["test_accuracy"] > 0.8 > document["metrics"]["baseline_accuracy"]
    assert [data["name"] for data in document["datasets"]] == ["digits"]
    paths = {artifact["path"] for artifact in document["artifacts"]}
    assert {"confusion.csv", "model/MLmodel"} <= paths
    assert "Warning" not in done.stderr


def test_a_diverging_classifier_fails_with_its_reason(tmp_path: Path) -> None:
    folder = copy("classifier", tmp_path)
    words = ["--data", "digits", "--model", "linear", "--learning-rate", "10"]
    done = run(folder, [sys.executable, "train.py", *words], status=1)
    assert "training diverged: after 5 epochs" in done.stderr
    (document,) = documents(folder)
    assert document["status"] == "failed"


@pytest.mark.slow
def test_the_sweep_trains_its_grid_and_shows_the_best(tmp_path: Path) -> None:
    folder = copy("classifier", tmp_path)
    done = run(folder, [sys.executable, "sweep.py", "--epochs", "3"])
    assert len(documents(folder)) == 10
    assert done.stdout.count("done ") == 10
    assert "min(valid_loss)" in done.stdout


def test_classifier_rows_are_split_without_overlap_and_alike() -> None:
    train = load("classifier", "train")
    x = np.arange(500).reshape(-1, 1)
    y = np.arange(500) % 5
    parts = train.split(x, y, seed=3)
    rows = [set(part[:, 0]) for part, _ in parts]
    assert [len(part) for part in rows] == [300, 100, 100]
    assert set.union(*rows) == set(range(500))
    for _, classes in parts:
        assert set(np.bincount(classes) / len(classes)) == {0.2}
    again = train.split(x, y, seed=3)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(parts, again, strict=True))


def readme_commands(sample: str, section: str) -> list[list[str]]:
    """The commands of a section of a sample's README, as words."""
    text = Path(sample_dir(sample), "README.md").read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    block = text.split("```\n")[1].replace("\\\n", " ")
    return [shlex.split(line) for line in block.splitlines()]


def test_the_watched_classifier_names_what_moved_and_only_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of the README, after a short training."""
    folder = copy("classifier", tmp_path)
    run(folder, [sys.executable, "train.py", "--model", "mlp", "--epochs", "30"])
    commands = readme_commands("classifier", "In use")
    assert len(commands) == 6
    for name, *words in commands:
        run(folder, [sys.executable, *words] if name == "python" else [*program(), *words])
    shown = json.loads(run(folder, [*program(), "sql", "--json", DRIFTED]).stdout)
    monkeypatch.setitem(sys.modules, "train", load("classifier", "train"))
    traffic = load("classifier", "traffic")
    assert [one["columns"] for one in shown] == [None] * traffic.SHIFT_DAY + [sorted(traffic.SHIFTED)] * 4
    assert [one["coverage"] for one in shown] == [1.0] * 11 + [0.0] * 3
    assert all(one["accuracy"] > 0.9 for one in shown[: traffic.SHIFT_DAY])


DRIFTED = """
SELECT r.window_name, any_value(r.coverage) AS coverage,
    list(DISTINCT c.column_name ORDER BY c.column_name) FILTER (c.verdict IN ('drift', 'warn')) AS columns,
    any_value(p.realised) FILTER (p.metric = 'accuracy') AS accuracy
FROM monitor_results r JOIN monitor_columns c USING (result_id) LEFT JOIN monitor_performance p USING (result_id)
GROUP BY r.window_name ORDER BY r.window_name
"""


# -- forecaster


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return load("forecaster", "generate")


@pytest.fixture(scope="module")
def demand(generate: ModuleType) -> pl.DataFrame:
    table: pl.DataFrame = generate.generate(0)
    return table


def test_the_same_seed_gives_the_same_sales(generate: ModuleType, demand: pl.DataFrame) -> None:
    assert generate.generate(0).equals(demand)
    assert not generate.generate(1).equals(demand)


def test_the_days_before_the_shift_know_nothing_of_it(generate: ModuleType, demand: pl.DataFrame) -> None:
    steady: pl.DataFrame = generate.generate(0, shift=None)
    before = pl.col("date") < SHIFT
    assert steady.filter(before).equals(demand.filter(before))
    assert not steady.filter(~before).equals(demand.filter(~before))


def saturday_share(table: pl.DataFrame) -> float:
    """Sales on Saturdays over all sales."""
    units, saturday = table["units"].to_numpy(), table["date"].dt.weekday().to_numpy() == 6
    return float(units[saturday].sum() / units.sum())


def elasticity(table: pl.DataFrame) -> float:
    """The slope of log sales over log price, within series and weekdays and without promotions."""
    groups = ["store", "product", pl.col("date").dt.weekday()]
    logs = table.filter(~pl.col("promotion") & ~pl.col("holiday")).select(
        *(
            pl.col(name).cast(pl.Float64).log() - pl.col(name).cast(pl.Float64).log().mean().over(groups)
            for name in ("price", "units")
        )
    )
    return float(np.polyfit(logs["price"].to_numpy(), logs["units"].to_numpy(), 1)[0])


def test_the_shift_moves_saturdays_and_doubles_the_elasticity(demand: pl.DataFrame) -> None:
    before, after = demand.filter(pl.col("date") < SHIFT), demand.filter(pl.col("date") >= SHIFT)
    assert saturday_share(before) == pytest.approx(1.5 / 7, abs=0.01)
    assert saturday_share(after) == pytest.approx(0.8 / 7, abs=0.01)
    assert elasticity(before) == pytest.approx(-1.2, abs=0.4)
    assert elasticity(after) < elasticity(before) - 0.7


def test_features_never_look_at_the_days_that_are_forecast(demand: pl.DataFrame) -> None:
    backtest = load("forecaster", "backtest")
    origin = date(2025, 6, 2)
    unknown = pl.when(pl.col("date") >= origin).then(10**6).otherwise(pl.col("units"))
    known = pl.col("date") < origin + timedelta(days=backtest.HORIZON)
    real = backtest.add_features(demand).filter(known).drop("units")
    blind = backtest.add_features(demand.with_columns(unknown.alias("units"))).filter(known).drop("units")
    assert real.equals(blind)


def test_folds_train_on_the_past_and_cover_the_future_once(demand: pl.DataFrame) -> None:
    backtest = load("forecaster", "backtest")
    futures = []
    for origin, past, future in backtest.folds(demand, 13):
        assert past["date"].max() < origin == future["date"].min()
        assert future["date"].n_unique() == 28
        futures.append(future)
    assert pl.concat(futures)["date"].max() == demand["date"].max()
    assert pl.concat(futures).select("date", "store", "product").is_duplicated().sum() == 0


def test_the_backtest_shows_the_shift_in_the_folds_after_it(tmp_path: Path) -> None:
    folder = copy("forecaster", tmp_path)
    run(folder, [sys.executable, "generate.py"])
    for model in ("naive", "ridge"):
        run(folder, [sys.executable, "backtest.py", "--model", model])
    runs = {document["name"]: document for document in documents(folder)}
    ridge = curve(folder, runs["ridge"]["run_id"], "wape")
    assert len(ridge) == 13
    assert max(ridge[:4]) < 0.25 < min(ridge[4:7])
    assert ridge[-1] < max(ridge)
    assert runs["ridge"]["metrics"]["total_wape"] < 0.7 * runs["naive"]["metrics"]["total_wape"]
    assert {"forecasts-ridge.csv", "model/MLmodel"} <= {artifact["path"] for artifact in runs["ridge"]["artifacts"]}


def test_gradient_boosting_forecasts_within_seconds(tmp_path: Path) -> None:
    folder = copy("forecaster", tmp_path)
    run(folder, [sys.executable, "generate.py"])
    run(folder, [sys.executable, "backtest.py", "--model", "gbm", "--folds", "2"])
    (document,) = documents(folder)
    assert document["metrics"]["total_wape"] < 0.4


# -- plain script


def test_the_plain_script_is_tracked_without_knowing_it(tmp_path: Path) -> None:
    folder = copy("plain_script", tmp_path)
    options = ["run", "-e", "curve", "-p", "learning_rate=0.05", "--"]
    run(folder, [*program(), *options, sys.executable, "fit.py", "0.05", "5"])
    (document,) = documents(folder)
    assert (document["experiment"], document["status"]) == ("curve", "finished")
    assert document["params"] == {"learning_rate": 0.05}
    assert (folder / "weights.json").exists()
    logs = run(folder, [*program(), "runs", "logs", document["name"]]).stdout
    assert logs.count("epoch ") == 5
    assert "\r" not in logs


def test_a_plain_script_that_fails_is_a_run_that_failed(tmp_path: Path) -> None:
    folder = copy("plain_script", tmp_path)
    run(folder, [*program(), "run", "--", sys.executable, "fit.py", "5"], status=1)
    (document,) = documents(folder)
    assert document["status"] == "failed"
