"""Rows of prediction logs as a polars frame: JSON lines, of which only the columns that are asked for are made.

A database of its own in memory reads the files; the project's store is not visited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import duckdb

from workbench.base.errors import InputError
from workbench.store.connection import connect

if TYPE_CHECKING:
    import polars as pl

KINDS = {"number": "DOUBLE", "text": "VARCHAR", "truth": "BOOLEAN", "scores": "DOUBLE[]"}
"""What a column is read as. Whole numbers are numbers too: as whole ones they would lose their fractions silently."""
TIME, STATUS, WEIGHT, REQUEST, ROW, OUTPUT, SCORE, FEATURE = "ts", "status", "w", "rid", "row", "y", "score", "x."
"""The columns of the frame; a feature's name comes after `x.`."""


class LinesUnreadableError(InputError):
    """A line is no JSON object, or a value is not what the column is read as; the files say more one by one."""


def read_rows(
    paths: Sequence[str],
    features: Mapping[str, str],
    output: str,
    *,
    score: str | None = None,
    keys: bool = False,
    start_us: int | None = None,
    end_us: int | None = None,
) -> pl.DataFrame:
    """The rows of files in their order.

    Args:
        paths: of JSON-lines files, of whole lines.
        features: what to read of `x`: the kind of each column, one of `KINDS`.
        output: the kind of `y`.
        score: the kind of `score`, or None where it is not wanted.
        keys: whether `rid` and `row` are wanted.
        start_us, end_us: only rows from and before these moments, microseconds since the epoch.

    Returns:
        `ts` (Int64, microseconds since the epoch; null where the line has no time), `status`, `w`, `x.…`, `y`, `score`,
        `rid` (text), `row`.

    Raises:
        LinesUnreadableError: a line or a value cannot be read as that.
    """
    inner = ", ".join(f"{_name(name)} {KINDS[kind]}" for name, kind in features.items())
    types = {TIME: "VARCHAR", STATUS: "BIGINT", WEIGHT: "DOUBLE", OUTPUT: KINDS[output]}
    types |= {"x": f"STRUCT({inner})"} if inner else {}
    types |= {SCORE: KINDS[score]} if score else {}
    types |= {REQUEST: "VARCHAR", ROW: "BIGINT"} if keys else {}
    columns = ", ".join(f"{_name(name)}: {_text(kind)}" for name, kind in types.items())
    chosen = [f"epoch_us(TRY_CAST({TIME} AS TIMESTAMPTZ)) AS {TIME}", f"coalesce({STATUS}, 200) AS {STATUS}"]
    chosen.append(f"coalesce({WEIGHT}, 1) AS {WEIGHT}")
    chosen += [f"x.{_name(name)} AS {_name(FEATURE + name)}" for name in features]
    chosen += [OUTPUT, *([SCORE] if score else []), *([REQUEST, ROW] if keys else [])]
    query = f"SELECT {', '.join(chosen)} FROM read_json($paths, format = 'newline_delimited', columns = {{{columns}}})"
    bounds = [f"ts IS NULL OR ts >= {start_us:d}"] if start_us is not None else []
    bounds += [f"ts IS NULL OR ts < {end_us:d}"] if end_us is not None else []
    if bounds:
        query = f"SELECT * FROM ({query}) WHERE {' AND '.join(f'({bound})' for bound in bounds)}"
    db = connect()
    try:
        rows: pl.DataFrame = db.sql(query, params={"paths": list(paths)}).pl()
        return rows
    except duckdb.Error as error:
        raise LinesUnreadableError(str(error).splitlines()[0]) from None
    finally:
        db.close()


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
