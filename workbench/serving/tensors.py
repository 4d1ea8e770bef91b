"""Signatures of tensors: arrays of one type with a shape, one without a name or several with names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .batch import Batch, Table
from .errors import MAX_FIELDS, Field, LoadError, SchemaError

_WORDS = {"i": "whole numbers", "u": "whole numbers", "f": "numbers", "b": "true or false", "U": "text", "S": "text"}


class Tensor:
    """One tensor.

    Attributes:
        name: "" where it has none.
        shape: with -1 for any length.
        dtype: numpy's type.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        """Compile.

        Raises:
            LoadError: it is no tensor.
        """
        import numpy as np

        try:
            self.name: str = spec.get("name") or ""
            self.shape: tuple[int, ...] = tuple(spec["tensor-spec"]["shape"])
            self.dtype = np.dtype(spec["tensor-spec"]["dtype"])
        except (KeyError, TypeError) as error:
            raise LoadError("the signature mixes tensors with columns, or has a tensor without shape") from error

    @property
    def expected(self) -> str:
        """What belongs here, in words."""
        return f"{_WORDS.get(self.dtype.kind, 'values')} of the shape {_shape(self.shape)}"

    def read(self, value: Any, where: str) -> Any:
        """The array of nested lists.

        Raises:
            SchemaError: its shape or the type of a value is another one.
        """
        import numpy as np

        try:
            array = np.array(value, dtype=None if self.dtype.kind in "iufb" else self.dtype)
        except (ValueError, OverflowError) as error:
            raise SchemaError("lists have different lengths", [Field(where, self.expected)]) from error
        array = self._typed(array, value, where)
        if len(array.shape) != len(self.shape) or any(
            want not in (-1, have) for want, have in zip(self.shape, array.shape, strict=True)
        ):
            raise SchemaError("the shape is another one", [Field(where, self.expected)])
        return array

    def read_flat(self, values: list[Any], where: str) -> Any:
        """The array of one value for each row, which are scalars or flat lists, in the shape of the signature."""
        import numpy as np

        array = self._typed(_loose(values), values, where)
        try:
            shaped = array.reshape((len(values), *self.shape[1:]))
        except ValueError as error:
            raise SchemaError("the shape is another one", [Field(where, self.expected)]) from error
        return np.ascontiguousarray(shaped)

    def _typed(self, array: Any, value: Any, where: str) -> Any:
        """An array in the type of the signature; only numbers stand for numbers."""
        import numpy as np

        have, want = array.dtype.kind, self.dtype.kind
        if array.dtype == self.dtype or want not in "iufb":
            return array.astype(self.dtype, copy=False)
        fits = (want == "f" and have in "iuf") or (want in "iu" and have in "iu") or (want == "b" and have == "b")
        if want in "iu" and have == "f":
            fits = bool(np.all(array == np.floor(array)))
        if want == "f" and have == "O":  # with nulls, or ragged
            fits = all(_is_number_or_null(leaf) for leaf in array.ravel())
        if fits and want in "iu":
            limits = np.iinfo(self.dtype)
            fits = array.size == 0 or bool(array.min() >= limits.min and array.max() <= limits.max)
        if not fits or array.size == 0:
            raise SchemaError("values have another type", list(_wrong(value, where, want)) or [self._whole(where)])
        return array.astype(self.dtype)

    def _whole(self, where: str) -> Field:
        return Field(where, self.expected)


class TensorSignature:
    """One unnamed tensor or several named ones.

    Attributes:
        tensors: in the model's order.
        named: whether they have names.
    """

    can_be_matrix = False

    def __init__(self, specs: list[dict[str, Any]]) -> None:
        """Compile.

        Raises:
            LoadError: it is mixed with columns.
        """
        self.tensors = [Tensor(spec) for spec in specs]
        self.named = all(tensor.name for tensor in self.tensors)
        self.takes_matrix = False
        if not self.named and len(self.tensors) > 1:
            raise LoadError("the signature has several tensors without names")

    def read_table(self, table: Table) -> Batch:
        """The batch of columns whose values are scalars or flat lists.

        Raises:
            SchemaError: columns are missing, or values have another type or shape.
        """
        if not table.rows:
            raise SchemaError("there are no rows", [Field(table.where, "at least one row")])
        if not self.named:
            tensor = self.tensors[0]
            if len(table.rows[0]) == 1:
                array = tensor.read_flat([row[0] for row in table.rows], table.where)
            else:
                array = tensor.read([list(row) for row in table.rows], table.where)
            return _batch(array, array)
        place = {name: index for index, name in enumerate(table.names or [])}
        self._hold_names(place, table.where)
        arrays = {}
        for tensor in self.tensors:
            values = [row[place[tensor.name]] for row in table.rows]
            arrays[tensor.name] = tensor.read_flat(values, f"{table.where}.{tensor.name}")
        return Batch(len(table.rows), arrays, (), None)

    def read_values(self, value: Any, where: str) -> Batch:
        """The batch of nested lists, or of an object of them.

        Raises:
            SchemaError: a name is missing, or values have another type or shape.
        """
        if not self.named:
            if isinstance(value, dict):
                raise SchemaError("the model takes one array", [Field(where, self.tensors[0].expected)])
            array = self.tensors[0].read(value, where)
            return _batch(array, array)
        if isinstance(value, list) and len(self.tensors) == 1:
            value = {self.tensors[0].name: value}
        if not isinstance(value, dict):
            raise SchemaError("the model takes arrays by name", [Field(where, "an object of arrays")])
        self._hold_names(value, where)
        arrays = {tensor.name: tensor.read(value[tensor.name], f"{where}.{tensor.name}") for tensor in self.tensors}
        first = arrays[self.tensors[0].name]
        return Batch(first.shape[0] if first.ndim else 1, arrays, (), None)

    def _hold_names(self, given: dict[str, Any], where: str) -> None:
        missing = [tensor for tensor in self.tensors if tensor.name not in given]
        if missing:
            names = ", ".join(tensor.name for tensor in missing[:MAX_FIELDS])
            fields = [Field(f"{where}.{tensor.name}", tensor.expected) for tensor in missing]
            raise SchemaError(f"the model's inputs {names} are missing", fields)


def _batch(array: Any, data: Any) -> Batch:
    """The batch of one array; the prediction log gets the rows of a matrix."""
    if array.ndim == 2:
        return Batch(array.shape[0], data, tuple(f"x{index}" for index in range(array.shape[1])), array.tolist())
    return Batch(array.shape[0] if array.ndim else 1, data, (), None)


def _loose(values: list[Any]) -> Any:
    import numpy as np

    try:
        return np.array(values)
    except ValueError:
        return np.array([None], dtype=object)


def _is_number_or_null(leaf: Any) -> bool:
    return leaf is None or (isinstance(leaf, int | float) and not isinstance(leaf, bool))


def _wrong(value: Any, where: str, want: str) -> Iterator[Field]:
    """The places of nested lists whose values are not of numpy's kind `want`, at most as many as an answer names."""
    stack = [(value, where)]
    found = 0
    while stack and found < MAX_FIELDS:
        item, path = stack.pop()
        if isinstance(item, list):
            stack.extend((part, f"{path}[{index}]") for index, part in reversed(list(enumerate(item))))
            continue
        kind = type(item)
        fine = {
            "f": kind in (int, float),
            "b": kind is bool,
        }.get(want, kind is int or (kind is float and item.is_integer()))
        if not fine:
            found += 1
            yield Field(path, _WORDS[want])


def _shape(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join("any" if length == -1 else str(length) for length in shape) + ")"
