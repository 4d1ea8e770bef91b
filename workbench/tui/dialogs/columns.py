"""Which columns a table shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, visible
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.base import LOW_ROWS, Dialog
from workbench.tui.dialogs.column_picks import ColumnPicks, Row
from workbench.tui.fuzzy import ranked
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.pick_list import PickList
from workbench.tui.widgets.span_lines import SpanLines

if TYPE_CHECKING:
    from workbench.store.choices import ColumnChoice


class Columns(Dialog[list[str]]):
    """Asks for columns; answers their expressions in order, an empty list for the default ones.

    Args:
        choices: everything that can be a column, 12,000 and more.
        shown: expressions of the columns that are shown now, in their order.
        check: what is wrong with an expression that a person has typed, or None.
        twin: how the command that does the same is made from expressions.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("columns", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("columns")
    AUTO_FOCUS = "PickList"
    DEFAULT_CSS = """
    Columns #entry { height: 1; background: $surface; display: none; }
    Columns #entry.-open { display: block; }
    Columns #entry SpanLines { width: auto; }
    """

    def __init__(
        self,
        choices: Sequence[ColumnChoice],
        shown: Sequence[str],
        *,
        check: Callable[[str], str | None] | None = None,
        twin: Callable[[Sequence[str]], str] | None = None,
    ) -> None:
        super().__init__("Columns", twin=twin(shown) if twin else "")
        self._picks = ColumnPicks(choices, shown)
        self._check = check
        self._make_twin = twin
        self._wanted = ""
        self._typing_column = False
        self._rows: list[Row] = []

    def compose_body(self) -> Iterable[Widget]:
        """How many there are, the list, a line to type into, what is wrong."""
        yield SpanLines(id="number")
        yield PickList(focusable=True)
        yield Horizontal(SpanLines(id="what"), LineInput(id="typed"), id="entry")
        yield SpanLines(wrap=True, id="wrong")

    def on_mount(self) -> None:
        """Show all."""
        super().on_mount()
        self._fill()

    def lay_out(self, width: int, height: int) -> None:
        """As high as there is room."""
        room = height - (4 if height < LOW_ROWS else 10)
        self._list.styles.height = max(1, min(room, max(4, len(self._rows))))

    def hinted_actions(self) -> Sequence[Action]:
        """While something is typed, only enter and escape."""
        if self.focused is not self.query_one(LineInput):
            return super().hinted_actions()
        kept = [action for action in super().hinted_actions() if action.name in ("apply", "cancel")]
        return [replace(action, hint="ok") if action.name == "apply" else action for action in kept]

    # typing

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.refresh_keys()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the list, or forget what was wrong."""
        message.stop()
        self._say("")
        if not self._typing_column and message.value != self._wanted:
            self._wanted = message.value
            self._fill()
            self._list.move_to(0)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Back to the list, with the column that was typed."""
        message.stop()
        text = message.value.strip()
        if not self._typing_column:
            self._close_entry(keep=bool(text))
            return
        wrong = self._check(text) if self._check is not None and text else None
        if wrong:
            self._say(wrong)
            return
        if text:
            self._picks.add(text, self._row)
        self._close_entry(keep=False)
        if text:
            self._fill()
            self._go_to(text)

    def action_find(self) -> None:
        """Type what the columns are called."""
        self._open_entry("find ", self._wanted, column=False)

    def action_expression(self) -> None:
        """Type a column."""
        self._open_entry("column ", "", column=True)

    def action_to_list(self) -> None:
        """From the input to the list."""
        if self.focused is self._list or self._typing_column:
            raise SkipAction
        self._close_entry(keep=bool(self._wanted))

    # choosing

    def action_show_or_hide(self) -> None:
        """Show the column, or hide it; the cursor goes on, so that several can be chosen."""
        row = self._row
        if row is None:
            return
        self._picks.toggle(row)
        self._fill()
        if not row.shown:
            self._list.step(1)

    def action_move_down(self) -> None:
        """One further to the right in the table."""
        self._move(1)

    def action_move_up(self) -> None:
        """One further to the left in the table."""
        self._move(-1)

    def action_next_aggregate(self) -> None:
        """Another value of the metric."""
        self._reform(self._picks.next_form)

    def action_add_aggregate(self) -> None:
        """One more value of the metric."""
        self._reform(self._picks.add_form)

    def action_reset(self) -> None:
        """The default columns."""
        self.dismiss([])

    async def action_apply(self) -> None:
        """These columns; while something is typed, that first."""
        box = self.query_one(LineInput)
        if box.has_focus:
            await box.action_submit()
        elif self._picks.shown:
            self.dismiss(list(self._picks.shown))
        else:
            self._say("show at least one column; 0 shows the default ones")

    def action_cancel(self) -> None:
        """What is typed goes first, then the dialog."""
        if self._entry_open:
            self._close_entry(keep=False)
        else:
            self.dismiss(None)

    def on_line_view_chosen(self, message: LineView.Chosen) -> None:
        """A double click."""
        message.stop()
        self.action_show_or_hide()

    @property
    def _list(self) -> PickList:
        return self.query_one(PickList)

    @property
    def _row(self) -> Row | None:
        index = self._list.index
        return self._rows[index] if index < len(self._rows) else None

    @property
    def _entry_open(self) -> bool:
        return self.query_one("#entry").has_class("-open")

    def _open_entry(self, what: str, value: str, *, column: bool) -> None:
        self._typing_column = column
        self.query_one("#what", SpanLines).show([[(what, "dim")]])
        self.query_one("#entry").add_class("-open")
        box = self.query_one(LineInput)
        box.placeholder = "like max(auc) as best" if column else ""
        box.put(value)
        box.focus()

    def _close_entry(self, *, keep: bool) -> None:
        """Back to the list; what is sought stays where it is to be kept."""
        self._list.focus()
        self._say("")
        if keep:
            return
        self.query_one("#entry").remove_class("-open")
        self._typing_column = False
        if self._wanted:
            here = self._row
            self._wanted = ""
            self._fill()
            self._go_to(here.expression if here else "")

    def _move(self, by: int) -> None:
        row = self._row
        if row is not None and self._picks.move(row, by):
            self._fill()
            self._go_to(row.expression)

    def _reform(self, change: Callable[[Row], str | None]) -> None:
        row = self._row
        changed = change(row) if row is not None else None
        if changed is None:
            self._say("this is for metrics: max, min, mean, first, the step of the best")
            return
        self._fill()
        self._go_to(changed)

    def _go_to(self, expression: str) -> None:
        places = (index for index, row in enumerate(self._rows) if row.expression == expression)
        index = next(places, None)
        if index is not None:
            self._list.move_to(index)

    def _fill(self) -> None:
        rows = self._picks.rows()
        if self._wanted.strip():
            names = [f"{row.expression} {row.choice.kind if row.choice else ''}".lower() for row in rows]
            rows = [rows[index] for index in ranked(self._wanted, names)]
            rows.sort(key=lambda row: not row.shown)
        self._rows = rows
        if rows:
            self._list.show_from(len(rows), self._line)
        else:
            self._list.show_from(1, lambda index: [("  nothing fits", "dim")])
        shown = f"{format_number(len(self._picks.shown))} shown"
        number = f"{shown}, {format_number(len(rows))} in the list"
        self.query_one("#number", SpanLines).show([[(number, "dim")]])
        self._say("")
        if self._make_twin is not None:
            self.show_twin(self._make_twin(self._picks.shown))

    def _line(self, index: int) -> Line:
        row = self._rows[index]
        choice = row.choice
        detail = "typed" if choice is None else f"{choice.kind}  {_runs(choice.n_runs):>12}"
        room = self._list.row_width
        detail = detail if room >= 40 else ""
        name = clip(visible(row.expression), max(1, room - cell_width(detail) - 4))
        gap = room - 2 - cell_width(name) - cell_width(detail)
        return [("✓ " if row.shown else "  ", "good"), (name, ""), (" " * gap, ""), (detail, "dim")]

    def _say(self, text: str) -> None:
        self.query_one("#wrong", SpanLines).show([[(f"✗ {text}", "warn")]] if text else [])


def _runs(number: int) -> str:
    return f"{format_number(number)} run{'' if number == 1 else 's'}"
