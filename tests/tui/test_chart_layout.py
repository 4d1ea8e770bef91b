"""Charts get the room that there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.tui.chart_layout import GUTTER, Layout, fitting, layout_of

NAMES = ("loss", "val/loss", "val/Auc", "a[0]", "lr")


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"),
    [(80, 20, 1, 2), (80, 16, 1, 2), (80, 15, 1, 1), (99, 41, 1, 4), (100, 41, 2, 4), (140, 41, 2, 4), (160, 60, 3, 6)],
)
def test_wider_and_higher_screens_hold_more_charts(width: int, height: int, columns: int, rows: int) -> None:
    layout = layout_of(width, height)
    assert (layout.columns, layout.rows) == (columns, rows)


def test_few_charts_are_larger() -> None:
    assert layout_of(140, 41, 1) == Layout(1, 1, 140)
    assert layout_of(140, 41, 3) == Layout(2, 2, 69)
    assert layout_of(140, 41, 8) == layout_of(140, 41, 9000)


@given(st.integers(-5, 400), st.integers(-5, 100), st.one_of(st.none(), st.integers(0, 30)))
def test_every_size_has_a_layout(width: int, height: int, n_charts: int | None) -> None:
    layout = layout_of(width, height, n_charts)
    assert layout.count >= 1
    assert layout.chart_width >= 1
    assert layout.columns * layout.chart_width + GUTTER * (layout.columns - 1) <= max(width, 1)
    assert n_charts is None or layout.count >= min(n_charts, layout_of(width, height).count)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", NAMES),
        ("  ", NAMES),
        ("LOSS", ("loss", "val/loss")),
        ("val/*", ("val/loss", "val/Auc")),
        ("*auc", ("val/Auc",)),
        ("?r", ("lr",)),
        ("a[0]", ("a[0]",)),
        ("none", ()),
    ],
)
def test_metrics_are_found_by_a_part_of_the_name_or_a_pattern(pattern: str, found: tuple[str, ...]) -> None:
    assert fitting(pattern, NAMES) == found
