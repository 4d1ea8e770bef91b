"""How the runs screen looks at runs: columns, saved views, the trash, export."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.dialogs.columns import Columns
from workbench.tui.dialogs.export import Export, ExportChoice
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.questions.export import ExportRuns
from workbench.tui.questions.runs import View, check_column
from workbench.tui.questions.store import Choices
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.state import RunsView

if TYPE_CHECKING:
    from workbench.store.choices import ColumnChoice
    from workbench.tui.questions.runs import RunsTable
    from workbench.tui.widgets.filter_bar import FilterBar
    from workbench.tui.widgets.virtual_table import VirtualTable

SAVE = "\0save"
FORGET = "\0forget"


class RunViews(WorkbenchScreen):
    """The part of the runs screen that chooses what is seen."""

    table_answer: RunsTable | None

    if TYPE_CHECKING:

        @property
        def table(self) -> VirtualTable: ...

        @property
        def filter_bar(self) -> FilterBar: ...

        @property
        def view(self) -> View: ...

    def ask_page(self) -> None:
        """Ask for the rows in sight; the screen does."""
        raise NotImplementedError

    def change_view(self) -> None:
        """Show another view; the screen does."""
        raise NotImplementedError

    def action_columns(self) -> None:
        """Choose the columns."""

        def choose(choices: Sequence[ColumnChoice]) -> None:
            answer = self.table_answer
            hidden = set(self.state.view.hidden)
            shown = [one for one in (answer.expressions if answer else ()) if one not in hidden]

            def chosen(columns: list[str] | None) -> None:
                if columns is not None:
                    self.state.view.columns = columns
                    self.state.view.hidden = []
                    self.change_view()

            self.app.push_screen(Columns(choices, shown, check=check_column, twin=columns_twin), chosen)

        self.workbench.ask(Choices(), choose)

    def action_hide_column(self) -> None:
        """Hide the column of the cursor; the run's name stays."""
        column = self.table.cursor_column_key
        if column is None or self.table.cursor_column == 0:
            self.workbench.refuse("the first column says which run it is and stays")
            return
        self.state.view.hidden.append(column)
        self.workbench.say(f"{visible(column)} is hidden; C chooses columns, 0 shows all")
        self.ask_page()

    def action_trash(self) -> None:
        """The trash, or the runs again."""
        self.state.view.deleted = not self.state.view.deleted
        self.change_view()

    def action_views(self) -> None:
        """Go to a saved view, save this one, or forget one."""
        views = self.state.views
        options = [Option(name, _described(name, view)) for name, view in views.items()]
        options.append(Option(SAVE, [("save this view as …", "accent")]))
        if views:
            options.append(Option(FORGET, [("forget a view …", "accent")]))

        def chosen(name: str | None) -> None:
            if name == SAVE:
                self._save_view()
            elif name == FORGET:
                self._forget_view()
            elif name is not None:
                self.state.view = deepcopy(views[name])
                self.filter_bar.text = self.state.view.where
                self.change_view()

        self.app.push_screen(Choose("Views", options), chosen)

    def _save_view(self) -> None:
        def named(name: str | None) -> None:
            if name:
                self.state.views[name] = deepcopy(self.state.view)
                self.workbench.say(f"saved as {name}: V goes there")

        self.app.push_screen(
            Prompt(
                "Save this view as",
                check=lambda text: None if text.strip() else "a view has a name",
                suggestions=list(self.state.views),
            ),
            named,
        )

    def _forget_view(self) -> None:
        def chosen(name: str | None) -> None:
            if name is not None:
                del self.state.views[name]
                self.workbench.say(f"forgot the view {name}")

        options = [Option(name, _described(name, view)) for name, view in self.state.views.items()]
        self.app.push_screen(Choose("Forget a view", options), chosen)

    def action_export(self) -> None:
        """Write all runs of the view, with its columns, to a file."""
        twin = self.view_twin()
        answer = self.table_answer
        hidden = set(self.state.view.hidden)
        columns = tuple(one for one in (answer.expressions if answer else ()) if one not in hidden)

        def chosen(choice: ExportChoice | None) -> None:
            if choice is not None:
                self.workbench.perform(ExportRuns(self.view, columns, choice.path, choice.format))

        self.app.push_screen(
            Export(
                "Write this table to a file",
                path="runs.csv",
                twin=lambda path, form: f"{twin} --format {form} -o {path}",
            ),
            chosen,
        )


def columns_twin(columns: Sequence[str]) -> str:
    """The list with these columns in a shell."""
    return " ".join(["workbench runs list", *(f"-c {shlex.quote(column)}" for column in columns)])


def _described(name: str, view: RunsView) -> Line:
    facts = [view.where, f"in {view.experiment}" if view.experiment else "", " ".join(view.sort)]
    return [(visible(name), "bold"), (f"  {visible('  '.join(fact for fact in facts if fact))}", "dim")]
