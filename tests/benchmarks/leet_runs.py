"""Makes finished offline runs for `wandb leet`; wandb's own Python runs it, for the SDK takes half a second a run.

    PYTHON_OF_WANDB leet_runs.py FOLDER RUNS PARAMS METRICS POINTS

A `.wandb` file is the log format of LevelDB around protobuf records: blocks of 32 KiB, fragments that never cross one,
each after CRC-32, length and type.
"""

from __future__ import annotations

import importlib
import json
import random
import struct
import sys
import time
from pathlib import Path
from typing import Any
from zlib import crc32

BLOCK = 32 * 1024
HEADER = struct.Struct("<IHB")
IDENTITY = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def write_runs(folder: Path, runs: int, params: int, metrics: int, points: int) -> None:
    """`runs` folders named as offline mode names them, the newest last; run `number` is shown as `run-number`."""
    protocol = importlib.import_module("wandb.proto.wandb_internal_pb2")
    rng = random.Random(0)
    began = int(time.time()) - runs * 60
    for number in range(runs):
        started = began + number * 60
        uid = f"{number:08x}"
        day = time.strftime("%Y%m%d_%H%M%S", time.localtime(started))
        path = folder / f"offline-run-{day}-{uid}" / f"run-{uid}.wandb"
        path.parent.mkdir(parents=True)
        records = _records(protocol, rng, number, uid, started, params, metrics, points)
        path.write_bytes(_log([record.SerializeToString() for record in records]))


def _records(
    protocol: Any, rng: random.Random, number: int, uid: str, started: int, params: int, metrics: int, points: int
) -> list[Any]:
    """What the SDK writes for one finished run, without telemetry."""
    header = protocol.Record()
    header.header.version_info.producer = "0.31.0"
    header.header.version_info.min_consumer = "0.70.0"
    run = protocol.Record()
    run.run.run_id = uid
    run.run.project = "benchmark"
    run.run.display_name = f"run-{number}"
    run.run.host = "here"
    run.run.start_time.seconds = started
    for index in range(params):
        run.run.config.update.add(key=f"p{index}", value_json=json.dumps(round(rng.random(), 4)))
    records = [header, run]
    slopes = [rng.uniform(0.01, 0.2) for _ in range(metrics)]
    values: dict[str, float] = {}
    for step in range(points):
        record = protocol.Record()
        values = {f"m{index}": 1 / (1 + slope * step) + rng.gauss(0, 0.01) for index, slope in enumerate(slopes)}
        values |= {"_step": step, "_runtime": step * 0.5, "_timestamp": started + step * 0.5}
        for name, value in values.items():
            record.history.item.add(nested_key=[name], value_json=json.dumps(value))
        record.history.step.num = step
        records.append(record)
    summary = protocol.Record()
    for name, value in values.items():
        summary.summary.update.add(nested_key=[name], value_json=json.dumps(value))
    end = protocol.Record()
    end.exit.exit_code = 0
    end.exit.runtime = 30
    records += [summary, end]
    for index, record in enumerate(records, start=1):
        record.num = index
    return records


def _log(records: list[bytes]) -> bytes:
    """Records as a log file holds them."""
    out = bytearray(IDENTITY)
    for record in records:
        begun = False
        while True:
            left = BLOCK - len(out) % BLOCK
            if left < HEADER.size:
                out += bytes(left)
                continue
            part, record = record[: left - HEADER.size], record[left - HEADER.size :]
            kind = (MIDDLE if record else LAST) if begun else (FIRST if record else FULL)
            out += HEADER.pack(crc32(bytes([kind]) + part), len(part), kind) + part
            begun = True
            if not record:
                break
    return bytes(out)


if __name__ == "__main__":
    write_runs(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:6]))
