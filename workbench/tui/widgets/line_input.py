"""One line to type into: Textual's input without a frame, safe with whatever is pasted or was logged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import Input

from workbench.output.cells import clip, visible

_BREAKS = re.compile(r"[\t\r\n]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class LineInput(Input):
    """An input of one row.

    Line breaks and tabs become spaces and control characters vanish, so that no value can break the screen.

    Args:
        value: the text at first.
        placeholder: shown dim while there is no text.
        complete: the whole text with its last word completed, or None; it is shown dim, and the right arrow takes it.
        select: whether the text is selected when the input gets the focus, so that typing replaces it.
        id, classes: as for any widget.
    """

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    LineInput { width: 1fr; background: transparent; }
    LineInput:focus { background-tint: $foreground 0%; }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        complete: Callable[[str], str | None] | None = None,
        select: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self.complete = complete or (lambda text: None)
        super().__init__(
            one_line(value),
            visible(placeholder),
            select_on_focus=select,
            compact=True,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """The value on one line."""
        return one_line(value)

    def watch_value(self, value: str) -> None:
        """Suggest at once; Textual's suggesters answer later, when more has been typed."""
        self._suggestion = (self.complete(value) or "") if value else ""

    def put(self, value: str) -> None:
        """Another text, with the cursor at its end."""
        self.value = value
        self.cursor_position = len(self.value)

    def render_line(self, y: int) -> Strip:
        """The row; a placeholder that is too long is cut where Textual's would be broken."""
        width = self.scrollable_content_region.width
        if y or self.value or not self.placeholder:
            return super().render_line(y)
        text = clip(self.placeholder, width)
        dim = self.get_component_rich_style("input--placeholder")
        first = self.get_component_rich_style("input--cursor") if self.has_focus else dim
        strip = Strip([Segment(text[:1] or " ", first), Segment(text[1:], dim)])
        return strip.extend_cell_length(width + 1).apply_style(self.rich_style)

    def _on_paste(self, event: events.Paste) -> None:
        """All that is pasted, on one line; Textual takes only its first line."""
        event.prevent_default()
        event.stop()
        text = one_line(event.text.strip("\r\n"))
        if text:
            self.replace(text, *self.selection)


def one_line(text: str) -> str:
    """`text` without line breaks, tabs and control characters."""
    return text if text.isprintable() else _UNPRINTABLE.sub("", _BREAKS.sub(" ", text))
