"""The runs: a table that is always live, and beside it the run under the cursor."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.containers import Container
from textual.widget import Widget

from workbench.base.errors import FilterError
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.asking import Mood
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.runs import PAGE_ROWS, Place, RunsPage, RunsTable, View, next_sort, sort_key
from workbench.tui.questions.store import FilterNames
from workbench.tui.screens.empty_runs import why_empty
from workbench.tui.screens.run_edits import RunEdits
from workbench.tui.screens.run_views import RunViews
from workbench.tui.state import MAX_SPLIT, MIN_SPLIT
from workbench.tui.widgets.filter_bar import FilterBar
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.run_detail import RunDetail
from workbench.tui.widgets.virtual_table import VirtualTable

MAX_FILTERS = 50
DEFAULT_SPLIT = 55


class RunsScreen(RunEdits, RunViews):
    """The first screen."""

    SCOPES: ClassVar[tuple[str, ...]] = ("runs",)
    TAB = "Runs"
    BINDINGS = bindings("runs")
    AUTO_FOCUS = "VirtualTable"
    DEFAULT_CSS = """
    RunsScreen #body { height: 1fr; layout: horizontal; }
    RunsScreen #body.-stacked { layout: vertical; }
    RunsScreen #left { width: 1fr; height: 1fr; }
    RunsScreen #body RunDetail { border-left: solid $foreground 20%; }
    RunsScreen #body.-stacked RunDetail { border-left: none; border-top: solid $foreground 20%; }
    RunsScreen .-hidden { display: none; }
    RunsScreen.-zoomed FilterBar, RunsScreen.-zoomed #left { display: none; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.table_answer: RunsTable | None = None
        self._wanted = (0, PAGE_ROWS)
        self._shown: View | None = None
        self._sought: str | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Filter, table, run."""
        yield FilterBar()
        with Container(id="body"):
            with Container(id="left"):
                yield VirtualTable(id="runs")
                yield Notice(id="empty")
            yield RunDetail(id="detail")

    def on_mount(self) -> None:
        """Ask for the first page."""
        self.table.marks = self.workbench.marks
        self.filter_bar.text = self.state.view.where
        self.filter_bar.history = self.state.filters
        self.query_one("#empty").add_class("-hidden")
        self._show_scope()
        self._lay_out()
        self.ask_page()
        # The store may have been found unreadable before there was a screen to tell it to.
        self.call_after_refresh(lambda: self.mood_changed(self.desk.mood))

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.desk.forget(self)

    def on_screen_suspend(self) -> None:
        """Nothing is asked while another screen covers this one."""
        self.desk.forget(self)
        self.detail.rest()

    def on_screen_resume(self) -> None:
        """Ask again; marks may have changed meanwhile."""
        if self.is_mounted:
            self.table.refresh_marks()
            self.ask_page()
            self._show_detail()

    # parts

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self.query_one(VirtualTable)

    @property
    def filter_bar(self) -> FilterBar:
        """The line of the filter."""
        return self.query_one(FilterBar)

    @property
    def detail(self) -> RunDetail:
        """The run beside the table."""
        return self.query_one(RunDetail)

    @property
    def view(self) -> View:
        """Which runs are looked at."""
        return View.of(self.state.view)

    # asking and hearing

    def ask_page(self) -> None:
        """Have the rows in sight, and those around them, kept up to date."""
        self.desk.watch(self, "page", RunsPage(self.view, *self._wanted))

    def change_view(self) -> None:
        """Show another view, from its first row."""
        self._wanted = (0, PAGE_ROWS)
        self._sought = None
        self.table.move_to(0)
        self._show_scope()
        self.ask_page()
        self.refresh_footer()

    @on(VirtualTable.RowsNeeded)
    def _rows_needed(self, message: VirtualTable.RowsNeeded) -> None:
        self._wanted = (message.first, message.count)
        self.ask_page()

    def on_answered(self, message: Answered) -> None:
        """A page, or the place of the run that the cursor stands on."""
        if message.slot == "page":
            self._show_page(message.question, message.answer)
        elif message.slot == "place" and message.answer is not None:
            self.table.move_to(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """A mistake in the filter is shown under it; the rows stay as they were."""
        if isinstance(message.error, FilterError) and message.error.text == self.view.where:
            self.filter_bar.show_error(message.error)
        elif isinstance(message.error, FilterError):
            self._drop_expression(message.error)
        elif self.table_answer is None:
            self._show_empty([[(message.error.message, "bad")], [], [(message.error.hint or "", "dim")]])

    def _drop_expression(self, error: FilterError) -> None:
        """A remembered column or sort key that means nothing any more must not hide the runs."""
        view = self.state.view
        view.sort = [key for key in view.sort if key != error.text]
        view.columns = [column for column in view.columns if column != error.text]
        self.workbench.fail(error)
        self.ask_page()

    def _show_page(self, question: RunsPage, answer: RunsTable) -> None:
        if question.view != self.view:
            return
        table, before = self.table, self.table_answer
        key, same_view = table.cursor_key, question.view == self._shown
        self._shown = question.view
        self.table_answer = answer
        table.show(answer.columns, answer.total, answer.first, answer.rows, keep=same_view, follow=same_view)
        self.filter_bar.show_error(None)
        self.filter_bar.set_counts(answer.total, answer.n_runs, len(self.workbench.marks))
        self._show_empty(None if answer.total else why_empty(self.view, answer.n_runs, self.desk.project.root))
        if same_view and key is not None and table.cursor_key != key and self._sought != key:
            # So many rows have come or gone above that the cursor's run is not in this page any more.
            self._sought = key
            self.desk.watch(self, "place", Place(self.view, key), once=True)
        if before is None or before.baseline != answer.baseline or table.cursor_key != key:
            self._show_detail()
        if before is None or before.notices != answer.notices:
            for notice in answer.notices:
                self.workbench.refuse(notice)

    def _show_empty(self, lines: list[Line] | None) -> None:
        notice = self.query_one("#empty", Notice)
        notice.set_class(lines is None, "-hidden")
        self.table.set_class(lines is not None, "-hidden")
        self.detail.set_class(lines is not None or not self.state.detail, "-hidden")
        if lines is not None:
            notice.show(lines)
        elif self.focused is None:
            self.table.focus()

    def mood_changed(self, mood: Mood) -> None:
        """A store that cannot be read leaves what was read on the screen; where nothing was, it says why."""
        if mood.kind in ("busy", "lost") and self.table_answer is None:
            self._show_empty([[(mood.text, "bad")], [], [(mood.hint, "dim")]])

    def grow_older(self) -> None:
        """Ages are drawn anew."""
        self.desk.rework(self, "page")
        self.detail.grow_older()

    # filter

    @on(FilterBar.Changed)
    @on(FilterBar.Submitted)
    def _filter_changed(self, message: FilterBar.Changed | FilterBar.Submitted) -> None:
        view = self.state.view
        if view.where != message.text.strip():
            view.where = message.text.strip()
            self.change_view()
        if isinstance(message, FilterBar.Submitted):
            if view.where:
                self.state.filters[:] = [
                    view.where,
                    *(text for text in self.state.filters if text != view.where),
                ][:MAX_FILTERS]
            self.table.focus()

    @on(FilterBar.Cancelled)
    def _filter_cancelled(self) -> None:
        self._filter_changed(FilterBar.Changed(self.filter_bar.text))
        self.table.focus()

    def action_filter(self) -> None:
        """Go to the filter, which completes the names that runs use."""
        self.filter_bar.focus_input()
        self.workbench.ask(FilterNames(), self.filter_bar.set_names)

    def _show_scope(self) -> None:
        self.filter_bar.set_scope(self.state.view.experiment, self.state.view.deleted)

    # the cursor

    @on(VirtualTable.CursorMoved)
    def _cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        self._sought = None
        self._show_detail()
        self.refresh_footer()

    @on(VirtualTable.RowChosen)
    def _row_chosen(self) -> None:
        self.action_open()

    @on(VirtualTable.HeaderClicked)
    def _header_clicked(self, message: VirtualTable.HeaderClicked) -> None:
        self._sort_by(message.column_key)

    @on(RunDetail.Zoomed)
    def _detail_zoomed(self) -> None:
        """A zoomed pane has the whole screen."""
        self.set_class(self.detail.zoomed, "-zoomed")
        self._lay_out()

    def _show_detail(self) -> None:
        if not self.state.detail:
            self.detail.show_run(None)
            return
        row = self.table.row_at(self.table.cursor_row)
        answer = self.table_answer
        name = row.cells[0][0] if row and row.cells else ""
        self.detail.show_run(row.key if row else None, name=name, baseline=answer.baseline if answer else None)

    # actions

    def action_open(self) -> None:
        """Show the run alone."""
        uid = self.cursor_uid()
        if uid is not None:
            rows = self.table_answer.rows if self.table_answer else ()
            self.workbench.open_run(uid, neighbours=[row.key for row in rows])

    def action_compare(self) -> None:
        """Compare the marked runs."""
        marks = list(self.workbench.marks)
        if len(marks) >= 2:
            self.workbench.compare(marks)
        else:
            self.workbench.refuse("a comparison needs two marked runs: mark them with space")

    def action_charts(self) -> None:
        """Draw the metrics of the marked runs, else of the one under the cursor."""
        uids = self.chosen_uids()
        if uids:
            self.workbench.show_charts(uids)

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        column = self.table.cursor_column_key
        if column is not None:
            self._sort_by(column)

    def _sort_by(self, column: str) -> None:
        self.state.view.sort = next_sort(self.state.view.sort, column)
        self.change_view()

    def action_toggle_detail(self) -> None:
        """Show or hide the run beside the table."""
        self.state.detail = not self.state.detail
        self._lay_out()
        self._show_detail()

    def action_wider(self) -> None:
        """More room for the table."""
        self._split(self.state.split_percent + 5)

    def action_narrower(self) -> None:
        """Less room for the table."""
        self._split(self.state.split_percent - 5)

    def action_reset_layout(self) -> None:
        """As at first."""
        self.state.detail = True
        self.state.view.hidden = []
        self._split(DEFAULT_SPLIT)
        self.ask_page()

    def _split(self, percent: int) -> None:
        self.state.split_percent = min(max(percent, MIN_SPLIT), MAX_SPLIT)
        self._lay_out()

    def on_resize(self) -> None:
        """Beside each other where there is room, else below each other."""
        self._lay_out()

    def _lay_out(self) -> None:
        stacked = self.app.size.width < 100
        self.query_one("#body").set_class(stacked, "-stacked")
        detail = self.detail
        detail.set_class(not self.state.detail or self.table.has_class("-hidden"), "-hidden")
        if detail.zoomed:
            detail.styles.width = detail.styles.height = "100%"
            return
        share = f"{100 - self.state.split_percent}%"
        detail.styles.width = "100%" if stacked else share
        detail.styles.height = share if stacked else "100%"

    def step_back(self) -> bool:
        """One level: the zoomed pane, the filter, the marks, the trash, the experiment."""
        view = self.state.view
        if self.detail.step_back():
            return True
        if self.focused is not self.table and not self.table.has_class("-hidden"):
            self.table.focus()
            return True
        if view.where:
            view.where = ""
            self.filter_bar.text = ""
        elif len(self.workbench.marks):
            self.workbench.marks.clear()
            self.marks_changed()
            return True
        elif view.deleted or view.experiment:
            view.deleted, view.experiment = False, None
        else:
            return True
        self.filter_bar.show_error(None)
        self.change_view()
        return True

    # words

    def cursor_uid(self) -> str | None:
        """The run under the cursor."""
        return self.table.cursor_key

    def chosen_uids(self) -> list[str]:
        """The marked runs, else the one under the cursor."""
        marks = list(self.workbench.marks)
        uid = self.cursor_uid()
        return marks or ([uid] if uid else [])

    def can(self, action: Action) -> bool:
        """What needs a run needs one; comparing needs two marked ones."""
        if action.id == "runs.compare":
            return len(self.workbench.marks) >= 2
        if action.id == "runs.mark_range":
            return self.workbench.marks.last is not None
        if action.id == "runs.undo":
            return bool(self.workbench.undoable)
        if action.scope == "runs" and action.name in ("open", "mark", "charts", "copy_cell", "copy_row", "output"):
            return self.cursor_uid() is not None
        return True

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The runs, the filter, the column."""
        uid = self.cursor_uid()
        view = self.state.view
        return {
            "run": uid[:8] if uid else "",
            "runs": [one[:8] for one in self.chosen_uids()[:8]],
            "filter": view.where,
            "experiment": view.experiment or "",
            "column": sort_key(self.table.cursor_column_key or ""),
            "view": self._view_options(),
        }

    def view_twin(self) -> str:
        """The list in a shell."""
        return " ".join(["workbench runs list", *self._view_options()])

    def _view_options(self) -> list[str]:
        view = replace(self.state.view)
        options: list[str] = ["--deleted"] if view.deleted else []
        options += ["-e", shlex.quote(view.experiment)] if view.experiment else []
        options += ["-w", shlex.quote(view.where)] if view.where else []
        options += [part for key in view.sort for part in ("-s", shlex.quote(key))]
        return options + [part for column in view.columns for part in ("-c", shlex.quote(column))]
