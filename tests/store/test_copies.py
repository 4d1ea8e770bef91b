from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.store import copies
from workbench.store.blobs import BlobStore
from workbench.store.copies import copy_file

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture
def no_reflink(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot share extents."""
    monkeypatch.setattr(copies, "_reflinked", lambda source, target: False)


def test_a_copy_does_not_follow_its_original(no_reflink: None) -> None:
    Path("a").write_bytes(b"hello")
    assert copy_file("a", "b", may_link=True) == "copy"
    Path("a").write_bytes(b"other")
    assert Path("b").read_bytes() == b"hello"


def test_only_what_nobody_may_write_is_linked(no_reflink: None) -> None:
    Path("a").write_bytes(b"hello")
    os.chmod("a", 0o444)
    assert copy_file("a", "b", may_link=True) == "link"
    assert os.path.samefile("a", "b")
    assert copy_file("a", "c") == "copy"


def test_whatever_the_file_system_can_the_bytes_are_the_same() -> None:
    Path("a").write_bytes(b"hello")
    assert copy_file("a", "b") in ("reflink", "copy")
    assert Path("b").read_bytes() == b"hello"


def test_a_content_is_kept_once(project: Project, no_reflink: None) -> None:
    Path("a").write_bytes(b"hello")
    blobs = BlobStore(project)
    assert blobs.put_known("a", HELLO) == "copy"
    assert blobs.put_known("a", HELLO) == "present"
    assert blobs.is_intact(HELLO)
    assert os.stat(blobs.path_of(HELLO)).st_mode & 0o777 == 0o444


def test_a_file_that_is_not_what_it_is_said_to_be_is_refused(project: Project, no_reflink: None) -> None:
    Path("a").write_bytes(b"other")
    blobs = BlobStore(project)
    with pytest.raises(InputError, match="changed while it was copied"):
        blobs.put_known("a", HELLO)
    assert list(blobs.each()) == []
    with pytest.raises(InputError, match="cannot read nope"):
        blobs.put_known("nope", HELLO)
