"""What a terminal shows of recorded lines: the plain statement that the recorder is tested against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def rendered(lines: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """The lines to show for recorded `(text, newline)` of one stream: beginnings joined with what followed them."""
    shown = ""
    open_line = False
    for text, newline in lines:
        shown = text[1:] if text.startswith("\r") else shown + text
        open_line = not newline
        if newline:
            yield shown
            shown = ""
    if open_line:
        yield shown
