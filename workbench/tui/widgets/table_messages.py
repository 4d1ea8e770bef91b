"""What a virtual table tells its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from workbench.tui.widgets.virtual_table import VirtualTable


class TableMessage(Message, namespace="virtual_table"):
    """A message of a table.

    Attributes:
        table: which one.
    """

    def __init__(self, table: VirtualTable) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> VirtualTable:
        """The table, for Textual's `on` with a selector."""
        return self.table


class RowsNeeded(TableMessage, namespace="virtual_table"):
    """Rows are needed; only the newest of these messages matters.

    Attributes:
        first: index of the first one.
        count: how many; there may be fewer at the end of the table.
    """

    def __init__(self, table: VirtualTable, first: int, count: int) -> None:
        super().__init__(table)
        self.first = first
        self.count = count

    def can_replace(self, message: Message) -> bool:
        """A later one makes this one pointless."""
        return isinstance(message, RowsNeeded) and message.table is self.table


class CursorMoved(TableMessage, namespace="virtual_table"):
    """The cursor is elsewhere, or on another row than before because rows have changed.

    Attributes:
        row: index of the row.
        key: of the row; None where it is not at hand yet, another message follows when it is.
        column_key: of the column; empty where there are none.
    """

    def __init__(self, table: VirtualTable, row: int, key: str | None, column_key: str) -> None:
        super().__init__(table)
        self.row = row
        self.key = key
        self.column_key = column_key

    def can_replace(self, message: Message) -> bool:
        """A later one makes this one pointless."""
        return isinstance(message, CursorMoved) and message.table is self.table


class RowChosen(TableMessage, namespace="virtual_table"):
    """A row was double-clicked. Attributes as `CursorMoved`."""

    def __init__(self, table: VirtualTable, row: int, key: str | None) -> None:
        super().__init__(table)
        self.row = row
        self.key = key


class RowMarked(TableMessage, namespace="virtual_table"):
    """A row was clicked with ctrl or shift.

    Attributes:
        row, key: as `CursorMoved`.
        to_here: with shift: all rows from the last marked one to this one.
    """

    def __init__(self, table: VirtualTable, row: int, key: str | None, *, to_here: bool) -> None:
        super().__init__(table)
        self.row = row
        self.key = key
        self.to_here = to_here


class HeaderClicked(TableMessage, namespace="virtual_table"):
    """A column's title was clicked.

    Attributes:
        column_key: of the column.
    """

    def __init__(self, table: VirtualTable, column_key: str) -> None:
        super().__init__(table)
        self.column_key = column_key
