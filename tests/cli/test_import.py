"""`workbench import tensorboard`, `wandb` and `csv` as commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.harness import process, workbench
from tests.interop.event_files import EventFile
from tests.interop.reading_back import documents, journals, points_of
from tests.interop.wandb_files import RunFile
from workbench.base.project import Project, create_project


def given(kind: str, folder: Path) -> str:
    """A source of one run with one point, and its path."""
    if kind == "tensorboard":
        EventFile(folder).scalar("loss", 0.5, 0)
    elif kind == "wandb":
        file = RunFile()
        file.log(0, {"loss": 0.5})
        file.end()
        file.write(folder)
    else:
        folder.mkdir()
        (folder / "results.csv").write_text("lr,loss\n0.1,0.5\n")
        return str(folder / "results.csv")
    return str(folder)


@pytest.mark.parametrize("kind", ["tensorboard", "wandb", "csv"])
def test_a_source_is_brought_once(kind: str, project: Project, tmp_path: Path) -> None:
    source = given(kind, tmp_path / "with spaces")
    done = workbench("import", kind, source, "-e", "mine")
    assert done.status == 0, done.stderr
    assert done.stdout.endswith("1 new run, 0 updated, 0 unchanged; 1 point\n")
    [run] = documents(project).values()
    assert run["experiment"] == "mine"
    assert list(points_of(project, run["run_id"])) == ["loss"]
    again = workbench("import", kind, source)
    assert (again.status, again.stdout) == (0, "0 new runs, 0 updated, 1 unchanged; 0 points\n")


@pytest.mark.parametrize("kind", ["tensorboard", "wandb", "csv"])
def test_json_is_one_document(kind: str, project: Project, tmp_path: Path) -> None:
    done = workbench("import", kind, given(kind, tmp_path / "logs"), "--json")
    report = json.loads(done.stdout)
    assert report["kind"] == kind
    assert [run["points"] for run in report["new"]] == [1]
    assert report["updated"] == report["unchanged"] == report["skipped"] == []
    assert done.stderr == ""


@pytest.mark.parametrize("kind", ["tensorboard", "wandb", "csv"])
@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_what_is_no_source_is_an_error_with_a_hint(kind: str, name: str, project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = workbench("import", kind, str(tmp_path / name))
    assert (done.status, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr
    assert not journals(project)


def test_where_everything_is_skipped_the_command_fails(project: Project, tmp_path: Path) -> None:
    EventFile(tmp_path / "logs" / "a")
    EventFile(tmp_path / "logs" / "b")
    done = workbench("import", "tensorboard", str(tmp_path / "logs"))
    assert done.status == 2
    assert "skipped b: nothing in it" in done.stderr
    assert "error: nothing was imported: a: nothing in it" in done.stderr
    document = workbench("import", "tensorboard", str(tmp_path / "logs"), "--json")
    assert document.status == 2
    assert len(json.loads(document.stdout)["skipped"]) == 2


def test_what_is_skipped_beside_what_comes_is_said(project: Project, tmp_path: Path) -> None:
    EventFile(tmp_path / "logs" / "a").scalar("loss", 0.5, 0)
    (tmp_path / "logs" / "b").mkdir()
    (tmp_path / "logs" / "b" / "tfevents").write_text("something else altogether")
    done = workbench("import", "tensorboard", str(tmp_path / "logs"))
    assert done.status == 0
    assert "skipped b: tfevents is no event file" in done.stderr
    assert done.stdout.endswith("1 new run, 0 updated, 0 unchanged, 1 skipped; 1 point\n")


def test_a_dry_run_shows_what_a_table_would_become(project: Project, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("trial,lr,loss,tags.kind,step,,empty\na,x,0.5,base,1,0,\n")
    done = workbench("import", "csv", "t.csv", "--name", "trial", "--dry-run")
    assert done.stdout.splitlines() == [
        "params      lr",
        "metrics     loss",
        "tags        kind",
        "known       name from trial, step",
        "left out    column 6, empty",
        done.stdout.splitlines()[5],
        "would be: 1 new run, 0 updated, 0 unchanged; 1 point",
    ]
    assert not journals(project)
    report = json.loads(workbench("import", "csv", "t.csv", "--metric", "loss", "--json").stdout)
    assert report["columns"]["metrics"] == {"loss": "loss"}
    assert report["dry_run"] is False


def test_a_list_and_metrics_that_we_wrote_are_read_back(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.hparams({"lr": 0.1, "layers": 3, "opt": "adam, or so"})
    for step, value in enumerate((0.5, float("nan"), float("inf"), 0.1)):
        file.scalar("val/loss", value, step)
    assert workbench("import", "tensorboard", "logs").status == 0
    columns = "run_id name experiment status started_at duration_s params.lr params.layers params.opt".split()
    words = [word for column in [*columns, "metrics.`val/loss`"] for word in ("-c", column)]
    assert workbench("runs", "list", *words, "--format", "csv", "-o", "runs.csv").status == 0
    assert workbench("runs", "metrics", "logs", "--format", "csv", "-o", "points.csv").status == 0
    other = create_project(str(tmp_path / "other"))
    for source in ("runs.csv", "points.csv"):
        done = workbench("-C", str(tmp_path / "other"), "import", "csv", str(tmp_path / source))
        assert done.status == 0, done.stderr
        os.chdir(tmp_path)
    ours, theirs = documents(project)["logs"], documents(other)["logs"]
    same = "run_id name experiment status started_at ended_at params metrics".split()
    assert {key: ours[key] for key in same} == {key: theirs[key] for key in same}
    [points] = [run for run in documents(other).values() if run["name"] == "points"]
    assert repr(points_of(other, points["run_id"])) == repr(points_of(project, ours["run_id"]))
    again = workbench("import", "csv", "runs.csv")
    assert again.status == 2
    assert "is in this store already" in again.stderr


def test_without_a_project_nothing_is_made(tmp_path: Path) -> None:
    given("tensorboard", tmp_path / "logs")
    done = workbench("import", "tensorboard", "logs")
    assert done.status == 3
    assert "workbench init" in done.stderr
    assert not (tmp_path / ".workbench").exists()


def test_progress_is_shown_on_a_terminal_alone(project: Project, tmp_path: Path) -> None:
    source = given("tensorboard", tmp_path / "logs")
    assert "importing" in workbench("import", "tensorboard", source, terminal=True).stderr
    assert workbench("import", "tensorboard", source).stderr == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everything")
def test_a_store_that_may_not_be_written_is_an_error(project: Project, tmp_path: Path) -> None:
    source = given("tensorboard", tmp_path / "logs")
    for folder in (project.journal_dir, f"{project.journal_dir}/sealed"):
        Path(folder).chmod(0o555)
    assert workbench("import", "tensorboard", source).status == 5


def test_no_tracker_is_loaded(project: Project, tmp_path: Path) -> None:
    for kind in ("tensorboard", "wandb", "csv"):
        given(kind, tmp_path / kind)
    code = (
        "import sys, typer.main; from workbench.cli.app import app\n"
        "for words in (['tensorboard', 'tensorboard'], ['wandb', 'wandb'], ['csv', 'csv/results.csv']):\n"
        "    assert typer.main.get_command(app).main(['import', *words], standalone_mode=False) == 0\n"
        "heavy = {'tensorboard', 'tensorflow', 'wandb', 'mlflow', 'polars', 'pandas', 'numpy', 'ssl', 'requests'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert process("import", "--help").returncode == 0
