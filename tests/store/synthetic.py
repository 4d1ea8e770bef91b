"""Stores made without journals: the tables that queries read, filled run by run or by the hundred thousand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection as Connection

from workbench.base.jsonvalue import dumps
from workbench.store.fields import time_of

BEGAN_US = 1_780_000_000_000_000
"""When the first run began; each later one began a minute after the one before."""

Points = Sequence[float | tuple[int, float] | tuple[int, float, int]]
"""Values by step from 0, or (step, value), or (step, value, µs since the run began)."""


def create_tables(db: Connection) -> Connection:
    """The store's own schema, in the current one."""
    for name in ("schema.sql", "views.sql"):
        db.execute(files("workbench.store").joinpath(name).read_text(encoding="utf-8"))
    return db


def empty_store() -> Connection:
    """A store in memory without runs."""
    return create_tables(duckdb.connect(":memory:", config={"threads": 2}))


def add_run(
    db: Connection,
    name: str,
    *,
    uid: str | None = None,
    params: Mapping[str, object] | None = None,
    metrics: Mapping[str, Points] | None = None,
    tags: Mapping[str, str | None] | None = None,
    artifacts: Sequence[str] = (),
    datasets: Mapping[str, str] | None = None,
    **attributes: Any,
) -> str:
    """Add one run, finished a minute after it began unless `attributes` (columns of table run) say otherwise.

    Args:
        datasets: digests by name.

    Returns:
        Its id, which begins with its number in four hex digits unless given.
    """
    run_id = db.execute("SELECT coalesce(max(run_id), 0) + 1 FROM run").fetchall()[0][0]
    uid = uid or f"{run_id:04x}" + f"{run_id * 0x9E3779B97F4A7C15 % 2**112:028x}"
    began_us = BEGAN_US + run_id * 60_000_000
    values: dict[str, Any] = {
        "run_id": run_id, "uid": uid, "name": name, "experiment": "default", "status": "finished",
        "started_at": time_of(began_us), "ended_at": time_of(began_us + 60_000_000), "user_name": "ada", "host": "here",
        "command": dumps(["python", "train.py"]), "cwd": "/work", "python": "3.12.1", "git_commit": "c" * 40,
        "git_branch": "main", "git_dirty": False, "exit_code": 0, "deleted": False, "starred": False, "pinned": False,
        "note": "",
    } | attributes  # fmt: skip
    db.execute(f"INSERT INTO run ({', '.join(values)}) VALUES ({', '.join(f'${key}' for key in values)})", values)
    _insert(
        db,
        "param",
        [(run_id, key, *_param(value), began_us, "w", i) for i, (key, value) in enumerate((params or {}).items())],
    )
    _insert(db, "tag", [(run_id, key, value, began_us, "w", i) for i, (key, value) in enumerate((tags or {}).items())])
    _insert(
        db,
        "artifact",
        [(run_id, path, "file", len(path), f"{i:064x}", began_us, "w", i) for i, path in enumerate(artifacts)],
    )
    _insert(
        db, "dataset",
        [(run_id, key, key, digest, f"data/{key}", 10, "csv", dumps({"context": "train"}), began_us, "w", i)
         for i, (key, digest) in enumerate((datasets or {}).items())],
    )  # fmt: skip
    for key, points in (metrics or {}).items():
        add_metric(db, run_id, key, points, began_us)
    return uid


def add_metric(db: Connection, run_id: int, key: str, points: Points, began_us: int = BEGAN_US) -> None:
    """Add the points of one metric to a run and summarise them."""
    db.execute(
        "INSERT INTO metric_key SELECT coalesce(max(key_id), 0) + 1, $1 FROM metric_key"
        " HAVING NOT EXISTS (SELECT 1 FROM metric_key WHERE name = $1)",
        [key],
    )
    key_id = db.execute("SELECT key_id FROM metric_key WHERE name = $1", [key]).fetchall()[0][0]
    whole = [point if isinstance(point, tuple) else (step, point) for step, point in enumerate(points)]
    rows = [
        (run_id, key_id, point[0], time_of(began_us + (point[2] if len(point) > 2 else point[0] * 1000)), point[1])
        for point in whole
    ]
    _insert(db, "metric", rows)
    summarise(db, f"run_id = {run_id} AND key_id = {key_id}")


def summarise(db: Connection, where: str) -> None:
    """Fill metric_summary from metric, as ingest does."""
    db.execute(
        f"""
        INSERT INTO metric_summary
        WITH p AS (SELECT *, CASE WHEN isnan(value) THEN NULL ELSE value END AS number FROM metric WHERE {where})
        SELECT run_id, key_id, count(*), arg_min(value, {{s: step, t: ts}}), min(step), arg_min(ts, {{s: step, t: ts}}),
            arg_max(value, {{s: step, t: ts}}), max(step), arg_max(ts, {{s: step, t: ts}}),
            min(number), arg_min(step, {{v: number, s: step}}) FILTER (number IS NOT NULL),
            max(number), arg_min(step, {{v: -number, s: step}}) FILTER (number IS NOT NULL),
            sum(number) FILTER (isfinite(number)), count(number) FILTER (isfinite(number))
        FROM p GROUP BY run_id, key_id
        """
    )


def fill(db: Connection, runs: int, params: int = 20, metrics: int = 15) -> None:
    """Add so many finished runs with params `p0…` (even ones numbers, odd ones text) and metrics `m0…`."""
    db.execute(
        f"""
        INSERT INTO run BY NAME
        SELECT i::INTEGER AS run_id, md5(i::VARCHAR) AS uid, 'run-' || i AS name, 'exp' || i % 7 AS experiment,
            'finished' AS status, make_timestamp({BEGAN_US} + i * 13000000) AS started_at,
            make_timestamp({BEGAN_US} + i * 13000000 + 60000000) AS ended_at, false AS deleted, false AS starred,
            false AS pinned, '' AS note, '["python"]' AS command
        FROM range({runs}) t(i)
        """
    )
    db.execute(
        f"""
        INSERT INTO param
        SELECT i, 'p' || j, CASE WHEN j % 2 = 0 THEN x::VARCHAR ELSE '"v' || hash(i * 7 + j) % 9 || '"' END,
            CASE WHEN j % 2 = 0 THEN x::VARCHAR ELSE 'v' || hash(i * 7 + j) % 9 END, CASE WHEN j % 2 = 0 THEN x END,
            i, 'w', 1
        FROM (SELECT i, j, hash(i * 31 + j) % 1000 / 1000.0 AS x FROM range({runs}) t(i), range({params}) s(j))
        ORDER BY i, j
        """
    )
    db.execute(f"INSERT INTO metric_key SELECT j, 'm' || j FROM range({metrics}) s(j)")
    db.execute(
        f"""
        INSERT INTO metric_summary BY NAME
        SELECT i::INTEGER AS run_id, j::INTEGER AS key_id, 100 AS n, 0.5 AS first, 0 AS first_step,
            hash(i * 17 + j) % 1000003 / 1000003.0 AS last, 99 AS last_step,
            hash(i * 19 + j) % 1000003 / 1000003.0 AS min, 7 AS min_step,
            hash(i * 23 + j) % 1000003 / 1000003.0 AS max, 8 AS max_step, 50.0 AS total, 100 AS n_finite
        FROM range({runs}) t(i), range({metrics}) s(j) ORDER BY i, j
        """
    )


def _param(value: object) -> tuple[str, str, float | None]:
    """JSON, text and number of a param, as ingest derives them."""
    text = value if isinstance(value, str) else dumps(value)
    try:
        number = None if isinstance(value, bool) else float(text)
    except ValueError:
        number = None
    return dumps(value), text, number


def _insert(db: Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        marks = f"({', '.join('?' * len(rows[0]))})"
        db.execute(
            f"INSERT INTO {table} VALUES {', '.join([marks] * len(rows))}", [cell for row in rows for cell in row]
        )
