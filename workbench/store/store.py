"""The DuckDB file: opened for milliseconds, under a lock, by whoever wants to know something.

This is the one module that knows the path of the file. Nothing else may open, copy, hash or stat
it: any close of another handle on it in this process would drop DuckDB's own lock silently.
`file.py` has what is done to a path without opening it.

Between visits nobody holds it. One in-memory connection lives as long as the `Store` and attaches
the file for each visit, which costs about a millisecond. A visit that finds the file and the journals
as an earlier one left them, with nothing to do, has nothing to check and nothing to fold.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Self

import duckdb
from duckdb import DuckDBPyConnection as Connection

from workbench.base.errors import DiskFullError, StoreError, store_error
from workbench.base.project import Project
from workbench.store.connection import connect, give_back_memory, within_memory
from workbench.store.failures import DamagedError, HeldByOtherError, explained, held_by_other, interrupted
from workbench.store.file import Version, clear, quoted, replace, version_of
from workbench.store.ingest import IngestReport, ingest_batch, journals_token
from workbench.store.location import cache_folder
from workbench.store.lock import store_lock
from workbench.store.pending import BATCH_BYTES
from workbench.store.schema import OUTDATED, READ_ORDER, NotOursError, check_schema, create_schema

WAIT_S = 2.0
_FILE = "store.duckdb"
_LOCK = "store.lock"


class Store:
    """A project's store.

    Args:
        project: where its journals are.
        read_only: never write anything below `.workbench`: what journals hold is folded into memory.
        threads: how many threads its queries may use; None is one for each core.
        memory_limit_bytes: how much DuckDB keeps in memory before it spills to a file; None is most of the machine's.

    Raises:
        StoreUnusableError, StoreTooNewError, StorePermissionError: the project cannot be read.

    Attributes:
        notices: sentences about the store's state that a user should see, on stderr.
        version: of what this visit, or the last one, reads. It is another one after any write to the store, by any
            process; None where that cannot be told, as for two seconds after any.
    """

    def __init__(
        self,
        project: Project,
        *,
        read_only: bool = False,
        threads: int | None = None,
        memory_limit_bytes: int | None = None,
    ) -> None:
        self.project = project
        self.read_only = read_only
        self.notices: list[str] = []
        self.version: Version | None = None
        project.settings()
        self.cache_dir = None if read_only else cache_folder(project)
        self._open = partial(connect, threads=threads, memory_limit_bytes=memory_limit_bytes)
        self._memory_limit_bytes = memory_limit_bytes
        self._batch_bytes = min(BATCH_BYTES, (memory_limit_bytes or BATCH_BYTES * 4) // 4)
        self._memory: Connection | None = None
        self._connection: Connection | None = None
        self._interruptible: Connection | None = None
        self._interrupt_guard = Lock()
        self._last_report = IngestReport()
        self._checked: Version | None = None
        self._idle: tuple[Version, object] | None = None

    @contextmanager
    def reading(self, *, ingest: bool = True, wait_s: float = WAIT_S) -> Iterator[Connection]:
        """A visit: a connection whose current schema is the store, with every journal folded in.

        Args:
            ingest: fold new journal content first; without it the answer may be older.
            wait_s: how long to wait for another visitor.

        Raises:
            StoreBusyError: another process holds the store for longer.
            StoreUnusableError, StoreTooNewError, DiskFullError: it cannot be used.
            StoreInterruptedError: `interrupt` was called meanwhile.
        """
        try:
            with ExitStack() as stack:
                try:
                    try:
                        db = self._enter(stack, ingest, wait_s)
                    except DamagedError:
                        stack.close()
                        self._replace_damaged()
                        db = self._enter(stack, ingest, wait_s)
                except HeldByOtherError as error:
                    self._say(f"{error.message}; reading the journals into memory instead")
                    db = self._in_memory(stack, ingest)
                yield db
        except duckdb.InterruptException:
            raise interrupted() from None

    def interrupt(self) -> None:
        """Stop the query that another thread has running in a visit to this store, if there is one.

        The visit ends with a StoreInterruptedError, what it was ingesting is as if it had not begun, and the next
        visit goes on as ever. A visit that waits for its turn, is between two queries or rebuilds the store goes on.
        """
        with self._interrupt_guard:
            if self._interruptible is not None:
                with suppress(duckdb.ConnectionException):  # thrown away by a visit that is about to end anyhow
                    self._interruptible.interrupt()

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
            building = clear(path + ".new")
            db = self._attach(path)
            try:
                db.execute(f"ATTACH '{quoted(building)}' AS sorted")
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
            replace(building, path)

    def renew(self) -> None:
        """Let go of what DuckDB has gathered in many visits. Takes 20 ms: for when nobody waits.

        Each block of memory that a join or a sort has used leaves an entry in a list of what could be evicted, also
        when the block is gone: 50 kB a page of runs, 50 MB until DuckDB clears the list by itself. Nothing but closing
        clears it at will.
        """
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._connect()

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
        self.version = None
        if self.cache_dir is None:
            return self._in_memory(stack, ingest)
        while True:
            stack.enter_context(store_lock(os.path.join(self.cache_dir, _LOCK), wait_s))
            version = version_of(os.path.join(self.cache_dir, _FILE))
            journals = journals_token(self.project)
            found = (version, journals) if version and journals else None
            db = stack.enter_context(self._attached(version))
            total.caught_up |= found is not None and found == self._idle
            if not total.caught_up:
                report = self._ingest_one(db, self.cache_dir, move=True)
                total.add(report)
                self._idle = found if report.idle else None
                version = version if report.idle else None
            if total.caught_up:
                self.version = version
                self._drop_memory()
                self._tell(total)
                return db
            stack.close()

    def _ingest_one(self, db: Connection, folder: str, *, move: bool) -> IngestReport:
        try:
            return within_memory(
                db, lambda: ingest_batch(db, self.project, folder, move=move, limit_bytes=self._batch_bytes)
            )
        except OSError as error:
            raise store_error(error, folder) from None
        except duckdb.Error as error:
            raise self._explain(error) from error

    def _in_memory(self, stack: ExitStack, ingest: bool) -> Connection:
        """The store in memory, for a project that may not be written or whose file another program holds."""
        if self._memory is None:
            memory = self._open()
            create_schema(memory)
            self._memory = memory
            ingest = True
        stack.enter_context(self._may_be_interrupted(self._memory))
        caught_up = not ingest
        while not caught_up:
            with TemporaryDirectory(prefix="workbench-") as folder:
                report = self._ingest_one(self._memory, folder, move=False)
            self._tell(report)
            caught_up = report.caught_up
            self._last_report.add(report)
        return self._memory

    def _drop_memory(self) -> None:
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    @contextmanager
    def _attached(self, version: Version | None = None) -> Iterator[Connection]:
        """The file attached as the current schema; it is created or rebuilt where need be. Needs the lock.

        Args:
            version: of the file; the schema of one that was attached before is not checked again.
        """
        assert self.cache_dir is not None
        path = os.path.join(self.cache_dir, _FILE)
        if not os.path.lexists(path):
            self._create(path)
        try:
            db = self._attach(path, check=version is None or version != self._checked)
        except NotOursError as reason:
            self._set_aside(path, str(reason))
            self._build_anew()
            db = self._attach(path)
        self._checked = version
        try:
            with self._may_be_interrupted(db):
                yield db
        except (duckdb.FatalException, duckdb.IOException) as error:
            raise self._explain(error) from None
        finally:
            self._detach()

    @contextmanager
    def _may_be_interrupted(self, db: Connection) -> Iterator[None]:
        """While `interrupt` reaches `db`: never as it attaches or detaches, which would leave the file half held."""
        with self._interrupt_guard:
            self._interruptible = db
        try:
            yield
        finally:
            with self._interrupt_guard:
                self._interruptible = None

    def _attach(self, path: str, *, check: bool = True) -> Connection:
        db = self._connect()
        try:
            within_memory(db, lambda: db.execute(f"ATTACH '{quoted(path)}' AS wb"))  # replays what a crash left
        except duckdb.Error as error:
            held = held_by_other(error)
            if held is not None:
                raise held from None
            if "No space left" in str(error):
                raise DiskFullError(f"no space left to write {path}", "free some space, then try again") from None
            if isinstance(error, (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException)):
                raise NotOursError("it is no DuckDB file of this version") from None
            raise self._explain(error) from error
        db.execute("USE wb")
        try:
            if check:
                check_schema(db)
        except BaseException:
            self._detach()
            raise
        return db

    def _create(self, path: str) -> None:
        """An empty store at `path`, made beside it, so that no kill and no full disk leaves half of one."""
        making = clear(path + ".empty")
        db = self._connect()
        try:
            db.execute(f"ATTACH '{quoted(making)}' AS wb")
            db.execute("USE wb")
            create_schema(db)
            db.execute("CHECKPOINT")  # detaching does it too, but says nothing where it fails
        except duckdb.Error as error:
            raise self._explain(error) from error
        finally:
            self._detach()
        replace(making, path)

    def _detach(self) -> None:
        db = self._connection
        if db is None:
            return
        try:
            db.execute("USE memory")
            db.execute("DETACH wb")
            db.execute("DETACH DATABASE IF EXISTS sorted")
            if self._memory_limit_bytes is not None:
                give_back_memory(db, self._memory_limit_bytes)
        except duckdb.Error:
            # A connection in an unknown state is thrown away; closing it lets go of the file.
            self._connection = None
            db.close()

    def _build_anew(self) -> IngestReport:
        """Needs the lock. The old file stays until the new one is complete, whatever kills this process."""
        assert self.cache_dir is not None
        path = os.path.join(self.cache_dir, _FILE)
        building = clear(path + ".new")
        self._create(building)
        db = self._attach(building)
        total = IngestReport()
        try:
            while not total.caught_up:
                total.add(self._ingest_one(db, self.cache_dir, move=True))
            db.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise self._explain(error) from error
        finally:
            self._detach()
        replace(building, path)
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
        clear(path)

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._open(self.cache_dir)
        return self._connection

    def _explain(self, error: duckdb.Error) -> StoreError:
        """What `error` means; the connection is thrown away, since DuckDB may have invalidated what it holds."""
        if self._connection is not None and not isinstance(error, duckdb.InterruptException):
            self._connection.close()
            self._connection = None
        return explained(error, self.cache_dir)

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
