"""What the keys do to versions of models: each is one governance event, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.bare_app import Act, BareApp, drive, paste, press, settle
from tests.tui.golden import check_screen
from tests.tui.models_to_show import ME, Models
from tests.tui.screen_text import screen_text
from tests.tui.small_project import script
from workbench.registry import aliases, approvals, cards, versions
from workbench.registry import models as registry
from workbench.registry.audit import LogQuery, read_log
from workbench.registry.reviews import read_review
from workbench.tui.dialogs.choose import Choose
from workbench.tui.dialogs.note import NoteArea, NoteEditor
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.screens.models import ModelsScreen
from workbench.tui.screens.version import VersionScreen
from workbench.tui.widgets.line_input import LineInput


def on_version(monkeypatch: pytest.MonkeyPatch, models: Models, number: int, act: Act) -> None:
    """Open a version of `fraud`, and do what the test does."""
    drive(monkeypatch, models.project, lambda: VersionScreen("fraud", number), act)


async def answer(pilot: Pilot[Any], text: str) -> None:
    """Type a text into the dialog, and enter; what it leads to is done then."""
    assert isinstance(pilot.app.screen, Prompt), pilot.app.screen
    if text:
        await paste(pilot, text)
    await press(pilot, "enter")


def said(app: BareApp, count: int) -> Callable[[], bool]:
    """Whether so many sentences were said."""
    return lambda: len(app.said) >= count


def alias(models: Models, name: str) -> int | None:
    """The version that an alias of `fraud` points to."""
    found: int | None = models.ask(registry.get, "fraud").aliases.get(name)
    return found


def status(models: Models, number: int) -> tuple[str, int]:
    """Where a version of `fraud` stands, and how many have approved it."""
    review = models.ask(lambda db: read_review(db, versions.get(db, "fraud", number)))
    return review.status, review.approvals


def last_event(models: Models) -> tuple[str, str, str | None]:
    """What was done last, by whom and why."""
    [event] = models.ask(read_log, LogQuery(limit=1))
    return event["action"], event["who"], event["reason"]


# approvals


def test_approving_shows_the_evidence_and_asks_why(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Without a reason nothing is done."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "a")
        check_screen("version_approving_80x24.txt", app)
        await answer(pilot, "")
        assert "a reason is required" in screen_text(app)
        await answer(pilot, "good enough")
        await settle(pilot, until=said(app, 1))
        assert app.said == ["fraud/4 is approved"]
        await settle(pilot, until=lambda: "fraud/4  approved" in screen_text(app))

    on_version(monkeypatch, models, 4, act)
    assert status(models, 4) == ("approved", 1)
    assert last_event(models) == ("approve", ME, "good enough")


def test_what_is_missing_for_an_approval_is_shown_and_nothing_is_taken(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """A required gate that never ran: before anything is typed."""
    rules = Path(models.project.root, "workbench.toml")
    rules.write_text(rules.read_text().replace('required_gates = ["auc"]', 'required_gates = ["auc", "latency"]'))

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "a")
        check_screen("version_not_approvable_80x24.txt", app)
        assert "the gate latency failed" in screen_text(app)
        await answer(pilot, "anyway")
        assert isinstance(app.screen, Prompt)
        await press(pilot, "escape")

    on_version(monkeypatch, models, 4, act)
    assert status(models, 4) == ("pending", 0)


def test_what_was_decided_meanwhile_is_not_decided_again(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Another process rejected it while the person was typing."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "a")
        models.do(approvals.reject, "fraud", 4, "too slow", who="cy")
        await answer(pilot, "good enough")
        await settle(pilot, until=said(app, 1))
        assert "fraud/4 is rejected already" in app.said[0]

    on_version(monkeypatch, models, 4, act)
    assert status(models, 4) == ("rejected", 0)


def test_rejecting_and_asking_anew(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Both with a reason."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "x")
        await answer(pilot, "too slow")
        await settle(pilot, until=said(app, 1))
        await press(pilot, "A")
        await answer(pilot, "faster now")
        await settle(pilot, until=said(app, 2))
        assert app.said == ["fraud/4 is rejected", "fraud/4 is pending, 0 of 1 approvals are given"]

    on_version(monkeypatch, models, 4, act)
    assert status(models, 4) == ("pending", 0)
    assert last_event(models) == ("request", ME, "faster now")


# aliases


def test_an_alias_is_chosen_or_typed_and_moves_with_a_reason_or_without(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    """Taking it back moves it back; a new one goes again."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "M")
        check_screen("version_alias_80x24.txt", app)
        await press(pilot, "down")
        assert app.screen.query_one(LineInput).value == "champion"
        await press(pilot, "enter")
        assert "Move champion of fraud: v2 → v1" in screen_text(app)
        await answer(pilot, "v2 is too slow")
        await settle(pilot, until=said(app, 1))
        assert (app.said[-1], alias(models, "champion")) == ("champion → v1, was v2", 1)
        assert last_event(models) == ("alias", ME, "v2 is too slow")
        await press(pilot, "u")
        await settle(pilot, until=said(app, 2))
        assert (app.said[-1], alias(models, "champion")) == ("champion → v2, was v1", 2)
        await press(pilot, "M")
        await answer(pilot, "shadow")
        await answer(pilot, "")
        await settle(pilot, until=said(app, 3))
        assert (app.said[-1], alias(models, "shadow")) == ("shadow → v1", 1)
        await press(pilot, "u", "u")
        await settle(pilot, until=said(app, 5))
        assert alias(models, "shadow") is None
        assert app.said[3:] == ["shadow is gone, was v1", "nothing was changed since the app was opened"]

    on_version(monkeypatch, models, 1, act)


def test_a_protected_alias_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """And stays where it is."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "M")
        await answer(pilot, "champion")
        await answer(pilot, "")
        await settle(pilot, until=said(app, 1))
        assert app.said[0].startswith("champion is protected and fraud/4 is not approved")

    on_version(monkeypatch, models, 4, act)
    assert alias(models, "champion") == 2


def test_what_is_no_alias_is_refused(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """With the reason."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "M")
        await answer(pilot, "v7")
        await answer(pilot, "")
        await settle(pilot, until=said(app, 1))
        assert "it means a version by its number" in app.said[0]

    on_version(monkeypatch, models, 4, act)


def test_an_alias_is_taken_away_and_comes_back(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """One of those that the version has."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "minus")
        assert isinstance(app.screen, Choose)
        await press(pilot, "enter")
        await settle(pilot, until=said(app, 1))
        assert (app.said, alias(models, "challenger")) == (["challenger is gone, was v4"], None)
        await press(pilot, "u")
        await settle(pilot, until=said(app, 2))
        assert alias(models, "challenger") == 4

    on_version(monkeypatch, models, 4, act)


def test_a_version_without_aliases_says_so(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """There is nothing to choose from."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "minus")
        assert app.said == ["no alias points to fraud/1"]

    on_version(monkeypatch, models, 1, act)


def test_a_rollback_shows_from_where_to_where_and_asks_why(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """The last version before that was approved."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "B")
        assert isinstance(app.screen, Choose)
        await paste(pilot, "champ")
        await press(pilot, "enter")
        assert "Move champion of fraud back: v2 → v1" in screen_text(app)
        check_screen("version_rollback_80x24.txt", app)
        await answer(pilot, "")
        assert "a reason is required" in screen_text(app)
        await answer(pilot, "drift")
        await settle(pilot, until=said(app, 1))
        assert (app.said, alias(models, "champion")) == (["champion is back on v1, was v2"], 1)

    on_version(monkeypatch, models, 4, act)
    assert last_event(models) == ("rollback", ME, "drift")


def test_where_there_is_nothing_to_roll_back_to_it_says_so(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Nothing is asked."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "B")
        await paste(pilot, "chall")
        await press(pilot, "enter")
        await settle(pilot, until=said(app, 1))
        assert "challenger of fraud has no earlier version to go back to" in app.said[0]

    on_version(monkeypatch, models, 4, act)


# texts


def test_the_card_is_written_in_the_editor(monkeypatch: pytest.MonkeyPatch, models: Models, tmp_path: Path) -> None:
    """Headings that nothing was written under are left out; undo brings back what was there."""
    monkeypatch.setenv("EDITOR", str(script(tmp_path / "editor", 'sed -i "s/^> Trained.*/Euros only./" "$1"\n')))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("workbench.tui.outside._edited", _edit_without_terminal)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "E")
        await settle(pilot, until=said(app, 1))
        assert app.said == ["card saved"]
        assert "Euros only." in _card(models)
        assert "Caveats" not in _card(models)
        await press(pilot, "u")
        await settle(pilot, until=said(app, 2))
        assert "> Trained on payments in euros." in _card(models)

    on_version(monkeypatch, models, 2, act)


def test_without_an_editor_the_card_is_written_in_a_dialog(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """It begins with the usual headings; what somebody else saved meanwhile is not overwritten."""
    for variable in ("VISUAL", "EDITOR"):
        monkeypatch.setenv(variable, "")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "E")
        assert isinstance(app.screen, NoteEditor)
        area = app.screen.query_one(NoteArea)
        assert area.text.startswith("## Intended use")
        area.text = "## Limits\n\neuros"
        version = models.ask(versions.get, "fraud", 4)
        models.do(cards.save, version, "## Limits\n\nnone", before="", who="bo")
        await press(pilot, "ctrl+o")
        await settle(pilot, until=said(app, 1))
        assert "bo saved the card of fraud/4 meanwhile" in app.said[0]

    on_version(monkeypatch, models, 4, act)
    assert _card(models, 4) == "## Limits\n\nnone"


def test_a_version_is_described_and_tagged(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """And each is taken back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "D")
        assert app.screen.query_one(LineInput).value == "the first one with merchants"
        await answer(pilot, "with merchants")
        await settle(pilot, until=said(app, 1))
        await press(pilot, "t")
        await answer(pilot, "=x")
        assert "a tag has a name" in screen_text(app)
        await answer(pilot, "region=us")
        await settle(pilot, until=said(app, 2))
        version = models.ask(versions.get, "fraud", 2)
        assert (version.description, version.tags) == ("with merchants", {"region": "us"})
        await press(pilot, "t")
        await answer(pilot, "region")
        await settle(pilot, until=said(app, 3))
        for count in (4, 5, 6):
            await press(pilot, "u")
            await settle(pilot, until=said(app, count))
        version = models.ask(versions.get, "fraud", 2)
        assert (version.description, version.tags) == ("the first one with merchants", {"region": "eu"})

    on_version(monkeypatch, models, 2, act)


def test_the_same_keys_work_in_the_table(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """On the version under the cursor, which the dialog names."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await settle(pilot, until=lambda: isinstance(app.screen, ModelsScreen) and app.screen.chosen() is not None)
        await press(pilot, "x")
        assert "Reject fraud/4" in screen_text(app)
        await answer(pilot, "too slow")
        await settle(pilot, until=lambda: screen_text(app).count("✗ rejected") == 3)

    drive(monkeypatch, models.project, ModelsScreen, act)
    assert status(models, 4) == ("rejected", 0)


def test_an_alias_of_another_process_is_not_lost(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    """Undo moves back what the person moved; that somebody moved it on meanwhile is in the log."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "M")
        await answer(pilot, "champion")
        await answer(pilot, "")
        await settle(pilot, until=said(app, 1))
        models.do(aliases.point, "fraud", "champion", 2, who="bo")
        app.desk.refresh()
        await press(pilot, "u")
        await settle(pilot, until=said(app, 2))
        assert app.said[-1] == "champion points to v2 already"

    on_version(monkeypatch, models, 1, act)


def _card(models: Models, number: int = 2) -> str:
    written = models.ask(lambda db: cards.revision(db, versions.get(db, "fraud", number)))
    return written.text if written else ""


def _edit_without_terminal(screen: Any, command: list[str], what: str, text: str) -> str:
    """What the editor makes of a text; a pilot has no terminal that the app could step aside from."""
    import subprocess

    path = Path(f"{what}.md")
    path.write_text(text)
    subprocess.run([*command, str(path)], check=True)
    return path.read_text()
