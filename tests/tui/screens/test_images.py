"""The images screen: what it shows in every state, and where its keys lead."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import BareApp, paste, press, settle
from tests.tui.golden import check_screen
from tests.tui.images_to_show import FakeDocker, Shop, row
from tests.tui.list_screens import BUSY, LOST, show_tab, show_unread
from tests.tui.models_to_show import Models
from tests.tui.screen_text import screen_text
from workbench.base.errors import DockerError, WorkbenchError
from workbench.base.project import create_project
from workbench.tui.dialogs.choose import Choose
from workbench.tui.dock import Seen
from workbench.tui.screens.image import ImageScreen
from workbench.tui.screens.images import ImagesScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.screens.version import VersionScreen

SIZES = [(80, 24), (120, 35), (60, 15)]
show = partial(show_tab, "4")
NO_ENGINE = DockerError(
    "no Docker engine answers at the local socket", "start Docker, or point DOCKER_HOST at an engine"
)


def on_screen(app: BareApp) -> ImagesScreen:
    """The screen."""
    assert isinstance(app.screen, ImagesScreen)
    return app.screen


# what is seen


@pytest.mark.parametrize("size", SIZES)
def test_images_and_what_runs(monkeypatch: pytest.MonkeyPatch, shop: Shop, size: tuple[int, int]) -> None:
    """Which passed their test, which run and how much they are asked, which Docker has no more."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"images_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, shop.models.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_project_without_images_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, models: Models, docker: FakeDocker, size: tuple[int, int]
) -> None:
    """With the command, and the key on a version."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"images_none_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "R", "x")
        assert app.said == ["there is no image here", "nothing runs"]

    show(monkeypatch, models.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_without_an_engine_images_are_shown_and_it_says_why_nothing_else_is(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, size: tuple[int, int]
) -> None:
    """What is recorded needs no Docker; as soon as it answers, what runs is there."""
    shop.docker.error = NO_ENGINE

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"images_no_engine_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "x")
        assert app.said == [NO_ENGINE.message]
        shop.docker.error = None
        await press(pilot, "r")
        assert "1,204" in screen_text(app)

    show(monkeypatch, shop.models.project, act, size)


def test_where_nothing_runs_it_says_how_to_run_something(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """With the key."""
    shop.docker.rows.clear()

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "nothing runs" in screen_text(app)
        assert "R runs the image under the cursor" in screen_text(app)
        shop.docker.rows.append(row(shop.images[0], "starting", clock=shop.models.clock))
        await press(pilot, "r")
        assert "● starting" in screen_text(app)

    show(monkeypatch, shop.models.project, act)


def test_what_runs_is_looked_at_again_and_again_only_while_it_is_seen(
    monkeypatch: pytest.MonkeyPatch, shop: Shop
) -> None:
    """Every two seconds for people, faster here."""
    looks: list[int] = []

    def look(*_: Any) -> Seen:
        looks.append(1)
        return Seen()

    monkeypatch.setattr("workbench.tui.dock._look", look)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        app.dock._interval_s = 0.02
        await press(pilot, "r")
        before = len(looks)
        await settle(pilot, until=lambda: len(looks) > before + 2)
        await press(pilot, "1")
        await pilot.pause(0.1)
        before = len(looks)
        await pilot.pause(0.2)
        assert len(looks) == before

    show(monkeypatch, shop.models.project, act)


@pytest.mark.parametrize(("state", "error"), [("busy", BUSY), ("lost", LOST)])
def test_a_store_that_cannot_be_read_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, docker: FakeDocker, clock: Any, state: str, error: WorkbenchError
) -> None:
    """In the middle of the screen, and in the header."""
    project = create_project(str(tmp_path / "fraud"))

    def check(app: BareApp) -> None:
        check_screen(f"images_{state}_80x24.txt", app)

    show_unread(monkeypatch, project, BareApp.action_show_images, error, check)


def test_a_read_only_app_offers_nothing_that_writes(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Neither by its footer nor by a key; reading goes on."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        app.desk.read_only = True
        await press(pilot, "j")
        assert not [action for action in on_screen(app).actions() if action.writes]
        await press(pilot, "R", "b", "t", "x", "B")
        assert isinstance(app.screen, ImagesScreen)
        assert not shop.docker.calls
        await press(pilot, "L")
        assert shop.docker.calls == [("logs", "fraud")]

    show(monkeypatch, shop.models.project, act)


# moving about


def test_enter_opens_the_image_and_tab_goes_to_what_runs(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """What runs leads to its image."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        assert screen.view_twin() == "workbench package inspect fraud:3"
        await press(pilot, "enter")
        assert isinstance(app.screen, ImageScreen)
        assert "fraud:3  of fraud/3" in screen_text(app)
        await press(pilot, "escape", "tab")
        assert app.focused is screen.lower
        assert screen.view_twin() == "workbench package ps"
        await press(pilot, "enter")
        assert "fraud:2  of fraud/2" in screen_text(app)
        await press(pilot, "escape", "escape")
        assert app.focused is screen.upper
        await press(pilot, "escape")
        assert isinstance(app.screen, RunsScreen)

    show(monkeypatch, shop.models.project, act)


def test_an_image_is_found_by_a_part_of_its_name(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Or of what it was built of."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "slash")
        assert isinstance(app.screen, Choose)
        await paste(pilot, "old")
        await press(pilot, "enter")
        assert on_screen(app).upper.cursor_key == "a" * 32

    show(monkeypatch, shop.models.project, act)


def test_the_version_that_it_was_built_of_is_a_key_away(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The one under the cursor."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "j", "o")
        assert isinstance(app.screen, VersionScreen)
        assert "fraud/2" in screen_text(app)

    show(monkeypatch, shop.models.project, act)


def test_an_image_whose_name_went_to_a_later_one_is_named_by_its_id(
    monkeypatch: pytest.MonkeyPatch, shop: Shop
) -> None:
    """The command beside it means the same image."""
    older = replace(shop.images[0], id="9" * 32, image_id=f"sha256:{'9' * 64}", created_at_ms=1)
    shop.record(older)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert on_screen(app).view_twin() == "workbench package inspect fraud:3"
        await press(pilot, "G")
        assert on_screen(app).view_twin() == "workbench package inspect 999999999999"

    show(monkeypatch, shop.models.project, act)


def test_without_a_build_there_is_none_to_go_to(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """It says how to begin one."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "v")
        assert app.said[0].startswith("nothing was built since the app was opened")

    show(monkeypatch, shop.models.project, act)
