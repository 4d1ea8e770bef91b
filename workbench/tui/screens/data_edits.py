"""What screens do with a version of a dataset."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.output.cells import visible
from workbench.output.data_diff_view import difference_lines
from workbench.output.records import write_json
from workbench.tui.actions import Action
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.questions.data_documents import DataDocument, DataRuns
from workbench.tui.questions.datasets import VersionsToCompare
from workbench.tui.screens.base import WorkbenchScreen

if TYPE_CHECKING:
    from workbench.data.versions import DatasetVersion


@dataclass(frozen=True, slots=True)
class Chosen:
    """A version that is meant.

    Attributes:
        name, number: of the dataset, and its own.
        before: the number of the version before; None where it is the first.
    """

    name: str
    number: int
    before: int | None

    @property
    def reference(self) -> str:
        """`transactions@v3`."""
        return f"{self.name}@v{self.number}"


def chosen_of(name: str, number: int, numbers: Sequence[int]) -> Chosen:
    """The version of a number among those of a dataset, the newest first."""
    return Chosen(name, number, next((other for other in numbers if other < number), None))


class DataEdits(WorkbenchScreen):
    """The part of a screen that looks into versions of datasets."""

    def __init__(self) -> None:
        super().__init__()
        self._awaited: tuple[DatasetVersion, DatasetVersion] | None = None

    def chosen(self) -> Chosen | None:
        """The version that is meant; the screen knows it."""
        raise NotImplementedError

    def version(self) -> DatasetVersion | None:
        """The same with its files, as soon as it is known."""
        raise NotImplementedError

    # looking into data

    def action_profile(self) -> None:
        """Look into its columns."""
        version = self.version()
        if version is None:
            self.workbench.refuse("there is no version here" if not self.opening else "it is still being read")
        elif version.profile is not None:
            self.workbench.refuse(f"{version.reference} was looked into when it was registered")
        else:
            self.workbench.data_work.make_profile(version)
            self.work_moved()

    def action_diff(self) -> None:
        """Compare it with the version before."""
        one = self.chosen()
        if one is None:
            self.workbench.refuse("there is no version here" if not self.opening else "it is still being read")
        else:
            self.compare("", one.reference)

    def compare(self, before: str, after: str) -> None:
        """Compare two versions, and show what differs as soon as it is known, if the screen is still there."""
        if self.desk.read_only:
            self.workbench.refuse("data is not read: the app was opened with --read-only")
            return

        def begin(pair: tuple[DatasetVersion, DatasetVersion]) -> None:
            self._awaited = pair
            if self.workbench.data_work.difference(*pair) is None:
                self.workbench.data_work.make_difference(*pair)
            self._show_difference()

        self.workbench.ask(VersionsToCompare(before, after), begin)

    def _show_difference(self) -> None:
        pair = self._awaited
        found = self.workbench.data_work.difference(*pair) if pair is not None else None
        if pair is None or found is None:
            return
        self._awaited = None
        title = f"{pair[0].reference} → {pair[1].reference}"
        if self.app.screen is self:
            self.workbench.read(title, difference_lines(found, width=max(40, self.size.width - 4))[1:] or [])
        else:
            self.workbench.say(f"{visible(title)} are compared: d shows it")

    def action_give_up(self) -> None:
        """Give up what is being read."""
        self._awaited = None
        titles = self.workbench.give_up()
        if titles:
            self.workbench.say(f"given up: {', '.join(titles)}")
        else:
            self.workbench.refuse("nothing is being read")

    def work_moved(self) -> None:
        """What was compared may be known now."""
        self._show_difference()

    # elsewhere

    def action_run(self) -> None:
        """Show a run that used it; where there are several, ask which."""
        one = self.chosen()
        if one is None:
            return

        def go(runs: Sequence[Mapping[str, Any]]) -> None:
            if not runs:
                self.workbench.refuse(f"no run has used {one.reference}")
            elif len(runs) == 1:
                self.workbench.open_run(runs[0]["run_id"])
            else:
                options = [
                    Option(run["run_id"], [(visible(run["name"] or run["run_id"][:8]), "")], ", ".join(run["models"]))
                    for run in runs
                ]

                def chosen(uid: str | None) -> None:
                    if uid is not None:
                        self.workbench.open_run(uid)

                self.app.push_screen(Choose(f"Runs that used {one.reference}", options), chosen)

        self.workbench.ask(DataRuns(one.reference), go)

    def action_copy(self) -> None:
        """Copy it as `workbench data show --json` prints it."""
        one = self.chosen()
        if one is None:
            return

        def copy(document: Mapping[str, Any]) -> None:
            text = io.StringIO()
            write_json(document, text)
            self.workbench.copy(text.getvalue(), "the version as JSON")

        self.workbench.ask(DataDocument(one.reference), copy)

    # words

    def can(self, action: Action) -> bool:
        """What is done with a version needs one."""
        if action.scope != "data":
            return True
        if action.name == "give_up":
            return self.workbench.can_give_up
        one = self.chosen()
        if one is None:
            return False
        if action.name == "diff":
            return one.before is not None
        version = self.version()
        return action.name != "profile" or (version is not None and version.profile is None)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The version, and the one before."""
        one = self.chosen()
        before = f"{one.name}@v{one.before}" if one is not None and one.before is not None else ""
        return {"data": one.reference if one is not None else "", "before": before}
