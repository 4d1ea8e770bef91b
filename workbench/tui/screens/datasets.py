"""The datasets: a table of them, the versions of the one under the cursor, and where there is room that version."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widget import Widget

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.asking import Mood
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.marks import Marks
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.datasets import DatasetNames, DatasetsPage, DataTable, DataVersionsPage
from workbench.tui.questions.models import PAGE_ROWS
from workbench.tui.screens.data_edits import Chosen, DataEdits, chosen_of
from workbench.tui.widgets.dataset_detail import BESIDE_VERSIONS, DatasetDetail
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.pane import title_line
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from workbench.data.versions import DatasetVersion

LEAST_ROWS = 3
ROWS_WITH_DETAIL = 30
"""Rows of a terminal from which on the version under the cursor is shown below the others."""
LEAST_DETAIL = 8
"""Rows that it is shown in on a lower terminal, where the tables leave them."""


class DatasetsScreen(DataEdits):
    """Datasets above, versions below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("datasets", "data")
    TAB = "Data"
    BINDINGS = bindings("datasets", "data")
    AUTO_FOCUS = "#datasets"
    DEFAULT_CSS = """
    DatasetsScreen #title { height: 1; }
    DatasetsScreen DatasetDetail { border-top: solid $foreground 20%; }
    DatasetsScreen .-hidden { display: none; }
    DatasetsScreen.-zoomed VirtualTable, DatasetsScreen.-zoomed #title { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._datasets: DataTable | None = None
        self._versions: DataTable | None = None
        self._wanted = (0, PAGE_ROWS)
        self._wanted_versions = (0, PAGE_ROWS)
        self._name: str | None = None
        self._marks = Marks()

    def compose_body(self) -> Iterable[Widget]:
        """Datasets, a title, versions, the version; or why there are none."""
        yield VirtualTable(id="datasets")
        yield SpanLines(id="title")
        yield VirtualTable(id="versions")
        yield DatasetDetail(BESIDE_VERSIONS, id="detail")
        yield Notice(id="empty")
        yield SpanLines(id="work")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.query_one("#empty").add_class("-hidden")
        self.versions.marks = self._marks
        self.work_moved()
        self.call_after_refresh(lambda: self.mood_changed(self.desk.mood))

    def on_screen_resume(self) -> None:
        """Ask while the screen can be seen."""
        self.desk.watch(self, "datasets", DatasetsPage(*self._wanted))
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
    def datasets(self) -> VirtualTable:
        """The table of datasets."""
        return self.query_one("#datasets", VirtualTable)

    @property
    def versions(self) -> VirtualTable:
        """The table of versions."""
        return self.query_one("#versions", VirtualTable)

    @property
    def detail(self) -> DatasetDetail:
        """The version under the cursor."""
        return self.query_one(DatasetDetail)

    @property
    def opening(self) -> bool:
        """Until the first datasets and their versions are there."""
        return self._datasets is None or (self._versions is None and self._name is not None)

    # asking and hearing

    def _ask_versions(self) -> None:
        if self._name is None:
            self.desk.forget(self, "versions")
        else:
            self.desk.watch(self, "versions", DataVersionsPage(self._name, *self._wanted_versions))

    @on(VirtualTable.RowsNeeded)
    def _rows_needed(self, message: VirtualTable.RowsNeeded) -> None:
        if message.table is self.datasets:
            self._wanted = (message.first, message.count)
            self.desk.watch(self, "datasets", DatasetsPage(*self._wanted))
        else:
            self._wanted_versions = (message.first, message.count)
            self._ask_versions()

    def on_answered(self, message: Answered) -> None:
        """A page of datasets, or of versions."""
        if message.slot == "datasets":
            self._show_datasets(message.answer)
        elif message.answer.about == self._name:
            self._show_versions(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """Where nothing was read yet, it says why; else what was read stays, and a dataset that is gone goes."""
        if message.slot == "datasets" and self._datasets is None:
            self._say([[(message.error.message, "bad")], [], [(message.error.hint or "", "dim")]])

    def mood_changed(self, mood: Mood) -> None:
        """A store that cannot be read leaves what was read on the screen; where nothing was, it says why."""
        if mood.kind in ("busy", "lost") and self._datasets is None:
            self._say([[(mood.text, "bad")], [], [(mood.hint, "dim")]])

    def grow_older(self) -> None:
        """Ages are drawn anew."""
        self.desk.rework(self, "datasets")
        self.desk.rework(self, "versions")
        self.detail.grow_older()

    def work_moved(self) -> None:
        """What is under way stands in the last lines; what was found out is shown."""
        self.query_one("#work", SpanLines).show(self.workbench.work_lines())
        self.detail.draw()
        self.refresh_footer()
        self.call_after_refresh(self._lay_out)
        super().work_moved()

    # showing

    def _show_datasets(self, answer: DataTable) -> None:
        self._datasets = answer
        self.datasets.show(answer.columns, answer.total, answer.first, answer.rows, keep=True)
        self._say(None if answer.total else _no_data())
        self._lay_out()
        if not answer.total:
            self._follow_cursor()

    def _show_versions(self, answer: DataTable) -> None:
        same, self._versions = self._versions is not None and self._versions.about == answer.about, answer
        table = self.versions
        self._lay_out()
        table.show(answer.columns, answer.total, answer.first, answer.rows, keep=same, follow=same)
        if not same:
            table.move_to(0)
        self._show_title()
        self._show_detail()
        self.refresh_footer()

    def _show_detail(self) -> None:
        """Show the version under the cursor, where there is room for it; it is asked for all the same."""
        one = self.chosen()
        self.detail.set_class(one is None or not self._has_room(), "-hidden")
        self.detail.show_version(one.reference if one is not None else None)

    def _show_title(self) -> None:
        """Whose versions these are."""
        if self._name is None:
            return
        known = self._versions if self._versions is not None and self._versions.about == self._name else None
        count = f"{known.total} version{'s' * (known.total != 1)}" if known is not None else ""
        line = title_line(visible(self._name), count, self.size.width, self.versions.has_focus)
        self.query_one("#title", SpanLines).show([line])

    def _say(self, lines: list[Line] | None) -> None:
        """Show a notice in the place of everything; None shows none."""
        self.query_one("#empty", Notice).show(lines or [])
        self.query_one("#empty").set_class(lines is None, "-hidden")
        for part in (self.datasets, self.versions, self.query_one("#title")):
            part.set_class(lines is not None, "-hidden")
        self._show_detail()
        if self.focused is None and lines is None:
            self.datasets.focus()

    def on_resize(self) -> None:
        """Datasets get what they need, up to two fifths."""
        self._lay_out()
        self._show_title()
        self._show_detail()

    @property
    def _body(self) -> int:
        """Rows without header, title, footer and what is under way."""
        return self.size.height - 3 - len(self.workbench.work_lines())

    def _rows(self, table: DataTable | None) -> int:
        return table.total + 1 if table is not None else LEAST_ROWS

    def _has_room(self) -> bool:
        """Whether the version under the cursor is shown."""
        spare = self._body - self._rows(self._datasets) - self._rows(self._versions)
        return self.size.height >= ROWS_WITH_DETAIL or spare >= LEAST_DETAIL

    def _lay_out(self) -> None:
        body, datasets, versions = self._body, self._rows(self._datasets), self._rows(self._versions)
        if self.size.height >= ROWS_WITH_DETAIL:
            datasets, versions = min(datasets, body // 4), min(versions, body // 4)
        elif not self._has_room():
            datasets = min(datasets, max(body * 2 // 5, body - versions))
        self.datasets.styles.height = max(LEAST_ROWS, datasets)
        self.versions.styles.height = max(LEAST_ROWS, versions) if self._has_room() else "1fr"

    def on_descendant_focus(self) -> None:
        """The title says where keys go."""
        super().on_descendant_focus()
        self._show_title()

    # the cursor

    @on(VirtualTable.CursorMoved, "#datasets")
    def _dataset_moved(self) -> None:
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        """Show the versions of the dataset under the cursor."""
        name = self.datasets.cursor_key
        if name != self._name and (name is not None or not self.datasets.total):
            self._name, self._wanted_versions = name, (0, PAGE_ROWS)
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

    @on(PaneArea.Shown)
    def _detail_shown(self) -> None:
        """More can be done now."""
        self.refresh_footer()

    @on(VirtualTable.RowChosen)
    def _row_chosen(self) -> None:
        self.action_open()

    # actions

    def action_open(self) -> None:
        """From a dataset to its versions, from a version to its screen."""
        one = self.chosen()
        if one is None:
            return
        if self.versions.has_focus:
            self.workbench.open_data(one.reference)
        else:
            self.versions.focus()

    def action_filter(self) -> None:
        """Find a dataset by a part of its name."""

        def choose(names: list[tuple[str, str]]) -> None:
            def chosen(name: str | None) -> None:
                places = [place for place, (known, _) in enumerate(names) if known == name]
                if places and self.is_attached:
                    self.datasets.move_to(places[0])
                    self.datasets.focus()

            options = [Option(name, [(visible(name), "")], words) for name, words in names]
            self.app.push_screen(Choose("Go to a dataset", options, current=self._name, empty="no data yet"), chosen)

        self.workbench.ask(DatasetNames(), choose)

    def action_mark(self) -> None:
        """Mark the version, and go on."""
        one = self.chosen()
        if one is not None:
            self._marks.toggle(one.reference)
            self.versions.move_to(self.versions.cursor_row + 1)
            self.versions.refresh_marks()
            self.refresh_footer()

    def action_compare(self) -> None:
        """The two marked versions; with one mark, that one and the one under the cursor."""
        references = self._compared()
        if len(references) != 2:
            self.workbench.refuse("a comparison needs two versions: mark one with space")
        else:
            self.compare(*references)

    def _compared(self) -> list[str]:
        """Two references, the older one first where they are of one dataset."""
        marks, one = list(self._marks), self.chosen()
        both = list(dict.fromkeys([*marks, one.reference])) if one is not None and len(marks) == 1 else marks
        return sorted(both, key=lambda reference: int(reference.rpartition("@v")[2])) if len(both) == 2 else both

    def step_back(self) -> bool:
        """From the versions to the datasets, then the marks, then the screen."""
        if self.detail.step_back():
            return True
        if not self.datasets.has_focus and self._datasets is not None and self._datasets.total:
            (self.datasets if self.versions.has_focus else self.versions).focus()
            return True
        if len(self._marks):
            self._marks.clear()
            self.versions.refresh_marks()
            self.refresh_footer()
            return True
        return False

    # words

    def chosen(self) -> Chosen | None:
        """The version under the cursor of the versions, whatever has the focus."""
        answer, key = self._versions, self.versions.cursor_key
        if answer is None or answer.about != self._name or key is None:
            return None
        name, _, number = key.rpartition("@v")
        return chosen_of(name, int(number), answer.numbers)

    def version(self) -> DatasetVersion | None:
        """As soon as it is known."""
        answer, one = self.detail.answer, self.chosen()
        known = answer is not None and one is not None and answer.version.reference == one.reference
        return answer.version if known and answer is not None else None

    def can(self, action: Action) -> bool:
        """Comparing needs two versions."""
        if action.id == "datasets.compare":
            return len(self._compared()) == 2
        if action.id in ("datasets.open", "datasets.mark"):
            return self.chosen() is not None
        return super().can(action)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """Also those that are compared."""
        return {**super().words(), "versions": self._compared()}

    def view_twin(self) -> str:
        """The datasets, or one of them, in a shell."""
        if self.versions.has_focus and self._name is not None:
            return f"workbench data show {shlex.quote(self._name)}"
        return "workbench data list"


def _no_data() -> list[Line]:
    return [
        [("No data yet", "bold")],
        [],
        [("Register a file or a folder; it stays where it is:", "")],
        [],
        [("workbench data add data/train.parquet NAME", "accent")],
        [],
        [("Runs that have logged it are found by its content:", "dim")],
        [("run.log_dataset(PATH)", "key")],
    ]
