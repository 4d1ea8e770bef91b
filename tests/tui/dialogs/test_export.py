"""A table goes to a file, never over another one unasked."""

from __future__ import annotations

from pathlib import Path

from tests.tui.dialogs.asking import SMALL, asked, typed
from workbench.tui.dialogs.export import Export, ExportChoice


def export(path: str = "runs.csv") -> Export:
    """Asks for a file."""
    return Export(
        "Write this table", path=path, twin=lambda path, form: f"workbench runs list --format {form} -o {path}"
    )


def test_enter_answers_path_and_format() -> None:
    """As they stand there."""
    assert asked(export(), "enter").answers == [ExportChoice("runs.csv", "csv")]


def test_the_format_follows_the_ending() -> None:
    """While typing; an ending that is none of them leaves the format alone."""
    assert asked(export(""), *typed("a.parquet"), "enter").answers == [ExportChoice("a.parquet", "parquet")]
    assert asked(export("a.MD"), "enter").answers == [ExportChoice("a.MD", "md")]
    assert asked(export("a.txt"), "enter").answers == [ExportChoice("a.txt", "csv")]


def test_the_ending_follows_the_format() -> None:
    """Tab goes to the formats, arrows choose."""
    assert asked(export(), "tab", "right", "enter").answers == [ExportChoice("runs.parquet", "parquet")]
    assert asked(export(), "tab", "left", "tab", "enter").answers == [ExportChoice("runs.md", "md")]
    assert asked(export("runs"), "tab", "l", "l", "h", "enter").answers == [ExportChoice("runs.parquet", "parquet")]
    assert asked(export("v1.2"), "tab", "right", "enter").answers == [ExportChoice("v1.2", "parquet")]


def test_the_command_follows_both() -> None:
    """The chosen format is told by a mark, not by colour."""
    shown = asked(export(), "tab", "space", "space").shown

    assert "cli: workbench runs list --format json -o runs.json" in shown
    assert "● json" in shown
    assert "○ csv" in shown


def test_a_file_that_exists_is_written_over_only_after_a_question(tmp_path: Path) -> None:
    """Enter twice is not enough."""
    (tmp_path / "runs.csv").write_text("mine")

    question = asked(export(), "enter")
    assert question.answers == []
    assert "runs.csv exists" in question.shown
    assert asked(export(), "enter", "enter").answers == []
    assert asked(export(), "enter", "y").answers == [ExportChoice("runs.csv", "csv")]
    assert (tmp_path / "runs.csv").read_text() == "mine"


def test_paths_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    """Each with its reason."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    for path, reason in (
        ("", "a path is needed"),
        ("folder", "this is a folder"),
        ("nowhere/runs.csv", "there is no folder nowhere"),
        ("file/runs.csv", "this path cannot be used"),
    ):
        app = asked(export(path), "enter")
        assert app.answers == []
        assert reason in app.shown


def test_the_home_folder_is_known() -> None:
    """A shell would have resolved it."""
    assert asked(export("~/runs.csv"), "enter").answers == [ExportChoice(str(Path.home() / "runs.csv"), "csv")]


def test_on_a_small_screen_the_path_is_in_sight() -> None:
    """And the format below it."""
    shown = asked(export(), size=SMALL).shown

    assert "runs.csv" in shown
    assert "● csv" in shown
