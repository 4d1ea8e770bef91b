"""The images that were built, what runs, and where there is room the image under the cursor."""

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
from workbench.tui.messages import Answered, EngineSeen, Unanswered
from workbench.tui.questions.images import (
    Images,
    current_rows,
    deployments_table,
    images_table,
    rows_of,
    shown_source,
)
from workbench.tui.screens.image_edits import ImageEdits
from workbench.tui.widgets.image_detail import ImageDetail
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.pane import title_line
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from workbench.packaging.images import Image
    from workbench.packaging.watching import Row
    from workbench.tui.dock import Seen

LEAST_ROWS = 4
ROWS_WITH_DETAIL = 30
"""Rows of a terminal from which on the image under the cursor is shown below."""


class ImagesScreen(ImageEdits):
    """Images above, what runs below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("images", "image", "deployment")
    TAB = "Images"
    BINDINGS = bindings("images", "image", "deployment")
    AUTO_FOCUS = "#images"
    DEFAULT_CSS = """
    ImagesScreen #title { height: 1; }
    ImagesScreen ImageDetail { border-top: solid $foreground 20%; }
    ImagesScreen .-hidden { display: none; }
    ImagesScreen.-zoomed VirtualTable, ImagesScreen.-zoomed #title, ImagesScreen.-zoomed #none { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._images: tuple[Image, ...] | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Images, a title, what runs; or why there is nothing."""
        yield VirtualTable(id="images")
        yield SpanLines(id="title")
        yield VirtualTable(id="deployments")
        yield Notice(id="none")
        yield ImageDetail(id="detail")
        yield Notice(id="empty")
        yield SpanLines(id="work")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.query_one("#empty").add_class("-hidden")
        self._show_deployments()
        self.work_moved()
        self.call_after_refresh(lambda: self.mood_changed(self.desk.mood))

    def on_screen_resume(self) -> None:
        """Ask while the screen can be seen."""
        self.desk.watch(self, "images", Images())
        self.workbench.dock.watch(self)
        self.detail.ask()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self._rest()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self._rest()

    def _rest(self) -> None:
        self.desk.forget(self)
        self.workbench.dock.forget(self)
        for detail in self.query(ImageDetail):
            detail.rest()

    @property
    def images(self) -> VirtualTable:
        """The table of images."""
        return self.query_one("#images", VirtualTable)

    @property
    def deployments(self) -> VirtualTable:
        """The table of what runs."""
        return self.query_one("#deployments", VirtualTable)

    @property
    def detail(self) -> ImageDetail:
        """The image under the cursor."""
        return self.query_one(ImageDetail)

    @property
    def opening(self) -> bool:
        """Until the images are there."""
        return self._images is None

    @property
    def _seen(self) -> Seen | None:
        return self.workbench.dock.seen

    # hearing

    def on_answered(self, message: Answered) -> None:
        """The images."""
        self._images = message.answer
        self._show_images()

    def on_unanswered(self, message: Unanswered) -> None:
        """Where nothing was read yet, it says why; else what was read stays."""
        if self._images is None:
            self._say([[(message.error.message, "bad")], [], [(message.error.hint or "", "dim")]])

    def on_engine_seen(self, message: EngineSeen) -> None:
        """What runs, and which images are still there."""
        self._show_deployments()
        self._show_images()
        self.refresh_footer()

    def mood_changed(self, mood: Mood) -> None:
        """A store that cannot be read leaves what was read on the screen; where nothing was, it says why."""
        if mood.kind in ("busy", "lost") and self._images is None:
            self._say([[(mood.text, "bad")], [], [(mood.hint, "dim")]])

    def work_moved(self) -> None:
        """What is under way stands in the last lines."""
        self.query_one("#work", SpanLines).show(self.workbench.work_lines())
        self.call_after_refresh(self._lay_out)

    def grow_older(self) -> None:
        """Ages are drawn anew."""
        self._show_images()
        self.detail.grow_older()

    # showing

    def _show_images(self) -> None:
        if self._images is None:
            return
        table = images_table(self._images, self._seen)
        fresh = not self.images.total
        self.images.show(table.columns, len(table.rows), 0, table.rows, keep=not fresh)
        self._say(None if table.rows else _no_images())
        self._lay_out()
        self._show_detail()
        self.refresh_footer()

    def _show_deployments(self) -> None:
        seen = self._seen
        rows = current_rows(seen)
        none = self.query_one("#none", Notice)
        none.show([] if rows else _nothing_runs(seen))
        if seen is not None and rows:
            table = deployments_table(seen)
            self.deployments.show(table.columns, len(table.rows), 0, table.rows, keep=True)
        if not rows and self.deployments.has_focus:
            self.images.focus()
        self._show_parts()
        self._show_title()
        self._lay_out()

    def _show_title(self) -> None:
        rows = current_rows(self._seen)
        running = sum(row.container.is_running for row in rows)
        summary = f"{running} of {len(rows)} running" if rows else ""
        line = title_line("what runs", summary, self.size.width, self.deployments.has_focus)
        self.query_one("#title", SpanLines).show([line])

    def _show_detail(self) -> None:
        """Show the image that is meant, where there is room for it."""
        image = self.chosen() if self.size.height >= ROWS_WITH_DETAIL else None
        self.detail.set_class(image is None, "-hidden")
        self.detail.show_image(image.id if image is not None else None)

    def _say(self, lines: list[Line] | None) -> None:
        """Show a notice in the place of everything, but for what runs; None shows none."""
        self.query_one("#empty", Notice).show(lines or [])
        self.query_one("#empty").set_class(lines is None, "-hidden")
        self._show_parts()
        if self.focused is None and lines is None:
            self.images.focus()

    def _show_parts(self) -> None:
        said = not self.query_one("#empty").has_class("-hidden")
        rows = current_rows(self._seen)
        self.images.set_class(said, "-hidden")
        self.query_one("#title").set_class(said and not rows, "-hidden")
        self.deployments.set_class(not rows, "-hidden")
        self.query_one("#none").set_class(bool(rows) or said, "-hidden")

    def on_resize(self) -> None:
        """Images get what they need, up to three fifths."""
        self._lay_out()
        self._show_title()
        self._show_detail()

    def _lay_out(self) -> None:
        work = len(self.workbench.work_lines())
        body = self.size.height - 3 - work  # without header, title and footer
        rows = len(self._images) + 1 if self._images else LEAST_ROWS
        running = len(current_rows(self._seen)) + 1
        if self.size.height >= ROWS_WITH_DETAIL:
            most = body // 4
            self.images.styles.height = max(LEAST_ROWS, min(rows, most))
            self.deployments.styles.height = max(LEAST_ROWS, min(running, most))
            self.query_one("#none").styles.height = LEAST_ROWS
        else:
            most = max(body * 3 // 5, body - max(LEAST_ROWS, running))
            self.images.styles.height = max(LEAST_ROWS - 1, min(rows, most))
            self.deployments.styles.height = "1fr"
            self.query_one("#none").styles.height = "1fr"

    def on_descendant_focus(self) -> None:
        """The title says where keys go; the image that is meant may be another one."""
        super().on_descendant_focus()
        self._show_title()
        self._show_detail()

    @on(VirtualTable.CursorMoved)
    def _cursor_moved(self) -> None:
        self._show_detail()
        self.refresh_footer()

    @on(VirtualTable.RowChosen)
    def _row_chosen(self) -> None:
        self.action_open()

    @on(PaneArea.Zoomed)
    def _detail_zoomed(self) -> None:
        """A zoomed pane has the whole screen."""
        self.set_class(self.detail.zoomed, "-zoomed")

    # actions

    def action_open(self) -> None:
        """The image on the whole screen."""
        image = self._image_or_refuse()
        if image is not None:
            self.workbench.open_image(image.id)

    def action_filter(self) -> None:
        """Find an image by a part of its name."""
        images = self._images or ()
        options = [Option(one.id, [(visible(one.name), "")], visible(shown_source(one))) for one in images]

        def chosen(image_id: str | None) -> None:
            places = [place for place, one in enumerate(self._images or ()) if one.id == image_id]
            if places:
                self.images.move_to(places[0])
                self.images.focus()

        self.app.push_screen(Choose("Go to an image", options, empty="no images yet"), chosen)

    def action_show_building(self) -> None:
        """The build that was begun last."""
        if self.workbench.building is None:
            self.workbench.refuse("nothing was built since the app was opened: b on a version builds an image of it")
        else:
            self.workbench.show_build()

    def step_back(self) -> bool:
        """From what runs to the images, then the screen."""
        if self.detail.step_back():
            return True
        if not self.images.has_focus and self._images:
            self.images.focus()
            return True
        return False

    # words

    def chosen(self) -> Image | None:
        """The image under the cursor; where keys go to what runs, the one that runs there."""
        images = self._images or ()
        if self.deployments.has_focus:
            row = self.running()
            return next((one for one in images if row and one.image_id == row.container.image_id), None)
        return next((one for one in images if one.id == self.images.cursor_key), None)

    def running(self) -> Row | None:
        """What runs under the cursor; where keys go to the images, what runs the one under their cursor."""
        if self.deployments.has_focus:
            rows = current_rows(self._seen)
            return next((row for row in rows if row.container.id == self.deployments.cursor_key), None)
        image = self.chosen()
        return next(iter(rows_of(image, self._seen)), None) if image is not None else None

    def can(self, action: Action) -> bool:
        """A build can be shown where there was one."""
        if action.id == "images.show_building":
            return self.workbench.building is not None
        if action.id == "images.open":
            return self.chosen() is not None
        return super().can(action)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """An image whose name a later one has got is named by its id."""
        return {**super().words(), "image": self._named()}

    def _named(self) -> str:
        image = self.chosen()
        if image is None:
            return ""
        newest = next(one for one in self._images or () if one.name == image.name)
        return image.name if newest is image else image.image_id.removeprefix("sha256:")[:12]

    def view_twin(self) -> str:
        """The images, or what runs, in a shell."""
        if self.deployments.has_focus:
            return "workbench package ps"
        named = self._named()
        return f"workbench package inspect {shlex.quote(named)}" if named else "workbench package list"


def _no_images() -> list[Line]:
    return [
        [("No images yet", "bold")],
        [],
        [("Build one of a version of a model:", "")],
        [],
        [("workbench package build NAME/1", "accent")],
        [],
        [("or press ", "dim"), ("b", "key"), (" on a version, in the models (", "dim"), ("3", "key"), (")", "dim")],
    ]


def _nothing_runs(seen: Seen | None) -> list[Line]:
    if seen is None:
        return [[("asking Docker …", "dim")]]
    if seen.error is not None:
        return [[(f"! {visible(seen.error.message)}", "warn")], [(visible(seen.error.hint or ""), "dim")]]
    return [[("nothing runs", "")], [("R", "key"), (" runs the image under the cursor", "dim")]]
