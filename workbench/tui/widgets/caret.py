"""A filter's mistake: the caret below it, and what is expected there."""

from __future__ import annotations

from workbench.base.errors import FilterError
from workbench.output.cells import cell_width, clip, visible
from workbench.output.spans import Line
from workbench.tui.wrapping import without_first_cells


def with_caret(error: FilterError, width: int) -> list[Line]:
    """The line that holds the mistake and what `caret` draws, both so far to the left that the caret is in sight.

    Args:
        error: the mistake.
        width: cells.
    """
    start = error.text.rfind("\n", 0, error.position) + 1
    text = _printable(error.text[start:].split("\n", 1)[0])
    column = cell_width(_printable(error.text[start : max(start, error.position)]))
    gone = 0
    if max(cell_width(text), column + 1) > width:
        gone = max(0, min(column - width // 2, max(cell_width(text), column + 1) - width))
    shown = without_first_cells(text, gone)
    if gone and shown:
        shown = "…" + without_first_cells(shown, 1)
    return [[(clip(shown, width), "")], *caret(error, column - gone, width)]


def caret(error: FilterError, column: int, width: int) -> list[Line]:
    """The caret at a column, with the explanation behind it, before it, or below it: wherever there is room.

    Args:
        error: the mistake.
        column: cells before the caret.
        width: cells.
    """
    column = max(0, min(column, width - 1))
    said = visible(error.explanation or error.message)
    size = cell_width(said)
    mark: Line = [(" " * column, ""), ("^", "error")]
    left = width - column - 2 - size
    if left >= 0:
        more = f"   ({visible(error.message)})" if error.explanation else ""
        return [[*mark, (f" {said}", "error"), (more if cell_width(more) <= left else "", "dim")]]
    if size + 1 <= column:
        return [[(" " * (column - size - 1), ""), (f"{said} ^", "error")]]
    return [mark, [(" " * max(0, min(column, width - size)), ""), (clip(said, width), "error")]]


def _printable(text: str) -> str:
    return visible(text.replace("\t", " "))
