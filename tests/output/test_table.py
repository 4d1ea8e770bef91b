"""Tables line up, fit the terminal and never let a value break out of its cell."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from workbench.output.cells import cell_width
from workbench.output.spans import plain, to_text
from workbench.output.table import Column, guess_columns, render_table

NOW_US = 1_790_000_000_000_000

values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.integers(), max_size=3)
)


def drawn(rows: list[tuple[object, ...]], columns: list[Column], width: int | None = None) -> list[str]:
    return [plain(line) for line in render_table(rows, columns, width=width, now_us=NOW_US).lines]


@given(
    st.lists(st.tuples(values, values, values), max_size=6),
    st.integers(1, 60),
    st.sampled_from(["text", "number", "percent", "duration", "age", "time", "size", "status", "bool", "json"]),
)
def test_no_line_is_wider_than_the_terminal_and_no_value_makes_a_second_line(
    rows: list[tuple[object, ...]], width: int, kind: str
) -> None:
    columns = [Column("a\nb", kind), Column("日本", kind), Column("[c]")]
    lines = drawn(rows, columns, width)
    assert len(lines) == len(rows) + 1
    assert all(cell_width(line) <= width for line in lines)
    assert all(line.isprintable() or not any(c in line for c in "\n\r\t\x1b\x9b") for line in lines)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5))
def test_a_pipe_gets_every_value_whole(rows: list[tuple[object, ...]]) -> None:
    assert not any("…" in line and "…" not in str(rows) for line in drawn(rows, [Column("a"), Column("b")]))


def test_numbers_stand_on_their_decimal_points() -> None:
    rows: list[tuple[object, ...]] = [(0.93123,), (12.5,), (100,), (None,), (float("nan"),), (1234.0,)]
    assert drawn(rows, [Column("auc", "number")]) == [
        "       auc",
        "    0.9312",
        "   12.5",
        "  100",
        "         –",
        "  NaN",
        "1,234",
    ]


def test_every_kind_has_its_form() -> None:
    moment = datetime(2026, 9, 21, 14, 10, 20, tzinfo=UTC)
    rows: list[tuple[object, ...]] = [
        (192.0, moment, "2026-09-21T14:13:18Z", 412_000_000, "failed", True, 0.25, {"a": 1})
    ]
    kinds = ["duration", "time", "age", "size", "status", "bool", "percent", "json"]
    lines = drawn(rows, [Column(kind, kind) for kind in kinds])
    assert lines[1] == '   3m12s  2026-09-21 14:10:20   2s  412 MB  ✗ failed  ✓        25 %  {"a": 1}'


def test_a_value_that_does_not_fit_its_kind_is_shown_as_it_is() -> None:
    assert drawn([("soon",), ("later [b]",)], [Column("when", "time")])[1:] == ["soon", "later [b]"]


def test_columns_drop_from_the_right_and_the_note_names_them() -> None:
    table = render_table([("run-1", 1, 2, 3)], [Column("run"), *(Column(name, "number") for name in "abc")], width=13)
    assert plain(table.lines[0]).split() == ["run", "a", "b"]
    assert table.hidden == ["c"]
    assert table.note == "1 column hidden, the terminal is too narrow: c"
    assert render_table([("run-1",)], [Column("run")], width=80).note is None


def test_a_low_priority_drops_first() -> None:
    columns = [Column("run"), Column("a", "number", priority=-1), Column("b", "number")]
    assert render_table([("run-1", 1, 2)], columns, width=9).hidden == ["a"]


def test_long_text_is_cut_before_a_column_is_dropped() -> None:
    lines = drawn([("x" * 50, 0.5)], [Column("note"), Column("auc", "number")], 30)
    assert lines[1] == "x" * 24 + "…  0.5"


def test_width_is_counted_in_cells() -> None:
    lines = drawn([("日本語",), ("e\u0301toile",), ("🎉",)], [Column("name"), Column("end")][:1], 40)
    assert lines[1:] == ["日本語", "e\u0301toile", "🎉"]
    rows: list[tuple[object, ...]] = [("日本語", 1), ("abc", 2)]
    lines = drawn(rows, [Column("name"), Column("n", "number")])
    assert cell_width(lines[1]) == cell_width(lines[2])


def test_control_characters_are_shown_and_brackets_are_no_markup() -> None:
    [_, line] = drawn([("[red]a\nb\x1b[31m\u202ec",)], [Column("name")])
    assert line == "[red]a\\nb\\e[31m\\u202ec"


def test_the_sorted_column_has_its_mark() -> None:
    assert drawn([(0.5,)], [Column("auc", "number", sort="▼")])[0] == "auc ▼"


def test_kinds_are_guessed_from_names_and_values() -> None:
    names = ["name", "attributes.status", "duration", "params.lr", "params.model", "params.duration", "metrics.auc"]
    rows = [("a", "failed", 3.0, 0.1, "gbm", "long", None), ("b", "finished", 4.0, "auto", None, "short", "NaN")]
    kinds = [column.kind for column in guess_columns(names, rows)]
    assert kinds == ["text", "status", "duration", "text", "text", "text", "number"]


def test_colour_is_only_added_on_demand() -> None:
    table = render_table([("failed",)], [Column("status", "status")])
    assert "\x1b" not in to_text(table.lines)
    assert "\x1b[31m✗ failed\x1b[0m" in to_text(table.lines, colour=True)
    assert to_text(table.lines, ascii=True).isascii()


def test_a_table_without_columns_or_rows_is_no_error() -> None:
    assert render_table([], []).lines == []
    assert drawn([], [Column("run")]) == ["run"]
