"""The charts screen, driven by keys over a real store."""

from __future__ import annotations

import csv
import math
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.tui.bare_app import BareApp, drive, settle
from tests.tui.golden import check_screen
from tests.tui.runs_to_show import EMPTY, Runs, course
from tests.tui.screen_text import screen_text
from workbench.base.project import Project, create_project
from workbench.tui.screens.charts import MAX_RUNS, ChartsScreen
from workbench.tui.widgets.chart import ChartView

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
Act = Callable[[ChartsScreen, BareApp, Pilot[Any]], Awaitable[None]]


@pytest.fixture
def charted(tmp_path: Path, clock: FakeClock) -> Iterator[Runs]:
    """Three runs, the second one running and with NaN, the third one shorter."""
    made = Runs(create_project(str(tmp_path / "fraud")), clock)
    wave = [math.sin(step / 15) * 0.05 for step in range(200)]
    for number, (uid, name) in enumerate(((ONE, "quiet-lynx"), (TWO, "brave-otter"), (THREE, "calm-heron"))):
        length = 200 - 60 * number
        loss = [a + b for a, b in zip(course(0.7 + number / 10, 0.1, length), wave, strict=False)]
        metrics = {
            "loss": loss,
            "auc": course(0.5, 0.9 - number / 50, length),
            "val/loss": course(0.9, 0.2, 20),
            "val/auc": course(0.5, 0.85, 20),
            "system/cpu_percent": [100.0, 390.0, 250.0],
        }
        if uid == TWO:
            metrics["grad"] = [math.nan if step % 40 == 3 else 10.0 ** math.cos(step) for step in range(120)]
        made.add(uid, name, metrics=metrics, status=None if uid == TWO else "finished")
    yield made
    made.close()


def on_charts(
    monkeypatch: pytest.MonkeyPatch,
    project: Project,
    act: Act,
    uids: tuple[str, ...] = (ONE, TWO, THREE),
    size: tuple[int, int] = (80, 24),
) -> None:
    """Show charts of runs, and do what the test does."""

    async def body(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = app.screen
        assert isinstance(screen, ChartsScreen)
        await act(screen, app, pilot)

    drive(monkeypatch, project, lambda: ChartsScreen(uids), body, size)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait until all is drawn."""
    await pilot.press(*keys)
    await settle(pilot)


def facts(app: BareApp) -> str:
    """The line that says what is shown."""
    return screen_text(app).split("\n")[1].strip()


def titles(app: BareApp) -> list[str]:
    """The names of the charts in sight."""
    screen = app.screen
    assert isinstance(screen, ChartsScreen)
    return [view.curves.key for view in screen.grid.views if view.curves is not None and view.visible]


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
@pytest.mark.parametrize("uids", [(ONE,), (ONE, TWO, THREE)])
def test_the_screen_looks_as_it_is_meant_to(
    monkeypatch: pytest.MonkeyPatch, charted: Runs, uids: tuple[str, ...], size: tuple[int, int]
) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"charts_{len(uids)}_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "j", "h", "H", "plus", "z")
        check_screen(f"charts_{len(uids)}_zoomed_{size[0]}x{size[1]}.txt", app)

    on_charts(monkeypatch, charted.project, act, uids, size)


def test_pages_and_charts_are_gone_through(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        assert facts(app) == "3 runs · metrics 1–2 of 6 · smoothed 0.6 · x: step"
        assert titles(app) == ["auc", "loss"]
        await press(pilot, "n")
        assert titles(app) == ["val/auc", "val/loss"]
        assert screen.metric == "val/auc"
        await press(pilot, "j", "j")
        assert titles(app) == ["grad", "system/cpu_percent"]
        await press(pilot, "n", "n", "n")
        assert "metrics 5–6 of 6" in facts(app)
        await press(pilot, "N")
        assert screen.metric == "val/auc"
        await press(pilot, "k", "k", "k", "k")
        assert screen.metric == "auc"

    on_charts(monkeypatch, charted.project, act)


def test_one_chart_alone_has_the_whole_screen(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "j", "z")
        assert titles(app) == ["loss"]
        assert "metric 2 of 6" in facts(app)
        await press(pilot, "n")
        assert titles(app) == ["val/auc"]
        await press(pilot, "N", "escape")
        assert titles(app) == ["auc", "loss"]
        assert screen.metric == "loss"

    on_charts(monkeypatch, charted.project, act)


def test_metrics_are_found_by_name(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "slash", "v", "a", "l", "slash", "asterisk", "enter")
        assert titles(app) == ["val/auc", "val/loss"]
        assert facts(app).startswith("3 runs · metrics 1–2 of 2 · /val/* ·")
        await press(pilot, "escape")
        assert "of 6" in facts(app)
        assert screen.metric == "val/auc"

    on_charts(monkeypatch, charted.project, act)


def test_smoothing_scale_and_axis_are_remembered(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "s", "g", "x")
        assert facts(app) == "3 runs · metrics 1–2 of 6 · smoothed 0.9 · log-y · x: time"
        assert (app.state.smoothing, app.state.log_y, app.state.x_axis) == (0.9, True, "time")
        await press(pilot, "s", "s", "g", "x")
        assert facts(app) == "3 runs · metrics 1–2 of 6 · x: step"
        assert screen.view_twin() == f"workbench runs plot {ONE[:8]} {TWO[:8]} {THREE[:8]} -m auc"

    on_charts(monkeypatch, charted.project, act)


def test_the_crosshair_is_in_all_charts_and_its_values_are_copied(
    monkeypatch: pytest.MonkeyPatch, charted: Runs
) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "y")
        assert app.copied == []
        await press(pilot, "h", "h")
        assert facts(app).endswith("· at 197")
        assert [view.lines()[-1] for view in screen.grid.views if ("197", "accent") in view.lines()[-1]] != []
        assert all(any(style == "accent" for _, style in view.lines()[-1]) for view in screen.grid.views)
        await press(pilot, "y")
        rows = list(csv.reader(app.copied[0].splitlines(), delimiter="\t"))
        assert rows[0] == ["run_id", "run", "step", "auc", "loss"]
        assert [row[:3] for row in rows[1:]] == [
            [ONE, "quiet-lynx", "197"],
            [TWO, "brave-otter", "197"],
            [THREE, "calm-heron", "197"],
        ]
        assert float(rows[1][3]) == pytest.approx(0.9)
        assert rows[3][3:] == ["", ""]

    on_charts(monkeypatch, charted.project, act)


def test_zooming_in_is_drawn_at_once_and_again_with_the_answer(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        screen.action_zoom_in()
        at_once = screen.grid.views[0].curves
        assert at_once is not None
        assert at_once.series[0].xs[0] >= 96
        await settle(pilot)
        finer = screen.grid.views[0].curves
        assert finer is not None
        assert len(finer.series[0].xs) > len(at_once.series[0].xs)
        assert facts(app).endswith("zoom 99–199")
        await press(pilot, "plus", "minus", "minus")
        assert "zoom" not in facts(app)
        await press(pilot, "h", "plus", "0")
        assert facts(app).endswith("x: step")

    on_charts(monkeypatch, charted.project, act)


def test_the_mouse_chooses_points_and_zooms(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.click(screen.grid.views[1], offset=(40, 4))
        await settle(pilot)
        assert screen.metric == "loss"
        assert "· at " in facts(app)
        view = screen.grid.views[1]
        view.post_message(ChartView.Wheeled(view, 100.0, True))
        await settle(pilot)
        assert "zoom" in facts(app)
        view.post_message(ChartView.Wheeled(view, None, False))
        await settle(pilot)
        assert "zoom" not in facts(app)

    on_charts(monkeypatch, charted.project, act)


def test_new_points_and_new_metrics_appear(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        writer = charted.live[TWO]
        writer.metrics({"loss": 0.05, "aaa": 1.0}, 400)

        def grown() -> bool:
            shown = [view.curves for view in screen.grid.views]
            return any(one is not None and one.x_range == (0.0, 400.0) for one in shown)

        await settle(pilot, until=grown)
        assert "of 7" in facts(app)
        assert screen.metric == "auc"
        assert titles(app) == ["auc", "loss"]

    on_charts(monkeypatch, charted.project, act)


def test_points_are_written_to_a_file(monkeypatch: pytest.MonkeyPatch, charted: Runs, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "e", "enter")
        await settle(pilot, until=lambda: any("wrote" in text for text in app.said))
        assert (tmp_path / "auc.csv").read_text().startswith("key,step,time,value\nauc,0,")

    on_charts(monkeypatch, charted.project, act, (ONE,))


def test_a_run_without_metrics_says_what_logs_some(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        text = screen_text(app)
        assert "No metrics yet" in text
        assert 'run.log({"loss": loss}, step=step)' in text
        await press(pilot, "j", "z", "h", "plus", "n", "s", "g", "y", "e", "slash")
        runs.live[EMPTY].metrics({"loss": 1.0}, 0)
        await settle(pilot, until=lambda: titles(app) == ["loss"])
        assert "No metrics yet" not in screen_text(app)

    on_charts(monkeypatch, runs.project, act, (EMPTY,))


def test_runs_that_are_gone_say_so(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        assert "The runs are in the store no more" in screen_text(app)

    on_charts(monkeypatch, charted.project, act, ("0" * 32,))


def test_more_runs_than_can_be_told_apart_are_counted(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    for number in range(MAX_RUNS + 5):
        charted.add(f"{number:032x}", f"run-{number}", metrics={"loss": [1.0, float(number)]})

    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        assert facts(app).startswith(f"{MAX_RUNS} of {MAX_RUNS + 5} runs · metric 1 of 1 ·")
        await press(pilot, "z", "h")

    on_charts(monkeypatch, charted.project, act, tuple(f"{number:032x}" for number in range(MAX_RUNS + 5)), (140, 45))


def test_every_size_is_drawn_and_a_change_of_size_too(monkeypatch: pytest.MonkeyPatch, charted: Runs) -> None:
    async def act(screen: ChartsScreen, app: BareApp, pilot: Pilot[Any]) -> None:
        for size in ((20, 5), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        await press(pilot, "h", "plus", "0")
        assert len(titles(app)) == 2

    on_charts(monkeypatch, charted.project, act, size=(60, 15))
