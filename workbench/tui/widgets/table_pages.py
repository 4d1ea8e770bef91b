"""Which rows of a long table are at hand, and which must be asked for."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.tui.widgets.table_model import TableRow

BLOCK = 64
"""Rows; pages begin at multiples of it."""
NEAR = 16
"""Rows beyond those in sight that should be at hand, so that going on shows no gaps."""
KEPT = 4096
"""Rows that are kept at most."""


class TablePages:
    """The rows around the ones in sight.

    The owner answers for one page at a time, the last one that was asked for. Rows of earlier pages stay,
    so that nothing flickers, but they are asked for again when they come into sight: they may be old.

    Attributes:
        total: the number of rows of the whole table.
    """

    def __init__(self) -> None:
        self.total = 0
        self._rows: dict[int, TableRow] = {}
        self._page = range(0)
        self._asked = range(0)
        self._waiting = False

    def __len__(self) -> int:
        """The number of rows at hand."""
        return len(self._rows)

    def row(self, index: int) -> TableRow | None:
        """A row; None where it is not at hand."""
        return self._rows.get(index)

    def index_of(self, key: str) -> int | None:
        """Where a row of the newest page stands."""
        return next((i for i in self._page if (row := self._rows.get(i)) is not None and row.key == key), None)

    def show(self, total: int, first: int, rows: Sequence[TableRow], *, keep: bool) -> set[int]:
        """Take a page; the indices of rows that are now other than before.

        Args:
            total: the number of rows of the whole table.
            first: index of the first of `rows`.
            rows: the page.
            keep: rows of other pages stay.
        """
        total = max(0, total)
        first = max(0, first)
        end = min(first + len(rows), total)
        fresh = dict(zip(range(first, end), rows, strict=False))
        changed = {index for index, row in fresh.items() if self._rows.get(index) != row}
        if not keep:
            changed.update(self._rows.keys() - fresh.keys())
            self._rows = fresh
        else:
            if total < self.total:
                changed.update(index for index in self._rows if index >= total)
                self._rows = {index: row for index, row in self._rows.items() if index < total}
            self._rows.update(fresh)
            if len(self._rows) > KEPT:
                middle = first + len(rows) // 2
                near = range(middle - KEPT // 4, middle + KEPT // 4)
                self._rows = {index: row for index, row in self._rows.items() if index in near or index in fresh}
        self._page = range(first, max(first, end))
        if not keep:
            self._asked = range(0)
        self._waiting = self._waiting and keep and first != self._asked.start
        self.total = total
        return changed

    def ask(self, sight: range) -> range | None:
        """What to ask for now that these rows are in sight; None where all is at hand or on its way."""
        near = range(max(0, sight.start - NEAR), min(self.total, sight.stop + NEAR))
        if not sight or not near or (near.start >= self._page.start and near.stop <= self._page.stop):
            return None
        wanted = page_around(sight)
        if wanted == self._asked and (self._waiting or self._page.start == wanted.start):
            # On its way; or here but shorter than it should be: asking again would give the same.
            return None
        self._asked, self._waiting = wanted, True
        return wanted


def page_around(sight: range) -> range:
    """The page to ask for: whole blocks around the rows in sight, three where these are at most a block."""
    middle = (sight.start + sight.stop) // 2 // BLOCK
    side = 1 + max(0, -(-(len(sight) - BLOCK) // (2 * BLOCK)))
    first = max(0, middle - side) * BLOCK
    return range(first, first + (2 * side + 1) * BLOCK)
