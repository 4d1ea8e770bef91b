"""The texts of the charts screen: what is shown, which run is which, why there is nothing to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, visible
from workbench.output.marks import status_mark
from workbench.output.spans import Line
from workbench.plot.axis import duration_label, tick_label
from workbench.plot.legend import legend_lines

if TYPE_CHECKING:
    from workbench.base.errors import WorkbenchError
    from workbench.plot.window import Range
    from workbench.tui.questions.curves import Charted


@dataclass(frozen=True, slots=True)
class Facts:
    """What the line above the charts says.

    Attributes:
        uids: the runs that are drawn.
        asked_for: how many runs were to be drawn.
        charted: what the store said of them; None before it has.
        first, count, total: which metrics are in sight, 0-based, and how many there are.
        pattern: what they were found by.
        smoothing, log_y, axis: how they are drawn.
        x_range: the part of the axis; None is all of it.
        cursor: x of the crosshair; None is none.
    """

    uids: tuple[str, ...]
    asked_for: int
    charted: Charted | None
    first: int
    count: int
    total: int
    pattern: str
    smoothing: float
    log_y: bool
    axis: str
    x_range: Range | None
    cursor: float | None

    def line(self, width: int) -> Line:
        """The line; what matters least is left out where there is no room."""
        smoothed: Line = [(f"smoothed {self.smoothing:g}", "")] if self.smoothing > 0 else []
        axis: Line = [(f"x: {self.axis}", "")]
        zoom: Line = [("zoom {}–{}".format(*(x_text(x, self.axis) for x in self.x_range)), "")] if self.x_range else []
        at: Line = [(f"at {x_text(self.cursor, self.axis)}", "accent")] if self.cursor is not None else []
        found: Line = [(f"/{visible(self.pattern)}", "accent")] if self.pattern else []
        parts = [self._who(width), self._which(), found, smoothed, [("log-y", "")] * self.log_y, axis, zoom, at]
        for less in (axis, smoothed):
            if sum(cell_width(text) for part in parts if part for text, _ in [*part, (" · ", "")]) - 2 > width:
                parts.remove(less)
        line: Line = [(" ", "")]
        for part in filter(None, parts):
            line += [(" · ", "faint")] * (len(line) > 1) + part
        return line

    def _who(self, width: int) -> Line:
        runs = self.charted.runs if self.charted else ()
        if len(self.uids) == 1 and runs:
            name = clip(visible(runs[0].name or runs[0].uid[:8]), max(8, width // 4))
            return [(name, "bold"), (" ", ""), status_mark(runs[0].status)]
        count = len(runs) if self.charted else len(self.uids)
        of = f" of {format_number(self.asked_for)}" if self.asked_for > count else ""
        return [(f"{format_number(count)}{of} run{'s' * (count != 1 or bool(of))}", "bold")]

    def _which(self) -> Line:
        if not self.count:
            return []
        first, last = format_number(self.first + 1), format_number(self.first + self.count)
        which = f"metrics {first}–{last}" if self.count > 1 else f"metric {first}"
        return [(f"{which} of {format_number(self.total)}", "")]


def x_text(x: float, axis: str) -> str:
    """An x as it is written in a sentence."""
    return duration_label(x) if axis == "time" else tick_label(x, 7)


def run_legend(uids: tuple[str, ...], charted: Charted | None, width: int, max_lines: int) -> list[Line]:
    """Which letter and line each of several runs has; nothing for one run."""
    if len(uids) < 2 or charted is None:
        return []
    known = {label.uid: label for label in charted.runs}
    names = [known[uid].name or uid[:8] if uid in known else f"{uid[:8]} is gone" for uid in uids]
    marks = [status_mark("running") if uid in known and known[uid].status == "running" else None for uid in uids]
    return legend_lines(names, width, max_lines, marks)


def why_empty(
    charted: Charted | None, metrics: tuple[str, ...], pattern: str, error: WorkbenchError | None
) -> list[Line] | None:
    """What to say where there are no charts; None where there are some, or may soon be."""
    if charted is None:
        return [[(error.message, "bad")], [], [(error.hint or "", "dim")]] if error else None
    if metrics:
        return None
    if not charted.runs:
        return [[("The runs are in the store no more", "bold")], [], [("esc", "key"), ("  goes back", "")]]
    if pattern and charted.metrics:
        count = format_number(len(charted.metrics))
        shows_all: Line = [("esc", "key"), ("  shows all again", "")]
        return [[(f"None of {count} metrics is called like that", "bold")], [], shows_all]
    return [
        [("No metrics yet", "bold")],
        [],
        [("What a run logs appears here at once:", "")],
        [],
        [("with workbench.start_run() as run:", "accent")],
        [('    run.log({"loss": loss}, step=step)', "accent")],
    ]
