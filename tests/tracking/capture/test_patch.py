"""Patches that are written here are patches to git, whatever the names and contents."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.tracking.capture.patch import PatchLimits, new_file_chunk, path_of_chunk, split_patch, untracked_chunks

NAME_BYTES = st.binary(min_size=1, max_size=12).map(lambda name: name.replace(b"\0", b"0").replace(b"/", b"_"))
NAMES = NAME_BYTES.filter(lambda name: name.strip(b". ") not in (b"", b".git")).map(lambda name: b"f" + name)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=60).map(lambda b: b.replace(b"\0", b"")), min_size=1, max_size=4))
def test_git_makes_the_files_from_the_parts(files: dict[bytes, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        patch = b"".join(new_file_chunk(os.fsdecode(name), content, 0o100644) for name, content in files.items())
        subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=folder, input=patch, check=True)
        made = {name: Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).read_bytes() for name in files}
        assert made == files
        assert len(os.listdir(folder)) == len(files)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=60)), max_size=5))
def test_a_patch_splits_into_the_parts_it_was_made_of(files: list[tuple[bytes, bytes]]) -> None:
    parts = [new_file_chunk(os.fsdecode(name), content, 0o100644) for name, content in files]
    assert split_patch(b"".join(parts)) == parts
    assert [os.fsencode(path_of_chunk(part)) for part in parts] == [name for name, _ in files]


@pytest.mark.parametrize(
    ("chunk", "path"),
    [
        (b"diff --git a/x y b/x y\nold mode 100644\nnew mode 100755\n", "x y"),
        (b"diff --git a/a b/b\nsimilarity index 90%\nrename from a\nrename to b\nindex 1..2\n--- a/a\n+++ b/b\n", "b"),
        (b'diff --git "a/\\303\\274" "b/\\303\\274"\nindex 1..2\n--- "a/\\303\\274"\n+++ "b/\\303\\274"\n', "ü"),
        (b"diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "x"),
        (b"diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 0\n", "x"),
        (b"* Unmerged path train.py\n", "train.py"),
    ],
)
def test_a_part_tells_its_path(chunk: bytes, path: str) -> None:
    assert path_of_chunk(chunk) == path


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    [(path, chunk, reason)] = untracked_chunks(str(tmp_path), ["gone.py"], PatchLimits())
    assert (path, chunk, reason) == ("gone.py", None, "unreadable: No such file or directory")
