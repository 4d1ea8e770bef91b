"""The line above a table where its filter is typed, with what it finds and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from workbench.base.errors import FilterError
from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, visible
from workbench.output.spans import Line
from workbench.tui.actions import bindings
from workbench.tui.widgets.caret import caret, with_caret
from workbench.tui.widgets.filter_completion import completions, last_word
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.span_lines import SpanLines

TYPING_PAUSE_S = 0.15
"""A filter is tried after so long a pause."""
MIN_INPUT = 12
"""Cells that are left to the input before numbers are shown."""
EXAMPLE = "filter, like metrics.auc > 0.9 AND params.model = 'gbm'"


class FilterBar(Widget):
    """One row: where it filters, the filter, how many runs fit. While it has the focus, a second row says what may
    follow, or what is wrong.

    Args:
        id, classes: as for any widget.

    Attributes:
        history: earlier filters, the newest first.
    """

    DEFAULT_CSS = """
    FilterBar { height: auto; width: 100%; layout: vertical; }
    FilterBar > #row { height: 1; }
    FilterBar #before { width: auto; }
    FilterBar #counts { width: auto; }
    FilterBar > #below { height: auto; display: none; }
    FilterBar > #below.-open { display: block; min-height: 1; }
    """

    class Changed(Message):
        """The filter is another one, and typing has paused.

        Attributes:
            text: the filter.
        """

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Message):
        """Enter was pressed; where the filter has changed, `Changed` comes before. Attributes as there."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cancelled(Message):
        """Escape was pressed, and the filter is as it was before typing; attributes and order as `Submitted`."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._names: list[str] = []
        self._input = _FilterInput(self)
        self._announced = self._before = ""
        self._pause: Timer | None = None
        self._error: FilterError | None = None
        self._counts: tuple[int | None, int | None, int] = (None, None, 0)
        self._scope: tuple[str | None, bool] = (None, False)
        self.history: Sequence[str] = ()
        self._at: int | None = None
        self._draft = ""

    def compose(self) -> ComposeResult:
        """Scope, input, counts; what is wrong."""
        yield Horizontal(SpanLines(id="before"), self._input, SpanLines(id="counts"), id="row")
        yield SpanLines(id="below")

    # what the owner calls

    @property
    def text(self) -> str:
        """The filter as it stands in the input; setting it posts nothing."""
        return self._input.value

    @text.setter
    def text(self, text: str) -> None:
        self._stop_pause()
        self._input.put(text)
        self._announced = self._before = self._input.value
        self._error = None
        self._at = None
        self._show()

    @property
    def editing(self) -> bool:
        """Whether the input has the focus."""
        return self._input.has_focus

    def focus_input(self) -> None:
        """Begin typing."""
        self._input.focus()

    def set_counts(self, shown: int | None, total: int | None, marked: int = 0) -> None:
        """How many runs fit, how many there are, how many are marked; None for what is not known yet."""
        self._counts = (shown, total, marked)
        self._show()

    def set_scope(self, experiment: str | None, deleted: bool = False) -> None:
        """The experiment to which the table is limited, and whether it shows the trash."""
        self._scope = (experiment, deleted)
        self._show()

    def set_names(self, names: Sequence[str]) -> None:
        """Names for completion, as a filter wants them: `metrics.auc`, ``params.`learning rate` ``."""
        self._names = sorted(set(names))
        self._show()

    def show_error(self, error: FilterError | None) -> None:
        """Show what is wrong with the filter, or that nothing is."""
        self._error = error
        self._show()

    # what the input calls

    def complete(self, text: str) -> str | None:
        """The filter with its last word completed; None where there is nothing to complete."""
        word = last_word(text)
        if not word:
            return None
        found = completions(text, self._names)
        return text[: len(text) - len(word)] + found[0] if found else None

    def submit(self) -> None:
        """Filter by the text now."""
        self._announce()
        self._before = self.text
        self.post_message(self.Submitted(self.text))

    def cancel(self) -> None:
        """The filter as it was when typing began."""
        self._stop_pause()
        self._input.put(self._before)
        self._announce()
        self.post_message(self.Cancelled(self.text))

    def recall(self, step: int) -> None:
        """An earlier filter (1) or a later one (-1); the latest is what was typed."""
        if self._at is None:
            self._draft = self.text
        earlier = [text for text in dict.fromkeys(self.history) if text not in ("", self._draft)]
        at = (-1 if self._at is None else self._at) + step
        if at >= len(earlier) or at < -1:
            return
        self._at = None if at < 0 else at
        self._input.put(self._draft if at < 0 else earlier[at])

    # events

    def on_mount(self) -> None:
        """Show everything."""
        self._show()

    def on_resize(self) -> None:
        """What is shown depends on the room."""
        self._show()

    def on_click(self, event: events.Click) -> None:
        """A click anywhere in the bar begins typing."""
        self._input.focus()

    def on_descendant_focus(self) -> None:
        """Typing begins."""
        self._before = self.text
        self._at = None
        self._show()

    def on_descendant_blur(self) -> None:
        """Typing ends; the filter is what it is now."""
        self._announce()
        self._show()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Wait for a pause, then tell."""
        message.stop()
        text = message.value
        if text != self.text:
            return
        if text != self._announced:
            self._error = None
            self._stop_pause()
            self._pause = self.set_timer(TYPING_PAUSE_S, self._announce)
        self._show()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter."""
        message.stop()
        self.submit()

    def _announce(self) -> None:
        self._stop_pause()
        if self.text != self._announced:
            self._announced = self.text
            self.post_message(self.Changed(self.text))

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    # drawing

    def _show(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        width = self.size.width
        before = [*_chips(self._scope, width // 4), (" / ", "key" if self.editing else "dim")]
        taken = sum(cell_width(text) for text, _ in before)
        counts = _counted(self._counts, width - taken - max(MIN_INPUT, width // 2))
        self.query_one("#before", SpanLines).show([before])
        self.query_one("#counts", SpanLines).show([counts])
        below = self.query_one("#below", SpanLines)
        room = width - taken - sum(cell_width(text) for text, _ in counts)
        below.show(self._lines_below(taken, room, width))
        below.set_class(self.editing or self._error is not None, "-open")

    def _lines_below(self, column: int, room: int, width: int) -> list[Line]:
        error = self._error
        if error is not None:
            at = cell_width(self.text[: error.position])
            if error.text == self.text and max(at, cell_width(self.text)) < room:
                return caret(error, column + at, width)
            return [[("  ", ""), *line] for line in with_caret(error, max(1, width - 2))]
        if not self.editing:
            return []
        found = completions(self.text, self._names)
        indent = min(column + cell_width(self.text) - cell_width(last_word(self.text)), width // 2)
        return [[(" " * indent, ""), (clip("  ".join(map(visible, found)), width - indent), "dim")]] if found else []


class _FilterInput(LineInput):
    SCOPES: ClassVar[tuple[str, ...]] = ("filter",)
    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")

    def __init__(self, bar: FilterBar) -> None:
        super().__init__(placeholder=EXAMPLE, complete=bar.complete, select=False)
        self._bar = bar

    def action_complete(self) -> None:
        """Take the completion; without one, tab does what it does elsewhere."""
        completed = self.complete(self.value) if self.cursor_at_end else None
        if completed is None:
            raise SkipAction
        self.put(completed)

    def action_older(self) -> None:
        """An earlier filter."""
        self._bar.recall(1)

    def action_newer(self) -> None:
        """A later filter."""
        self._bar.recall(-1)

    def action_cancel(self) -> None:
        """Take back what was typed."""
        self._bar.cancel()


def _chips(scope: tuple[str | None, bool], width: int) -> Line:
    """Where the table looks, in about so many cells."""
    experiment, deleted = scope
    chips: Line = []
    if deleted:
        chips += [(" trash ", "cursor"), (" ", "")]
        width -= 8
    if experiment is not None:
        chips += [(f" in {clip(visible(experiment), max(3, width - 6))} ", "header"), (" ", "")]
    return chips


def _counted(counts: tuple[int | None, int | None, int], width: int) -> Line:
    """How many there are, in the longest words that fit."""
    shown, total, marked = counts
    if shown is None and total is None:
        return []
    all_of_them = total is None or shown == total
    number = format_number(shown if shown is not None else total)
    if shown is None:
        number, all_of_them = "…", total is None
    of = format_number(total)
    runs = "run" if (shown if all_of_them else total) == 1 else "runs"
    long = f"{number} {runs}" if all_of_them else f"{number} of {of} {runs}"
    short = number if all_of_them else f"{number}/{of}"
    mark = f"▌{format_number(marked)} marked  " if marked else ""
    for first, second in ((mark, long), (mark, short), ("", long), ("", short)):
        if cell_width(first) + cell_width(second) + 2 <= width:
            return [("  ", ""), (first, "accent"), (second, "dim"), (" ", "")]
    return []
