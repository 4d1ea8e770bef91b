"""Rows to Parquet, with a type for every column."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from workbench.base.errors import InputError
from workbench.base.jsonvalue import dumps

_MAX_INT64 = 2**63 - 1
_BATCH_ROWS = 50_000


def write_parquet(path: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows to a Parquet file; the file is complete or not there.

    A column is BIGINT, DOUBLE, BOOLEAN, a UTC timestamp or VARCHAR, as its values are; where they are mixed or nested
    they are JSON text. None is null.

    Args:
        names: of the columns; one that occurs again gets `_2`, `_3` and so on.

    Raises:
        InputError: the file cannot be written.
    """
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    typed = [_typed(column) for column in columns]
    headers = ", ".join(f"{_identifier(name)} {kind}" for name, (kind, _) in zip(_distinct(names), typed, strict=True))
    building = f"{path}.{os.getpid()}.partial"
    with duckdb.connect(":memory:") as db:
        db.execute("SET autoinstall_known_extensions = false")
        db.execute(f"CREATE TABLE page ({headers})")
        for start in range(0, len(rows), _BATCH_ROWS):
            batch = {f"c{index}": cells[start : start + _BATCH_ROWS] for index, (_, cells) in enumerate(typed)}
            cells = ", ".join(f"unnest(${name}::{kind}[])" for name, (kind, _) in zip(batch, typed, strict=True))
            db.execute(f"INSERT INTO page SELECT {cells}", batch)
        try:
            db.execute("COPY page TO $path (FORMAT parquet, COMPRESSION zstd)", {"path": building})
            os.replace(building, path)
        except (duckdb.IOException, OSError) as error:
            # Without what DuckDB says about the file beside it, before and after.
            reason = str(error).splitlines()[0].rpartition(": ")[2].partition('"')[0]
            raise InputError(f"cannot write {path}: {reason.lower()}") from None
        finally:
            if os.path.lexists(building):
                os.unlink(building)


def _typed(column: Iterable[Any]) -> tuple[str, list[Any]]:
    """The narrowest type that holds all values, and the values as that type takes them."""
    cells = list(column)
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {bool}:
        return "BOOLEAN", cells
    if kinds == {int} and all(cell is None or abs(cell) <= _MAX_INT64 for cell in cells):
        return "BIGINT", cells
    if kinds and kinds <= {int, float}:
        return "DOUBLE", [None if cell is None else _real(cell) for cell in cells]
    if kinds == {datetime}:
        aware = any(cell is not None and cell.tzinfo is not None for cell in cells)
        return "TIMESTAMPTZ" if aware else "TIMESTAMP", cells
    return "VARCHAR", [_text(cell) for cell in cells]


def _real(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer beyond what a double can hold
        return math.inf if number > 0 else -math.inf


def _text(cell: object) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return cell.isoformat() if isinstance(cell, date) else dumps(cell)


def _distinct(names: Sequence[str]) -> list[str]:
    taken: set[str] = set()
    distinct = []
    for name in names:
        number, candidate = 1, name
        while candidate.lower() in taken:  # names of columns differ in more than their case
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate.lower())
        distinct.append(candidate)
    return distinct


def _identifier(name: str) -> str:
    """A name as an SQL identifier: quoted, so that it cannot end there, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'
