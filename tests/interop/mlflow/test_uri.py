"""`workbench:` URIs: which project and which artifacts they name, and what is said where they name none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from mlflow.exceptions import MlflowException

from tests.interop.mlflow.one_project import client_of
from tests.store.journals import log_run, mounted
from workbench.base.errors import InputError
from workbench.base.project import Project, create_project
from workbench.interop.mlflow.plugin import artifact_repository, tracking_store
from workbench.interop.mlflow.uri import artifact_place, artifact_root, project_of, project_with_artifacts

RUN = "0123456789abcdef" * 2
NAMES = ["a b", "50% a%20b", "ünïcode", "q?x#y", "it's; *[1]&more=1"]


def test_the_short_form_is_the_project_of_the_working_directory(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "deep" / "down"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert project_of("workbench:").root == project_of("workbench://").root == project.root
    other = create_project(str(tmp_path / "other"))
    monkeypatch.setenv("WORKBENCH_DIR", other.root)
    assert project_of("workbench:").root == other.root


def test_a_project_is_made_where_there_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    assert project_of(f"workbench://{folder}").root == str(folder)
    assert (folder / ".workbench" / "workbench.toml").exists()
    assert project_of(f"workbench://{tmp_path}").root == str(tmp_path)  # not the one in a folder above or below


def test_the_folder_of_the_store_names_its_project(project: Project) -> None:
    for uri in (f"workbench://{project.folder}", f"workbench://{project.root}/", f"WORKBENCH:{project.root}"):
        assert project_of(uri).root == project.root
    assert not os.path.exists(os.path.join(project.folder, ".workbench"))


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("workbench:relative/path", "has a relative path"),
        ("workbench://host/path", "names a host"),
        ("workbench://./path", "names a host"),
        ("workbench:///?x=1", "has options, and there are none"),
        ("workbench:?x=1", "has options"),
        ("workbench:///tmp#fragment", "has options"),
        ("workbench:///no/such/folder", "/no/such/folder is no folder (make it first: mkdir -p /no/such/folder)"),
        ("sqlite:///mlflow.db", "is no workbench: URI"),
    ],
)
def test_what_names_no_project_is_an_error_that_says_why(uri: str, said: str) -> None:
    with pytest.raises(MlflowException) as caught:
        tracking_store(uri)
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    assert said in caught.value.message
    with pytest.raises(MlflowException):
        artifact_repository(uri)
    assert not os.path.exists(".workbench")


def test_a_file_where_the_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MlflowException, match="is no folder"):
        tracking_store(f"workbench://{tmp_path}/file")
    (tmp_path / ".workbench").touch()
    with pytest.raises(MlflowException, match="is not a folder") as caught:
        tracking_store(f"workbench://{tmp_path}")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"


def test_a_project_of_a_newer_format_is_refused(project: Project) -> None:
    Path(project.settings_path).write_text('store_id = "x"\nformat = 99\n')
    with pytest.raises(MlflowException, match=r"reads up to 1 \(upgrade: "):
        tracking_store(f"workbench://{project.root}")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_folder_can_be_given(name: str, tmp_path: Path) -> None:
    project = create_project(str(tmp_path / name))
    (tmp_path / "file").write_text("x")
    with client_of(project) as client:
        run = client.create_run("0").info
        client.log_artifact(run.run_id, str(tmp_path / "file"), "sub folder/ünï 50%")
        [found] = client.list_artifacts(run.run_id, "sub folder/ünï 50%")
        assert (found.path, found.file_size) == ("sub folder/ünï 50%/file", 1)
        local = client.download_artifacts(run.run_id, found.path, str(tmp_path / "home"))
        assert Path(local).read_text() == "x"
        assert run.artifact_uri == f"{artifact_root(project)}/0/{run.run_id}/artifacts"
        assert project_with_artifacts(run.artifact_uri).root == project.root
    assert (tmp_path / name / ".workbench" / "journal").is_dir()


def test_names_that_are_not_quoted_are_taken_as_they_are(tmp_path: Path) -> None:
    for name in ("a b", "ünï"):
        project = create_project(str(tmp_path / name))
        assert project_of(f"workbench://{project.root}").root == project.root


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"{RUN}/artifacts", (RUN, None, "")),
        (f"{RUN}/artifacts/", (RUN, None, "")),
        (f"{RUN}/artifacts/a/b.txt", (RUN, None, "a/b.txt")),
        (f"models/m-{RUN}/artifacts/MLmodel", (None, f"m-{RUN}", "MLmodel")),
    ],
)
def test_an_artifact_uri_says_whose_artifact_it_is(
    path: str, found: tuple[str | None, str | None, str], tmp_path: Path
) -> None:
    for name in ("p", "a b"):
        project = create_project(str(tmp_path / name))
        for root in (artifact_root(project), f"workbench://{quote(project.root)}"):
            place = artifact_place(f"{root}/12/{path}")
            assert (place.run_id, place.model_id, place.path) == found
            assert project_with_artifacts(f"{root}/12/{path}").root == project.root


def test_artifacts_of_a_project_that_is_not_here_are_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(MlflowException, match=f"there is no project {tmp_path}/gone on this machine"):
        artifact_repository(f"workbench://{tmp_path}/gone/.workbench/artifacts/0/{RUN}/artifacts")
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    "path", ["", "/p", f"/p/.workbench/artifacts/0/{RUN}", "/p/.workbench/artifacts/0/run/artifacts"]
)
def test_an_artifact_uri_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="names no artifacts of a run"):
        artifact_place(f"workbench://{path}")


def test_a_project_that_moves_keeps_its_artifacts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with client_of(create_project(str(tmp_path / "before"))) as client:
        run_id = client.create_run(client.create_experiment("fraud")).info.run_id
        client.log_artifact(run_id, str(tmp_path / "file"), "sub")
        client.set_terminated(run_id)
    shutil.move(tmp_path / "before", tmp_path / "after here")
    with client_of(Project(str(tmp_path / "after here"))) as client:
        run = client.get_run(run_id)
        assert run.info.artifact_uri.startswith(f"workbench://{quote(str(tmp_path / 'after here'))}/")
        assert [info.path for info in client.list_artifacts(run_id, "sub")] == ["sub/file"]
        local = client.download_artifacts(run_id, "sub", str(tmp_path))
        assert (Path(local) / "file").read_text() == "x"


def test_a_project_that_may_not_be_written_can_be_read(tmp_path: Path) -> None:
    project = create_project(str(tmp_path / "project"))
    uid = log_run(project)
    shutil.rmtree(os.path.join(project.folder, "cache"))
    with mounted(tmp_path / "view", "--bind", "-o", "ro", project.root) as view:
        try:
            (view / "probe").touch()
            pytest.skip("the bind mount is writable here")
        except OSError:
            pass
        with client_of(Project(str(view))) as client:
            assert client.get_run(uid).info.status == "FINISHED"
            writes: list[Callable[[], object]] = [
                lambda: client.log_metric(uid, "x", 1.0),
                lambda: client.set_tag(uid, "a", "b"),
                lambda: client.create_run("0"),
                lambda: client.create_experiment("fraud"),
                lambda: client.delete_run(uid),
            ]
            for write in writes:
                with pytest.raises(MlflowException, match=r"may not be written|Read-only") as caught:
                    write()
                assert caught.value.error_code == "PERMISSION_DENIED"
