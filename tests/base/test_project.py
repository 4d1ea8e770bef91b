from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from workbench.base.errors import (
    InputError,
    ProjectNotFoundError,
    StorePermissionError,
    StoreTooNewError,
    StoreUnusableError,
)
from workbench.base.project import (
    FORMAT,
    Project,
    create_project,
    find_or_create_project,
    find_project,
    require_project,
)

as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")


def _create(root: str) -> str:
    return create_project(root).store_id


def test_a_new_project_has_an_id_a_format_and_its_folders(tmp_path: Path) -> None:
    project = create_project(str(tmp_path / "p"))
    assert project.name == "p"
    assert project.settings()["format"] == FORMAT
    assert len(project.store_id) == 32
    for folder in (
        project.journal_dir + "/live",
        project.journal_dir + "/sealed",
        project.segment_dir,
        project.blob_dir,
    ):
        assert os.path.isdir(folder)


def test_git_ignores_the_store(tmp_path: Path) -> None:
    create_project(str(tmp_path))
    assert (tmp_path / ".workbench/.gitignore").read_text() == "*\n"


def test_creating_a_project_twice_changes_nothing(project: Project) -> None:
    settings = Path(project.settings_path)
    before = settings.read_text()
    create_project(project.root)
    assert settings.read_text() == before


def test_sixteen_processes_that_create_a_project_at_once_agree_on_its_id(tmp_path: Path) -> None:
    root = str(tmp_path / "shared")
    os.mkdir(root)
    with multiprocessing.get_context("fork").Pool(16) as pool:
        ids = pool.map(_create, [root] * 64, chunksize=1)
    assert len(set(ids)) == 1
    assert sorted(os.listdir(f"{root}/.workbench")) == [
        ".gitignore", "blobs", "cache", "journal", "segments", "workbench.toml",
    ]  # fmt: skip


def test_a_file_system_without_hard_links_gets_a_whole_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, target: str) -> None:
        raise PermissionError(1, "Operation not permitted", source)

    monkeypatch.setattr(os, "link", refuse)
    project = create_project(str(tmp_path))
    assert len(project.store_id) == 32
    assert "workbench.toml" in os.listdir(project.folder)
    assert not [name for name in os.listdir(project.folder) if name.startswith("workbench.toml.")]


def test_nothing_in_the_settings_is_a_path_so_the_folder_can_move(project: Project, tmp_path: Path) -> None:
    store_id = project.store_id
    assert str(tmp_path) not in Path(project.settings_path).read_text()
    target = tmp_path / "moved"
    target.mkdir()
    os.rename(project.folder, target / ".workbench")
    assert Project(str(target)).store_id == store_id


def test_the_nearest_project_upward_is_found(project: Project, tmp_path: Path) -> None:
    deep = tmp_path / "a/b/c"
    deep.mkdir(parents=True)
    found = find_project(str(deep))
    assert found is not None and found.root == project.root
    inner = create_project(str(tmp_path / "a/b"))
    found = find_project(str(deep))
    assert found is not None and found.root == inner.root


@pytest.mark.parametrize("suffix", ["", "/.workbench", "/.workbench/"])
def test_the_environment_names_a_project_or_its_folder(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = create_project(str(tmp_path / "elsewhere"))
    create_project(str(tmp_path))
    monkeypatch.setenv("WORKBENCH_DIR", named.root + suffix)
    found = find_project()
    assert found is not None and found.root == named.root


def test_a_named_folder_without_a_project_is_not_replaced_by_one_above(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("WORKBENCH_DIR", str(tmp_path / "empty"))
    assert find_project() is None
    with pytest.raises(ProjectNotFoundError, match="empty"):
        require_project()


def test_looking_for_a_project_creates_nothing(tmp_path: Path) -> None:
    before = sorted(os.listdir(tmp_path))
    assert find_project() is None
    with pytest.raises(ProjectNotFoundError) as caught:
        require_project()
    assert caught.value.hint is not None and "workbench init" in caught.value.hint
    assert sorted(os.listdir(tmp_path)) == before


def test_a_working_directory_that_is_gone_holds_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_project() is None


def test_logging_creates_a_project_where_there_is_none(tmp_path: Path) -> None:
    project = find_or_create_project()
    assert project.root == str(tmp_path)
    assert find_or_create_project(str(tmp_path / "home")).root == project.root


def test_a_project_that_another_process_is_making_is_completed(tmp_path: Path) -> None:
    os.makedirs(tmp_path / ".workbench/journal/live")
    assert len(find_or_create_project(str(tmp_path)).store_id) == 32


def test_logging_creates_the_project_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_DIR", str(tmp_path / "new/.workbench"))
    assert find_or_create_project().root == str(tmp_path / "new")


def test_a_project_cannot_be_made_inside_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is not a folder"):
        create_project(str(tmp_path / "file"))


def test_a_file_called_workbench_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".workbench").write_text("mine")
    assert find_project() is None
    with pytest.raises(InputError, match="is not a folder"):
        create_project(str(tmp_path))
    assert (tmp_path / ".workbench").read_text() == "mine"


@as_root
def test_a_folder_that_may_not_be_written_is_an_error_with_a_hint(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(StorePermissionError, match="may not be written") as caught:
        create_project(str(locked))
    assert caught.value.hint


def test_a_read_only_file_system_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, exist_ok: bool = False) -> None:
        raise OSError(30, "Read-only file system", path)

    monkeypatch.setattr(os, "makedirs", refuse)
    with pytest.raises(StorePermissionError, match="Read-only file system"):
        create_project(str(tmp_path))


def test_an_existing_project_on_read_only_storage_opens(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading needs no write: the id of a project on a mounted snapshot is still known."""
    real_open = os.open

    def refuse(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(30, "Read-only file system", path)
        return real_open(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    assert require_project().store_id == project.store_id


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("store_id = ", StoreUnusableError, "is broken"),
        ("\x00\xff", StoreUnusableError, "is broken"),
        ("", StoreUnusableError, "does not say its format"),
        ('format = "1"\n', StoreUnusableError, "does not say its format"),
        ('format = true\nstore_id = "x"\n', StoreUnusableError, "does not say its format"),
        (f"format = {FORMAT + 1}\n", StoreTooNewError, f"has format {FORMAT + 1}; this workbench reads up to {FORMAT}"),
    ],
)
def test_settings_that_cannot_be_used_say_why(
    text: str, error: type[StoreUnusableError], message: str, project: Project
) -> None:
    Path(project.settings_path).write_text(text, encoding="latin-1")
    with pytest.raises(error, match=message) as caught:
        project.settings()
    assert caught.value.hint


def test_settings_without_an_id_are_unusable(project: Project) -> None:
    Path(project.settings_path).write_text("format = 1\n")
    with pytest.raises(StoreUnusableError, match="has no store_id"):
        _ = project.store_id


def test_a_foreign_folder_of_the_same_name_is_unusable(tmp_path: Path) -> None:
    (tmp_path / ".workbench").mkdir()
    with pytest.raises(StoreUnusableError, match="is not a workbench store"):
        require_project().settings()


def test_a_named_folder_that_is_no_project_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DIR", str(tmp_path / "nowhere" / ".workbench"))
    with pytest.raises(ProjectNotFoundError, match=r"WORKBENCH_DIR names .*nowhere") as caught:
        require_project()
    assert caught.value.hint == f"workbench init {tmp_path}/nowhere"


@pytest.mark.parametrize(("settings", "refused"), [("format = 99", True), ("format = 1", False), ("no toml", False)])
def test_nothing_is_logged_into_a_project_of_a_newer_format(project: Project, settings: str, refused: bool) -> None:
    Path(project.settings_path).write_text(f'store_id = "a"\n{settings}\n')
    if refused:
        with pytest.raises(StoreTooNewError):
            find_or_create_project(project.root)
    else:
        assert find_or_create_project(project.root).root == project.root
