"""A note is written without an editor."""

from __future__ import annotations

from tests.tui.dialogs.asking import SMALL, asked, typed
from workbench.tui.dialogs.note import NoteEditor


def test_the_note_is_saved_by_a_key_that_every_terminal_has() -> None:
    """Writing goes on at the end; the key is shown."""
    app = asked(NoteEditor("Note", "first"), "enter", *typed("a q?"), "ctrl+o")

    assert app.answers == ["first\na q?"]
    assert "ctrl+o save" in asked(NoteEditor("Note", "")).shown


def test_the_note_is_saved_by_a_button() -> None:
    """Tab leads to it."""
    assert asked(NoteEditor("Note", ""), "x", "tab", "enter").answers == ["x"]
    assert asked(NoteEditor("Note", "y"), "tab", "tab", "enter").answers == [None]


def test_what_was_typed_is_not_lost_by_one_key() -> None:
    """Escape asks first where something was typed."""
    asking = asked(NoteEditor("Note", ""), "x", "escape")
    assert asking.answers == []
    assert "not saved" in asking.shown
    assert asked(NoteEditor("Note", ""), "x", "escape", "enter", "ctrl+o").answers == ["x"]
    assert asked(NoteEditor("Note", ""), "x", "escape", "y").answers == [None]


def test_line_ends_of_elsewhere_are_no_change() -> None:
    """Whatever the note was written with."""
    assert asked(NoteEditor("Note", "a\r\nb\nc\rd"), "escape").answers == [None]


def test_control_characters_are_shown_and_kept() -> None:
    """None of them reaches the terminal."""
    app = asked(NoteEditor("Note", "a\x1b[31mb\tc"), "x", "ctrl+o")
    assert app.answers == ["a\x1b[31mb\tcx"]
    assert "a␛[31mb" in asked(NoteEditor("Note", "a\x1b[31mb\tc")).shown


def test_it_is_written_on_a_small_screen() -> None:
    """The last line is in sight."""
    app = asked(NoteEditor("Note", "\n".join(map(str, range(50)))), "x", size=SMALL)

    assert "49x" in app.shown
