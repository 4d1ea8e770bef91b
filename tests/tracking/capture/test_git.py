"""What git says about a run's code, and that its patch brings the code back byte for byte."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.tracking.capture import git
from workbench.tracking.capture.git import capture_git
from workbench.tracking.capture.patch import PatchLimits

TOKEN = b"ghp_" + b"a1B2" * 9


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit on `main`."""
    folder = tmp_path / "repository"
    folder.mkdir()
    run_git(folder, "init", "-q", "-b", "main")
    (folder / "train.py").write_bytes(b"one\ntwo\nthree\n")
    (folder / "old name.py").write_bytes(b"".join(b"line %d\n" % i for i in range(40)))
    (folder / "gone.py").write_bytes(b"gone\n")
    (folder / "windows.txt").write_bytes(b"a\r\nb\r\n")
    (folder / "no newline").write_bytes(b"last")
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 4)
    (folder / "schön.py").write_bytes("größe = 1\n".encode())
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / ".gitignore").write_bytes(b"ignored/\n*.log\n")
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "-m", "first")
    return folder


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of every file that git would look at."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith((".git/", "ignored/")) or name == ".git" or name.endswith(".log"):
            continue
        if path.is_symlink():
            found[name] = (0o120000, os.fsencode(os.readlink(path)))
        elif path.is_file():
            found[name] = (path.stat().st_mode & 0o111, path.read_bytes())
    return found


def restore(repository: Path, patch: bytes, target: Path) -> dict[str, tuple[int, bytes]]:
    """The tree that the patch gives on a fresh checkout of the commit."""
    run_git(repository, "worktree", "add", "-q", "--detach", str(target), "HEAD")
    if patch:
        subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=target, input=patch, check=True)
    return tree(target)


def edit_text(folder: Path) -> None:
    (folder / "train.py").write_bytes(b"one\n2\nthree\n")


def edit_staged_and_again(folder: Path) -> None:
    (folder / "train.py").write_bytes(b"one\nstaged\nthree\n")
    run_git(folder, "add", "train.py")
    (folder / "train.py").write_bytes(b"one\nstaged\nthree\nunstaged\n")


def stage_then_revert(folder: Path) -> None:
    (folder / "train.py").write_bytes(b"staged\n")
    run_git(folder, "add", "train.py")
    (folder / "train.py").write_bytes(b"one\ntwo\nthree\n")


def take_the_last_newline(folder: Path) -> None:
    (folder / "train.py").write_bytes(b"one\ntwo\nthree")
    (folder / "no newline").write_bytes(b"last\n")


def rename(folder: Path) -> None:
    run_git(folder, "mv", "old name.py", "new ñame.py")
    with (folder / "new ñame.py").open("ab") as file:
        file.write(b"more\n")


def rename_unstaged(folder: Path) -> None:
    (folder / "old name.py").rename(folder / "moved.py")


def delete(folder: Path) -> None:
    (folder / "gone.py").unlink()
    run_git(folder, "rm", "-q", "weights.bin")


def edit_binary(folder: Path) -> None:
    (folder / "weights.bin").write_bytes(bytes(range(255, -1, -1)) * 4)


def edit_windows_lines(folder: Path) -> None:
    (folder / "windows.txt").write_bytes(b"a\r\nB\r\nc\n")
    (folder / "new windows.txt").write_bytes(b"x\r\ny\rz")


def change_modes(folder: Path) -> None:
    (folder / "run.sh").chmod(0o755)
    (folder / "new.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "new.sh").chmod(0o755)


def new_files(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    for name in ("plain.py", "with space.py", "ünï cödé.py", 'quo"te.py', "back\\slash.py", "tab\there.py", "-dash.py"):
        (folder / "deep" / "er" / name).write_bytes(f"# {name}\n".encode())
    (folder / "empty.py").write_bytes(b"")
    (folder / "empty ü.py").write_bytes(b"")
    (folder / "one").write_bytes(b"x")
    (folder / "newline").write_bytes(b"\n")
    (folder / "looks like a patch.txt").write_bytes(b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    (folder / "latin1.txt").write_bytes(b"caf\xe9\n")
    (folder / "link").symlink_to("deep/er/plain.py")
    (folder / "ignored").mkdir()
    (folder / "ignored" / "x.py").write_bytes(b"ignored\n")
    (folder / "out.log").write_bytes(b"ignored\n")


def staged_new_files(folder: Path) -> None:
    new_files(folder)
    run_git(folder, "add", "-A")
    (folder / "one").write_bytes(b"two")


def intend_to_add(folder: Path) -> None:
    (folder / "soon.py").write_bytes(b"soon\n")
    run_git(folder, "add", "-N", "soon.py")


def file_becomes_link(folder: Path) -> None:
    (folder / "gone.py").unlink()
    (folder / "gone.py").symlink_to("train.py")


def folder_replaces_file(folder: Path) -> None:
    (folder / "gone.py").unlink()
    (folder / "gone.py").mkdir()
    (folder / "gone.py" / "inner.py").write_bytes(b"inner\n")


def everything(folder: Path) -> None:
    for change in (edit_staged_and_again, rename, delete, edit_windows_lines, change_modes, new_files):
        change(folder)


CHANGES: list[Callable[[Path], None]] = [
    edit_text,
    edit_staged_and_again,
    stage_then_revert,
    take_the_last_newline,
    rename,
    rename_unstaged,
    delete,
    edit_binary,
    edit_windows_lines,
    change_modes,
    new_files,
    staged_new_files,
    intend_to_add,
    file_becomes_link,
    folder_replaces_file,
    everything,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_patch_brings_the_folder_back_byte_for_byte(
    repository: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    change(repository)
    state = capture_git(str(repository))
    assert state is not None
    assert state["problem"] is None
    assert state["skipped"] == []
    assert state["dirty"] is True
    assert restore(repository, state["patch"], tmp_path / "restored") == tree(repository)


def test_settings_of_the_user_do_not_change_the_patch(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[diff]\nnoprefix = true\nmnemonicPrefix = true\nexternal = false\nrelative = true\ncontext = 0\n"
        "orderFile = /nowhere\nsuppressBlankEmpty = true\nrenames = copies\nalgorithm = histogram\n"
        "[color]\nui = always\n[core]\npager = false\nquotePath = false\n[status]\nshowUntrackedFiles = no\n"
    )
    everything(repository)
    with monkeypatch.context() as patched:
        patched.setenv("GIT_CONFIG_GLOBAL", str(settings))
        patched.setenv("GIT_EXTERNAL_DIFF", "false")
        patched.setenv("GIT_LITERAL_PATHSPECS", "1")
        state = capture_git(str(repository / "deep"))
    assert state is not None
    assert state["problem"] is None
    assert restore(repository, state["patch"], tmp_path / "restored") == tree(repository)


def test_a_clean_repository_has_a_commit_and_no_patch(repository: Path) -> None:
    state = capture_git(str(repository))
    assert state == {
        "commit": run_git(repository, "rev-parse", "HEAD"),
        "branch": "main",
        "dirty": False,
        "remote": None,
        "root": str(repository),
        "patch": b"",
        "skipped": [],
        "problem": None,
    }


def test_a_folder_below_the_root_sees_the_whole_repository(repository: Path) -> None:
    new_files(repository)
    assert capture_git(str(repository / "deep" / "er")) == capture_git(str(repository))


def test_a_detached_head_has_no_branch(repository: Path) -> None:
    run_git(repository, "checkout", "-q", "--detach")
    state = capture_git(str(repository))
    assert state is not None
    assert (state["branch"], state["commit"]) == (None, run_git(repository, "rev-parse", "HEAD"))


def test_the_remote_of_the_branch_is_named_without_its_password(repository: Path) -> None:
    run_git(repository, "remote", "add", "fork", "git@example.org:me/fork.git")
    run_git(repository, "remote", "add", "origin", "https://me:hunter2@example.org/team/code.git")
    state = capture_git(str(repository))
    assert state is not None
    assert state["remote"] == "https://***@example.org/team/code.git"
    run_git(repository, "config", "branch.main.remote", "fork")
    state = capture_git(str(repository))
    assert state is not None
    assert state["remote"] == "git@example.org:me/fork.git"


def test_a_repository_without_commits_gives_a_patch_for_an_empty_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    run_git(folder, "init", "-q", "-b", "main")
    (folder / "staged.py").write_bytes(b"staged\n")
    run_git(folder, "add", "staged.py")
    (folder / "staged.py").write_bytes(b"changed\n")
    (folder / "new.py").write_bytes(b"new\n")
    state = capture_git(str(folder))
    assert state is not None
    assert (state["commit"], state["branch"], state["dirty"], state["problem"]) == (None, "main", True, None)
    target = tmp_path / "restored"
    target.mkdir()
    subprocess.run(["git", "apply"], cwd=target, input=state["patch"], check=True)
    assert tree(target) == tree(folder)


def test_secrets_are_left_out_and_named(repository: Path, tmp_path: Path) -> None:
    (repository / ".env").write_bytes(b"PASSWORD=x\n")
    (repository / "id_rsa").write_bytes(b"x\n")
    (repository / "notes.md").write_bytes(b"use " + TOKEN + b"\n")
    (repository / "train.py").write_bytes(b"one\ntwo\nthree\nkey = '" + TOKEN + b"'\n")
    (repository / "fine.py").write_bytes(b"fine\n")
    state = capture_git(str(repository))
    assert state is not None
    assert TOKEN not in state["patch"]
    assert b"PASSWORD" not in state["patch"]
    assert {entry["path"]: entry["reason"] for entry in state["skipped"]} == {
        ".env": "may hold secrets",
        "id_rsa": "may hold secrets",
        "notes.md": "may hold a secret: github token",
        "train.py": "may hold a secret: github token",
    }
    assert restore(repository, state["patch"], tmp_path / "restored")["fine.py"] == (0, b"fine\n")


def test_a_tracked_file_of_a_secret_name_is_left_out(repository: Path) -> None:
    (repository / "credentials.json").write_bytes(b"{}\n")
    run_git(repository, "add", "-A")
    state = capture_git(str(repository))
    assert state is not None
    assert (state["patch"], state["skipped"]) == (b"", [{"path": "credentials.json", "reason": "may hold secrets"}])


def test_a_secret_that_is_in_the_commit_already_does_not_hide_an_edit(repository: Path) -> None:
    (repository / "legacy.py").write_bytes(b"key = '" + TOKEN + b"'\nx = 1\n")
    run_git(repository, "add", "-A")
    run_git(repository, "commit", "-q", "-m", "legacy")
    (repository / "legacy.py").write_bytes(b"key = '" + TOKEN + b"'\nx = 2\n")
    state = capture_git(str(repository))
    assert state is not None
    assert state["skipped"] == []
    assert b"+x = 2" in state["patch"]


def test_data_and_large_files_are_left_out_and_named(repository: Path) -> None:
    (repository / "data.bin").write_bytes(b"\0" * 100)
    (repository / "big.csv").write_bytes(b"1,2\n" * 300)
    os.mkfifo(repository / "pipe.py")
    nested = repository / "nested"
    nested.mkdir()
    run_git(nested, "init", "-q")
    (nested / "x.py").write_bytes(b"x\n")
    run_git(nested, "add", "-A")
    run_git(nested, "commit", "-q", "-m", "x")
    state = capture_git(str(repository), PatchLimits(untracked_file_bytes=1000))
    assert state is not None
    reasons = {entry["path"]: entry["reason"] for entry in state["skipped"]}
    reasons.pop("pipe.py", None)  # git itself does not list one
    assert reasons == {"data.bin": "not text", "big.csv": "larger than 0.001 MB", "nested/": "another git repository"}
    assert state["patch"] == b""
    assert state["dirty"] is True


def test_sources_come_before_other_text_where_not_all_fits(repository: Path) -> None:
    (repository / "a.csv").write_bytes(b"1,2\n" * 50)
    (repository / "z.py").write_bytes(b"pass\n" * 50)
    state = capture_git(str(repository), PatchLimits(total_bytes=700))
    assert state is not None
    assert b"b/z.py" in state["patch"]
    assert [entry["path"] for entry in state["skipped"]] == ["a.csv"]


def test_changes_beyond_the_limit_are_named(repository: Path, tmp_path: Path) -> None:
    (repository / "train.py").write_bytes(b"x\n" * 6_000)
    (repository / "run.sh").write_bytes(b"#!/bin/bash\n")
    state = capture_git(str(repository), PatchLimits(total_bytes=15_000))
    assert state is not None
    assert [entry["path"] for entry in state["skipped"]] == ["train.py"]
    assert restore(repository, state["patch"], tmp_path / "restored")["run.sh"] == (0, b"#!/bin/bash\n")


def test_changes_far_beyond_the_limit_are_said(repository: Path) -> None:
    (repository / "train.py").write_bytes(os.urandom(3000).hex().encode() * 10)
    state = capture_git(str(repository), PatchLimits(total_bytes=5_000))
    assert state is not None
    assert state["problem"] == "the changes are too large; the patch holds only the first changes"
    assert state["skipped"] == [{"path": "train.py", "reason": "the changes are too large"}]


def test_a_large_tracked_file_is_not_even_diffed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MAX_TRACKED_FILE_BYTES", 2**20)
    with (repository / "weights.bin").open("wb") as file:
        file.truncate(2**20 + 1)
    state = capture_git(str(repository))
    assert state is not None
    assert state["patch"] == b""
    assert state["skipped"] == [{"path": "weights.bin", "reason": "larger than 1 MiB"}]


def test_a_dirty_submodule_is_named_and_the_patch_still_applies(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run_git(other, "init", "-q")
    (other / "lib.py").write_bytes(b"lib\n")
    run_git(other, "add", "-A")
    run_git(other, "commit", "-q", "-m", "lib")
    run_git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "lib")
    run_git(repository, "commit", "-q", "-m", "submodule")
    (repository / "lib" / "lib.py").write_bytes(b"changed\n")
    edit_text(repository)
    state = capture_git(str(repository))
    assert state is not None
    assert state["skipped"] == [{"path": "lib", "reason": "submodule with uncommitted changes"}]
    assert restore(repository, state["patch"], tmp_path / "restored")["train.py"] == (0, b"one\n2\nthree\n")


def test_a_merge_conflict_does_not_break_the_capture(repository: Path) -> None:
    run_git(repository, "checkout", "-q", "-b", "other")
    (repository / "train.py").write_bytes(b"other\n")
    run_git(repository, "commit", "-q", "-am", "other")
    run_git(repository, "checkout", "-q", "main")
    (repository / "train.py").write_bytes(b"main\n")
    run_git(repository, "commit", "-q", "-am", "main")
    subprocess.run(["git", "merge", "-q", "other"], cwd=repository, capture_output=True)
    state = capture_git(str(repository))
    assert state is not None
    assert state["problem"] is None
    assert b"<<<<<<<" in state["patch"]


def test_a_folder_without_a_repository_has_no_state(tmp_path: Path) -> None:
    assert capture_git(str(tmp_path)) is None
    assert capture_git(str(tmp_path / "missing")) is None


def test_without_git_a_repository_is_a_problem_and_another_folder_is_not(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    state = capture_git(str(repository))
    assert state is not None
    assert (state["problem"], state["commit"]) == ("git is not installed", None)
    assert capture_git(str(tmp_path)) is None


def test_a_bare_repository_is_a_problem(tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    run_git(tmp_path, "init", "-q", "--bare", str(bare))
    state = capture_git(str(bare))
    assert state is not None
    assert state["problem"] == "this operation must be run in a work tree"


@pytest.mark.parametrize("damage", ["HEAD", "index", "objects", "config"])
def test_a_damaged_repository_is_a_problem(repository: Path, damage: str) -> None:
    path = repository / ".git" / damage
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.write_bytes(b"\xff\xffnonsense[[")
    edit_text(repository)
    state = capture_git(str(repository))
    assert state is not None
    assert state["problem"]
    assert state["patch"] == b""


def test_a_repository_of_another_owner_is_a_problem(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    state = capture_git(str(repository))
    assert state is not None
    assert "dubious ownership" in (state["problem"] or "")


def test_a_slow_git_is_given_up(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    monkeypatch.setattr(git, "TIMEOUT_S", 0.05)
    state = capture_git(str(repository))
    assert state is not None
    assert "took longer" in (state["problem"] or "")


def test_new_files_are_left_alone_where_looking_for_them_takes_too_long(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    real = shutil.which("git")
    slow.write_text(f'#!/bin/sh\ncase "$*" in *--untracked-files=all*) exec sleep 60;; esac\nexec {real} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    monkeypatch.setattr(git, "TIMEOUT_S", 1.0)
    edit_text(repository)
    state = capture_git(str(repository))
    assert state is not None
    assert (state["problem"] or "").startswith("new files were not looked for")
    assert b"+2" in state["patch"]


def test_a_long_list_of_skipped_files_is_cut(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MAX_SKIPPED", 2)
    for number in range(5):
        (repository / f"{number}.bin").write_bytes(b"\0")
    state = capture_git(str(repository))
    assert state is not None
    assert [entry["path"] for entry in state["skipped"]] == ["0.bin", "1.bin", "…"]
    assert state["skipped"][-1]["reason"] == "and 3 more"


def test_git_is_asked_at_most_four_times_and_takes_no_lock(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything(repository)
    before = (repository / ".git" / "index").read_bytes()
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    capture_git(str(repository))
    commands = [line for line in trace.read_text().splitlines() if "trace: built-in: git" in line]
    assert len(commands) == 4
    assert (repository / ".git" / "index").read_bytes() == before
