"""What cannot be read is left out and named, or refused with what to do; nothing is ever half there."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.interop.mlflow.sources import START_MS, Sample, client_of
from workbench.base.errors import InputError, StoreBusyError, ToolError, WorkbenchError
from workbench.base.project import Project
from workbench.interop.intake.running import importing
from workbench.interop.mlflow.importing.importer import import_mlflow
from workbench.store.documents import run_documents
from workbench.store.visit import visit

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.interop]


def run_folder(sample: Sample, run_id: str) -> Path:
    [folder] = [path for path in sample.artifacts.rglob(run_id) if (path / "tags").is_dir()]
    return folder


def run_ids(project: Project) -> set[str]:
    with visit(project) as db:
        return {row[0] for row in db.execute("SELECT uid FROM run").fetchall()}


def test_a_run_without_its_meta_yaml_is_left_out(files_sample: Sample, project: Project) -> None:
    meta = run_folder(files_sample, files_sample.child) / "meta.yaml"
    saved = meta.read_text()
    meta.unlink()
    report = import_mlflow(project, files_sample.place)
    assert report.tally.new_runs == 4 and report.left_out_runs == 1
    assert [warning for warning in report.tally.warnings if f"run {files_sample.child}: {meta} is missing" in warning]
    assert files_sample.child not in run_ids(project)
    meta.write_text(saved)
    assert import_mlflow(project, files_sample.place).tally.new_runs == 1


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "a: [", "\x00\x01", "status: {"])
def test_a_meta_yaml_that_says_nothing_is_left_out(files_sample: Sample, project: Project, content: str) -> None:
    (run_folder(files_sample, files_sample.run) / "meta.yaml").write_text(content)
    report = import_mlflow(project, files_sample.place)
    assert files_sample.run not in run_ids(project) and report.left_out_runs == 1
    assert len([warning for warning in report.tally.warnings if files_sample.run in warning]) == 1


def test_an_experiment_without_its_meta_yaml_is_left_out(files_sample: Sample, project: Project) -> None:
    folder = run_folder(files_sample, files_sample.run).parent
    (folder / "meta.yaml").unlink()
    report = import_mlflow(project, files_sample.place)
    assert any(folder.name in warning and "is missing" in warning for warning in report.tally.warnings)
    assert files_sample.loose in run_ids(project) and files_sample.run not in run_ids(project)


def test_garbled_lines_of_a_metric_are_left_out(files_sample: Sample, project: Project) -> None:
    metrics = run_folder(files_sample, files_sample.run) / "metrics"
    with open(metrics / "loss", "a") as file:
        file.write(f"\nnonsense\n{START_MS} 0.5\n{START_MS} 0.25 seven\n9{'9' * 30} 0.5 1\n{START_MS} 0.125 9")
    (metrics / "empty").write_text("")
    report = import_mlflow(project, files_sample.place)
    [warning] = [text for text in report.tally.warnings if "metric loss" in text]
    assert "cannot read line 7, 8, 10 …" in warning
    assert any("metric empty has no points" in text for text in report.tally.warnings)
    with visit(project) as db:
        [(count,)] = db.execute(
            "SELECT n FROM metric_summary JOIN metric_key USING (key_id) WHERE name = 'loss'"
        ).fetchall()
    assert count == 8


def test_a_missing_artifact_folder_is_said_and_the_rest_is_brought(files_sample: Sample, project: Project) -> None:
    shutil.rmtree(run_folder(files_sample, files_sample.run) / "artifacts")
    report = import_mlflow(project, files_sample.place)
    [warning] = report.tally.warnings
    assert "its artifact folder is missing" in warning and files_sample.run[:8] in warning
    with visit(project) as db:
        [document] = run_documents(db, [files_sample.run])
    assert [file["kind"] for file in document["artifacts"]] == ["model", "model"]


def test_the_missing_files_of_a_database_are_said(sqlite_sample: Sample, project: Project) -> None:
    shutil.rmtree(sqlite_sample.artifacts)
    report = import_mlflow(project, sqlite_sample.place)
    assert report.tally.new_runs == 5 and report.tally.artifacts == 0
    assert any("the files of its model" in warning for warning in report.tally.warnings)
    assert any(f"there is no folder {sqlite_sample.artifacts}:" in note for note in report.notes)


def test_a_moved_mlruns_folder_finds_its_files(files_template: Sample, project: Project, tmp_path: Path) -> None:
    shutil.copytree(files_template.place, tmp_path / "moved")
    report = import_mlflow(project, str(tmp_path / "moved"))
    assert report.tally.artifacts == 4 and report.tally.warnings == []


def test_a_moved_database_finds_its_files_beside_it(project: Project, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    client = client_of(f"sqlite:///{first}/mlflow.db")
    experiment = client.create_experiment("e", artifact_location=f"{first}/mlruns/1")
    run = client.create_run(experiment).info.run_id
    (tmp_path / "a.txt").write_text("a")
    client.log_artifact(run, str(tmp_path / "a.txt"))
    first.rename(second)
    assert import_mlflow(project, f"sqlite:///{second}/mlflow.db").tally.artifacts == 1


def test_artifacts_on_another_machine_stay_there_and_are_named(sqlite_sample: Sample, project: Project) -> None:
    path = sqlite_sample.uri.removeprefix("sqlite:///")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE runs SET artifact_uri = 's3://bucket/' || run_uuid WHERE run_uuid = ?", [sqlite_sample.run])
    db.close()
    report = import_mlflow(project, sqlite_sample.place)
    assert any(f"s3://bucket/{sqlite_sample.run}" in warning for warning in report.tally.warnings)
    with visit(project) as connection:
        query = "SELECT value FROM run_field WHERE name = 'artifact_uri'"
        assert connection.execute(query).fetchall() == [(f"s3://bucket/{sqlite_sample.run}",)]


def test_a_database_of_an_older_schema_is_refused(sqlite_sample: Sample, project: Project) -> None:
    path = sqlite_sample.uri.removeprefix("sqlite:///")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE alembic_version SET version_num = '451aebb31d03'")
        db.execute("ALTER TABLE metrics RENAME COLUMN is_nan TO gone")
    db.close()
    with pytest.raises(InputError, match=r"older MLflow \(revision 451aebb31d03\)") as caught:
        import_mlflow(project, sqlite_sample.place)
    assert caught.value.hint is not None and f"mlflow db upgrade sqlite:///{path}" in caught.value.hint
    assert run_ids(project) == set()


def test_a_database_without_logged_models_is_read(sqlite_sample: Sample, project: Project) -> None:
    path = sqlite_sample.uri.removeprefix("sqlite:///")
    with sqlite3.connect(path) as db:
        for table in ("logged_model_metrics", "logged_model_params", "logged_model_tags", "logged_models"):
            db.execute(f"DROP TABLE {table}")
        db.execute("ALTER TABLE inputs DROP COLUMN step")
        db.execute("DROP INDEX idx_experiments_workspace_creation_time")
        db.execute("ALTER TABLE experiments DROP COLUMN creation_time")
    db.close()
    report = import_mlflow(project, sqlite_sample.place)
    assert (report.tally.new_runs, report.logged_models, report.versions) == (5, 0, 2)


def test_points_that_are_no_numbers_are_left_out(sqlite_sample: Sample, project: Project) -> None:
    path = sqlite_sample.uri.removeprefix("sqlite:///")
    with sqlite3.connect(path) as db:
        insert = "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('auc', ?, ?, ?, 9, 0)"
        db.execute(insert, ["text", START_MS, sqlite_sample.child])
        db.execute(insert, [0.5, 2**62, sqlite_sample.child])
        db.execute(insert, [0.5, START_MS, sqlite_sample.child])
    db.close()
    report = import_mlflow(project, sqlite_sample.place)
    assert any("2 points of auc have no valid value or time" in warning for warning in report.tally.warnings)
    with visit(project) as connection:
        query = "SELECT n FROM metric_summary JOIN metric_key USING (key_id) WHERE name = 'auc'"
        assert connection.execute(query).fetchall() == [(2,)]
    assert import_mlflow(project, sqlite_sample.place).tally.points == 0


def test_a_run_whose_id_is_none_of_ours_is_left_out(sqlite_sample: Sample, project: Project) -> None:
    path = sqlite_sample.uri.removeprefix("sqlite:///")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE runs SET run_uuid = 'my-run' WHERE run_uuid = ?", [sqlite_sample.loose])
    db.close()
    report = import_mlflow(project, sqlite_sample.place)
    assert report.tally.new_runs == 4 and any("run my-run" in warning for warning in report.tally.warnings)


def test_what_is_no_source_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database")
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE t(x)").connection.close()
    (tmp_path / "empty folder").mkdir()
    (tmp_path / "outer/mlruns/0").mkdir(parents=True)
    damaged = bytearray(b"SQLite format 3\0" + b"\x10\x00\x01\x01" + bytes(4096))
    (tmp_path / "damaged.db").write_bytes(damaged)
    cases = {
        "sqlite:///text.db": "is no SQLite database",
        "text.db": "neither a folder nor a SQLite database",
        "sqlite:///other.db": "is no MLflow database",
        "sqlite:///damaged.db": "damaged.db",
        "sqlite:///missing.db": "there is no database missing.db",
        "sqlite://": "names no file",
        "missing": "there is no folder missing",
        "empty folder": "holds no experiment",
        "outer": "holds no experiment",
        "ftp://host/x": "cannot import from ftp://",
        "postgresql://host/db": "cannot import from postgresql://",
        " ": "the source is empty",
    }
    for source, message in cases.items():
        with pytest.raises(InputError) as caught:
            import_mlflow(project, source)
        assert message in caught.value.message, source
        assert caught.value.hint, source
    assert run_ids(project) == set()
    assert os.listdir(Path(project.journal_dir) / "sealed") == []


def test_a_folder_that_keeps_files_alone_names_its_database(project: Project, tmp_path: Path) -> None:
    client = client_of(f"sqlite:///{tmp_path}/mlflow.db")
    run = client.create_run(client.create_experiment("e", artifact_location=f"{tmp_path}/mlruns/1")).info.run_id
    (tmp_path / "a.txt").write_text("a")
    client.log_artifact(run, str(tmp_path / "a.txt"))
    with pytest.raises(InputError, match="keeps files alone") as caught:
        import_mlflow(project, "mlruns")
    assert caught.value.hint == "its runs are in a database: sqlite:///mlflow.db"


def test_a_server_that_does_not_answer_is_said_at_once(project: Project) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ToolError, match="does not answer"):
        import_mlflow(project, f"http://127.0.0.1:{port}")


def test_a_second_import_at_the_same_time_is_refused(sqlite_sample: Sample, project: Project) -> None:
    with importing(project), pytest.raises(StoreBusyError):
        import_mlflow(project, sqlite_sample.place)
    assert import_mlflow(project, sqlite_sample.place).tally.new_runs == 5


def test_a_full_disk_leaves_no_half_of_a_run(
    sqlite_sample: Sample, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fdatasync
    calls = 0

    def full(fd: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError(28, "No space left on device")
        flush(fd)

    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(WorkbenchError, match="no space left"):
        import_mlflow(project, sqlite_sample.place, artifacts=False)
    monkeypatch.undo()
    assert len(run_ids(project)) == 1
    assert import_mlflow(project, sqlite_sample.place).tally.new_runs == 4
