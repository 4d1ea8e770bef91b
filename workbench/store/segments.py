"""Segments: sealed journals packed into Parquet, a tenth of their size.

`segments/<id>.parquet` holds every line of its journals as typed columns; `<id>.json` lists them
with the hash of the Parquet file. A segment is immutable, and a journal that is both in a segment
and on its own is one journal: the name is the identity.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from duckdb import DuckDBPyConnection as Connection

from workbench.base.errors import StoreUnusableError
from workbench.base.jsonvalue import dumps, loads
from workbench.base.project import Project
from workbench.store.location import exact
from workbench.store.pending import Piece

FORMAT = 1


@dataclass
class PackedJournal:
    """One journal in a segment, as its manifest lists it."""

    name: str
    size_bytes: int
    running_crc: int
    opened: dict[str, object]
    gaps: list[tuple[int, int, str]]


@dataclass
class Segment:
    """A segment's manifest."""

    segment_id: str
    path: str
    sha256: str
    rows: int
    journals: list[PackedJournal]


def list_segments(project: Project) -> list[str]:
    """The ids of the project's complete segments."""
    try:
        names = os.listdir(project.segment_dir)
    except FileNotFoundError:
        return []
    return sorted(name[: -len(".json")] for name in names if name.endswith(".json") and not name.startswith("."))


def read_manifest(project: Project, segment_id: str) -> Segment:
    """The manifest of a segment.

    Raises:
        StoreUnusableError: it is damaged.
    """
    path = os.path.join(project.segment_dir, f"{segment_id}.json")
    try:
        with open(path, "rb") as file:
            document = loads(file.read())
        assert isinstance(document, dict)
        journals = [
            PackedJournal(j["name"], j["size"], j["running_crc"], j["opened"], [tuple(g) for g in j["gaps"]])
            for j in document["journals"]
        ]
        parquet = os.path.join(project.segment_dir, f"{segment_id}.parquet")
        return Segment(segment_id, parquet, document["sha256"], document["rows"], journals)
    except (OSError, ValueError, KeyError, AssertionError, TypeError) as error:
        raise StoreUnusableError(f"the segment {path} is damaged: {error}", "restore it from a copy") from None


def write_manifest(project: Project, segment: Segment) -> None:
    """Write a segment's manifest, after which the segment counts."""
    document = {
        "format": FORMAT,
        "sha256": segment.sha256,
        "rows": segment.rows,
        "journals": [
            {"name": j.name, "size": j.size_bytes, "running_crc": j.running_crc, "opened": j.opened, "gaps": j.gaps}
            for j in segment.journals
        ],
    }
    path = os.path.join(project.segment_dir, f"{segment.segment_id}.json")
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write(dumps(document))
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)
    folder = os.open(project.segment_dir, os.O_RDONLY)
    try:
        os.fsync(folder)  # both names are on the disk before the journals are removed
    finally:
        os.close(folder)


def file_sha256(path: str) -> str:
    """The SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ingest_new_segments(db: Connection, project: Project) -> bool:
    """Fold segments that the store has not seen; journals that it has read to their end are skipped.

    Returns:
        Whether there were any.
    """
    from workbench.store.ingest import rollback

    present = list_segments(project)
    if not present:
        return False
    seen = {row[0] for row in db.execute("SELECT value FROM meta WHERE key = 'segment'").fetchall()}
    unseen = [segment_id for segment_id in present if segment_id not in seen]
    for segment_id in unseen:
        db.execute("BEGIN")
        try:
            _ingest_segment(db, read_manifest(project, segment_id))
            db.execute("COMMIT")
        except BaseException:
            rollback(db)
            raise
    return bool(unseen)


def _ingest_segment(db: Connection, segment: Segment) -> None:
    from workbench.store.ingest import fold_loaded_stage, known_journals, next_file_id

    known = known_journals(db, [journal.name for journal in segment.journals])
    file_id = next_file_id(db)
    pieces = []
    for journal in segment.journals:
        before = known.get(journal.name)
        if before is not None and before.sealed:
            continue
        base = before.offset if before else 0
        piece = Piece(
            name=journal.name,
            file_id=before.file_id if before else file_id,
            new=before is None,
            offset=journal.size_bytes,
            running_crc=journal.running_crc,
            alive=False,
            complete=True,
            path="",
            gaps=[gap for gap in journal.gaps if gap[0] >= base],
            opened=journal.opened,
            base=base,
        )
        file_id += piece.new
        pieces.append(piece)
    if pieces:
        db.execute(
            "CREATE OR REPLACE TEMP TABLE packed AS "
            "SELECT unnest($1::VARCHAR[]) AS name, unnest($2::INTEGER[]) AS f, unnest($3::BIGINT[]) AS base",
            [[p.name for p in pieces], [p.file_id for p in pieces], [p.base for p in pieces]],
        )
        db.execute(
            "CREATE OR REPLACE TEMP TABLE stage AS "
            "SELECT p.f, s.text, s.k, s.step, s.value, s.t FROM read_parquet($1, hive_partitioning=false) s "
            "JOIN packed p USING (name) WHERE s.off >= p.base ORDER BY p.f, s.off",
            [exact(segment.path)],
        )
        fold_loaded_stage(db, pieces)
    db.execute(
        "UPDATE journal SET segment = $1 WHERE name IN (SELECT unnest($2::VARCHAR[]))",
        [segment.segment_id, [journal.name for journal in segment.journals]],
    )
    db.execute("INSERT INTO meta VALUES ('segment', $1)", [segment.segment_id])
