"""The dialog that shows the keys and does what they do."""

from __future__ import annotations

import asyncio

import pytest

from tests.tui.dialogs.asking import Asking, asked, typed
from tests.tui.golden import check_screen
from tests.tui.screen_text import screen_text
from workbench.output.cells import cell_width
from workbench.tui.actions import ACTIONS, SCOPES, Action, actions_of
from workbench.tui.dialogs.help import Help
from workbench.tui.screens.base import filled_twin

RUNS = list(actions_of("runs", "table", "app"))
WORDS = {"run": "3f2a91c0", "runs": ["3f2a91c0", "88d01be4"], "filter": "metrics.auc > 0.8"}


def twin(action: Action) -> str:
    """As a screen fills it in."""
    return filled_twin(action.twin, WORDS)


def help_dialog(actions: list[Action] | None = None) -> Help:
    """The help of the runs."""
    return Help(RUNS if actions is None else actions, twin)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])
def test_the_keys_of_the_runs_are_grouped_by_where_they_work(size: tuple[int, int]) -> None:
    """Headings, keys, sentences, commands."""
    app = Asking(help_dialog())

    async def body() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            check_screen(f"help_runs_{size[0]}x{size[1]}.txt", app)
            await pilot.press(*["pagedown"] * 9)
            shown = screen_text(app)
            assert SCOPES["app"] in shown
            assert "ctrl+q" in shown

    asyncio.run(body())


def test_enter_answers_the_action_under_the_cursor() -> None:
    """The first one at first; headings are stepped over."""
    assert asked(help_dialog(), "enter").answers == [RUNS[0]]
    assert asked(help_dialog(), "down", "enter").answers == [RUNS[1]]
    assert asked(help_dialog(), "down", "up", "up", "enter").answers == [RUNS[0]]
    n_runs = sum(action.scope == "runs" for action in RUNS)
    assert asked(help_dialog(), *["down"] * n_runs, "enter").answers == [RUNS[n_runs]]


def test_escape_answers_nothing() -> None:
    """Nothing is done."""
    assert asked(help_dialog(), "escape").answers == [None]


def test_a_typed_key_finds_the_action_that_has_it_first() -> None:
    """Many sentences hold the letter c; one action has the key."""
    app = asked(help_dialog(), "c")

    assert "Key c" in app.shown
    assert asked(help_dialog(), "c", "enter").answers == [next(a for a in RUNS if a.id == "runs.compare")]
    assert asked(help_dialog(), "C", "enter").answers == [next(a for a in RUNS if a.id == "runs.columns")]
    assert asked(help_dialog(), "slash", "enter").answers == [next(a for a in RUNS if a.id == "runs.filter")]


def test_typed_words_find_sentences_and_commands() -> None:
    """In any order, in any case."""
    assert asked(help_dialog(), *typed("EXPERIMENT move"), "enter").answers[0].id == "runs.move"
    assert asked(help_dialog(), *typed("store ingest"), "enter").answers[0].id == "app.refresh"
    assert asked(help_dialog(), *typed("ctrl+p"), "enter").answers[0].id == "app.command_palette"


def test_what_nothing_fits_says_so_and_enter_does_nothing() -> None:
    """The dialog stays, to be typed into again."""
    app = asked(help_dialog(), *typed("xyzzy"), "enter", "down", "pagedown", "up")

    assert app.answers == []
    assert "no key fits" in app.shown
    assert "0 of" in app.shown


def test_the_command_of_the_action_under_the_cursor_is_shown_whole() -> None:
    """At the bottom, quoted for a shell."""
    app = asked(help_dialog(), "slash")

    assert "workbench runs list -w 'metrics.auc > 0.8'" in app.shown


def test_no_key_reaches_the_app_below() -> None:
    """Typing q does not leave the app."""
    assert asked(help_dialog(), "q", "1", "question_mark", "r").leaked == []


@pytest.mark.parametrize("size", [(20, 5), (40, 9), (200, 60)], ids=str)
def test_every_size_is_drawn_within_it(size: tuple[int, int]) -> None:
    """Also with every action that there is."""
    app = asked(help_dialog(list(ACTIONS)), "down", "pagedown", size=size)

    lines = app.shown.split("\n")
    assert len(lines) == size[1]
    assert all(cell_width(line) <= size[0] for line in lines)


def test_without_actions_it_can_still_be_closed() -> None:
    """A screen that has none."""
    app = asked(help_dialog([]), "enter", "escape")

    assert app.answers == [None]
