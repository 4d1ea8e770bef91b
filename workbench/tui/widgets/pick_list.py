"""A list of which one line is chosen, whoever has the focus: below an input, or alone."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip

from workbench.tui.styles import ink
from workbench.tui.widgets.line_view import LineView


class PickList(LineView):
    """A `LineView` with a cursor that is lit also while an input above has the focus.

    Args:
        focusable: whether it takes the focus itself.
        id: as for any widget.
    """

    def __init__(self, *, focusable: bool = False, id: str | None = None) -> None:
        super().__init__(cursor=True, id=id)
        self.can_focus = focusable

    @property
    def row_width(self) -> int:
        """The cells of a row, without the scroll bar."""
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        """One row."""
        index = self.scroll_offset.y + y
        if index >= self._count:
            return Strip.blank(self.size.width, self.rich_style)
        base = "cursor" if index == self.index else ""
        return (
            ink(self).strip(self._line_at(index), self.size.width, base, left=self._left).apply_style(self.rich_style)
        )

    def step(self, lines: int) -> None:
        """Move the cursor by lines."""
        self.move_to(self.index + lines)

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self.scroll_to_region(Region(0, self.index, 1, 1), animate=False, force=True)
        self.refresh()
