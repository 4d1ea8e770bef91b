"""From a run to the versions that were made of it, and registering its model."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import Act, BareApp, drive, paste, press, settle
from tests.tui.models_to_show import Models
from tests.tui.runs_to_show import LYNX, OTTER
from tests.tui.screen_text import screen_text
from workbench.journal.writer import JournalWriter
from workbench.registry import models as registry
from workbench.registry.queries import versions_of
from workbench.tui.dialogs.choose import Choose
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.screens.run import RunScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.screens.version import VersionScreen

PLAIN = "e" * 32
TWO = "f" * 32


def add_run(models: Models, uid: str, *folders: str) -> None:
    """A run with a model in each of the folders."""
    writer = JournalWriter(models.project.journal_dir, uid, durability="process")
    writer.event("start", experiment="fraud", name="plain", parent=None, resumed=False, user="ada", host="lab")
    for folder in folders:
        writer.event("art", path=f"{folder}/MLmodel", sha256="0" * 64, size=2, kind="model")
    writer.event("end", status="finished", exit_code=0)
    writer.close()


def show(monkeypatch: pytest.MonkeyPatch, models: Models, uid: str, act: Act) -> None:
    """Open a run, and do what the test does."""
    drive(monkeypatch, models.project, lambda: RunScreen(uid), act)


def numbers(models: Models, name: str) -> list[int]:
    """The numbers of a model's versions."""
    found = models.ask(lambda db: versions_of(db, registry.get(db, name)))
    return [version.number for version in found]


def test_a_run_is_registered_under_a_name_that_is_suggested_or_new(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """The dialog knows the models; what is registered already says so."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "plus")
        assert isinstance(app.screen, Prompt)
        assert "pricing" in screen_text(app)
        await press(pilot, "enter")
        assert "a model has a name" in screen_text(app)
        await paste(pilot, "pricing")
        await press(pilot, "enter")
        await settle(pilot, until=lambda: len(app.said) == 1)
        assert app.said == ["registered as pricing/1: 3 shows it"]
        await press(pilot, "plus")
        await paste(pilot, "pricing")
        await press(pilot, "enter")
        await settle(pilot, until=lambda: len(app.said) == 2)
        assert app.said[1] == "it is pricing/1 already"

    show(monkeypatch, models, OTTER, act)
    assert numbers(models, "pricing") == [1]


def test_of_several_models_one_is_chosen(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """By its folder."""
    add_run(models, TWO, "small", "large")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "plus")
        assert isinstance(app.screen, Choose)
        await paste(pilot, "sma")
        await press(pilot, "enter")
        await paste(pilot, "tiny")
        await press(pilot, "enter")
        await settle(pilot, until=lambda: len(app.said) == 1)
        assert app.said == ["registered as tiny/1: 3 shows it"]

    show(monkeypatch, models, TWO, act)
    [version] = models.ask(lambda db: versions_of(db, registry.get(db, "tiny")))
    assert version.source == f"runs:/{TWO}/small"


def test_a_run_without_a_model_says_how_to_log_one(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """And nothing was made of it."""
    add_run(models, PLAIN)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "plus", "w")
        assert app.said == [
            "the run has no model: run.log_model(model) logs one",
            "no version was made of this run: + registers its model",
        ]

    show(monkeypatch, models, PLAIN, act)


def test_the_only_version_of_a_run_is_opened_and_of_several_one_is_chosen(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """The newest one first."""
    add_run(models, PLAIN, "model")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "plus")
        await paste(pilot, "odd")
        await press(pilot, "enter")
        await settle(pilot, until=lambda: len(app.said) == 1)
        await press(pilot, "w")
        assert isinstance(app.screen, VersionScreen)
        assert "odd/1" in screen_text(app)
        app.open_run(LYNX)
        await settle(pilot)
        await press(pilot, "w")
        assert isinstance(app.screen, Choose)
        assert "fraud/2  ✓ approved  champion" in screen_text(app)
        await paste(pilot, "churn")
        await press(pilot, "enter")
        assert isinstance(app.screen, VersionScreen)
        assert "churn/1" in screen_text(app)

    show(monkeypatch, models, PLAIN, act)


def test_the_table_of_runs_has_the_same_keys(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """For the run under the cursor."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "plus")
        assert "Register model of the run as" in screen_text(app)
        await press(pilot, "escape", "w")
        assert isinstance(app.screen, Choose)
        assert "fraud/4" in screen_text(app)

    drive(monkeypatch, models.project, lambda: RunsScreen(id="_default"), act)
