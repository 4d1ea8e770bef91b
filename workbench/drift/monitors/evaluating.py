"""One window of a monitor: its columns against the stored baseline, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.base.clock import now_us
from workbench.base.numbers import format_number
from workbench.drift.baseline import Baseline
from workbench.drift.check import check
from workbench.drift.monitors.due import Window
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.monitors.results import METHOD, result_id
from workbench.drift.monitors.roles import LOG, role_columns
from workbench.drift.monitors.source import Part
from workbench.drift.options import Options
from workbench.drift.source import Table, named
from workbench.drift.words import DRIFT, INSUFFICIENT, OK, RANK, WARN, Document

TESTED = (DRIFT, WARN, OK)


@dataclass(frozen=True)
class Judged:
    """The verdict of one side of a window, and why."""

    verdict: str
    reasons: tuple[str, ...] = ()


def compared(monitor: Monitor, baseline: Baseline, part: Part, *, is_log: bool) -> Document:
    """The drift document of a window; empty for one without rows.

    Raises:
        InputError: a column that was asked for is on neither side, or nothing can be read.
    """
    if not part.table.rows:
        return {}
    table = visible_table(part.table)
    return check(baseline, table, options_for(monitor, baseline, list(table.schema), part.outputs, is_log=is_log))


def visible_table(table: Table) -> Table:
    """A table without what a log has of its own."""
    names = [name for name in table.schema if not name.startswith(LOG)]
    if len(names) == len(table.schema):
        return table
    return Table(table.frame.select([named(name) for name in names]), table.name, table.notes, table.digest)


def options_for(
    monitor: Monitor, baseline: Baseline, columns: list[str], outputs: set[str], *, is_log: bool
) -> Options:
    """Which columns are compared, and how.

    What has a role is compared where both sides have it: training data has labels and no predictions, a log has
    predictions and no labels. Of a log, columns count that it has or that the model takes.

    Args:
        columns: of the window.
        outputs: those that the model made.
    """
    settings = monitor.settings
    options = settings.options()
    if options.columns:
        return options
    roles = role_columns(settings) | outputs
    one_sided = {name for name in roles if (name in baseline.names) != (name in columns)}
    ignored = {*options.ignore, *one_sided, *settings.key}
    if not is_log:
        return replace(options, ignore=tuple(sorted({*ignored, monitor.time, settings.time})))
    there = [name for name in baseline.names if name in columns or name in monitor.inputs]
    there += [name for name in columns if name not in baseline.names]
    return replace(options, columns=tuple(name for name in there if name not in ignored), ignore=())


def judged(document: Document, part: Part) -> Judged:
    """What the columns of a window say."""
    if not document:
        refused = f"; {format_number(part.refused)} requests were refused" if part.refused else ""
        return Judged(INSUFFICIENT, (f"no rows{refused}",))
    if document["dataset_drift"]:
        return Judged(DRIFT)
    counts = document["counts"]
    if not any(counts[verdict] for verdict in TESTED):
        few = counts[INSUFFICIENT]
        return Judged(INSUFFICIENT, ("too few rows" if few else "no column could be compared",))
    return Judged(WARN if counts[WARN] or counts[DRIFT] else OK)


def together(drift: Judged, performance: Judged | None) -> Judged:
    """The verdict of a window: the worse of both; what is insufficient gives way to the other."""
    if performance is None:
        return drift
    worse = min((drift.verdict, performance.verdict), key=RANK.__getitem__)
    return Judged(worse, (*drift.reasons, *performance.reasons))


def drift_fields(
    monitor: Monitor, window: Window, part: Part, document: Document, drift: Judged, *, pictures: bool
) -> tuple[str, dict[str, Any]]:
    """The id of a result, and what its fields say of the window and its columns.

    Args:
        pictures: whether the distributions of columns without a finding are kept.
    """
    columns = document.get("columns", [])
    if not pictures:
        columns = [
            column if column["verdict"] in (DRIFT, WARN) else {**column, "distribution": None} for column in columns
        ]
    fields: dict[str, Any] = {
        "monitor": monitor.id,
        "key": window.key,
        "window": window.name,
        "start_us": window.start_us,
        "end_us": window.end_us,
        "first_row": window.first_row,
        "position_us": window.position_us,
        "rows": part.table.rows,
        "refused": part.refused or None,
        "unreadable": part.unreadable or None,
        "drift_verdict": drift.verdict,
        "drift_reasons": list(drift.reasons) or None,
        "drifted_columns": list(document.get("drifted_columns", [])),
        "warned_columns": [column["column"] for column in columns if column["verdict"] == WARN],
        "counts": dict(document.get("counts", {})),
        "verdicts": {column["column"]: column["verdict"] for column in columns},
        "document": {**document, "columns": columns} if document else None,
        "baseline": monitor.reference.baseline,
        "method": METHOD,
        "notes": list(part.notes) or None,
        "created_us": now_us(),
    }
    return result_id(monitor.id, window.key, monitor.reference.baseline), fields


def verdict_fields(drift: Judged, performance: Judged | None, document: Document | None) -> Mapping[str, Any]:
    """What the fields of a result say of its performance and of both together."""
    whole = together(drift, performance)
    return {
        "verdict": whole.verdict,
        "reasons": list(whole.reasons) or None,
        "performance": document,
        "performance_verdict": performance.verdict if performance else None,
        "coverage": document["coverage"] if document else None,
    }
