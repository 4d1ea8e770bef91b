from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.store import digests
from workbench.store.digests import FileDigest, digest_files, folder_digest


def old(path: str, age_s: float = 60) -> None:
    """Make a file look as if it had been written a while ago."""
    status = os.stat(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - round(age_s * 1e9)))


def one(project: Project | None, path: str) -> FileDigest:
    """The digest of one file."""
    return digest_files(project, [(path, os.path.basename(path))], root=path)[0]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each file that is read."""
    seen: list[int] = []
    real = hashlib.file_digest

    def counted(file: Any, name: str) -> object:
        seen.append(1)
        return real(file, name)

    monkeypatch.setattr(digests.hashlib, "file_digest", counted)  # type: ignore[attr-defined]
    return seen


def test_a_file_that_was_not_touched_is_read_once(project: Project, reads: list[int]) -> None:
    Path("a").write_bytes(b"hello")
    old("a")
    assert one(project, "a").sha256 == hashlib.sha256(b"hello").hexdigest()
    assert one(project, "a").sha256 == hashlib.sha256(b"hello").hexdigest()
    assert len(reads) == 1


@pytest.mark.parametrize("change", ["size", "time", "inode"])
def test_size_time_and_inode_each_tell_a_change(project: Project, reads: list[int], change: str) -> None:
    Path("a").write_bytes(b"hello")
    old("a")
    one(project, "a")
    before = os.stat("a")
    content = b"hellos" if change == "size" else b"HELLO"
    if change == "inode":
        Path("b").write_bytes(content)
        os.replace("b", "a")
    else:
        Path("a").write_bytes(content)
    if change != "time":
        os.utime("a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert one(project, "a").sha256 == hashlib.sha256(content).hexdigest()
    assert len(reads) == 2


def test_a_file_that_was_just_written_is_not_remembered(project: Project, reads: list[int]) -> None:
    Path("a").write_bytes(b"hello")
    os.utime("a", ns=(2**62, 2**62))
    one(project, "a")
    one(project, "a")
    assert len(reads) == 2


def test_without_a_project_nothing_is_remembered(reads: list[int]) -> None:
    Path("a").write_bytes(b"hello")
    old("a")
    assert one(None, "a").sha256 == one(None, "a").sha256
    assert len(reads) == 2


def test_a_damaged_memory_is_none(project: Project, reads: list[int]) -> None:
    Path("a").write_bytes(b"hello")
    old("a")
    one(project, "a")
    [memory] = (Path(project.folder) / "cache" / "digests").iterdir()
    for text in ("{", "[]", '{"a": 3}', '{"a": [1, 2, 3]}'):
        memory.write_text(text)
        assert one(project, "a").sha256 == hashlib.sha256(b"hello").hexdigest()
    assert len(reads) == 5


def test_a_missing_file_is_told() -> None:
    with pytest.raises(InputError, match="cannot read nope"):
        one(None, "nope")


NAMES = st.lists(st.sampled_from(["a", "a/b", "a.txt", "b", "b/a", "ü"]), unique=True, min_size=1)


@settings(max_examples=50, deadline=None)
@given(NAMES, st.randoms(use_true_random=False))
def test_the_digest_of_a_folder_does_not_depend_on_the_order_of_its_files(
    names: list[str], shuffled: random.Random
) -> None:
    files = [FileDigest(name, "", len(name), hashlib.sha256(name.encode()).hexdigest()) for name in names]
    expected = folder_digest(files)
    shuffled.shuffle(files)
    assert folder_digest(files) == expected
    other = FileDigest(files[0].name, "", files[0].size_bytes, "0" * 64)
    assert folder_digest([other, *files[1:]]) != expected
