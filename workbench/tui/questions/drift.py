"""The table of monitors and of stored drift checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.numbers import format_age, format_number
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.formats import format_cell
from workbench.output.marks import status_mark
from workbench.output.spans import Span
from workbench.output.table import column_cells
from workbench.plot.heat import CELLS
from workbench.tui.questions.models import ALWAYS, drawn
from workbench.tui.questions.relative import without_root
from workbench.tui.widgets.table_model import TableColumn, TableRow

if TYPE_CHECKING:
    from workbench.drift.monitors.overview import MonitorState

MONITOR, CHECK = "monitor", "check"
"""Kinds of subjects."""
STRIP = 12
"""Windows whose verdicts the table shows."""
SHORT_MOMENT = 16
"""Letters of a moment without its seconds."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is watched.

    Attributes:
        kind: a monitor, or the checks that were kept under one name.
        name: its name.
        model: the model that is watched, or empty.
        alerted: whether an alert stands that nobody has acknowledged.
        standing: whether an alert stands.
        muted: whether its hook is quiet by somebody's will.
    """

    kind: str
    name: str
    model: str = ""
    alerted: bool = False
    standing: bool = False
    muted: bool = False

    @property
    def key(self) -> str:
        """Of its row."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class DriftTable:
    """The whole table, ready to be drawn.

    Attributes:
        columns, rows: of the table; a row's key is that of its subject.
        subjects: by their keys.
        due: how many monitors have a window that is closed and was not looked at.
    """

    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    subjects: Mapping[str, Subject]
    due: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """One row before it is drawn."""

    subject: Subject
    state: Span
    alert: Span
    window: str | None
    rows: int | None
    labels: float | None
    due: Span
    strip: str
    found: Span


@dataclass(frozen=True, slots=True)
class DriftSubjects:
    """All monitors, those with an alert first, and the newest stored check of each name: a `DriftTable`.

    Attributes:
        project: whose monitors.
    """

    project: Project

    def ask(self, db: Any) -> tuple[list[MonitorState], list[dict[str, Any]]]:
        """Read them, without their documents."""
        from workbench.drift.history import check_outlines
        from workbench.drift.monitors.overview import overview

        return overview(db, self.project, now_us()), check_outlines(db)

    def work(self, found: tuple[list[MonitorState], list[dict[str, Any]]]) -> DriftTable:
        """Texts and widths."""
        states, checks = found
        moment_us = now_us()
        rows = [_monitor_row(state, self.project, moment_us) for state in states]
        rows.sort(key=lambda row: (not row.subject.alerted, not row.subject.standing))
        by_name: dict[str, list[dict[str, Any]]] = {}
        for check in checks:
            by_name.setdefault(check["name"], []).append(check)
        rows += [_check_row(name, kept, moment_us) for name, kept in by_name.items()]
        columns, drawn_rows = _drawn(rows)
        return DriftTable(
            columns, drawn_rows, {row.subject.key: row.subject for row in rows}, sum(state.is_due for state in states)
        )


def _drawn(rows: Sequence[_Row]) -> tuple[tuple[TableColumn, ...], tuple[TableRow, ...]]:
    moment_us = now_us()

    def cells(column: Column, values: list[object]) -> tuple[Column, list[Span]]:
        return column, column_cells(column, values, moment_us)

    columns: list[tuple[Column, list[Span]]] = [
        (Column("watched"), [(visible(row.subject.name), "bold") for row in rows]),
        (Column("state", priority=ALWAYS), [row.state for row in rows]),
        (Column("alert"), [row.alert for row in rows]),
        cells(Column("last window", priority=ALWAYS), [row.window for row in rows]),
        cells(Column("rows", "number", priority=ALWAYS), [row.rows for row in rows]),
        cells(Column("labels", "percent"), [row.labels for row in rows]),
        (Column("next", align="right"), [row.due for row in rows]),
        (Column("windows"), [(row.strip, "") for row in rows]),
        (Column("model"), [(visible(row.subject.model), "") for row in rows]),
        (Column("found"), [row.found for row in rows]),
    ]
    return drawn(columns, [row.subject.key for row in rows])


def _monitor_row(state: MonitorState, project: Project, moment_us: int) -> _Row:
    monitor, last = state.monitor, state.last
    acknowledged = state.handling.acknowledged
    model = monitor.version_shown or monitor.settings.model
    standing = state.alert is not None
    subject = Subject(MONITOR, monitor.name, model, standing and acknowledged is None, standing, state.mute is not None)
    alert: Span = ("", "")
    if state.alert is not None:
        windows = f"{state.alert.windows} window{'s' * (state.alert.windows != 1)}"
        alert = (f"! {windows}", "bad") if acknowledged is None else ("seen", "warn")
    if state.mute is not None:
        alert = (f"{alert[0]}, muted" if alert[0] else "muted", alert[1] or "dim")
    mark, style = status_mark(state.state)
    found: Span = ("", "")
    if monitor.problem is not None:
        found = (visible(without_root(monitor.problem.message, project)), "bad")
    elif last is not None:
        said = [*last.drifted_columns, *last.reasons] or [f"{name}?" for name in last.warned_columns]
        found = (", ".join(map(visible, said)), "")
    due: Span = ("", "dim")
    if state.is_due:
        due = ("due", "warn")
    elif state.next_due_us is not None:
        due = (format_age((state.next_due_us - moment_us) / 1e6), "dim")
    return _Row(
        subject,
        (f"{mark} {state.state}", style),
        alert,
        last.window[:SHORT_MOMENT] if last else None,
        last.rows if last else None,
        state.coverage,
        due,
        strip(state.recent),
        found,
    )


def _check_row(name: str, kept: Sequence[Mapping[str, Any]], moment_us: int) -> _Row:
    newest = kept[0]
    verdict = "drift" if newest["dataset_drift"] else "ok"
    mark, style = status_mark(verdict)
    count = f"{format_number(len(kept))} check{'s' * (len(kept) != 1)}"
    return _Row(
        Subject(CHECK, name),
        (f"{mark} {verdict}", style),
        (count, "dim"),
        format_cell(newest["at"], "time", moment_us)[0][:SHORT_MOMENT],
        None,
        None,
        ("", ""),
        strip(["drift" if one["dataset_drift"] else "ok" for one in kept[::-1]]),
        (", ".join(map(visible, newest["drifted_columns"])), ""),
    )


def strip(verdicts: Sequence[str]) -> str:
    """Verdicts as marks, the newest last."""
    return "".join(CELLS.get(verdict, ("–", ""))[0] for verdict in verdicts[-STRIP:])
