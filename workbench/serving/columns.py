"""One column of a signature: which values of JSON belong into it, and the array that a model gets.

A column is checked as a whole by the set of its values' types, which costs tens of nanoseconds for each value; only
where that set is not plain are values looked at one by one, to say which of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .errors import LoadError
from .nested import EXPECTED, INTEGERS, convert, is_scalar, problems

NUMBERS = {"integer": "int32", "long": "int64", "float": "float32", "double": "float64"}
"""numpy's name of the types whose columns can stand in one matrix."""

_PLAIN: dict[str, frozenset[type]] = {
    "integer": frozenset((int,)),
    "long": frozenset((int,)),
    "float": frozenset((int, float, type(None))),
    "double": frozenset((int, float, type(None))),
    "boolean": frozenset((bool,)),
    "string": frozenset((str, type(None))),
    "binary": frozenset(),
    "datetime": frozenset(),
}
_REJECT = object()


class Column:
    """One column.

    Attributes:
        name: in the signature; its position as text where the signature has no names.
        kind: MLflow's name of the type.
        required: whether it has to be there.
        spec: the type as JSON.
        dtype: numpy's name of the type of its array, "" where that has none.
    """

    def __init__(self, spec: dict[str, Any], position: int, nulls: dict[str, Any]) -> None:
        """Compile one column.

        Raises:
            LoadError: its type is not known.
        """
        self.spec = spec
        self.kind: str = spec["type"]
        self.name = str(spec.get("name", position))
        self.required: bool = spec.get("required", True) is not False
        if self.kind not in _PLAIN and self.kind not in ("array", "object", "map", "any"):
            raise LoadError(f"the signature has a column of the type {self.kind}, which this server does not know")
        self._plain = _PLAIN.get(self.kind, frozenset())
        self._bounds = INTEGERS.get(self.kind)
        rule = nulls.get(self.name, "reject")
        self._fill: Any = _REJECT
        self.dtype = NUMBERS.get(self.kind, "bool" if self.kind == "boolean" else "")
        if self._bounds or self.kind == "boolean":
            if rule == "nan":
                self._fill, self.dtype = None, "float64"
            elif rule != "reject":
                self._fill = rule
                if not is_scalar(self.kind, rule):
                    raise LoadError(f"the rule for nulls of {self.name} is reject, nan, or {EXPECTED[self.kind]}")

    @property
    def is_number(self) -> bool:
        """Whether it can be a column of a matrix."""
        return self.kind in NUMBERS

    @property
    def expected(self) -> str:
        """What belongs into it, in words."""
        words = EXPECTED.get(self.kind, f"a value of the type {self.kind}")
        return f"{words} or null" if self._takes_null else words

    @property
    def _takes_null(self) -> bool:
        if self._bounds or self.kind == "boolean":  # that it may be absent does not say what stands for null
            return self._fill is not _REJECT
        return type(None) in self._plain or not self.required

    def read(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """The values as they may be given to numpy, or None where one of them does not belong here.

        Nulls stand as None, whole numbers that were written `3.0` may still be floats.
        """
        kinds = set(map(type, values))
        if kinds <= self._plain:
            if self._bounds and (min(values) < self._bounds[0] or max(values) > self._bounds[1]):
                return None
            return values
        return self._read_slowly(values)

    def _read_slowly(self, values: Sequence[Any]) -> Sequence[Any] | None:
        if type(None) in set(map(type, values)) and self._fill is not _REJECT:
            values = [self._fill if value is None else value for value in values]
        if any(not self._belongs(value) for value in values):
            return None
        if self.kind in ("array", "object", "map", "binary"):
            return [convert(self.spec, value) for value in values]
        return values

    def _belongs(self, value: Any) -> bool:
        if value is None:
            return self._takes_null or self.kind == "any"
        if self.kind == "boolean" and type(value) is int:
            return value in (0, 1)
        return next(iter(problems(self.spec, value, "")), None) is None

    def wrong(self, values: Sequence[Any]) -> Iterator[tuple[int, str, str]]:
        """`(index, path below the value, what was expected)` of every wrong place."""
        for index, value in enumerate(values):
            if self._belongs(value):
                continue
            if value is None or self.kind not in ("array", "object", "map"):
                yield index, "", self.expected
            else:
                for field in problems(self.spec, value, ""):
                    yield index, field.path, field.expected
