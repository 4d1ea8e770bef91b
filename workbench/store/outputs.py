"""What a run wrote to its terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


@dataclass(frozen=True)
class OutputLine:
    """One line.

    Attributes:
        stream: 1 for stdout, 2 for stderr.
        text: without its newline.
        newline: the line is complete; otherwise it may go on later.
        time_us: when it was complete, microseconds since the epoch.
        file_id, seq: which journal holds it, and where in that journal.
    """

    stream: int
    text: str
    time_us: int
    file_id: int
    seq: int
    newline: bool = True


def output_lines(
    db: Connection,
    uid: str,
    *,
    stream: int | None = None,
    last: int | None = None,
    after: Mapping[int, int] | None = None,
) -> list[OutputLine]:
    """The output of a run in the order of time.

    Args:
        stream: only 1, stdout, or 2, stderr.
        last: only so many lines, the last ones.
        after: only lines that follow these: the `seq` of the last line seen, by `file_id`. Several processes may
            write to one run, each to a journal of its own.
    """
    run_id = _local_id(db, uid)
    if run_id is None:
        return []
    # Numbers are spelled out, and there is no join: otherwise the text of every line is read to find the last ones.
    conditions = [f"run_id = {run_id}"] + ([] if stream is None else [f"stream = {int(stream)}"])
    conditions += [f"(file_id <> {int(file_id)} OR seq > {int(seq)})" for file_id, seq in (after or {}).items()]
    way, limit = ("ASC", "") if last is None else ("DESC", f" LIMIT {max(int(last), 0)}")
    rows = db.execute(
        f"SELECT stream, text, epoch_us(ts), file_id, seq, newline FROM output WHERE {' AND '.join(conditions)}"
        f" ORDER BY ts {way}, file_id {way}, seq {way}{limit}"
    ).fetchall()
    lines = [OutputLine(*row) for row in rows]
    return _joined(lines if last is None else lines[::-1])


def _joined(lines: list[OutputLine]) -> list[OutputLine]:
    """Beginnings of lines (a prompt, a progress bar) joined with what followed them on the same stream."""
    shown: list[OutputLine] = []
    beginnings: dict[tuple[int, int], int] = {}
    for line in lines:
        stream = (line.file_id, line.stream)
        place = beginnings.pop(stream, None)
        if place is None:
            place = len(shown)
            shown.append(replace(line, text=line.text.removeprefix("\r")))
        else:
            whole = line.text[1:] if line.text.startswith("\r") else shown[place].text + line.text
            shown[place] = replace(line, text=whole)
        if not line.newline:
            beginnings[stream] = place
    return shown


def last_lines(db: Connection, uid: str) -> dict[int, int]:
    """The `seq` of the last line so far, by `file_id`: where `output_lines` with `after` goes on."""
    rows = db.execute(
        "SELECT file_id, max(seq) FROM output WHERE run_id = (SELECT run_id FROM run WHERE uid = $1) GROUP BY file_id",
        [uid],
    ).fetchall()
    return dict(rows)


def _local_id(db: Connection, uid: str) -> int | None:
    rows = db.execute("SELECT run_id FROM run WHERE uid = $1", [uid]).fetchall()
    return int(rows[0][0]) if rows else None
