"""What this store has arrives in an MLflow store, once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tests.interop.mlflow.sources import END_MS, START_MS, Sample, client_of
from workbench.base.errors import ToolError
from workbench.base.project import Project, create_project
from workbench.interop.mlflow.exporting import RUN_TAG, ExportReport, export_mlflow
from workbench.interop.mlflow.importing.importer import import_mlflow
from workbench.interop.selection import run_ids_of
from workbench.journal.writer import JournalWriter
from workbench.store.store import Store

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.interop]


def export(project: Project, uri: str, *experiments: str) -> ExportReport:
    with Store(project) as store:
        with store.reading() as db:
            ids, _ = run_ids_of(db, experiments)
        return export_mlflow(store, uri, ids)


def runs_by_ours(client: Any) -> dict[str, Any]:
    ids = [experiment.experiment_id for experiment in client.search_experiments()]
    return {run.data.tags[RUN_TAG]: run for run in client.search_runs(ids) if RUN_TAG in run.data.tags}


@pytest.fixture
def imported(sqlite_sample: Sample, project: Project) -> Project:
    """A project with what the sample holds."""
    import_mlflow(project, sqlite_sample.place)
    return project


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of a database that is not there yet; its files go to a folder beside it."""
    (tmp_path / "target").mkdir()
    monkeypatch.chdir(tmp_path / "target")
    return f"sqlite:///{tmp_path}/target/mlflow.db"


def test_runs_arrive_with_everything(sqlite_sample: Sample, imported: Project, target: str, tmp_path: Path) -> None:
    report = export(imported, target)
    assert report.warnings == []
    assert (report.runs, report.known_runs, report.logged_models, report.registered_models, report.versions) == (
        3,
        0,
        1,
        1,
        2,
    )
    client = client_of(target)
    theirs = runs_by_ours(client)
    original = sqlite_sample.client().get_run(sqlite_sample.run)
    run = theirs[sqlite_sample.run]
    assert (run.info.run_name, run.info.status, run.info.start_time, run.info.end_time) == (
        "brave",
        "FAILED",
        START_MS,
        END_MS,
    )
    assert run.data.params == original.data.params
    assert {key: run.data.tags[key] for key in original.data.tags} == original.data.tags
    for name in original.data.metrics:
        history = [
            sorted((m.step, m.timestamp, str(m.value)) for m in source.get_metric_history(run_id, name))
            for source, run_id in ((client, run.info.run_id), (sqlite_sample.client(), sqlite_sample.run))
        ]
        assert history[0] == history[1]
    [given] = run.inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.schema, given.dataset.profile) == ("train", '{"a": 1}', '{"n": 3}')
    assert {tag.key: tag.value for tag in given.tags} == {"mlflow.data.context": "training"}
    place = client.download_artifacts(run.info.run_id, "plots/roc.txt", str(tmp_path))
    assert Path(place).read_text() == "curve\n"
    child = theirs[sqlite_sample.child]
    assert child.data.tags["mlflow.parentRunId"] == run.info.run_id
    assert (child.info.status, child.info.end_time) == ("RUNNING", None)
    assert theirs[sqlite_sample.loose].info.experiment_id == "0"


def test_models_and_the_registry_arrive(sqlite_sample: Sample, imported: Project, target: str) -> None:
    export(imported, target)
    client = client_of(target)
    run = runs_by_ours(client)[sqlite_sample.run]
    [model] = client.search_logged_models([run.info.experiment_id])
    assert (model.name, model.model_type, model.params, str(model.status)) == (
        "forest",
        "classifier",
        {"depth": "3"},
        "READY",
    )
    assert [file.path for file in client.list_logged_model_artifacts(model.model_id)] == ["MLmodel", "sub"]
    version = client.get_model_version_by_alias("fraud-model", "champion")
    assert (str(version.version), version.run_id, version.source) == ("1", run.info.run_id, f"models:/{model.model_id}")
    assert version.tags["vt"] == "1" and version.description == "first"
    second = client.get_model_version("fraud-model", "2")
    assert second.source == f"runs:/{run.info.run_id}/plots"


def test_twice_is_once(imported: Project, target: str) -> None:
    export(imported, target)
    again = export(imported, target)
    assert (again.runs, again.known_runs, again.points, again.logged_models, again.versions) == (0, 3, 0, 0, 0)
    assert len(runs_by_ours(client_of(target))) == 3


def test_what_a_kill_left_is_made_anew(
    sqlite_sample: Sample, imported: Project, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    def cut_off(*arguments: object, **options: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "set_terminated", cut_off)
        with pytest.raises(RuntimeError):
            export(imported, target, "fraud")
    report = export(imported, target, "fraud")
    assert report.runs == 2
    client = client_of(target)
    assert len(client.search_runs([client.get_experiment_by_name("fraud").experiment_id])) == 2


def test_values_of_our_own_arrive_as_text_and_names_that_mlflow_refuses_are_said(project: Project, target: str) -> None:
    writer = JournalWriter(project.journal_dir, "a" * 32)
    writer.event("start", experiment="own", name="mine", resumed=False, command=["python", "x.py"])
    writer.events(
        [{"e": "param", "name": name, "value": value} for name, value in (("x", 0.5), ("y", [1]), ("b", True))]
    )
    writer.event("param", name="bad|name", value=1)
    writer.metrics({"fine": 1.0, "not|so": 2.0, "nan": math.nan}, 0)
    writer.close()
    report = export(project, target)
    [run] = runs_by_ours(client_of(target)).values()
    assert run.data.params == {"x": "0.5", "y": "[1]", "b": "True"} and set(run.data.metrics) == {"fine", "nan"}
    assert len(report.warnings) == 2 and all("bad|name" in text or "not|so" in text for text in report.warnings)


def test_there_and_back_is_the_same(sqlite_sample: Sample, imported: Project, target: str, tmp_path: Path) -> None:
    export(imported, target)
    back = create_project(str(tmp_path / "back"))
    report = import_mlflow(back, target)
    assert (report.tally.new_runs, report.tally.points, report.tally.artifacts, report.versions) == (3, 11, 4, 2)


@pytest.mark.parametrize("uri", ["nonsense://x", "sqlite:////dev/null/mlflow.db", "mlruns"])
def test_a_place_that_cannot_be_written_is_said(imported: Project, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    with pytest.raises(ToolError, match="MLflow cannot") as caught:
        export(imported, uri)
    assert caught.value.hint
