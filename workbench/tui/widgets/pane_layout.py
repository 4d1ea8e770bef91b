"""Where panes stand: stacked in one or two columns where there is room, else one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from textual.geometry import Region

WIDE = 100
"""Cells from which on panes stand in two columns."""
LOW = 14
"""Rows below which one pane is shown at a time."""
MIN_ROWS_WITH_HEAD = 6
LEAST = 3
"""Rows of an open pane, with its title; one with a single line takes two."""
COLUMN_GAP = 2
CHART_LEAST, CHART_WISH, CHART_MOST = 6, 9, 18
"""Rows of the charts, with their title."""

RESULTS = ("charts", "metrics", "output", "machine")
"""Panes of the left column, from above; the others say what the run was made of."""
ORDER = ("charts", "metrics", "params", "tags", "note", "code", "data", "artifacts", "output", "machine", "env")
_FIRST_SERVED = ("metrics", "params", "charts", "output", "note", "tags", "code", "artifacts", "data", "machine", "env")


@dataclass(frozen=True, slots=True)
class Plan:
    """By what panes are laid out.

    Attributes:
        order: all keys, from above.
        left: those of the left column.
        served: all keys, those that get room first in front.
    """

    order: tuple[str, ...]
    left: tuple[str, ...]
    served: tuple[str, ...]


RUN = Plan(ORDER, RESULTS, _FIRST_SERVED)
"""The panes of a run."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a pane would like.

    Attributes:
        key: which pane, one of the plan's.
        lines: of its content; those of the charts play no part.
    """

    key: str
    lines: int

    @property
    def full(self) -> int:
        """Rows with which it is content."""
        return CHART_WISH if self.key == "charts" else self.lines + 1

    @property
    def least(self) -> int:
        """Rows below which it stays closed."""
        return CHART_LEAST if self.key == "charts" else min(LEAST, self.full)

    @property
    def closed(self) -> int:
        """Rows that it takes when closed: its title, in which the most telling stands. Charts have no such."""
        return 0 if self.key == "charts" else 1


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where everything stands.

    Attributes:
        head: the lines about the run.
        panes: by key; of no height where a pane is not to be seen.
        single: one pane at a time; its title row names all of them.
    """

    head: Region
    panes: Mapping[str, Region] = field(default_factory=dict)
    single: bool = False


def arrange(
    needs: Sequence[Need],
    width: int,
    height: int,
    *,
    head_lines: int,
    current: str | None,
    zoomed: bool = False,
    plan: Plan = RUN,
) -> Arrangement:
    """Lay panes out.

    Args:
        needs: the panes that have content.
        width, height: cells of the area.
        head_lines: what there is to say above the panes.
        current: the pane that has, or had last, the focus; None for none.
        zoomed: it has everything.
        plan: what the panes are.
    """
    if not needs:
        return Arrangement(Region(0, 0, width, height))
    ordered = sorted(needs, key=lambda need: plan.order.index(need.key))
    single = height < LOW
    head = min(head_lines, 1 if single else height) if height >= MIN_ROWS_WITH_HEAD else 0
    body = Region(0, head, width, max(0, height - head))
    if single or zoomed:
        shown = chosen_pane(ordered, current, plan)
        closed = Region(0, head, width, 0)
        panes = {need.key: body if need.key == shown else closed for need in ordered}
        return Arrangement(Region(0, 0, width, head), panes, single)
    left = [need for need in ordered if need.key in plan.left]
    right = [need for need in ordered if need.key not in plan.left]
    if width < WIDE or not left or not right:
        panes = _stack(ordered, body, current, plan)
    else:
        share = (width - COLUMN_GAP) // 2
        panes = _stack(left, Region(0, head, share, body.height), current, plan)
        rest = Region(share + COLUMN_GAP, head, width - share - COLUMN_GAP, body.height)
        panes |= _stack(right, rest, current, plan)
    return Arrangement(Region(0, 0, width, head), panes)


def chosen_pane(needs: Sequence[Need], current: str | None, plan: Plan = RUN) -> str | None:
    """The pane that stands alone: the current one, else the one that is read first."""
    keys = [need.key for need in needs]
    return current if current in keys else next((key for key in plan.served if key in keys), None)


def heights(needs: Sequence[Need], room: int, current: str | None, plan: Plan = RUN) -> dict[str, int]:
    """Rows of panes below each other, with their titles; together at most `room`.

    Titles come first. Then panes are opened, the current one before all others and with up to half of the room, as
    long as each gets a legible part; what is left is shared line by line among those that have more to show. Room
    that nobody needs goes to the charts.
    """
    served = sorted(needs, key=lambda need: (need.key != current, plan.served.index(need.key)))
    rows = {need.key: 0 for need in needs}
    for need in served:
        if room >= need.closed:
            rows[need.key] = need.closed
            room -= need.closed
    opened = []
    for need in served:
        more = need.least - rows[need.key]
        if 0 <= more <= room and (rows[need.key] or not need.closed):
            if need.key == current:
                more += min(need.full - need.least, (room - more) // 2)
            rows[need.key] += more
            room -= more
            opened.append(need)
    wanting = [need for need in opened if rows[need.key] < need.full]
    while room and wanting:
        for need in wanting[:room]:
            rows[need.key] += 1
            room -= 1
        wanting = [need for need in wanting if rows[need.key] < need.full]
    if rows.get("charts"):
        rows["charts"] += min(room, CHART_MOST - rows["charts"])
    return rows


def _stack(needs: Sequence[Need], area: Region, current: str | None, plan: Plan) -> dict[str, Region]:
    rows = heights(needs, area.height, current, plan)
    panes: dict[str, Region] = {}
    y = area.y
    for need in needs:
        panes[need.key] = Region(area.x, y, area.width, rows[need.key])
        y += rows[need.key]
    return panes
