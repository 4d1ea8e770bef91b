"""What is shown of one column of what is watched: both distributions, every number, its course over windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.drift_view import missing, p_text, spark
from workbench.output.formats import as_number, as_text
from workbench.output.marks import status_mark
from workbench.output.spans import Line
from workbench.output.table import indented, render_table
from workbench.plot.chart import draw_chart
from workbench.plot.histogram import draw_bars, draw_over_each_other
from workbench.plot.series import NAN, Series
from workbench.tui.questions.drift import Subject
from workbench.tui.questions.drift_view import DriftView
from workbench.tui.questions.drift_windows import documents_of, windows_of
from workbench.tui.questions.pane_texts import PaneText
from workbench.tui.wrapping import wrapped_all

Document = Mapping[str, Any]

MAX_COURSE = 12
"""Windows over which a column is followed."""
CHART_ROWS = 10
PERFORMANCE_ROWS = 9
_SIDES = ("reference", "current")
_USUALLY_NONE = ("nulls", "nan", "infinite")
"""Facts that are left out where there are none."""
_COURSE = [
    Column("window", priority=9, min_width=10),
    Column("verdict", "status", priority=8),
    Column("effect", "number", priority=7),
    Column("floor", "number", priority=4),
    Column("p adj", align="right", priority=5, min_width=6),
    Column("nulls", priority=3, min_width=8),
    Column("current", priority=6, min_width=10),
    Column("why", priority=2, min_width=12),
]


@dataclass(frozen=True, slots=True)
class ColumnCourse:
    """A column over the newest windows: rows for `course_lines`, the newest first.

    Attributes:
        subject: which.
        column: its name.
    """

    subject: Subject
    column: str

    def ask(self, db: Any) -> list[tuple[str, Document]]:
        """Read the documents of the windows.

        Raises:
            NotFoundError: it is not watched any more.
        """
        windows = windows_of(db, self.subject)[:MAX_COURSE]
        return [
            (window.name, one)
            for window, document in zip(windows, documents_of(db, windows), strict=True)
            for one in document.get("columns", ())
            if one["column"] == self.column
        ]

    def work(self, found: list[tuple[str, Document]]) -> list[tuple[object, ...]]:
        """Cells."""
        return [
            (
                name,
                one["verdict"],
                one["score"],
                one["floor"],
                p_text(one["p_adjusted"]),
                missing(one),
                spark((one["distribution"] or {"current": []})["current"]),
                visible(str(one["reason"])),
            )
            for name, one in found
        ]


def column_pane(column: Document, course: Sequence[tuple[object, ...]], width: int) -> PaneText:
    """One column of a window in full.

    Args:
        column: its document.
        course: as `ColumnCourse` answers; empty while it is not known.
        width: cells.
    """
    room = max(20, width - 2)
    mark, style = status_mark(column["verdict"])
    said: list[Line] = [
        [(f"{mark} {column['verdict']}  ", style), (visible(str(column["reason"])), "")],
        *([numbers] if (numbers := _numbers(column)) else []),
        *([("! ", "warn"), (_finding(finding), "")] for finding in column["findings"]),
    ]
    lines = wrapped_all(said, room)
    drawing = _distributions(column, room)
    lines += [[], *drawing] if drawing else []
    facts = _facts(column, room)
    lines += [[], *facts] if facts else []
    lines += wrapped_all([[(visible(note), "dim")] for note in column["notes"]], room)
    if len(course) > 1:
        lines += [[], [("over windows", "heading")], *render_table(course, _COURSE, width=room).lines]
    return PaneText(indented(lines), f"{visible(column['column'])}, {column['kind']}")


def performance_pane(view: DriftView, metric: str, width: int) -> PaneText:
    """A metric over windows, realised and estimated with its band, and how many rows have labels."""
    one = view.metrics.get(metric)
    if one is None:
        return PaneText([])
    room = max(20, width - 2)
    names = view.names[::-1]
    xs = [float(place) for place in range(len(names))]
    series = []
    if any(value is not None for value in one.realised):
        values = _broken(one.realised)
        series.append(Series("realised", xs, values, values, values, 0))
    if any(value is not None for value in one.estimated):
        series.append(Series("estimated", xs, _broken(one.low), _broken(one.high), _broken(one.estimated), 1))
    lines = list(draw_chart(series, width=room, height=PERFORMANCE_ROWS, title=metric, x="window").lines)
    if names:
        course = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
        lines.append([(f"windows {visible(course)}", "dim")])
    lines.append([("labels ", "dim"), (spark([value or 0.0 for value in view.coverage]), "series0"), *_coverage(view)])
    if one.worse:
        lines.insert(0, [("✗ ", "bad"), (f"{metric} is worse than on the reference", "")])
    for name, other in view.metrics.items():
        marked = "▸ " if name == metric else "  "
        lines.append([(f"{marked}{visible(name):<20}", "bold" if name == metric else ""), *_latest(other)])
    lines += wrapped_all([[("· ", "dim"), (visible(said), "dim")] for said in view.assumptions], room)
    more = f" of {len(view.metrics)}, n goes on" if len(view.metrics) > 1 else ""
    return PaneText(indented(lines), f"{visible(metric)}{more}")


def _latest(one: Any) -> Line:
    line: Line = [("realised ", "dim"), (f"{format_number(one.realised[-1]):<8}", "")]
    line += [("  estimated ", "dim"), (format_number(one.estimated[-1]), "")]
    if one.low[-1] is not None and one.high[-1] is not None:
        line.append((f" ({format_number(one.low[-1])} … {format_number(one.high[-1])})", "dim"))
    return line


def _coverage(view: DriftView) -> Line:
    last = view.coverage[-1] if view.coverage else None
    return (
        [("  nothing is known yet", "dim")]
        if last is None
        else [(f"  {format_number(100 * last, 3)} % of the newest", "dim")]
    )


def _broken(values: Sequence[float | None]) -> list[float]:
    return [NAN if value is None else value for value in values]


def _numbers(column: Document) -> Line:
    """`wasserstein 0.412  threshold 0.1  floor 0.014  p adj <1e-12  nulls 0 → 0.1 %`."""
    line: Line = []
    if column["test"]:
        line += [(f"{column['test']} ", "dim"), (_shown(column["score"]), "bold"), ("  ", "")]
    for key in ("threshold", "floor"):
        if column[key] is not None:
            line += [(f"{key} ", "dim"), (_shown(column[key]), ""), ("  ", "")]
    p = p_text(column["p_adjusted"] if column["p_adjusted"] is not None else column["p_value"])
    if p:
        line += [("p adj ", "dim"), (p, ""), ("  ", "")]
    nulls = missing(column)
    return [*line, ("nulls ", "dim"), (nulls, "")] if nulls else line


def _distributions(column: Document, width: int) -> list[Line]:
    drawn = column["distribution"]
    if not drawn:
        return []
    shares = [(side, drawn[side]) for side in _SIDES]
    if drawn["edges"]:
        edges = [as_number(edge) for edge in drawn["edges"]]
        known = [float(edge) for edge in edges if edge is not None]
        return draw_over_each_other(known, shares, width=width, height=CHART_ROWS) if len(known) == len(edges) else []
    lines = draw_bars([str(value) for value in drawn["values"] or ()], shares, width=width)
    if drawn["others"]:
        lines.append([(f" … stands for {format_number(drawn['others'])} other values", "dim")])
    return lines


def _facts(column: Document, width: int) -> list[Line]:
    """What is known of the column on each side, beside each other."""
    sides = [column[side] or {} for side in _SIDES]
    names = dict.fromkeys(name for side in sides for name in side)
    rows = [(name, *(_shown(side[name]) if side.get(name) is not None else "" for side in sides)) for name in names]
    columns = [Column("", min_width=8), *(Column(side, align="right", min_width=9) for side in _SIDES)]
    shown = [row for row in rows if any(row[1:]) and not (row[0] in _USUALLY_NONE and row[1:] == ("0", "0"))]
    return render_table(shown, columns, width=width).lines if shown else []


def _finding(finding: Document) -> str:
    listed = finding.get("values")
    some = ", ".join(f"{visible(one['value'])} ({format_number(one['rows'])})" for one in listed or ())
    return f"{visible(finding['text'])}{': ' if some else ''}{some}"


def _shown(value: Any) -> str:
    number = as_number(value)
    return format_number(number) if number is not None else as_text(value)
