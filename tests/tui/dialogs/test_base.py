"""What all dialogs have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.tui.dialogs.asking import Asking, asked, shrink_and_grow
from tests.tui.dialogs.test_columns import CHOICES
from workbench.output.cells import cell_width
from workbench.tui.actions import actions_of
from workbench.tui.dialogs.base import Dialog
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.dialogs.columns import Columns
from workbench.tui.dialogs.confirm import Confirm
from workbench.tui.dialogs.export import Export
from workbench.tui.dialogs.note import NoteEditor
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.dialogs.viewer import Viewer

NAME = "[red]漢字[/] \x1b[31m\n" + "x" * 100
MAKERS: dict[str, Callable[[], Dialog[Any]]] = {
    "confirm": lambda: Confirm(NAME, [[(NAME, "")]] * 40, NAME, NAME),
    "prompt": lambda: Prompt(NAME, value=NAME, placeholder=NAME, suggestions=[NAME] * 20, twin=NAME),
    "empty prompt": lambda: Prompt(NAME, placeholder=NAME),
    "choose": lambda: Choose(NAME, [Option(NAME, [(NAME, "")], NAME)] * 40, current=NAME),
    "empty choose": lambda: Choose(NAME, [], empty=NAME),
    "viewer": lambda: Viewer(NAME, NAME * 20),
    "columns": lambda: Columns(CHOICES, [NAME, "max(auc)"], twin=lambda shown: NAME),
    "export": lambda: Export(NAME, path=NAME, twin=lambda path, form: NAME),
    "note": lambda: NoteEditor(NAME, NAME * 20),
}
every_dialog = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


@every_dialog
@pytest.mark.parametrize("size", [(80, 24), (20, 5), (140, 45), (1, 1), (40, 12)], ids=str)
def test_every_dialog_fits_every_screen(make: Callable[[], Dialog[Any]], size: tuple[int, int]) -> None:
    """Nothing raises, no line is wider than the screen, no escape gets through and no markup is read."""
    shown = asked(make(), size=size).shown

    assert all(cell_width(line) <= size[0] for line in shown.split("\n"))
    assert "\x1b" not in shown
    if size[0] >= 80:
        assert "[red]漢字[/]" in shown
        assert "esc cancel" in shown


@every_dialog
def test_every_dialog_survives_a_dragged_corner(make: Callable[[], Dialog[Any]]) -> None:
    """Whatever size comes next."""
    assert "esc cancel" in asked(make(), then=shrink_and_grow).shown


@every_dialog
def test_escape_answers_nothing(make: Callable[[], Dialog[Any]]) -> None:
    """The screen below hears neither the answer nor the key."""
    app = asked(make(), "escape")

    assert app.answers == [None]
    assert app.leaked == []


@every_dialog
@pytest.mark.parametrize("size", [(80, 24), (20, 5)], ids=str)
def test_nothing_typed_reaches_the_screen_below(make: Callable[[], Dialog[Any]], size: tuple[int, int]) -> None:
    """Neither keys that the dialog has a use for, nor others."""
    assert asked(make(), "question_mark", "1", "r", "slash", "q", size=size).leaked == []


@pytest.mark.parametrize("name", ["prompt", "choose", "export", "note"])
def test_letters_are_typed_where_there_is_an_input(name: str) -> None:
    """`q` closes only what is nowhere typed into."""
    assert asked(MAKERS[name](), "q", "1", "question_mark").answers == []


@pytest.mark.parametrize("name", ["confirm", "viewer"])
def test_q_closes_what_has_no_input(name: str) -> None:
    """As everywhere else."""
    assert asked(MAKERS[name](), "q").answers == [None]


@every_dialog
def test_every_action_of_a_dialog_has_its_method(make: Callable[[], Dialog[Any]]) -> None:
    """A key that is shown does something."""
    dialog = make()

    assert [action.id for action in actions_of(*dialog.SCOPES) if not hasattr(dialog, f"action_{action.name}")] == []


def test_a_click_on_a_key_does_what_the_key_does() -> None:
    """For those who find the mouse first."""

    async def click(app: Asking, pilot: Any) -> None:
        await pilot.click("KeyLine", offset=(1, 0))

    assert asked(Confirm("Sure?", [], "Do it"), then=click).answers == [True]


def test_the_twin_is_shown_where_there_is_room() -> None:
    """The app teaches the command line."""
    twin = "workbench runs delete 1a2b"

    assert f"cli: {twin}" in asked(Confirm("Sure?", [], "Do it", twin)).shown
    assert "cli:" not in asked(Confirm("Sure?", [], "Do it", twin), size=(80, 8)).shown
