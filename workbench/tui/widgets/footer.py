"""The last line: the keys that matter here, and the command that shows the same in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from workbench.output.cells import cell_width, clip, visible
from workbench.output.spans import Line
from workbench.tui.styles import ink

if TYPE_CHECKING:
    from workbench.tui.actions import Action
    from workbench.tui.screens.base import WorkbenchScreen

MAX_HINTS = 7
"""More are not read."""


class Footer(Widget):
    """One line across the screen, which changes with what has the focus."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "Footer { dock: bottom; height: 1; width: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, Action]] = []

    def render_line(self, y: int) -> Strip:
        """The line."""
        screen = cast("WorkbenchScreen", self.screen)
        width = self.size.width
        hinted = [action for action in screen.actions() if action.hint and action.id != "app.quit"]
        shown = [action for action in hinted if action.id != "app.help"][: MAX_HINTS - 1]
        last = [action for action in hinted if action.id == "app.help"]
        room = width - 1 - sum(_width(action) for action in last)
        while shown and sum(_width(action) for action in shown) > room:
            shown.pop()
        line: Line = [(" ", "")]
        self._places = []
        start = 1
        for action in [*shown, *last]:
            self._places.append((start, start + _width(action), action))
            line += [(action.key, "key"), (f" {action.hint}   ", "dim")]
            start += _width(action)
        twin = screen.view_twin()
        left = width - start - 1
        if twin and left >= 24:
            text = clip(visible(twin), left)
            line += [(" " * (left - cell_width(text)), ""), (text, "dim")]
        return ink(self).strip(line, width).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """A click on a hint does it."""
        for start, stop, action in self._places:
            if start <= event.x < stop:
                cast("WorkbenchScreen", self.screen).workbench.act(action)


def _width(action: Action) -> int:
    return cell_width(f"{action.key} {action.hint}   ")
