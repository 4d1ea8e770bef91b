"""The records of a `.wandb` file, as far as they are read.

Numbers as in wandb/proto/wandb_internal.proto of https://github.com/wandb/wandb.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from workbench.interop.protobuf import Field, message_classes, text

_ITEM: tuple[Field, ...] = ((1, "key", "bytes"), (2, "nested_key", "bytes*"), (16, "value_json", "bytes"))
TABLE: dict[str, tuple[Field, ...]] = {
    "Record": (
        (2, "history", "History"),
        (3, "summary", "Items"),
        (4, "output", "Output"),
        (5, "config", "Items"),
        (7, "stats", "Stats"),
        (13, "output_raw", "Output"),
        (17, "run", "Run"),
        (18, "exit", "Exit"),
        (26, "environment", "Environment"),
    ),
    "History": ((1, "item", "Item*"), (2, "step", "Step")),
    "Step": ((1, "num", "int64"),),
    "Item": _ITEM,
    "Items": ((1, "update", "Item*"), (2, "remove", "Item*")),
    "Timestamp": ((1, "seconds", "int64"), (2, "nanos", "int32")),
    "Stats": ((2, "timestamp", "Timestamp"), (3, "item", "Item*")),
    "Output": ((1, "output_type", "int32"), (2, "timestamp", "Timestamp"), (3, "line", "bytes")),
    "Run": (
        (1, "run_id", "bytes"),
        (2, "entity", "bytes"),
        (3, "project", "bytes"),
        (4, "config", "Items"),
        (5, "summary", "Items"),
        (6, "run_group", "bytes"),
        (7, "job_type", "bytes"),
        (8, "display_name", "bytes"),
        (9, "notes", "bytes"),
        (10, "tags", "bytes*"),
        (12, "sweep_id", "bytes"),
        (13, "host", "bytes"),
        (17, "start_time", "Timestamp"),
        (21, "git", "Git"),
    ),
    "Git": ((1, "remote_url", "bytes"), (2, "commit", "bytes")),
    "Exit": ((1, "exit_code", "int32"),),
    "Environment": (
        (2, "python", "bytes"),
        (5, "args", "bytes*"),
        (6, "program", "bytes"),
        (9, "git", "Git"),
        (11, "root", "bytes"),
        (12, "host", "bytes"),
        (13, "username", "bytes"),
        (14, "executable", "bytes"),
    ),
}
Record: Any = message_classes("workbench.wandb", TABLE)["Record"]

STDERR = 0
"""`output_type` of what was written to stderr."""

_NONFINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
OWN = ("_wandb", "_step", "_runtime", "_timestamp")
"""Keys that wandb adds to what was logged."""


def items(messages: Iterable[Any]) -> Iterator[tuple[tuple[str, ...], object]]:
    """`(path of keys, value)` of items whose value is JSON; what is none is left out."""
    for message in messages:
        path = tuple(text(part) for part in message.nested_key) or (text(message.key),)
        try:
            yield path, json.loads(message.value_json)
        except (ValueError, RecursionError):
            continue


def paths(messages: Iterable[Any]) -> Iterator[tuple[str, ...]]:
    """The paths of keys of items."""
    for message in messages:
        yield tuple(text(part) for part in message.nested_key) or (text(message.key),)


def number(value: object) -> float | None:
    """The number that a value is; None for what is none."""
    if isinstance(value, (bool, int, float)):
        try:
            return float(value)
        except OverflowError:
            return None
    return _NONFINITE.get(value) if isinstance(value, str) else None


def timestamp_us(message: Any) -> int:
    """Microseconds since the epoch."""
    return int(message.seconds) * 1_000_000 + int(message.nanos) // 1000
