"""The images that were built, what runs, and where there is room the image under the cursor."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.choose import Option
from workbench.tui.messages import Answered, EngineSeen
from workbench.tui.questions.images import (
    Images,
    current_rows,
    deployments_table,
    images_table,
    rows_of,
    shown_source,
)
from workbench.tui.screens.image_edits import ImageEdits
from workbench.tui.screens.list_screen import ListScreen
from workbench.tui.widgets.image_detail import ImageDetail
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from workbench.packaging.images import Image
    from workbench.packaging.watching import Row
    from workbench.tui.dock import Seen

LEAST_ROWS = 4


class ImagesScreen(ListScreen, ImageEdits):
    """Images above, what runs below."""

    SCOPES: ClassVar[tuple[str, ...]] = ("images", "image", "deployment")
    TAB = "Images"
    BINDINGS = bindings("images", "image", "deployment")
    detail: ImageDetail
    listing: tuple[Image, ...] | None

    def __init__(self) -> None:
        super().__init__(ImageDetail(id="detail"))

    @property
    def _seen(self) -> Seen | None:
        return self.workbench.dock.seen

    # asking and hearing

    def on_mount(self) -> None:
        """What runs may be known already."""
        self._show_deployments()

    def ask(self) -> None:
        """Ask for the images, and what runs."""
        self.desk.watch(self, "upper", Images())
        self.workbench.dock.watch(self)

    def rest(self) -> None:
        """The engine is not asked either."""
        super().rest()
        self.workbench.dock.forget(self)

    def on_answered(self, message: Answered) -> None:
        """The images."""
        self.listing = message.answer
        self._show_images()

    def on_engine_seen(self, message: EngineSeen) -> None:
        """What runs, and which images are still there."""
        self._show_deployments()
        self._show_images()
        self.refresh_footer()

    def grow_older(self) -> None:
        """Ages are drawn anew."""
        self._show_images()
        self.detail.grow_older()

    # showing

    def _show_images(self) -> None:
        if self.listing is None:
            return
        table = images_table(self.listing, self._seen)
        self.upper.show(table.columns, len(table.rows), 0, table.rows, keep=self.upper.total > 0)
        self.say_instead(None if table.rows else _no_images())
        self.lay_out()
        self.follow_cursor()

    def _show_deployments(self) -> None:
        seen = self._seen
        rows = current_rows(seen)
        self.query_one("#none", Notice).show([] if rows else _nothing_runs(seen))
        if seen is not None and rows:
            table = deployments_table(seen)
            self.lower.show(table.columns, len(table.rows), 0, table.rows, keep=True)
        if not rows and self.lower.has_focus:
            self.upper.focus()
        self.show_parts()
        self.show_title()
        self.lay_out()

    def show_title(self) -> None:
        """How much of it runs."""
        rows = current_rows(self._seen)
        running = sum(row.container.is_running for row in rows)
        self.draw_title("what runs", f"{running} of {len(rows)} running" if rows else "")

    def show_detail(self) -> None:
        """Show the image that is meant, where there is room for it."""
        image = self.chosen() if self.is_tall else None
        self.detail.set_class(image is None, "-hidden")
        self.detail.show_image(image.id if image is not None else None)

    def show_parts(self) -> None:
        """What runs is seen also where there are no images."""
        rows = current_rows(self._seen)
        self.upper.set_class(self.says, "-hidden")
        self.query_one("#title").set_class(self.says and not rows, "-hidden")
        self.lower.set_class(not rows, "-hidden")
        self.query_one("#none").set_class(bool(rows) or self.says, "-hidden")

    def lay_out(self) -> None:
        """Images get what they need, up to three fifths."""
        rows = len(self.listing) + 1 if self.listing else LEAST_ROWS
        running = len(current_rows(self._seen)) + 1
        none = self.query_one("#none")
        if self.is_tall:
            most = self.body // 4
            self.upper.styles.height = max(LEAST_ROWS, min(rows, most))
            self.lower.styles.height = max(LEAST_ROWS, min(running, most))
            none.styles.height = LEAST_ROWS
        else:
            most = max(self.body * 3 // 5, self.body - max(LEAST_ROWS, running))
            self.upper.styles.height = max(LEAST_ROWS - 1, min(rows, most))
            self.lower.styles.height = none.styles.height = "1fr"

    def on_descendant_focus(self) -> None:
        """The image that is meant may be another one."""
        self.show_detail()

    def follow_cursor(self) -> None:
        """Show the image."""
        self.show_detail()
        self.refresh_footer()

    # actions

    def action_open(self) -> None:
        """The image on the whole screen."""
        image = self._image_or_refuse()
        if image is not None:
            self.workbench.open_image(image.id)

    def action_filter(self) -> None:
        """Find an image by a part of its name."""
        images = self.listing or ()
        options = [Option(one.id, [(visible(one.name), "")], visible(shown_source(one))) for one in images]
        self.choose_row("Go to an image", options, empty="no images yet")

    def action_show_building(self) -> None:
        """The build that was begun last."""
        if self.workbench.building is None:
            self.workbench.refuse("nothing was built since the app was opened: b on a version builds an image of it")
        else:
            self.workbench.show_build()

    def above(self) -> VirtualTable | None:
        """The images, from what runs and from the detail."""
        return self.upper if self.upper.total and not self.upper.has_focus else None

    # words

    def chosen(self) -> Image | None:
        """The image under the cursor; where keys go to what runs, the one that runs there."""
        images = self.listing or ()
        if self.lower.has_focus:
            row = self.running()
            return next((one for one in images if row and one.image_id == row.container.image_id), None)
        return next((one for one in images if one.id == self.upper.cursor_key), None)

    def running(self) -> Row | None:
        """What runs under the cursor; where keys go to the images, what runs the one under their cursor."""
        if self.lower.has_focus:
            rows = current_rows(self._seen)
            return next((row for row in rows if row.container.id == self.lower.cursor_key), None)
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
        newest = next(one for one in self.listing or () if one.name == image.name)
        return image.name if newest is image else image.image_id.removeprefix("sha256:")[:12]

    def view_twin(self) -> str:
        """The images, or what runs, in a shell."""
        if self.lower.has_focus:
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
