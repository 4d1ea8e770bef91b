"""Where the columns of a virtual table stand, what its lines say, and which rows are asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.output.cells import cell_width, visible
from workbench.tui.widgets.table_model import (
    GAP,
    GUTTER,
    MIN_CUT,
    MIN_FIRST,
    Drawn,
    TableColumn,
    TableRow,
    header_line,
    lay_out,
    merged,
    natural_width,
    row_line,
)
from workbench.tui.widgets.table_pages import BLOCK, KEPT, NEAR, TablePages, page_around


def text_of(line: list[Drawn]) -> str:
    return "".join(text for text, _, _ in line)


def rows_from(first: int, count: int, version: str = "") -> list[TableRow]:
    return [TableRow(f"k{i}", ((f"row {i}{version}", ""),)) for i in range(first, first + count)]


widths = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@given(widths, st.integers(0, 120), st.integers(0, 60), st.integers(1, 15), st.integers(0, 11))
def test_columns_are_whole_in_order_and_the_cursor_is_among_them(
    columns: list[int], width: int, need: int, left: int, cursor: int
) -> None:
    cursor = min(cursor, len(columns) - 1)
    layout = lay_out(columns, width=width, need=need, left=left, cursor=cursor)
    x = GUTTER
    for place in layout.placed:
        assert place.x == x
        assert place.end <= width
        x = place.end + GAP
    whole = [place for place in layout.placed if place.index not in (0, cursor)]
    assert [place.width for place in whole] == [columns[place.index] for place in whole]
    indices = [place.index for place in layout.placed]
    assert indices[:1] == ([0] if width > GUTTER else [])
    assert indices[1:] == list(range(layout.left, layout.left + len(indices) - 1))
    if width >= GUTTER + MIN_FIRST + GAP + MIN_CUT + 1:
        assert cursor in indices
    if width >= GUTTER + MIN_FIRST + GAP + columns[cursor] + 1:
        assert all(place.width == columns[cursor] for place in layout.placed if place.index == cursor != 0)
    if width > GUTTER:
        assert layout.more_right == (max(indices) < len(columns) - 1 and layout.left + len(indices) - 1 < len(columns))
        assert layout.more_left == (layout.left > 1)


@given(
    st.lists(st.tuples(st.text(max_size=20), st.integers(1, 20), st.sampled_from(["left", "right"])), min_size=1),
    st.lists(st.text(max_size=20), max_size=8),
    st.sampled_from([(), (("⚑", "accent"),), (("⚑", "accent"), ("★", "accent"))]),
    st.integers(0, 90),
    st.integers(0, 30),
)
def test_every_line_is_as_wide_as_the_table(
    titles: list[tuple[str, int, str]], texts: list[str], flags: tuple[tuple[str, str], ...], width: int, cursor: int
) -> None:
    columns = [TableColumn(str(i), title, size, align, "▼") for i, (title, size, align) in enumerate(titles)]
    row = TableRow("k", tuple((visible(text), "") for text in texts), flags)
    layout = lay_out(
        [column.width for column in columns],
        width=width,
        need=natural_width([row]),
        cursor=min(cursor, len(columns) - 1),
    )
    for line in (
        header_line(columns, layout),
        row_line(row, columns, layout, marked=True, cell=cursor),
        row_line(None, columns, layout),
    ):
        assert cell_width(text_of(line)) == width


def test_spare_width_goes_to_the_first_column_but_not_more_than_it_needs() -> None:
    assert [place.width for place in lay_out([8, 6], width=80, need=20).placed] == [20, 6]
    assert [place.width for place in lay_out([8, 6], width=20, need=20).placed] == [10, 6]


def test_columns_that_do_not_fit_whole_are_not_drawn_and_a_sign_says_so() -> None:
    columns = [TableColumn(str(i), f"title{i}", 10) for i in range(5)]
    sizes = [column.width for column in columns]
    at_first = lay_out(sizes, width=40)
    assert [place.index for place in at_first.placed] == [0, 1, 2]
    assert text_of(header_line(columns, at_first)) == "  title0      title1      title2       ›"
    at_last = lay_out(sizes, width=40, cursor=4)
    assert [place.index for place in at_last.placed] == [0, 3, 4]
    assert text_of(header_line(columns, at_last)) == "  title0     ‹title3      title4        "


def test_the_mark_of_the_sort_order_stays_when_the_title_is_cut() -> None:
    columns = [TableColumn("a", "a rather long title", 10, sort="▲"), TableColumn("b", "b", 6, "right", "▼")]
    line = text_of(header_line(columns, lay_out([10, 6], width=22)))
    assert line == "  a rathe… ▲     b ▼  "[:22]


def test_flags_stand_at_the_end_of_the_first_column() -> None:
    columns = [TableColumn("name", "run", 14), TableColumn("auc", "auc", 6, "right")]
    layout = lay_out([14, 6], width=24)
    row = TableRow("k", (("a name that is cut", ""), ("0.91", "good")), (("⚑", "accent"), ("★", "accent")))
    line = row_line(row, columns, layout, marked=True, base="cursor", cell=1)
    assert text_of(line) == "▌ a name tha… ⚑★    0.91"
    assert ("  0.91", "good", "cell") in line
    assert ("⚑", "accent", "cursor") in line


def test_a_row_that_is_not_there_yet_is_dots() -> None:
    columns = [TableColumn("name", "run", 6), TableColumn("auc", "auc", 6, "right")]
    line = row_line(None, columns, lay_out([6, 6], width=16))
    assert text_of(line) == "  …            …"
    assert [style for text, style, _ in line if "…" in text] == ["dim", "dim"]


def test_columns_never_get_narrower_while_they_are_the_same() -> None:
    old = (TableColumn("a", "a", 9), TableColumn("b", "b", 4))
    new = (TableColumn("a", "a", 5, sort="▲"), TableColumn("b", "b", 6))
    assert merged(old, new) == (TableColumn("a", "a", 9, sort="▲"), TableColumn("b", "b", 6))
    assert merged(old, new[:1]) == new[:1]


def test_nothing_is_asked_for_while_all_is_at_hand() -> None:
    pages = TablePages()
    pages.show(1000, 0, rows_from(0, 192), keep=False)
    assert pages.ask(range(22)) is None
    assert pages.ask(range(192 - NEAR - 22, 192 - NEAR)) is None
    assert pages.ask(range(0)) is None


def test_a_page_is_asked_for_once_and_before_it_is_missed() -> None:
    pages = TablePages()
    pages.show(1000, 0, rows_from(0, 192), keep=False)
    sight = range(192 - NEAR - 21, 192 - NEAR + 1)
    assert pages.ask(sight) == range(BLOCK, 4 * BLOCK)
    assert pages.ask(sight) is None
    assert pages.ask(range(500, 522)) == range(6 * BLOCK, 9 * BLOCK)
    assert pages.ask(sight) == range(BLOCK, 4 * BLOCK)


@given(st.integers(0, 10_000_000), st.integers(1, 400))
def test_a_page_has_whole_blocks_and_reaches_beyond_what_is_in_sight(first: int, height: int) -> None:
    page = page_around(range(first, first + height))
    assert page.start % BLOCK == 0
    assert len(page) % BLOCK == 0
    assert page.start == 0 or page.start + NEAR <= first
    assert first + height + NEAR <= page.stop
    assert len(page) == 192 or height > BLOCK


def test_a_page_that_is_shorter_than_promised_is_not_asked_for_again() -> None:
    pages = TablePages()
    pages.show(1000, 0, rows_from(0, 192), keep=False)
    asked = pages.ask(range(300, 322))
    assert asked is not None
    pages.show(1000, asked.start, rows_from(asked.start, 10), keep=True)
    assert pages.ask(range(300, 322)) is None


def test_old_rows_stay_but_are_asked_for_again() -> None:
    pages = TablePages()
    pages.show(1000, 0, rows_from(0, 192), keep=False)
    pages.show(1000, 384, rows_from(384, 192), keep=True)
    assert pages.row(5) == rows_from(5, 1)[0]
    assert pages.ask(range(22)) == range(192)
    pages.show(1000, 0, rows_from(0, 192), keep=False)
    assert pages.row(400) is None


def test_only_rows_that_differ_are_reported() -> None:
    pages = TablePages()
    pages.show(100, 0, rows_from(0, 100), keep=False)
    assert pages.show(100, 0, rows_from(0, 100), keep=True) == set()
    assert pages.show(100, 10, rows_from(10, 2, " new"), keep=True) == {10, 11}
    assert pages.show(98, 0, rows_from(0, 10), keep=True) == {98, 99}
    assert pages.row(98) is None


def test_the_number_of_rows_at_hand_is_bounded() -> None:
    pages = TablePages()
    for first in range(0, 100 * 192, 192):
        pages.show(1_000_000, first, rows_from(first, 192), keep=True)
        assert len(pages) <= KEPT + 192
        assert pages.row(first) is not None


@given(widths, st.integers(0, 120), st.integers(0, 60), st.integers(1, 15), st.integers(0, 11), st.integers(1, 20))
def test_the_last_column_may_be_cut_to_the_room_that_is_left(
    columns: list[int], width: int, need: int, left: int, cursor: int, least: int
) -> None:
    """To no less than it is content with, and only where it does not fit whole; the others stay whole."""
    cursor = min(cursor, len(columns) - 1)
    layout = lay_out(columns, width=width, need=need, left=left, cursor=cursor, least=least)
    last = len(columns) - 1
    assert all(place.end <= width for place in layout.placed)
    whole = [place for place in layout.placed if place.index not in (0, cursor, last)]
    assert [place.width for place in whole] == [columns[place.index] for place in whole]
    for place in layout.placed:
        if place.index == last != 0 and cursor != last:
            assert min(least, columns[last]) <= place.width <= columns[last]
            assert place.width == columns[last] or place.end == width


def test_a_note_takes_what_is_left_of_the_line() -> None:
    assert [place.width for place in lay_out([8, 6, 60], width=40, least=10).placed] == [8, 6, 20]
    assert [place.width for place in lay_out([8, 6, 60], width=26, least=10).placed] == [8, 6]
    assert [place.width for place in lay_out([8, 6, 60], width=90, least=10).placed] == [8, 6, 60]
