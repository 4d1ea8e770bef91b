"""The drift screen: what it shows in every state, what is decided there, windows that are looked at beside the app."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.tui.bare_app import BareApp, paste, press, settle
from tests.tui.drift_to_show import DAY_S, Watch, build, see
from tests.tui.golden import check_screen
from tests.tui.list_screens import BUSY, find, show_tab, show_unread
from tests.tui.screen_text import screen_text
from tests.tui.showcase import Template, copy_template, make_template
from workbench.base.project import Project, create_project
from workbench.drift.history import save_check
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.screens.drift import DriftScreen

SIZES = [(80, 24), (140, 40), (60, 15)]
show = partial(show_tab, "6")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A project with monitors."""
    return make_template(tmp_path_factory.mktemp("drift"), build)


@pytest.fixture
def watch(template: Template, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """The project `fraud` with monitors in every state; the person at the app is `ana`."""
    monkeypatch.setattr("workbench.tracking.capture.process.user_name", lambda: "ana")
    made = Watch(copy_template(template, tmp_path, clock), clock)
    made.run("broken")
    yield made
    made.close()


def on_screen(app: BareApp) -> DriftScreen:
    """The screen."""
    assert isinstance(app.screen, DriftScreen)
    return app.screen


# what is seen


@pytest.mark.parametrize("size", SIZES)
def test_monitors_and_checks_with_the_columns_of_one(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, size: tuple[int, int]
) -> None:
    """Those with an alert first, its columns ranked; where there is room, the windows and the performance."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"drift_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, watch.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_that_is_watched_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, project: Project, clock: FakeClock, size: tuple[int, int]
) -> None:
    """With the commands."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"drift_none_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "enter", "w", "a", "m", "J")
        assert app.said == ["there is no monitor here"] * 2 + ["there is no older window"]

    show(monkeypatch, project, act, size)


@pytest.mark.parametrize(
    ("keys", "name"),
    [("tab enter", "drift_numbers"), ("tab j j enter", "drift_values"), ("w", "drift_windows"), ("i", "drift_about")],
)
def test_panes_take_the_whole_screen_of_a_small_terminal(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, keys: str, name: str
) -> None:
    """Both distributions over each other, the windows, how it is watched; esc gives the tables back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, *keys.split())
        check_screen(f"{name}_80x24.txt", app)
        before = on_screen(app).lower if keys.startswith("tab") else on_screen(app).upper
        await press(pilot, "escape")
        assert app.focused is before
        assert "watched" in screen_text(app)

    show(monkeypatch, watch.project, act)


def test_performance_is_drawn_over_windows_realised_and_estimated(
    monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    """With the band of the estimate, the labels, what estimates rest on; n goes through the metrics."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "p")
        shown = screen_text(app)
        assert "A ── realised" in shown and "B ┄┄ estimated" in shown
        assert "0 % of the newest" in shown
        assert "▸ accuracy" in shown
        await press(pilot, "n")
        assert "▸ precision" in screen_text(app)
        await press(pilot, "N", "N")
        assert "▸ accuracy" not in screen_text(app) and "▸ precision" not in screen_text(app)

    show(monkeypatch, watch.project, act)


def test_a_metric_whose_labels_are_late_is_only_estimated(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """The newest windows have no labels."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        view = on_screen(app).view
        assert view is not None
        accuracy = view.metrics["accuracy"]
        assert [value is None for value in accuracy.realised] == [False, False, True]
        assert None not in accuracy.estimated
        assert view.coverage == (1.0, 1.0, 0.0)

    show(monkeypatch, watch.project, act)


def test_windows_are_gone_through(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Older and newer; the columns are those of the window."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "✗ drift: 1 of 3 columns" in screen_text(app)
        await press(pilot, "K")
        assert app.said == ["there is no newer window"]
        await press(pilot, "J")
        assert "✓ ok: 0 of 3 columns" in screen_text(app)
        assert "labels 100 %" in screen_text(app)
        await press(pilot, "J", "J")
        assert app.said[1:] == ["there is no older window"]
        await press(pilot, "K", "K")
        assert "✗ drift: 1 of 3 columns" in screen_text(app)

    show(monkeypatch, watch.project, act)


def test_stored_checks_are_shown_as_monitors_are(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Each check of a name is a window, or each window of a check."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, "weekly")
        screen = on_screen(app)
        assert screen.view is not None and len(screen.view.windows) == 2
        assert screen.view_twin() == "workbench drift show weekly"
        assert "✗ drift: 3 of" in screen_text(app)
        await press(pilot, "J")
        assert "✓ ok: 0 of" in screen_text(app)
        await press(pilot, "a", "m")
        assert app.said == ["this is a stored check: workbench monitor add NAME makes a monitor"] * 2
        await find(pilot, "by day")
        assert screen.view.names == ("2026-09-20", "2026-09-19", "2026-09-18", "2026-09-17")
        await press(pilot, "w")
        check_screen("drift_check_windows_80x24.txt", app)

    show(monkeypatch, watch.project, act)


def test_a_monitor_that_failed_says_why(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Files of the project are named from its root on."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, "broken")
        assert "no window was looked at yet" in screen_text(app)
        await press(pilot, "enter")
        assert "the last run came to nothing: there is no file gone.csv" in screen_text(app)

    show(monkeypatch, watch.project, act)


def test_a_muted_monitor_says_by_whom_and_why(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """And until when."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, "ages")
        await press(pilot, "i")
        assert "muted by ana until it is unmuted: the source moves" in screen_text(app)

    show(monkeypatch, watch.project, act)


def test_a_store_that_cannot_be_read_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: FakeClock
) -> None:
    """In the middle of the screen."""
    project = create_project(str(tmp_path / "fraud"))

    def check(app: BareApp) -> None:
        assert BUSY.message in screen_text(app)

    show_unread(monkeypatch, project, BareApp.action_show_drift, BUSY, check)


def test_a_check_of_two_hundred_columns_is_gone_through(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """The last column is a key away, and its distributions are shown."""
    document = _wide(200)
    save_check(watch.project, document, name="wide")
    watch.clock.advance(60)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, "wide")
        await press(pilot, "enter", "G")
        assert on_screen(app).lower.total == 200
        await press(pilot, "enter")
        assert "c199, numeric" in screen_text(app)

    show(monkeypatch, watch.project, act)


# what is decided


def test_an_alert_is_acknowledged_with_what_is_done_about_it(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """It stays visible; it is no longer the first."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "a")
        assert isinstance(app.screen, Prompt)
        check_screen("drift_acknowledge_80x24.txt", app)
        await paste(pilot, "prices went up")
        await press(pilot, "enter")
        assert app.said == ["the alert of fraud-live is acknowledged; it stays until it is cleared"]
        assert "seen" in screen_text(app)
        await press(pilot, "i")
        assert "seen by ana" in screen_text(app) and "prices went up" in screen_text(app)

    show(monkeypatch, watch.project, act)


def test_where_no_alert_stands_none_is_acknowledged(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """It says so."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, "ages")
        await press(pilot, "a")
        assert app.said == ["ages has no alert"]

    show(monkeypatch, watch.project, act)


def test_a_monitor_is_muted_for_a_while_and_speaks_again(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """What is no length of time is not taken; a reason is required; u takes it back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "m")
        await paste(pilot, "soon")
        await press(pilot, "enter")
        assert "✗ 'soon' is no length of time" in screen_text(app)
        await paste(pilot, "2d")
        await press(pilot, "enter", "enter")
        assert "✗ a reason is required" in screen_text(app)
        await paste(pilot, "we know")
        await press(pilot, "enter")
        assert app.said == ["fraud-live is muted"]
        mute = watch.find("fraud-live").mute
        assert mute is not None and mute.until_us == watch.clock.now_us + 2 * DAY_S * 1_000_000
        assert (mute.who, mute.reason) == ("ana", "we know")
        assert "! 1 window, muted" in screen_text(app)
        await press(pilot, "u")
        assert watch.find("fraud-live").mute is None
        await find(pilot, "ages")
        await press(pilot, "m")
        assert app.said[1:] == ["fraud-live is no longer muted", "ages is no longer muted"]

    show(monkeypatch, watch.project, act)


def test_windows_that_are_due_are_looked_at_beside_the_app(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """What came of them is seen at once; what fails is told beside it."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "due" in screen_text(app)
        await press(pilot, "R")
        await settle(pilot, until=lambda: bool(app.said))
        assert app.said == ["2 windows looked at, drift in 1\nbroken: there is no file gone.csv"]
        view = on_screen(app).view
        assert view is not None and view.names[0] == "2026-09-20"
        assert "crypto" not in screen_text(app)
        await press(pilot, "tab", "j", "enter")
        await press(pilot, "escape", "escape", "R")
        await settle(pilot, until=lambda: len(app.said) > 1)
        assert "broken: there is no file gone.csv" in app.said[1]

    show(monkeypatch, watch.project, act)


def test_a_read_only_app_decides_nothing(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Neither by its footer nor by a key; looking goes on."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        app.desk.read_only = True
        await press(pilot, "j", "k")
        assert not [action for action in on_screen(app).actions() if action.writes]
        await press(pilot, "a", "m")
        assert isinstance(app.screen, DriftScreen)
        await press(pilot, "w")
        assert on_screen(app).detail.zoomed

    show(monkeypatch, watch.project, act)


def test_what_another_process_decides_is_seen(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """An alert that is acknowledged on the command line."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        see(watch, "fraud-live")
        await settle(pilot, until=lambda: "seen" in screen_text(app))

    show(monkeypatch, watch.project, act)


def _wide(count: int) -> dict[str, Any]:
    """The document of a check of many columns, none of which drifts."""
    numbers = [0.1] * 10
    column = {
        "kind": "numeric", "verdict": "ok", "drifted": False, "reason": "", "test": "wasserstein", "score": 0.01,
        "threshold": 0.1, "floor": 0.05, "over_floor": 0.2, "p_value": 0.5, "p_adjusted": 1.0, "part": None,
        "missing": {"reference": 0.0, "current": 0.0}, "measures": {}, "parts": {}, "findings": [], "notes": [],
        "reference": {"rows": 100}, "current": {"rows": 100},
        "distribution": {"edges": list(range(11)), "values": None, "others": 0, "reference": numbers,
                         "current": numbers},
    }  # fmt: skip
    side = {"name": "a.csv", "rows": 100}
    return {
        "dataset_drift": False, "drifted_columns": [], "rows": {"reference": 100, "current": 100},
        "counts": {"drift": 0, "warn": 0, "ok": count, "insufficient": 0, "not tested": 0},
        "reference": side, "current": side,
        "columns": [{**column, "column": f"c{number:03d}"} for number in range(count)],
    }  # fmt: skip
