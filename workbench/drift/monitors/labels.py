"""Labels that come later than the predictions: kept in the project, and joined to windows when they are looked at."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.base.errors import InputError
from workbench.base.ids import new_writer_id
from workbench.base.project import Project
from workbench.drift.monitors.monitor import Monitor
from workbench.store.blobs import BlobStore
from workbench.store.entities import ids_with, read_entities
from workbench.store.writing import project_journal

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection as Connection

KIND = "monitor_labels"
VALUE = "label"


@dataclass(frozen=True)
class Delivery:
    """Labels that came together.

    Attributes:
        at_us: when, microseconds since the epoch.
        sha256: of the Parquet file with columns `key_0`, … and `label`.
        keys: how many columns name a row.
        rows: how many labels.
        first_us, last_us: the times of the rows that they are of; None where that is not known.
    """

    at_us: int
    sha256: str
    keys: int
    rows: int
    first_us: int | None = None
    last_us: int | None = None

    def touches(self, start_us: int | None, end_us: int | None) -> bool:
        """Whether a window may have rows that these labels are of."""
        if start_us is None or end_us is None or self.first_us is None or self.last_us is None:
            return True
        return self.first_us < end_us and start_us <= self.last_us


@dataclass(frozen=True)
class Told:
    """What there is to say about labels that came: how many, of known rows, of unknown keys, twice, contradicting."""

    rows: int
    known: int
    unknown: int
    duplicates: int
    contradicting: int
    nulls: int


class Labels:
    """All labels of a monitor, the newest last."""

    def __init__(self, project: Project, deliveries: list[Delivery]) -> None:
        self._project = project
        self.deliveries = deliveries

    @property
    def newest_us(self) -> int:
        """When the newest came, microseconds since the epoch; 0 without any."""
        return max((one.at_us for one in self.deliveries), default=0)

    @property
    def keys(self) -> list[str]:
        """The columns that name a row."""
        return key_names(self.deliveries[0].keys if self.deliveries else 1)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Keys and labels, as texts where deliveries have several types."""
        import polars as pl

        blobs = BlobStore(self._project)
        frames = []
        for one in self.deliveries:
            with blobs.open(one.sha256) as file:
                frames.append(pl.read_parquet(file.read()))
        if len({tuple(frame.schema.items()) for frame in frames}) > 1:
            frames = [frame.with_columns(pl.all().cast(pl.String)) for frame in frames]
        return pl.concat(frames)

    def newer_than(self, labels_us: int, start_us: int | None, end_us: int | None) -> bool:
        """Whether labels of a window came later than those that it was computed with."""
        return any(one.at_us > labels_us and one.touches(start_us, end_us) for one in self.deliveries)


def key_names(count: int) -> list[str]:
    """What stored columns of keys are called."""
    return [f"key_{number}" for number in range(count)]


def labels_of(db: Connection, project: Project, monitor: Monitor) -> Labels:
    """The labels that came for a monitor."""
    ids = ids_with(db, KIND, "monitor", [monitor.id]).get(monitor.id, [])
    names = ("at_us", "sha256", "keys", "rows", "first_us", "last_us")
    found = [
        Delivery(**{name: fields[name] for name in names if name in fields})
        for fields in read_entities(db, KIND, ids).values()
        if "sha256" in fields
    ]
    return Labels(project, sorted(found, key=lambda one: (one.at_us, one.sha256)))


def keep_labels(
    project: Project,
    monitor: Monitor,
    known: Labels,
    paths: str,
    keys: list[str],
    label: str,
    rows: pl.DataFrame | None,
    who: str,
) -> Told:
    """Store labels of a file; the next run of the monitor computes the windows anew that they are of.

    Args:
        known: those that came before.
        keys, label: columns of the file.
        rows: keys of the rows that there are, as `key_0`, …, and `ts` where they have a time, microseconds since the
            epoch; None where the source cannot be read now.

    Raises:
        InputError: the file cannot be read, lacks a column or has other keys than those before.
        StoreError: they cannot be written.
    """
    import polars as pl

    from workbench.drift.performance.labels import joined, read_labels

    if known.deliveries and known.deliveries[0].keys != len(keys):
        raise InputError(
            f"the labels before have {known.deliveries[0].keys} columns of keys, these {len(keys)}", "--key COLUMN"
        )
    names = key_names(len(keys))
    frame = read_labels(paths, keys, label).select(
        *(pl.col(key).alias(name) for key, name in zip(keys, names, strict=True)), pl.col(label).alias(VALUE)
    )
    span: dict[str, int] = {}
    empty = pl.DataFrame(schema={name: frame.schema[name] for name in names})
    found = joined((empty if rows is None else rows), frame, names, VALUE)
    has = found.frame.filter(pl.col(VALUE).is_not_null())
    if rows is not None and "ts" in rows.columns and has.height:
        times = has.get_column("ts").sort()
        span = {"first_us": int(times[0]), "last_us": int(times[-1])}
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    sha256, _ = BlobStore(project).put_bytes(buffer.getvalue())
    fields = {"monitor": monitor.id, "sha256": sha256, "keys": len(keys), "rows": frame.height, "who": who, **span}
    with project_journal(project) as journal:
        journal.set_fields((KIND, new_writer_id(), {**fields, "at_us": max(now_us(), known.newest_us + 1)}))
    named = frame.height - found.nulls - found.duplicates
    return Told(
        frame.height, max(0, named - found.unknown), found.unknown, found.duplicates, found.contradicting, found.nulls
    )
