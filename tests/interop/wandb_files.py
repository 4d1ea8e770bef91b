"""Run files made by hand: framing and records as wandb's writer makes them."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from workbench.interop.wandb.log import FILE_HEADER
from workbench.interop.wandb.messages import Record

BEGAN_S = 1_700_000_000
BLOCK_BYTES = 32 * 1024
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def framed(records: Sequence[bytes]) -> bytes:
    """The bytes of a whole file."""
    out = bytearray(FILE_HEADER)
    for record in records:
        rest, begun = record, False
        while not begun or rest:
            room = BLOCK_BYTES - len(out) % BLOCK_BYTES
            if room < 7:
                out += bytes(room)
                continue
            data, rest = rest[: room - 7], rest[room - 7 :]
            kind = (MIDDLE if rest else LAST) if begun else (FIRST if rest else FULL)
            out += struct.pack("<IHB", crc32(data, crc32(bytes((kind,)))), len(data), kind) + data
            begun = True
    return bytes(out)


class RunFile:
    """The records of one run, written as a whole by `write`.

    Args:
        run_id, project, name: of the run.
        fields: further fields of its record.
    """

    def __init__(self, run_id: str = "abc123", project: str = "fraud", name: str = "first", **fields: Any) -> None:
        self.run_id = run_id
        self.records: list[Any] = []
        run = {"run_id": run_id.encode(), "project": project.encode(), "display_name": name.encode(), **fields}
        self.add(run={**run, "start_time": {"seconds": BEGAN_S, "nanos": 250_000_000}})

    def add(self, **fields: Any) -> None:
        """Append a record."""
        self.records.append(Record(**fields))

    def log(self, step: int, values: Mapping[str, object], seconds: float | None = None) -> None:
        """Append a row of the history, with its summary."""
        moment = BEGAN_S + 1 + step if seconds is None else seconds
        own = {"_step": step, "_timestamp": moment, "_runtime": moment - BEGAN_S}
        self.add(history={"item": items({**values, **own}), "step": {"num": step}})
        self.add(summary={"update": items(values)})

    def config(self, values: Mapping[str, object]) -> None:
        """Append a change of the config."""
        self.add(config={"update": [{"key": k.encode(), "value_json": dumped(v)} for k, v in values.items()]})

    def output(self, text: str, second: int, *, stream: int = 1) -> None:
        """Append a piece of output; stream is 1 for stdout, 0 for stderr."""
        timestamp = {"seconds": BEGAN_S + second}
        self.add(output_raw={"output_type": stream, "timestamp": timestamp, "line": text.encode()})

    def stats(self, second: int, values: Mapping[str, float]) -> None:
        """Append a sample of the machine."""
        listed = [{"key": key.encode(), "value_json": dumped(value)} for key, value in values.items()]
        self.add(stats={"timestamp": {"seconds": BEGAN_S + second}, "item": listed})

    def end(self, exit_code: int = 0) -> None:
        """Append the end."""
        self.add(exit={"exit_code": exit_code})

    def bytes(self) -> bytes:
        """The file."""
        return framed([record.SerializeToString() for record in self.records])

    def write(self, folder: Path, stamp: str = "20231114_221320") -> Path:
        """Write the file where wandb would, below `folder`; returns its path."""
        path = folder / f"offline-run-{stamp}-{self.run_id}" / f"run-{self.run_id}.wandb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.bytes())
        return path


def items(values: Mapping[str, object]) -> list[dict[str, object]]:
    """Items whose names are paths: `a.b` is b in a."""
    return [
        {"nested_key": [part.encode() for part in name.split(".")], "value_json": dumped(value)}
        for name, value in values.items()
    ]


def dumped(value: object) -> bytes:
    """JSON as Go's and Python's writers of wandb have it, with NaN and Infinity."""
    return json.dumps(value).encode()
