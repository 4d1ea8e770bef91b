"""What is asked of what is watched: the columns of one window ranked, all windows, performance, how it is watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.numbers import format_age, format_number
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.drift_view import COLUMNS, drift_row
from workbench.output.formats import as_number, format_cell
from workbench.output.marks import status_mark
from workbench.output.spans import Line, Span
from workbench.output.table import column_cells, indented, pairs
from workbench.tui.questions.drift import MONITOR, Subject
from workbench.tui.questions.drift_windows import Window, documents_of, heat_of, performances_of, windows_of
from workbench.tui.questions.models import drawn
from workbench.tui.questions.pane_texts import PaneText
from workbench.tui.questions.relative import without_root
from workbench.tui.widgets.table_model import TableColumn, TableRow

if TYPE_CHECKING:
    from workbench.drift.monitors.overview import MonitorState

Document = Mapping[str, Any]

_ORDER = (0, 9, 1, 2, 3, 5, 6, 7, 8, 4, 10)
"""The order of `drift_view.COLUMNS` where they drop from the right: the verdict comes second."""
_VERDICT = 9


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric over windows; each sequence has an entry for each window, the oldest first, None where it has none.

    Attributes:
        realised, estimated: values.
        low, high: the band of the estimate.
        worse: whether the newest one is worse than its threshold.
    """

    realised: tuple[float | None, ...]
    estimated: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    worse: bool = False


@dataclass(frozen=True, slots=True)
class DriftView:
    """Everything that the panes of one subject show.

    Attributes:
        subject: as it was asked about.
        windows: ids, the newest first.
        names: of the windows, likewise.
        place: which of them is shown.
        head: what came of it, for the title.
        columns, rows: a line for each column; a row's key is its name.
        documents: of the columns, by name.
        heat: verdicts of columns over windows, the oldest window first.
        metrics: by name.
        coverage: the share of labelled rows in each window, the oldest first.
        assumptions: what estimates rest on.
        about: how it is watched.
    """

    subject: Subject
    windows: tuple[str, ...]
    names: tuple[str, ...]
    place: int
    head: Line
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    documents: Mapping[str, Document] = field(compare=False)
    heat: Mapping[str, tuple[str | None, ...]]
    metrics: Mapping[str, Measured]
    coverage: tuple[float | None, ...]
    assumptions: tuple[str, ...]
    about: PaneText


_Found = tuple[
    list[Window], int, Document, dict[str, tuple[str | None, ...]], list[Document | None], "MonitorState | None"
]


@dataclass(frozen=True, slots=True)
class DriftQuestion:
    """A subject and one of its windows: `DriftView`.

    Attributes:
        project: whose.
        subject: which; only its kind and name matter.
        window: the id of the window; empty for the newest.
    """

    project: Project
    subject: Subject
    window: str = ""

    def ask(self, db: Any) -> _Found:
        """All that is recorded of it.

        Raises:
            NotFoundError: it is not watched any more.
        """
        windows = windows_of(db, self.subject)
        place = next((place for place, one in enumerate(windows) if one.id == self.window), 0)
        document = documents_of(db, windows[place : place + 1])[0] if windows else {}
        state: MonitorState | None = None
        measured: list[Document | None] = []
        if self.subject.kind == MONITOR:
            from workbench.drift.monitors.monitor import find_monitor
            from workbench.drift.monitors.overview import state_of

            state = state_of(db, find_monitor(db, self.subject.name), now_us())
            measured = performances_of(db, windows[::-1])
        return windows, place, document, heat_of(db, self.subject, windows), measured, state

    def work(self, found: _Found) -> DriftView:
        """Texts and widths."""
        windows, place, document, heat, measured, state = found
        columns, rows = _table(document.get("columns", ()))
        said = [one for one in measured if one]
        return DriftView(
            self.subject,
            tuple(one.id for one in windows),
            tuple(one.name for one in windows),
            place,
            _head(windows[place], document) if windows else [("no window yet", "dim")],
            columns,
            rows,
            {one["column"]: one for one in document.get("columns", ())},
            heat,
            _metrics(measured),
            tuple(one.get("coverage") if one else None for one in measured),
            tuple(said[-1].get("assumptions", ())) if said else (),
            _about_monitor(state, self.project) if state is not None else _about_checks(windows, document),
        )


def _table(documents: Sequence[Document]) -> tuple[tuple[TableColumn, ...], tuple[TableRow, ...]]:
    rows = [drift_row(one) for one in documents]
    moment_us = now_us()
    cells: list[tuple[Column, list[Span]]] = []
    for place in _ORDER:
        column = COLUMNS[place]
        spans = column_cells(column, [row[place] for row in rows], moment_us)
        if place in (2, 3):
            spans = [(text, f"series{place - 2}") for text, _ in spans]
        elif column.name == "missing":
            column = Column("nulls")
        elif place == _VERDICT:
            spans = [(f"{status_mark(row[place])[0]} {row[place]}", status_mark(row[place])[1]) for row in rows]
        elif not place:
            spans = [(text, "bold") for text, _ in spans]
        cells.append((column, spans))
    return drawn(cells, [one["column"] for one in documents])


def _head(window: Window, document: Document) -> Line:
    mark, style = status_mark(window.verdict)
    line: Line = [(f"{mark} ", style), (_words(window, document), ""), (f"  {format_number(window.rows)} rows", "dim")]
    if window.coverage is not None:
        line.append((f"  labels {format_number(100 * window.coverage, 3)} %", "dim"))
    return line


def _words(window: Window, document: Document) -> str:
    """`drift: 1 of 18 columns, 2 warnings`; columns that were not tested are seen in the table."""
    counts = document.get("counts")
    if not counts:
        return window.verdict
    tested = counts["drift"] + counts["warn"] + counts["ok"]
    warnings = f", {counts['warn']} warning{'s' * (counts['warn'] != 1)}" if counts["warn"] else ""
    return f"{window.verdict}: {counts['drift']} of {tested} columns{warnings}"


def _metrics(measured: Sequence[Document | None]) -> dict[str, Measured]:
    """Metrics over windows, those that are realised somewhere first."""
    entries = [{one["metric"]: one for one in (document or {}).get("metrics", ())} for document in measured]
    names = dict.fromkeys(name for one in entries for name in one)

    def course(name: str, key: str) -> tuple[float | None, ...]:
        return tuple(as_number(one[name][key]) if name in one else None for one in entries)

    found = {
        name: Measured(
            course(name, "realised"),
            course(name, "estimated"),
            course(name, "low"),
            course(name, "high"),
            bool(entries[-1].get(name, {}).get("worse")),
        )
        for name in names
    }
    shown = {name: one for name, one in found.items() if any(v is not None for v in (*one.realised, *one.estimated))}
    return dict(sorted(shown.items(), key=lambda item: not any(value is not None for value in item[1].realised)))


def _about_monitor(state: MonitorState, project: Project) -> PaneText:
    monitor, settings, moment_us = state.monitor, state.monitor.settings, now_us()
    model = " ".join(dict.fromkeys(one for one in (settings.model, monitor.version_shown) if one))
    items: list[tuple[str, Span]] = [
        *([("model", (visible(model), ""))] if model else []),
        ("source", (visible(settings.source), "")),
        ("against", (f"{visible(monitor.reference.shown)}, {format_number(monitor.reference.rows)} rows", "")),
        ("windows", (_divided(monitor.divided), "")),
        ("alert after", (f"{settings.after} with drift in a row, cleared after {settings.clear} without", "")),
    ]
    if settings.on_alert:
        items.append(("then runs", (visible(settings.on_alert), "")))
    if state.next_due_us is not None:
        due = "now" if state.is_due else f"in {format_age((state.next_due_us - moment_us) / 1e6)}"
        items.append(("next due", (due, "warn" if state.is_due else "")))
    lines = pairs(items)
    if state.alert is not None:
        count = f"{state.alert.windows} window{'s' * (state.alert.windows != 1)} with drift"
        lines.append([("✗ ", "bad"), (f"alert since {_time(state.alert.raised_us)}: {count}", "")])
    seen = state.handling.acknowledged
    if seen is not None:
        why = f": {visible(seen.reason)}" if seen.reason else ""
        lines.append([("✓ ", "warn"), (f"seen by {visible(seen.who)} {_time(seen.at_us)}{why}", "")])
    for hook in state.handling.hooks:
        mark = ("✓ ", "good") if hook.outcome == "done" else ("– ", "dim") if hook.outcome == "quiet" else ("✗ ", "bad")
        lines.append([mark, (f"command on {hook.state}: {hook.outcome} {visible(hook.detail)}".rstrip(), "")])
    if state.mute is not None:
        until = f"until {_time(state.mute.until_us)}" if state.mute.until_us is not None else "until it is unmuted"
        lines.append(
            [("– ", "warn"), (f"muted by {visible(state.mute.who)} {until}: {visible(state.mute.reason)}", "")]
        )
    if monitor.problem is not None:
        lines.append(
            [
                ("✗ ", "bad"),
                (f"the last run came to nothing: {visible(without_root(monitor.problem.message, project))}", ""),
            ]
        )
    if monitor.reference.no_estimator:
        lines.append([("– ", "dim"), (f"nothing is estimated: {visible(monitor.reference.no_estimator)}", "dim")])
    for said in state.last.reasons if state.last else ():
        lines.append([("! ", "warn"), (visible(said), "")])
    return PaneText(indented(lines), visible(settings.model))


def _about_checks(windows: Sequence[Window], document: Document) -> PaneText:
    if not windows:
        return PaneText([])
    items: list[tuple[str, Span]] = []
    for side in ("reference", "current"):
        about = document.get(side)
        if about:
            items.append((side, (f"{visible(str(about['name']))}, {format_number(about['rows'])} rows", "")))
    rule = document.get("rule")
    if rule:
        text = f"alpha {format_number(rule['alpha'])}, {rule['correction']}, at least {rule['min_rows']} rows"
        items.append(("rule", (text, "")))
    return PaneText(indented(pairs(items)), "stored checks")


def _divided(divided: str) -> str:
    if divided == "whole":
        return "all of it, whenever it has changed"
    return f"{divided.removeprefix('rows=')} rows" if divided.startswith("rows=") else f"every {divided}"


def _time(time_us: int) -> str:
    return format_cell(time_us, "time", now_us())[0]
