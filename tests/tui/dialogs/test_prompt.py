"""A text is asked for, checked, and helped along by suggestions."""

from __future__ import annotations

from tests.tui.dialogs.asking import SMALL, asked, typed
from workbench.output.spans import Line
from workbench.tui.dialogs.prompt import Prompt


def tag() -> Prompt:
    """Asks for a tag."""
    return Prompt(
        "Tag 2 runs",
        placeholder="name=value",
        check=lambda text: None if "=" in text else "a tag has a value: name=value",
        suggestions=["kind=", "owner=", "kind_of_data="],
        twin=lambda text: f"workbench runs tag 1a2b {text or 'NAME=VALUE'}",
    )


def test_the_text_is_answered_without_spaces_around_it() -> None:
    """Letters that mean something elsewhere are letters here."""
    assert asked(tag(), *typed(" q=1?/ r "), "enter").answers == ["q=1?/ r"]


def test_a_wrong_text_is_not_taken_and_says_what_is_wrong_until_it_is_right() -> None:
    """Nothing is said before enter was tried."""
    assert "✗" not in asked(tag(), *typed("kind")).shown
    wrong = asked(tag(), *typed("kind"), "enter")
    assert wrong.answers == []
    assert "✗ a tag has a value: name=value" in wrong.shown
    assert "✗" not in asked(tag(), *typed("kind"), "enter", "=").shown


def test_what_is_there_already_is_replaced_by_typing_and_kept_by_moving() -> None:
    """A name is mended or made anew."""
    assert asked(Prompt("Name", value="otter"), "x", "enter").answers == ["x"]
    assert asked(Prompt("Name", value="otter"), "end", "x", "enter").answers == ["otterx"]


def test_suggestions_follow_what_is_typed() -> None:
    """Those that fit, the best first."""
    shown = asked(tag(), *typed("kd")).shown

    assert "kind_of_data=" in shown
    assert "owner=" not in shown


def test_down_and_tab_take_suggestions_and_up_gives_back_what_was_typed() -> None:
    """They are taken from those that fit."""
    assert asked(tag(), *typed("ki"), "tab", *typed("base"), "enter").answers == ["kind=base"]
    assert asked(tag(), *typed("ki"), "down", "down", *typed("x"), "enter").answers == ["kind_of_data=x"]
    assert asked(tag(), *typed("ki=1"), "backspace", "backspace", "down", "up", *typed("=2"), "enter").answers == [
        "ki=2"
    ]
    assert asked(tag(), "down", "down", "down", "down", "1", "enter").answers == ["kind_of_data=1"]


def test_the_command_follows_what_is_typed() -> None:
    """It can be copied from the screen."""
    assert "cli: workbench runs tag 1a2b NAME=VALUE" in asked(tag()).shown
    assert "cli: workbench runs tag 1a2b a=b" in asked(tag(), *typed("a=b")).shown


def test_the_key_for_suggestions_is_shown_only_where_there_are_some() -> None:
    """A key that does nothing is not promised."""
    assert "suggestion" in asked(tag()).shown
    assert "suggestion" not in asked(Prompt("Name")).shown


def test_on_a_small_screen_the_input_is_in_sight() -> None:
    """And it works."""
    app = asked(tag(), *typed("a=b"), size=SMALL)

    assert "a=b" in app.shown


def test_what_there_is_to_know_stands_above_the_input() -> None:
    """Long lines are broken; in a low terminal the input stays in sight."""
    about: list[Line] = [[("auc 0.93 " * 12, "")], [("asked by ana", "dim")]]
    shown = asked(Prompt("Approve fraud/8", about=about), *typed("good")).shown
    assert shown.index("auc 0.93") < shown.index("asked by ana") < shown.index("good")
    assert "good" in asked(Prompt("Approve fraud/8", about=about * 9), *typed("good"), size=SMALL).shown
