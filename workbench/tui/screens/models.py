"""The models: a table of them, the versions of the one under the cursor, and where there is room that version."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import ClassVar

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.actions import bindings
from workbench.tui.marks import Marks
from workbench.tui.questions.datasets import DataTable
from workbench.tui.questions.models import ModelNames, ModelsPage, ModelsTable
from workbench.tui.questions.versions import CompareVersions, VersionFacts, VersionsPage, VersionsTable
from workbench.tui.screens.list_screen import LEAST_ROWS
from workbench.tui.screens.version_edits import VersionEdits
from workbench.tui.screens.versioned_list import VersionedList
from workbench.tui.widgets.version_detail import VersionDetail


class ModelsScreen(VersionedList, VersionEdits):
    """Models above, versions below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("models", "version")
    TAB = "Models"
    BINDINGS = bindings("models", "version")
    detail: VersionDetail
    versions: VersionsTable | None

    def __init__(self) -> None:
        super().__init__(VersionDetail(id="detail"))
        self._sought: str | None = None

    def page(self, first: int, count: int) -> ModelsPage:
        """Models."""
        return ModelsPage(first, count)

    def versions_page(self, owner: str, first: int, count: int) -> VersionsPage:
        """Versions of a model."""
        return VersionsPage(self.desk.project, owner, first, count)

    @property
    def marks(self) -> Marks:
        """The marks stay while the app is open."""
        return self.workbench.version_marks

    @property
    def work(self) -> list[Line]:
        """It is not shown here."""
        return []

    # showing

    def show_list(self, answer: ModelsTable | DataTable) -> None:
        """Go to the model of the last time, or to that under the cursor where it is not in this page any more."""
        key = self.state.model if self.listing is None else self.upper.cursor_key
        super().show_list(answer)
        if key and self.upper.cursor_key != key and self._sought != key:
            self._sought = key
            self.workbench.ask(ModelNames(), lambda names: self.go_to(key, [name for name, _ in names]))

    def notice(self) -> list[Line] | None:
        """A model may have no versions."""
        if self.versions is not None and self.has_versions and not self.versions.total:
            return super().notice() or _no_versions(self.versions.about)
        return super().notice()

    def nothing(self) -> list[Line]:
        """How to begin."""
        return _no_models()

    def summary(self) -> str:
        """Where the aliases point."""
        return self.versions.aliases if self.versions is not None else ""

    def show_detail(self) -> None:
        """Show the version under the cursor, where there is room for it."""
        one = self.chosen() if self.is_tall else None
        self.detail.set_class(one is None, "-hidden")
        self.detail.show_version(*((one.model, one.number) if one is not None else (None, None)))

    def lay_out(self) -> None:
        """Models get what they need, up to two fifths."""
        models = self.listing.total + 1 if self.listing is not None else LEAST_ROWS
        versions = self.versions.total + 1 if self.versions is not None else LEAST_ROWS
        most = self.body // 4 if self.is_tall else self.body * 2 // 5
        self.upper.styles.height = max(LEAST_ROWS, min(models, most))
        self.lower.styles.height = max(LEAST_ROWS, min(versions, most)) if self.is_tall else "1fr"

    def follow_cursor(self) -> None:
        """Remember the model for the next time."""
        self._sought, before = None, self.owner
        super().follow_cursor()
        if self.owner != before:
            self.state.model = self.owner or ""

    # actions

    def open_chosen(self) -> None:
        """From there one can go to the other versions."""
        one = self.chosen()
        if one is not None and self.versions is not None:
            self.workbench.open_version(one.model, one.number, neighbours=self.versions.numbers)

    def action_filter(self) -> None:
        """Find a model by a part of its name."""
        self.choose_name(ModelNames(), "Go to a model", "no models yet")

    def can_compare(self) -> bool:
        """Any number from two."""
        return len(self.compared()) >= 2

    def compare_versions(self, references: list[str]) -> None:
        """In the order of marking."""
        pairs = [reference.rpartition("/") for reference in references]
        question = CompareVersions(tuple((name, int(number)) for name, _, number in pairs), self.size.width - 1)
        title = " and ".join(references) if len(references) == 2 else f"{len(references)} versions"
        self.workbench.ask(question, lambda lines: self.workbench.read(f"Compare {title}", lines))

    # words

    def chosen(self) -> VersionFacts | None:
        """The version under the cursor of the versions, whatever has the focus."""
        if self.versions is None or not self.has_versions:
            return None
        return self.versions.facts.get(self.lower.cursor_key or "")

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The model, the version, those that are compared, the run."""
        one = self.chosen()
        return {
            "model": self.owner or "",
            "version": one.reference if one is not None else "",
            "versions": self.compared(),
            "run": one.run[:8] if one is not None and one.run else "",
        }

    def view_twin(self) -> str:
        """The models or the versions in a shell."""
        if self.lower.has_focus and self.owner is not None:
            return f"workbench models show {shlex.quote(self.owner)}"
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
