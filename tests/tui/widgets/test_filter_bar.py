"""The filter is typed, tried while typing, completed, recalled and explained."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button

from tests.tui.screen_text import screen_text
from workbench.base.errors import FilterError
from workbench.output.cells import cell_width
from workbench.tui.actions import actions_of
from workbench.tui.widgets.filter_bar import EXAMPLE, FilterBar

NAMES = ["params.lr", "metrics.auc", "metrics.loss", "attributes.status"]


class Filtering(App[None]):
    """A bar above something else.

    Attributes:
        bar: the bar.
        heard: what it posted, each as its kind and text.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bar = FilterBar()
        self.heard: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        """The bar and the table's stand-in."""
        yield self.bar
        yield Button("table", compact=True)

    def on_filter_bar_changed(self, message: FilterBar.Changed) -> None:
        """Note it."""
        self.heard.append(("changed", message.text))

    def on_filter_bar_submitted(self, message: FilterBar.Submitted) -> None:
        """Note it."""
        self.heard.append(("submitted", message.text))

    def on_filter_bar_cancelled(self, message: FilterBar.Cancelled) -> None:
        """Note it."""
        self.heard.append(("cancelled", message.text))

    @property
    def rows(self) -> list[str]:
        """The text of the screen."""
        return screen_text(self).split("\n")


def filtering(
    body: Callable[[Filtering, Pilot[None]], Awaitable[None]], *, text: str = "", size: tuple[int, int] = (80, 24)
) -> None:
    """Do something in a bar that has the focus."""

    async def run() -> None:
        app = Filtering()
        async with app.run_test(size=size) as pilot:
            app.bar.set_names(NAMES)
            app.bar.text = text
            app.bar.focus_input()
            await pilot.pause()
            await body(app, pilot)

    asyncio.run(run())


async def typing(pilot: Pilot[None], text: str) -> None:
    """Type a text."""
    await pilot.press(*("space" if letter == " " else letter for letter in text))


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Let the app work until something is so."""
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        await pilot.pause(0.01)


def mistake(text: str) -> FilterError:
    """A filter that stops too early."""
    return FilterError("the filter stops too early", text=text, position=len(text), explanation="a value is expected")


def test_a_filter_is_tried_after_a_pause_in_typing() -> None:
    """Once, not for every letter."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        await typing(pilot, "q = 1")
        await until(pilot, lambda: bool(app.heard) and app.heard[-1] == ("changed", "q = 1"))
        assert app.heard.count(("changed", "q = 1")) == 1

    filtering(body)


def test_enter_tries_at_once() -> None:
    """And the change is told before."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.bar.query_one("_FilterInput").value = "a = 1"  # type: ignore[attr-defined]
        await pilot.press("enter")
        assert app.heard == [("changed", "a = 1"), ("submitted", "a = 1")]
        await pilot.pause(0.2)
        assert len(app.heard) == 2

    filtering(body)


def test_escape_brings_back_what_was_there() -> None:
    """Also where the new filter was tried already."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        await typing(pilot, " AND b")
        await until(pilot, lambda: ("changed", "a = 1 AND b") in app.heard)
        await pilot.press("escape")
        await pilot.pause()
        assert app.bar.text == "a = 1"
        assert app.heard[-2:] == [("changed", "a = 1"), ("cancelled", "a = 1")]

    filtering(body, text="a = 1")


def test_escape_without_a_change_tells_only_that() -> None:
    """Nothing is asked again."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        await pilot.press("escape")
        await pilot.pause()
        assert app.heard == [("cancelled", "a = 1")]

    filtering(body, text="a = 1")


def test_what_the_owner_sets_is_not_told_back() -> None:
    """A view that is restored."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.bar.text = "a = 1\nAND b = 2"
        await pilot.pause(0.2)
        assert app.bar.text == "a = 1 AND b = 2"
        assert app.heard == []

    filtering(body)


def test_leaving_the_bar_keeps_the_filter_and_tells_it() -> None:
    """Tab where nothing can be completed."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        await typing(pilot, "a = 1 ")
        await pilot.press("tab")
        await pilot.pause()
        assert not app.bar.editing
        assert app.heard[-1] == ("changed", "a = 1 ")

    filtering(body)


@pytest.mark.parametrize("key", ["tab", "right"])
def test_tab_and_right_complete(key: str) -> None:
    """First the entity, then the name."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        await typing(pilot, "met")
        await until(pilot, lambda: "metrics." in app.rows[0])
        await pilot.press(key)
        assert app.bar.text == "metrics."
        await until(pilot, lambda: "metrics.auc" in app.rows[0])
        assert "metrics.auc  metrics.loss" in app.rows[1]
        await pilot.press(key)
        assert app.bar.text == "metrics.auc"

    filtering(body)


def test_statuses_are_completed() -> None:
    """Quotes and all."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        await typing(pilot, "attributes.status = 'fa")
        await pilot.press("tab")
        assert app.bar.text == "attributes.status = 'failed'"

    filtering(body)


def test_earlier_filters_come_back() -> None:
    """The owner's list may grow; what was typed is not lost."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        history = ["b = 2"]
        app.bar.history = history
        history[:] = ["c = 3", "b = 2", "c = 3", ""]
        await typing(pilot, "x")
        seen = []
        for key in ("down", "up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(app.bar.text)
        assert seen == ["x", "c = 3", "b = 2", "b = 2", "c = 3", "x", "x"]

    filtering(body)


def test_the_hint_is_there_while_there_is_no_filter() -> None:
    """With an example that is a filter."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        assert app.rows[0].strip() == f"/ {EXAMPLE}"
        await typing(pilot, "x")
        assert EXAMPLE not in app.rows[0]

    filtering(body)


def test_the_example_is_a_filter() -> None:
    """It can be typed as it stands."""
    from workbench.store.filters import parse_filter

    parse_filter(EXAMPLE.removeprefix("filter, like "))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((312, 100_482, 0), "312 of 100,482 runs"),
        ((100_482, 100_482, 0), "100,482 runs"),
        ((1, 1, 0), "1 run"),
        ((0, 1, 0), "0 of 1 run"),
        ((None, 5, 0), "… of 5 runs"),
        ((3, 5, 2), "▌2 marked  3 of 5 runs"),
    ],
)
def test_it_says_how_many_there_are(counts: tuple[int | None, int | None, int], said: str) -> None:
    """At the right end."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.bar.set_counts(*counts)
        await pilot.pause()
        assert app.rows[0].endswith(f"  {said}")

    filtering(body)


def test_it_says_where_it_looks() -> None:
    """The experiment's name is no markup."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.bar.set_scope("[b]fraud", True)
        await pilot.pause()
        assert app.rows[0].startswith(" trash   in [b]fr…   / ")
        app.bar.set_scope("fraud")
        await pilot.pause()
        assert app.rows[0].startswith(" in fraud   / ")
        app.bar.set_scope(None)
        await pilot.pause()
        assert app.rows[0].startswith(" / ")

    filtering(body)


def test_a_mistake_is_pointed_at_right_below() -> None:
    """The input is the line above the caret; the table does not move."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        table = app.rows.index(next(row for row in app.rows if "table" in row))
        app.bar.set_scope("fraud")
        await typing(pilot, "metrics.auc > ")
        app.bar.show_error(mistake(app.bar.text))
        await pilot.pause()
        assert app.rows[1].index("^") == app.rows[0].index("metrics.auc > ".rstrip()) + len("metrics.auc > ")
        assert "^ a value is expected" in app.rows[1]
        assert "table" in app.rows[table]
        app.bar.show_error(None)
        await pilot.pause()
        assert "^" not in app.rows[1]

    filtering(body)


def test_a_mistake_vanishes_when_typing_goes_on() -> None:
    """It was about another text."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.bar.show_error(mistake("a >"))
        await pilot.pause()
        assert "^" in app.rows[1]
        await typing(pilot, " 1")
        await pilot.pause()
        assert "^" not in app.rows[1]

    filtering(body, text="a >")


def test_a_mistake_is_shown_without_the_focus_too() -> None:
    """A filter of a saved view may be wrong."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.query_one(Button).focus()
        await pilot.pause()
        assert "table" in app.rows[1]
        app.bar.show_error(mistake("a >"))
        await pilot.pause()
        assert "^ a value is expected" in app.rows[1]

    filtering(body, text="a >")


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_long_filter_is_repeated_where_the_mistake_is(width: int) -> None:
    """The caret is in sight, and so is what is above it."""
    text = "metrics.auc > 0.9 AND params.learning_rate = 0.1 AND params.model = 'gbm' AND metrics.loss >"

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.bar.show_error(mistake(text))
        await pilot.pause()
        assert app.rows[1].endswith("loss >")
        assert "^" in app.rows[2]
        assert app.rows[2].index("^") == len(app.rows[1])

    filtering(body, text=text, size=(width, 10))


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (20, 5), (8, 3), (1, 1)], ids=str)
def test_it_fits_every_screen(size: tuple[int, int]) -> None:
    """With everything that it can show, and through a resize."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.bar.set_scope("漢字" * 20, True)
        app.bar.set_counts(312, 100_482, 7)
        app.bar.show_error(mistake("漢字 > \x1b" * 20))
        for now in (size, (200, 2), (2, 30), size):
            await pilot.resize_terminal(*now)
            for _ in range(3):  # the screen, then the bar, then what the bar draws
                await pilot.pause()
            assert all(cell_width(row) <= now[0] for row in app.rows)
            assert "\x1b" not in screen_text(app)

    filtering(body, text="漢字" * 60, size=size)


def test_the_mouse_begins_typing() -> None:
    """A click anywhere in the row."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        app.query_one(Button).focus()
        await pilot.pause()
        await pilot.click(FilterBar, offset=(1, 0))
        assert app.bar.editing

    filtering(body)


def test_every_action_of_the_filter_has_its_method() -> None:
    """A key that is shown does something."""

    async def body(app: Filtering, pilot: Pilot[None]) -> None:
        box = app.focused
        assert [action.id for action in actions_of("filter") if not hasattr(box, f"action_{action.name}")] == []

    filtering(body)
