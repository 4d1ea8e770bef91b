"""Writing a text in the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile

from workbench.base.errors import InputError, ToolError

FALLBACKS = ("sensible-editor", "nano", "vi")


def edited(text: str, name: str, *, instead: str) -> str:
    """The text after `$VISUAL`, `$EDITOR` or what the machine has has closed.

    Args:
        text: what the editor begins with.
        name: of the file that the editor shows.
        instead: what to do where there is no editor, for the hint.

    Raises:
        InputError: there is no editor.
        ToolError: it failed, or left no text.
    """
    command = _editor()
    if command is None:
        raise InputError("no editor is set", f"export EDITOR=nano, or {instead}")
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            status = subprocess.run([*command, path], check=False).returncode
        except OSError as error:
            raise ToolError(f"{command[0]} cannot be started: {(error.strerror or str(error)).lower()}") from None
        if status != 0:
            raise ToolError(f"{command[0]} ended with status {status}; nothing is changed")
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except (OSError, UnicodeDecodeError):
            raise ToolError(f"{command[0]} left no text; nothing is changed") from None


def _editor() -> list[str] | None:
    """The command that opens a file: what the person set, else what there is."""
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError:
            continue
        if words and shutil.which(words[0]):
            return words
    return next(([name] for name in FALLBACKS if shutil.which(name)), None)
