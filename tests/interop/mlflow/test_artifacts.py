"""Artifacts that MLflow code logs are contents of ours, and the other way round."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from tests.interop.mlflow.one_project import client_of, listed, quiet_run, shown
from workbench.base.project import Project
from workbench.store.blobs import BlobStore
from workbench.store.maintenance import referenced_contents
from workbench.store.store import Store

pytestmark = pytest.mark.interop


@pytest.fixture
def client(project: Project) -> Iterator[MlflowClient]:
    with client_of(project) as client:
        yield client


@pytest.fixture
def run_id(client: MlflowClient) -> str:
    made: str = client.create_run("0", run_name="r").info.run_id
    return made


def file(path: str, text: str) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
    return path


def repository(client: MlflowClient, run_id: str) -> ArtifactRepository:
    return get_artifact_repository(client.get_run(run_id).info.artifact_uri)


def test_files_and_folders_are_listed_by_both(client: MlflowClient, run_id: str) -> None:
    file("plots/roc.txt", "0 0")
    file("plots/deep/er/x y.txt", "x")
    client.log_artifact(run_id, "plots/roc.txt")
    client.log_artifacts(run_id, "plots", "all/of it")
    client.log_artifact(run_id, "plots", "again")
    assert [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run_id)] == [
        ("again", True, None), ("all", True, None), ("roc.txt", False, 3),
    ]  # fmt: skip
    assert [f.path for f in client.list_artifacts(run_id, "all/of it")] == ["all/of it/deep", "all/of it/roc.txt"]
    assert client.list_artifacts(run_id, "roc.txt") == client.list_artifacts(run_id, "nothing") == []
    assert {(a["path"], a["size"]) for a in shown("r")["artifacts"]} == {
        ("roc.txt", 3), ("again/plots/roc.txt", 3), ("again/plots/deep/er/x y.txt", 1), ("all/of it/roc.txt", 3),
        ("all/of it/deep/er/x y.txt", 1),
    }  # fmt: skip
    assert {a["sha256"] for a in shown("r")["artifacts"]} == {hashlib.sha256(t).hexdigest() for t in (b"0 0", b"x")}


def test_one_content_is_stored_once(client: MlflowClient, run_id: str, project: Project) -> None:
    for number in range(5):
        client.log_artifact(run_id, file(f"f{number}", "the same"))
    stored = [path for path in Path(project.blob_dir).rglob("*") if path.is_file()]
    assert [path.read_text() for path in stored] == ["the same"]


def test_a_later_file_takes_the_place_of_an_earlier_one(client: MlflowClient, run_id: str) -> None:
    for text in ("old", "new one"):
        client.log_artifact(run_id, file("model.txt", text))
    [info] = client.list_artifacts(run_id)
    assert info.file_size == 7
    assert Path(client.download_artifacts(run_id, "model.txt")).read_text() == "new one"


def test_a_file_a_folder_or_all_can_be_downloaded(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    file("in/a/b.txt", "b")
    file("in/c.txt", "c")
    client.log_artifacts(run_id, "in", "out")
    for number, (path, names) in enumerate(
        [("out/a/b.txt", {"b.txt"}), ("out/a", {"a/b.txt"}), ("", {"out/a/b.txt", "out/c.txt"})]
    ):
        target = tmp_path / f"t{number}"
        target.mkdir()
        client.download_artifacts(run_id, path, str(target))
        found = {str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()}
        assert {name.removeprefix("out/") for name in found} == {name.removeprefix("out/") for name in names}
    with pytest.raises(MlflowException):
        client.download_artifacts(run_id, "out/missing.txt", str(tmp_path))


def test_a_downloaded_file_is_a_copy(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    """Who writes to it changes nothing in the store."""
    client.log_artifact(run_id, file("f", "as it was"))
    local = Path(client.download_artifacts(run_id, "f", str(tmp_path / "home")))
    local.write_text("changed")
    assert Path(client.download_artifacts(run_id, "f")).read_text() == "as it was"


@pytest.mark.parametrize("path", ["../out", "/absolute", "a/../../b", "."])
def test_a_path_that_leads_out_is_refused(client: MlflowClient, run_id: str, path: str) -> None:
    with pytest.raises(MlflowException):
        client.log_artifact(run_id, file("f", "x"), path)
    assert shown("r")["artifacts"] == []


def test_a_file_that_is_not_there_is_an_mlflow_error(client: MlflowClient, run_id: str) -> None:
    with pytest.raises(MlflowException, match="No such file"):
        client.log_artifact(run_id, "missing")


def test_nothing_is_written_for_a_run_or_a_model_that_is_not_there(client: MlflowClient, run_id: str) -> None:
    """Or the store would have a run without a beginning."""
    uri = client.get_run(run_id).info.artifact_uri
    file("f", "x")
    for other in (uri.replace(run_id, "f" * 32), uri.replace(run_id, f"models/m-{'f' * 32}")):
        with pytest.raises(MlflowException, match="not found") as caught:
            get_artifact_repository(other).log_artifact("f")
        assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert [run["name"] for run in listed()] == ["r"]


def test_artifacts_can_be_forgotten(client: MlflowClient, run_id: str, project: Project) -> None:
    """The space is free after `store gc`; a file that another run has stays."""
    file("in/a/b.txt", "b")
    file("in/c.txt", "c")
    client.log_artifacts(run_id, "in")
    with quiet_run("other") as run:
        run.log_artifact("in/c.txt")
    repository(client, run_id).delete_artifacts("a")
    assert [a["path"] for a in shown("r")["artifacts"]] == ["c.txt"]
    repository(client, run_id).delete_artifacts()
    assert shown("r")["artifacts"] == client.list_artifacts(run_id) == []
    with Store(project) as store, store.reading() as db:
        assert referenced_contents(db) == {hashlib.sha256(b"c").hexdigest()}


def test_artifacts_of_our_sdk_are_downloaded_by_mlflow(client: MlflowClient, tmp_path: Path) -> None:
    file("plots/roc.txt", "0 0")
    with quiet_run("ours", "default") as run:
        run.log_artifact("plots/roc.txt", path="p")
        run.log_artifacts("plots", path="q")
    assert [f.path for f in client.list_artifacts(run.run_id)] == ["p", "q"]
    assert Path(client.download_artifacts(run.run_id, "q/roc.txt", str(tmp_path / "home"))).read_text() == "0 0"


def test_a_content_that_is_missing_or_damaged_is_an_error(
    client: MlflowClient, run_id: str, project: Project, tmp_path: Path
) -> None:
    client.log_artifact(run_id, file("f", "content"))
    path = BlobStore(project).path_of(hashlib.sha256(b"content").hexdigest())
    os.chmod(path, 0o644)
    Path(path).write_text("damaged")
    with pytest.raises(MlflowException):
        client.download_artifacts(run_id, "f", str(tmp_path / "home"))
    os.unlink(path)
    with pytest.raises(MlflowException):
        client.download_artifacts(run_id, "f", str(tmp_path / "home"))


def test_an_experiment_may_keep_its_artifacts_elsewhere(client: MlflowClient, tmp_path: Path) -> None:
    """As with MLflow's own stores; they are not contents of ours then."""
    experiment = client.create_experiment("outside", artifact_location=str(tmp_path / "elsewhere"))
    run = client.create_run(experiment, run_name="out").info
    client.log_artifact(run.run_id, file("f", "x"))
    assert (tmp_path / "elsewhere" / run.run_id / "artifacts" / "f").read_text() == "x"
    assert [f.path for f in client.list_artifacts(run.run_id)] == ["f"]
    assert shown("out")["artifacts"] == []


def test_a_copied_project_has_its_artifacts_too(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    client.log_artifact(run_id, file("f", "x"))
    shutil.copytree(tmp_path / ".workbench", tmp_path / "copy" / ".workbench", ignore=shutil.ignore_patterns("cache"))
    with client_of(Project(str(tmp_path / "copy"))) as copied:
        assert Path(copied.download_artifacts(run_id, "f", str(tmp_path / "home"))).read_text() == "x"
