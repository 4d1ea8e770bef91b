"""Long texts are read whole."""

from __future__ import annotations

from typing import Any

from tests.tui.dialogs.asking import SMALL, Asking, asked, typed
from workbench.tui.dialogs.viewer import Viewer

TEXT = "\n".join(f"line {index}" for index in range(1, 101))


def first_line(app: Asking) -> str:
    """The first line of the text in sight."""
    return app.shown.split("\n")[2].split("  ")[0]


def test_it_scrolls_by_the_keys_of_every_pane() -> None:
    """Letters and arrows."""
    assert first_line(asked(Viewer("Output", TEXT))) == "line 1"
    assert first_line(asked(Viewer("Output", TEXT), "j", "j", "k", "down")) == "line 3"
    assert "line 100" in asked(Viewer("Output", TEXT), "G").shown
    assert first_line(asked(Viewer("Output", TEXT), "G", "g")) == "line 1"
    assert first_line(asked(Viewer("Output", TEXT), "ctrl+d", "ctrl+d", "ctrl+u")) == "line 11"


def test_enter_closes_too() -> None:
    """As q and escape do."""
    assert asked(Viewer("Output", TEXT), "enter").answers == [None]


def test_long_lines_are_broken_and_hold_every_space() -> None:
    """A value of 1,000 characters is in sight."""
    value = "ab  " * 250
    rows = asked(Viewer("params.prompt", value)).shown.split("\n")[2:15]

    assert "".join(row.ljust(79) for row in rows).rstrip() == value.rstrip()


def test_there_is_nothing_beside_the_text() -> None:
    """The terminal's own selection holds the text alone."""
    shown = asked(Viewer("Output", "one\ntwo")).shown.split("\n")

    assert shown[2:4] == ["one", "two"]
    assert "│" not in "".join(shown)


def test_ready_made_lines_are_shown_as_they_are() -> None:
    """Brackets are brackets, escapes are shown."""
    shown = asked(Viewer("Output", [[("[b]", "bold"), ("x\x1b[0m", "")]])).shown

    assert "[b]x\\e[0m" in shown


def test_a_text_is_found_and_n_goes_on() -> None:
    """Round and round, in both directions."""
    find = ["slash", *typed("LINE 9"), "enter"]

    assert first_line(asked(Viewer("Output", TEXT), *find)) == "line 9"
    assert "11 lines" in asked(Viewer("Output", TEXT), *find).shown
    last = asked(Viewer("Output", TEXT), *find, "n")
    assert "line 90" in last.shown
    assert first_line(asked(Viewer("Output", TEXT), *find, *["n"] * 11)) == "line 9"
    assert "line 99" in asked(Viewer("Output", TEXT), *find, "N").shown


def test_escape_ends_the_search_first() -> None:
    """One step at a time."""
    app = asked(Viewer("Output", TEXT), "slash", "x", "escape")
    assert app.answers == []
    assert "find " not in app.shown.split("\n")[-3]
    assert asked(Viewer("Output", TEXT), "slash", "x", "escape", "escape").answers == [None]


def test_y_copies_the_whole_text() -> None:
    """As it is, not as it is broken."""
    text = "x" * 500 + "\n\x1b[31m"

    async def check(app: Asking, pilot: Any) -> None:
        assert app.clipboard == text

    asked(Viewer("Output", text), "y", then=check)


def test_it_is_read_on_a_small_screen() -> None:
    """Three lines are lines."""
    assert "line 1" in asked(Viewer("Output", TEXT), size=SMALL).shown
    assert "line 100" in asked(Viewer("Output", TEXT), "G", size=SMALL).shown


def test_an_empty_text_is_a_text() -> None:
    """Nothing to scroll, nothing to find."""
    assert asked(Viewer("Output", ""), "j", "G", "slash", "x", "enter", "n", "q").answers == [None]
