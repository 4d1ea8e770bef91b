from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import write_run
from tests.conftest import FakeClock
from workbench.base.errors import (
    AmbiguousNameError,
    InputError,
    StillReferencedError,
    StoreError,
)
from workbench.base.jsonvalue import dumps
from workbench.base.project import Project
from workbench.data.datasets import Added, add, read_content, remove
from workbench.data.documents import dataset_document, dataset_page, dataset_rows
from workbench.data.loading import dataset
from workbench.data.materialising import ContentMissingError, checkout, data_path, glance, stored_profile
from workbench.data.profiles import profile
from workbench.data.references import is_reference, resolve_data, suggestions
from workbench.data.versions import DatasetNotFoundError, DatasetVersion, versions_of
from workbench.store.blobs import BlobStore
from workbench.store.maintenance import collect_garbage
from workbench.store.store import Store
from workbench.store.writing import write_events
from workbench.tracking.datasets import dataset_event


class Desk:
    """A project in which data are registered."""

    def __init__(self, project: Project, clock: FakeClock) -> None:
        self.project = project
        self.clock = clock

    def add(self, path: str, name: str = "tx", content: str | None = None, **options: Any) -> Added:
        """Register a file, which is written first where there is a content."""
        if content is not None:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(content)
        self.clock.advance(1)
        found = read_content(self.project, path)
        made = profile(path) if options.pop("profiled", False) else None
        with Store(self.project).reading() as db:
            return add(db, self.project, found, name, profile=made, **options)

    def version(self, reference: str) -> DatasetVersion:
        """A version with everything that is known of it."""
        with Store(self.project).reading() as db:
            return resolve_data(db, reference)

    def remove(self, reference: str) -> list[str]:
        """Take versions out; their references."""
        self.clock.advance(1)
        with Store(self.project).reading() as db:
            return [one.reference for one in remove(db, self.project, reference)]


@pytest.fixture
def desk(project: Project, clock: FakeClock) -> Desk:
    """An empty project."""
    return Desk(project, clock)


def test_versions_count_up_and_the_same_content_is_the_same_version(desk: Desk) -> None:
    assert desk.add("a.csv", content="a\n1\n").version.reference == "tx@v1"
    assert desk.add("a.csv", content="a\n2\n").version.reference == "tx@v2"
    again = desk.add("b.csv", content="a\n1\n")
    assert (again.version.reference, again.is_new) == ("tx@v1", False)
    assert desk.version("tx").number == 2
    assert desk.add("b.csv", "other").version.reference == "other@v1"


def test_what_is_found_out_is_kept(desk: Desk) -> None:
    desk.add("a.csv", content="a,b\n1,x\n2,y\n", profiled=True, description="first", tags={"team": "risk"})
    version = desk.version("tx@v1")
    assert (version.rows, version.format, version.column_count) == (2, "csv", 2)
    assert version.columns == ({"name": "a", "type": "Int64"}, {"name": "b", "type": "String"})
    assert version.digest.startswith("sha256:") and version.path == "a.csv" and version.who
    found = stored_profile(desk.project, version)
    assert found is not None and found["rows"] == 2
    with Store(desk.project).reading() as db:
        [row] = dataset_rows(db)
    assert (row["name"], row["tags"], row["description"]) == ("tx", {"team": "risk"}, "first")


def test_datasets_come_by_pages_the_newest_first(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.add(f"{name}.csv", name, content=f"{name}\n1\n")
    desk.add("a.csv", "a", content="a\n2\n")
    desk.remove("b@v1")
    with Store(desk.project).reading() as db:
        every = dataset_rows(db)
        assert dataset_page(db, 1, 1) == (2, every[1:2])
        assert dataset_page(db, 2, 5) == (2, [])
    assert [(row["name"], row["versions"], row["newest"]["version"]) for row in every] == [("a", 2, 2), ("c", 1, 1)]


def test_a_glance_at_an_original_reads_nothing(desk: Desk) -> None:
    version = desk.add("a.csv", content="a\n1\n").version
    assert glance(desk.project, version) == "there"
    Path("a.csv").write_text("a\n1\n2\n")
    assert glance(desk.project, version) == "changed"
    os.remove("a.csv")
    assert glance(desk.project, version) == "gone"
    assert glance(desk.project, replace(version, path="s3://bucket/a.csv")) == "remote"


def test_a_folder_is_a_manifest_of_its_files(desk: Desk) -> None:
    for name in ("one.png", "two/three.png"):
        Path("images", name).parent.mkdir(parents=True, exist_ok=True)
        Path("images", name).write_bytes(name.encode())
    version = desk.add("images", "digits").version
    assert (version.folder, version.file_count, version.format) == (True, 2, "folder")
    os.rename("images/one.png", "images/four.png")
    assert desk.add("images", "digits").version.number == 2
    with pytest.raises(InputError, match="has no files"):
        Path("none").mkdir()
        desk.add("none", "digits")


@pytest.mark.parametrize("path", ["train.parquet", "folder"])
def test_the_digest_is_the_one_that_runs_record(desk: Desk, path: str) -> None:
    target = Path(path) if "." in path else Path(path, "a", "b.txt")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"x")
    (target.parent.parent / "a.txt").write_bytes(b"y")
    event = dataset_event(desk.project, path)
    assert desk.add(path).version.digest == event["digest"]


def test_runs_and_models_find_the_versions_that_they_used(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n")
    uid = "a" * 32
    write_run(desk.project, uid, [dataset_event(desk.project, "a.csv", "training")], clock=desk.clock)
    with Store(desk.project).reading() as db:
        [version] = dataset_document(db, "tx")["versions"]
        from workbench.store.documents import run_documents

        [run] = run_documents(db, [uid])
    assert [(one["run_id"], one["as"]) for one in version["runs"]] == [(uid, "training")]
    assert run["datasets"][0]["registered"] == ["tx@v1"]
    with pytest.raises(StillReferencedError, match="tx@v1 is used by run brave-otter"):
        desk.remove("tx")


def test_what_was_removed_is_gone_and_its_number_is_not_given_again(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n", copy=True)
    desk.add("a.csv", content="a\n2\n")
    assert desk.remove("tx@v2") == ["tx@v2"]
    assert desk.add("a.csv", content="a\n3\n").version.number == 3
    assert desk.add("a.csv", content="a\n2\n").version.number == 2
    assert desk.remove("tx") == ["tx@v1", "tx@v2", "tx@v3"]
    with pytest.raises(DatasetNotFoundError, match="no dataset is called tx"):
        desk.version("tx")


def test_copies_stay_while_a_version_has_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.store.maintenance.UNREFERENCED_AFTER_S", -10)
    added = desk.add("a.csv", content="a\n1\n", copy=True, profiled=True)
    assert sum(added.copies.values()) == 1
    store = Store(desk.project)
    assert collect_garbage(store, dry_run=False).blobs == 0
    desk.remove("tx")
    assert collect_garbage(store, dry_run=False).blobs == 2
    assert list(BlobStore(desk.project).each()) == []


def test_a_copy_can_be_added_later(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n")
    assert not desk.version("tx").copied
    added = desk.add("a.csv", copy=True)
    assert not added.is_new and desk.version("tx").copied


def test_a_version_is_read_where_it_still_is_and_from_the_copy_elsewhere(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n", copy=True, profiled=True)
    version = desk.version("tx")
    assert os.path.samefile(data_path(desk.project, version), "a.csv")
    Path("a.csv").write_text("a\n7\n")
    path = data_path(desk.project, version)
    assert os.path.basename(path) == "a.csv" and Path(path).read_text() == "a\n1\n"
    handle = dataset("tx@v1")
    assert Path(handle).read_text() == "a\n1\n" and handle.scan().collect().to_dict(as_series=False) == {"a": [1]}


def test_without_a_copy_a_changed_original_is_told(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n")
    Path("a.csv").write_text("a\n7\n")
    with pytest.raises(ContentMissingError, match=r"tx@v1 is no longer at a\.csv"):
        data_path(desk.project, desk.version("tx"))
    with pytest.raises(ContentMissingError):
        checkout(desk.project, desk.version("tx"), "out.csv")
    assert not os.path.exists("out.csv")
    Path("moved.csv").write_text("a\n1\n")
    desk.add("moved.csv")
    assert checkout(desk.project, desk.version("tx"), "out.csv") == "original"


@pytest.mark.parametrize("lost", [False, True])
def test_a_folder_comes_back_as_it_was(desk: Desk, lost: bool) -> None:
    for name, text in (("x/a.csv", "a\n1\n"), ("x/b/c.csv", "a\n2\n")):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    desk.add("x", copy=True)
    if lost:
        Path("x/a.csv").write_text("lost")
    assert checkout(desk.project, desk.version("tx"), "y") == ("copy" if lost else "original")
    assert Path("y/a.csv").read_text() == "a\n1\n" and Path("y/b/c.csv").read_text() == "a\n2\n"
    assert read_content(desk.project, "y").digest == desk.version("tx").digest
    assert os.access("y/a.csv", os.W_OK)


def test_nothing_is_overwritten_unasked(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n")
    Path("b.csv").write_text("mine")
    version = desk.version("tx")
    with pytest.raises(InputError, match=r"b\.csv is there already"):
        checkout(desk.project, version, "b.csv")
    assert Path("b.csv").read_text() == "mine"
    assert checkout(desk.project, version, "b.csv", force=True) == "original"
    assert checkout(desk.project, version, "b.csv") == "present"


def test_damaged_copies_are_not_written_out(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n", copy=True)
    version = desk.version("tx")
    os.unlink("a.csv")
    blob = BlobStore(desk.project).path_of(version.files[0][2])
    os.chmod(blob, 0o644)
    Path(blob).write_text("a\n9\n")
    with pytest.raises(StoreError, match="damaged"):
        checkout(desk.project, version, "out.csv")
    assert sorted(os.listdir()) == [name for name in sorted(os.listdir()) if not name.startswith("out")]


def test_a_manifest_cannot_lead_out_of_its_folder(desk: Desk) -> None:
    Path("x/sub").mkdir(parents=True)
    Path("x/sub/a").write_text("1")
    desk.add("x", copy=True)
    version = desk.version("tx")
    evil = DatasetVersion(**{**vars(version), "files": (("../evil", 1, version.files[0][2]),)})
    os.unlink("x/sub/a")
    with pytest.raises(StoreError, match="does not lie within"):
        checkout(desk.project, evil, "out/deep")
    assert not os.path.exists("out/evil")


def test_references_name_versions(desk: Desk) -> None:
    for number in range(1, 4):
        desk.add("a.csv", content=f"a\n{number}\n")
    digest = desk.version("tx@v2").digest
    for reference, number in (("tx", 3), ("tx@latest", 3), ("tx@v1", 1), ("tx@2", 2), (f"tx@{digest[:20]}", 2)):
        assert desk.version(reference).number == number
    with pytest.raises(DatasetNotFoundError, match="no version v9"):
        desk.version("tx@v9")
    with pytest.raises(DatasetNotFoundError, match="no dataset is called txx") as raised:
        desk.version("txx")
    assert raised.value.hint == "did you mean tx?"
    with pytest.raises(InputError, match="names no version"):
        desk.version("tx@nope!")
    with Store(desk.project).reading() as db:
        assert suggestions(db, "t") == ["tx"]
        assert suggestions(db, "tx@v") == ["tx@v1", "tx@v2", "tx@v3"]
    assert is_reference("tx@v1") and not is_reference("a.csv") and not is_reference("*.csv")
    assert not is_reference("s3://bucket/a.csv")


def test_two_copies_of_a_project_merge_and_a_number_given_twice_stays_with_the_first(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n")
    first = desk.version("tx")
    fields = {
        "dataset": first.dataset_id,
        "number": 1,
        "digest": "sha256:" + "e" * 64,
        "created_us": first.created_us + 5,
    }
    write_events(
        desk.project,
        [
            {"e": "ent", "kind": "dataset_version", "id": "f" * 32, "name": k, "value": v, "t": 1}
            for k, v in fields.items()
        ],
    )
    assert desk.version("tx@v1").digest == first.digest
    assert desk.version("tx@eeeeee").digest.endswith("e")
    with Store(desk.project).reading() as db:
        assert [one.number for one in versions_of(db, first.dataset_id)] == [1, 1]


def test_digits_that_fit_two_contents_are_told(desk: Desk) -> None:
    desk.add("a.csv", content="a\n1\n")
    digest = desk.version("tx").digest
    fields = {"dataset": desk.version("tx").dataset_id, "number": 2, "digest": digest[:-1] + "!"}
    write_events(
        desk.project,
        [
            {"e": "ent", "kind": "dataset_version", "id": "f" * 32, "name": k, "value": v, "t": 1}
            for k, v in fields.items()
        ],
    )
    with pytest.raises(AmbiguousNameError):
        desk.version(f"tx@{digest[:20]}")


@pytest.mark.parametrize("name", ["", "a b", "a@b", "-x", "a/b", "x" * 101])
def test_odd_names_are_refused(desk: Desk, name: str) -> None:
    Path("a.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match="is no name for a dataset"):
        desk.add("a.csv", name)


def test_what_is_nowhere_is_told(desk: Desk) -> None:
    with pytest.raises(InputError, match=r"there is no file nope\.csv"):
        read_content(desk.project, "nope.csv")


def test_remote_data_are_registered_by_their_address(desk: Desk) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/shop/a.csv", b"a\n1\n")
    memory.pipe("/shop/b/c.csv", b"a\n2\n")
    version = desk.add("memory://shop", "remote").version
    assert (version.path, version.file_count) == ("memory://shop", 2)
    assert [name for name, _, _ in desk.version("remote").files] == ["a.csv", "b/c.csv"]
    assert checkout(desk.project, desk.version("remote"), "out") == "original"
    assert Path("out/b/c.csv").read_text() == "a\n2\n"
    assert desk.add("out", "remote").version.number == 1


def test_profiles_hold_no_personal_values(desk: Desk) -> None:
    desk.add("a.csv", content="mail\nada@example.org\nada@example.org\n", profiled=True)
    found = stored_profile(desk.project, desk.version("tx"))
    assert "ada@example.org" not in dumps(found) and "aaa@aaaaaaa.aaa" in dumps(found)
