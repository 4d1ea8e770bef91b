"""The app over a real store with another first screen, so that one screen or widget is tested alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from workbench.base.project import Project
from workbench.tui import app as app_module
from workbench.tui.app import WorkbenchApp
from workbench.tui.desk import Desk
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.state import State

DEADLINE_S = 20.0


class BareApp(WorkbenchApp):
    """The app with a first screen of the test's own.

    Args:
        desk: an open desk.
        first: makes the first screen.

    Attributes:
        said: what was told to the person, in order.
        copied: what went to the clipboard.
    """

    CSS_PATH = str(Path(app_module.__file__).with_name("workbench.tcss"))

    def __init__(self, desk: Desk, first: Callable[[], Screen[Any]]) -> None:
        super().__init__(desk, State())
        self._first = first
        self.said: list[str] = []
        self.copied: list[str] = []

    def get_default_screen(self) -> Screen[Any]:
        """The test's."""
        return self._first()

    def notify(self, message: str, **more: Any) -> None:
        """Remember what is said, rather than cover the screen with it."""
        self.said.append(message)

    def copy_to_clipboard(self, text: str) -> None:
        """Remember it."""
        self.copied.append(text)


Act: TypeAlias = Callable[[BareApp, Pilot[Any]], Coroutine[Any, Any, None]]
"""What a test does with the app."""


class WidgetScreen(WorkbenchScreen):
    """A screen that is one widget."""

    AUTO_FOCUS = ""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose_body(self) -> Iterable[Widget]:
        """The widget."""
        yield self.widget


@contextmanager
def open_desk(project: Project) -> Iterator[Desk]:
    """A desk that looks for news often."""
    desk = Desk(project, interval_s=0.1)
    desk.open()
    try:
        yield desk
    finally:
        desk.close()


async def settle(pilot: Pilot[Any], *, until: Callable[[], bool] = lambda: True) -> None:
    """Wait until everything asked is answered and drawn, and `until` holds."""
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    deadline = time.monotonic() + DEADLINE_S
    calm = 0
    while calm < 3:
        assert time.monotonic() < deadline, "the app does not come to rest"
        if app.crash is not None:
            raise app.crash
        await pilot.pause()
        await asyncio.sleep(0.01)
        calm = calm + 1 if app.desk.idle and app.dock.idle and until() else 0


def drive(
    monkeypatch: pytest.MonkeyPatch,
    project: Project,
    first: Callable[[], Screen[Any]],
    act: Act,
    size: tuple[int, int] = (80, 24),
) -> None:
    """Run the app without a terminal, and do what the test does."""
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none", raising=False)
    with open_desk(project) as desk:

        async def body() -> None:
            app = BareApp(desk, first)
            app.animation_level = "none"
            async with app.run_test(size=size) as pilot:
                await settle(pilot)
                await act(app, pilot)

        asyncio.run(body())


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each after the app has come to rest."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def paste(pilot: Pilot[Any], text: str) -> None:
    """Put a text into what has the focus, as a terminal pastes it: at once, in the place of what was there."""
    await pilot.press("ctrl+a", "ctrl+k")
    pilot.app.post_message(events.Paste(text))
    await settle(pilot)
