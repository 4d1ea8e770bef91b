from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from tests.store.journals import fill, small_disk
from workbench.base.errors import ArtifactNotFoundError, DiskFullError, InputError, StoreError
from workbench.base.project import Project, create_project
from workbench.store.blobs import CHUNK_BYTES, BlobStore


@pytest.fixture
def blobs(project: Project) -> BlobStore:
    return BlobStore(project)


def files(blobs: BlobStore) -> list[str]:
    return [path.name for path in Path(blobs.folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"x", bytes(CHUNK_BYTES), os.urandom(CHUNK_BYTES + 1)])
def test_a_content_is_stored_under_its_hash(blobs: BlobStore, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    sha256, size = blobs.put_file(str(path))
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert blobs.path_of(sha256).endswith(f"sha256/{sha256[:2]}/{sha256[2:]}")
    with blobs.open(sha256) as file:
        assert file.read() == content
    assert blobs.is_intact(sha256)


def test_the_same_content_is_stored_once(blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"same")
    first = blobs.put_bytes(b"same")
    assert blobs.put_file(str(tmp_path / "file")) == first
    assert len(files(blobs)) == 1
    assert [sha256 for sha256, _, _ in blobs.each()] == [first[0]]


def test_a_content_that_is_put_again_is_young_again(blobs: BlobStore) -> None:
    sha256, _ = blobs.put_bytes(b"old")
    os.utime(blobs.path_of(sha256), (0, 0))
    blobs.put_bytes(b"old")
    [(_, _, modified)] = blobs.each()
    assert modified > 0


def test_a_content_that_another_user_has_put_serves_too(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    first = blobs.put_bytes(b"shared")
    monkeypatch.setattr(os, "utime", refuse)
    assert blobs.put_bytes(b"shared") == first


def test_a_stored_content_may_not_be_written(blobs: BlobStore) -> None:
    sha256, _ = blobs.put_bytes(b"x")
    assert os.stat(blobs.path_of(sha256)).st_mode & 0o222 == 0


def test_concurrent_puts_of_one_content_agree(blobs: BlobStore) -> None:
    content = os.urandom(200_000)
    results: list[tuple[str, int]] = []
    threads = [threading.Thread(target=lambda: results.append(blobs.put_bytes(content))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert len(set(results)) == 1
    assert len(files(blobs)) == 1
    assert blobs.is_intact(results[0][0])


def test_damage_is_detected_and_never_handed_out(blobs: BlobStore, tmp_path: Path) -> None:
    sha256, _ = blobs.put_bytes(b"weights")
    path = blobs.path_of(sha256)
    os.chmod(path, 0o644)
    Path(path).write_bytes(b"weighty")
    assert not blobs.is_intact(sha256)
    target = tmp_path / "out"
    with pytest.raises(StoreError, match="damaged"):
        blobs.copy_out(sha256, str(target))
    assert [entry for entry in os.listdir(tmp_path) if entry.startswith("out")] == []


def test_a_content_is_copied_out_whole_or_not_at_all(blobs: BlobStore, tmp_path: Path) -> None:
    sha256, _ = blobs.put_bytes(b"weights")
    target = tmp_path / "out"
    target.write_bytes(b"before")
    blobs.copy_out(sha256, str(target))
    assert target.read_bytes() == b"weights"
    with pytest.raises(StoreError):
        blobs.copy_out(sha256, str(tmp_path / "missing" / "out"))


def test_missing_contents_and_strange_hashes_are_errors(blobs: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(ArtifactNotFoundError, match="missing"):
        blobs.open("0" * 64)
    with pytest.raises(ArtifactNotFoundError):
        blobs.copy_out("0" * 64, str(tmp_path / "out"))
    for text in ("", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 63 + "/"):
        with pytest.raises(InputError, match="no SHA-256"):
            blobs.path_of(text)


def test_what_cannot_be_read_is_the_users_error(blobs: BlobStore, tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(InputError, match="cannot read"):
            blobs.put_file(str(path))
    assert list(blobs.each()) == []


def test_a_file_system_full_of_contents_leaves_no_halves(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 512) as disk:
        blobs = BlobStore(create_project(str(disk)))
        kept, _ = blobs.put_bytes(b"kept")
        filler = fill(disk)
        with pytest.raises(DiskFullError):
            blobs.put_bytes(bytes(100_000))
        assert len(files(blobs)) == 1
        filler.unlink()
        blobs.put_bytes(bytes(100_000))
        assert blobs.is_intact(kept)


def test_a_store_without_contents_has_none(blobs: BlobStore) -> None:
    assert list(blobs.each()) == []
