"""What a monitor found of one window, as it is kept; and reading it back, small or whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workbench.base.errors import NotFoundError
from workbench.drift.monitors.alerts import Course, Rule, Step, course_of
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.periods import duration_us
from workbench.drift.words import INSUFFICIENT, METHOD, RANK, Document
from workbench.store.monitor_results import RESULT, newest_results, result_fields, result_places

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

__all__ = [
    "METHOD",
    "RESULT",
    "Heat",
    "Result",
    "alert_states",
    "course",
    "course_of_steps",
    "find_result",
    "heat",
    "result_document",
    "result_id",
    "result_performance",
    "results_by_id",
    "results_of",
    "steps_of",
]


@dataclass(frozen=True)
class Result:
    """What a monitor found of one window, without its documents.

    Attributes:
        id: made of the monitor, the window, the baseline and the method: the same whoever computes it.
        monitor: id of the monitor.
        key: of the window: how it was divided and where it begins, `1d/1790000000000000`.
        window: what people call it.
        start_us, end_us: the moments that it covers, the end excluded; None where rows have no time.
        first_row: the number of its first row, from 0; None for windows of time.
        position_us: where it lies in time, for sorting: its end.
        rows: rows that were compared.
        refused: requests that the server refused, which have no values.
        unreadable: lines that could not be read.
        verdict: `ok`, `warn`, `drift` or `insufficient`, columns and performance together.
        reasons: why, where it is not ok and columns do not say it.
        drift_reasons: those of the columns alone.
        drifted_columns, warned_columns: by name.
        counts: of columns by verdict.
        coverage: the share of rows that have a label; None where labels are not asked for.
        drift, performance: the verdicts of the columns and of the performance alone; None without anything to judge.
        labels_us: when the newest labels came that it was computed with, microseconds since the epoch; 0 without any.
        alert: what it means for the alert: `""`, `raised`, `standing` or `cleared`.
        baseline: SHA-256 of what it was compared with.
        method: version of tests and rules.
        created_us: when it was computed.
        notes: what is to be said of how the rows were read.
    """

    id: str
    monitor: str
    key: str
    window: str
    start_us: int | None
    end_us: int | None
    first_row: int | None
    position_us: int
    rows: int
    verdict: str
    baseline: str
    refused: int = 0
    unreadable: int = 0
    reasons: tuple[str, ...] = ()
    drift_reasons: tuple[str, ...] = ()
    drifted_columns: tuple[str, ...] = ()
    warned_columns: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    coverage: float | None = None
    drift: str = "insufficient"
    performance: str | None = None
    labels_us: int = 0
    alert: str = ""
    method: int = METHOD
    created_us: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heat:
    """Verdicts of columns over windows.

    Attributes:
        windows: their names, the oldest first.
        results: the ids of their results, likewise.
        columns: for each column its verdict in each window, None where it had none; the loudest column first.
    """

    windows: tuple[str, ...]
    results: tuple[str, ...]
    columns: Mapping[str, tuple[str | None, ...]]


def result_id(monitor: str, key: str, baseline: str) -> str:
    """The id of the result of a window: 32 hex digits."""
    return sha256(f"result\0{monitor}\0{key}\0{baseline}\0{METHOD}".encode()).hexdigest()[:32]


def results_of(db: Connection, monitor_id: str, limit: int | None, *, before: int | None = None) -> list[Result]:
    """The newest results of a monitor, the newest window first; of each window the newest result.

    Args:
        limit: at most so many; None is all.
        before: only windows whose `position_us` is earlier.
    """
    return results_by_id(db, newest_results(db, monitor_id, limit, before_us=before))


def results_by_id(db: Connection, ids: Sequence[str]) -> list[Result]:
    """Results in the order of their ids; those that are gone are left out."""
    return [_result(key, fields) for key, fields in result_fields(db, ids).items()]


def alert_states(db: Connection, ids: Sequence[str]) -> dict[str, str]:
    """What results are kept to mean for the alert, by their ids: `""`, `raised`, `standing` or `cleared`."""
    kept = result_fields(db, ids, ["alert"])
    return {key: kept[key]["alert"] if key in kept else "" for key in ids}


def find_result(db: Connection, monitor: Monitor, window: str | None) -> Result:
    """The result of a window that a person names.

    Args:
        window: its name or the beginning of it, the id of the result or the first 4 or more digits of it; None is the
            newest window.

    Raises:
        NotFoundError: there is none.
    """
    found = results_of(db, monitor.id, 1 if window is None else None)
    if window is not None:
        named = [one for one in found if one.window == window] or [
            one for one in found if one.window.startswith(window)
        ]
        found = named or [one for one in found if len(window) >= 4 and one.id.startswith(window.lower())]
    if not found:
        what = f"{monitor.name} has no window {window}" if window else f"{monitor.name} has no results yet"
        raise NotFoundError(what, f"workbench monitor {'show' if window else 'run'} {monitor.name}")
    return found[0]


def result_document(db: Connection, result_id: str) -> Document:
    """The drift document of a result, as `workbench drift check --json` has it; empty for a window without rows.

    Raises:
        NotFoundError: there is no such result.
    """
    return _large(db, result_id, "document") or {}


def result_performance(db: Connection, result_id: str) -> Document | None:
    """The performance document of a result, or None.

    Raises:
        NotFoundError: there is no such result.
    """
    found: Document | None = _large(db, result_id, "performance")
    return found


def heat(db: Connection, monitor_id: str, windows: int) -> Heat:
    """Verdicts of columns over the newest windows.

    Args:
        windows: how many of them at most.
    """
    ids = newest_results(db, monitor_id, windows)[::-1]
    found = result_fields(db, ids, ["window", "verdicts"])
    names = dict.fromkeys(name for one in found.values() for name in one.get("verdicts") or {})
    rows = {name: tuple((one.get("verdicts") or {}).get(name) for one in found.values()) for name in names}
    loudest = sorted(rows, key=lambda name: _loudness(rows[name]))
    return Heat(
        tuple(str(one.get("window", "")) for one in found.values()),
        tuple(found),
        {name: rows[name] for name in loudest},
    )


def course(db: Connection, monitor: Monitor) -> Course:
    """The alerts of a monitor, from the results of all its windows."""
    return course_of_steps(monitor, steps_of(db, [monitor]).get(monitor.id, []))


def course_of_steps(monitor: Monitor, steps: Sequence[Step]) -> Course:
    """The alerts that windows mean for a monitor."""
    rule = Rule(monitor.settings.after, monitor.settings.clear, duration_us(monitor.settings.cooldown))
    return course_of(steps, rule)


def steps_of(db: Connection, monitors: Iterable[Monitor]) -> dict[str, list[Step]]:
    """The verdicts of all windows, the oldest first, by id of the monitor; no monitor without results is in it."""
    return {
        monitor: [Step(key, verdict, position, result) for result, key, verdict, position in places]
        for monitor, places in result_places(db, [monitor.id for monitor in monitors]).items()
    }


def _loudness(verdicts: Sequence[str | None]) -> tuple[int, int, int]:
    """What columns are ranked by: the newest verdict, then how often there was drift, then warnings."""
    newest = verdicts[-1] if verdicts else None
    return RANK.get(newest or "", len(RANK)), -verdicts.count("drift"), -verdicts.count("warn")


def _large(db: Connection, result_id: str, name: str) -> Any:
    found = result_fields(db, [result_id], ["monitor", name])
    if result_id not in found:
        raise NotFoundError(f"there is no result {result_id}", "workbench monitor show NAME")
    return found[result_id].get(name)


def _result(id: str, fields: Mapping[str, Any]) -> Result:
    lists = {name: tuple(fields.get(name, ())) for name in _LISTS}
    plain = {name: fields[name] for name in _PLAIN if name in fields}
    missing = {name: fields.get(name) for name in ("start_us", "end_us", "first_row")}
    judged = {"drift": fields.get("drift_verdict", INSUFFICIENT), "performance": fields.get("performance_verdict")}
    return Result(**{"id": id, **judged, **missing, **plain, **lists})


_LISTS = ("reasons", "drift_reasons", "drifted_columns", "warned_columns", "notes")
_PLAIN = tuple(
    ("monitor key window position_us rows verdict baseline refused unreadable counts coverage labels_us alert "
    "method created_us").split()
)  # fmt: skip
