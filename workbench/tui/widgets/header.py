"""The first line: whose project, which screens there are, whether what is shown is live."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, visible
from workbench.output.spans import Line
from workbench.tui.styles import ink

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

TABS: tuple[tuple[str, str, str], ...] = (
    ("1", "Runs", "show_runs"),
    ("2", "Compare", "show_compare"),
    ("3", "Models", "show_models"),
    ("4", "Images", "show_images"),
    ("5", "Data", "show_data"),
    ("6", "Drift", "show_drift"),
)
"""Key, title and the app's action of each tab."""
LEAST_NAME = 8
"""Cells that the project's name keeps, where it is as long; tabs get narrower first."""


class Header(Widget):
    """One line across the screen.

    Args:
        tab: the title of the tab that is lit.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "Header { dock: top; height: 1; width: 100%; }"

    def __init__(self, tab: str) -> None:
        super().__init__()
        self._tab = tab
        self._places: list[tuple[int, int, str]] = []

    def render_line(self, y: int) -> Strip:
        """The line."""
        app = cast("WorkbenchApp", self.app)
        width = self.size.width
        right = self._state(app)
        right_width = sum(cell_width(text) for text, _ in right)
        name = clip(visible(app.desk.project.name), max(LEAST_NAME, width // 3))
        line: Line = [(" workbench ", "title"), (f" {name} ", "")]
        tabs = self._tabs(width - right_width - min(LEAST_NAME, cell_width(name)) - 3)
        tabs_width = sum(cell_width(text) for text, _ in tabs)
        left_width = sum(cell_width(text) for text, _ in line)
        room = width - left_width - tabs_width - right_width
        if room < 1:
            line = [(clip(f" {name} ", max(1, width - tabs_width - right_width - 1)), "title")]
            left_width = cell_width(line[0][0])
            room = width - left_width - tabs_width - right_width
        gap = max(1, min(room, max(1, (width - tabs_width) // 2 - left_width))) if room > 0 else 0
        start = left_width + gap
        self._places = []
        for (text, _), (_, _, action) in zip(tabs, TABS, strict=True):
            self._places.append((start, start + cell_width(text), action))
            start += cell_width(text)
        line += [(" " * gap, ""), *tabs, (" " * max(1, width - start - right_width), ""), *right]
        return ink(self).strip(line, width, "header")

    def _tabs(self, room: int) -> Line:
        """The tabs with room around them, without it, or, but for the lit one, as their keys alone."""
        styles = ["tab-on" if title == self._tab else "" for _, title, _ in TABS]
        forms = (
            [f" {key} {title} " for key, title, _ in TABS],
            [f"{key} {title} " for key, title, _ in TABS],
            [f" {key} {title} " if title == self._tab else f" {key} " for key, title, _ in TABS],
        )
        texts = next((form for form in forms if sum(map(cell_width, form)) <= room), forms[-1])
        return list(zip(texts, styles, strict=True))

    def _state(self, app: WorkbenchApp) -> Line:
        running = app.running
        shown: Line = [(f"  {format_number(running)} running ", "")] if running else [(" ", "")]
        mood = app.desk.mood
        if app.desk.read_only:
            shown = [("  read-only", ""), *shown]
        if mood.kind == "busy":
            return [("! store busy", "bold"), *shown]
        if mood.kind == "lost":
            return [("✗ store lost", "bold"), *shown]
        if app.desk.paused:
            return [("▮▮ paused", "bold"), *shown]
        return [("● live", "bold"), *shown]

    def on_click(self, event: events.Click) -> None:
        """A click on a tab goes there."""
        for start, stop, action in self._places:
            if start <= event.x < stop:
                self.app.call_later(self.app.run_action, f"app.{action}")
