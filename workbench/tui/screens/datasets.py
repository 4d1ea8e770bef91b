"""The datasets: a table of them, the versions of the one under the cursor, and where there is room that version."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on

from workbench.output.spans import Line
from workbench.tui.actions import bindings
from workbench.tui.questions.datasets import DatasetNames, DatasetsPage, DataTable, DataVersionsPage
from workbench.tui.screens.data_edits import Chosen, DataEdits, chosen_of
from workbench.tui.screens.list_screen import LEAST_ROWS
from workbench.tui.screens.versioned_list import VersionedList
from workbench.tui.widgets.dataset_detail import BESIDE_VERSIONS, DatasetDetail
from workbench.tui.widgets.pane_area import PaneArea

if TYPE_CHECKING:
    from workbench.data.versions import DatasetVersion

LEAST_DETAIL = 8
"""Rows that the version under the cursor is shown in on a low terminal, where the tables leave them."""


class DatasetsScreen(VersionedList, DataEdits):
    """Datasets above, versions below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("datasets", "data")
    TAB = "Data"
    BINDINGS = bindings("datasets", "data")
    detail: DatasetDetail
    listing: DataTable | None
    versions: DataTable | None

    def __init__(self) -> None:
        super().__init__(DatasetDetail(BESIDE_VERSIONS, id="detail"))

    def page(self, first: int, count: int) -> DatasetsPage:
        """Datasets."""
        return DatasetsPage(first, count)

    def versions_page(self, owner: str, first: int, count: int) -> DataVersionsPage:
        """Versions of a dataset."""
        return DataVersionsPage(owner, first, count)

    def work_moved(self) -> None:
        """What was found out is shown."""
        self.detail.draw()
        self.refresh_footer()
        super().work_moved()

    @on(PaneArea.Shown)
    def _detail_shown(self) -> None:
        """More can be done now."""
        self.refresh_footer()

    # showing

    def nothing(self) -> list[Line]:
        """How to begin."""
        return _no_data()

    def summary(self) -> str:
        """How many there are."""
        count = self.versions.total if self.versions is not None else 0
        return f"{count} version{'s' * (count != 1)}"

    def show_detail(self) -> None:
        """Show the version under the cursor, where there is room for it; it is asked for all the same."""
        one = self.chosen()
        self.detail.set_class(one is None or not self._has_room(), "-hidden")
        self.detail.show_version(one.reference if one is not None else None)

    def _rows(self, table: DataTable | None) -> int:
        return table.total + 1 if table is not None else LEAST_ROWS

    def _has_room(self) -> bool:
        """Whether the version under the cursor is shown."""
        spare = self.body - self._rows(self.listing) - self._rows(self.versions)
        return self.is_tall or spare >= LEAST_DETAIL

    def lay_out(self) -> None:
        """Datasets get what they need, up to two fifths."""
        body, datasets, versions = self.body, self._rows(self.listing), self._rows(self.versions)
        if self.is_tall:
            datasets, versions = min(datasets, body // 4), min(versions, body // 4)
        elif not self._has_room():
            datasets = min(datasets, max(body * 2 // 5, body - versions))
        self.upper.styles.height = max(LEAST_ROWS, datasets)
        self.lower.styles.height = max(LEAST_ROWS, versions) if self._has_room() else "1fr"

    # actions

    def open_chosen(self) -> None:
        """Show its columns."""
        one = self.chosen()
        if one is not None:
            self.workbench.open_data(one.reference)

    def action_filter(self) -> None:
        """Find a dataset by a part of its name."""
        self.choose_name(DatasetNames(), "Go to a dataset", "no data yet")

    def compared(self) -> list[str]:
        """Of two versions, the older one first where they are of one dataset."""
        both = super().compared()
        return sorted(both, key=lambda reference: int(reference.rpartition("@v")[2])) if len(both) == 2 else both

    def compare_versions(self, references: list[str]) -> None:
        """What has changed from one to the other."""
        self.compare(*references)

    # words

    def chosen(self) -> Chosen | None:
        """The version under the cursor of the versions, whatever has the focus."""
        key = self.lower.cursor_key
        if self.versions is None or not self.has_versions or key is None:
            return None
        name, _, number = key.rpartition("@v")
        return chosen_of(name, int(number), self.versions.numbers)

    def version(self) -> DatasetVersion | None:
        """As soon as it is known."""
        answer, one = self.detail.answer, self.chosen()
        known = answer is not None and one is not None and answer.version.reference == one.reference
        return answer.version if known and answer is not None else None

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """Also those that are compared."""
        return {**super().words(), "versions": self.compared()}

    def view_twin(self) -> str:
        """The datasets, or one of them, in a shell."""
        if self.lower.has_focus and self.owner is not None:
            return f"workbench data show {shlex.quote(self.owner)}"
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
