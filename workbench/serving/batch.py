"""The rows of one request, between the protocol and the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Path = Callable[[int, str], str]
"""The place of a value in the body, for errors: `path(row, column)`."""


class Table:
    """Rows as a request brought them: columns in its order, values of JSON.

    Attributes:
        names: of the columns, or None where the request has none.
        rows: lists of equal length.
        path: of a value.
        where: of the whole table.
    """

    __slots__ = ("names", "path", "rows", "where")

    def __init__(self, names: list[str] | None, rows: Sequence[Sequence[Any]], path: Path, where: str) -> None:
        self.names = names
        self.rows = rows
        self.path = path
        self.where = where


class Batch:
    """Rows as the model gets them.

    Attributes:
        count: of rows.
        data: a matrix, a pandas frame, an array, a dictionary of arrays, or plain values.
        names: of the columns of `rows`, for the prediction log.
        rows: values of JSON, a list for each row; None where the input is not made of rows.
        params: for this prediction.
    """

    __slots__ = ("count", "data", "names", "params", "rows")

    def __init__(self, count: int, data: Any, names: tuple[str, ...], rows: Sequence[Sequence[Any]] | None) -> None:
        self.count = count
        self.data = data
        self.names = names
        self.rows = rows
        self.params: dict[str, Any] = {}
