"""One of many is found by a few letters."""

from __future__ import annotations

import time
from typing import Any

from tests.tui.dialogs.asking import SMALL, Asking, asked, typed
from workbench.output.spans import Line
from workbench.tui.dialogs.choose import Choose, Option

EXPERIMENTS = [Option(name, [(name, "")], f"{runs} runs") for name, runs in (("fraud", 12), ("churn", 3), ("fr", 1))]


def test_enter_takes_the_one_under_the_cursor() -> None:
    """Arrows and ctrl+n, ctrl+p move, and stop at the ends."""
    assert asked(Choose("Experiment", EXPERIMENTS), "enter").answers == ["fraud"]
    assert asked(Choose("Experiment", EXPERIMENTS), "down", "enter").answers == ["churn"]
    assert asked(Choose("Experiment", EXPERIMENTS), "ctrl+n", "ctrl+n", "ctrl+p", "enter").answers == ["churn"]
    assert asked(Choose("Experiment", EXPERIMENTS), "up", "enter").answers == ["fraud"]
    assert asked(Choose("Experiment", EXPERIMENTS), "pagedown", "down", "enter").answers == ["fr"]


def test_typing_narrows_the_list() -> None:
    """Letters move nothing: j and k are letters of names."""
    app = asked(Choose("Experiment", EXPERIMENTS), "c", "h")
    assert "churn" in app.shown
    assert "fraud" not in app.shown
    assert "1 of 3" in app.shown
    assert asked(Choose("Experiment", EXPERIMENTS), "f", "down", "enter").answers == ["fr"]
    assert asked(Choose("Experiment", EXPERIMENTS), "x", "backspace", "enter").answers == ["fraud"]


def test_where_nothing_fits_enter_takes_nothing() -> None:
    """It says so."""
    app = asked(Choose("Experiment", EXPERIMENTS), *typed("jk"), "enter")

    assert app.answers == []
    assert "nothing fits" in app.shown


def test_where_there_is_nothing_it_says_what_the_owner_says() -> None:
    """For a list that is empty from the beginning."""
    app = asked(Choose("Views", [], empty="no views yet: V saves this one"), "enter", "down")

    assert "no views yet: V saves this one" in app.shown
    assert app.answers == []


def test_the_cursor_begins_on_what_holds_now() -> None:
    """It is marked, also on a screen that does not show all."""
    many = [Option(str(index), [(f"run-{index}", "")]) for index in range(200)]

    for size in ((80, 24), SMALL):
        app = asked(Choose("Run", many, current="150"), "enter", size=size)
        assert app.answers == ["150"]
        assert "● run-150" in asked(Choose("Run", many, current="150"), size=size).shown


def test_the_owner_hears_what_is_under_the_cursor() -> None:
    """Once for each move."""
    heard: list[str] = []

    asked(Choose("Colours", EXPERIMENTS, current="fraud", preview=heard.append), "down", "down", "down", "up")

    assert heard == ["churn", "fr", "churn"]


def test_ten_thousand_options_are_no_more_work_than_ten() -> None:
    """Only the rows in sight are drawn."""
    options = [Option(str(index), [(f"experiment-{index:05}", "")], "1 run") for index in range(10_000)]

    drawn: list[int] = []

    class Counting(Choose):
        def _row(self, index: int) -> Line:
            drawn.append(index)
            return super()._row(index)

    start = time.perf_counter()
    app = asked(Counting("Run", options), *typed("9999"))

    assert time.perf_counter() - start < 5
    assert "experiment-09999" in app.shown
    assert "1 of 10,000" in app.shown
    assert len(drawn) < 1000


def test_the_mouse_chooses() -> None:
    """A click goes there, a second one takes it."""

    async def click(app: Asking, pilot: Any) -> None:
        await pilot.click("PickList", offset=(3, 1), times=2)

    assert asked(Choose("Experiment", EXPERIMENTS), then=click).answers == ["churn"]
