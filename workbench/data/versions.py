"""Datasets and their versions as they are recorded, and finding them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workbench.base.errors import NotFoundError
from workbench.store.dataset_versions import DATASET, dataset_outlines, registered_as, runs_using, version_fields
from workbench.store.entities import read_entities
from workbench.store.hints import near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

TAG = "tag."
"""What the fields of tags begin with."""

__all__ = [
    "Dataset",
    "DatasetNotFoundError",
    "DatasetVersion",
    "dataset_id",
    "dataset_outlines",
    "datasets",
    "datasets_by_id",
    "find_dataset",
    "registered_as",
    "runs_using",
    "version_id",
    "versions_of",
]


class DatasetNotFoundError(NotFoundError):
    """No dataset has this name, or it has no such version."""


@dataclass(frozen=True)
class Dataset:
    """A name under which versions count up.

    Attributes:
        id: the same wherever a dataset of this name is made, so that two copies of a project merge into one.
        name: what people call it.
        created_us: microseconds since the epoch.
        description: what is to be said about it.
        tags: by key.
    """

    id: str
    name: str
    created_us: int
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetVersion:
    """One content of a dataset.

    Attributes:
        id: made of the dataset and the digest, so that the same content is the same version everywhere.
        dataset_id, name: of the dataset.
        number: 1, 2, 3 …
        digest: `sha256:…` of the file, or of the manifest of a folder; the same that runs record.
        folder: whether it is a folder rather than one file.
        size_bytes, file_count: of all files.
        format: csv, parquet …; `folder` or `file` where it is no table.
        rows: None where it is no table.
        path: where it was registered from: relative to the project where it lies below it, or an address.
        copied: whether the project has the bytes.
        created_us, who: when and by whom it was registered.
        description: what is to be said about it.
        column_count: 0 where it is no table.
        profile: SHA-256 of the stored profile, or None.
        removed_us: when it was removed, or None.
        columns: `[{"name", "type"}]`.
        notes: what was done to read it.
        files: the manifest, `[name, size in bytes, SHA-256]` each; these three are empty where they were not asked for.
    """

    id: str
    dataset_id: str
    name: str
    number: int
    digest: str
    folder: bool
    size_bytes: int
    file_count: int
    format: str
    rows: int | None
    path: str
    copied: bool
    created_us: int
    who: str
    description: str = ""
    column_count: int = 0
    profile: str | None = None
    removed_us: int | None = None
    columns: tuple[dict[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[tuple[str, int, str], ...] = ()

    @property
    def reference(self) -> str:
        """`transactions@v3`."""
        return f"{self.name}@v{self.number}"


def dataset_id(name: str) -> str:
    """The id of the dataset of this name."""
    return sha256(f"dataset\0{name}".encode()).hexdigest()[:32]


def version_id(dataset: str, digest: str) -> str:
    """The id of the version of a dataset that has this content."""
    return sha256(f"version\0{dataset}\0{digest}".encode()).hexdigest()[:32]


def datasets(db: Connection) -> list[Dataset]:
    """All datasets that have a version, by name."""
    present = {fields["dataset"] for fields in version_fields(db).values() if "removed_us" not in fields}
    found = [_dataset(key, fields) for key, fields in read_entities(db, DATASET).items() if key in present]
    return sorted(found, key=lambda dataset: dataset.name)


def datasets_by_id(db: Connection, ids: Sequence[str]) -> dict[str, Dataset]:
    """These datasets, by their ids."""
    return {key: _dataset(key, fields) for key, fields in read_entities(db, DATASET, ids).items()}


def find_dataset(db: Connection, name: str) -> Dataset:
    """The dataset of this name.

    Raises:
        DatasetNotFoundError: there is none; the hint names those that look like it.
    """
    key = dataset_id(name)
    fields = read_entities(db, DATASET, [key]).get(key)
    if fields is None or not versions_of(db, key):
        names = [dataset.name for dataset in datasets(db)]
        hint = near_matches(name, names) or ("workbench data list" if names else f"workbench data add PATH {name}")
        raise DatasetNotFoundError(f"no dataset is called {name}", hint)
    return _dataset(key, fields)


def versions_of(
    db: Connection,
    dataset: str | None = None,
    *,
    ids: Sequence[str] | None = None,
    whole: bool = False,
    removed: bool = False,
) -> list[DatasetVersion]:
    """Versions, those of each dataset in the order of their numbers.

    Where two copies of a project gave the same number to different contents, the one registered first has it; the other
    is found by its digest.

    Args:
        dataset: only those of the dataset with this id.
        ids: only these.
        whole: with columns, notes and files.
        removed: also those that were removed.
    """
    names = {key: fields.get("name", "") for key, fields in read_entities(db, DATASET).items()}
    found = [
        _version(key, names.get(fields["dataset"], ""), fields)
        for key, fields in version_fields(db, dataset=dataset, ids=ids, whole=whole).items()
        if "number" in fields and (removed or "removed_us" not in fields)
    ]
    return sorted(found, key=lambda version: (version.name, version.number, version.created_us, version.id))


def _dataset(id: str, fields: dict[str, Any]) -> Dataset:
    tags = {name.removeprefix(TAG): value for name, value in sorted(fields.items()) if name.startswith(TAG)}
    return Dataset(id, fields.get("name", ""), fields.get("created_us", 0), fields.get("description", ""), tags)


def _version(id: str, name: str, fields: dict[str, Any]) -> DatasetVersion:
    return DatasetVersion(
        id=id,
        dataset_id=fields["dataset"],
        name=name,
        number=fields["number"],
        digest=fields.get("digest", ""),
        folder=bool(fields.get("folder")),
        size_bytes=fields.get("size_bytes", 0),
        file_count=fields.get("file_count", 0),
        format=fields.get("format", "file"),
        rows=fields.get("rows"),
        path=fields.get("path", ""),
        copied=bool(fields.get("copied")),
        created_us=fields.get("created_us", 0),
        who=fields.get("who", ""),
        description=fields.get("description", ""),
        column_count=fields.get("column_count", 0),
        profile=fields.get("profile"),
        removed_us=fields.get("removed_us"),
        columns=tuple(fields.get("columns", ())),
        notes=tuple(fields.get("notes", ())),
        files=tuple((str(name), int(size), str(digest)) for name, size, digest in fields.get("files", ())),
    )
