"""The virtual table in an app, driven by keys and mouse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.strip import Strip

from workbench.output.cells import cell_width
from workbench.tui.actions import actions_of
from workbench.tui.widgets.table_model import TableColumn, TableRow
from workbench.tui.widgets.virtual_table import VirtualTable

M = TypeVar("M", bound=Message)

COLUMNS = (
    TableColumn("attributes.name", "run", 12),
    TableColumn("params.lr", "lr", 8),
    TableColumn("metrics.auc", "auc", 10, "right", "▼"),
    TableColumn("metrics.loss", "loss", 10, "right"),
)


def row(index: int, suffix: str = "") -> TableRow:
    cells = ((f"run-{index}{suffix}", ""), ("0.1", ""), (f"0.{index}", "good"), (f"1.{index}", ""))
    return TableRow(f"key{index}", cells)


def rows(first: int, stop: int) -> list[TableRow]:
    return [row(index) for index in range(first, stop)]


class Owner(App[None]):
    """Shows `total` rows and answers what the table asks, unless `silent`."""

    CSS = "VirtualTable { width: 100%; height: 100%; }"

    def __init__(self, total: int, columns: Sequence[TableColumn] = COLUMNS) -> None:
        super().__init__()
        self.total = total
        self.columns = columns
        self.silent = False
        self.heard: list[Message] = []
        self.table = VirtualTable()

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()
        self.table.show(self.columns, self.total, 0, rows(0, min(192, self.total)))

    def on_virtual_table_rows_needed(self, message: VirtualTable.RowsNeeded) -> None:
        self.heard.append(message)
        if not self.silent:
            self.answer(message.first, message.count)

    def answer(self, first: int, count: int) -> None:
        self.table.show(self.columns, self.total, first, rows(first, min(self.total, first + count)), keep=True)

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        self.heard.append(message)

    def on_virtual_table_row_chosen(self, message: VirtualTable.RowChosen) -> None:
        self.heard.append(message)

    def on_virtual_table_row_marked(self, message: VirtualTable.RowMarked) -> None:
        self.heard.append(message)

    def on_virtual_table_header_clicked(self, message: VirtualTable.HeaderClicked) -> None:
        self.heard.append(message)

    def of(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]


def drive(owner: Owner, script: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = (60, 12)) -> None:
    async def body() -> None:
        async with owner.run_test(size=size) as pilot:
            await pilot.pause()
            await script(pilot)

    asyncio.run(body())


async def laid_out(pilot: Pilot[None]) -> None:
    """Wait until another size has reached the table: one pause does the layout, a next what follows from it."""
    for _ in range(3):
        await pilot.pause()


def drawn(table: VirtualTable) -> list[str]:
    width, height = table.size
    return [strip.text for strip in table.render_lines(Region(0, 0, width, height))]


def wheel_down(table: VirtualTable) -> events.MouseScrollDown:
    """The wheel turned by one notch over the table."""
    return events.MouseScrollDown(table, 5, 5, 0, 0, 0, shift=False, meta=False, ctrl=False)


def painted(table: VirtualTable, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lines that are drawn from now on."""
    lines: list[int] = []
    draw = table.render_line

    def render_line(y: int) -> Strip:
        lines.append(y)
        return draw(y)

    monkeypatch.setattr(table, "render_line", render_line)
    return lines


def test_every_action_of_its_scope_is_there() -> None:
    """A key that is shown in the help does something."""
    for action in actions_of("table"):
        assert hasattr(VirtualTable, f"action_{action.name}")


def test_the_header_stays_above_the_rows_that_are_scrolled() -> None:
    """The first line is the titles wherever the table is scrolled to."""
    owner = Owner(1000)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        assert drawn(table)[0].rstrip() == "  run           lr             auc ▼        loss"
        assert drawn(table)[1].split() == ["run-0", "0.1", "0.0", "1.0"]
        await pilot.press("G")
        await pilot.pause()
        assert drawn(table)[0].rstrip() == "  run           lr             auc ▼        loss"
        assert drawn(table)[-1].split()[0] == "run-999"
        assert table.cursor_key == "key999"

    drive(owner, script)


def test_keys_move_the_cursor_by_rows_pages_and_columns() -> None:
    """Twelve lines show eleven rows: that is a page."""
    owner = Owner(100)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        where = []
        for key in "j j k pagedown ctrl+d ctrl+u pageup G pageup g".split():
            await pilot.press(key)
            where.append(table.cursor_row)
        assert where == [1, 2, 1, 12, 17, 12, 1, 99, 88, 0]
        columns = []
        for key in "l right l l h left left left".split():
            await pilot.press(key)
            columns.append(table.cursor_column_key)
        assert columns == [COLUMNS[i].key for i in (1, 2, 3, 3, 2, 1, 0, 0)]

    drive(owner, script)


def test_a_page_down_leaves_the_cursor_on_its_line() -> None:
    """The eye stays where it is while the rows go by."""
    owner = Owner(100)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("j", "j", "pagedown")
        assert owner.table.cursor_row - owner.table.sight.start == 2

    drive(owner, script)


def test_a_step_draws_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work of a key does not grow with the table."""
    owner = Owner(1_000_000)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("j")
        await pilot.pause()
        lines = painted(owner.table, monkeypatch)
        await pilot.press("j")
        await pilot.pause()
        assert sorted(set(lines)) == [2, 3]

    drive(owner, script)


def test_the_same_rows_again_draw_nothing_and_a_changed_row_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live table does not flicker."""
    owner = Owner(1000)

    async def script(pilot: Pilot[None]) -> None:
        owner.silent = True
        lines = painted(owner.table, monkeypatch)
        owner.answer(0, 192)
        await pilot.pause()
        assert lines == []
        owner.table.show(COLUMNS, 1000, 3, [row(3, "!")], keep=True)
        await pilot.pause()
        assert set(lines) == {4}
        assert drawn(owner.table)[4].split()[0] == "run-3!"

    drive(owner, script)


def test_rows_that_are_not_there_yet_are_dots_until_they_come() -> None:
    """Scrolling never waits for the store."""
    owner = Owner(10_000_000)
    owner.silent = True

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        await pilot.press("G")
        await pilot.pause()
        assert drawn(table)[-1].split() == ["…", "…", "…", "…"]
        assert table.cursor_key is None
        (needed,) = owner.of(VirtualTable.RowsNeeded)
        owner.answer(needed.first, needed.count)
        await pilot.pause()
        assert drawn(table)[-1].split()[0] == "run-9999999"
        last = owner.of(VirtualTable.CursorMoved)[-1]
        assert (last.row, last.key, last.column_key) == (9_999_999, "key9999999", "attributes.name")

    drive(owner, script)


def test_the_last_position_is_asked_for_however_fast_one_scrolls() -> None:
    """Pages that were rushed past need not be read; the one where the cursor stops must be."""
    owner = Owner(100_000)
    owner.silent = True

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        for _ in range(100):
            table.action_page_down()
        await pilot.pause()
        asked = owner.of(VirtualTable.RowsNeeded)
        assert len(asked) < 100
        assert table.sight.start >= asked[-1].first
        assert table.sight.stop <= asked[-1].first + asked[-1].count
        table.action_cursor_up()
        table.action_cursor_down()
        await pilot.pause()
        assert len(owner.of(VirtualTable.RowsNeeded)) == len(asked)

    drive(owner, script)


def test_scrolling_on_shows_no_gaps() -> None:
    """The neighbours of what is in sight are there before they are."""
    owner = Owner(5000)

    async def script(pilot: Pilot[None]) -> None:
        for _ in range(40):
            await pilot.press("pagedown")
            assert not any("…" in line for line in drawn(owner.table))

    drive(owner, script)


def test_the_cursor_goes_with_its_row() -> None:
    """A run that begins while one reaches for a key must not push another run under the cursor."""
    owner = Owner(100)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        await pilot.press("j", "j")
        shifted = [TableRow("new", (("new", ""),)), *rows(0, 100)]
        table.show(COLUMNS, 101, 0, shifted, keep=True)
        await pilot.pause()
        assert (table.cursor_row, table.cursor_key) == (3, "key2")
        assert drawn(table)[1].split()[0] == "new"
        await pilot.press("G", "pageup", "k", "k", "k")
        before = drawn(table)
        table.show(COLUMNS, 102, 0, [TableRow("newer", (("newer", ""),)), *shifted], keep=True)
        await pilot.pause()
        assert drawn(table) == before
        table.show(COLUMNS, 100, 0, rows(0, 100), keep=True, follow=False)
        assert table.cursor_row == 87

    drive(owner, script)


def test_a_table_that_shrinks_keeps_a_cursor_that_is_in_it() -> None:
    """Also when nothing is left, and when something comes back."""
    owner = Owner(1000)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        await pilot.press("G")
        table.show(COLUMNS, 5, 0, rows(0, 5))
        assert (table.cursor_row, table.cursor_key, table.sight) == (4, "key4", range(5))
        await pilot.pause()
        assert drawn(table)[6].strip() == ""
        table.show(COLUMNS, 0, 0, [])
        await pilot.pause()
        assert (table.cursor_row, table.cursor_key) == (0, None)
        assert "".join(drawn(table)).strip() == ""
        await pilot.press("j", "k", "l", "pagedown", "G", "g")
        table.show(COLUMNS, 1000, 0, rows(0, 192))
        await pilot.press("pagedown")
        assert table.cursor_row in table.sight

    drive(owner, script)


def test_marks_are_drawn_in_the_gutter() -> None:
    """The owner's collection is read, not copied."""
    owner = Owner(50)
    marks = {"key1"}

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        table.marks = marks
        table.refresh_marks()
        await pilot.pause()
        assert [line[0] for line in drawn(table)[1:4]] == [" ", "▌", " "]
        marks.update(("key0", "key2"))
        table.refresh_marks()
        await pilot.pause()
        assert [line[0] for line in drawn(table)[1:4]] == ["▌", "▌", "▌"]

    drive(owner, script)


def test_the_cursor_looks_otherwise_without_the_focus(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sees where keys go: the cell under the cursor is shown in the focused table only."""
    owner = Owner(50)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table

        def reversed_cells() -> list[bool]:
            line = table.render_lines(Region(0, 0, *table.size))[1]
            return [bool(style and style.reverse) for _, style, _ in line]

        assert all(reversed_cells()[:-1])
        owner.screen.set_focus(None)
        await pilot.pause()
        assert not any(reversed_cells())

    drive(owner, script)


def test_columns_beyond_the_edge_come_into_sight_with_the_cursor_while_the_first_stays() -> None:
    """The name of a run is never scrolled away."""
    columns = (TableColumn("name", "run", 10), *(TableColumn(f"m{i}", f"m{i}", 12) for i in range(9)))
    owner = Owner(20, columns)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        assert drawn(table)[0].split() == ["run", "m0", "m1", "›"]
        for _ in range(9):
            await pilot.press("l")
        await pilot.pause()
        assert drawn(table)[0].split() == ["run", "‹m7", "m8"]
        assert table.cursor_column_key == "m8"

    drive(owner, script, (42, 10))


def test_the_cursor_stays_with_its_column_when_columns_change() -> None:
    """A column is its key, not its place."""
    owner = Owner(20)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        owner.silent = True
        await pilot.press("l", "l")
        table.show((COLUMNS[0], COLUMNS[2]), 20, 0, [])
        assert (table.cursor_column, table.cursor_column_key) == (1, "metrics.auc")
        table.show((COLUMNS[0],), 20, 0, [])
        assert table.cursor_column_key == "attributes.name"
        table.show((), 20, 0, [])
        await pilot.press("l", "j")
        assert table.cursor_column_key == ""
        assert "".join(drawn(table)).strip() == ""

    drive(owner, script)


def test_widths_only_grow_while_the_columns_are_the_same() -> None:
    """Nothing jumps when values get shorter."""
    owner = Owner(20)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        table.show([replace(column, width=column.width - 3) for column in COLUMNS], 20, 0, rows(0, 20))
        assert [column.width for column in table.columns] == [column.width for column in COLUMNS]
        table.show([replace(column, width=column.width + 1) for column in COLUMNS], 20, 0, rows(0, 20))
        assert [column.width for column in table.columns] == [column.width + 1 for column in COLUMNS]

    drive(owner, script)


def test_clicks_move_the_cursor_choose_and_mark_rows_and_name_columns() -> None:
    """What the mouse does."""
    owner = Owner(1000)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        await pilot.click(table, offset=(30, 4))
        assert (table.cursor_row, table.cursor_column_key) == (3, "metrics.auc")
        await pilot.click(table, offset=(4, 5), times=2)
        await pilot.pause()
        assert [(one.row, one.key) for one in owner.of(VirtualTable.RowChosen)] == [(4, "key4")]
        await pilot.click(table, offset=(4, 6), control=True)
        await pilot.click(table, offset=(4, 7), shift=True)
        await pilot.pause()
        assert [(one.key, one.to_here) for one in owner.of(VirtualTable.RowMarked)] == [("key5", False), ("key6", True)]
        await pilot.click(table, offset=(30, 0))
        await pilot.click(table, offset=(58, 0))
        await pilot.pause()
        assert [one.column_key for one in owner.of(VirtualTable.HeaderClicked)] == ["metrics.auc"]
        assert table.cursor_row == 6

    drive(owner, script)


def test_the_wheel_scrolls_without_the_cursor_and_a_key_brings_it_back() -> None:
    """One may look around; live rows do not take one back, keys do."""
    owner = Owner(1000)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        for _ in range(10):
            table.post_message(wheel_down(table))
        await pilot.pause()
        away = table.sight
        assert away.start > 0
        assert table.cursor_row == 0
        owner.answer(0, 192)
        await pilot.resize_terminal(60, 13)
        await pilot.pause()
        assert table.sight.start == away.start
        await pilot.press("j")
        assert table.cursor_row == 1
        assert 1 in table.sight

    drive(owner, script)


def test_the_scrollbar_is_one_cell_and_can_be_dragged() -> None:
    """To the end of ten million rows."""
    owner = Owner(10_000_000)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        assert table.scrollbar_size_vertical == 1
        assert not table.show_horizontal_scrollbar
        bar = table.vertical_scrollbar
        await pilot.mouse_down(bar, offset=(0, 0))
        await pilot.hover(bar, offset=(0, 11))
        await pilot.pause()
        assert table.sight.start > 5_000_000
        await pilot.mouse_up(bar, offset=(0, 11))
        await pilot.pause()
        assert drawn(table)[1].split()[0] == f"run-{table.sight.start}"

    drive(owner, script)


def test_the_scrollbar_moves_rows_at_once() -> None:
    """Gliding to a far place would ask for every page between."""
    owner = Owner(100_000)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        stops: list[float] = []
        table.watch(table, "scroll_y", lambda y: stops.append(y), init=False)
        table.post_message(ScrollTo(y=50_000.0))
        table.post_message(ScrollDown())
        table.post_message(ScrollUp())
        table.post_message(ScrollUp())
        await pilot.pause(0.2)
        assert stops == [50_000, 50_011, 50_000, 49_989]

    drive(owner, script)


def test_rows_that_come_while_the_table_is_hidden_are_laid_out_when_it_is_shown() -> None:
    """An owner hides the empty table and shows it again."""
    owner = Owner(0)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table
        table.display = False
        await pilot.pause()
        owner.total = 100
        table.show(COLUMNS, 100, 0, rows(0, 100))
        table.move_to(99)
        table.display = True
        await pilot.pause()
        await pilot.pause()
        assert drawn(table)[-1].split()[0] == "run-99"
        assert owner.of(VirtualTable.CursorMoved)[-1].key == "key99"

    drive(owner, script)


def test_another_theme_draws_every_line_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that are kept must not keep the colours of the theme before."""
    monkeypatch.delenv("NO_COLOR")
    owner = Owner(50)

    async def script(pilot: Pilot[None]) -> None:
        table = owner.table

        def colours() -> list[object]:
            line = table.render_lines(Region(0, 0, *table.size))[3]
            return [(style.color, style.bgcolor) for _, style, _ in line if style]

        before = colours()
        owner.theme = "textual-light"
        await pilot.pause()
        assert all(old != new for old, new in zip(before, colours(), strict=True))

    drive(owner, script)


def check(table: VirtualTable) -> None:
    """What holds whatever has happened."""
    width, height = table.size
    assert 0 <= table.cursor_row < max(table.total, 1)
    assert 0 <= table.cursor_column < max(len(table.columns), 1)
    if table.total and height:
        assert table.cursor_row in table.sight
    for strip in table.render_lines(Region(0, 0, width, height)):
        assert strip.cell_length == width
        assert sum(cell_width(segment.text) for segment in strip) == width


steps = st.one_of(
    st.tuples(st.just("press"), st.sampled_from([action.name for action in actions_of("table")])),
    st.tuples(st.just("move"), st.tuples(st.integers(-5, 3000), st.none() | st.integers(-2, 9))),
    st.tuples(st.just("show"), st.tuples(st.integers(0, 3000), st.integers(0, 4), st.booleans())),
    st.tuples(st.just("resize"), st.tuples(st.integers(1, 70), st.integers(1, 20))),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(steps, max_size=25))
@example([("move", (499, None)), ("resize", (1, 1)), ("resize", (1, 2))])
def test_the_cursor_is_in_sight_and_lines_are_whole_whatever_happens(script: list[tuple[str, object]]) -> None:
    """Moves, pages, other totals and sizes, in any order."""
    owner = Owner(500)

    async def body(pilot: Pilot[None]) -> None:
        table = owner.table
        for step in script:
            match step:
                case ("press", str(name)):
                    getattr(table, f"action_{name}")()
                case ("move", (int(to), column)):
                    table.move_to(to, column if isinstance(column, int) else None)
                case ("show", (int(total), int(columns), bool(keep))):
                    owner.total, owner.columns = total, COLUMNS[:columns]
                    first = table.page_in_sight.start
                    table.show(owner.columns, total, first, rows(first, min(total, first + 192)), keep=keep)
                case ("resize", (int(width), int(height))):
                    table.styles.width, table.styles.height = width, height
                    await laid_out(pilot)
            check(table)
        await pilot.pause()
        check(table)

    drive(owner, body, (70, 20))
