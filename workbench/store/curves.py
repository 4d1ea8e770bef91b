"""Curves as a chart of so many columns can show them: the extremes of each pixel column, computed in SQL.

Nothing is averaged or dropped: a spike of one point among a million is the high of its column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.base.errors import InputError
from workbench.store.metric_keys import metric_keys

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Axis = Literal["step", "time"]
Range = tuple[float, float]

_UNIT: dict[Axis, float] = {"step": 1.0, "time": 1e6}
"""How much in the store, which counts steps and microseconds, is one of what a curve's x counts: steps, or seconds."""


@dataclass(frozen=True)
class Curve:
    """One metric of one run, reduced to the columns of a chart.

    The lists have one entry for each column that holds a finite value, from left to right.

    Attributes:
        uid: the run's id.
        key: the metric's name.
        axis: what x is: step, or seconds since the run began.
        x_range: the x of the left and right edge of the chart.
        columns: indices from 0 to width - 1.
        xs: the greatest x in the column.
        lows, highs: the least and greatest finite value in the column.
        firsts, lasts: the value logged first and last in the column.
        n_points: values in range, those that are not finite included.
        n_nan: NaN values in range.
        n_infinite: infinite values in range.
    """

    uid: str
    key: str
    axis: Axis
    x_range: Range
    columns: list[int]
    xs: list[float]
    lows: list[float]
    highs: list[float]
    firsts: list[float]
    lasts: list[float]
    n_points: int
    n_nan: int
    n_infinite: int


def curve(db: Connection, uid: str, key: str, *, width: int, x: Axis = "step", x_range: Range | None = None) -> Curve:
    """The curve of one metric of one run.

    Args:
        width: columns of the chart.
        x: what the horizontal axis is.
        x_range: the part to show; None is all.

    Raises:
        MetricNotFoundError: the run has no such metric.
        InputError: a width below 1, or an empty range.
    """
    return curves(db, [uid], key, width=width, x=x, x_range=x_range)[0]


def curves(
    db: Connection, uids: Sequence[str], key: str, *, width: int, x: Axis = "step", x_range: Range | None = None
) -> list[Curve]:
    """The curves of one metric of several runs over one shared range; runs without the metric have none.

    Raises: as `curve`, where none of the runs has the metric.
    """
    if width < 1:
        raise InputError("a chart is at least one column wide")
    if x_range is not None and not x_range[0] < x_range[1]:
        raise InputError("the range is empty", "give its lower end first")
    [key_id] = metric_keys(db, uids, [key])
    runs = db.execute(
        "SELECT r.run_id, r.uid, epoch_us(coalesce(r.started_at, s.first_ts)), s.first_step, s.last_step FROM run r"
        " JOIN metric_summary s USING (run_id) WHERE s.key_id = $1 AND r.uid IN (SELECT unnest($2::VARCHAR[]))",
        [key_id, list(uids)],
    ).fetchall()
    # Numbers of the store's own, spelled out so that DuckDB skips what other runs logged.
    points = f"metric WHERE key_id = {int(key_id)} AND run_id IN ({', '.join(str(int(run_id)) for run_id, *_ in runs)})"
    position = "step"
    if x == "time":
        # Each run counts from its own beginning, so that runs of different days lie over each other.
        origins = {int(run_id): int(origin_us) for run_id, _, origin_us, *_ in runs}
        whens = " ".join(f"WHEN {run_id} THEN {origin_us}" for run_id, origin_us in origins.items())
        position = f"epoch_us(ts) - CASE run_id {whens} END"
        if x_range is None:
            x_range = _time_range(db, points, origins)
        else:
            # What the condition on positions says too, but in a form by which DuckDB skips points without reading them.
            first = _timestamp(min(origins.values()) + x_range[0] * _UNIT["time"] - 1)
            last = _timestamp(max(origins.values()) + x_range[1] * _UNIT["time"] + 1)
            points += f" AND ts BETWEEN {first} AND {last}"
    elif x_range is None:
        x_range = float(min(row[3] for row in runs)), float(max(row[4] for row in runs))
    columns = _columns(db, points, position, _UNIT[x], width, x_range)
    known = {uid: run_id for run_id, uid, *_ in runs}
    return [_curve(uid, key, x, x_range, columns.get(known[uid], [])) for uid in uids if uid in known]


def _time_range(db: Connection, points: str, origins: dict[int, int]) -> Range:
    rows = db.execute(f"SELECT run_id, epoch_us(min(ts)), epoch_us(max(ts)) FROM {points} GROUP BY run_id").fetchall()
    low_us = min(first_us - origins[run_id] for run_id, first_us, _ in rows)
    high_us = max(last_us - origins[run_id] for run_id, _, last_us in rows)
    return low_us / _UNIT["time"], high_us / _UNIT["time"]


def _timestamp(time_us: float) -> str:
    furthest_us = 9 * 10**18  # the end of DuckDB's time is a little later
    return f"make_timestamp({int(max(-furthest_us, min(time_us, furthest_us)))})"


def _columns(
    db: Connection, points: str, position: str, unit: float, width: int, x_range: Range
) -> dict[int, list[tuple[Any, ...]]]:
    """The rows of `Curve`'s lists and counts by run, from left to right."""
    low, high = x_range[0] * unit, x_range[1] * unit
    scale = width / (high - low) if high > low else 0.0
    # The order in time, not in steps, decides which value is the last: a resumed run logs steps again.
    rows = db.execute(
        f"""
        SELECT run_id, place, max(x) / {unit}, min(finite), max(finite), arg_min(finite, ts), arg_max(finite, ts),
            count(*), count(finite), countif(isnan(value))
        FROM (SELECT run_id, ts, value, {position} AS x, CASE WHEN isfinite(value) THEN value END AS finite,
                least(floor(({position} - $low) * $scale), $right)::INTEGER AS place
            FROM {points} AND {position} BETWEEN $low AND $high)
        GROUP BY run_id, place ORDER BY run_id, place
        """,
        {"low": low, "high": high, "scale": scale, "right": width - 1},
    ).fetchall()
    columns: dict[int, list[tuple[Any, ...]]] = {}
    for run_id, *cells in rows:
        columns.setdefault(run_id, []).append(tuple(cells))
    return columns


def _curve(uid: str, key: str, x: Axis, x_range: Range, rows: list[tuple[Any, ...]]) -> Curve:
    drawn = [row for row in rows if row[2] is not None]
    columns, xs, lows, highs, firsts, lasts = ([row[index] for row in drawn] for index in range(6))
    n_points, n_finite, n_nan = (sum(row[index] for row in rows) for index in (6, 7, 8))
    n_infinite = n_points - n_finite - n_nan
    return Curve(uid, key, x, x_range, columns, xs, lows, highs, firsts, lasts, n_points, n_nan, n_infinite)
