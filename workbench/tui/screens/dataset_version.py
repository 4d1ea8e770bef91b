"""One version of a dataset on the whole screen: its columns, and the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.widget import Widget

from workbench.output.cells import visible
from workbench.output.profile_view import remarks
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.questions.dataset_version import columns_table
from workbench.tui.screens.data_edits import Chosen, DataEdits, chosen_of
from workbench.tui.widgets.dataset_detail import BELOW_COLUMNS, DatasetDetail
from workbench.tui.widgets.pane import title_line
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from workbench.data.versions import DatasetVersion

LEAST_ROWS = 4
LEAST_DETAIL = 8
"""Rows that the panes get, where there are so many."""


class DatasetVersionScreen(DataEdits):
    """One version.

    Args:
        reference: which, such as `transactions@v3`.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("data_pages", "data")
    TAB = "Data"
    BINDINGS = bindings("data_pages", "data")
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    DatasetVersionScreen #title { height: 1; }
    """

    def __init__(self, reference: str) -> None:
        super().__init__()
        self._reference = reference
        self._shown: Mapping[str, Any] | None = None
        self._tried = ""

    def compose_body(self) -> Iterable[Widget]:
        """Columns, and panes below them."""
        yield SpanLines(id="title")
        yield VirtualTable(id="columns")
        yield DatasetDetail(BELOW_COLUMNS, self._reference, id="detail")
        yield SpanLines(id="work")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.work_moved()

    def on_screen_resume(self) -> None:
        """Ask while the screen can be seen."""
        self.detail.ask()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self.detail.rest()

    @property
    def columns(self) -> VirtualTable:
        """The table of columns."""
        return self.query_one("#columns", VirtualTable)

    @property
    def detail(self) -> DatasetDetail:
        """The panes."""
        return self.query_one(DatasetDetail)

    @property
    def opening(self) -> bool:
        """Until the version is there, or is known to be gone."""
        return self.detail.waiting

    # showing

    @on(PaneArea.Shown)
    def _detail_shown(self) -> None:
        """Show its columns; where nobody has looked into them, do so."""
        version = self.version()
        work = self.workbench.data_work
        if version is not None and self.detail.profile is None and self._tried != version.digest:
            self._tried = version.digest
            if work.profile(version) is None:
                work.make_profile(version)
        self._show_columns()
        if self.focused is None:
            if self.columns.display and self._shown is not None:
                self.columns.focus()
            else:
                self.detail.focus_first()
        self.refresh_footer()

    def _show_columns(self) -> None:
        profile = self.detail.profile
        if profile is not None and profile is not self._shown:
            fresh = self._shown is None
            columns, rows = columns_table(profile)
            self.columns.show(columns, len(rows), 0, rows, follow=not fresh)
            self._shown = profile
            if fresh:
                self.columns.move_to(0)
        elif profile is None:
            self._shown = None
        self._show_parts()
        self.detail.show_column(self.columns.cursor_key if profile is not None else "")
        self._show_title()
        self._lay_out()

    def _show_parts(self) -> None:
        """A zoomed pane has the whole screen; without a profile there are no columns."""
        self.columns.display = self.query_one("#title").display = self._shown is not None and not self.detail.zoomed

    def _show_title(self) -> None:
        count = len(self._shown["columns"]) if self._shown is not None else 0
        summary = f"{count:,} column{'s' * (count != 1)}"
        line = title_line(visible(self._reference), summary, self.size.width, self.columns.has_focus)
        self.query_one("#title", SpanLines).show([line])

    def work_moved(self) -> None:
        """What is under way stands in the last lines; what was found out is shown."""
        self.query_one("#work", SpanLines).show(self.workbench.work_lines())
        waiting = self._shown is None
        self.detail.draw()
        self._show_columns()
        if waiting and self._shown is not None and not isinstance(self.focused, VirtualTable):
            self.columns.focus()
        self.refresh_footer()
        super().work_moved()

    def on_resize(self) -> None:
        """Columns get what they need, up to a half."""
        self._show_title()
        self._lay_out()

    def _lay_out(self) -> None:
        body = self.size.height - 3 - len(self.workbench.work_lines())
        rows = (len(self._shown["columns"]) if self._shown is not None else 0) + 1
        self.columns.styles.height = max(LEAST_ROWS, min(rows, max(body // 2, body - LEAST_DETAIL - 12)))

    def on_descendant_focus(self) -> None:
        """The title says where keys go."""
        super().on_descendant_focus()
        self._show_title()

    def grow_older(self) -> None:
        """Ages go on."""
        self.detail.grow_older()

    @on(VirtualTable.CursorMoved)
    def _column_moved(self) -> None:
        if self._shown is not None:
            self.detail.show_column(self.columns.cursor_key)
            self.refresh_footer()

    @on(VirtualTable.RowChosen)
    def _row_chosen(self) -> None:
        self.action_open_column()

    @on(PaneArea.Zoomed)
    def _detail_zoomed(self) -> None:
        """A zoomed pane has the whole screen."""
        self._show_parts()
        if not self.detail.zoomed and self._shown is not None:
            self.columns.focus()

    # actions

    def action_open_column(self) -> None:
        """The column on the whole screen, or no more."""
        if self._shown is not None:
            self.detail.focus_pane("column")
            self.detail.zoom(not self.detail.zoomed)

    def action_filter(self) -> None:
        """Find a column by a part of its name."""
        columns = self._shown["columns"] if self._shown is not None else ()

        def chosen(name: str | None) -> None:
            places = [place for place, one in enumerate(columns) if one["name"] == name]
            if places and self.is_attached:
                self.columns.move_to(places[0])
                self.columns.focus()

        options = [
            Option(one["name"], [(visible(one["name"]), "")], f"{one['kind']}  {remarks(one)}".rstrip())
            for one in columns
        ]
        self.app.push_screen(
            Choose("Go to a column", options, current=self.columns.cursor_key, empty="no columns yet"), chosen
        )

    def action_next_version(self) -> None:
        """The version before in time."""
        self._go(1)

    def action_previous_version(self) -> None:
        """The version after in time."""
        self._go(-1)

    def _numbers(self) -> tuple[int, ...]:
        return self.detail.answer.numbers if self.detail.answer is not None else ()

    def _go(self, by: int) -> None:
        numbers, version = self._numbers(), self.version()
        place = numbers.index(version.number) + by if version is not None and version.number in numbers else -1
        if not 0 <= place < len(numbers):
            self.workbench.refuse("there is no older version" if by > 0 else "there is no newer version")
            return
        assert version is not None
        self._reference = f"{version.name}@v{numbers[place]}"
        self.detail.show_version(self._reference)
        self.refresh_footer()

    def step_back(self) -> bool:
        """The zoomed pane gives its room back; from the panes to the columns."""
        if self.detail.step_back():
            return True
        if not self.columns.has_focus and self._shown is not None:
            self.columns.focus()
            return True
        return False

    # words

    def chosen(self) -> Chosen | None:
        """The version, as soon as it is known."""
        version = self.version()
        return chosen_of(version.name, version.number, self._numbers()) if version is not None else None

    def version(self) -> DatasetVersion | None:
        """As soon as it is known."""
        return self.detail.answer.version if self.detail.answer is not None else None

    def can(self, action: Action) -> bool:
        """Neighbours and columns need to be there."""
        if action.id in ("data_pages.next_version", "data_pages.previous_version"):
            return len(self._numbers()) > 1
        if action.scope == "data_pages":
            return self._shown is not None
        return super().can(action)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """Also the column."""
        return {**super().words(), "column": self.columns.cursor_key or ""}

    def view_twin(self) -> str:
        """The profile in a shell."""
        return f"workbench data profile {self._reference}"
