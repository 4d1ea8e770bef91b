"""What the keys do to images and to what runs, and one image on the whole screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import Act, BareApp, drive, paste, press, settle
from tests.tui.golden import check_screen
from tests.tui.images_to_show import Shop, row
from tests.tui.screen_text import screen_text
from workbench.base.errors import DockerError, StartFailedError
from workbench.packaging.images import forget_image
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.dialogs.viewer import Viewer
from workbench.tui.screens.image import ImageScreen
from workbench.tui.screens.images import ImagesScreen
from workbench.tui.screens.version import VersionScreen

SIZES = [(80, 24), (120, 35), (60, 15)]


def on_images(monkeypatch: pytest.MonkeyPatch, shop: Shop, act: Act) -> None:
    """Open the images with the cursor on `fraud:2`, which runs, and do what the test does."""

    async def ready(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "j")
        await act(app, pilot)

    drive(monkeypatch, shop.models.project, ImagesScreen, ready)


def on_image(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, place: int, act: Act, size: tuple[int, int] = (80, 24)
) -> None:
    """Open one image, and do what the test does."""
    drive(monkeypatch, shop.models.project, lambda: ImageScreen(shop.images[place].id), act, size)


async def answer(pilot: Pilot[Any], text: str) -> None:
    """Type a text into the dialog, and enter; what it leads to is done then."""
    assert isinstance(pilot.app.screen, Prompt), pilot.app.screen
    if text:
        await paste(pilot, text)
    await press(pilot, "enter")


# one image


@pytest.mark.parametrize("size", SIZES)
def test_an_image_shows_all_that_is_known_of_it(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, size: tuple[int, int]
) -> None:
    """Facts, layers with sizes, the smoke test, where it runs, packages, labels."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"image_{size[0]}x{size[1]}.txt", app)

    on_image(monkeypatch, shop, 1, act, size)


def test_an_image_without_an_engine_has_all_but_its_labels(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """And it says why it is not known whether it runs."""
    shop.docker.error = DockerError("no Docker engine answers")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        text = screen_text(app)
        assert "! no Docker engine answers" in text
        assert "─ labels ─" not in text and "220 MB over the base" in text

    on_image(monkeypatch, shop, 1, act, (120, 35))


def test_an_image_that_is_forgotten_says_so(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """While it is looked at."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        shop.models.do(forget_image, shop.images[1])
        await settle(pilot, until=lambda: "no longer among the project's" in screen_text(app))
        await press(pilot, "t")
        assert app.said == ["there is no image here"]

    on_image(monkeypatch, shop, 1, act)


def test_the_version_of_an_image_is_a_key_away(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """From its own screen as well."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "o")
        assert isinstance(app.screen, VersionScreen)

    on_image(monkeypatch, shop, 1, act)


# run, stop, roll back


def test_an_image_is_run_under_a_name_and_a_port(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The dialog says what it takes the place of, and which command does the same."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "R")
        text = screen_text(app)
        assert "Run fraud:2 as" in text and "● fraud :8080  fraud/2, which it takes the place of" in text
        await paste(pilot, "fraud-eu:9000")
        assert "workbench package run fraud:2 --name fraud-eu --port 9000" in screen_text(app)
        await press(pilot, "enter")
        await settle(pilot)
        assert shop.docker.calls == [("run", shop.images[1].image_id, "fraud-eu", 9000)]
        assert app.said == ["fraud/2 runs as fraud-eu at http://127.0.0.1:9000, ready in 1.9s"]

    on_images(monkeypatch, shop, act)


@pytest.mark.parametrize("text", ["a b", "fraud:none", "fraud:0", "fraud:70000", ":80"])
def test_a_name_or_port_that_is_none_is_not_taken(monkeypatch: pytest.MonkeyPatch, shop: Shop, text: str) -> None:
    """The dialog stays open and says what is wrong."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "R")
        await answer(pilot, text)
        assert isinstance(app.screen, Prompt)
        assert "✗ " in screen_text(app)
        assert not shop.docker.calls

    on_images(monkeypatch, shop, act)


def test_what_takes_long_stands_in_the_last_line_while_the_app_goes_on(
    monkeypatch: pytest.MonkeyPatch, shop: Shop
) -> None:
    """Neither the screen nor the store waits for Docker; the same again is refused."""
    shop.docker.gate.clear()

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "R")
        await pilot.press("enter")
        await until(pilot, lambda: "● run fraud:2 as fraud: start fraud/2, until it is ready" in screen_text(app))
        await until(pilot, lambda: bool(shop.docker.calls))
        await pilot.press("k")
        await until(pilot, lambda: "inspect fraud:3" in app.screen.view_twin())  # type: ignore[attr-defined]
        await pilot.press("j", "R", "enter")
        await until(pilot, lambda: app.said == ["it is under way: run fraud:2 as fraud"])
        await pilot.press("q")
        await until(pilot, lambda: "may stay half done" in screen_text(app))
        await pilot.press("n")
        shop.docker.gate.set()
        await settle(pilot)
        assert "● run" not in screen_text(app)

    on_images(monkeypatch, shop, act)


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait until something holds, while an errand is under way."""
    for _ in range(1000):
        await pilot.pause(0.01)
        if holds():
            return
    raise AssertionError(screen_text(pilot.app))


def test_a_server_that_does_not_get_ready_shows_what_it_wrote(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The last lines, and the likely cause."""
    shop.docker.failing = StartFailedError("fraud/2 ended with status 1", ["MemoryError"], "give it more memory")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "R", "enter")
        assert app.said == ["fraud/2 ended with status 1\ngive it more memory"]
        assert isinstance(app.screen, Viewer)
        assert "MemoryError" in screen_text(app)

    on_images(monkeypatch, shop, act)


def test_a_deployment_is_stopped_with_a_reason_or_without(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The one that runs the image under the cursor."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "x")
        assert "Stop fraud, which runs fraud/2?" in screen_text(app)
        await answer(pilot, "the week is over")
        await press(pilot, "x", "enter")
        assert shop.docker.calls == [("stop", "fraud", "the week is over"), ("stop", "fraud", None)]
        assert app.said[0] == "stopped fraud: fraud/2, fraud/1"[: len(app.said[0])]

    on_images(monkeypatch, shop, act)


def test_rolling_back_shows_from_where_to_where_and_wants_a_reason(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """As the command does."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "B")
        assert "Roll fraud back: 3 → 2" in screen_text(app)
        await press(pilot, "enter")
        assert "a reason is required" in screen_text(app)
        await answer(pilot, "errors since the release")
        assert shop.docker.calls == [("target", "fraud"), ("rollback", "fraud", "errors since the release")]
        assert app.said == ["fraud: fraud/2 → fraud/2 in 1.9s"]

    on_images(monkeypatch, shop, act)


def test_where_there_is_nothing_to_go_back_to_it_says_so(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """And asks for no reason."""
    shop.docker.failing = DockerError("nothing ran as fraud before fraud/2", "workbench package list")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "B")
        assert isinstance(app.screen, ImagesScreen)
        assert app.said == ["nothing ran as fraud before fraud/2\nworkbench package list"]

    on_images(monkeypatch, shop, act)


def test_an_image_that_does_not_run_cannot_be_stopped(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Where keys go to what runs, they mean what is under the cursor there."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "g", "x", "B", "L", "c")
        assert app.said == ["nothing runs fraud:3"] * 4
        await press(pilot, "tab", "j", "L")
        assert shop.docker.calls == [("logs", "fraud-eu")]

    on_images(monkeypatch, shop, act)


# read, copy, test


def test_the_log_of_a_server_is_read_in_the_app(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Its end; nothing is said where it wrote nothing."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "L")
        assert isinstance(app.screen, Viewer)
        assert "What fraud wrote" in screen_text(app) and '{"event":"ready"}' in screen_text(app)
        await press(pilot, "escape")
        shop.docker.log = b""
        await press(pilot, "L")
        assert app.said == ["fraud wrote nothing"]

    on_images(monkeypatch, shop, act)


def test_a_request_is_copied(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """With the port that it answers at."""
    shop.docker.rows = [row(shop.images[1], clock=shop.models.clock, port=9123)]

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "c")
        assert app.copied == ["curl http://127.0.0.1:9123/openapi.json"]

    on_images(monkeypatch, shop, act)


def test_the_bill_of_materials_is_read_out_of_the_image(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """As JSON."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "s")
        assert "Bill of materials of fraud:2" in screen_text(app)
        assert "CycloneDX" in screen_text(app)

    on_images(monkeypatch, shop, act)


def test_an_image_is_tested_again(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """What came of it is shown."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "t")
        assert shop.docker.calls == [("retest", shop.images[1].image_id)]
        text = screen_text(app)
        assert "Smoke test of fraud:2" in text and "3 of 3 equal" in text

    on_images(monkeypatch, shop, act)


def test_an_image_is_copied_as_json(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """As the command prints it."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "Y")
        assert '"image": "fraud:2"' in app.copied[0] and '"lock"' in app.copied[0]

    on_images(monkeypatch, shop, act)


def test_what_the_engine_cannot_do_is_told(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """With what helps."""
    shop.docker.failing = DockerError("Docker: the disk is full", "docker system df")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "s", "t")
        assert app.said == ["Docker: the disk is full\ndocker system df"] * 2

    on_images(monkeypatch, shop, act)


def test_every_action_names_the_command_that_does_the_same(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """With the image and the deployment of the cursor."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = app.screen
        assert isinstance(screen, ImagesScreen)
        twins = {action.id: screen.twin(action) for action in screen.actions() if action.scope in screen.SCOPES}
        assert twins["image.run_image"] == "workbench package run fraud:2"
        assert twins["image.package"] == "workbench package build fraud/2"
        assert twins["image.bill"] == "workbench package inspect fraud:2 --sbom"
        assert twins["deployment.rollback"] == "workbench package rollback fraud --reason TEXT"
        assert twins["deployment.logs"] == "workbench package logs fraud -n 1000"

    on_images(monkeypatch, shop, act)
