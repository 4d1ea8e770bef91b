"""Where the panes of a run stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from workbench.tui.widgets.pane_layout import CHART_MOST, ORDER, RESULTS, Arrangement, Need, arrange, heights

FULL = [Need(key, 12) for key in ORDER]


def rows(arrangement: Arrangement) -> dict[str, int]:
    """The height of each pane that is seen."""
    return {key: region.height for key, region in arrangement.panes.items() if region.height}


def test_without_panes_the_head_has_everything() -> None:
    """There it says why there are none."""
    assert arrange([], 80, 24, head_lines=1, current=None) == Arrangement(Region(0, 0, 80, 24))


def test_a_narrow_area_stacks_panes_in_their_order() -> None:
    """Each below the one before, under the head, to the last row."""
    needs = [Need("params", 3), Need("metrics", 4), Need("output", 100)]
    arrangement = arrange(needs, 64, 40, head_lines=2, current=None)
    assert list(arrangement.panes.items()) == [
        ("metrics", Region(0, 2, 64, 5)),
        ("params", Region(0, 7, 64, 4)),
        ("output", Region(0, 11, 64, 29)),
    ]


def test_a_wide_area_has_results_on_the_left_and_what_they_come_from_on_the_right() -> None:
    """Two columns with a gap, both under the head."""
    panes = arrange(FULL, 140, 43, head_lines=2, current=None).panes
    assert {key for key, region in panes.items() if region.x == 0} == set(RESULTS)
    assert {region.width for region in panes.values()} == {69}
    assert {region.x for region in panes.values()} == {0, 71}


def test_a_wide_area_with_one_kind_of_panes_has_one_column() -> None:
    """No half is left empty."""
    panes = arrange([Need("params", 3), Need("tags", 2)], 140, 43, head_lines=2, current=None).panes
    assert {region.width for region in panes.values()} == {140}


@pytest.mark.parametrize(("height", "head"), [(13, 1), (6, 1), (5, 0), (1, 0)])
def test_a_low_area_shows_one_pane_at_a_time(height: int, head: int) -> None:
    """The one that had the focus; a line about the run stays as long as there is room."""
    arrangement = arrange(FULL, 80, height, head_lines=3, current="params")
    assert (arrangement.single, arrangement.head.height) == (True, head)
    assert rows(arrangement) == {"params": height - head}


def test_a_low_area_begins_with_the_metrics() -> None:
    """Nobody has chosen a pane yet, or the chosen one is empty for this run."""
    assert rows(arrange(FULL, 80, 10, head_lines=1, current=None)) == {"metrics": 9}
    assert rows(arrange([Need("env", 3), Need("params", 1)], 80, 10, head_lines=1, current="tags")) == {"params": 9}


def test_a_zoomed_pane_has_everything_below_the_head() -> None:
    """Also the charts."""
    arrangement = arrange(FULL, 140, 43, head_lines=2, current="charts", zoomed=True)
    assert rows(arrangement) == {"charts": 41}
    assert not arrangement.single


def test_where_room_is_scarce_titles_stay_and_panes_open_as_long_as_they_are_legible() -> None:
    """80x24 with everything that a run can have: all titles are seen, the charts only open."""
    seen = rows(arrange(FULL, 80, 20, head_lines=2, current=None))
    assert seen == {**dict.fromkeys(ORDER[1:], 1), **dict.fromkeys(("metrics", "params", "note", "output"), 3)}
    assert sum(seen.values()) == 18


def test_the_pane_with_the_focus_is_opened_before_all_others_and_gets_more() -> None:
    """Going to a closed pane opens it."""
    seen = rows(arrange(FULL, 80, 24, head_lines=2, current="env"))
    assert seen["env"] >= 7
    assert seen["env"] > max(size for key, size in seen.items() if key != "env")


def test_panes_take_no_more_than_they_need_and_charts_take_the_rest() -> None:
    """Empty space is for charts, up to a height from which they do not gain."""
    needs = [Need("charts", 2), Need("metrics", 2)]
    assert heights(needs, 15, None) == {"charts": 12, "metrics": 3}
    assert heights(needs, 60, None) == {"charts": CHART_MOST, "metrics": 3}


@given(
    st.lists(st.tuples(st.sampled_from(ORDER), st.integers(1, 20_000)), max_size=11, unique_by=lambda one: one[0]),
    st.integers(0, 250),
    st.integers(0, 80),
    st.integers(0, 4),
    st.sampled_from([None, *ORDER]),
    st.booleans(),
)
def test_panes_never_overlap_nor_leave_the_area(
    wanted: list[tuple[str, int]], width: int, height: int, head: int, current: str | None, zoomed: bool
) -> None:
    """Whatever the sizes; and an opened pane shows at least two lines, unless it has but one."""
    needs = [Need(key, lines) for key, lines in wanted]
    arrangement = arrange(needs, width, height, head_lines=head, current=current, zoomed=zoomed)
    regions = [arrangement.head, *arrangement.panes.values()]
    assert all(Region(0, 0, width, height).contains_region(region) for region in regions if region.area)
    seen = [region for region in regions if region.area]
    assert not any(a.overlaps(b) for i, a in enumerate(seen) for b in seen[i + 1 :])
    if not (arrangement.single or zoomed):
        for need in needs:
            size = arrangement.panes[need.key].height
            assert size <= 1 or size >= need.least
