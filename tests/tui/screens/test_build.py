"""Building an image: its plan, its log, its end, and giving it up at any point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui.bare_app import Act, BareApp, drive, paste, press, settle
from tests.tui.golden import check_screen
from tests.tui.images_to_show import FakeDocker, Shop
from tests.tui.screen_text import screen_text
from tests.tui.screens.test_image_edits import until
from workbench.base.errors import BaseImageError, BuildFailedError, RefusedError
from workbench.packaging.building import Progress
from workbench.packaging.source import Source
from workbench.tui.dialogs.confirm import Confirm
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.screens.build import BuildScreen
from workbench.tui.screens.image import ImageScreen
from workbench.tui.screens.images import ImagesScreen
from workbench.tui.screens.version import VersionScreen

SIZES = [(80, 24), (120, 35), (60, 15)]
LINES = [
    Progress("Step 1/7 : FROM python:3.11-slim", 1, 7),
    Progress(" ---> 4be1a9", 1, 7),
    Progress("Step 2/7 : ADD site.tar /", 2, 7),
    Progress(" ---> 77c0de", 2, 7),
    Progress("Step 3/7 : ADD serve.tar /", 3, 7),
]


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions have files, which those of the tests have not."""

    def find(db: Any, project: Any, reference: str) -> Source:
        name, _, number = reference.partition("/")
        return Source(name, int(number), f"v-{number}", "ab" * 16, "model", {}, "sha256:0", {})

    monkeypatch.setattr("workbench.tui.questions.images.find_source", find)


def build(
    monkeypatch: pytest.MonkeyPatch,
    shop: Shop,
    act: Act,
    size: tuple[int, int] = (80, 24),
    first: Callable[[], Screen[Any]] = lambda: VersionScreen("fraud", 2),
) -> None:
    """Press `b` on a version, and do what the test does with the plan."""

    async def planned(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "b")
        await act(app, pilot)

    drive(monkeypatch, shop.models.project, first, planned, size)


def phase(app: BareApp) -> str:
    """How far the build is."""
    assert app.building is not None
    return app.building.phase


def builds(docker: FakeDocker) -> int:
    """How many images were built rather than planned."""
    return sum(call[0] == "build" for call in docker.calls)


@pytest.mark.parametrize("size", SIZES)
def test_the_plan_is_shown_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, size: tuple[int, int]
) -> None:
    """Base, layers and packages with their sizes, what is left out, what is to be known."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"build_planned_{size[0]}x{size[1]}.txt", app)
        assert shop.docker.calls == [("plan", "fraud/2", "python:3.11-slim", False, False)]
        await press(pilot, "escape")
        assert isinstance(app.screen, VersionScreen)
        await settle(pilot, until=lambda: phase(app) == "given up")
        assert builds(shop.docker) == 0

    build(monkeypatch, shop, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_build_shows_its_stages_its_steps_and_its_log(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, size: tuple[int, int]
) -> None:
    """Live; at the end what the smoke test found, and the image is a key away."""
    shop.docker.gate.clear()
    shop.docker.lines = LINES

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: builds(shop.docker) == 1 and "Step 3/7" in screen_text(app))
        check_screen(f"build_building_{size[0]}x{size[1]}.txt", app)
        shop.docker.gate.set()
        await settle(pilot)
        assert app.said == ["fraud:2 is built"]
        check_screen(f"build_done_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "o")
        assert isinstance(app.screen, ImageScreen)

    build(monkeypatch, shop, act, size)


def test_what_was_built_is_run_at_once(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """With the key that runs images everywhere."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "R")
        assert app.said == ["there is no image yet"]
        await press(pilot, "enter", "R")
        assert "Run fraud:2 as" in screen_text(app)

    build(monkeypatch, shop, act)


@pytest.mark.parametrize("size", SIZES)
def test_a_build_that_fails_shows_the_last_lines_and_the_cause(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, size: tuple[int, int]
) -> None:
    """And can be planned again, when the cause is gone."""
    shop.docker.lines = LINES
    shop.docker.failing = BuildFailedError(
        "step 3 of 7 failed: exit code 1",
        ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'sklearn'"],
        "there is no network within the build",
    )

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter")
        assert phase(app) == "failed"
        check_screen(f"build_failed_{size[0]}x{size[1]}.txt", app)
        shop.docker.failing = None
        await press(pilot, "enter")
        assert phase(app) == "planned"

    build(monkeypatch, shop, act, size)


def test_last_lines_that_the_log_shows_already_are_not_shown_twice(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The builder's own."""
    shop.docker.lines = LINES
    shop.docker.failing = BuildFailedError("step 3 of 7 failed: no", [line.text for line in LINES])

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter")
        assert screen_text(app).count("Step 3/7 : ADD") == 1
        assert "✗ step 3 of 7 failed: no" in screen_text(app)

    build(monkeypatch, shop, act)


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_a_build_is_given_up_and_no_image_is_named(monkeypatch: pytest.MonkeyPatch, shop: Shop, key: str) -> None:
    """It says so, and esc then leaves the screen."""
    shop.docker.gate.clear()

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: builds(shop.docker) == 1)
        await pilot.press(key)
        await settle(pilot)
        assert phase(app) == "given up"
        assert app.said == ["giving it up …"]
        check_screen("build_given_up_80x24.txt", app)
        await press(pilot, "escape")
        assert isinstance(app.screen, VersionScreen)

    build(monkeypatch, shop, act)


def test_a_build_goes_on_while_the_person_is_elsewhere(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The images show how far it is, a key leads back, and no second one is begun."""
    shop.docker.gate.clear()

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: builds(shop.docker) == 1)
        await pilot.press("4")
        await until(pilot, lambda: "fraud:2 of fraud/2  ● building" in screen_text(app))
        assert isinstance(app.screen, ImagesScreen)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BuildScreen))
        assert app.said == ["another image is being built"]
        await pilot.press("i")
        await until(pilot, lambda: app.said[-1] == "it is being built")
        await pilot.press("4", "v")
        await until(pilot, lambda: isinstance(app.screen, BuildScreen))
        shop.docker.gate.set()
        await settle(pilot)
        assert phase(app) == "done" and builds(shop.docker) == 1

    build(monkeypatch, shop, act)


def test_who_leaves_the_app_during_a_build_is_asked(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """And the build is given up before the app ends."""
    shop.docker.gate.clear()
    seen: list[Any] = []

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: builds(shop.docker) == 1)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "is given up, and no image is named" in screen_text(app)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, BuildScreen))
        assert app.building is not None
        seen.append(app.building.errand)

    build(monkeypatch, shop, act)
    assert seen[0].cancelled.is_set()


def test_another_base_image_is_planned_anew(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Those that were used before are proposed; the command follows."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "i")
        assert isinstance(app.screen, Prompt)
        await paste(pilot, "local/python:3.11")
        await press(pilot, "enter")
        assert shop.docker.calls[-1] == ("plan", "fraud/2", "local/python:3.11", False, False)
        assert isinstance(app.screen, BuildScreen) and phase(app) == "planned"
        assert app.screen.view_twin() == "workbench package build fraud/2 --base-image local/python:3.11"

    build(monkeypatch, shop, act)


def test_unused_packages_and_pickles_are_a_key_each(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """On and off again; what was chosen stands below the plan, and in the command."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "d", "a")
        assert shop.docker.calls[-1] == ("plan", "fraud/2", "python:3.11-slim", True, True)
        screen = app.screen
        assert isinstance(screen, BuildScreen)
        assert screen.view_twin().endswith("--drop-unused --allow-pickle")
        await press(pilot, "d", "a")
        assert shop.docker.calls[-1] == ("plan", "fraud/2", "python:3.11-slim", False, False)

    build(monkeypatch, shop, act)


@pytest.mark.parametrize(
    "error",
    [
        BaseImageError("the base image python:3.11-slim is not here", "--base-image NAME"),
        RefusedError("fraud/2 is not packaged: it is a pickle, which can run any code", "--allow-pickle"),
    ],
)
def test_a_plan_that_cannot_be_made_says_why(monkeypatch: pytest.MonkeyPatch, shop: Shop, error: Any) -> None:
    """With the hint; keys change what was asked for."""
    shop.docker.failing = error

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert phase(app) == "failed"
        assert f"✗ {error.message}" in screen_text(app) and error.hint in screen_text(app)
        shop.docker.failing = None
        await press(pilot, "a")
        assert phase(app) == "planned"

    build(monkeypatch, shop, act, (100, 24))


def test_what_was_said_is_copied_and_the_log_gets_all_the_room(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Stages, log and end."""
    shop.docker.lines = LINES

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter", "Y")
        assert "Step 1/7 : FROM python:3.11-slim" in app.copied[0] and "✓ predictions" in app.copied[0]
        await press(pilot, "z")
        assert screen_text(app).splitlines()[1].startswith("─ log ─")
        await press(pilot, "escape")
        assert isinstance(app.screen, BuildScreen)
        assert "✓ done" in screen_text(app).splitlines()[1]

    build(monkeypatch, shop, act)
