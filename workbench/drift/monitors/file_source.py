"""Files, folders and patterns as the source of a monitor."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256

from workbench.base.clock import now_us
from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.data.sources import find_files
from workbench.drift.monitors.due import Window
from workbench.drift.monitors.monitor import ROWS, WHOLE, Examined
from workbench.drift.monitors.source import Part, path_of
from workbench.drift.periods import moment_text
from workbench.drift.source import Table, open_table
from workbench.drift.timeline import Timeline


class FileSource:
    """A table in files.

    Args:
        project: paths that are relative begin at its root.
        source: a file, a folder or a pattern.
        time: the column of times, or "".

    Raises:
        InputError: there is no such file, or it cannot be read; so do the other functions.
    """

    is_log = False

    def __init__(self, project: Project, source: str, time: str) -> None:
        self.name = source
        self._path = path_of(project, source)
        self._time = time
        self._root = project.root
        self._files = find_files(self._path)[0]

    @cached_property
    def table(self) -> Table:
        """All rows."""
        return open_table(self._path, self.name)

    @cached_property
    def _timeline(self) -> Timeline:
        return Timeline(self.table, self._time or None)

    def span_us(self) -> tuple[int | None, int | None]:
        """See `RowSource`; so are the others."""
        return self._timeline.reach_us

    def parts(self, windows: Sequence[Window]) -> Iterator[tuple[Window, Part]]:
        lacking = self._timeline.lacking
        notes = (*self.table.notes, *([f"{lacking:,} rows have no time; they are in no window"] if lacking else []))
        for window in windows:
            assert window.start_us is not None and window.end_us is not None
            rows = self._timeline.between(window.start_us, window.end_us, f"{self.name}, {window.name}")
            yield window, Part(rows.held(), notes=notes)

    def by_rows(self, size: int, done: Examined, closed_us: int) -> Iterator[tuple[Window, Part, Examined]]:
        total, offset = self.table.rows, done.rows
        if total < offset:
            raise InputError(
                f"{self.name} has {total:,} rows; {offset:,} were looked at before",
                "windows of rows need files that only grow; workbench monitor add NAME --again begins anew",
            )
        written_us = self._written_us()
        while offset + size <= total:
            name = f"rows {offset + 1:,} to {offset + size:,}"
            window = Window(f"{ROWS}{size}/{offset}", name, written_us, first_row=offset, rows=size)
            table = self.table.slice(offset, size, f"{self.name}, {name}").held()
            offset += size
            yield window, Part(table, notes=self.table.notes), Examined(done.baseline, done.divided, 0, offset)

    def whole(self) -> tuple[Window, Part]:
        written_us = self._written_us()
        window = Window(f"{WHOLE}/{self.signature()}", moment_text(written_us), written_us, rows=self.table.rows)
        return window, Part(self.table, notes=self.table.notes)

    def signature(self) -> str:
        facts = [
            f"{os.path.relpath(file.path, self._root)}\0{file.size_bytes}\0{_written_ns(file.path)}"
            for file in self._files
        ]
        return sha256("\n".join(facts).encode()).hexdigest()[:16]

    def _written_us(self) -> int:
        """When the newest file was written; now, where nothing says it."""
        newest_ns = max((_written_ns(file.path) for file in self._files), default=0)
        return newest_ns // 1000 or now_us()


def _written_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:  # an address, or gone meanwhile
        return 0
