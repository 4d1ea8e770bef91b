"""Lines on stdout that are drawn again in place, several times a second."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from workbench.cli import console
from workbench.output import terminal
from workbench.output.spans import Line, to_text


def animated() -> bool:
    """Whether stdout is a terminal that can move its cursor."""
    return console.to_terminal() and os.environ.get("TERM", "dumb") != "dumb"


@contextmanager
def live() -> Iterator[Callable[[Iterable[Line]], None]]:
    """Gives a function that draws lines in place of those before; the last ones stay."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    look = {"colour": console.colour(), "ascii": terminal.wants_ascii(sys.stdout)}
    screen = Console(file=sys.stdout, width=console.width(), highlight=False, markup=False)

    def show(lines: Iterable[Line]) -> None:
        text = to_text(lines, **look).rstrip("\n")
        display.update(Text.from_ansi(text, no_wrap=True, overflow="crop"), refresh=True)

    with Live(console=screen, auto_refresh=False, redirect_stdout=False, redirect_stderr=False) as display:
        yield show
