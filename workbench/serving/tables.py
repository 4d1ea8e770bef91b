"""CSV bodies: read by the standard library, and turned into JSON's values by the types of the signature.

pandas would guess: leading zeros would be lost, and `NA` in a column of text would be null.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from .batch import Table
from .errors import BadRequestError, Field
from .signature import ColumnSignature, Signature, check_rows

NULLS = frozenset(("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"))
"""What is null in a column that is not text; in one of text only an empty field is."""

_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def read_csv(body: bytes, signature: Signature) -> Table:
    """The rows of a CSV body with a header.

    Raises:
        BadRequestError: it is not CSV in UTF-8, or its rows have different lengths.
    """
    try:
        text = body.decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error):
        raise BadRequestError("the body is not valid CSV in UTF-8") from None
    if not lines:
        raise BadRequestError("the body is empty", [Field("csv", "a header and rows")])
    names, rows = lines[0], lines[1:]
    check_rows(rows, "csv", len(names))
    if isinstance(signature, ColumnSignature):
        if signature.named:
            kinds = {column.name: column.kind for column in signature.columns}
            by_place = [kinds.get(name, "string") for name in names]
        else:
            by_place = ([column.kind for column in signature.columns] + ["string"] * len(names))[: len(names)]
    else:
        by_place = [""] * len(names)
    read = [[_value(field, kind) for field, kind in zip(row, by_place, strict=True)] for row in rows]
    return Table(names, read, lambda row, name: f"csv[{row}].{name}", "csv")


def _value(field: str, kind: str) -> Any:
    """What a field stands for; itself where it is not of its column's type, which the signature then says."""
    if kind in ("string", "datetime", "binary"):
        return field or None
    text = field.strip()
    if text in NULLS:
        return None
    if kind == "boolean":
        return _BOOLEANS.get(text.lower(), field)
    return _number(text, field)


def _number(text: str, field: str) -> Any:
    if "_" in text:  # Python's literals, not numbers
        return field
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return field
    return number if number - number == 0 else field
