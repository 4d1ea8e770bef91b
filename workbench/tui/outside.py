"""Programs of the person's own, for which the app steps aside: an editor for texts, a pager for output."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from workbench.tui.dialogs.note import NoteEditor
from workbench.tui.questions.edits import Note
from workbench.tui.questions.store import Documents, Output

if TYPE_CHECKING:
    from workbench.tui.screens.base import WorkbenchScreen


def edit_note(screen: WorkbenchScreen, uid: str) -> None:
    """Write a run's note in `$VISUAL`, `$EDITOR` or, where there is neither, in a dialog."""

    def begin(documents: list[dict[str, object]]) -> None:
        note = str(documents[0]["note"] or "")
        edit_text(screen, "note", note, lambda text: screen.workbench.perform(Note(uid, text)))

    screen.workbench.ask(Documents((uid,)), begin)


def edit_text(screen: WorkbenchScreen, what: str, before: str, save: Callable[[str], Any]) -> None:
    """Write a text in `$VISUAL`, `$EDITOR` or, where there is neither, in a dialog.

    Args:
        screen: what steps aside.
        what: a word for the text.
        before: the text as it is.
        save: called with another text, without the spaces at its end.
    """

    def written(after: str | None) -> None:
        if after is not None and after.rstrip() != before.rstrip():
            save(after.rstrip())

    command = _program("VISUAL", "EDITOR")
    if command is not None:
        try:
            written(_edited(screen, command, what, before))
            return
        except SuspendNotSupported:
            pass
    screen.app.push_screen(NoteEditor(what.capitalize(), before), written)


def read_output(screen: WorkbenchScreen, uid: str) -> None:
    """Read what a run wrote in `$PAGER`, or in the app where there is none."""
    app = screen.workbench

    def show(text: str) -> None:
        if not text:
            app.refuse("the run wrote nothing")
            return
        command = _program("PAGER") or (["less", "-R"] if shutil.which("less") else None)
        if command is not None:
            try:
                with app.suspend():
                    # The text is the run's own, escapes and all; a pager is asked to keep colours only.
                    subprocess.run(command, input=text.encode("utf-8", "backslashreplace"), check=False)
                app.refresh()
                return
            except SuspendNotSupported:
                pass
            except OSError as error:
                app.refuse(f"{command[0]} cannot be started: {(error.strerror or str(error)).lower()}")
        app.read("Output", text)

    app.ask(Output(uid), show)


def _program(*variables: str) -> list[str] | None:
    """The command that the first of these variables names, if there is such a program."""
    for variable in variables:
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError:
            continue
        if words and shutil.which(words[0]):
            return words
    return None


def _edited(screen: WorkbenchScreen, command: list[str], what: str, text: str) -> str | None:
    """The text after the editor has closed; None where it failed, and nothing is to be changed."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        path = os.path.join(folder, f"{what}.md")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n" * (not text.endswith("\n")))
        with screen.app.suspend():
            done = subprocess.run([*command, path], check=False)
        screen.app.refresh()
        if done.returncode != 0:
            screen.workbench.refuse(f"{command[0]} ended with status {done.returncode}: the {what} is as it was")
            return None
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            screen.workbench.refuse(f"{command[0]} left no file: the {what} is as it was")
            return None
