"""Keys in their order: what one key leads to is there before the next key is handled.

Textual hands a key to whatever has the focus when the key arrives. Of keys that arrive together, as when
a person types ahead of the first page or of a busy moment, all but the first would go to the wrong place:
the name typed after `/` would be taken for actions, one letter after the other. So while a key is being
handled, those after it wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.events import Event

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from workbench.tui.app import WorkbenchApp

PATIENCE_S = 2.0
"""How long keys wait at most for what the key before them leads to."""
CALM_ROUNDS = 4
"""Rounds through everyone after which nothing is under way: a message may climb twice, and have one posted back."""
QUICK_TURNS = 20
"""Turns of the event loop before it is left alone for a moment each time."""


class KeyOrder:
    """The keys of an app.

    Args:
        app: which app.
        handle: what the app does with a key whose turn it is.
    """

    def __init__(self, app: WorkbenchApp, handle: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._waiting: deque[Event] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether every key has been handled to its end."""
        return self._task is None

    def must_wait(self, event: Event) -> bool:
        """Whether a key waits for its turn; if not, it is to be handled at once."""
        if self._task is not None or self._app.awaits:
            self._waiting.append(event)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="workbench-keys")
            return bool(self._waiting)
        return True

    async def _run(self) -> None:
        try:
            await self._rest()
            while self._waiting:
                await self._handle(self._waiting.popleft())
                await self._rest()
        except Exception as error:
            self._app._handle_exception(error)
        finally:
            self._task = None

    async def _rest(self) -> None:
        """Until the key before has been handled by everyone, and the focus is where it is to be."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                calm = 0
                while calm < CALM_ROUNDS:
                    before = self._place()
                    # A key climbs from the focus to the app; the app then moves the focus, or opens a screen.
                    for pump in (*self._chain(), self._app):
                        await _turn_of(pump)
                    if self._app.awaits:
                        await asyncio.sleep(0.005)
                    calm = calm + 1 if self._place() == before and not self._app.awaits else 0
        except TimeoutError:
            return

    def _place(self) -> tuple[int, int]:
        stack = self._app.screen_stack if self._app.is_running else []
        return (id(stack[-1]), id(stack[-1].focused)) if stack else (0, 0)

    def _chain(self) -> list[MessagePump]:
        if not self._app.is_running or not self._app.screen_stack:
            return []
        screen = self._app.screen
        return list((screen.focused or screen).ancestors_with_self)


async def _turn_of(pump: MessagePump) -> None:
    """Until a pump has handled what it has now, or has ended."""
    done = asyncio.Event()
    if not pump.call_later(done.set):
        return
    turns = 0
    while not done.is_set() and pump.is_running:
        await asyncio.sleep(0 if turns < QUICK_TURNS else 0.001)
        turns += 1
