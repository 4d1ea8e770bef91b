"""Breaking styled lines to a width in cells."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.output.cells import ELLIPSIS, cell_width, visible
from workbench.output.spans import Line, plain


def wrapped(line: Line, width: int, *, words: bool = True) -> list[Line]:
    """A line as lines of at most `width` cells, each with the styles it had; at least one.

    Args:
        line: spans; control characters are shown as escapes.
        width: cells, at least 1.
        words: break at spaces where there are some; else fill every line, so that no space is lost.
    """
    width = max(1, width)
    line = [(visible(text), style) for text, style in line if text]
    text = plain(line)
    if cell_width(text) <= width:
        return [line]
    lines, start = [], 0
    while start < len(text):
        stop = start + _fitting(text, start, width)
        space = text.rfind(" ", start, stop + 1) if words and stop < len(text) else -1
        if space > start:
            stop = space
        lines.append(_part(line, start, stop))
        start = stop + 1 if space == stop else stop
    return lines


def wrapped_all(lines: Iterable[Line], width: int, *, words: bool = True) -> list[Line]:
    """All lines as `wrapped` breaks them."""
    return [part for line in lines for part in wrapped(line, width, words=words)]


def cut(line: Line, width: int) -> Line:
    """A line cut to `width` cells; a cut is shown by a final `…`. Control characters are shown as escapes."""
    first, *rest = wrapped(line, width, words=False)
    if not rest:
        return first
    first = wrapped(first, width - 1, words=False)[0] if width > 1 else []
    return [*first, (ELLIPSIS, first[-1][1] if first else "")]


def without_first_cells(text: str, cells: int) -> str:
    """`text` without its first cells; half of a wide character is left as a space."""
    if text.isascii():
        return text[cells:]
    gone = 0
    for index, character in enumerate(text):
        if gone >= cells:
            return " " * (gone - cells) + text[index:]
        gone += cell_width(character)
    return " " * max(0, gone - cells)


def _fitting(text: str, start: int, width: int) -> int:
    """How many characters from `start` on fit into `width` cells; at least one."""
    ahead = text[start : start + width]
    if ahead.isascii():
        return len(ahead)
    while len(ahead) > 1 and cell_width(ahead) > width:
        ahead = ahead[: -max(1, (cell_width(ahead) - width) // 2)]
    following = text[start + len(ahead) : start + len(ahead) + 16]
    for character in following:  # combining marks belong to the character before
        if cell_width(character):
            break
        ahead += character
    return len(ahead)


def _part(line: Line, start: int, stop: int) -> Line:
    part, position = [], 0
    for text, style in line:
        cut = text[max(0, start - position) : max(0, stop - position)]
        if cut:
            part.append((cut, style))
        position += len(text)
    return part
