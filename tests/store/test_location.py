from __future__ import annotations

import builtins
import io
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.store.journals import log_run, mounted, statuses
from workbench.base.project import Project, create_project
from workbench.store.location import cache_folder, exact, is_network_folder, machine_id
from workbench.store.store import Store


def pretend_mounts(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    opened = builtins.open

    def fake(path: Any, *args: Any, **options: Any) -> Any:
        if path == "/proc/self/mounts":
            return io.StringIO("".join(line + "\n" for line in lines))
        return opened(path, *args, **options)

    monkeypatch.setattr(builtins, "open", fake)


def test_the_file_lies_within_a_local_project(project: Project) -> None:
    assert cache_folder(project) == os.path.join(project.folder, "cache")


def test_a_folder_that_the_user_names_is_used(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE_DIR", str(tmp_path / "fast"))
    folder = cache_folder(project)
    assert folder is not None
    assert folder.startswith(str(tmp_path / "fast" / project.store_id))
    log_run(project)
    assert list(statuses(Store(project)).values()) == ["finished"]
    assert os.listdir(folder)
    assert os.listdir(os.path.join(project.folder, "cache")) == []


def test_two_copies_of_a_project_do_not_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setenv("WORKBENCH_CACHE_DIR", str(tmp_path / "fast"))
    one = create_project(str(tmp_path / "one"))
    shutil.copytree(one.root, tmp_path / "two")
    assert cache_folder(one) != cache_folder(Project(str(tmp_path / "two")))


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "lustre"])
def test_a_network_file_system_is_not_used_for_the_file(
    project: Project, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    home = os.environ["XDG_CACHE_HOME"]
    pretend_mounts(
        monkeypatch, "rootfs / ext4 rw 0 0", f"server:/x {os.path.realpath(project.root)} {kind} rw 0 0",
        f"local {os.path.realpath(home)} ext4 rw 0 0",
    )  # fmt: skip
    assert is_network_folder(project.folder)
    folder = cache_folder(project)
    assert folder is not None
    assert folder.startswith(os.path.join(home, "workbench"))


def test_the_innermost_mount_counts_and_names_with_spaces_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_mounts(
        monkeypatch, "a / nfs rw 0 0", "b /data ext4 rw 0 0", "c /data/my\\040files cifs rw 0 0", "d /dat nfs rw 0 0"
    )
    assert is_network_folder("/other")
    assert not is_network_folder("/data")
    assert not is_network_folder("/data/x")
    assert is_network_folder("/data/my files/x")
    assert not is_network_folder("/data/my files2")


def test_a_system_that_does_not_tell_has_no_network_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_mounts(monkeypatch, "garbage")
    assert not is_network_folder("/x")


def test_a_read_only_project_is_read_from_the_users_cache(tmp_path: Path) -> None:
    """Failure case 14."""
    project = create_project(str(tmp_path / "project"))
    uid = log_run(project)
    with mounted(tmp_path / "view", "--bind", "-o", "ro", project.root) as view:
        try:
            (view / "probe").touch()
            pytest.skip("the bind mount is writable here")
        except OSError:
            pass
        store = Store(Project(str(view)))
        assert store.cache_dir is not None
        assert store.cache_dir.startswith(os.environ["XDG_CACHE_HOME"])
        for _ in range(2):
            assert statuses(store) == {uid: "finished"}
        assert store.notices == []


def test_a_project_and_a_home_that_may_not_be_written_are_read_into_memory(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failure case 14, for those who may not mount."""
    uid = log_run(project)
    before = sorted(str(path) for path in Path(project.folder).rglob("*"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    store = Store(project)
    assert store.cache_dir is None
    assert store.visible_path() is None
    assert store.size_bytes() == 0
    for _ in range(2):
        assert statuses(store) == {uid: "finished"}
    store.rewrite()
    store.rebuild()
    assert store.ingest().caught_up
    assert sorted(str(path) for path in Path(project.folder).rglob("*")) == before


def test_a_home_that_cannot_be_made_means_memory(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE_DIR", "/dev/null/x")
    assert cache_folder(project) is None


def test_this_machine_has_an_id_or_none() -> None:
    assert machine_id() == machine_id()


@pytest.mark.parametrize("name", ["st*r", "q?", "br[ab]", "k=1", "pl{a,b}", "quo'te", "s**", "ü ñ"])
def test_a_path_with_pattern_characters_is_that_one_file(tmp_path: Path, name: str) -> None:
    for folder in (name, "strr", "qq", "bra"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "f.csv").write_text(f"{folder}\n")
    path = str(tmp_path / name / "f.csv")
    query = "SELECT a FROM read_csv($1, header=false, delim=';', hive_partitioning=false, columns={'a': 'VARCHAR'})"
    assert duckdb.execute(query, [exact(path)]).fetchall() == [(name,)]


def test_a_path_that_is_not_utf8_is_left_to_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    project = create_project(os.path.join(str(tmp_path), "b\udcff"))
    log_run(project)
    folder = cache_folder(project)
    assert folder is not None and folder.startswith(str(tmp_path / "home"))
    assert list(statuses(Store(project)).values()) == ["finished"]
