"""An app that asks one thing and remembers the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.pilot import Pilot

from tests.tui.screen_text import screen_text
from workbench.tui.dialogs.base import Dialog

LARGE, SMALL = (80, 24), (20, 5)


class Asking(App[None]):
    """Shows a dialog.

    Attributes:
        dialog: as given.
        answers: of the dialog, once it has answered.
        leaked: keys that reached the app below.
        shown: the text of the screen at the end.
    """

    ENABLE_COMMAND_PALETTE = False  # its key is one of those that must not leak
    BINDINGS: ClassVar[list[BindingType]] = [
        (key, f"leak('{key}')", key) for key in ("q", "1", "question_mark", "slash", "r", "escape", "space", "ctrl+p")
    ]

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.animation_level = "none"
        self.dialog = dialog
        self.answers: list[Any] = []
        self.leaked: list[str] = []
        self.shown = ""

    def on_mount(self) -> None:
        """Ask."""
        self.push_screen(self.dialog, self.answers.append)

    def action_leak(self, key: str) -> None:
        """A key was not kept by the dialog."""
        self.leaked.append(key)


def asked(
    dialog: Dialog[Any],
    *keys: str,
    size: tuple[int, int] = LARGE,
    then: Callable[[Asking, Pilot[None]], Awaitable[None]] | None = None,
) -> Asking:
    """The app after the keys were pressed in the dialog, and `then` was done."""
    app = Asking(dialog)

    async def body() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            for key in keys:
                await pilot.press(key)
            await pilot.pause()
            if then is not None:
                await then(app, pilot)
                await pilot.pause()
            app.shown = screen_text(app)

    asyncio.run(body())
    return app


def typed(text: str) -> list[str]:
    """The keys that type a text."""
    return ["space" if letter == " " else letter for letter in text]


async def shrink_and_grow(app: Asking, pilot: Pilot[None]) -> None:
    """Through all sizes that a terminal takes while somebody drags its corner."""
    for size in ((20, 5), (1, 1), (200, 3), (3, 60), LARGE):
        await pilot.resize_terminal(*size)
        await pilot.pause()
