"""Packing: sealed journals of this host become one Parquet segment and are then removed.

The order is what makes it safe to kill at any point: Parquet written, read back and compared,
flushed, then its manifest, and only then are the journals removed. A journal that is also in a
segment is skipped by ingest.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import duckdb

from workbench.base.errors import StoreError, store_error
from workbench.base.project import Project
from workbench.journal.block import HEADER_SIZE, parse_header, scan
from workbench.journal.layout import parse_name, sealed_dir
from workbench.journal.liveness import host_name
from workbench.store.connection import connect
from workbench.store.lines import longest_line, read_lines
from workbench.store.location import exact
from workbench.store.pending import opening_event
from workbench.store.segments import PackedJournal, Segment, file_sha256, write_manifest

SEGMENT_BYTES = 256 * 1024 * 1024
KEEP_DAYS = 7


@dataclass
class PackReport:
    """What packing did: segments written, journals packed, bytes before and after."""

    segments: int = 0
    journals: int = 0
    before_bytes: int = 0
    after_bytes: int = 0


def packable(project: Project, *, older_than_days: float = KEEP_DAYS) -> list[tuple[str, int]]:
    """`(path, size in bytes)` of sealed journals of this host whose last change is older than that."""
    limit = time.time() - older_than_days * 86400
    found = []
    try:
        entries = os.scandir(sealed_dir(project.journal_dir))
    except FileNotFoundError:
        return []
    with entries:
        for entry in entries:
            status = entry.stat()
            if parse_name(entry.name) and status.st_mtime <= limit and _is_ours(entry.path):
                found.append((entry.path, status.st_size))
    return sorted(found)


def pack(project: Project, *, older_than_days: float = KEEP_DAYS, segment_bytes: int = SEGMENT_BYTES) -> PackReport:
    """Pack every packable journal, in segments of about `segment_bytes` of journal each.

    Raises:
        DiskFullError, StorePermissionError, StoreError: a segment cannot be written; no journal is removed for it.
    """
    report = PackReport()
    group: list[str] = []
    group_bytes = 0
    for path, size in packable(project, older_than_days=older_than_days):
        group.append(path)
        group_bytes += size
        if group_bytes >= segment_bytes:
            _pack_group(project, group, report)
            group, group_bytes = [], 0
    if group:
        _pack_group(project, group, report)
    return report


def _pack_group(project: Project, paths: list[str], report: PackReport) -> None:
    segment_id = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(4).hex()}"
    target = os.path.join(project.segment_dir, f"{segment_id}.parquet")
    temporary = os.path.join(project.segment_dir, f".{segment_id}.tmp")
    stage = f"{temporary}.tsv"
    try:
        os.makedirs(project.segment_dir, exist_ok=True)
        journals = _stage(paths, stage)
        rows = _write_parquet(stage, temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
        write_manifest(project, Segment(segment_id, target, file_sha256(target), rows, journals))
    except OSError as error:
        raise store_error(error, project.segment_dir) from None
    except duckdb.Error as error:
        raise StoreError(f"cannot pack journals: {str(error).splitlines()[0]}", "check the disk space") from None
    finally:
        for leftover in (temporary, stage):
            if os.path.exists(leftover):
                os.unlink(leftover)
    report.segments += 1
    report.after_bytes += os.path.getsize(target)
    for path in paths:
        report.before_bytes += os.path.getsize(path)
        report.journals += 1
        os.unlink(path)


def _stage(paths: list[str], stage: str) -> list[PackedJournal]:
    """Write each line with its journal's name and its offset, and describe the journals."""
    journals = []
    with open(stage, "wb") as out:
        for path in paths:
            with open(path, "rb") as file:
                data = file.read()
            name = os.path.basename(path)
            found = scan(data, 0, writer_alive=False)
            journals.append(PackedJournal(name, found.consumed, found.running_crc, opening_event(data), found.gaps))
            for start, end in found.ranges:
                position = start
                while position < end:
                    header = parse_header(data, position)
                    assert header is not None
                    stop = position + HEADER_SIZE + header.length
                    for number, line in enumerate(data[position + HEADER_SIZE : stop - 1].split(b"\n")):
                        text = line if number == 0 else line[1:]
                        out.write(b"%b\t%d\t%b\n" % (name.encode(), position + number, text))
                    position = stop
    return journals


def _write_parquet(stage: str, target: str) -> int:
    """The staged lines as Parquet, read back and compared; returns how many rows."""
    db = connect(os.path.dirname(target))
    try:
        lines = read_lines(stage, {"name": "VARCHAR", "off": "BIGINT"}, longest_line(stage) + 1)
        db.execute(f"CREATE TABLE line AS FROM {lines}")
        quoted = target.replace("'", "''")
        db.execute(f"COPY line TO '{quoted}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)")
        check = "SELECT count(*), bit_xor(hash(name, off, text, k, step, value, t)) FROM "
        written = db.execute(check + "line").fetchall()
        if db.execute(f"{check} read_parquet($1, hive_partitioning=false)", [exact(target)]).fetchall() != written:
            raise StoreError("a packed segment does not read back as it was written", "check the disk")
        return int(written[0][0])
    finally:
        db.close()


def _is_ours(path: str) -> bool:
    with open(path, "rb") as file:
        return opening_event(file.read(4096)).get("host") == host_name()
