"""What screens with a list have in common: a table, below it what belongs to the row under its cursor, and a detail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import on
from textual.widget import Widget

from workbench.output.spans import Line
from workbench.tui.asking import Mood
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.messages import Unanswered
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.pane import title_line
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.widgets.virtual_table import VirtualTable

LEAST_ROWS = 3
ROWS_WITH_DETAIL = 30
"""Rows of a terminal from which on the detail is shown below the tables."""


class ListScreen(WorkbenchScreen):
    """A list, and more about the row under its cursor.

    What the list shows is asked for in the slot `upper`. Textual calls handlers of messages, the `on_…`, of every
    class of a screen, those of subclasses first: a subclass adds to them and does not call its base's.

    Args:
        detail: panes about what is under the cursor.

    Attributes:
        detail: as given.
        listing: what the list is drawn from; None until there is an answer.
        says: whether a notice stands in the place of the tables, or of some of them.
    """

    AUTO_FOCUS = "#upper"
    DEFAULT_CSS = """
    ListScreen #title { height: 1; }
    ListScreen PaneArea { border-top: solid $foreground 20%; }
    ListScreen .-hidden { display: none; }
    ListScreen.-zoomed VirtualTable, ListScreen.-zoomed #title, ListScreen.-zoomed #none { display: none; }
    """

    def __init__(self, detail: PaneArea) -> None:
        super().__init__()
        self.detail = detail
        self.listing: object = None
        self.says = False

    def compose_body(self) -> Iterable[Widget]:
        """The list, a title, the table below or why it has no rows, the detail; or why there is nothing."""
        yield VirtualTable(id="upper")
        yield SpanLines(id="title")
        yield VirtualTable(id="lower")
        yield Notice(id="none")
        yield self.detail
        yield Notice(id="empty")
        yield SpanLines(id="work")

    # what subclasses fill in

    def ask(self) -> None:
        """Ask for what the tables show, now and whenever it changes."""
        raise NotImplementedError

    def follow_cursor(self) -> None:
        """Show what belongs to the row under the list's cursor."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Share the rows of the screen out to its parts."""
        raise NotImplementedError

    def show_parts(self) -> None:
        """Show and hide parts, after a notice has come or gone."""
        raise NotImplementedError

    def show_title(self) -> None:
        """Say between the tables what the lower one shows."""
        raise NotImplementedError

    def show_detail(self) -> None:
        """Show what is under the cursor, where there is room for it."""
        raise NotImplementedError

    def action_open(self) -> None:
        """Go on from the row under the cursor."""
        raise NotImplementedError

    # what they have from here

    @property
    def upper(self) -> VirtualTable:
        """The list."""
        return self.query_one("#upper", VirtualTable)

    @property
    def lower(self) -> VirtualTable:
        """The table below it."""
        return self.query_one("#lower", VirtualTable)

    @property
    def opening(self) -> bool:
        """Until there is an answer."""
        return self.listing is None

    @property
    def is_tall(self) -> bool:
        """Whether there is room for everything."""
        return self.size.height >= ROWS_WITH_DETAIL

    @property
    def work(self) -> list[Line]:
        """What is under way, in the last lines."""
        return self.workbench.work_lines()

    @property
    def body(self) -> int:
        """Rows without header, title, footer and what is under way."""
        return self.size.height - 3 - len(self.work)

    def draw_title(self, title: str, summary: str) -> None:
        """Draw the title of the lower table, which is lit while keys go there."""
        line = title_line(title, summary, self.size.width, self.lower.has_focus)
        self.query_one("#title", SpanLines).show([line])

    def say_instead(self, lines: list[Line] | None) -> None:
        """Show a notice in the place of the tables; None shows none."""
        self.query_one("#empty", Notice).show(lines or [])
        self.says = lines is not None
        self.query_one("#empty").set_class(not self.says, "-hidden")
        self.show_parts()
        if self.focused is None and not self.says:
            self.upper.focus()

    def choose_row(self, title: str, options: Sequence[Option], *, empty: str, current: str | None = None) -> None:
        """Ask for one of all rows of the list, and go there; the options' values are their keys, in their order."""

        def chosen(key: str | None) -> None:
            if key is not None and self.go_to(key, [option.value for option in options]):
                self.upper.focus()

        self.app.push_screen(Choose(title, options, current=current, empty=empty), chosen)

    def go_to(self, key: str, keys: Sequence[str]) -> bool:
        """Move the list's cursor to a row, by the keys of all rows; False where it is not among them."""
        if key not in keys or not self.is_attached:
            return False
        self.upper.move_to(keys.index(key))
        return True

    def step_back(self) -> bool:
        """A zoomed pane gives its room back; from the detail to the lower table, from there to the list."""
        if self.detail.step_back():
            return True
        above = self.above()
        if above is not None:
            above.focus()
        return above is not None

    def above(self) -> VirtualTable | None:
        """The table that is one step back from where keys go; None where that is out of the screen."""
        if self.upper.has_focus or not self.upper.total:
            return None
        return self.upper if self.lower.has_focus else self.lower

    # while it is seen

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.query_one("#empty").add_class("-hidden")
        self.work_moved()
        self.call_after_refresh(lambda: self.mood_changed(self.desk.mood))

    def on_screen_resume(self) -> None:
        """Ask while the screen can be seen."""
        self.ask()
        self.detail.ask()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self.rest()
        self.detail.rest()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.rest()

    def rest(self) -> None:
        """Ask nothing while nobody looks; `ask` goes on."""
        self.desk.forget(self)

    def on_unanswered(self, message: Unanswered) -> None:
        """Where nothing was read yet, it says why; else what was read stays, and what is gone goes."""
        if message.slot == "upper" and self.listing is None:
            self.say_instead([[(message.error.message, "bad")], [], [(message.error.hint or "", "dim")]])

    def mood_changed(self, mood: Mood) -> None:
        """A store that cannot be read leaves what was read on the screen; where nothing was, it says why."""
        if mood.kind in ("busy", "lost") and self.listing is None:
            self.say_instead([[(mood.text, "bad")], [], [(mood.hint, "dim")]])

    def grow_older(self) -> None:
        """Ages are drawn anew."""
        self.desk.rework(self, "upper")
        self.detail.grow_older()

    def work_moved(self) -> None:
        """What is under way stands in the last lines."""
        self.query_one("#work", SpanLines).show(self.work)
        self.call_after_refresh(self.lay_out)
        super().work_moved()

    def on_resize(self) -> None:
        """Everything depends on the room that there is."""
        self.lay_out()
        self.show_title()
        self.show_detail()

    def on_descendant_focus(self) -> None:
        """The title says where keys go."""
        self.show_title()

    @on(VirtualTable.CursorMoved, "#upper")
    def _list_moved(self) -> None:
        self.follow_cursor()

    @on(VirtualTable.CursorMoved, "#lower")
    def _lower_moved(self) -> None:
        self.show_detail()
        self.refresh_footer()

    @on(VirtualTable.RowChosen)
    def _row_chosen(self) -> None:
        self.action_open()

    @on(PaneArea.Zoomed)
    def _detail_zoomed(self) -> None:
        """A zoomed pane has the whole screen."""
        self.set_class(self.detail.zoomed, "-zoomed")
