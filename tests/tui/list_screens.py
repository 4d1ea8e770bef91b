"""What the tests of screens with a list share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import Act, BareApp, drive, paste, press
from tests.tui.screen_text import screen_text
from workbench.base.errors import StoreBusyError, StoreUnusableError, WorkbenchError
from workbench.base.project import Project
from workbench.store.store import Store
from workbench.tui.screens.runs import RunsScreen

BUSY = StoreBusyError("pid 42 (workbench store compact) holds the store", "wait until it has ended")
LOST = StoreUnusableError("the project at /home/ada/fraud is gone", "bring the folder back")


def show_tab(
    key: str, monkeypatch: pytest.MonkeyPatch, project: Project, act: Act, size: tuple[int, int] = (80, 24)
) -> None:
    """Open a tab from the runs by its key, and do what the test does."""

    async def opened(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, key)
        await act(app, pilot)

    drive(monkeypatch, project, lambda: RunsScreen(id="_default"), opened, size)


def show_unread(
    monkeypatch: pytest.MonkeyPatch,
    project: Project,
    go: Callable[[BareApp], None],
    error: WorkbenchError,
    check: Callable[[BareApp], None],
) -> None:
    """Go to a screen while every visit to the store raises an error, and check it as soon as that is said."""

    def closed(store: Store, **more: Any) -> Any:
        raise error

    async def said(pilot: Pilot[Any], *, until: Callable[[], bool] = lambda: True) -> None:
        for _ in range(400):
            await pilot.pause(0.01)
            if error.message in screen_text(pilot.app):
                return

    async def opened(app: BareApp, pilot: Pilot[Any]) -> None:
        go(app)
        await pilot.pause(0.1)
        await said(pilot)
        check(app)

    monkeypatch.setattr(Store, "reading", closed)
    monkeypatch.setattr("tests.tui.bare_app.settle", said)  # the desk is never idle
    drive(monkeypatch, project, lambda: RunsScreen(id="_default"), opened)


async def find(pilot: Pilot[Any], name: str) -> None:
    """Go to a row by its name."""
    await press(pilot, "slash")
    await paste(pilot, name)
    await press(pilot, "enter")
