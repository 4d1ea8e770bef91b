"""The signature of a model, compiled once, and what a request becomes under it.

Three kinds: named or unnamed columns, tensors, and none at all. All of them read the same four shapes of MLflow's
protocol, and CSV, into a `Batch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .batch import Batch, Table
from .columns import Column
from .errors import MAX_FIELDS, Field, SchemaError


class Signature(Protocol):
    """What every kind of signature can do."""

    takes_matrix: bool
    """Set by the loader: the model gets numpy's matrix instead of a pandas frame."""
    can_be_matrix: bool
    """Whether every column is a number that has to be there."""

    def read_table(self, table: Table) -> Batch:
        """The batch of rows with columns."""
        ...

    def read_values(self, value: Any, where: str) -> Batch:
        """The batch of what `inputs` and `instances` hold, which is not a list of objects with columns."""
        ...


class ColumnSignature:
    """Columns with types.

    Attributes:
        columns: in the model's order.
        names: of them.
        named: whether requests have to name them; otherwise position decides.
    """

    def __init__(self, specs: list[dict[str, Any]], nulls: dict[str, Any], *, reject_extra: bool = False) -> None:
        """Compile.

        Raises:
            LoadError: a type is not known.
        """
        self.columns = [Column(spec, position, nulls) for position, spec in enumerate(specs)]
        self.names = tuple(column.name for column in self.columns)
        self.named = bool(specs) and all(spec.get("name") is not None for spec in specs)
        self.can_be_matrix = all(column.is_number and column.required for column in self.columns)
        self.takes_matrix = False
        self._reject_extra = reject_extra
        self._order = list(self.names)
        self._dtype: Any = None

    def read_table(self, table: Table) -> Batch:
        """The batch of rows.

        Raises:
            SchemaError: columns are missing or unknown, or values have another type.
        """
        rows, columns = self._arranged(table)
        checked = []
        changed = False
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            fine = column.read(values)
            if fine is None:
                raise self._wrong(table, columns, rows)
            changed = changed or fine is not values
            checked.append(fine)
        try:
            if self.takes_matrix:
                data = self._matrix(list(zip(*checked, strict=True)) if changed else rows)
            else:
                data = self._frame(columns, checked)
        except (OverflowError, ValueError) as error:  # beyond a double, or a time that pandas cannot hold
            raise self._wrong(table, columns, rows) from error
        return Batch(len(rows), data, tuple(column.name for column in columns), rows)

    def read_values(self, value: Any, where: str) -> Batch:
        """The batch of columns by name, of one row of scalars, of a bare list for one column, or of a list of rows.

        Raises:
            SchemaError: it is none of them.
        """
        if isinstance(value, dict):
            return self.read_table(_columns_to_table(value, where))
        if isinstance(value, list) and len(self.columns) == 1 and not (value and isinstance(value[0], list)):
            name = self.columns[0].name
            rows = [[item] for item in value]
            return self.read_table(Table([name], rows, lambda row, _: f"{where}[{row}]", where))
        if self.named or not isinstance(value, list):
            raise SchemaError(
                "the model takes columns by name",
                [Field(where, "a list of objects, or an object of lists, with the columns of the signature")],
            )
        rows = value if value and isinstance(value[0], list) else [value]
        check_rows(rows, where, len(rows[0]))
        return self.read_table(Table(None, rows, lambda row, column: f"{where}[{row}][{column}]", where))

    def _arranged(self, table: Table) -> tuple[Sequence[Sequence[Any]], list[Column]]:
        """The rows in the model's order of columns, and those columns."""
        if table.names == self._order:
            columns = self.columns
            rows = table.rows
        elif not self.named:
            width = len(table.rows[0]) if table.rows else 0
            if width < len(self.columns):
                raise SchemaError("columns are missing", [Field(table.where, f"{len(self.columns)} columns")])
            columns = self.columns
            rows = table.rows if width == len(columns) else [row[: len(columns)] for row in table.rows]
        else:
            columns, rows = self._by_name(table)
        if not rows:
            raise SchemaError("there are no rows", [Field(table.where, "at least one row")])
        return rows, columns

    def _by_name(self, table: Table) -> tuple[list[Column], Sequence[Sequence[Any]]]:
        names = table.names or []
        place = {name: index for index, name in enumerate(names)}
        if len(place) != len(names):
            raise SchemaError("a column is there twice", [Field(table.where, "every column once")])
        missing = [column for column in self.columns if column.required and column.name not in place]
        if missing:
            message = f"the model's columns {', '.join(column.name for column in missing[:MAX_FIELDS])} are missing"
            fields = [Field(f"{table.where}.{column.name}", f"a column: {column.expected}") for column in missing]
            raise SchemaError(message, fields)
        if self._reject_extra and len(place) > sum(name in place for name in self.names):
            raise SchemaError("there are columns that the model does not know", [Field(table.where, "no others")])
        columns = [column for column in self.columns if column.name in place]
        order = [place[column.name] for column in columns]
        return columns, [[row[index] for index in order] for row in table.rows]

    def _wrong(self, table: Table, columns: list[Column], rows: Sequence[Sequence[Any]]) -> SchemaError:
        fields = []
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            for index, below, expected in column.wrong(values):
                fields.append((index, Field(table.path(index, column.name) + below, expected)))
                if len(fields) > 10 * MAX_FIELDS:
                    break
        if not fields:
            fields = [(0, Field(table.where, "numbers and times within the range of their columns"))]
        return SchemaError(
            "the input is not what the model's signature says", [field for _, field in sorted(fields, key=_row)]
        )

    def _matrix(self, rows: Sequence[Sequence[Any]]) -> Any:
        import numpy as np

        if self._dtype is None:
            self._dtype = np.result_type(*(np.dtype(column.dtype) for column in self.columns))
        return np.array(rows, dtype=self._dtype)

    def _frame(self, columns: list[Column], values: list[Sequence[Any]]) -> Any:
        import numpy as np
        import pandas as pd  # type: ignore[import-untyped]

        arrays: dict[Any, Any] = {}
        for position, (column, items) in enumerate(zip(columns, values, strict=True)):
            key = column.name if self.named else position
            if column.kind == "datetime":
                times = pd.to_datetime(list(items), format="ISO8601", utc=True)
                arrays[key] = times.tz_localize(None).as_unit("ns")
            elif column.dtype and (column.dtype != "bool" or None not in items):
                arrays[key] = np.array(items, dtype=column.dtype)
            else:
                arrays[key] = list(items)
        return pd.DataFrame(arrays)


class NoSignature:
    """A model that says nothing about its input: pandas and numpy decide, as in MLflow."""

    can_be_matrix = False
    takes_matrix = False

    def read_table(self, table: Table) -> Batch:
        """A pandas frame with the types that pandas finds."""
        import pandas as pd

        if not table.rows:
            raise SchemaError("there are no rows", [Field(table.where, "at least one row")])
        frame = pd.DataFrame([list(row) for row in table.rows], columns=table.names)
        names = tuple(str(name) for name in frame.columns)
        return Batch(len(table.rows), frame, names, table.rows)

    def read_values(self, value: Any, where: str) -> Batch:
        """numpy arrays."""
        import numpy as np

        try:
            if isinstance(value, dict):
                data: Any = {name: np.array(item) for name, item in value.items()}
                count = max((array.shape[0] for array in data.values() if array.ndim), default=1)
                return Batch(count, data, (), None)
            data = np.array(value)
        except ValueError as error:
            raise SchemaError("the input is no array", [Field(where, "lists of equal length")]) from error
        rows = value if data.ndim == 2 else None
        names = tuple(f"x{index}" for index in range(data.shape[1])) if data.ndim == 2 else ()
        return Batch(data.shape[0] if data.ndim else 1, data, names, rows)


def compile_signature(
    inputs: list[dict[str, Any]] | None, nulls: dict[str, Any], *, reject_extra: bool = False
) -> Signature:
    """The signature of `inputs` as MLflow writes them in JSON; None for a model without one.

    Raises:
        LoadError: a type is not known.
    """
    if not inputs:
        return NoSignature()
    if any(spec.get("type") == "tensor" for spec in inputs):
        from .tensors import TensorSignature

        return TensorSignature(inputs)
    return ColumnSignature(inputs, nulls, reject_extra=reject_extra)


def check_rows(rows: Sequence[Any], where: str, width: int) -> None:
    """Hold that rows are lists of one length.

    Raises:
        SchemaError: they are not.
    """
    if set(map(type, rows)) <= {list} and set(map(len, rows)) <= {width}:
        return
    fields = [
        Field(f"{where}[{index}]", f"a list of {width} values")
        for index, row in enumerate(rows)
        if not isinstance(row, list) or len(row) != width
    ]
    raise SchemaError("rows have different lengths", fields)


def _columns_to_table(value: dict[str, Any], where: str) -> Table:
    """`{"a": [1, 2], "b": [3, 4]}`, or one row `{"a": 1, "b": 3}`, as rows."""
    names = list(value)
    lists = [isinstance(item, list) for item in value.values()]
    if not any(lists):
        return Table(names, [list(value.values())], lambda _, column: f"{where}.{column}", where)
    lengths = {len(item) if is_list else -1 for item, is_list in zip(value.values(), lists, strict=True)}
    if len(lengths) > 1:
        raise SchemaError("columns have different lengths", [Field(where, "lists of equal length")])
    return Table(names, list(zip(*value.values(), strict=True)), lambda row, column: f"{where}.{column}[{row}]", where)


def _row(item: tuple[int, Field]) -> int:
    return item[0]
