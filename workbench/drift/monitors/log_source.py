"""A prediction log as the source of a monitor: read by the day, many windows in one pass."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256

import polars as pl

from workbench.base.errors import store_error
from workbench.data.prediction_logs import ROWS as ROW_FILES
from workbench.data.prediction_logs import LogFile, files_in
from workbench.drift.baseline import Baseline
from workbench.drift.monitors.due import Window
from workbench.drift.monitors.log_columns import Columns, flat
from workbench.drift.monitors.log_lines import Kinds, careful, last_us, sampled, single
from workbench.drift.monitors.monitor import ROWS, WHOLE, Examined
from workbench.drift.monitors.roles import LOG
from workbench.drift.monitors.source import Part
from workbench.drift.periods import moment_text
from workbench.store.prediction_rows import REQUEST, ROW, STATUS, TIME, LinesUnreadableError, read_rows

READ_BYTES = 1_000_000_000
"""So much of a log is read at once."""
FAMILIES = {"numeric": "number", "text": "text", "boolean": "truth"}


class LogSource:
    """The prediction log below a folder.

    Args:
        folder: where its files are, of one model or several versions.
        name: what people call it.
        baseline: a column without values is read as what it is there.
        keys: whether labels are joined.
    """

    is_log = True

    def __init__(self, folder: str, name: str, baseline: Baseline, *, keys: bool) -> None:
        self.name = name
        self._baseline = baseline
        self._keys = keys
        found = files_in(folder)
        self._files = [file for file in found if os.path.basename(file.name).startswith(ROW_FILES) and file.size_bytes]

    def span_us(self) -> tuple[int | None, int | None]:
        """See `RowSource`; so are the others. Names of files say when they began, their last lines when they end."""
        if not self._files:
            return None, None
        began = [file.began_ms * 1000 for file in self._files]
        newest = [file for file in self._files if file.day >= self._files[-1].day - timedelta(days=1)]
        ends = [last for file in newest if (path := _path(file)) is not None and (last := last_us(path)) is not None]
        return min(began), max([max(began), *ends])

    def parts(self, windows: Sequence[Window]) -> Iterator[tuple[Window, Part]]:
        for batch in self._batches(windows):
            start_us, end_us = batch[0].start_us, batch[-1].end_us
            assert start_us is not None and end_us is not None
            read = self._read(self._files_of(start_us, end_us), start_us, end_us)
            times = read.frame.get_column(LOG + TIME)
            edges = [times.search_sorted(window.start_us, "left") for window in batch]
            edges.append(times.search_sorted(end_us, "left"))
            for number, window in enumerate(batch):
                yield window, read.lines(self.name, window.name, edges[number], edges[number + 1])
                read.unreadable = 0  # nothing says in which window they are: the first one has them

    def by_rows(self, size: int, done: Examined, closed_us: int) -> Iterator[tuple[Window, Part, Examined]]:
        first_us, _ = self.span_us()
        files = self._files_of(max(done.until_us, first_us or 0), closed_us)
        read = self._read(files, done.until_us or None, closed_us)
        answered = read.frame.filter(pl.col(LOG + STATUS) == 200)
        times, offset, total = answered.get_column(LOG + TIME), done.same, done.rows
        while offset + size <= answered.height:
            first, last = int(times[offset]), int(times[offset + size - 1])
            name = f"rows {total + 1:,} to {total + size:,}"
            window = Window(f"{ROWS}{size}/{total}", name, last, first, last + 1, total, size)
            part = read.part(self.name, name, answered.slice(offset, size))
            offset, total = offset + size, total + size
            same = int((times.slice(0, offset) == last).sum())
            yield window, part, Examined(done.baseline, done.divided, last, total, same)

    def whole(self) -> tuple[Window, Part]:
        read = self._read(self._files, None, None)
        times = read.frame.get_column(LOG + TIME)
        written_us = int(times[-1]) if len(times) else 0
        window = Window(f"{WHOLE}/{self.signature()}", moment_text(written_us), written_us)
        return window, read.lines(self.name, window.name, 0, read.frame.height)

    def signature(self) -> str:
        facts = [f"{file.name}\0{file.size_bytes}" for file in self._files]
        return sha256("\n".join(facts).encode()).hexdigest()[:16]

    @cached_property
    def _kinds(self) -> Kinds:
        return sampled(file.path for file in self._files)

    @cached_property
    def _expected(self) -> Mapping[str, str]:
        """What features without a value in the sample are read as: what the reference has."""
        families = {name: self._baseline.summary(name, None).family for name in self._baseline.names}
        return {name: FAMILIES[family] for name, family in families.items() if family in FAMILIES}

    def _batches(self, windows: Sequence[Window]) -> Iterator[list[Window]]:
        """Windows that are read together."""
        batch: list[Window] = []
        size_bytes = 0
        for window in windows:
            assert window.start_us is not None and window.end_us is not None
            more = sum(file.size_bytes for file in self._files_of(window.start_us, window.end_us, late=False))
            apart = bool(batch) and batch[-1].end_us != window.start_us
            if batch and (size_bytes + more > READ_BYTES or apart):
                yield batch
                batch, size_bytes = [], 0
            batch.append(window)
            size_bytes += more
        if batch:
            yield batch

    def _files_of(self, start_us: int, end_us: int, *, late: bool = True) -> list[LogFile]:
        """The files that may have rows of these moments: a file goes on past midnight until it is closed."""
        day = datetime.fromtimestamp(start_us // 1_000_000, UTC).date() - timedelta(days=int(late))
        return [file for file in self._files if file.day >= day and file.began_ms * 1000 < end_us]

    def _read(self, files: Sequence[LogFile], start_us: int | None, end_us: int | None) -> Columns:
        """The rows of files in the order of their times."""
        features = {
            name: single(kinds, self._expected.get(name, "text")) for name, kinds in self._kinds.features.items()
        }
        score = single(self._kinds.score) if self._kinds.score else None
        output = single(self._kinds.output, "number")
        notes: list[str] = []
        unreadable, mixed = 0, {name for name, kinds in self._kinds.features.items() if len(kinds) > 1}
        frames: list[pl.DataFrame] = []
        paths = [path for file in files if (path := _path(file)) is not None]
        whole = [path for path in paths if _ends_whole(path)]
        wanted = {"score": score, "keys": self._keys, "start_us": start_us, "end_us": end_us}
        try:
            frames = [read_rows(whole, features, output, **wanted)] if whole else []  # type: ignore[arg-type]
            odd = [path for path in paths if path not in set(whole)]
        except LinesUnreadableError:
            odd = []
            for path in paths:
                try:
                    frames.append(read_rows([path], features, output, **wanted))  # type: ignore[arg-type]
                except LinesUnreadableError:
                    odd.append(path)
        torn = 0
        for path in odd:
            try:
                frame, bad, is_torn, several = careful(path, self._expected, keys=self._keys)
            except OSError as error:
                raise store_error(error, path) from None
            mixed |= several
            unreadable, torn = unreadable + bad, torn + is_torn
            frames.append(_between(frame, start_us, end_us))
        if torn:
            notes.append(f"the last line of {torn} file{'s' * (torn != 1)} is not whole yet; it is left for later")
        if unreadable:
            notes.append(f"{unreadable:,} lines could not be read")
        return flat(frames, self._kinds, mixed, unreadable, notes)


def read_keys(folder: str) -> pl.DataFrame:
    """The requests and rows of a log with their times: columns `ts` (microseconds since the epoch), `rid` and `row`."""
    frames = []
    for file in files_in(folder):
        path = _path(file)
        if path is None or not os.path.basename(file.name).startswith(ROW_FILES):
            continue
        try:
            if not _ends_whole(path):
                raise LinesUnreadableError("it is being written")
            frame = read_rows([path], {}, "text", keys=True)
        except LinesUnreadableError:
            frame = careful(path, {}, keys=True)[0]
        frames.append(frame.select(TIME, REQUEST, ROW))
    schema = {TIME: pl.Int64, REQUEST: pl.String, ROW: pl.Int64}
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)


def _between(frame: pl.DataFrame, start_us: int | None, end_us: int | None) -> pl.DataFrame:
    time = pl.col(TIME)
    if start_us is not None:
        frame = frame.filter(time.is_null() | (time >= start_us))
    return frame if end_us is None else frame.filter(time.is_null() | (time < end_us))


def _path(file: LogFile) -> str | None:
    """Where a file is now; it may have been closed, or taken away, since the folder was listed."""
    return next((path for path in (file.path, file.path.removesuffix(".part")) if os.path.exists(path)), None)


def _ends_whole(path: str) -> bool:
    """Whether a file ends with a line's end."""
    with open(path, "rb") as file:
        size_bytes = file.seek(0, 2)
        file.seek(max(0, size_bytes - 1))
        return file.read() in (b"\n", b"")
