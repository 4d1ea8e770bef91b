"""The artifacts of runs."""

from __future__ import annotations

import pytest
from duckdb import DuckDBPyConnection as Connection

from tests.store.synthetic import add_run, empty_store
from workbench.base.errors import ArtifactNotFoundError
from workbench.store.artifacts import list_artifacts, require_artifacts

UID = "a" * 32


@pytest.fixture
def db() -> Connection:
    db = empty_store()
    add_run(db, "a", uid=UID, artifacts=["model/MLmodel", "model/data/w.bin", "roc.png", "models.txt"])
    add_run(db, "b", uid="b" * 32)
    return db


def test_artifacts_are_listed_by_path_and_folder(db: Connection) -> None:
    assert [one.path for one in list_artifacts(db, UID)] == [
        "model/MLmodel",
        "model/data/w.bin",
        "models.txt",
        "roc.png",
    ]
    assert [one.path for one in list_artifacts(db, UID, "model/")] == ["model/MLmodel", "model/data/w.bin"]
    assert [one.path for one in list_artifacts(db, UID, "roc.png")] == ["roc.png"]
    assert list_artifacts(db, UID, "mod") == []


@pytest.mark.parametrize(
    ("uid", "path", "message", "hint"),
    [
        (UID, "rok.png", "has no artifact rok.png", "did you mean roc.png?"),
        (UID, "model/dta", "has no artifact", "did you mean model/data or model/data/w.bin or model?"),
        (UID, "zzz", "has no artifact", "workbench runs artifacts aaaaaaaa"),
        ("b" * 32, "x", "run bbbbbbbb has no artifacts", None),
    ],
)  # fmt: skip
def test_what_is_not_there_is_explained(db: Connection, uid: str, path: str, message: str, hint: str | None) -> None:
    with pytest.raises(ArtifactNotFoundError) as caught:
        require_artifacts(db, uid, path)
    assert message in caught.value.message
    assert caught.value.hint == hint


def test_a_folder_can_be_required(db: Connection) -> None:
    assert len(require_artifacts(db, UID, "model")) == 2
    with pytest.raises(ArtifactNotFoundError):
        require_artifacts(db, UID, "modell")
