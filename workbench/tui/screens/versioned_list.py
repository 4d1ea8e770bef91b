"""What the lists of models and of datasets have in common: pages of them above, the versions of one of them below."""

from __future__ import annotations

from textual import on

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.actions import Action
from workbench.tui.asking import Question
from workbench.tui.dialogs.choose import Option
from workbench.tui.marks import Marks
from workbench.tui.messages import Answered
from workbench.tui.questions.datasets import DataTable
from workbench.tui.questions.models import PAGE_ROWS, ModelsTable
from workbench.tui.questions.versions import VersionFacts, VersionsTable
from workbench.tui.screens.data_edits import Chosen
from workbench.tui.screens.list_screen import ListScreen
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.virtual_table import VirtualTable


class VersionedList(ListScreen):
    """Things that have versions; their names are the keys of the list.

    Attributes:
        owner: the name of the one under the cursor, whose versions are shown or asked for; None for none.
        versions: what the lower table shows, perhaps of the one before still; None until there is an answer.
    """

    listing: ModelsTable | DataTable | None
    versions: VersionsTable | DataTable | None

    def __init__(self, detail: PaneArea) -> None:
        super().__init__(detail)
        self.owner: str | None = None
        self.versions = None
        self._wanted = (0, PAGE_ROWS)
        self._wanted_versions = (0, PAGE_ROWS)
        self._marks = Marks()

    # what subclasses fill in

    def page(self, first: int, count: int) -> Question:
        """What the list asks for."""
        raise NotImplementedError

    def versions_page(self, owner: str, first: int, count: int) -> Question:
        """What the lower table asks for."""
        raise NotImplementedError

    def nothing(self) -> list[Line]:
        """What is said where there is nothing to list."""
        raise NotImplementedError

    def summary(self) -> str:
        """What the title says of the versions."""
        raise NotImplementedError

    def chosen(self) -> VersionFacts | Chosen | None:
        """The version under the cursor of the versions, whatever has the focus."""
        raise NotImplementedError

    def open_chosen(self) -> None:
        """Show that version on a screen of its own."""
        raise NotImplementedError

    def compare_versions(self, references: list[str]) -> None:
        """Show versions side by side."""
        raise NotImplementedError

    # asking and hearing

    def on_mount(self) -> None:
        """Versions are marked; a notice says where there are none."""
        self.lower.marks = self.marks
        self.query_one("#none").display = False

    @property
    def opening(self) -> bool:
        """Until the first page and the versions of one are there."""
        return self.listing is None or (self.versions is None and self.owner is not None)

    @property
    def has_versions(self) -> bool:
        """Whether the versions are those of the one under the cursor."""
        return self.versions is not None and self.versions.about == self.owner

    def ask(self) -> None:
        """Ask for both pages."""
        self.lower.refresh_marks()
        self._ask_list()
        self._ask_versions()

    def _ask_list(self) -> None:
        self.desk.watch(self, "upper", self.page(*self._wanted))

    def _ask_versions(self) -> None:
        if self.owner is None:
            self.desk.forget(self, "lower")
        else:
            self.desk.watch(self, "lower", self.versions_page(self.owner, *self._wanted_versions))

    @on(VirtualTable.RowsNeeded)
    def _rows_needed(self, message: VirtualTable.RowsNeeded) -> None:
        if message.table is self.upper:
            self._wanted = (message.first, message.count)
            self._ask_list()
        else:
            self._wanted_versions = (message.first, message.count)
            self._ask_versions()

    def on_answered(self, message: Answered) -> None:
        """A page of the list, or of versions."""
        if message.slot == "upper":
            self.show_list(message.answer)
        elif message.answer.about == self.owner:
            self.show_versions(message.answer)

    def grow_older(self) -> None:
        """Also those of versions."""
        super().grow_older()
        self.desk.rework(self, "lower")

    # showing

    def notice(self) -> list[Line] | None:
        """What stands in the place of the tables, or of the versions."""
        return None if self.listing is None or self.listing.total else self.nothing()

    def show_list(self, answer: ModelsTable | DataTable) -> None:
        """Show a page of the list."""
        self.listing = answer
        self.upper.show(answer.columns, answer.total, answer.first, answer.rows, keep=True)
        self.say_instead(self.notice())
        self.lay_out()
        if not answer.total:
            self.follow_cursor()

    def show_versions(self, answer: VersionsTable | DataTable) -> None:
        """Show a page of versions."""
        same, self.versions = self.versions is not None and self.versions.about == answer.about, answer
        self.lay_out()
        self.lower.show(answer.columns, answer.total, answer.first, answer.rows, keep=same, follow=same)
        if not same:
            self.lower.move_to(0)
        self.say_instead(self.notice())
        self.show_title()
        self.show_detail()
        self.refresh_footer()

    def show_title(self) -> None:
        """Whose versions these are."""
        if self.owner is not None:
            self.draw_title(visible(self.owner), self.summary() if self.has_versions else "")

    def show_parts(self) -> None:
        """A notice stands in the place of the versions, or of everything where nothing is listed."""
        self.lower.set_class(self.says, "-hidden")
        for part in (self.upper, self.query_one("#title")):
            part.set_class(self.says and not self.upper.total, "-hidden")
        self.show_detail()

    def follow_cursor(self) -> None:
        """Show the versions of the one under the cursor."""
        name = self.upper.cursor_key
        if name != self.owner and (name is not None or not self.upper.total):
            self.owner, self._wanted_versions = name, (0, PAGE_ROWS)
            self._ask_versions()
            self.show_title()
            self.refresh_footer()

    # actions

    def action_open(self) -> None:
        """From the list to the versions, from a version to its screen."""
        if self.chosen() is None:
            return
        if self.lower.has_focus:
            self.open_chosen()
        else:
            self.lower.focus()

    def choose_name(self, names: Question, title: str, empty: str) -> None:
        """Find one by a part of its name; the question is answered by all names, each with a few words."""

        def choose(names: list[tuple[str, str]]) -> None:
            options = [Option(name, [(name, "")], words) for name, words in names]
            self.choose_row(title, options, empty=empty, current=self.owner)

        self.workbench.ask(names, choose)

    # marks and comparison

    @property
    def marks(self) -> Marks:
        """The versions that are marked, by their references."""
        return self._marks

    def compared(self) -> list[str]:
        """What would be compared: what is marked; with one mark, that one and the one under the cursor."""
        marks, one = list(self.marks), self.chosen()
        return list(dict.fromkeys([*marks, one.reference])) if one is not None and len(marks) == 1 else marks

    def can_compare(self) -> bool:
        """Whether there are as many as can be compared."""
        return len(self.compared()) == 2

    def action_mark(self) -> None:
        """Mark the version, and go on."""
        one = self.chosen()
        if one is not None:
            self.marks.toggle(one.reference)
            self.lower.move_to(self.lower.cursor_row + 1)
            self._marks_changed()

    def action_compare(self) -> None:
        """The marked versions side by side."""
        if self.can_compare():
            self.compare_versions(self.compared())
        else:
            self.workbench.refuse("a comparison needs two versions: mark one with space")

    def step_back(self) -> bool:
        """From the versions to the list, then the marks, then the screen."""
        if super().step_back():
            return True
        if len(self.marks):
            self.marks.clear()
            self._marks_changed()
            return True
        return False

    def _marks_changed(self) -> None:
        self.lower.refresh_marks()
        self.refresh_footer()

    def can(self, action: Action) -> bool:
        """Comparing needs two versions."""
        if action.scope == self.SCOPES[0] and action.name == "compare":
            return self.can_compare()
        if action.scope == self.SCOPES[0] and action.name in ("open", "mark"):
            return self.chosen() is not None
        return super().can(action)
