"""The models screen: what it shows in every state, and where its keys lead."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.tui.bare_app import BareApp, paste, press, settle
from tests.tui.golden import check_screen
from tests.tui.list_screens import BUSY, LOST, show_tab, show_unread
from tests.tui.models_to_show import Models
from tests.tui.runs_to_show import OTTER
from tests.tui.screen_text import screen_text
from workbench.base.errors import StoreBusyError, WorkbenchError
from workbench.base.project import create_project
from workbench.registry import aliases
from workbench.registry import models as registry
from workbench.registry.registering import register_run
from workbench.store.store import Store
from workbench.tui.dialogs.choose import Choose
from workbench.tui.dialogs.viewer import Viewer
from workbench.tui.screens.models import ModelsScreen
from workbench.tui.screens.run import RunScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.screens.version import VersionScreen

SIZES = [(80, 24), (120, 35), (60, 15)]
show = partial(show_tab, "3")


def on_screen(app: BareApp) -> ModelsScreen:
    """The screen."""
    assert isinstance(app.screen, ModelsScreen)
    return app.screen


def top(app: BareApp) -> type:
    """What kind of screen is seen."""
    return type(app.screen)


# what is seen


@pytest.mark.parametrize("size", SIZES)
def test_models_and_the_versions_of_the_one_under_the_cursor(
    monkeypatch: pytest.MonkeyPatch, models: Models, size: tuple[int, int]
) -> None:
    """Marks and words for every state; what needs a person stands in the note."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"models_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "enter", "space", "space")
        check_screen(f"models_marked_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, models.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_model_without_versions_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, models: Models, size: tuple[int, int]
) -> None:
    """With the command, and no action that would need a version."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "G")
        check_screen(f"models_no_versions_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "a")
        assert app.said == ["there is no version here"]

    show(monkeypatch, models.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_project_without_models_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, clock: FakeClock, size: tuple[int, int]
) -> None:
    """And the first model is seen as soon as another process registers it."""
    project = create_project(str(tmp_path / "fraud"))

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"models_none_{size[0]}x{size[1]}.txt", app)
        made = Models(project, clock)
        made.do(registry.register, "fraud")
        made.close()
        await settle(pilot, until=lambda: "fraud has no versions" in screen_text(app))
        assert app.focused is on_screen(app).upper
        clock.advance(3600)
        on_screen(app).grow_older()
        await settle(pilot)
        assert "fraud has no versions" in screen_text(app)

    show(monkeypatch, project, act, size)


@pytest.mark.parametrize(("state", "error"), [("busy", BUSY), ("lost", LOST)])
def test_a_store_that_cannot_be_read_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, clock: FakeClock, state: str, error: WorkbenchError
) -> None:
    """In the middle of the screen, and in the header."""
    project = create_project(str(tmp_path / "fraud"))

    def check(app: BareApp) -> None:
        check_screen(f"models_{state}_80x24.txt", app)

    show_unread(monkeypatch, project, BareApp.action_show_models, error, check)


def test_what_was_read_stays_while_the_store_is_busy(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Nothing vanishes, and it goes on afterwards."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        before = screen_text(app)

        def busy(store: Store, **more: Any) -> Any:
            raise StoreBusyError("pid 42 holds the store", None)

        with monkeypatch.context() as patch:
            patch.setattr(Store, "reading", busy)
            app.desk.refresh()
            for _ in range(200):
                await pilot.pause(0.01)
                if "! store busy" in screen_text(app):
                    break
            assert screen_text(app).splitlines()[1:] == before.splitlines()[1:]
        await settle(pilot, until=lambda: "● live" in screen_text(app))
        assert screen_text(app) == before

    show(monkeypatch, models.project, act)


def test_a_read_only_app_offers_nothing_that_writes(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Neither by its footer nor by a key."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        app.desk.read_only = True
        app.refresh_headers()
        on_screen(app).refresh_footer()
        await press(pilot, "enter")
        assert not [action for action in on_screen(app).actions() if action.writes]
        assert "approve" not in screen_text(app).splitlines()[-1]
        await press(pilot, "a", "x", "A", "M", "minus", "B", "E", "D", "t", "u")
        assert isinstance(app.screen, ModelsScreen)
        check_screen("models_read_only_80x24.txt", app)

    show(monkeypatch, models.project, act)


# moving about


def test_enter_leads_from_models_to_versions_to_one_version_and_esc_back(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """One level each."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        assert screen.view_twin() == "workbench models list"
        await press(pilot, "enter")
        assert app.focused is screen.lower
        assert screen.view_twin() == "workbench models show fraud"
        await press(pilot, "j", "enter")
        assert top(app) is VersionScreen
        assert "─ approval ─" in screen_text(app) and "fraud/3  rejected" in screen_text(app)
        await press(pilot, "escape")
        assert app.focused is screen.lower
        await press(pilot, "escape")
        assert app.focused is screen.upper
        await press(pilot, "escape")
        assert top(app) is RunsScreen

    show(monkeypatch, models.project, act)


def test_the_model_that_was_looked_at_is_found_again(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """After a look at the runs, and at the next start."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "j")
        assert app.state.model == "churn"
        await press(pilot, "1", "3")
        await settle(pilot, until=lambda: on_screen(app).upper.cursor_key == "churn")
        assert "─ churn ─" in screen_text(app)

    show(monkeypatch, models.project, act)


def test_a_model_is_found_by_a_part_of_its_name(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Among all of them, also those that are not in sight."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "slash")
        assert isinstance(app.screen, Choose)
        await paste(pilot, "pric")
        await press(pilot, "enter")
        assert on_screen(app).upper.cursor_key == "pricing"
        assert app.focused is on_screen(app).upper

    show(monkeypatch, models.project, act)


def test_the_run_that_made_a_version_is_a_key_away(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """The one under the cursor."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "o")
        assert isinstance(app.screen, RunScreen)
        assert app.screen.uid == OTTER

    show(monkeypatch, models.project, act)


def test_keys_that_are_typed_ahead_wait_for_the_models(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """They mean the version that will be under the cursor."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "1")
        await pilot.press("3", "enter", "enter")
        await settle(pilot, until=lambda: isinstance(app.screen, VersionScreen))
        await settle(pilot)
        assert "fraud/4" in screen_text(app)

    show(monkeypatch, models.project, act)


# marks and comparison


def test_two_versions_are_marked_and_compared(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Of one model or of several; esc takes marks away."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        await press(pilot, "c")
        assert app.said == ["a comparison needs two versions: mark one with space"]
        await press(pilot, "enter", "space", "j")
        assert list(app.version_marks) == ["fraud/4"]
        assert screen.words()["versions"] == ["fraud/4", "fraud/2"]
        await press(pilot, "space", "c")
        assert top(app) is Viewer
        check_screen("models_compared_80x24.txt", app)
        await press(pilot, "escape", "escape", "escape")
        assert len(app.version_marks) == 0 and on_screen(app) is screen
        await press(pilot, "space", "j", "space", "c")
        assert "Compare fraud/1 and churn/1" in screen_text(app)

    show(monkeypatch, models.project, act)


# live


def test_the_cursor_stays_on_its_version_and_model_when_others_arrive(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """What other processes register comes in above."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        await press(pilot, "j", "enter")
        assert screen.lower.cursor_key == "churn/1"
        models.clock.advance(60)
        models.do(register_run, f"{OTTER}:model", "fresh")
        models.clock.advance(60)
        models.do(register_run, f"{OTTER}:model", "churn", again=True)
        models.do(aliases.point, "churn", "champion", 1)
        await settle(pilot, until=lambda: "champion → v1" in screen_text(app))
        assert (screen.upper.cursor_key, screen.lower.cursor_key) == ("churn", "churn/1")
        assert [screen.upper.row_at(0).key, screen.lower.row_at(0).key] == ["churn", "churn/2"]  # type: ignore[union-attr]
        assert screen.chosen() is not None and screen.chosen().aliases == ("champion",)  # type: ignore[union-attr]

    show(monkeypatch, models.project, act)


def test_a_model_that_is_deleted_elsewhere_goes(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """The versions are those of the model that is under the cursor then."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "j")
        models.do(registry.delete, "churn")
        await settle(pilot, until=lambda: "churn" not in screen_text(app))
        assert on_screen(app).upper.total == 3
        assert on_screen(app).chosen() is None

    show(monkeypatch, models.project, act)


def test_a_covered_screen_asks_nothing(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """While a version, a run or a dialog lies over it."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        await press(pilot, "slash")
        models.do(aliases.point, "fraud", "shadow", 1)
        app.desk.refresh()
        await settle(pilot)
        assert screen.chosen() is not None
        assert "shadow" not in screen_text(app)
        await press(pilot, "escape")
        await settle(pilot, until=lambda: "shadow → v1" in screen_text(app))

    show(monkeypatch, models.project, act)


def test_a_terminal_may_take_any_size(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Nothing raises, and the whole comes back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        before = screen_text(app)
        for size in ((20, 5), (200, 60), (60, 15), (101, 15), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        assert screen_text(app) == before

    show(monkeypatch, models.project, act)


def test_the_version_under_the_cursor_is_shown_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """It follows the cursor; one of its panes may have the whole screen."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        assert "? fraud/4  pending" in screen_text(app)
        await press(pilot, "enter", "j")
        assert "✗ fraud/3  rejected" in screen_text(app)
        screen.detail.focus_pane("lineage")
        await settle(pilot)
        await press(pilot, "z")
        check_screen("models_zoomed_120x35.txt", app)
        await press(pilot, "escape")
        assert not screen.detail.zoomed
        await press(pilot, "escape")
        assert app.focused is screen.lower
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "─ approval ─" not in screen_text(app)

    show(monkeypatch, models.project, act, (120, 35))


def test_the_palette_finds_models_by_name(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """From anywhere; the cursor stands on the model."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "1", "ctrl+p")
        await pilot.press(*"pricing")
        await settle(pilot, until=lambda: "model: pricing" in screen_text(app))
        await press(pilot, "down", "enter")
        await settle(pilot, until=lambda: isinstance(app.screen, ModelsScreen) and not app.screen.opening)
        await settle(pilot, until=lambda: on_screen(app).upper.cursor_key == "pricing")
        app.show_model("churn")
        await settle(pilot, until=lambda: on_screen(app).upper.cursor_key == "churn")

    show(monkeypatch, models.project, act)


def test_many_models_are_paged(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """The last one is found by its name, and the cursor reaches it."""
    models.do(lambda db, ledger: [registry.register(db, ledger, f"m{number:03}") for number in range(250)])

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        assert screen.upper.total == 254
        await press(pilot, "G")
        await settle(pilot, until=lambda: screen.upper.cursor_key == "odd [b]\n名前")
        await press(pilot, "slash")
        await paste(pilot, "m123")
        await press(pilot, "enter")
        await settle(pilot, until=lambda: screen.upper.cursor_key == "m123")

    show(monkeypatch, models.project, act)
