"""The title lines of panes."""

from __future__ import annotations

import pytest

from workbench.output.cells import cell_width
from workbench.output.spans import plain
from workbench.tui.widgets.pane import tabs_line, title_line

TITLES = ("metrics", "charts", "params", "tags", "note", "code", "data", "artifacts", "output", "machine", "env")


def test_a_title_is_a_rule_with_name_and_summary() -> None:
    """The name on the left, a few words on the right."""
    assert plain(title_line("params", "3 differ", 34, False)) == "─ params ───────────── 3 differ ──"
    assert plain(title_line("note", "", 12, False)) == "─ note ─────"


def test_the_focus_is_told_by_the_style_of_the_name() -> None:
    """`title-on` is reverse where there are no colours."""
    assert title_line("params", "", 20, True)[1] == (" params ", "title-on")
    assert title_line("params", "", 20, False)[1] == (" params ", "heading")


@pytest.mark.parametrize("width", range(60))
def test_a_title_fits_its_width(width: int) -> None:
    """A long summary with wide characters is cut, and left out where little of it would be seen."""
    line = plain(title_line("data", "日本語" * 30, width, False))
    assert cell_width(line) == max(width, 7)


def test_the_names_of_panes_stand_in_a_row_with_the_current_one_in_brackets() -> None:
    """Not by colour alone."""
    line, places = tabs_line(("metrics", "params", "code"), "params", 40, True)
    assert plain(line) == "  metrics [params] code  "
    assert places == [(1, 10, "metrics"), (10, 18, "params"), (18, 24, "code")]


@pytest.mark.parametrize("current", TITLES)
@pytest.mark.parametrize("width", [20, 30, 60, 100])
def test_the_current_pane_is_always_among_the_names(current: str, width: int) -> None:
    """What does not fit is told by an ellipsis."""
    line, _ = tabs_line(TITLES, current, width, False)
    assert f"[{current}]" in plain(line)
    assert cell_width(plain(line)) <= width
    assert ("…" in plain(line)) == (width < 90)
