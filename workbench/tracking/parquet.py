"""The footer of a Parquet file: rows and columns, without a Parquet library.

Format: https://parquet.apache.org/docs/file-format/metadata/ - the file ends with the metadata in Thrift's compact
protocol, its length as four bytes, and `PAR1`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

MAGIC = b"PAR1"
MAX_FOOTER_BYTES = 64 * 1024 * 1024

_PHYSICAL = ("boolean", "int32", "int64", "int96", "float", "double", "binary", "fixed_binary")
_LOGICAL = {1: "string", 4: "enum", 5: "decimal", 6: "date", 7: "time", 8: "timestamp", 12: "json", 14: "uuid"}
_CONVERTED = {0: "string", 4: "enum", 5: "decimal", 6: "date", 9: "timestamp", 10: "timestamp", 19: "json"}


def read_footer(file: BinaryIO, size_bytes: int) -> dict[str, object]:
    """`rows` and `schema`, `[{"name", "type"}]` of the top-level columns; nothing where it cannot be understood."""
    if size_bytes < 12:
        return {}
    file.seek(size_bytes - 8)
    tail = file.read(8)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length > min(size_bytes - 8, MAX_FOOTER_BYTES):
        return {}
    file.seek(size_bytes - 8 - length)
    try:
        metadata = _Thrift(file.read(length)).struct()
        rows = metadata[3]
        return {"rows": rows, "schema": _columns(metadata[2])} if isinstance(rows, int) else {}
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}


def _columns(elements: object) -> list[dict[str, str]]:
    """The children of the root; the list holds the tree of columns in depth-first order."""
    if not isinstance(elements, list):
        raise TypeError
    columns = []
    skip = 0
    for element in elements[1:]:
        children = element.get(5, 0)
        if skip:
            skip += children - 1
            continue
        skip = children
        columns.append({"name": element[4].decode(), "type": _type(element, children)})
    return columns


def _type(element: dict[int, object], children: int) -> str:
    logical = element.get(10)
    if isinstance(logical, dict) and logical:
        kind = next(iter(logical))
        if kind in _LOGICAL:
            return _LOGICAL[kind]
        if kind in (2, 3):
            return "map" if kind == 2 else "list"
    if children:
        return {1: "map", 2: "map", 3: "list"}.get(element.get(6), "struct")  # type: ignore[call-overload, no-any-return]
    converted, physical = element.get(6), element.get(1)
    if isinstance(converted, int) and converted in _CONVERTED:
        return _CONVERTED[converted]
    return _PHYSICAL[physical] if isinstance(physical, int) else "unknown"


class _Thrift:
    """A reader of Thrift's compact protocol; structs are dicts by field number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def struct(self) -> dict[int, object]:
        fields: dict[int, object] = {}
        number = 0
        while True:
            head = self._byte()
            if head == 0:
                return fields
            delta = head >> 4
            number = number + delta if delta else self._signed()
            kind = head & 15
            fields[number] = kind == 1 if kind in (1, 2) else self._value(kind)

    def _value(self, kind: int) -> object:
        if kind in (1, 2, 3):
            return self._byte()
        if kind in (4, 5, 6):
            return self._signed()
        if kind == 7:
            return self._take(8)
        if kind == 8:
            return self._take(self._unsigned())
        if kind in (9, 10):
            head = self._byte()
            size = head >> 4
            if size == 15:
                size = self._unsigned()
            return [self._value(head & 15) for _ in range(size)]
        if kind == 12:
            return self.struct()
        raise ValueError(f"thrift type {kind}")

    def _take(self, length: int) -> bytes:
        taken = self._data[self._position : self._position + length]
        if len(taken) != length:
            raise ValueError("the footer is cut off")
        self._position += length
        return taken

    def _byte(self) -> int:
        value = self._data[self._position]
        self._position += 1
        return value

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
