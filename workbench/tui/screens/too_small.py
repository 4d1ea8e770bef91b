"""One sentence for a terminal in which nothing else can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp


class TooSmall(Screen[None]):
    """Covers everything until the terminal is large enough."""

    DEFAULT_CSS = """
    TooSmall { background: $background; align: center middle; }
    TooSmall Static { width: 100%; text-align: center; }
    """

    def compose(self) -> ComposeResult:
        """The sentence."""
        yield Static(cast("WorkbenchApp", self.app).too_small_text(), markup=False)

    def on_resize(self) -> None:
        """The sentence names the size of now."""
        self.query_one(Static).update(cast("WorkbenchApp", self.app).too_small_text())
