"""Verdicts over windows as a strip of marks."""

from __future__ import annotations

from workbench.output.cells import cell_width
from workbench.output.spans import plain
from workbench.plot.heat import CELLS, draw_heat, legend_line

ROWS = {"amount": ("ok", "warn", "drift"), "a long name of a column": ("insufficient", None, "not tested")}
WINDOWS = ("2026-09-01", "2026-09-02", "2026-09-03")


def test_few_windows_have_their_names_above_them() -> None:
    """And the chosen one its mark."""
    lines = [plain(line).rstrip() for line in draw_heat(ROWS, WINDOWS, width=70, chosen=1)]
    assert lines == [
        "                         2026-09-01  2026-09-02  2026-09-03",
        "                                     ▼",
        "amount                   ·           !           ✗",
        "a long name of a column  ?                       –",
    ]


def test_many_windows_have_the_first_and_the_last_name() -> None:
    """The newest are shown where there is no room for all."""
    windows = [f"w{number:03d}" for number in range(100)]
    rows = {"x": tuple("drift" if number % 10 == 0 else "ok" for number in range(100))}
    lines = [plain(line) for line in draw_heat(rows, windows, width=60)]
    assert {cell_width(line) <= 60 for line in lines} == {True}
    assert "w099" in lines[0] and "w000" not in lines[0]
    assert lines[1].count("✗") + lines[1].count("·") == 60 - 6 - 2 + 5
    assert lines[1].endswith("·")


def test_marks_differ_without_their_colours() -> None:
    """Every verdict has a mark of its own, and the legend names those that are there."""
    marks = [mark for mark, _ in CELLS.values()]
    assert len(set(marks)) == len(marks)
    assert plain(legend_line(ROWS)).split() == [
        "✗", "drift", "!", "warn", "·", "ok", "?", "insufficient", "–", "not", "tested",
    ]  # fmt: skip


def test_without_windows_there_is_nothing_to_draw() -> None:
    """Rather than an empty frame."""
    assert draw_heat({}, (), width=60) == []
    assert draw_heat({"x": ()}, (), width=60) == []
