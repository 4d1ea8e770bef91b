"""Ingest: folding what journals hold into the store, exactly once.

One transaction carries both the rows and the offsets up to which journals are read, so a kill at
any point leaves the store before or after a batch, never between.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection as Connection
from duckdb import InvalidInputException, NotImplementedException

from workbench.base import clock
from workbench.base.project import Project
from workbench.journal.layout import sealed_dir
from workbench.journal.liveness import host_name, writer_alive
from workbench.store import fold, segments, state
from workbench.store.lines import DEFAULT_LONGEST_LINE_BYTES, longest_line, read_lines
from workbench.store.pending import (
    BATCH_BYTES,
    Known,
    Piece,
    live_files,
    sealed_names,
    stage_batch,
    with_size,
)

_STAGE = "stage.tsv"
# A folder whose time of change is younger than this may change again without it showing.
_FOLDER_SETTLES_AFTER_NS = 2_000_000_000


@dataclass
class IngestReport:
    """What one or more batches brought.

    Attributes:
        journals: journals with new content. size_bytes: bytes read from them.
        gaps: `(journal, first byte, last byte + 1, reason)` that are lost.
        shrunk: journals that are shorter than what was read from them before.
        too_new: journals that a newer workbench wrote.
        caught_up: nothing more was waiting.
        idle: nothing was written, nor would be by trying again with the same store and the same `journals_token`.
    """

    journals: int = 0
    size_bytes: int = 0
    gaps: list[tuple[str, int, int, str]] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)
    too_new: list[str] = field(default_factory=list)
    caught_up: bool = False
    idle: bool = False

    def add(self, batch: IngestReport) -> None:
        """Count what one more batch brought."""
        self.journals += batch.journals
        self.size_bytes += batch.size_bytes
        self.gaps += batch.gaps
        self.shrunk = batch.shrunk
        self.too_new = batch.too_new
        self.caught_up = batch.caught_up
        self.idle = batch.idle


def journals_token(project: Project) -> tuple[object, ...] | None:
    """What ingest looks at in the project's folders, without reading journals; None while some may change unseen."""
    # Live ones first, as below: one that is moved while we look changes the time of the other folder.
    live = [(name, size, writer_alive(path)) for name, path, size in live_files(project.journal_dir)]
    sealed_at = _folder_time(sealed_dir(project.journal_dir))
    if sealed_at is None:
        return None
    return sealed_at, segments.list_segments(project), sorted(live)


def ingest_batch(
    db: Connection, project: Project, staging_folder: str, *, move: bool = True, limit_bytes: int = BATCH_BYTES
) -> IngestReport:
    """Fold one batch of new journal content into the store that is the current schema of `db`.

    Args:
        staging_folder: where the staging file may be written.
        move: move complete journals from `live/` to `sealed/`.
        limit_bytes: about how much to read at most, which bounds how long the lock is held.

    Raises:
        OSError: the staging file cannot be written.
        duckdb.Error: the transaction failed; nothing of the batch is in the store.
    """
    idle = not segments.ingest_new_segments(db, project)
    # Live ones first: one that is moved while we look is then met again among the sealed ones, not missed.
    files = live_files(project.journal_dir)
    sealed_at = _folder_time(sealed_dir(project.journal_dir))
    look_at_sealed = sealed_at is None or sealed_at != _remembered(db, "sealed_at")
    live = {name: size for name, _, size in files}
    unread = _unread(db, sealed_names(project.journal_dir)) if look_at_sealed else []
    if unread:
        files += with_size(project.journal_dir, unread)
        # A synchronised folder may hold a journal twice, an old prefix in live/ and all of it in sealed/.
        files = list({file[0]: file for file in sorted(files, key=lambda file: file[2])}.values())
    names = {name for name, _, _ in files}
    known = known_journals(db, list(names))
    # One that is not listed was sealed since, or is sealed and still being copied here; otherwise it was removed.
    files += with_size(project.journal_dir, [name for name in known if name not in names])
    stage_path = os.path.join(staging_folder, _STAGE)  # one name: what a killed visit left is overwritten
    try:
        with open(stage_path, "wb") as stage:
            next_id = 0 if names.issubset(known) else next_file_id(db)
            batch = stage_batch(files, known, next_id, stage, limit_bytes)
        settled = batch.caught_up and look_at_sealed and sealed_at is not None
        settled &= {*known, *(piece.name for piece in batch.pieces)}.issuperset(unread)
        writes = bool(batch.pieces) or settled or state.has_unfinished_runs(db)
        idle &= not (writes or look_at_sealed or batch.shrunk or batch.too_new)
        # What is not read to its end, or is being copied to where it is complete, may change without its size.
        idle &= live == {name: journal.offset for name, journal in known.items()}
        if writes:
            if batch.pieces:
                load_stage(db, stage_path)  # before the transaction, which the first statement that fails would end
            db.execute("BEGIN")
            try:
                if batch.pieces:
                    fold_loaded_stage(db, batch.pieces)
                if settled:
                    _remember(db, "sealed_at", sealed_at)
                state.refresh_status(db, clock.now_us())
                db.execute("COMMIT")
            except BaseException:
                rollback(db)
                raise
    finally:
        if os.path.exists(stage_path):
            os.unlink(stage_path)
    if move:
        _move_complete(project, batch.pieces)
    return IngestReport(
        journals=len(batch.pieces),
        size_bytes=batch.size_bytes,
        gaps=[(p.name, *gap) for p in batch.pieces for gap in p.gaps],
        shrunk=batch.shrunk,
        too_new=batch.too_new,
        caught_up=batch.caught_up,
        idle=idle and batch.caught_up,
    )


def fold_loaded_stage(db: Connection, pieces: list[Piece]) -> None:
    """Fold the table `stage`, however it was filled, and record the offsets of `pieces`."""
    fold.add_journals(db, pieces)
    fold.fold_stage(db, pieces)
    _record_pieces(db, pieces)
    state.refresh_runs(db, [p for p in pieces if p.new])


def load_stage(db: Connection, path: str) -> None:
    """Parse the staging file at `path` into the temporary table `stage`."""
    create = "CREATE OR REPLACE TEMP TABLE stage AS SELECT f, text, k, step, value, t FROM "
    before = {"f": "INTEGER", "header": "VARCHAR"}
    try:
        db.execute(create + read_lines(path, before))
    except (InvalidInputException, NotImplementedException):
        longest_bytes = longest_line(path)
        if longest_bytes < DEFAULT_LONGEST_LINE_BYTES:
            raise
        db.execute(create + read_lines(path, before, longest_bytes + 1))


def known_journals(db: Connection, names: list[str]) -> dict[str, Known]:
    """What the store knows of the journals `names` and of those that are not complete, by name."""
    query = (
        "SELECT name, file_id, off, running_crc, sealed, alive, lockable AND host = $1 FROM journal WHERE NOT sealed"
    )
    parameters: list[object] = [host_name()]
    if names:  # looking for none takes as long as for one
        query += " OR name IN (SELECT unnest($2::VARCHAR[]))"
        parameters.append(names)
    rows = db.execute(query, parameters).fetchall()
    return {row[0]: Known(*row[1:]) for row in rows}


def _unread(db: Connection, names: list[str]) -> list[str]:
    """Those of `names` that the store has not read to their end."""
    query = "SELECT name FROM (SELECT unnest($1::VARCHAR[]) AS name) ANTI JOIN (FROM journal WHERE sealed) USING (name)"
    return [row[0] for row in db.execute(query, [names]).fetchall()]


def next_file_id(db: Connection) -> int:
    """The number of the next journal that the store sees for the first time."""
    return int(db.execute("SELECT coalesce(max(file_id), 0) + 1 FROM journal").fetchall()[0][0])


def _record_pieces(db: Connection, pieces: list[Piece]) -> None:
    db.execute(
        """
        UPDATE journal SET off = n.off, running_crc = n.crc, alive = n.alive, sealed = n.complete
        FROM (SELECT unnest($ids) file_id, unnest($offs) off, unnest($crcs) crc, unnest($alive) alive,
            unnest($complete) complete) n
        WHERE journal.file_id = n.file_id
        """,
        {
            "ids": [p.file_id for p in pieces],
            "offs": [p.offset for p in pieces],
            "crcs": [p.running_crc for p in pieces],
            "alive": [p.alive for p in pieces],
            "complete": [p.complete for p in pieces],
        },
    )
    gaps = [(p.file_id, *gap) for p in pieces for gap in p.gaps]
    for gap in gaps:
        db.execute("INSERT INTO gap VALUES (?, ?, ?, ?)", gap)


def _move_complete(project: Project, pieces: list[Piece]) -> None:
    target = sealed_dir(project.journal_dir)
    if any(piece.complete for piece in pieces):
        try:
            os.makedirs(target, exist_ok=True)  # a tool that copies a project may leave out empty folders
        except OSError:
            return
    for piece in pieces:
        if piece.complete and os.path.dirname(piece.path) != target:
            try:
                os.rename(piece.path, os.path.join(target, piece.name))
            except OSError:  # read-only, or moved by another process: its place does not matter
                continue


def _folder_time(path: str) -> str | None:
    """A token that changes whenever a name in the folder does; None while it may change unseen."""
    try:
        changed_ns = os.stat(path).st_mtime_ns
    except OSError:
        return None
    settled = clock.now_us() * 1000 - changed_ns > _FOLDER_SETTLES_AFTER_NS
    return f"{host_name()}:{changed_ns}" if settled else None


def _remembered(db: Connection, key: str) -> str | None:
    rows = db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchall()
    return rows[0][0] if rows else None


def _remember(db: Connection, key: str, value: str | None) -> None:
    db.execute("DELETE FROM meta WHERE key = ?", [key])
    db.execute("INSERT INTO meta VALUES (?, ?)", [key, value])


def rollback(db: Connection) -> None:
    """Undo the open transaction, if there still is one."""
    try:
        db.execute("ROLLBACK")
    except Exception:  # a failed commit has already rolled back
        return
