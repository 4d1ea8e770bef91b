"""The command palette: every action that works here, and every run and model by its name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider

from workbench.output.cells import visible
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.store import RunsNamed
from workbench.tui.screens.base import WorkbenchScreen

if TYPE_CHECKING:
    from workbench.tui.actions import Action
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.asking import Question

MAX_RUNS = 20


class ActionProvider(Provider):
    """The actions of the screen below."""

    def _entries(self) -> list[tuple[Action, str]]:
        screen = self.screen
        if not isinstance(screen, WorkbenchScreen):
            return []
        return [(action, f"{action.scope}: {action.label}") for action in screen.actions() if not action.quiet]

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        app = cast("WorkbenchApp", self.app)
        for action, text in self._entries():
            yield DiscoveryHit(text, lambda action=action: app.act(action), text, action.key)

    async def search(self, query: str) -> Hits:
        """Those that fit."""
        app = cast("WorkbenchApp", self.app)
        matcher = self.matcher(query)
        for action, text in self._entries():
            score = matcher.match(text)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(text),
                    lambda action=action: app.act(action),
                    text,
                    action.key,
                )


class _Listener:
    """Waits for one answer of the desk in the app's own thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.heard: asyncio.Future[Any] = self._loop.create_future()

    def post_message(self, message: Any) -> bool:
        """Called in the desk's thread."""
        self._loop.call_soon_threadsafe(self._hear, message)
        return True

    def _hear(self, message: Any) -> None:
        if not self.heard.done():
            self.heard.set_result(message.answer if isinstance(message, Answered) else None)
        assert isinstance(message, (Answered, Unanswered))


async def _answer(app: WorkbenchApp, slot: str, question: Question) -> Any:
    """What the desk answers; None where it cannot."""
    listener = _Listener()
    app.desk.watch(listener, slot, question, once=True)
    try:
        return await listener.heard
    finally:
        app.desk.forget(listener)


class RunProvider(Provider):
    """Runs by a part of their name or the beginning of their id."""

    async def search(self, query: str) -> Hits:
        """The newest that fit."""
        app = cast("WorkbenchApp", self.app)
        if len(query) < 2:
            return
        found = await _answer(app, "runs", RunsNamed(query, MAX_RUNS))
        for place, (uid, name) in enumerate(found or ()):
            shown = f"run: {visible(name)}  {uid[:8]}"
            yield Hit(
                0.5 - place / 1000,
                shown.replace("[", "\\["),
                lambda uid=uid: app.open_run(uid),
                shown,
            )


class ModelProvider(Provider):
    """Registered models by a part of their name."""

    _names: tuple[str, ...] = ()

    async def startup(self) -> None:
        """Read the names once, while the palette opens."""
        from workbench.tui.questions.models import ModelNames  # the first page needs no registry

        found = await _answer(cast("WorkbenchApp", self.app), "models", ModelNames())
        self._names = tuple(name for name, _ in found or ())

    async def search(self, query: str) -> Hits:
        """Those that fit."""
        app = cast("WorkbenchApp", self.app)
        matcher = self.matcher(query)
        for name in self._names:
            text = f"model: {visible(name)}"
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), lambda name=name: app.show_model(name), text)


class Palette(CommandPalette):
    """Textual's palette, which fails at a page key that comes before its list is drawn."""

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region.height:
            super()._action_command_list(action)
