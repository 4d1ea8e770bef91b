"""The stages of something that takes a while, on stderr: one line for each that is done, and what goes on now."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from workbench.cli import console
from workbench.output import terminal
from workbench.output.cells import clip, pad, visible

if TYPE_CHECKING:
    from types import TracebackType

    from workbench.packaging.building import Progress

NAME_WIDTH = 10
TEXT_WIDTH = 62


class Stages:
    """Shows stages as they come; the last one is done when the block ends.

    Args:
        quiet: show nothing, for `--json`.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._ticker = console.Ticker() if not quiet and terminal.is_terminal(sys.stderr) else None
        self._name = ""
        self._text = ""
        self._began = 0.0

    def __enter__(self) -> Stages:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._finish("✓" if kind is None else "✗")

    def say(self, stage: str, text: str) -> None:
        """Say what a stage does; another one begins where it has another name."""
        if stage != self._name:
            self._finish("✓")
            self._name, self._began = stage, time.monotonic()
        self._text = visible(text)
        if self._ticker is not None:
            self._ticker.show(f"   {pad(stage, NAME_WIDTH)} {self._text} …")

    def listen(self, progress: Progress) -> None:
        """Show a line of the engine behind what the stage does."""
        if self._ticker is not None:
            where = f"{progress.step}/{progress.steps} " if progress.steps else ""
            self._ticker.show(f"   {pad(self._name, NAME_WIDTH)} {self._text}: {where}{visible(progress.text.strip())}")

    def _finish(self, mark: str) -> None:
        if self._ticker is not None:
            self._ticker.clear()
        if self._quiet or not self._name:
            return
        took = f"{time.monotonic() - self._began:.1f} s"
        columns = terminal.terminal_width(sys.stderr)
        room = TEXT_WIDTH if columns is None else max(20, columns - NAME_WIDTH - len(took) - 7)
        text = self._text if columns is None else clip(self._text, room)
        colour = {"✓": "green", "✗": "red"}[mark]
        shown = mark if not terminal.wants_ascii(sys.stderr) else {"✓": "+", "✗": "x"}[mark]
        took = console.style(took.rjust(8), "dim", sys.stderr)
        name, text = pad(self._name, NAME_WIDTH), pad(text, min(room, TEXT_WIDTH))
        console.err(f" {console.style(shown, colour, sys.stderr)} {name} {text} {took}")
        self._name = ""
