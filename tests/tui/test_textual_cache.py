"""Nothing of a closed screen is kept."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.bare_app import BareApp, WidgetScreen, drive, settle
from tests.tui.runs_to_show import Runs
from workbench.output.spans import Line
from workbench.tui.dialogs.viewer import Viewer
from workbench.tui.textual_cache import mend_colour_cache
from workbench.tui.widgets.span_lines import SpanLines

LINES: list[Line] = [[(f"line {number}", "dim")] for number in range(5)]


def test_lines_of_closed_screens_are_let_go(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[weakref.ref[Any]] = []

    async def open_and_close(app: BareApp, pilot: Pilot[Any]) -> None:
        for _ in range(3):
            for screen in (WidgetScreen(SpanLines(LINES)), Viewer("title", "text")):
                await app.push_screen(screen)
                await settle(pilot)
                caches = [widget._styles_cache for widget in screen.query("*").results(Widget)]
                assert any(cache._cache for cache in caches)
                drawn.extend(weakref.ref(cache) for cache in caches)
                await app.pop_screen()
                await settle(pilot)
        del screen, caches
        gc.collect()
        assert [cache() for cache in drawn if cache() is not None] == []

    drive(monkeypatch, runs.project, lambda: WidgetScreen(SpanLines(LINES)), open_and_close)


def test_a_closed_screen_is_freed_soon(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    async def open_and_close(app: BareApp, pilot: Pilot[Any]) -> None:
        closed: list[weakref.ref[Any]] = []
        for _ in range(3):
            screen = Viewer("title", "text")
            await app.push_screen(screen)
            await settle(pilot)
            closed.append(weakref.ref(screen))
            del screen
            await app.pop_screen()
            await settle(pilot)
        await settle(pilot, until=lambda: all(screen() is None for screen in closed))

    gc.collect()
    gc.freeze()  # as `launch` does
    gc.disable()
    try:
        drive(monkeypatch, runs.project, lambda: WidgetScreen(SpanLines(LINES)), open_and_close)
    finally:
        gc.enable()
        gc.unfreeze()


def test_a_textual_that_remembers_otherwise_is_left_as_it_is() -> None:
    from textual._styles_cache import StylesCache

    mended = vars(StylesCache)["get_inner_outer"]
    mend_colour_cache()
    assert vars(StylesCache)["get_inner_outer"] is mended
