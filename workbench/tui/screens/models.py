"""The models: a table of them, the versions of the one under the cursor, and where there is room that version."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.widget import Widget

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.asking import Mood
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.models import PAGE_ROWS, ModelNames, ModelsPage, ModelsTable
from workbench.tui.questions.versions import CompareVersions, VersionFacts, VersionsPage, VersionsTable
from workbench.tui.screens.version_edits import VersionEdits
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.pane import title_line
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.widgets.version_detail import VersionDetail
from workbench.tui.widgets.virtual_table import VirtualTable

LEAST_MODEL_ROWS = 3
ROWS_WITH_DETAIL = 30
"""Rows of a terminal from which on the version under the cursor is shown below the others."""


class ModelsScreen(VersionEdits):
    """Models above, versions below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("models", "version")
    TAB = "Models"
    BINDINGS = bindings("models", "version")
    AUTO_FOCUS = "#models"
    DEFAULT_CSS = """
    ModelsScreen #title { height: 1; }
    ModelsScreen VersionDetail { border-top: solid $foreground 20%; }
    ModelsScreen .-hidden { display: none; }
    ModelsScreen.-zoomed VirtualTable, ModelsScreen.-zoomed #title { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._models: ModelsTable | None = None
        self._versions: VersionsTable | None = None
        self._wanted = (0, PAGE_ROWS)
        self._wanted_versions = (0, PAGE_ROWS)
        self._model: str | None = None
        self._sought: str | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Models, a title, versions; or why there are none."""
        yield VirtualTable(id="models")
        yield SpanLines(id="title")
        yield VirtualTable(id="versions")
        yield VersionDetail(id="detail")
        yield Notice(id="empty")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.query_one("#empty").add_class("-hidden")
        self.versions.marks = self.workbench.version_marks
        self.call_after_refresh(lambda: self.mood_changed(self.desk.mood))

    def on_screen_resume(self) -> None:
        """Ask while the screen can be seen."""
        self.versions.refresh_marks()
        self._ask_models()
        self._ask_versions()
        self.detail.ask()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self.desk.forget(self)
        self.detail.rest()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.desk.forget(self)

    @property
    def models(self) -> VirtualTable:
        """The table of models."""
        return self.query_one("#models", VirtualTable)

    @property
    def versions(self) -> VirtualTable:
        """The table of versions."""
        return self.query_one("#versions", VirtualTable)

    @property
    def detail(self) -> VersionDetail:
        """The version under the cursor."""
        return self.query_one(VersionDetail)

    @property
    def opening(self) -> bool:
        """Until the first models and their versions are there."""
        return self._models is None or (self._versions is None and self._model is not None)

    # asking and hearing

    def _ask_models(self) -> None:
        self.desk.watch(self, "models", ModelsPage(*self._wanted))

    def _ask_versions(self) -> None:
        if self._model is None:
            self.desk.forget(self, "versions")
        else:
            self.desk.watch(self, "versions", VersionsPage(self.desk.project, self._model, *self._wanted_versions))

    @on(VirtualTable.RowsNeeded)
    def _rows_needed(self, message: VirtualTable.RowsNeeded) -> None:
        if message.table is self.models:
            self._wanted = (message.first, message.count)
            self._ask_models()
        else:
            self._wanted_versions = (message.first, message.count)
            self._ask_versions()

    def on_answered(self, message: Answered) -> None:
        """A page of models, or of versions."""
        if message.slot == "models":
            self._show_models(message.answer)
        elif message.question.model == self._model:
            self._show_versions(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """Where nothing was read yet, it says why; else what was read stays, and a model that is gone goes."""
        if message.slot == "models" and self._models is None:
            self._say([[(message.error.message, "bad")], [], [(message.error.hint or "", "dim")]])

    def mood_changed(self, mood: Mood) -> None:
        """A store that cannot be read leaves what was read on the screen; where nothing was, it says why."""
        if mood.kind in ("busy", "lost") and self._models is None:
            self._say([[(mood.text, "bad")], [], [(mood.hint, "dim")]])

    def grow_older(self) -> None:
        """Ages are drawn anew."""
        self.desk.rework(self, "models")
        self.desk.rework(self, "versions")
        self.detail.grow_older()

    # showing

    def _show_models(self, answer: ModelsTable) -> None:
        table, fresh, self._models = self.models, self._models is None, answer
        key = self.state.model if fresh else table.cursor_key
        table.show(answer.columns, answer.total, answer.first, answer.rows, keep=True)
        self._say(None if answer.total else _no_models())
        self._lay_out()
        if key and table.cursor_key != key and self._sought != key:
            # At first the model of the last time; later so many have come or gone that it is not in this page any more.
            self._sought = key
            self.workbench.ask(ModelNames(), lambda names: self._go_to(key, names))
        if not answer.total:
            self._follow_cursor()

    def _go_to(self, name: str, names: Sequence[tuple[str, str]]) -> None:
        places = [place for place, (known, _) in enumerate(names) if known == name]
        if places and self.is_attached:
            self.models.move_to(places[0])

    def _show_versions(self, answer: VersionsTable) -> None:
        same, self._versions = self._versions is not None and self._versions.model == answer.model, answer
        table = self.versions
        self._lay_out()
        table.show(answer.columns, answer.total, answer.first, answer.rows, keep=same, follow=same)
        if not same:
            table.move_to(0)
        self._say(None if answer.total else _no_versions(answer.model))
        self._show_title()
        self._show_detail()
        self.refresh_footer()

    def _show_detail(self) -> None:
        """Show the version under the cursor, where there is room for it."""
        one = self.chosen() if self.size.height >= ROWS_WITH_DETAIL else None
        self.detail.set_class(one is None, "-hidden")
        self.detail.show_version(*((one.model, one.number) if one is not None else (None, None)))

    def _show_title(self) -> None:
        """Which model's versions these are, and where its aliases point."""
        if self._model is None:
            return
        known = self._versions is not None and self._versions.model == self._model
        aliases = self._versions.aliases if known and self._versions is not None else ""
        line = title_line(visible(self._model), aliases, self.size.width, self.versions.has_focus)
        self.query_one("#title", SpanLines).show([line])

    def _say(self, lines: list[Line] | None) -> None:
        """Show a notice in the place of the versions, or of everything where there are no models; None shows none."""
        nothing = self._models is None or not self._models.total
        self.query_one("#empty", Notice).show(lines or [])
        self.query_one("#empty").set_class(lines is None, "-hidden")
        self.versions.set_class(lines is not None, "-hidden")
        self.models.set_class(lines is not None and nothing, "-hidden")
        self._show_detail()
        self.query_one("#title").set_class(lines is not None and nothing, "-hidden")
        if self.focused is None and lines is None:
            self.models.focus()

    def on_resize(self) -> None:
        """Models get what they need, up to two fifths."""
        self._lay_out()
        self._show_title()
        self._show_detail()

    def _lay_out(self) -> None:
        body = self.size.height - 3  # without header, title and footer
        rows = self._models.total + 1 if self._models is not None else LEAST_MODEL_ROWS
        with_detail = self.size.height >= ROWS_WITH_DETAIL
        most = body // 4 if with_detail else body * 2 // 5
        self.models.styles.height = max(LEAST_MODEL_ROWS, min(rows, most))
        versions = self._versions.total + 1 if self._versions is not None else LEAST_MODEL_ROWS
        self.versions.styles.height = max(LEAST_MODEL_ROWS, min(versions, most)) if with_detail else "1fr"

    def on_descendant_focus(self) -> None:
        """The title says where keys go."""
        super().on_descendant_focus()
        self._show_title()

    # the cursor

    @on(VirtualTable.CursorMoved, "#models")
    def _model_moved(self) -> None:
        self._sought = None
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        """Show the versions of the model under the cursor."""
        name = self.models.cursor_key
        if name != self._model and (name is not None or not self.models.total):
            self._model, self._wanted_versions = name, (0, PAGE_ROWS)
            self.state.model = name or ""
            self._ask_versions()
            self._show_title()
            self.refresh_footer()

    @on(VirtualTable.CursorMoved, "#versions")
    def _version_moved(self) -> None:
        self._show_detail()
        self.refresh_footer()

    @on(PaneArea.Zoomed)
    def _detail_zoomed(self) -> None:
        """A zoomed pane has the whole screen."""
        self.set_class(self.detail.zoomed, "-zoomed")

    @on(VirtualTable.RowChosen)
    def _row_chosen(self) -> None:
        self.action_open()

    # actions

    def action_open(self) -> None:
        """From a model to its versions, from a version to its screen."""
        one = self.chosen()
        if one is None:
            return
        if self.versions.has_focus:
            numbers = self._versions.numbers if self._versions is not None else ()
            self.workbench.open_version(one.model, one.number, neighbours=numbers)
        else:
            self.versions.focus()

    def action_filter(self) -> None:
        """Find a model by a part of its name."""

        def choose(names: list[tuple[str, str]]) -> None:
            def chosen(name: str | None) -> None:
                if name is not None:
                    self._go_to(name, names)
                    self.models.focus()

            options = [Option(name, [(name, "")], words) for name, words in names]
            self.app.push_screen(Choose("Go to a model", options, current=self._model, empty="no models yet"), chosen)

        self.workbench.ask(ModelNames(), choose)

    def action_mark(self) -> None:
        """Mark the version, and go on."""
        one = self.chosen()
        if one is not None:
            self.workbench.version_marks.toggle(one.reference)
            self.versions.move_to(self.versions.cursor_row + 1)
            self.versions.refresh_marks()
            self.refresh_footer()

    def action_compare(self) -> None:
        """The marked versions side by side; with one mark, that one and the one under the cursor."""
        references = self._compared()
        if len(references) < 2:
            self.workbench.refuse("a comparison needs two versions: mark one with space")
            return
        pairs = [reference.rpartition("/") for reference in references]
        question = CompareVersions(tuple((name, int(number)) for name, _, number in pairs), self.size.width - 1)
        title = " and ".join(references) if len(references) == 2 else f"{len(references)} versions"
        self.workbench.ask(question, lambda lines: self.workbench.read(f"Compare {title}", lines))

    def _compared(self) -> list[str]:
        marks = list(self.workbench.version_marks)
        one = self.chosen()
        return list(dict.fromkeys([*marks, one.reference])) if one is not None and len(marks) == 1 else marks

    def step_back(self) -> bool:
        """From the versions to the models, then the marks, then the screen."""
        if self.detail.step_back():
            return True
        if not self.models.has_focus:
            (self.models if self.versions.has_focus else self.versions).focus()
            return True
        if len(self.workbench.version_marks):
            self.workbench.version_marks.clear()
            self.versions.refresh_marks()
            self.refresh_footer()
            return True
        return False

    # words

    def chosen(self) -> VersionFacts | None:
        """The version under the cursor of the versions, whatever has the focus."""
        answer = self._versions
        if answer is None or answer.model != self._model:
            return None
        return answer.facts.get(self.versions.cursor_key or "")

    def can(self, action: Action) -> bool:
        """Comparing needs two versions."""
        if action.id == "models.compare":
            return len(self._compared()) >= 2
        if action.id in ("models.open", "models.mark"):
            return self.chosen() is not None
        return super().can(action)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The model, the version, those that are compared, the run."""
        one = self.chosen()
        return {
            "model": self._model or "",
            "version": one.reference if one is not None else "",
            "versions": self._compared(),
            "run": one.run[:8] if one is not None and one.run else "",
        }

    def view_twin(self) -> str:
        """The models or the versions in a shell."""
        if self.versions.has_focus and self._model is not None:
            return f"workbench models show {shlex.quote(self._model)}"
        return "workbench models list"


def _no_models() -> list[Line]:
    return [
        [("No models yet", "bold")],
        [],
        [("Register the model that a run has logged:", "")],
        [],
        [("workbench models register RUN NAME", "accent")],
        [],
        [("or press ", "dim"), ("+", "key"), (" on a run, in the runs (", "dim"), ("1", "key"), (")", "dim")],
    ]


def _no_versions(model: str) -> list[Line]:
    return [
        [(f"{visible(model)} has no versions", "bold")],
        [],
        [(f"workbench models register RUN {shlex.quote(visible(model))}", "accent")],
    ]
