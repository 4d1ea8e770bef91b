"""One image in panes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from workbench.base.errors import ExitCode
from workbench.output.spans import Line
from workbench.tui.messages import Answered, EngineSeen, Unanswered
from workbench.tui.questions.errands import ReadLabels
from workbench.tui.questions.image import OneImage, image_head, image_panes
from workbench.tui.widgets.pane import Pane, PaneView
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.pane_layout import Plan

if TYPE_CHECKING:
    from workbench.packaging.images import Image
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.dock import Seen

IMAGE = Plan(
    order=("facts", "layers", "smoke", "deployments", "packages", "labels"),
    left=("facts", "layers", "smoke"),
    served=("facts", "smoke", "layers", "deployments", "packages", "labels"),
)
_TITLES = {"smoke": "smoke test", "deployments": "runs as"}


class ImageDetail(PaneArea):
    """One image.

    Attributes:
        image_id: the id of its record; None for none.
        image: what the panes show; None until there is an answer.
        waiting: whether there is neither an answer nor a reason why there is none.
    """

    def __init__(self, image_id: str | None = None, *, id: str | None = None) -> None:
        panes = {key: Pane(key, _TITLES.get(key, key), cursor=True) for key in IMAGE.order}
        super().__init__(panes, IMAGE, id=id)
        self.image_id = image_id
        self.image: Image | None = None
        self.waiting = True
        self._labels: tuple[str, dict[str, str]] | None = None

    def on_mount(self) -> None:
        """Ask."""
        self.show_none()
        self.ask()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.rest()

    @property
    def _app(self) -> WorkbenchApp:
        return cast("WorkbenchApp", self.app)

    @property
    def _seen(self) -> Seen | None:
        return self._app.dock.seen

    # what screens call

    def ask(self) -> None:
        """Have what is shown kept up to date."""
        if self.is_mounted and self.image_id is not None:
            self._app.desk.watch(self, "image", OneImage(self.image_id))
            self._app.dock.watch(self)

    def rest(self) -> None:
        """Ask nothing while nobody looks; `ask` goes on."""
        self._app.desk.forget(self)
        self._app.dock.forget(self)

    def show_image(self, image_id: str | None) -> None:
        """Show another image."""
        if image_id == self.image_id:
            return
        self.image_id, self.image, self.waiting = image_id, None, True
        if image_id is None:
            self.rest()
            self.show_none()
        self.ask()

    def grow_older(self) -> None:
        """Ages go on."""
        self._draw()

    # hearing and showing

    def on_answered(self, message: Answered) -> None:
        """Show what is known now."""
        if isinstance(message.question, OneImage) and message.question.id == self.image_id:
            fresh, self.image, self.waiting = self.image is None, message.answer, False
            self._draw(fresh)
            if self._labels is None or self._labels[0] != message.answer.id:
                self._ask_labels(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """An image that is gone says so; what was read stays while only the store cannot be read."""
        self.waiting = False
        if self.image is None or message.error.exit_code == ExitCode.NOT_FOUND:
            self.image = None
            self.show_none()
            lines: list[Line] = [[(message.error.message, "bad")], [], [(message.error.hint or "", "dim")]]
            self.head.say([("image", "bold")], lines)

    def on_engine_seen(self, message: EngineSeen) -> None:
        """Where it runs."""
        self._draw()
        if self.image is not None and self._labels is None and message.seen.error is None:
            self._ask_labels(self.image)

    def _ask_labels(self, image: Image) -> None:
        seen = self._seen
        if seen is None or seen.error is not None or image.image_id not in (seen.present or ()):
            self._labels = None
            return
        self._labels = (image.id, {})

        def read(labels: dict[str, str]) -> None:
            self._labels = (image.id, labels)
            if self.is_mounted:
                self._draw()

        self._app.run_quietly(ReadLabels(image), read)

    def _draw(self, fresh: bool = False) -> None:
        image = self.image
        if image is None:
            return
        labels = self._labels[1] if self._labels is not None and self._labels[0] == image.id else None
        shape = self.shape()
        taller = self.head.show(image_head(image))
        texts = image_panes(image, self._seen, labels)
        for key, pane in self.panes.items():
            text = texts.get(key)
            pane.show(text.lines if text else [], *((text.summary, text.gist) if text else ()))
            pane.display = pane.wanted > 0
            if fresh:
                pane.view.first_again()
        if fresh or taller or self.shape() != shape:
            self.rearrange()
        if fresh:
            self.post_message(self.Shown())

    def on_pane_view_sized(self, message: PaneView.Sized) -> None:
        """Lines are not broken to the width."""
        message.stop()

    def on_line_view_moved(self, message: Any) -> None:
        """Nothing depends on what is in sight."""
        message.stop()
