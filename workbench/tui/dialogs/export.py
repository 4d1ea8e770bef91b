"""To which file, and in which format, a table is written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.base import Dialog
from workbench.tui.dialogs.confirm import Confirm
from workbench.tui.styles import ink
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.span_lines import SpanLines

FORMATS = ("csv", "parquet", "json", "md")


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """Where to write.

    Attributes:
        path: of the file; a leading `~` is resolved.
        format: one of the formats that were offered.
    """

    path: str
    format: str


class FormatRow(Widget, can_focus=True):
    """The formats side by side, one of them chosen.

    Args:
        formats: names.

    Attributes:
        chosen: one of them.
    """

    DEFAULT_CSS = "FormatRow { height: 1; width: 100%; }"

    def __init__(self, formats: Sequence[str]) -> None:
        super().__init__()
        self._formats = tuple(formats)
        self.chosen = self._formats[0]

    def choose(self, name: str) -> None:
        """Choose a format."""
        self.chosen = name
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """`● csv   ○ parquet`."""
        line: Line = []
        for name in self._formats:
            if name == self.chosen:
                line += [(f" ● {name} ", "cursor" if self.has_focus else "bold"), (" ", "")]
            else:
                line += [(f" ○ {name} ", "dim"), (" ", "")]
        return ink(self).strip(line, self.size.width).apply_style(self.rich_style)

    def on_focus(self) -> None:
        """Show where the keys go."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.refresh()


class Export(Dialog[ExportChoice]):
    """Asks for a file; the format follows its ending, and the ending the format.

    Args:
        title: what is written.
        formats: names, which are also the endings.
        path: the path at first.
        twin: how the command that does the same is made from path and format.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("export", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("export")
    AUTO_FOCUS = "LineInput"
    DEFAULT_CSS = """
    Export #path { height: 1; margin: 1 0; background: $surface; }
    Export.-low #path { margin: 0; }
    """

    def __init__(
        self,
        title: str,
        formats: Sequence[str] = FORMATS,
        path: str = "",
        twin: Callable[[str, str], str] | None = None,
    ) -> None:
        super().__init__(title)
        self._formats = tuple(formats)
        self._first = path
        self._make_twin = twin

    def compose_body(self) -> Iterable[Widget]:
        """Path, formats, what is wrong."""
        yield LineInput(self._first, placeholder=f"a path, like runs.{self._formats[0]}", select=False, id="path")
        yield FormatRow(self._formats)
        yield SpanLines(wrap=True, id="wrong")

    def on_mount(self) -> None:
        """The format of the path."""
        super().on_mount()
        self._follow(self._first)

    def hinted_actions(self) -> Sequence[Action]:
        """In the path tab leads to the formats, there arrows choose one."""
        path, formats = ("other_field",), ("previous_format", "next_format")
        left_out = formats if self.focused is self.query_one(LineInput) else path
        return [action for action in super().hinted_actions() if action.name not in left_out]

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.refresh_keys()

    def on_input_changed(self, message: Input.Changed) -> None:
        """The format follows the ending."""
        message.stop()
        self._say("")
        self._follow(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter in the path."""
        message.stop()
        self.action_submit()

    def action_other_field(self) -> None:
        """From the path to the formats, and back."""
        path, formats = self.query_one(LineInput), self.query_one(FormatRow)
        (formats if path.has_focus else path).focus()

    def action_next_format(self) -> None:
        """The next format."""
        self._choose(1)

    def action_previous_format(self) -> None:
        """The format before."""
        self._choose(-1)

    def action_submit(self) -> None:
        """Answer, after a question where there is such a file."""
        typed = self.query_one(LineInput).value.strip()
        answer = ExportChoice(os.path.expanduser(typed), self.query_one(FormatRow).chosen)
        if not typed:
            self._say("a path is needed")
            return
        try:
            found = os.stat(answer.path)
        except FileNotFoundError:
            folder = os.path.dirname(answer.path)
            if folder and not os.path.isdir(folder):
                self._say(f"there is no folder {folder}")
            else:
                self.dismiss(answer)
            return
        except (OSError, ValueError) as error:
            self._say(f"this path cannot be used: {getattr(error, 'strerror', None) or error}")
            return
        if stat.S_ISDIR(found.st_mode):
            self._say("this is a folder: add the name of a file")
            return
        lines: list[Line] = [[(f"{visible(answer.path)} exists; its contents will be lost.", "")]]

        def agreed(yes: bool | None) -> None:
            if yes:
                self.dismiss(answer)

        self.app.push_screen(Confirm("Write over the file?", lines, "Write over it"), agreed)

    def _choose(self, step: int) -> None:
        row, path = self.query_one(FormatRow), self.query_one(LineInput)
        row.choose(self._formats[(self._formats.index(row.chosen) + step) % len(self._formats)])
        stem, ending = os.path.splitext(path.value)
        if path.value and (not ending or ending[1:].lower() in self._formats):
            path.put(f"{stem}.{row.chosen}")
        self._show_twin()

    def _follow(self, path: str) -> None:
        ending = os.path.splitext(path)[1][1:].lower()
        if ending in self._formats:
            self.query_one(FormatRow).choose(ending)
        self._show_twin()

    def _show_twin(self) -> None:
        if self._make_twin is not None:
            path = self.query_one(LineInput).value.strip()
            self.show_twin(self._make_twin(path, self.query_one(FormatRow).chosen))

    def _say(self, text: str) -> None:
        self.query_one("#wrong", SpanLines).show([[(f"✗ {text}", "bad")]] if text else [])
