"""Lines are broken and cut by cells, not by characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.output.cells import cell_width, visible
from workbench.output.spans import plain
from workbench.tui.wrapping import cut, without_first_cells, wrapped


def test_lines_break_at_spaces_and_keep_their_styles() -> None:
    """The space at the break vanishes; each part has the style it had."""
    assert wrapped([("brave ", "bold"), ("otter swims", "dim")], 8) == [
        [("brave", "bold")],
        [("otter", "dim")],
        [("swims", "dim")],
    ]


def test_without_words_every_line_is_full_and_no_space_is_lost() -> None:
    """A value is shown as it is."""
    assert [plain(line) for line in wrapped([("ab  cd", "")], 3, words=False)] == ["ab ", " cd"]


@given(st.text(max_size=60), st.integers(2, 12))
def test_broken_lines_fit_and_hold_the_whole_text(text: str, width: int) -> None:
    """A law for any text: nothing is lost, nothing is too wide, and it ends."""
    lines = wrapped([(text[:20], "a"), (text[20:], "b")], width, words=False)

    assert "".join(plain(line) for line in lines) == visible(text[:20]) + visible(text[20:])
    assert all(cell_width(plain(line)) <= width for line in lines)


def test_a_cut_is_shown() -> None:
    """Wide characters are never halved."""
    assert cut([("漢字", "bold"), ("abc", "")], 4) == [("漢", "bold"), ("…", "bold")]
    assert cut([("abc", "")], 3) == [("abc", "")]
    assert cut([("abc", "")], 1) == [("…", "")]


def test_half_of_a_wide_character_leaves_a_space() -> None:
    """What follows stays in its column."""
    assert without_first_cells("漢字", 1) == " 字"
    assert without_first_cells("abc", 2) == "c"
    assert without_first_cells("漢", 5) == ""
