"""The DuckDB file: opened for milliseconds, under a lock, by whoever wants to know something.

This is the one module that knows the path of the file. Nothing else may open, copy, hash or stat
it: any close of another handle on it in this process would drop DuckDB's own lock silently.

Between visits nobody holds it. One in-memory connection lives as long as the `Store` and attaches
the file for each visit, which costs about a millisecond.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from typing import Self

import duckdb
from duckdb import DuckDBPyConnection as Connection

from workbench.base.errors import (
    DiskFullError,
    StoreBusyError,
    StoreError,
    StoreUnusableError,
    store_error,
)
from workbench.base.project import Project
from workbench.store.connection import connect
from workbench.store.ingest import IngestReport, ingest_batch
from workbench.store.location import cache_folder
from workbench.store.lock import process_label, store_lock
from workbench.store.schema import OUTDATED, READ_ORDER, NotOursError, check_schema, create_schema

WAIT_S = 2.0
_FILE = "store.duckdb"
_LOCK = "store.lock"


class _HeldByOtherError(StoreBusyError):
    """Another program has opened the DuckDB file itself."""


class _DamagedError(StoreUnusableError):
    """The DuckDB file does not hold what was written to it."""


class Store:
    """A project's store.

    Args:
        project: where its journals are.
        read_only: never write anything below `.workbench`: what journals hold is folded into memory.

    Raises:
        StoreUnusableError, StoreTooNewError, StorePermissionError: the project cannot be read.

    Attributes:
        notices: sentences about the store's state that a user should see, on stderr.
    """

    def __init__(self, project: Project, *, read_only: bool = False) -> None:
        self.project = project
        self.read_only = read_only
        self.notices: list[str] = []
        project.settings()
        self.cache_dir = None if read_only else cache_folder(project)
        self._memory: Connection | None = None
        self._connection: Connection | None = None
        self._last_report = IngestReport()

    @contextmanager
    def reading(self, *, ingest: bool = True, wait_s: float = WAIT_S) -> Iterator[Connection]:
        """A visit: a connection whose current schema is the store, with every journal folded in.

        Args:
            ingest: fold new journal content first; without it the answer may be older.
            wait_s: how long to wait for another visitor.

        Raises:
            StoreBusyError: another process holds the store for longer.
            StoreUnusableError, StoreTooNewError, DiskFullError: it cannot be used.
        """
        with ExitStack() as stack:
            try:
                try:
                    db = self._enter(stack, ingest, wait_s)
                except _DamagedError:
                    stack.close()
                    self._replace_damaged()
                    db = self._enter(stack, ingest, wait_s)
            except _HeldByOtherError as error:
                self._say(f"{error.message}; reading the journals into memory instead")
                db = self._in_memory(ingest)
            yield db

    def ingest(self, wait_s: float = 30.0) -> IngestReport:
        """Fold everything that journals hold into the store; returns what was new.

        Raises: as `reading`.
        """
        with self.reading(wait_s=wait_s):
            return self._last_report

    def rebuild(self) -> IngestReport:
        """Build the store anew from segments and journals, beside the old file, and put it in its place.

        Raises: as `reading`.
        """
        if self.cache_dir is None:
            return IngestReport(caught_up=True)
        with store_lock(os.path.join(self.cache_dir, _LOCK), 30.0):
            return self._build_anew()

    def rewrite(self) -> None:
        """Write the file anew from its own tables, in the order in which they are read and without free space.

        A curve is read by its run and a column of a table by its name; live ingest leaves both scattered.

        Raises: as `reading`.
        """
        if self.cache_dir is None:
            return
        with store_lock(os.path.join(self.cache_dir, _LOCK), 30.0):
            with self._attached():
                pass  # creates or rebuilds it where need be
            path = os.path.join(self.cache_dir, _FILE)
            building = _clear(path + ".new")
            db = self._attach(path)
            try:
                db.execute(f"ATTACH '{_quoted(building)}' AS sorted")
                db.execute("USE sorted")
                create_schema(db)
                db.execute("DELETE FROM meta")
                tables = db.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'wb'").fetchall()
                for (table,) in tables:
                    order = f" ORDER BY {READ_ORDER[table]}" if table in READ_ORDER else ""
                    db.execute(f"INSERT INTO sorted.{table} FROM wb.{table}{order}")
                db.execute("CHECKPOINT")
                db.execute("USE wb")
                db.execute("DETACH sorted")
            except duckdb.Error as error:
                raise self._explain(error) from error
            finally:
                self._detach()
            _replace(building, path)

    def close(self) -> None:
        """Let go of DuckDB. A process that forks must not leave this to the garbage collector of its child."""
        self._drop_memory()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def visible_path(self) -> str | None:
        """The path of the DuckDB file, to show it to a person; None where the store is in memory."""
        return os.path.join(self.cache_dir, _FILE) if self.cache_dir else None

    def size_bytes(self) -> int:
        """The size of the DuckDB file, without opening it."""
        if self.cache_dir is None:
            return 0
        with os.scandir(self.cache_dir) as entries:
            return sum(e.stat().st_size for e in entries if e.name.startswith(_FILE))

    def sandboxed(self, db: Connection) -> None:
        """Shut `db` off from files and settings for the rest of this object's life, before a user's own SQL runs."""
        db.execute("SET enable_external_access = false")
        db.execute("SET lock_configuration = true")

    def _enter(self, stack: ExitStack, ingest: bool, wait_s: float) -> Connection:
        """Lock, attach and ingest, letting go of the lock between batches so that nobody waits long."""
        self._last_report = total = IngestReport(caught_up=not ingest)
        if self.cache_dir is None:
            return self._in_memory(ingest)
        while True:
            stack.enter_context(store_lock(os.path.join(self.cache_dir, _LOCK), wait_s))
            db = stack.enter_context(self._attached())
            if ingest:
                _add(total, self._ingest_one(db, move=True))
            if total.caught_up:
                self._drop_memory()
                self._tell(total)
                return db
            stack.close()

    def _ingest_one(self, db: Connection, *, move: bool) -> IngestReport:
        assert self.cache_dir is not None
        folder = self.cache_dir
        try:
            return ingest_batch(db, self.project, folder, move=move and not self.read_only)
        except OSError as error:
            raise store_error(error, folder) from None
        except duckdb.Error as error:
            raise self._explain(error) from error

    def _in_memory(self, ingest: bool) -> Connection:
        """The store in memory, for a project that may not be written or whose file another program holds."""
        if self._memory is None:
            self._memory = connect()
            create_schema(self._memory)
            ingest = True
        caught_up = not ingest
        while not caught_up:
            with TemporaryDirectory(prefix="workbench-") as folder:
                try:
                    report = ingest_batch(self._memory, self.project, folder, move=False)
                except OSError as error:
                    raise store_error(error, folder) from None
                except duckdb.Error as error:
                    raise self._explain(error) from error
            self._tell(report)
            caught_up = report.caught_up
            _add(self._last_report, report)
        return self._memory

    def _drop_memory(self) -> None:
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    @contextmanager
    def _attached(self) -> Iterator[Connection]:
        """The file attached as the current schema; it is created or rebuilt where need be. Needs the lock."""
        assert self.cache_dir is not None
        path = os.path.join(self.cache_dir, _FILE)
        if not os.path.lexists(path):
            self._create(path)
        try:
            db = self._attach(path)
        except NotOursError as reason:
            self._set_aside(path, str(reason))
            self._build_anew()
            db = self._attach(path)
        try:
            yield db
        except (duckdb.FatalException, duckdb.IOException) as error:
            raise self._explain(error) from None
        finally:
            self._detach()

    def _attach(self, path: str) -> Connection:
        db = self._connect()
        try:
            db.execute(f"ATTACH '{_quoted(path)}' AS wb")
        except duckdb.Error as error:
            text = str(error)
            if "Conflicting lock" in text or "Could not set lock" in text:
                held = re.search(r"PID (\d+)", text)
                holder = process_label(int(held[1])) if held else "another program"
                raise _HeldByOtherError(f"{holder} has the store's DuckDB file open", "close it there") from None
            if "No space left" in text:
                raise DiskFullError(f"no space left to write {path}", "free some space, then try again") from None
            if isinstance(error, (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException)):
                raise NotOursError("it is no DuckDB file of this version") from None
            raise self._explain(error) from error
        db.execute("USE wb")
        try:
            check_schema(db)
        except BaseException:
            self._detach()
            raise
        return db

    def _create(self, path: str) -> None:
        """An empty store at `path`, made beside it, so that no kill and no full disk leaves half of one."""
        making = _clear(path + ".empty")
        db = self._connect()
        try:
            db.execute(f"ATTACH '{_quoted(making)}' AS wb")
            db.execute("USE wb")
            create_schema(db)
            db.execute("CHECKPOINT")  # detaching does it too, but says nothing where it fails
        except duckdb.Error as error:
            raise self._explain(error) from error
        finally:
            self._detach()
        _replace(making, path)

    def _detach(self) -> None:
        db = self._connection
        if db is None:
            return
        try:
            db.execute("USE memory")
            db.execute("DETACH wb")
            db.execute("DETACH DATABASE IF EXISTS sorted")
        except duckdb.Error:
            # A connection in an unknown state is thrown away; closing it lets go of the file.
            self._connection = None
            db.close()

    def _build_anew(self) -> IngestReport:
        """Needs the lock. The old file stays until the new one is complete, whatever kills this process."""
        assert self.cache_dir is not None
        path = os.path.join(self.cache_dir, _FILE)
        building = _clear(path + ".new")
        self._create(building)
        db = self._attach(building)
        total = IngestReport()
        try:
            while not total.caught_up:
                _add(total, self._ingest_one(db, move=True))
            db.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise self._explain(error) from error
        finally:
            self._detach()
        _replace(building, path)
        self._tell(total)
        return total

    def _replace_damaged(self) -> None:
        assert self.cache_dir is not None
        with store_lock(os.path.join(self.cache_dir, _LOCK), 30.0):
            self._set_aside(os.path.join(self.cache_dir, _FILE), "it is damaged")
            self._build_anew()

    def _set_aside(self, path: str, reason: str) -> None:
        if not os.path.lexists(path):
            return
        if reason != OUTDATED:
            aside = f"{path}.aside-{int(time.time())}"
            for suffix in ("", ".wal"):
                if os.path.lexists(path + suffix):
                    os.replace(path + suffix, aside + suffix)
            self._say(f"the store's cache was set aside as {os.path.basename(aside)} ({reason}) and built anew")
        _clear(path)

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self.cache_dir)
        return self._connection

    def _explain(self, error: duckdb.Error) -> StoreError:
        """What `error` means; the connection is thrown away, since DuckDB may have invalidated what it holds."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        text = str(error).splitlines()[0]
        if "No space left" in text:
            return DiskFullError(
                f"no space left for the store in {self.cache_dir}",
                "free some space; journals are complete and nothing is lost",
            )
        if "Conflicting lock" in text or "Could not set lock" in text:
            return StoreBusyError(f"another program has opened the store: {text}", "close it and try again")
        damaged = isinstance(error, (duckdb.FatalException, duckdb.SerializationException))
        if damaged or "Corrupt database file" in text or "Could not read enough bytes" in text:
            return _DamagedError(f"the store's cache is damaged: {text}", "workbench store rebuild")
        return StoreUnusableError(f"the store's cache cannot be used: {text}", "workbench store rebuild")

    def _tell(self, report: IngestReport) -> None:
        for name, start, end, reason in report.gaps:
            if reason != "torn tail":
                self._say(f"{end - start} bytes of the journal {name} are {reason} at {start} and skipped")
        for name in report.shrunk:
            self._say(f"the journal {name} is shorter than before; what was read from it is kept")
        for name in report.too_new:
            self._say(f"the journal {name} was written by a newer workbench and is left out; upgrade to read it")

    def _say(self, notice: str) -> None:
        if notice not in self.notices:
            self.notices.append(notice)


def _add(total: IngestReport, report: IngestReport) -> None:
    total.journals += report.journals
    total.size_bytes += report.size_bytes
    total.gaps += report.gaps
    total.shrunk = report.shrunk
    total.too_new = report.too_new
    total.caught_up = report.caught_up


def _clear(path: str) -> str:
    """Remove a DuckDB file that nobody has attached, with its log; returns its path."""
    for leftover in (path, path + ".wal"):
        if os.path.lexists(leftover):
            os.unlink(leftover)
    return path


def _replace(building: str, path: str) -> None:
    """Put a complete new file in the old one's place."""
    if os.path.lexists(path + ".wal"):
        os.unlink(path + ".wal")
    os.replace(building, path)


def _quoted(path: str) -> str:
    return path.replace("'", "''")
