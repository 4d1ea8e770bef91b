"""What a table's columns are: their names, kinds and widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.output.formats import KINDS, NUMERIC_KINDS, as_number

_KIND_OF_NAME = {
    "status": "status",
    "age": "age",
    "created_at": "time",
    "duration": "duration",
    "duration_s": "duration",
    "ended_at": "time",
    "heartbeat_at": "time",
    "size": "size",
    "size_bytes": "size",
    "started_at": "time",
    "time": "time",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: the header.
        kind: text; number (also the strings "NaN", "Infinity", "-Infinity"); percent (a share, 0.25 is `25 %`);
            duration (seconds); size (bytes); age and time (datetime, naive ones in UTC, ISO text, or microseconds
            since the epoch); status; bool; json.
        align: "left" or "right"; None is right for numbers, left for the rest.
        min_width: cells below which a text column is not cut to make room.
        priority: where the terminal is too narrow, the lowest goes first, equal ones from the right.
        sort: `▲` or `▼` after the header of the column that sorts the table.
    """

    name: str
    kind: str = "text"
    align: str | None = None
    min_width: int = 10
    priority: int = 0
    sort: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of column: {self.kind}")

    @property
    def alignment(self) -> str:
        """Where the texts stand: "left" or "right"."""
        return self.align or ("right" if self.kind in NUMERIC_KINDS else "left")


def guess_columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> list[Column]:
    """Columns for values of unknown kind: from the names that runs have, else from the types of the values."""
    return [Column(name, _guess_kind(name, [row[i] for row in rows])) for i, name in enumerate(names)]


def _guess_kind(name: str, values: Sequence[object]) -> str:
    group, dot, attribute = name.partition(".")
    if not dot or group == "attributes":
        known = _KIND_OF_NAME.get(attribute if dot else name)
        if known:
            return known
    present = [value for value in values if value is not None]
    if not present:
        return "text"
    if all(isinstance(value, bool) for value in present):
        return "bool"
    if all(isinstance(value, datetime) for value in present):
        return "time"
    numbers = sum(as_number(value) is not None for value in present)
    return "number" if 2 * numbers > len(present) else "text"
