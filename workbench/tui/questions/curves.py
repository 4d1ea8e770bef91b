"""Questions about the metrics of several runs as curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from workbench.base.clock import iso_utc
from workbench.base.errors import InputError, MetricNotFoundError
from workbench.base.numbers import format_number
from workbench.base.project import Project
from workbench.plot.series import Series
from workbench.store.curves import Curve, curves
from workbench.store.labels import RunLabel, run_labels
from workbench.store.metric_keys import metric_order
from workbench.store.metrics import history
from workbench.tui.questions.edits import Done
from workbench.tui.questions.export import write_document, write_rows

FORMATS = ("csv", "parquet", "json", "md")
"""What points can be written as."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Charted:
    """What can be drawn.

    Attributes:
        runs: those of the runs that are in the store, in the order asked for.
        metrics: names of all their metrics, those that people look at first in front.
    """

    runs: tuple[RunLabel, ...]
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartedRuns:
    """The runs of a page of charts and the names of their metrics: `Charted`."""

    uids: tuple[str, ...]

    def ask(self, db: Any) -> Charted:
        """Read them."""
        return Charted(tuple(run_labels(db, self.uids)), tuple(metric_order(db, self.uids)))

    def work(self, found: Charted) -> Charted:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class MetricCurves:
    """One metric of several runs.

    Attributes:
        key: its name.
        series: one for each run that has it, with the run's name, and its place among the runs where there are several.
        uids: the runs' ids.
        x_range: the x of the left and right edge; None where no run has the metric.
        n_nan, n_infinite: values in range that cannot be drawn.
        running: whether one of its runs is running.
    """

    key: str
    series: tuple[Series, ...] = ()
    uids: tuple[str, ...] = ()
    x_range: tuple[float, float] | None = None
    n_nan: int = 0
    n_infinite: int = 0
    running: bool = False


@dataclass(frozen=True, slots=True)
class CurvesOf:
    """Metrics of runs, one chart each: a tuple of `MetricCurves`.

    Attributes:
        uids: which runs.
        keys: which metrics; None is the first `count` of `Charted.metrics`.
        count: how many where `keys` is None.
        width: buckets of the horizontal axis.
        axis: step, or time in seconds since each run began.
        x_range: the part of the axis; None is all of it.
    """

    uids: tuple[str, ...]
    keys: tuple[str, ...] | None
    count: int
    width: int
    axis: Literal["step", "time"] = "step"
    x_range: tuple[float, float] | None = None

    def ask(self, db: Any) -> tuple[list[RunLabel], list[tuple[str, list[Curve]]]]:
        """The runs, and the extremes of each bucket."""
        keys = metric_order(db, self.uids)[: self.count] if self.keys is None else self.keys
        found = []
        for key in keys:
            try:
                found.append(
                    (key, curves(db, self.uids, key, width=self.width, x=self.axis, x_range=self.x_range)),
                )
            except MetricNotFoundError:
                found.append((key, []))  # its run is purged
        return run_labels(db, self.uids), found

    def work(self, found: tuple[list[RunLabel], list[tuple[str, list[Curve]]]]) -> tuple[MetricCurves, ...]:
        """Series with the names of their runs."""
        labels, by_key = found
        names = {label.uid: label.name or label.uid[:8] for label in labels}
        running = {label.uid for label in labels if label.status == "running"}
        places = {uid: place for place, uid in enumerate(self.uids)} if len(self.uids) > 1 else {}
        return tuple(
            MetricCurves(
                key,
                tuple(Series.from_curve(names.get(one.uid, one.uid[:8]), one, place=places.get(one.uid)) for one in of),
                tuple(one.uid for one in of),
                of[0].x_range if of else None,
                sum(one.n_nan for one in of),
                sum(one.n_infinite for one in of),
                any(one.uid in running for one in of),
            )
            for key, of in by_key
        )


@dataclass(frozen=True, slots=True)
class WritePoints:
    """A deed: write every point of metrics to a file, as `workbench runs metrics` prints them.

    Attributes:
        uids: which runs; where there are several, each row begins with the run's id.
        keys: which metrics.
        path: of the file; it is complete or not there.
        format: one of `FORMATS`.
    """

    WRITES: ClassVar[bool] = False
    """Nothing of the project."""

    uids: tuple[str, ...]
    keys: tuple[str, ...]
    path: str
    format: str

    def do(self, project: Project, db: Any) -> Done:
        """Write it.

        Raises:
            MetricNotFoundError: none of the runs has one of the metrics any more.
            InputError: the file cannot be written, or the format is unknown.
        """
        if self.format not in FORMATS:
            raise InputError(f"unknown format: {self.format}", f"one of: {', '.join(FORMATS)}")
        found = history(db, self.uids, self.keys)
        n_points = sum(len(points) for by_key in found.values() for points in by_key.values())
        if self.format == "json":
            documents = [_document(uid, by_key) for uid, by_key in found.items()]
            write_document(self.path, documents[0] if len(documents) == 1 else documents)
        else:
            several = len(self.uids) > 1
            rows = [
                [uid] * several + [key, step, _EPOCH + timedelta(microseconds=time_us), value]
                for uid, by_key in found.items()
                for key, points in by_key.items()
                for step, value, time_us in points
            ]
            write_rows(self.path, self.format, ["run_id"] * several + ["key", "step", "time", "value"], rows)
        return Done(f"wrote {format_number(n_points)} points to {self.path}")


def _document(uid: str, by_key: dict[str, list[tuple[int, float, int]]]) -> dict[str, object]:
    metrics = {
        key: [{"step": step, "value": value, "time": iso_utc(time_us)} for step, value, time_us in points]
        for key, points in by_key.items()
    }
    return {"run_id": uid, "metrics": metrics}


def values_at(charts: Sequence[MetricCurves], uids: Sequence[str], x: float) -> list[list[float | None]]:
    """The value of each chart at an x, one row for each run; None where the run has none there."""
    rows: list[list[float | None]] = []
    for uid in uids:
        found = [
            next((one.value_at(x) for one, own in zip(chart.series, chart.uids, strict=True) if own == uid), None)
            for chart in charts
        ]
        rows.append([None if entry is None else entry[1] for entry in found])
    return rows
