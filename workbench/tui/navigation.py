"""Where the app leads to: its screens, from wherever the person is."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App

from workbench.output.spans import Line
from workbench.tui.dialogs.viewer import Viewer
from workbench.tui.marks import Marks
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.state import State


class Navigation(App[None]):
    """The part of the app that opens screens.

    Attributes:
        state: what is remembered of the project.
        marks: the runs that are marked, in every screen.
    """

    state: State
    marks: Marks

    def refuse(self, why: str) -> None:
        """Tell why an action does nothing here; the app does."""
        raise NotImplementedError

    def read(self, title: str, text: Sequence[Line] | str) -> None:
        """Show a long text."""
        self.push_screen(Viewer(title, text))

    def open_run(self, uid: str, *, neighbours: Sequence[str] = ()) -> None:
        """Show one run; `neighbours` are the ids that the keys for the next and the previous run go through."""
        from workbench.tui.screens.run import RunScreen

        self.push_screen(RunScreen(uid, neighbours=neighbours))

    def show_charts(self, uids: Sequence[str]) -> None:
        """Draw the metrics of runs."""
        from workbench.tui.screens.charts import ChartsScreen

        self.push_screen(ChartsScreen(tuple(uids)))

    def compare(self, uids: Sequence[str]) -> None:
        """Show runs side by side."""
        from workbench.tui.screens.compare import CompareScreen

        self.push_screen(CompareScreen(tuple(uids)))

    def show_model(self, name: str) -> None:
        """Show the models, with the cursor on one of them."""
        self.state.model = name
        if isinstance(self.screen, WorkbenchScreen) and self.screen.TAB == "Models":
            self.action_show_runs()
        self.action_show_models()

    def open_version(self, model: str, number: int, *, neighbours: Sequence[int] = ()) -> None:
        """Show one version of a model; `neighbours` are the numbers of those that come before and after it."""
        from workbench.tui.screens.version import VersionScreen

        self.push_screen(VersionScreen(model, number, neighbours=neighbours))

    def open_image(self, image_id: str) -> None:
        """Show one image, by the id of its record."""
        from workbench.tui.screens.image import ImageScreen

        self.push_screen(ImageScreen(image_id))

    def show_build(self) -> None:
        """Show the build that was begun last."""
        from workbench.tui.screens.build import BuildScreen

        if not isinstance(self.screen, BuildScreen):
            self.push_screen(BuildScreen())

    def action_show_runs(self) -> None:
        """Back to the runs."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_show_models(self) -> None:
        """The models."""
        from workbench.tui.screens.models import ModelsScreen

        if not isinstance(self.screen, ModelsScreen):
            self.action_show_runs()
            self.push_screen(ModelsScreen())

    def action_show_images(self) -> None:
        """The images, and what runs."""
        from workbench.tui.screens.images import ImagesScreen

        if not isinstance(self.screen, ImagesScreen):
            self.action_show_runs()
            self.push_screen(ImagesScreen())

    def open_data(self, reference: str) -> None:
        """Show one version of a dataset, such as `transactions@v3`."""
        from workbench.tui.screens.dataset_version import DatasetVersionScreen

        self.push_screen(DatasetVersionScreen(reference))

    def action_show_data(self) -> None:
        """The datasets."""
        from workbench.tui.screens.datasets import DatasetsScreen

        if not isinstance(self.screen, DatasetsScreen):
            self.action_show_runs()
            self.push_screen(DatasetsScreen())

    def action_show_drift(self) -> None:
        """The monitors and stored drift checks."""
        from workbench.tui.screens.drift import DriftScreen

        if not isinstance(self.screen, DriftScreen):
            self.action_show_runs()
            self.push_screen(DriftScreen())

    def action_show_compare(self) -> None:
        """The comparison of the marked runs."""
        from workbench.tui.screens.compare import CompareScreen

        if isinstance(self.screen, CompareScreen):
            return
        if len(self.marks) < 2:
            self.refuse("a comparison needs two marked runs: mark them with space")
            return
        self.action_show_runs()
        self.compare(list(self.marks))
