"""Artifacts are copied into the store under the path that they have within the run."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from tests.tracking.journals import events_of, start
from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.store.blobs import BlobStore
from workbench.tracking.artifacts import artifact_path


def artifacts_of(project: Project, run: wb.Run) -> dict[str, bytes]:
    """Path and stored content of a run's artifacts."""
    blobs = BlobStore(project)
    contents = {}
    for event in events_of(project, run.run_id, "art"):
        with blobs.open(event["sha256"]) as file:
            contents[event["path"]] = file.read()
        assert hashlib.sha256(contents[event["path"]]).hexdigest() == event["sha256"]
        assert event["size"] == len(contents[event["path"]])
    return contents


def test_a_file_is_stored_under_its_name(project: Project, tmp_path: Path) -> None:
    (tmp_path / "roc.png").write_bytes(b"image")
    with start() as run:
        run.log_artifact("roc.png")
        run.log_artifact(tmp_path / "roc.png", path="plots/./best/")
    (tmp_path / "roc.png").write_bytes(b"changed afterwards")
    assert artifacts_of(project, run) == {"roc.png": b"image", "plots/best/roc.png": b"image"}


def test_a_folder_is_stored_with_all_in_it(project: Project, tmp_path: Path) -> None:
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "a.txt").write_text("a")
    (tmp_path / "out" / "deep" / "b.txt").write_text("b")
    with start() as run:
        run.log_artifacts("out")
        wb.log_artifact("out", path="kept")
        wb.log_artifacts("out", path="flat")
    assert sorted(artifacts_of(project, run)) == [
        "a.txt",
        "deep/b.txt",
        "flat/a.txt",
        "flat/deep/b.txt",
        "kept/out/a.txt",
        "kept/out/deep/b.txt",
    ]


def test_the_store_itself_is_no_part_of_a_folder(project: Project, tmp_path: Path) -> None:
    Path(project.root, "train.py").write_text("1")
    with start() as run:
        run.log_artifacts(project.root)
    assert ".workbench" not in {path.split("/")[0] for path in artifacts_of(project, run)}
    assert "train.py" in artifacts_of(project, run)


def test_links_are_followed_but_not_in_circles(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "real.txt").write_text("real")
    (folder / "link.txt").symlink_to(tmp_path / "real.txt")
    (folder / "circle").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    with start() as run:
        run.log_artifacts(folder)
    assert artifacts_of(project, run) == {"link.txt": b"real"}


def test_a_broken_link_does_not_keep_the_others_out(
    project: Project, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "broken").symlink_to(tmp_path / "gone")
    (folder / "whole").write_text("x")
    with start() as run:
        run.log_artifacts(folder)
    assert artifacts_of(project, run) == {"whole": b"x"}
    assert capfd.readouterr().err.count("workbench: cannot read") == 1


@pytest.mark.parametrize("path", ["/etc", "..", "a/../../b", "a\0b"])
def test_a_path_outside_the_run_is_refused(project: Project, tmp_path: Path, path: str) -> None:
    (tmp_path / "x").write_text("x")
    with start(on_error="raise") as run, pytest.raises(InputError, match="within the run"):
        run.log_artifact("x", path=path)
    assert artifacts_of(project, run) == {}


@given(st.text(alphabet="ab./"))
def test_an_artifact_path_is_normal_or_refused(text: str) -> None:
    try:
        path = artifact_path(text)
    except InputError:
        assert text.startswith("/") or ".." in text.split("/")
        return
    assert artifact_path(path) == path
    assert path == "" or os.path.normpath(text) == path


def test_a_missing_file_is_said_and_does_not_stop_the_training(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    with start() as run:
        run.log_artifact("gone.png")
        run.log_artifacts("gone")
        run.log({"loss": 1.0})
    assert "cannot read gone.png: No such file" in capfd.readouterr().err
    with start(on_error="raise") as loud:
        for log in (loud.log_artifact, loud.log_artifacts):
            with pytest.raises(InputError, match="cannot read gone"):
                log("gone")


def test_a_pipe_is_refused_rather_than_waited_for(project: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with start(on_error="raise") as run, pytest.raises(InputError, match="neither a file nor a folder"):
        run.log_artifact("pipe")


def test_a_full_disk_does_not_stop_the_training(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x").write_text("x")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    with start() as run:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", full)
            run.log_artifact("x")
        run.log({"loss": 1.0})
    assert artifacts_of(project, run) == {}
    assert "no space left" in capfd.readouterr().err
