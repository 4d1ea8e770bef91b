"""Distributions made of characters: exactly as large as asked, in proportion, and never without their marks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.output.cells import cell_width
from workbench.output.spans import plain
from workbench.plot.histogram import RIGHTWARD, UPWARD, draw_bars, draw_histogram, draw_over_each_other

COUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=60)


def test_a_histogram_has_its_shares_and_its_edges() -> None:
    """The tallest bin says how much it is; the first, the middle and the last edge stand below their places."""
    lines = [plain(line) for line in draw_histogram([0, 10, 20, 30, 40], [1, 4, 2, 1], width=24, height=5)]
    assert lines == [
        "50 % ┤    █████         ",
        "     │    █████         ",
        "     │    █████████     ",
        "   0 ┤██████████████████",
        "     └0───────20──────40",
    ]  # fmt: skip


@settings(max_examples=60)
@given(COUNTS, st.integers(12, 90), st.integers(2, 14))
def test_a_histogram_is_exactly_as_large_as_asked_and_in_proportion(counts: list[int], width: int, height: int) -> None:
    """What is there at all is seen; nothing is drawn where there is nothing."""
    lines = [plain(line) for line in draw_histogram(list(range(len(counts) + 1)), counts, width=width, height=height)]
    if not sum(counts):
        assert not lines
        return
    assert len(lines) == height
    assert {cell_width(line) for line in lines[:-1]} == {width}
    left = lines[0].index("┤") + 1
    columns = ["".join(line[left + place] for line in lines[:-1]) for place in range(width - left)]
    eighths = [sum(UPWARD.index(cell) for cell in column) for column in columns]
    assert max(eighths) == 8 * (height - 1)
    if len(counts) <= width - left:
        drawn = [eighths[place * (width - left) // len(counts)] for place in range(len(counts))]
        for count, own in zip(counts, drawn, strict=True):
            assert (own > 0) == (count > 0)
            assert abs(own - count / max(counts) * 8 * (height - 1)) <= 1


@pytest.mark.parametrize(("width", "height", "counts"), [(11, 5, [1]), (40, 1, [1]), (40, 5, []), (40, 5, [0, 0])])
def test_without_room_or_rows_there_is_no_histogram(width: int, height: int, counts: list[int]) -> None:
    """Rather than one that cannot be read."""
    assert draw_histogram(list(range(len(counts) + 1)), counts, width=width, height=height) == []


def test_moments_are_edges_without_their_seconds() -> None:
    """As the profile of a column of times has them."""
    edges = ["2026-09-01T00:00:00", "2026-09-02T00:00:00", "2026-09-03T00:00:00"]
    assert plain(draw_histogram(edges, [1, 1], width=60, height=4)[-1]).strip().startswith("└2026-09-01 00:00")


def test_two_distributions_are_told_by_colour_pattern_and_letter() -> None:
    """Both are seen where they differ, over one axis."""
    lines = draw_over_each_other(
        [0.0, 1.0, 2.0], [("reference", [0.9, 0.1]), ("current", [0.2, 0.8])], width=50, height=9
    )
    texts = [plain(line) for line in lines]
    assert texts[0].split() == ["A", "──", "reference", "B", "┄┄", "current", "%", "of", "rows"]
    assert len(lines) == 9
    assert {style for line in lines for _, style in line} >= {"series0", "series1"}
    assert texts[1].lstrip().startswith("90")
    assert texts[-1].lstrip(" └").startswith("0") and texts[-1].rstrip().endswith("2")


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(20, 100))
def test_bars_are_in_proportion(shares: list[float], width: int) -> None:
    """The longest takes the room; what is there at all is seen."""
    names = [f"v{place}" for place in range(len(shares))]
    lines = draw_bars(names, [("share", shares)], width=width)
    assert len(lines) == len(shares)
    lengths = [sum(RIGHTWARD.index(cell) for cell in bar) for bar in (line[1][0] for line in lines)]
    for share, length in zip(shares, lengths, strict=True):
        assert (length > 0) == (share > 0)
        assert abs(length - max(lengths) * share / (max(shares) or 1)) <= 1.01
    assert all(cell_width(plain(line)) <= width for line in lines)


def test_bars_of_two_distributions_stand_below_each_other_with_their_letters() -> None:
    """A value's name is not repeated; control characters in it are harmless."""
    lines = [plain(line) for line in draw_bars(["a\nb"], [("one", [0.5]), ("two", [0.25])], width=40)]
    assert lines[0].startswith(" A ── one   B ┄┄ two")
    assert lines[1].startswith(" a\\nb A █") and lines[1].endswith("50 %")
    assert lines[2].startswith("      B █") and lines[2].endswith("25 %")
