"""A mistake in a filter is pointed at."""

from __future__ import annotations

import pytest

from workbench.base.errors import FilterError
from workbench.output.cells import cell_width
from workbench.output.spans import plain
from workbench.tui.widgets.caret import caret, with_caret

LONG = "metrics.auc > 0.9 AND params.learning_rate = 0.1 AND metrics.loss >"


def mistake(text: str, position: int, explanation: str = "a value is expected here, like 0.9") -> FilterError:
    """An error as the parser raises it."""
    return FilterError("the filter stops too early", text=text, position=position, explanation=explanation)


def test_the_caret_is_drawn_as_the_command_line_draws_it() -> None:
    """Under the character that is wrong."""
    lines = [plain(line) for line in with_caret(mistake("metrics.auc >", 13), 80)]

    assert lines[0] == "metrics.auc >"
    assert lines[1].startswith(" " * 13 + "^ a value is expected here, like 0.9")


@pytest.mark.parametrize("width", [1, 2, 5, 20, 40, 66, 67, 80, 140])
@pytest.mark.parametrize("position", [0, 12, 30, len(LONG) - 1, len(LONG)])
def test_the_caret_points_at_the_mistake_at_every_width(width: int, position: int) -> None:
    """What is above it is what is wrong, and no line is too long."""
    text, *below = [plain(line) for line in with_caret(mistake(LONG, position), width)]

    assert all(cell_width(line) <= width for line in (text, *below))
    column = below[0].index("^")
    if width > 5 and position < len(LONG):
        assert text[column] == LONG[position]


def test_wide_characters_and_escapes_are_counted_in_cells() -> None:
    """The caret stands under the right cell."""
    error = mistake("params.`漢字\x1b` = ", 15)

    assert plain(with_caret(error, 80)[1]).index("^") == cell_width("params.`漢字\\e` = ")


def test_only_the_line_with_the_mistake_is_shown() -> None:
    """A filter may have several."""
    assert plain(with_caret(mistake("a = 1\nAND b >", 13), 80)[0]) == "AND b >"


def test_the_explanation_goes_where_there_is_room() -> None:
    """Behind the caret, before it, or below."""
    error = mistake("", 0)

    assert plain(caret(error, 3, 80)[0]) == "   ^ a value is expected here, like 0.9   (the filter stops too early)"
    assert plain(caret(error, 3, 50)[0]) == "   ^ a value is expected here, like 0.9"
    assert plain(caret(error, 40, 50)[0]).endswith("like 0.9 ^")
    assert [plain(line) for line in caret(error, 20, 40)] == [
        " " * 20 + "^",
        "      a value is expected here, like 0.9",
    ]


def test_without_an_explanation_the_message_is_said() -> None:
    """Once."""
    assert plain(caret(mistake("", 0, ""), 0, 80)[0]) == "^ the filter stops too early"
