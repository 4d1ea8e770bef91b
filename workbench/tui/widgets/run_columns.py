"""Runs side by side: a row of names that stays, and the rows below it, with as many runs as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.span_lines import SpanLines

if TYPE_CHECKING:
    from workbench.output.compare_view import Columns, ComparisonTable


MIN_COLUMN_WIDTH = 22
"""Cells that hold most metrics with their distance to the baseline and their marks."""


class ComparisonRows(LineView):
    """The rows; `h` and `l`, which scroll other panes, are left to the screen."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Scrolling to the side is going from run to run here."""
        return action not in ("scroll_left", "scroll_right")


class RunColumns(Vertical):
    """A table of which the rows are what is compared, and the columns the runs.

    The baseline stays at the left. Of the other runs those are shown that fit, the chosen one always among them.

    Attributes:
        chosen: index of the chosen run.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "RunColumns { height: 1fr; } RunColumns SpanLines { height: 1; }"

    class Chosen(Message):
        """Another run was chosen with the mouse.

        Attributes:
            index: which.
        """

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chosen = 0
        self._table: ComparisonTable | None = None
        self._first = 0
        self._columns: Columns | None = None

    def compose(self) -> ComposeResult:
        """Names and rows."""
        yield SpanLines()
        yield ComparisonRows()

    @property
    def rows(self) -> LineView:
        """The pane of the rows."""
        return self.query_one(LineView)

    @property
    def row_count(self) -> int:
        """The number of rows below the names."""
        return len(self._table.rows) - 1 if self._table else 0

    @property
    def hidden(self) -> tuple[int, int]:
        """How many runs are not shown at the left and at the right."""
        if self._table is None or self._columns is None:
            return 0, 0
        shown = self._columns.runs[1:]
        others = self._table.order[1:]
        before = others.index(shown[0]) if shown else 0
        return before, len(others) - before - len(shown)

    def show(self, table: ComparisonTable, chosen: int) -> None:
        """Show a comparison."""
        self._table = table
        self.choose(chosen)

    def choose(self, index: int) -> None:
        """Choose a run, and show it."""
        self.chosen = index
        self._lay_out()

    def on_resize(self) -> None:
        """More or fewer runs fit."""
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """A click chooses the run of the column."""
        if self._columns is None:
            return
        right = self._columns.label_width
        for index, width in zip(self._columns.runs, self._columns.widths, strict=True):
            right += width + 2
            if right - width - 2 <= event.screen_x - self.region.x < right:
                self.post_message(self.Chosen(index))
                return

    def _lay_out(self) -> None:
        table, width = self._table, self.size.width - 1  # a cell for the scroll bar
        if table is None or width < 1:
            return
        self._columns = columns = self._fitting(table, width)
        self.query_one(SpanLines).show([table.line(0, columns, selected=self.chosen)])
        self.rows.show_from(self.row_count, lambda row: table.line(row + 1, columns))

    def _fitting(self, table: ComparisonTable, width: int) -> Columns:
        """The columns with the chosen run among them, as little moved as that takes."""

        def columns_from(first: int) -> Columns:
            return table.columns(width, first, least=MIN_COLUMN_WIDTH, fill=True)

        others = table.order[1:]
        if self._first not in others:
            self._first = others[0] if others else table.baseline
        if self.chosen in others and others.index(self.chosen) < others.index(self._first):
            self._first = self.chosen
        columns = columns_from(self._first)
        while self.chosen in others and self.chosen not in columns.runs:
            self._first = others[others.index(self._first) + 1]
            columns = columns_from(self._first)
        # The room beside the last run is used, when the terminal has grown or runs were left out.
        while others and columns.runs[-1] == others[-1] and (place := others.index(self._first)):
            earlier = columns_from(others[place - 1])
            if earlier.runs[-1] != columns.runs[-1]:
                break
            self._first, columns = others[place - 1], earlier
        return columns
