"""The comparison of runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from tests.conftest import FakeClock
from tests.tui.bare_app import Act, BareApp, WidgetScreen, drive, open_desk, paste, press, settle
from tests.tui.compared_runs import add_numbered, add_one, uid
from tests.tui.golden import check_screen
from tests.tui.runs_to_show import CRANE, EMPTY, LIVE, LYNX, ODD, OTTER, Runs
from tests.tui.screen_text import screen_text
from workbench.base.project import create_project
from workbench.output.cells import cell_width
from workbench.store.edits import delete
from workbench.store.lock import store_lock
from workbench.tui.actions import actions_of
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.diff import DiffScreen
from workbench.tui.widgets.span_lines import SpanLines

SIZES = [(80, 24), (140, 45)]


@pytest.fixture
def few(tmp_path: Path, clock: FakeClock) -> Iterator[Runs]:
    """A project without runs."""
    made = Runs(create_project(str(tmp_path / "fraud")), clock)
    yield made
    made.close()


def compare(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, uids: Sequence[str], act: Act, size: tuple[int, int] = (80, 24)
) -> None:
    """Open the comparison over another screen, and do what the test does."""

    async def opened(app: BareApp, pilot: Pilot[Any]) -> None:
        app.marks.add(uids)
        app.compare(uids)
        await settle(pilot)
        await act(app, pilot)

    drive(monkeypatch, runs.project, lambda: WidgetScreen(SpanLines()), opened, size)


def showing(app: BareApp, kind: type[Screen[Any]]) -> bool:
    """Whether such a screen is on top."""
    return isinstance(app.screen, kind)


def row(app: BareApp, label: str) -> list[str]:
    """The words of the first row on the screen that begins with a label."""
    return next(line.split() for line in screen_text(app).splitlines() if line.startswith(label))


# how it looks


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("count", [2, 3, 12])
def test_runs_stand_side_by_side(monkeypatch: pytest.MonkeyPatch, few: Runs, count: int, size: tuple[int, int]) -> None:
    """The baseline first, what differs, metrics with distances, the curves below."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"compare_{count}_{size[0]}x{size[1]}.txt", app)

    compare(monkeypatch, few, add_numbered(few, count), act, size)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
def test_runs_in_every_state_and_with_wide_names_line_up(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, size: tuple[int, int]
) -> None:
    """Running, failed, without anything, with names that need escaping."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"compare_states_{size[0]}x{size[1]}.txt", app)

    compare(monkeypatch, runs, [ODD, OTTER, LYNX, LIVE, CRANE, EMPTY], act, size)


def test_equal_runs_say_that_nothing_differs(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """With `a` everything is shown, and with `a` again nothing."""
    uids = [add_one(few, number, name="same", params={"lr": 0.1}, metrics={"auc": [0.9]}) for number in (0, 1)]

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen("compare_equal_80x24.txt", app)
        await press(pilot, "a")
        assert row(app, "params.lr") == ["params.lr", "0.1", "0.1"]
        assert "also what is equal" in screen_text(app)
        await press(pilot, "a")
        assert "params.lr" not in screen_text(app)

    compare(monkeypatch, few, uids, act)


def test_without_metrics_the_rows_have_the_room(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """There is no empty chart, and no key for one."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen("compare_no_metrics_80x24.txt", app)
        await press(pilot, "n")
        assert app.said == ["these runs have no metrics"]
        assert "compare.log_y" not in {action.id for action in app.screen.actions()}  # type: ignore[attr-defined]

    compare(monkeypatch, few, add_numbered(few, 2, metrics={}), act)


@pytest.mark.parametrize("size", [(60, 15), (61, 16), (80, 200), (300, 20)], ids=str)
def test_every_size_is_drawn_within_it(monkeypatch: pytest.MonkeyPatch, runs: Runs, size: tuple[int, int]) -> None:
    """And a resize draws it anew, down to where the app says that it is too small."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "l", "l")
        for width, height in (size, (20, 5), (100, 30), size):
            await pilot.resize_terminal(width, height)
            await settle(pilot)
            lines = screen_text(app).split("\n")
            assert len(lines) == height
            assert all(cell_width(line) <= width for line in lines)
        assert "Compare 5 runs" in screen_text(app)

    compare(monkeypatch, runs, [ODD, OTTER, LYNX, LIVE, CRANE], act, size)


def test_of_very_many_runs_the_first_are_compared(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Which is said."""
    monkeypatch.setattr("workbench.tui.screens.compare.MAX_RUNS", 3)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "Compare 3 runs" in screen_text(app)
        assert app.said == ["only the first 3 of 5 runs are compared"]

    compare(monkeypatch, few, add_numbered(few, 5), act)


# the chosen run


def lit(app: BareApp) -> str:
    """The text of the header cell that is lit."""
    [names] = app.screen.query_one("RunColumns SpanLines", SpanLines).shown
    return " ".join(text.strip() for text, style in names if style == "cursor")


def test_the_first_run_that_is_not_the_baseline_is_chosen_and_keys_go_on(
    monkeypatch: pytest.MonkeyPatch, few: Runs
) -> None:
    """Beyond the ends there is nowhere to go."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert lit(app) == "✓ brave-otter"
        await press(pilot, "l")
        assert lit(app) == "✓ calm-otter"
        await press(pilot, "l", "right")
        assert lit(app) == "✓ calm-otter"
        await press(pilot, "h", "h", "left")
        assert lit(app) == "✓ ⚑ quiet-otter"

    compare(monkeypatch, few, add_numbered(few, 3), act)


def test_the_chosen_run_is_always_in_sight_beside_the_baseline(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Twelve runs do not fit; the title counts those beyond the edges."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        for _ in range(11):
            header = row(app, "run ")
            assert "quiet-otter" in header
            assert lit(app).split()[-1] in header
            await press(pilot, "l")
        assert lit(app) == "✓ cool-otter"
        assert "‹" in screen_text(app)
        assert "›" not in screen_text(app).splitlines()[1]
        for _ in range(11):
            await press(pilot, "h")
            assert lit(app).split()[-1] in row(app, "run ")
        assert "‹" not in screen_text(app)

    compare(monkeypatch, few, add_numbered(few, 12), act)


def test_a_click_chooses_the_run_of_its_column(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """In any row."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        lines = screen_text(app).splitlines()
        await pilot.click(offset=(lines[2].index("calm-otter"), 4))
        await settle(pilot)
        assert lit(app) == "✓ calm-otter"

    compare(monkeypatch, few, add_numbered(few, 3), act)


def test_enter_opens_the_chosen_run(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """The others are its neighbours."""
    opened: list[tuple[str, list[str]]] = []

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        monkeypatch.setattr(app, "open_run", lambda one, neighbours: opened.append((one, neighbours)))
        await press(pilot, "l", "enter")

    compare(monkeypatch, few, add_numbered(few, 3), act)

    assert opened == [(uid(2), [uid(0), uid(1), uid(2)])]


def test_space_leaves_the_run_out_until_two_are_left(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """The marks follow; with one run there is nothing to compare."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "space")
        assert "brave-otter" not in screen_text(app)
        assert lit(app) == "✓ calm-otter"
        assert list(app.marks) == [uid(0), uid(2)]
        assert showing(app, CompareScreen)
        await press(pilot, "space")
        assert not showing(app, CompareScreen)
        assert app.said == ["a comparison needs two runs: it is closed"]
        assert list(app.marks) == [uid(0)]

    compare(monkeypatch, few, add_numbered(few, 3), act)


def test_leaving_the_baseline_out_measures_against_the_next(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """The first of the rest."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "h", "space")
        assert "⚑ brave-otter" in screen_text(app)
        assert lit(app) == "✓ ⚑ brave-otter"

    compare(monkeypatch, few, add_numbered(few, 3), act)


def test_p_makes_the_chosen_run_the_baseline(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """It moves to the front, distances are measured from it, and it stays the chosen one."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "l", "p")
        await settle(pilot, until=lambda: "⚑ calm-otter" in screen_text(app))
        assert row(app, "run ")[1:4] == ["✓", "⚑", "calm-otter"]
        assert lit(app) == "✓ ⚑ calm-otter"
        await press(pilot, "p")
        assert app.said[-1] == "this run is the baseline already"

    compare(monkeypatch, few, add_numbered(few, 3), act)


def test_d_shows_what_changed_from_the_baseline(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """From the baseline itself to itself nothing does."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "h", "d")
        assert app.said == ["this is the baseline: choose another run with h and l"]
        await press(pilot, "l", "d")
        assert showing(app, DiffScreen)
        assert "quiet-otter → brave-otter" in screen_text(app)
        await press(pilot, "escape")
        assert showing(app, CompareScreen)

    compare(monkeypatch, few, add_numbered(few, 2), act)


def test_m_draws_all_metrics_of_the_runs(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """In the order of the columns."""
    shown: list[list[str]] = []

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        monkeypatch.setattr(app, "show_charts", shown.append)
        await press(pilot, "m")

    compare(monkeypatch, few, add_numbered(few, 3), act)

    assert shown == [[uid(0), uid(1), uid(2)]]


# the chart


def title_of_chart(app: BareApp) -> str:
    """The line above the chart."""
    lines = screen_text(app).splitlines()
    return next(line for line in lines if "x: " in line)


def test_n_goes_through_the_metrics(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """And around; the other keys change how it is drawn, which is remembered."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert title_of_chart(app).startswith("─ auc  1 of 2 ─")
        await press(pilot, "n")
        assert title_of_chart(app).startswith("─ loss  2 of 2 ─")
        await press(pilot, "n", "N", "N", "L", "x")
        assert title_of_chart(app).startswith("─ auc  1 of 2 ─")
        assert title_of_chart(app).rstrip("─ ").endswith("x: time")
        assert "log-y" in title_of_chart(app)
        before = app.state.smoothing
        await press(pilot, "s")
        assert f"smoothed {app.state.smoothing:g}" in title_of_chart(app)
        assert (app.state.log_y, app.state.x_axis) == (True, "time")
        assert app.state.smoothing > before

    compare(monkeypatch, few, add_numbered(few, 2), act)


def test_smoothing_goes_up_and_then_off(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """One key is enough."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        seen = [app.state.smoothing]
        while seen[-1]:
            await press(pilot, "s")
            seen.append(app.state.smoothing)
        assert seen == [*sorted(seen[:-1]), 0.0]
        assert "smoothed" not in title_of_chart(app)

    compare(monkeypatch, few, add_numbered(few, 2), act)


def test_z_gives_the_rows_the_whole_screen(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Escape takes it back before it leaves."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "z")
        assert "1 of 2" not in screen_text(app)
        await press(pilot, "escape")
        assert "1 of 2" in screen_text(app)
        assert showing(app, CompareScreen)
        await press(pilot, "escape")
        assert not showing(app, CompareScreen)

    compare(monkeypatch, few, add_numbered(few, 2), act)


# what changes meanwhile


def test_values_and_marks_of_a_running_run_change(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Without a key."""
    add_one(few, 0, metrics={"auc": [0.8]})
    add_one(few, 1, metrics={"auc": [0.7]}, status=None)
    writer = few.live[uid(1)]

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert row(app, "auc")[-2:] == ["−0.1", "▼"]
        assert "● brave-otter" in screen_text(app)
        writer.metrics({"auc": 0.9}, 1)
        await settle(pilot, until=lambda: "+0.1" in screen_text(app))
        assert row(app, "auc")[-3:] == ["+0.1", "▲", "✓"]
        writer.event("end", status="finished", exit_code=0, error=None)
        await settle(pilot, until=lambda: "✓ brave-otter" in screen_text(app))

    compare(monkeypatch, few, [uid(0), uid(1)], act)


def test_a_run_that_goes_to_the_trash_is_left_out(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Which is said once; where only one is left, the comparison closes."""
    uids = add_numbered(few, 3)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        delete(few.project, [uid(1)])
        await settle(pilot, until=lambda: "Compare 2 runs" in screen_text(app))
        assert app.said == ["brave-otter is in the trash, and left out"]
        assert lit(app) == "✓ calm-otter"
        delete(few.project, [uid(2)])
        await settle(pilot, until=lambda: not showing(app, CompareScreen))
        assert app.said[1:] == ["calm-otter is in the trash, and left out", "a comparison needs two runs"]

    compare(monkeypatch, few, uids, act)


def test_runs_of_the_trash_can_be_compared_among_themselves(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Before one is taken out of it."""
    uids = add_numbered(few, 2)
    delete(few.project, uids)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "Compare 2 runs" in screen_text(app)
        assert app.said == []

    compare(monkeypatch, few, uids, act)


def test_a_run_that_is_gone_is_left_out(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Another program may have removed it for good."""
    uids = add_numbered(few, 2)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert app.said == ["run eeeeeeee is not in the store any more"]
        assert "Compare 2 runs" in screen_text(app)

    compare(monkeypatch, few, [*uids, "e" * 32], act)


def test_a_busy_store_leaves_what_was_read(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Keys that need no store go on working."""
    uids = add_numbered(few, 3)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        lock = next(Path(few.project.root).rglob("store.lock"), None)
        if lock is None:
            pytest.skip("the store's lock has another name")
        with store_lock(str(lock), 5.0):
            app.desk.refresh()
            await pilot.press("l")
            await pilot.pause()
            assert lit(app) == "✓ calm-otter"

    compare(monkeypatch, few, uids, act)


# copies


def test_the_comparison_is_copied_as_the_command_prints_it(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """JSON with the ids of the runs."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "Y")
        [text] = app.copied
        document = json.loads(text)
        assert document["runs"] == [uid(0), uid(1)]
        assert document["params"]["depth"] == ["6", "7"]
        assert "model" not in document["params"]

    compare(monkeypatch, few, add_numbered(few, 2), act)


@pytest.mark.parametrize("format", ["json", "csv", "md"])
def test_the_comparison_is_written_to_a_file(
    monkeypatch: pytest.MonkeyPatch, few: Runs, tmp_path: Path, format: str
) -> None:
    """In the format of the path."""
    path = tmp_path / f"out.{format}"

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "e")
        await paste(pilot, str(path))
        await press(pilot, "enter")
        await settle(pilot, until=path.exists)
        assert any("wrote the comparison of 2 runs" in said for said in app.said)

    compare(monkeypatch, few, add_numbered(few, 2), act)

    text = path.read_text()
    if format == "json":
        assert json.loads(text)["runs"] == [uid(0), uid(1)]
    elif format == "csv":
        lines = text.splitlines()
        assert lines[:2] == ["name,quiet-otter,brave-otter", f"run_id,{uid(0)},{uid(1)}"]
        assert "params.depth,6,7" in lines
    else:
        assert "| params.depth" in text


def test_the_commands_name_the_runs(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """What the help and the footer show can be pasted into a shell."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        twins = {action.name: screen.twin(action) for action in actions_of("compare")}
        assert twins["diff"] == "workbench runs diff 11111111 22222222"
        assert twins["pin"] == "workbench runs pin 22222222"
        assert screen.view_twin() == "workbench runs compare 11111111 22222222"
        await press(pilot, "a")
        assert screen.view_twin().endswith(" --all")

    compare(monkeypatch, few, add_numbered(few, 2), act)


def test_read_only_can_compare_but_not_pin(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """The key is not offered."""
    uids = add_numbered(few, 2)
    with open_desk(few.project) as desk:
        desk.read_only = True

        async def body() -> None:
            app = BareApp(desk, lambda: CompareScreen(tuple(uids)))
            async with app.run_test(size=(80, 24)) as pilot:
                await settle(pilot)
                assert "p baseline" not in screen_text(app)
                assert "Compare 2 runs" in screen_text(app)

        asyncio.run(body())
