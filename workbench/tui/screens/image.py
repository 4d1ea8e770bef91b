"""One image on the whole screen."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget

from workbench.tui.actions import bindings
from workbench.tui.questions.images import rows_of
from workbench.tui.screens.image_edits import ImageEdits
from workbench.tui.widgets.image_detail import ImageDetail
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.span_lines import SpanLines

if TYPE_CHECKING:
    from workbench.packaging.images import Image
    from workbench.packaging.watching import Row


class ImageScreen(ImageEdits):
    """One image.

    Args:
        image_id: the id of its record.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("image", "deployment")
    TAB = "Images"
    BINDINGS = bindings("image", "deployment")
    AUTO_FOCUS = ""

    def __init__(self, image_id: str) -> None:
        super().__init__()
        self._detail = ImageDetail(image_id)

    def compose_body(self) -> Iterable[Widget]:
        """The image, and what is under way."""
        yield self._detail
        yield SpanLines(id="work")

    def on_mount(self) -> None:
        """Show what is under way."""
        self.work_moved()

    @property
    def opening(self) -> bool:
        """Until the image is there, or is known to be gone."""
        return self._detail.waiting

    def on_screen_suspend(self) -> None:
        """Nothing is asked while another screen covers this one."""
        self._detail.rest()

    def on_screen_resume(self) -> None:
        """Ask again."""
        self._detail.ask()

    def on_pane_area_shown(self, message: PaneArea.Shown) -> None:
        """Keys go to the panes as soon as there are some."""
        message.stop()
        if self.focused is None:
            self._detail.focus_first()
        self.refresh_footer()

    def work_moved(self) -> None:
        """What is under way stands in the last lines."""
        self.query_one("#work", SpanLines).show(self.workbench.work_lines())

    def grow_older(self) -> None:
        """Ages go on."""
        self._detail.grow_older()

    def step_back(self) -> bool:
        """The zoomed pane gives its room back."""
        return self._detail.step_back()

    def chosen(self) -> Image | None:
        """The image, as soon as it is known."""
        return self._detail.image

    def running(self) -> Row | None:
        """The first that runs it."""
        image = self.chosen()
        return next(iter(rows_of(image, self.workbench.dock.seen)), None) if image is not None else None

    def view_twin(self) -> str:
        """The image in a shell."""
        image = self.chosen()
        return f"workbench package inspect {shlex.quote(image.name)}" if image is not None else ""
