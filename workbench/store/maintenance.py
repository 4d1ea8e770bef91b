"""Looking after a store: its size, its integrity, its order, and what nothing refers to any more."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection as Connection

from workbench.base.errors import WorkbenchError
from workbench.journal.block import TORN
from workbench.journal.reader import read_journal
from workbench.store.blobs import BlobStore
from workbench.store.pack import KEEP_DAYS, PackReport, pack
from workbench.store.pending import live_files, sealed_files
from workbench.store.segments import file_sha256, list_segments, read_manifest
from workbench.store.store import Store
from workbench.store.visit import reading_anyhow

# A content without a reference may belong to an artifact that is being logged at this moment.
UNREFERENCED_AFTER_S = 24 * 3600


@dataclass
class SizeReport:
    """Bytes and numbers of files by kind, and points by metric table."""

    journals: int = 0
    journal_bytes: int = 0
    segments: int = 0
    segment_bytes: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    cache_bytes: int = 0
    runs: int = 0
    points: int = 0

    @property
    def total_bytes(self) -> int:
        """Everything together."""
        return self.journal_bytes + self.segment_bytes + self.blob_bytes + self.cache_bytes


def measure_size(store: Store) -> SizeReport:
    """How much space the store takes, and for what."""
    report = SizeReport(cache_bytes=store.size_bytes())
    for _, _, size in _journals(store):
        report.journals += 1
        report.journal_bytes += size
    for segment_id in list_segments(store.project):
        report.segments += 1
        for suffix in (".parquet", ".json"):
            report.segment_bytes += os.path.getsize(os.path.join(store.project.segment_dir, segment_id + suffix))
    for _, size, _ in BlobStore(store.project).each():
        report.blobs += 1
        report.blob_bytes += size
    with reading_anyhow(store) as db:
        report.runs = _count(db, "SELECT count(*) FROM run")
        report.points = _count(db, "SELECT coalesce(sum(n), 0)::BIGINT FROM metric_summary")
    return report


@dataclass
class VerifyReport:
    """What verification found; `problems` is empty for a sound store."""

    journals: int = 0
    segments: int = 0
    blobs: int = 0
    points: int = 0
    problems: list[str] = field(default_factory=list)


def verify(store: Store, progress: Callable[[str], None] = lambda text: None) -> VerifyReport:
    """Read every journal, segment and content again and compare them with their checksums and with the store."""
    report = VerifyReport()
    for name, path, _ in _journals(store):
        progress(f"journal {name}")
        report.journals += 1
        for start, end, reason in read_journal(path).gaps:
            if reason == TORN:  # the last block of a killed writer, which nobody was told is written
                continue
            report.problems.append(f"journal {name}: bytes {start} to {end} are lost ({reason})")
    for segment_id in list_segments(store.project):
        progress(f"segment {segment_id}")
        report.segments += 1
        try:
            segment = read_manifest(store.project, segment_id)
            if file_sha256(segment.path) != segment.sha256:
                report.problems.append(f"segment {segment_id}: its bytes do not have the recorded hash")
        except FileNotFoundError:
            report.problems.append(f"segment {segment_id}: its Parquet file is missing")
        except WorkbenchError as error:
            report.problems.append(error.message)
    blobs = BlobStore(store.project)
    stored = set()
    for sha256, _, _ in blobs.each():
        progress(f"content {sha256[:12]}")
        report.blobs += 1
        stored.add(sha256)
        if not blobs.is_intact(sha256):
            report.problems.append(f"content {sha256[:12]}…: its bytes are damaged")
    with reading_anyhow(store) as db:
        rows = db.execute(
            "SELECT r.uid, a.path, a.sha256 FROM artifact a JOIN run r USING (run_id) WHERE a.sha256 IS NOT NULL"
        ).fetchall()
        for uid, path, sha256 in rows:
            if sha256 not in stored:
                report.problems.append(f"artifact {path} of run {uid[:8]}: its content is missing")
        report.points = _count(db, "SELECT count(*) FROM metric")
        summed = _count(db, "SELECT coalesce(sum(n), 0)::BIGINT FROM metric_summary")
        if report.points != summed:
            report.problems.append(f"the cache holds {report.points} points and sums up {summed}: store rebuild")
        read = db.execute("SELECT name, off FROM journal WHERE segment IS NULL ORDER BY name").fetchall()
    sizes = {name: size for name, _, size in _journals(store)}
    for name, read_bytes in read:
        lost = read_bytes - sizes.get(name, read_bytes)
        if lost > 0:
            report.problems.append(f"journal {name}: its last {lost} bytes, which were read before, are gone")
    return report


@dataclass
class GarbageReport:
    """Contents that nothing refers to: how many, how large, and whether they were removed."""

    blobs: int = 0
    size_bytes: int = 0
    removed: bool = False


def collect_garbage(store: Store, *, dry_run: bool) -> GarbageReport:
    """Remove contents that no run refers to and that are older than a day.

    Raises:
        StoreError: the references cannot be read; nothing is removed then.
    """
    with store.reading() as db:
        referenced = referenced_contents(db)
    report = GarbageReport(removed=not dry_run)
    blobs = BlobStore(store.project)
    limit = time.time() - UNREFERENCED_AFTER_S
    for sha256, size, modified in blobs.each():
        if sha256 in referenced or modified > limit:
            continue
        report.blobs += 1
        report.size_bytes += size
        if not dry_run:
            os.unlink(blobs.path_of(sha256))
    return report


def referenced_contents(db: Connection) -> set[str]:
    """Every SHA-256 that an artifact, a dataset or a capture of a run, or a model, refers to."""
    rows = db.execute(
        """
        SELECT sha256 FROM artifact WHERE sha256 IS NOT NULL
        UNION SELECT unnest(regexp_extract_all(value, '[0-9a-f]{64}')) FROM capture
        UNION SELECT unnest(regexp_extract_all(detail, '[0-9a-f]{64}')) FROM dataset
        UNION SELECT unnest(regexp_extract_all(value, '[0-9a-f]{64}')) FROM entity_field WHERE value IS NOT NULL
        """
    ).fetchall()
    return {row[0] for row in rows}


def compact(store: Store, *, older_than_days: float = KEEP_DAYS) -> PackReport:
    """Pack old sealed journals into segments, and write the DuckDB file anew, sorted and without free space.

    Raises:
        StoreError: a segment or the file cannot be written; nothing is lost.
    """
    store.ingest()
    report = pack(store.project, older_than_days=older_than_days)
    store.rewrite()
    return report


def _journals(store: Store) -> list[tuple[str, str, int]]:
    # Live ones first: one that is moved meanwhile is then met twice, not missed.
    files = live_files(store.project.journal_dir) + sealed_files(store.project.journal_dir)
    return list({file[0]: file for file in files}.values())


def _count(db: Connection, query: str) -> int:
    return int(db.execute(query).fetchall()[0][0])
