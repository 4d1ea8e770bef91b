"""The first page on the terminal while the app is still being loaded.

Loading Textual takes longer than finding out what to show. So what the first screen will show is
written with a few escape codes as soon as the store has answered; the app then draws over it, and
gets the keys that were pressed meanwhile.
"""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from workbench.output.cells import cell_width, clip, fit, pad, visible
from workbench.tui.widgets.table_model import Drawn, header_line, lay_out, natural_width, row_line

if TYPE_CHECKING:
    from workbench.tui.questions.runs import RunsTable
    from workbench.tui.state import State

STACKED_BELOW = 100
"""Columns under which the run stands below the table rather than beside it."""

# Attributes that every terminal has, until the app has said what its theme's are.
_PLAIN = {"table-header": "1", "cursor": "7", "cell": "7;1;4", "header": "7", "accent": "1", "dim": "2", "marked": "1"}


@contextmanager
def quiet_terminal() -> Iterator[list[Any] | None]:
    """The terminal without its echo: keys pressed before the app listens wait for it, unseen.

    Yields how the terminal was, as termios has it; None where there is none. At the end it is so again, whatever
    happened in between.
    """
    try:
        fd = sys.__stdin__.fileno() if sys.__stdin__ else 0
        before = termios.tcgetattr(fd)
        quiet = termios.tcgetattr(fd)
    except (termios.error, OSError, ValueError):
        yield None
        return
    quiet[0] &= ~termios.ICRNL  # enter stays enter, as for the app
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    with suppress(termios.error):
        termios.tcsetattr(fd, termios.TCSANOW, quiet)
    try:
        yield before
    finally:
        with suppress(termios.error):
            termios.tcsetattr(fd, termios.TCSADRAIN, before)


def paint(table: RunsTable, state: State, name: str) -> bool:
    """Write the first page to the terminal's other screen; False where nothing is written.

    Args:
        table: the first page.
        state: what is remembered of the project.
        name: the project's.
    """
    try:
        width, height = os.get_terminal_size(2)
    except OSError:
        return False
    if not table.rows or height < 15 or width < 60:
        return False
    lines = frame(table, state, name, width, height)
    text = "".join(f"\x1b[{row};1H{line}" for row, line in enumerate(lines, 1))
    with suppress(OSError):
        # The other screen, no cursor; the app does both again, which changes nothing.
        os.write(2, f"\x1b[?1049h\x1b[?25l{_background(state)}\x1b[2J{text}\x1b[0m".encode())
        return True
    return False


def unpaint() -> None:
    """Back to the screen of before, where the app did not come to do it."""
    with suppress(OSError):
        os.write(2, b"\x1b[?25h\x1b[?1049l")


def frame(table: RunsTable, state: State, name: str, width: int, height: int) -> list[str]:
    """The lines of the first screen, each as wide as the terminal, with escape codes."""
    stacked = width < STACKED_BELOW
    beside = state.detail and not stacked
    inner = width - (width * (100 - state.split_percent) // 100 if beside else 0)
    body = height - 3
    rows = body * state.split_percent // 100 if state.detail and stacked else body
    # A cell for the scrollbar, where the app will have one.
    drawn = inner - (table.total + 1 > rows)
    layout = lay_out([column.width for column in table.columns], width=drawn, need=natural_width(table.rows))
    styles = state.styles or _PLAIN
    marks = set(state.marks)
    lines = [_styled([(fit(clip(f" workbench  {visible(name)} ", width), width), "", "header")], styles)]
    count = f"{table.total:,} runs "
    prompt = f" / {visible(state.view.where)}"
    lines.append(
        _styled(
            [(pad(clip(prompt, width - cell_width(count)), width - cell_width(count)), "dim", ""), (count, "dim", "")],
            styles,
        )
    )
    lines.append(_styled(header_line(table.columns, layout), styles))
    for place, row in enumerate(table.rows[: rows - 1]):
        marked = row.key in marks
        base = "cursor" if place == 0 else "marked" if marked else ""
        cell = 0 if place == 0 else None
        lines.append(_styled(row_line(row, table.columns, layout, base=base, marked=marked, cell=cell), styles))
    return lines


def _styled(line: Sequence[Drawn], styles: dict[str, str]) -> str:
    parts = []
    for text, style, base in line:
        below, own = styles.get(base, ""), styles.get(style, "")
        if base in ("cursor", "cell", "header"):
            own = ""
        codes = ";".join(code for code in (styles.get("", ""), below, own) if code)
        parts.append(f"\x1b[0;{codes}m{text}" if codes else f"\x1b[0m{text}")
    return "".join(parts)


def _background(state: State) -> str:
    codes = (state.styles or {}).get("", "")
    return f"\x1b[0;{codes}m" if codes else ""
