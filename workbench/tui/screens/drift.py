"""Drift: monitors and stored checks, and the columns of a window of the one under the cursor, ranked."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget

from workbench.output.cells import visible
from workbench.output.spans import Line, plain
from workbench.tui.actions import Action, bindings
from workbench.tui.asking import Mood
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.drift import CHECK, DriftSubjects, DriftTable, Subject
from workbench.tui.questions.drift_view import DriftQuestion, DriftView
from workbench.tui.screens.drift_edits import DriftEdits
from workbench.tui.screens.empty_drift import no_columns, nothing_watched
from workbench.tui.widgets.drift_detail import DriftDetail
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.pane import title_line
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.widgets.virtual_table import VirtualTable

LEAST_ROWS = 3
ROWS_WITH_DETAIL = 30
"""Rows of a terminal from which on the panes are shown below the tables."""


class DriftScreen(DriftEdits):
    """What is watched above, columns below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("drift", "monitor")
    TAB = "Drift"
    BINDINGS = bindings("drift", "monitor")
    AUTO_FOCUS = "#subjects"
    DEFAULT_CSS = """
    DriftScreen #title { height: 1; }
    DriftScreen DriftDetail { border-top: solid $foreground 20%; }
    DriftScreen.-zoomed DriftDetail { border-top: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._subjects: DriftTable | None = None
        self._subject: Subject | None = None
        self._view: DriftView | None = None
        self._window = ""
        self._says = False
        self._came_from: Widget = self

    def compose_body(self) -> Iterable[Widget]:
        """What is watched, a title, columns, panes; or why there is nothing."""
        yield VirtualTable(id="subjects")
        yield SpanLines(id="title")
        yield VirtualTable(id="columns")
        yield Notice(id="none")
        yield DriftDetail(id="detail")
        yield Notice(id="empty")
        yield SpanLines(id="work")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self._show_view()
        self.work_moved()
        self.call_after_refresh(lambda: self.mood_changed(self.desk.mood))

    def on_screen_resume(self) -> None:
        """Ask while the screen can be seen."""
        self.desk.watch(self, "subjects", DriftSubjects(self.desk.project))
        self._ask_view()
        self.detail.ask()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self.desk.forget(self)
        self.detail.rest()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.desk.forget(self)

    @property
    def subjects(self) -> VirtualTable:
        """The table of what is watched."""
        return self.query_one("#subjects", VirtualTable)

    @property
    def columns(self) -> VirtualTable:
        """The table of columns."""
        return self.query_one("#columns", VirtualTable)

    @property
    def detail(self) -> DriftDetail:
        """The panes."""
        return self.query_one(DriftDetail)

    @property
    def view(self) -> DriftView | None:
        """What is known of what is under the cursor; what was there before is shown until then."""
        known, one = self._view, self._subject
        return known if known is not None and one is not None and known.subject.key == one.key else None

    @property
    def opening(self) -> bool:
        """Until what is watched is there, and the columns of one."""
        return self._subjects is None or (self.view is None and self._subject is not None)

    # asking and hearing

    def _ask_view(self) -> None:
        if self._subject is None:
            self.desk.forget(self, "view")
        else:
            subject = Subject(self._subject.kind, self._subject.name)
            self.desk.watch(self, "view", DriftQuestion(self.desk.project, subject, self._window))

    def on_answered(self, message: Answered) -> None:
        """What is watched, or one of it."""
        if message.slot == "subjects":
            self._show_subjects(message.answer)
        elif self._subject is not None and message.answer.subject.key == self._subject.key:
            fresh = self._view is None or self._view.subject.key != message.answer.subject.key
            self._view = message.answer
            self._show_view(fresh=fresh)

    def on_unanswered(self, message: Unanswered) -> None:
        """Where nothing was read yet, it says why; else what was read stays, and what is gone goes."""
        if message.slot == "subjects" and self._subjects is None:
            self._say([[(message.error.message, "bad")], [], [(message.error.hint or "", "dim")]])

    def mood_changed(self, mood: Mood) -> None:
        """A store that cannot be read leaves what was read on the screen; where nothing was, it says why."""
        if mood.kind in ("busy", "lost") and self._subjects is None:
            self._say([[(mood.text, "bad")], [], [(mood.hint, "dim")]])

    def grow_older(self) -> None:
        """What is due, and until when something is muted, changes with time."""
        self.desk.rework(self, "subjects")

    def work_moved(self) -> None:
        """What is under way stands in the last lines."""
        self.query_one("#work", SpanLines).show(self.workbench.work_lines())
        self.call_after_refresh(self._lay_out)

    # showing

    def _show_subjects(self, answer: DriftTable) -> None:
        self._subjects = answer
        self.subjects.show(answer.columns, len(answer.rows), 0, answer.rows, keep=True)
        self._say(None if answer.rows else nothing_watched())
        self._lay_out()
        self._follow_cursor()
        self.refresh_footer()

    def _show_view(self, *, fresh: bool = False) -> None:
        """The columns of the window, or why there are none."""
        view = self._view
        rows = view.rows if view is not None else ()
        if view is not None and rows:
            self.columns.show(view.columns, len(rows), 0, rows, follow=not fresh)
            if fresh:
                self.columns.move_to(0)
        self.query_one("#none", Notice).show(no_columns(view))
        if not rows and self.columns.has_focus:
            self.subjects.focus()
        self._show_title()
        self._lay_out()
        self._show_detail()
        self.refresh_footer()

    def _show_detail(self) -> None:
        self._show_parts()
        self.detail.show_view(self._view, self.columns.cursor_key if self._view and self._view.rows else None)

    def _show_parts(self) -> None:
        """What is seen: a notice, a zoomed pane, or the tables and below them the panes where there is room."""
        zoomed, rows = self.detail.zoomed, bool(self._view is not None and self._view.rows)
        tables = not (self._says or zoomed)
        self.query_one("#empty").display = self._says
        self.subjects.display = self.query_one("#title").display = tables
        self.columns.display = tables and rows
        self.query_one("#none").display = tables and not rows
        room = zoomed or self.size.height >= ROWS_WITH_DETAIL
        self.detail.display = self._view is not None and room and not self._says

    def _show_title(self) -> None:
        """What came of the window."""
        if self._subject is None:
            return
        view, title = self.view, visible(self._subject.name)
        if view is not None and view.names:
            title += f"  {visible(view.names[view.place])}"
        head = plain(view.head) if view is not None else ""
        self.query_one("#title", SpanLines).show([title_line(title, head, self.size.width, self.columns.has_focus)])

    def _say(self, lines: list[Line] | None) -> None:
        """Show a notice in the place of everything; None shows none."""
        self.query_one("#empty", Notice).show(lines or [])
        self._says = lines is not None
        self._show_view()
        if self.focused is None and lines is None:
            self.subjects.focus()

    def on_resize(self) -> None:
        """What is watched gets what it needs, up to two fifths."""
        self._lay_out()
        self._show_title()
        self._show_detail()

    def _lay_out(self) -> None:
        body = self.size.height - 3 - len(self.workbench.work_lines())  # without header, title and footer
        with_detail = self.size.height >= ROWS_WITH_DETAIL
        subjects = len(self._subjects.rows) + 1 if self._subjects is not None else LEAST_ROWS
        columns = len(self._view.rows) + 1 if self._view is not None else LEAST_ROWS
        most = body // 4 if with_detail else max(body * 2 // 5, body - columns)
        self.subjects.styles.height = max(LEAST_ROWS, min(subjects, most))
        self.columns.styles.height = max(LEAST_ROWS, min(columns, body // 3)) if with_detail else "1fr"
        self.query_one("#none").styles.height = LEAST_ROWS if with_detail else "1fr"

    def on_descendant_focus(self) -> None:
        """The title says where keys go."""
        super().on_descendant_focus()
        self._show_title()

    # the cursor

    @on(VirtualTable.CursorMoved, "#subjects")
    def _subject_moved(self) -> None:
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        """Show the newest window of what is under the cursor."""
        found = self._subjects.subjects.get(self.subjects.cursor_key or "") if self._subjects is not None else None
        before, self._subject = self._subject, found
        if (found.key if found else "") != (before.key if before else ""):
            self._window = ""
            self._view = self._view if found is not None else None
            self._ask_view()
            self._show_view()

    @on(VirtualTable.CursorMoved, "#columns")
    def _column_moved(self) -> None:
        self._show_detail()
        self.refresh_footer()

    @on(VirtualTable.RowChosen)
    def _row_chosen(self) -> None:
        self.action_open()

    @on(PaneArea.Zoomed)
    def _detail_zoomed(self) -> None:
        """A zoomed pane has the whole screen."""
        self.set_class(self.detail.zoomed, "-zoomed")
        self._show_detail()
        if not self.detail.zoomed:
            self._came_from.focus()

    # actions

    def action_open(self) -> None:
        """From what is watched to its columns, from a column to both distributions."""
        if self.view is None:
            return
        if self.columns.has_focus:
            self._zoom("column")
        elif self.view.rows:
            self.columns.focus()
        else:
            self._zoom("about")

    def action_windows(self) -> None:
        """Verdicts of columns over windows."""
        self._zoom("windows")

    def action_performance(self) -> None:
        """How good the model is."""
        if self.view is not None and not self.view.metrics:
            self.workbench.refuse("nothing is known of its performance: workbench monitor labels NAME FILE adds labels")
            return
        self._zoom("performance")

    def action_about(self) -> None:
        """How it is watched."""
        self._zoom("about")

    def _zoom(self, key: str) -> None:
        """Give a pane the whole screen."""
        if self.view is None:
            return
        self.detail.display = True
        self.detail.show_view(self.view, self.columns.cursor_key if self.view.rows else None)
        if not self.detail.panes[key].display:
            self.workbench.refuse("there is nothing to show yet")
            self._show_detail()
            return
        if not self.detail.zoomed:
            self._came_from = self.columns if self.columns.has_focus else self.subjects
            self.detail.zoom(True)
        self.detail.focus_pane(key)

    def action_next_metric(self) -> None:
        """Draw the next metric."""
        self.detail.next_metric(1)

    def action_previous_metric(self) -> None:
        """Draw the metric before."""
        self.detail.next_metric(-1)

    def action_older_window(self) -> None:
        """The window before in time."""
        self._go(1)

    def action_newer_window(self) -> None:
        """The window after in time."""
        self._go(-1)

    def _go(self, by: int) -> None:
        view = self.view
        place = view.place + by if view is not None else -1
        if view is None or not 0 <= place < len(view.windows):
            self.workbench.refuse("there is no older window" if by > 0 else "there is no newer window")
            return
        self._window = view.windows[place] if place else ""
        self._ask_view()

    def action_filter(self) -> None:
        """Find what is watched by a part of its name."""
        rows = self._subjects.subjects if self._subjects is not None else {}
        options = [Option(key, [(visible(one.name), "")], visible(one.model) or one.kind) for key, one in rows.items()]

        def chosen(key: str | None) -> None:
            places = [place for place, known in enumerate(rows) if known == key]
            if places and self.is_attached:
                self.subjects.move_to(places[0])
                self.subjects.focus()

        self.app.push_screen(
            Choose("Go to", options, current=self.subjects.cursor_key, empty="nothing is watched yet"), chosen
        )

    def step_back(self) -> bool:
        """The zoomed pane gives its room back; from the panes to the columns, from there to what is watched."""
        if self.detail.step_back():
            return True
        if not self.subjects.has_focus and self._subjects is not None and self._subjects.rows:
            panes = not self.columns.has_focus and self.view is not None and bool(self.view.rows)
            (self.columns if panes else self.subjects).focus()
            return True
        return False

    # words

    def chosen(self) -> Subject | None:
        """What is under the cursor."""
        return self._subject

    def can(self, action: Action) -> bool:
        """Windows, columns and metrics need to be there."""
        view = self.view
        if action.name in ("next_metric", "previous_metric"):
            return view is not None and len(view.metrics) > 1
        if action.name == "performance":
            return view is not None and bool(view.metrics)
        if action.name in ("older_window", "newer_window", "windows"):
            return view is not None and len(view.windows) > 1
        if action.id in ("drift.open", "drift.about"):
            return view is not None
        return super().can(action)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """Also the window and the column."""
        view = self.view
        window = view.names[view.place] if view is not None and view.names else ""
        return {**super().words(), "window": window, "column": self.columns.cursor_key or ""}

    def view_twin(self) -> str:
        """The same in a shell."""
        one = self._subject
        if one is None:
            return "workbench monitor list"
        if one.kind == CHECK:
            return f"workbench drift show {shlex.quote(one.name)}"
        return f"workbench monitor show {shlex.quote(one.name)}"
