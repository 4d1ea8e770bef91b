"""How many charts a screen holds, and which of them are in sight."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

MIN_HEIGHT = 8
GOOD_HEIGHT = 10
"""Rows of a chart, its title and its axis included."""
TWO_COLUMNS, THREE_COLUMNS = 100, 160
"""Cells of the screen from which on charts stand side by side."""
GUTTER = 2
"""Cells between charts side by side."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid of charts.

    Attributes:
        columns, rows: of the grid.
        chart_width: cells of a chart.
    """

    columns: int
    rows: int
    chart_width: int

    @property
    def count(self) -> int:
        """How many charts it holds."""
        return self.columns * self.rows


def layout_of(width: int, height: int, n_charts: int | None = None) -> Layout:
    """The grid for an area of cells; fewer charts than it could hold are larger.

    Args:
        n_charts: how many charts there are on all pages; None is many.
    """
    columns = 3 if width >= THREE_COLUMNS else 2 if width >= TWO_COLUMNS else 1
    rows = max(height // GOOD_HEIGHT, min(2, height // MIN_HEIGHT), 1)
    if n_charts is not None and n_charts < columns * rows:
        columns = max(1, min(columns, n_charts))
        rows = max(1, -(-n_charts // columns))
    return Layout(columns, rows, max(1, (width - GUTTER * (columns - 1)) // columns))


def fitting(pattern: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that hold a text, or that fit a pattern with `*` and `?`; case does not matter."""
    wanted = pattern.strip().lower()
    if not wanted:
        return names
    is_pattern = "*" in wanted or "?" in wanted
    return tuple(name for name in names if wanted in name.lower() or (is_pattern and fnmatchcase(name.lower(), wanted)))
