"""Reading a journal in plain Python: for resuming a run, for verification and for tests.

The store reads journals in bulk through DuckDB (store/ingest.py); this reader is the simple
statement of what the bytes mean.
"""

from __future__ import annotations

from workbench.base.jsonvalue import loads
from workbench.journal.block import HEADER_SIZE, block_end, scan
from workbench.journal.liveness import writer_alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NONFINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class JournalContents:
    """What a journal holds.

    Attributes:
        events: every event but the dictionary of metric names, in order.
        metrics: `(name, step, value, time_us)`, in order.
        gaps: `(start, end, reason)` byte ranges that are lost.
        size_bytes: offset after the last settled byte.
    """

    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []
        self.metrics: list[tuple[str, int, float, int]] = []
        self.gaps: list[tuple[int, int, str]] = []
        self.size_bytes = 0


def read_journal(path: str) -> JournalContents:
    """Everything that is intact in the journal at `path`."""
    alive = writer_alive(path)  # asked first: a writer that ends meanwhile must not make its last block look torn
    with open(path, "rb") as file:
        data = file.read()
    found = scan(data, 0, writer_alive=alive)
    contents = JournalContents()
    contents.gaps = found.gaps
    contents.size_bytes = found.consumed
    keys: dict[int, str] = {}
    for start, end in found.ranges:
        for line in iter_lines(data, start, end):
            if line.startswith(b"\t"):
                key, step, value, time_us = line[1:].decode().split("\t")
                number = NONFINITE[value] if value in NONFINITE else float(value)
                contents.metrics.append((keys.get(int(key), f"?{key}"), int(step), number, int(time_us)))
                continue
            event = loads(line[: line.index(b"\t")])
            assert isinstance(event, dict)
            if event["e"] == "key":
                keys[event["k"]] = event["name"]
            else:
                contents.events.append(event)
    return contents


def iter_lines(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """The payload lines of the intact blocks between `start` and `end`, without header field or newline."""
    position = start
    while position < end:
        stop = block_end(data, position)
        assert stop is not None, "the range was verified"
        for number, line in enumerate(data[position + HEADER_SIZE : stop - 1].split(b"\n")):
            yield line if number == 0 else line[1:]
        position = stop
