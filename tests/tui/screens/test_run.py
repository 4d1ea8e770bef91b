"""One run on the whole screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import BareApp, drive, press, settle
from tests.tui.golden import check_screen
from tests.tui.runs_to_show import CRANE, EMPTY, LIVE, LYNX, ODD, OTTER, Runs
from tests.tui.screen_text import screen_text
from workbench.store.edits import set_pinned
from workbench.tui.actions import actions_of
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.screens.run import RunScreen
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.pane import Pane
from workbench.tui.widgets.run_detail import RunDetail

SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
STATES = {"finished": OTTER, "running": LIVE, "failed": CRANE, "empty": EMPTY, "odd": ODD}


def show(
    monkeypatch: pytest.MonkeyPatch,
    runs: Runs,
    uid: str,
    act: Any,
    size: tuple[int, int] = (80, 24),
    neighbours: tuple[str, ...] = (),
) -> None:
    """Do something with the screen of a run."""
    drive(monkeypatch, runs.project, lambda: RunScreen(uid, neighbours=neighbours), act, size)


def run_screen(app: BareApp) -> RunScreen:
    """The screen."""
    assert isinstance(app.screen, RunScreen)
    return app.screen


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("size", SIZES)
def test_a_run_of_every_state_fills_the_screen(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, state: str, size: str
) -> None:
    """Pinned as text; params are shown against the pinned run."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"run_{state}_{size}.txt", app)

    show(monkeypatch, runs, STATES[state], act, SIZES[size])


def test_every_action_of_a_run_has_its_method(runs: Runs) -> None:
    """What the registry promises."""
    for action in actions_of("run"):
        assert hasattr(RunScreen, f"action_{action.name}"), action.id


def test_keys_go_to_the_metrics_at_first(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """And escape closes the screen only when no pane is zoomed."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = run_screen(app)
        assert app.focused is screen.query_one("#pane-metrics", Pane).view
        await press(pilot, "z")
        assert screen.detail.zoomed
        assert [screen.step_back(), screen.step_back()] == [True, False]

    show(monkeypatch, runs, OTTER, act)


def test_the_neighbours_of_the_table_are_a_key_away(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """In both directions, not round the corner; the focus stays with the panes."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "J")
        assert "bold-crane" in screen_text(app)
        assert app.focused is not None
        await press(pilot, "J")
        assert app.said == ["no run follows"]
        await press(pilot, "K", "K", "K")
        assert "quiet-lynx" in screen_text(app)
        assert app.said == ["no run follows", "no run comes before"]
        assert run_screen(app).view_twin() == f"workbench runs show {LYNX[:8]}"

    show(monkeypatch, runs, OTTER, act, neighbours=(LYNX, OTTER, CRANE))


def test_charts_comparison_note_and_output_are_a_key_away(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Each of the run that is shown now."""
    called: list[tuple[str, Any]] = []
    monkeypatch.setattr(BareApp, "show_charts", lambda app, uids: called.append(("charts", list(uids))))
    monkeypatch.setattr(BareApp, "compare", lambda app, uids: called.append(("compare", list(uids))))
    for name in ("edit_note", "read_output"):
        monkeypatch.setattr(f"workbench.tui.outside.{name}", lambda screen, uid, name=name: called.append((name, uid)))

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "m", "c", "E", "L")
        assert called == [
            ("charts", [OTTER]),
            ("compare", [LYNX, OTTER]),
            ("edit_note", OTTER),
            ("read_output", OTTER),
        ]

    show(monkeypatch, runs, OTTER, act)


def test_without_another_baseline_there_is_no_comparison(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """It says why, and the footer does not offer it; a new baseline is known at once."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "c")
        assert app.said == ["this run is the baseline itself"]
        assert "c compare" not in screen_text(app)
        set_pinned(runs.project, LYNX, False)
        await settle(pilot, until=lambda: run_screen(app).baseline is None)
        await press(pilot, "c")
        assert app.said[-1] == "no baseline: pin one with p in the table"
        set_pinned(runs.project, OTTER)
        await settle(pilot, until=lambda: run_screen(app).baseline == OTTER)
        assert "2 differ from ⚑ brave-otter" in screen_text(app)

    show(monkeypatch, runs, LYNX, act, (140, 45))


def test_an_artifact_is_saved_under_the_name_that_is_typed(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, tmp_path: Path
) -> None:
    """In the working directory; what is there is not overwritten."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "o")
        assert app.said == ["no artifact under the cursor: go to the pane of artifacts with tab"]
        app.screen.query_one("#pane-artifacts", Pane).view.focus()
        await settle(pilot)
        await press(pilot, "j", "o")
        assert isinstance(app.screen, Prompt)
        assert app.screen.query_one(LineInput).value == "MLmodel"
        await press(pilot, "enter")
        await settle(pilot, until=lambda: len(app.said) == 2)
        assert app.said[1] == f"saved {tmp_path / 'MLmodel'}"
        assert (tmp_path / "MLmodel").read_bytes() == b'{"auc": 0.93}\n'
        await press(pilot, "o", "enter")
        await settle(pilot, until=lambda: len(app.said) == 3)
        assert app.said[2] == "MLmodel is there already\nsave it under another name"

    show(monkeypatch, runs, OTTER, act)


def test_a_run_is_copied_as_the_command_line_prints_it(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """One JSON document."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.press("Y")
        await settle(pilot, until=lambda: bool(app.copied))
        document = json.loads(app.copied[0])
        assert (document["run_id"], document["params"]["lr"]) == (OTTER, 0.05)
        assert app.copied[0].startswith('{\n  "run_id"')

    show(monkeypatch, runs, OTTER, act)


def test_a_covered_screen_asks_nothing_and_goes_on_afterwards(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """While the charts or a dialog lie over it."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = run_screen(app)
        screen.query_one("#pane-artifacts", Pane).view.focus()
        await settle(pilot)
        await press(pilot, "o")
        runs.live[LIVE].metrics({"loss": 0.05}, 41)
        app.desk.refresh()
        await settle(pilot)
        answer = screen.detail.answer
        assert answer is not None and answer.metrics.lasts[1] != "0.05"
        await press(pilot, "escape")
        await settle(pilot, until=lambda: "0.05" in screen_text(app))

    show(monkeypatch, runs, LIVE, act, (140, 45))


def test_a_terminal_may_take_any_size(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Nothing raises, and the whole comes back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        before = screen_text(app)
        for size in ((20, 5), (200, 60), (60, 15), (101, 15), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        assert screen_text(app) == before
        assert app.screen.query_one(RunDetail).size == (80, 22)

    show(monkeypatch, runs, OTTER, act)
