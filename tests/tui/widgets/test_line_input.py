"""Whatever is typed, pasted or logged stays on one line."""

from __future__ import annotations

import asyncio

from textual import events
from textual.app import App, ComposeResult

from tests.tui.screen_text import screen_text
from workbench.tui.widgets.line_input import LineInput, one_line


class OneInput(App[None]):
    """An input alone."""

    def __init__(self, value: str = "", placeholder: str = "") -> None:
        super().__init__()
        self._value, self._placeholder = value, placeholder

    def compose(self) -> ComposeResult:
        """The input."""
        yield LineInput(self._value, placeholder=self._placeholder)


def test_line_breaks_become_spaces_and_controls_vanish() -> None:
    """Letters of every script stay."""
    assert one_line("a\r\n\tb\x1b[31m漢é\u202e") == "a b[31m漢é"


def test_all_that_is_pasted_arrives() -> None:
    """A filter copied from several lines is one filter."""

    async def body() -> None:
        app = OneInput()
        async with app.run_test() as pilot:
            app.query_one(LineInput).focus()
            app.post_message(events.Paste("a = 1\nAND b = [2]\n"))
            await pilot.pause()
            assert app.query_one(LineInput).value == "a = 1 AND b = [2]"

    asyncio.run(body())


def test_a_value_that_was_logged_is_shown_on_one_row() -> None:
    """Brackets are brackets."""

    async def body() -> None:
        app = OneInput("[red]\nx\x1b[0m")
        async with app.run_test(size=(40, 3)) as pilot:
            await pilot.pause()
            assert screen_text(app) == "[red] x[0m\n\n"

    asyncio.run(body())


def test_a_long_placeholder_is_cut() -> None:
    """It ends with an ellipsis."""

    async def body() -> None:
        app = OneInput(placeholder="filter, like metrics.auc > 0.9")
        async with app.run_test(size=(20, 3)) as pilot:
            await pilot.pause()
            assert screen_text(app).split("\n")[0] == "filter, like metric…"

    asyncio.run(body())
