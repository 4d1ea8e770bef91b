"""One run on the whole screen."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual.widget import Widget

from workbench.output.cells import visible
from workbench.output.records import write_json
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.artifacts import SaveArtifact, save_artifact
from workbench.tui.questions.run import Baseline
from workbench.tui.questions.store import Documents
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.run_detail import RunDetail


class RunScreen(WorkbenchScreen):
    """One run.

    Args:
        uid: which.
        neighbours: ids of the runs that the keys for the next and the previous run go through.

    Attributes:
        uid: the run that is shown now.
        baseline: id of the pinned run, or None.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("run",)
    TAB = "Runs"
    BINDINGS = bindings("run")
    AUTO_FOCUS = ""

    def __init__(self, uid: str, *, neighbours: Sequence[str] = ()) -> None:
        super().__init__()
        self.uid = uid
        self.baseline: str | None = None
        self._neighbours = list(neighbours)
        self._focused_once = False

    def compose_body(self) -> Iterable[Widget]:
        """The run."""
        yield RunDetail()

    def on_mount(self) -> None:
        """Ask which run the baseline is, and for the run."""
        self._watch()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.desk.forget(self)

    def on_screen_suspend(self) -> None:
        """Nothing is asked while another screen covers this one."""
        self.desk.forget(self)
        self.detail.rest()

    def on_screen_resume(self) -> None:
        """Ask again."""
        if self.is_mounted:
            self._watch()

    def _watch(self) -> None:
        self.desk.watch(self, "baseline", Baseline())
        self.detail.show_run(self.uid, baseline=self.baseline)

    @property
    def detail(self) -> RunDetail:
        """The panes."""
        return self.query_one(RunDetail)

    def on_answered(self, message: Answered) -> None:
        """Another run is the baseline."""
        if self.baseline != message.answer:
            self.baseline = message.answer
            self.detail.show_run(self.uid, baseline=self.baseline)
            self.refresh_footer()

    def on_unanswered(self, message: Unanswered) -> None:
        """Without a baseline the run is shown all the same; the header tells how the store is."""

    def on_pane_area_shown(self, message: RunDetail.Shown) -> None:
        """Keys go to the panes as soon as there are some."""
        message.stop()
        if not self._focused_once or self.focused is None:
            self._focused_once = True
            self.detail.focus_first()

    def grow_older(self) -> None:
        """Ages and durations go on."""
        self.detail.grow_older()

    def step_back(self) -> bool:
        """The zoomed pane gives its room back."""
        return self.detail.step_back()

    # actions

    def action_charts(self) -> None:
        """Draw all of its metrics."""
        self.workbench.show_charts([self.uid])

    def action_compare_baseline(self) -> None:
        """Compare it with the pinned run."""
        if self.baseline is None:
            self.workbench.refuse("no baseline: pin one with p in the table")
        elif self.baseline == self.uid:
            self.workbench.refuse("this run is the baseline itself")
        else:
            self.workbench.compare([self.baseline, self.uid])

    def action_next_run(self) -> None:
        """The run below in the table."""
        self._go(1)

    def action_previous_run(self) -> None:
        """The run above in the table."""
        self._go(-1)

    def _go(self, by: int) -> None:
        here = self._neighbours.index(self.uid) if self.uid in self._neighbours else -1
        place = here + by
        if here < 0 or not 0 <= place < len(self._neighbours):
            self.workbench.refuse("no run follows" if by > 0 else "no run comes before")
            return
        self.uid = self._neighbours[place]
        self.detail.show_run(self.uid, baseline=self.baseline)
        self.refresh_footer()

    def action_note(self) -> None:
        """Write its note."""
        from workbench.tui.outside import edit_note

        edit_note(self, self.uid)

    def action_register(self) -> None:
        """Register its model."""
        from workbench.tui.screens.run_versions import register_model

        register_model(self, self.uid)

    def action_versions(self) -> None:
        """Go to the versions that were made of it."""
        from workbench.tui.screens.run_versions import show_versions

        show_versions(self, self.uid)

    def action_output(self) -> None:
        """Read its output."""
        from workbench.tui.outside import read_output

        read_output(self, self.uid)

    def action_save_artifact(self) -> None:
        """Save the artifact under the cursor."""
        artifact = self.detail.artifact
        if artifact is None:
            self.workbench.refuse("no artifact under the cursor: go to the pane of artifacts with tab")
            return

        def save(target: str | None) -> None:
            if target:
                save_artifact(self.workbench, self.desk.project, SaveArtifact(artifact.sha256, target))

        self.app.push_screen(
            Prompt(
                f"Save {visible(artifact.path)} as",
                value=os.path.basename(artifact.path),
                check=lambda text: None if text else "a file has a name",
            ),
            save,
        )

    def action_copy_row(self) -> None:
        """Copy it as `workbench runs show --json` prints it."""

        def copy(documents: list[dict[str, Any]]) -> None:
            text = io.StringIO()
            write_json(documents[0], text)
            self.workbench.copy(text.getvalue(), "the run as JSON")

        self.workbench.ask(Documents((self.uid,)), copy)

    # words

    def can(self, action: Action) -> bool:
        """Comparing needs a baseline, neighbours need to be there."""
        if action.id == "run.compare_baseline":
            return self.baseline not in (None, self.uid)
        if action.id in ("run.next_run", "run.previous_run"):
            return len(self._neighbours) > 1
        return True

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The run and the baseline."""
        baseline = self.baseline[:8] if self.baseline else ""
        return {"run": self.uid[:8], "runs": [self.uid[:8]], "baseline": baseline}

    def view_twin(self) -> str:
        """The run in a shell."""
        return f"workbench runs show {self.uid[:8]}"
