"""One version of a model on the whole screen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import BareApp, drive, press, settle
from tests.tui.golden import check_screen
from tests.tui.models_to_show import ME, Models
from tests.tui.runs_to_show import LYNX
from tests.tui.screen_text import screen_text
from workbench.registry import aliases, approvals, versions
from workbench.tui.screens.run import RunScreen
from workbench.tui.screens.version import VersionScreen
from workbench.tui.widgets.pane import Pane

SIZES = [(80, 24), (120, 35), (60, 15)]


def show(
    monkeypatch: pytest.MonkeyPatch, models: Models, act: Any, size: tuple[int, int] = (80, 24), number: int = 2
) -> None:
    """Do something with the screen of a version of `fraud`."""
    drive(monkeypatch, models.project, lambda: VersionScreen("fraud", number), act, size)


def on_screen(app: BareApp) -> VersionScreen:
    """The screen."""
    assert isinstance(app.screen, VersionScreen)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_version_of_every_kind_fills_the_screen(
    monkeypatch: pytest.MonkeyPatch, models: Models, size: tuple[int, int], number: int
) -> None:
    """Approved, rejected, pending."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"version_{number}_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, models, act, size, number)


@pytest.mark.parametrize("key", ["card", "lineage", "audit"])
def test_a_pane_alone_shows_all_of_it(monkeypatch: pytest.MonkeyPatch, models: Models, key: str) -> None:
    """The card, the tree, the log."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        on_screen(app).detail.focus_pane(key)
        await settle(pilot)
        await press(pilot, "z")
        check_screen(f"version_{key}_80x24.txt", app)
        await press(pilot, "escape")
        assert not on_screen(app).detail.zoomed

    show(monkeypatch, models, act)


def test_keys_go_to_the_approval_at_first(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """What a person comes for."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert app.focused is on_screen(app).query_one("#pane-review", Pane).view

    show(monkeypatch, models, act)


def test_other_versions_are_a_key_away(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """In both directions, not round the corner."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "J")
        assert "fraud/1  approved" in screen_text(app)
        await press(pilot, "J")
        assert app.said == ["there is no older version"]
        await press(pilot, "K", "K", "K", "K")
        assert "fraud/4  pending" in screen_text(app)
        assert app.said[1:] == ["there is no newer version"]
        assert on_screen(app).view_twin() == "workbench models show fraud/4"

    show(monkeypatch, models, act)


def test_what_others_decide_is_seen_and_the_reader_stays_where_they_are(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """Approvals and aliases of other processes."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "left_square_bracket")
        here = app.focused
        models.do(approvals.approve, "fraud", 4, "fast enough", who="cy")
        models.do(aliases.point, "fraud", "canary", 4)
        await settle(pilot, until=lambda: "fraud/4  approved  canary  challenger" in screen_text(app))
        assert 'approved by cy, now: "fast enough"' in screen_text(app)
        assert app.focused is here

    show(monkeypatch, models, act, number=4)


def test_a_version_that_is_deleted_elsewhere_says_so(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """And takes no key that would need it."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        models.do(versions.delete, "fraud", 3)
        await settle(pilot, until=lambda: "fraud has no version 3" in screen_text(app))
        await press(pilot, "a")
        assert app.said == ["there is no version here"]

    show(monkeypatch, models, act, number=3)


def test_a_version_is_copied_as_the_command_line_prints_it(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """One JSON document."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.press("Y")
        await settle(pilot, until=lambda: bool(app.copied))
        document = json.loads(app.copied[0])
        assert (document["name"], document["version"], document["author"]) == ("fraud", 2, ME)

    show(monkeypatch, models, act)


def test_its_run_is_a_key_away(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """With all of its panes."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "o")
        assert isinstance(app.screen, RunScreen) and app.screen.uid == LYNX

    show(monkeypatch, models, act)


def test_a_version_without_a_run_says_so(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """MLflow code registers such ones."""
    models.do(versions.register, "fraud", source="file:///somewhere")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "o")
        assert app.said == ["fraud/5 was registered without a run"]
        assert "run.show" not in [action.id for action in on_screen(app).actions()]

    show(monkeypatch, models, act, number=5)


def test_a_terminal_may_take_any_size(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Sentences are broken anew, nothing raises, and the whole comes back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        before = screen_text(app)
        for size in ((20, 5), (200, 60), (60, 15), (101, 15), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        assert screen_text(app) == before

    show(monkeypatch, models, act)
