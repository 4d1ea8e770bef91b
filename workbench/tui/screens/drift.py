"""Drift: monitors and stored checks, and the columns of a window of the one under the cursor, ranked."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget

from workbench.output.cells import visible
from workbench.output.spans import plain
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.choose import Option
from workbench.tui.messages import Answered
from workbench.tui.questions.drift import CHECK, DriftSubjects, DriftTable, Subject
from workbench.tui.questions.drift_view import DriftQuestion, DriftView
from workbench.tui.screens.drift_edits import DriftEdits
from workbench.tui.screens.empty_drift import no_columns, nothing_watched
from workbench.tui.screens.list_screen import LEAST_ROWS, ListScreen
from workbench.tui.widgets.drift_detail import DriftDetail
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.virtual_table import VirtualTable


class DriftScreen(ListScreen, DriftEdits):
    """What is watched above, columns below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("drift", "monitor")
    TAB = "Drift"
    BINDINGS = bindings("drift", "monitor")
    DEFAULT_CSS = "DriftScreen.-zoomed DriftDetail { border-top: none; }"
    detail: DriftDetail
    listing: DriftTable | None

    def __init__(self) -> None:
        super().__init__(DriftDetail(id="detail"))
        self._subject: Subject | None = None
        self._view: DriftView | None = None
        self._window = ""
        self._came_from: Widget = self

    @property
    def view(self) -> DriftView | None:
        """What is known of what is under the cursor; what was there before is shown until then."""
        known, one = self._view, self._subject
        return known if known is not None and one is not None and known.subject.key == one.key else None

    @property
    def opening(self) -> bool:
        """Until what is watched is there, and the columns of one."""
        return self.listing is None or (self.view is None and self._subject is not None)

    # asking and hearing

    def on_mount(self) -> None:
        """There are no columns yet."""
        self._show_view()

    def ask(self) -> None:
        """Ask for what is watched, and the columns of one."""
        self.desk.watch(self, "upper", DriftSubjects(self.desk.project))
        self._ask_view()

    def _ask_view(self) -> None:
        if self._subject is None:
            self.desk.forget(self, "lower")
        else:
            subject = Subject(self._subject.kind, self._subject.name)
            self.desk.watch(self, "lower", DriftQuestion(self.desk.project, subject, self._window))

    def on_answered(self, message: Answered) -> None:
        """What is watched, or one of it."""
        if message.slot == "upper":
            self._show_subjects(message.answer)
        elif self._subject is not None and message.answer.subject.key == self._subject.key:
            fresh = self._view is None or self._view.subject.key != message.answer.subject.key
            self._view = message.answer
            self._show_view(fresh=fresh)

    # showing

    def _show_subjects(self, answer: DriftTable) -> None:
        self.listing = answer
        self.upper.show(answer.columns, len(answer.rows), 0, answer.rows, keep=True)
        self.say_instead(None if answer.rows else nothing_watched())
        self.lay_out()
        self.follow_cursor()
        self.refresh_footer()

    def _show_view(self, *, fresh: bool = False) -> None:
        """The columns of the window, or why there are none."""
        view = self._view
        rows = view.rows if view is not None else ()
        if view is not None and rows:
            self.lower.show(view.columns, len(rows), 0, rows, follow=not fresh)
            if fresh:
                self.lower.move_to(0)
        self.query_one("#none", Notice).show(no_columns(view))
        if not rows and self.lower.has_focus:
            self.upper.focus()
        self.show_title()
        self.lay_out()
        self.show_detail()
        self.refresh_footer()

    def show_detail(self) -> None:
        """Show the parts, and in the panes the column under the cursor."""
        self.show_parts()
        self.detail.show_view(self._view, self.lower.cursor_key if self._view and self._view.rows else None)

    def show_parts(self) -> None:
        """What is seen: a notice, a zoomed pane, or the tables and below them the panes where there is room."""
        zoomed, rows = self.detail.zoomed, bool(self._view is not None and self._view.rows)
        tables = not (self.says or zoomed)
        self.upper.display = self.query_one("#title").display = tables
        self.lower.display = tables and rows
        self.query_one("#none").display = tables and not rows
        self.detail.display = self._view is not None and (zoomed or self.is_tall) and not self.says

    def show_title(self) -> None:
        """What came of the window."""
        if self._subject is None:
            return
        view, title = self.view, visible(self._subject.name)
        if view is not None and view.names:
            title += f"  {visible(view.names[view.place])}"
        self.draw_title(title, plain(view.head) if view is not None else "")

    def lay_out(self) -> None:
        """What is watched gets what it needs, up to two fifths."""
        body, none = self.body, self.query_one("#none")
        subjects = len(self.listing.rows) + 1 if self.listing is not None else LEAST_ROWS
        columns = len(self._view.rows) + 1 if self._view is not None else LEAST_ROWS
        most = body // 4 if self.is_tall else max(body * 2 // 5, body - columns)
        self.upper.styles.height = max(LEAST_ROWS, min(subjects, most))
        self.lower.styles.height = max(LEAST_ROWS, min(columns, body // 3)) if self.is_tall else "1fr"
        none.styles.height = LEAST_ROWS if self.is_tall else "1fr"

    def follow_cursor(self) -> None:
        """Show the newest window of what is under the cursor."""
        found = self.listing.subjects.get(self.upper.cursor_key or "") if self.listing is not None else None
        before, self._subject = self._subject, found
        if (found.key if found else "") != (before.key if before else ""):
            self._window = ""
            self._view = self._view if found is not None else None
            self._ask_view()
            self._show_view()

    @on(PaneArea.Zoomed)
    def _zoom_changed(self) -> None:
        """The keys go back to where they came from."""
        self.show_detail()
        if not self.detail.zoomed:
            self._came_from.focus()

    # actions

    def action_open(self) -> None:
        """From what is watched to its columns, from a column to both distributions."""
        if self.view is None:
            return
        if self.lower.has_focus:
            self._zoom("column")
        elif self.view.rows:
            self.lower.focus()
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
        self.detail.show_view(self.view, self.lower.cursor_key if self.view.rows else None)
        if not self.detail.panes[key].display:
            self.workbench.refuse("there is nothing to show yet")
            self.show_detail()
            return
        if not self.detail.zoomed:
            self._came_from = self.lower if self.lower.has_focus else self.upper
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
        rows = self.listing.subjects if self.listing is not None else {}
        options = [Option(key, [(visible(one.name), "")], visible(one.model) or one.kind) for key, one in rows.items()]
        self.choose_row("Go to", options, empty="nothing is watched yet", current=self.upper.cursor_key)

    def above(self) -> VirtualTable | None:
        """The columns only where there are any."""
        above = super().above()
        return self.upper if above is self.lower and not (self.view and self.view.rows) else above

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
        return {**super().words(), "window": window, "column": self.lower.cursor_key or ""}

    def view_twin(self) -> str:
        """The same in a shell."""
        one = self._subject
        if one is None:
            return "workbench monitor list"
        if one.kind == CHECK:
            return f"workbench drift show {shlex.quote(one.name)}"
        return f"workbench monitor show {shlex.quote(one.name)}"
