"""Journals made byte by byte, and stores compared through their views: what the tests of the store stand on."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import duckdb
import pytest

from tests.conftest import START_US
from workbench.base.ids import new_run_id, new_writer_id
from workbench.base.jsonvalue import dumps, nonfinite_name
from workbench.base.project import Project
from workbench.journal.block import encode_block
from workbench.journal.layout import journal_name, live_dir, sealed_dir
from workbench.journal.writer import JournalWriter
from workbench.store.ingest import ingest_batch
from workbench.store.schema import create_schema
from workbench.store.store import Store

HERE = os.uname().nodename
ELSEWHERE = "elsewhere"

VIEWS = {
    "runs": "*",
    "params": "*",
    "metrics": "*",
    "metric_summaries": "*",
    "tags": "*",
    "captures": "*",
    "artifacts": "*",
    "datasets": "*",
    # The order within a journal counts, not the number that says it.
    "outputs": "run_id, row_number() OVER (PARTITION BY run_id ORDER BY time, seq) AS place, stream, time, text",
    "experiments": "*",
    "models": "*",
    "model_versions": "*",
    "model_aliases": "*",
    "model_tags": "*",
    "audit": "*",
    "journals": "name, run_id, role, host, pid, size_bytes, opened_at, last_at, sealed, alive",
    "gaps": "*",
    "dataset_versions": "*",
    "drift_checks": "*",
    "monitors": "*",
    "monitor_results": "*",
    "monitor_columns": "*",
    "monitor_performance": "*",
}

Snapshot = dict[str, list[tuple[object, ...]]]


class JournalText:
    """The bytes of a journal, block by block, as any host and writer may have written them.

    Attributes:
        blocks: the encoded blocks, the `open` event first.
    """

    def __init__(
        self,
        uid: str | None = None,
        *,
        writer: str | None = None,
        host: str = ELSEWHERE,
        role: str = "main",
        lock: bool = True,
        t: int = START_US,
        project_edits: bool = False,
    ) -> None:
        self.uid = None if project_edits else uid or new_run_id()
        self.writer = writer or new_writer_id()
        self.blocks: list[bytes] = []
        self._crc = 0
        self._keys: dict[str, int] = {}
        self.event(
            "open", t, v=1, run=self.uid, writer=self.writer, host=host, boot="b", pid=1,
            role="meta" if project_edits else role, lock=lock,
        )  # fmt: skip

    @property
    def name(self) -> str:
        """The file's name."""
        return journal_name(self.uid, self.writer)

    @property
    def data(self) -> bytes:
        """All bytes."""
        return b"".join(self.blocks)

    def block(self, payload: bytes) -> JournalText:
        """Append one block of this payload."""
        block = encode_block(payload, self._crc)
        self._crc = crc32(block, self._crc)
        self.blocks.append(block)
        return self

    def event(self, e: str, t: int, **fields: object) -> JournalText:
        """Append one event."""
        return self.block(dumps({"e": e, **fields, "t": t}).encode() + b"\t\t\t\t\n")

    def start(self, t: int = START_US, **fields: object) -> JournalText:
        """Append a `start` event."""
        return self.event("start", t, **{"experiment": "x", "name": "n", "resumed": False, **fields})

    def metrics(self, values: Mapping[str, float], step: int, t: int = START_US) -> JournalText:
        """Append one block of metrics."""
        lines = []
        for name, value in values.items():
            if name not in self._keys:
                self._keys[name] = len(self._keys)
                event = {"e": "key", "k": self._keys[name], "name": name, "t": t}
                lines.append(dumps(event).encode() + b"\t\t\t\t\n")
            shown = repr(value) if math.isfinite(value) else nonfinite_name(value)
            lines.append(f"\t{self._keys[name]}\t{step}\t{shown}\t{t}\n".encode())
        return self.block(b"\t".join(lines))

    def write(self, project: Project, *, folder: str = "live", size: int | None = None) -> str:
        """Write the bytes, or the first `size` of them, to the project; returns the path."""
        path = os.path.join(project.journal_dir, folder, self.name)
        with open(path, "wb") as file:
            file.write(self.data[:size])
        return path


def log_run(
    project: Project,
    *,
    uid: str | None = None,
    steps: int = 3,
    end: str | None = "finished",
    params: Mapping[str, object] | None = None,
    name: str = "n",
) -> str:
    """A run as the SDK writes it, closed again; returns its id."""
    uid = uid or new_run_id()
    writer = JournalWriter(project.journal_dir, uid, durability="process")
    writer.event("start", experiment="x", name=name)
    for key, value in (params or {}).items():
        writer.event("param", name=key, value=value)
    for step in range(steps):
        writer.metrics({"loss": 1.0 / (step + 1)}, step)
    if end:
        writer.event("end", status=end, exit_code=0)
    writer.close()
    return uid


def edit(project: Project, uid: str, field: str, value: object) -> None:
    """An edit of a run, as a command writes it."""
    writer = JournalWriter(project.journal_dir, None, role="meta", durability="process")
    writer.event("set", run=uid, field=field, value=value, prev=None)
    writer.close()


def journal_path(project: Project, uid: str) -> str:
    """The path of the one journal of a run, wherever it is."""
    found = [
        os.path.join(folder, name)
        for folder in (live_dir(project.journal_dir), sealed_dir(project.journal_dir))
        for name in os.listdir(folder)
        if name.startswith(uid)
    ]
    assert len(found) == 1, found
    return found[0]


def statuses(store: Store) -> dict[str, str]:
    """The status of each run by its id, after a visit."""
    with store.reading() as db:
        return dict(db.execute("SELECT run_id, status FROM runs").fetchall())


def points(store: Store, uid: str) -> list[tuple[object, ...]]:
    """`(key, step, value)` of a run after a visit, sorted."""
    with store.reading() as db:
        query = "SELECT key, step, value FROM metrics WHERE run_id = ? ORDER BY ALL"
        return db.execute(query, [uid]).fetchall()


def empty_store() -> duckdb.DuckDBPyConnection:
    """A store in memory."""
    db = duckdb.connect(":memory:")
    create_schema(db)
    return db


def catch_up(db: duckdb.DuckDBPyConnection, project: Project, folder: Path, *, limit_bytes: int = 1 << 26) -> int:
    """Ingest until nothing waits; returns the number of batches."""
    for batch in range(1, 10_000):
        if ingest_batch(db, project, str(folder), move=False, limit_bytes=limit_bytes).caught_up:
            return batch
    raise AssertionError("ingest makes no progress")


def snapshot(db: duckdb.DuckDBPyConnection, *, without: Sequence[str] = ()) -> Snapshot:
    """The rows of every view in an order that does not depend on how they came."""
    return {
        view: sorted(db.execute(f"SELECT {columns} FROM {view}").fetchall(), key=repr)
        for view, columns in VIEWS.items()
        if view not in without
    }


def assert_same(one: Snapshot, other: Snapshot) -> None:
    """The two stores tell the same; sums of floats may differ in their last digits."""
    for view in one:
        rounded = [[_rounded(row) for row in side[view]] for side in (one, other)]
        assert rounded[0] == rounded[1], view


def _rounded(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(f"{value:.9g}" if isinstance(value, float) else value for value in row)


def fresh_snapshot(project: Project, folder: Path) -> Snapshot:
    """What a store that is built at once from all files tells."""
    db = empty_store()
    try:
        catch_up(db, project, folder)
        return snapshot(db)
    finally:
        db.close()


def assert_summaries_recompute(db: duckdb.DuckDBPyConnection) -> None:
    """Every summary is what its points say."""
    wrong = db.execute(
        """
        WITH again AS (
            SELECT run_id, key_id, count(*) AS n, arg_max(value, {s: step, t: ts, v: value}) AS last,
                max(step) AS last_step, arg_min(value, {s: step, t: ts, v: value}) AS first,
                min(value) FILTER (WHERE NOT isnan(value)) AS min, max(value) FILTER (WHERE NOT isnan(value)) AS max,
                sum(value) FILTER (WHERE isfinite(value)) AS total, count(*) FILTER (WHERE isfinite(value)) AS n_finite
            FROM metric GROUP BY run_id, key_id)
        SELECT * FROM again FULL JOIN metric_summary s USING (run_id, key_id)
        WHERE (again.n, again.last_step, again.last, again.first, again.min, again.max, again.n_finite)
                IS DISTINCT FROM (s.n, s.last_step, s.last, s.first, s.min, s.max, s.n_finite)
            OR abs(coalesce(again.total, 0) - coalesce(s.total, 0)) > 1e-9 * greatest(1, abs(again.total))
        """
    ).fetchall()
    assert wrong == []


@contextmanager
def held_by_another_process(path: str) -> Iterator[int]:
    """Another process has the DuckDB file at `path` open read-write; yields its pid."""
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process.pid
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(30)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A mount at `folder` for the time of a test, skipped where this user may not mount."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("mounting needs root")
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mounting is not permitted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def small_disk(folder: Path, size_kib: int) -> Iterator[Path]:
    """A file system of its own with `size_kib` KiB."""
    with mounted(folder, "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs") as disk:
        yield disk


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte; returns the file that does."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 1024, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler
