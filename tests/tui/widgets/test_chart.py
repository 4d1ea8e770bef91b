"""One chart as a widget."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from tests.tui.screen_text import screen_text
from workbench.output.cells import cell_width
from workbench.output.spans import plain
from workbench.plot.series import Series
from workbench.tui.questions.curves import MetricCurves
from workbench.tui.widgets.chart import ChartView, Look


def curve(name: str, place: int | None = None, n: int = 101) -> Series:
    ys = [math.exp(-i / 20) + (place or 0) for i in range(n)]
    made = Series.from_points(name, list(range(n)), ys)
    return Series(name, made.xs, made.lows, made.highs, made.lasts, place)


ONE = MetricCurves("loss", (curve("otter"),), ("a" * 32,), (0.0, 100.0))
TWO = MetricCurves("loss", (curve("otter", 0), curve("lynx", 1, 51)), ("a" * 32, "b" * 32), (0.0, 100.0), 2, 1, True)


class Showing(App[None]):
    """One chart on the whole screen."""

    def __init__(self) -> None:
        super().__init__()
        self.view = ChartView()
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        """The chart."""
        yield self.view

    def on_chart_view_pointed(self, message: ChartView.Pointed) -> None:
        """Remember it."""
        self.heard.append(message)

    def on_chart_view_wheeled(self, message: ChartView.Wheeled) -> None:
        """Remember it."""
        self.heard.append(message)


def shown(
    act: Callable[[Showing, Pilot[None]], Awaitable[Any]] | None = None,
    *,
    size: tuple[int, int] = (60, 12),
    curves: MetricCurves | None = ONE,
    look: Look | None = None,
    cursor: float | None = None,
    lit: bool = False,
) -> list[str]:
    """The lines of the screen with a chart on it."""
    app = Showing()
    lines: list[str] = []

    async def body() -> None:
        async with app.run_test(size=size) as pilot:
            app.view.show(curves, look or Look(), cursor=cursor, lit=lit)
            await pilot.pause()
            if act is not None:
                await act(app, pilot)
                await pilot.pause()
            lines.extend(screen_text(app).split("\n"))

    asyncio.run(body())
    return lines


def test_the_title_has_the_last_value_or_that_at_the_crosshair() -> None:
    assert shown()[0].startswith("─ loss ──")
    assert shown()[0].endswith(" 0.006738 ─")
    lines = shown(cursor=20.0)
    assert lines[0].endswith(" 0.3679 ─")
    assert any("│" in line.split("│", 1)[1] for line in lines[1:-1] if "│" in line)


def test_several_runs_have_their_letters_in_the_title() -> None:
    title = shown(curves=TWO)[0]
    assert title.startswith("─ ● loss ─")
    assert title.endswith(" 2 NaN  1 ∞  A 0.006738  B 1.082 ─")


def test_a_run_that_has_ended_has_no_value_at_the_crosshair() -> None:
    assert shown(curves=TWO, cursor=80.0)[0].endswith("A 0.01832  B – ─")


def test_the_legend_stands_beside_the_chart_where_that_is_wanted() -> None:
    lines = shown(curves=TWO, look=Look(legend=True), size=(100, 12))
    assert "A ── otter" in lines[1]
    assert "B ┄┄ lynx" in lines[2]
    assert "A 0.006738" not in lines[0]


def test_a_moving_crosshair_does_not_change_the_width_of_the_plot() -> None:
    app = Showing()

    async def body() -> None:
        async with app.run_test(size=(100, 12)) as pilot:
            widths = set()
            for cursor in (None, 0.0, 33.0, 99.0):
                app.view.show(TWO, Look(legend=True), cursor=cursor)
                await pilot.pause()
                drawing = app.view.drawing
                assert drawing is not None
                widths.add((drawing.plot_left, drawing.plot_columns))
            assert len(widths) == 1

    asyncio.run(body())


def test_the_same_curves_are_drawn_once_while_the_crosshair_moves() -> None:
    async def act(app: Showing, pilot: Pilot[None]) -> None:
        before = app.view.drawing
        app.view.show(ONE, Look(), cursor=5.0, lit=True)
        await pilot.pause()
        assert app.view.drawing is before
        app.view.show(ONE, Look(log_y=True), cursor=5.0)
        assert app.view.drawing is not before

    shown(act)


def test_a_part_of_the_axis_shows_the_last_value_of_the_part() -> None:
    lines = shown(look=Look(x_range=(10.0, 40.0)))
    assert lines[0].endswith(" 0.1353 ─")
    assert lines[-1].strip().startswith("└10")
    assert lines[-1].endswith("40")


def test_nothing_is_drawn_before_there_is_an_answer() -> None:
    assert "".join(shown(curves=None)).strip() == ""


def test_a_metric_of_nothing_but_nan_says_so() -> None:
    lines = shown(curves=MetricCurves("loss", (Series("otter"),), ("a" * 32,), (0.0, 9.0), 10))
    assert lines[0].startswith("─ loss ─")
    assert "10 NaN" in lines[0]
    assert "".join(lines).rstrip().endswith(" no data")


def test_a_click_tells_which_x_was_meant() -> None:
    async def act(app: Showing, pilot: Pilot[None]) -> None:
        drawing = app.view.drawing
        assert drawing is not None
        await pilot.click(ChartView, offset=(drawing.plot_left, 5))
        await pilot.click(ChartView, offset=(0, 5))
        await pilot.pause()
        xs = [message.x for message in app.heard if isinstance(message, ChartView.Pointed)]
        assert xs == [0.0, None]

    shown(act)


def test_every_size_and_every_name_is_drawn() -> None:
    for name in ("日本語[bold]" * 9, "a\nb\x1b[31m", ""):
        odd = MetricCurves(name, TWO.series, TWO.uids, TWO.x_range, 3, 0, True)
        for size in ((1, 1), (3, 2), (9, 4), (20, 5), (200, 60)):
            for line in shown(curves=odd, size=size, look=Look(smoothing=0.6, legend=True), cursor=3.0):
                assert cell_width(line) <= size[0]
                assert "\x1b" not in line


def test_lines_are_as_wide_as_the_chart() -> None:
    async def act(app: Showing, pilot: Pilot[None]) -> None:
        assert {cell_width(plain(line)) for line in app.view.lines()} == {60}
        assert len(app.view.lines()) == 12

    shown(act, curves=TWO)
