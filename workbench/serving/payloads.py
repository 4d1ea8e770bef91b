"""MLflow's scoring protocol: what the body of `POST /invocations` says.

JSON with exactly one of `dataframe_split`, `dataframe_records`, `instances` and `inputs`, and `params` beside it; or
CSV with a header.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from . import codec
from .batch import Batch, Table
from .errors import BadRequestError, Field, MediaTypeError, SchemaError, TooManyRowsError
from .signature import Signature, check_rows

SHAPES = ("dataframe_split", "dataframe_records", "instances", "inputs")
CONTENT_TYPES = ("application/json", "text/csv")


class Payload(NamedTuple):
    """A read body.

    Attributes:
        batch: what the model gets.
        params: as they were sent, not checked.
    """

    batch: Batch
    params: Any


def media_type(header: str) -> str:
    """The content type of a request, without parameters.

    Raises:
        MediaTypeError: it is not JSON or CSV in UTF-8.
    """
    if header in CONTENT_TYPES:
        return header
    kind, *parameters = (part.strip() for part in header.split(";"))
    kind = kind.lower()
    if kind not in CONTENT_TYPES:
        raise MediaTypeError(f"the content type is one of {', '.join(CONTENT_TYPES)}")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() != "charset" or value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            raise MediaTypeError("the only parameter of the content type is charset=utf-8")
    return kind


def read_payload(body: bytes, kind: str, signature: Signature, max_rows: int) -> Payload:
    """The batch that a body stands for.

    Args:
        kind: `application/json` or `text/csv`.
        max_rows: that one request may have.

    Raises:
        BadRequestError: it cannot be read.
        SchemaError: it is not what the signature says.
        TooManyRowsError: it has more rows.
    """
    if kind == "text/csv":
        from .tables import read_csv

        table = read_csv(body, signature)
        _hold_rows(len(table.rows), max_rows)
        return Payload(signature.read_table(table), None)
    document = read_object(body)
    shapes = [shape for shape in SHAPES if shape in document]
    if len(shapes) != 1:
        raise BadRequestError(f"the body has exactly one of the fields {', '.join(SHAPES)}")
    shape = shapes[0]
    return Payload(_read(shape, document[shape], signature, max_rows), document.get("params"))


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body.

    Raises:
        BadRequestError: it is none.
    """
    try:
        document = codec.loads(body)
    except ValueError:  # its message quotes the body
        raise BadRequestError("the body is not valid JSON in UTF-8") from None
    if not isinstance(document, dict):
        raise BadRequestError("the body is a JSON object")
    return document


def _read(shape: str, value: Any, signature: Signature, max_rows: int) -> Batch:
    if shape == "dataframe_split":
        return signature.read_table(_split(value, max_rows))
    if shape == "dataframe_records":
        if not isinstance(value, list):
            raise BadRequestError("dataframe_records is a list of objects", [Field(shape, "a list of objects")])
        _hold_rows(len(value), max_rows)
        return signature.read_table(_records(value, shape))
    if isinstance(value, list):
        _hold_rows(len(value), max_rows)
        if value and isinstance(value[0], dict):
            return signature.read_table(_records(value, shape, complete=shape == "instances"))
    elif isinstance(value, dict):
        _hold_rows(max((len(item) for item in value.values() if isinstance(item, list)), default=0), max_rows)
    return signature.read_values(value, shape)


def _split(value: Any, max_rows: int) -> Table:
    """`{"columns": […], "data": [[…]], "index": […]}`, of which only `data` has to be there."""
    where = "dataframe_split"
    if not isinstance(value, dict) or "data" not in value or value.keys() - {"columns", "data", "index"}:
        raise BadRequestError(
            "dataframe_split is an object with data, columns and index", [Field(where, "an object with data")]
        )
    rows, names, index = value["data"], value.get("columns"), value.get("index")
    if not isinstance(rows, list) or (rows and not isinstance(rows[0], list)):
        raise BadRequestError("the rows are a list of lists", [Field(f"{where}.data", "a list of lists")])
    _hold_rows(len(rows), max_rows)
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str | int) for name in names)):
        raise BadRequestError("columns are a list of names", [Field(f"{where}.columns", "a list of names")])
    if index is not None and not (isinstance(index, list) and len(index) == len(rows)):
        raise BadRequestError("the index has another length", [Field(f"{where}.index", f"{len(rows)} labels")])
    width = len(rows[0] if names is None and rows else names or ())
    check_rows(rows, f"{where}.data", width)
    return Table(names, rows, _split_path, f"{where}.data")


def _split_path(row: int, column: str) -> str:
    return f"dataframe_split.data[{row}].{column}"


def _records(records: list[Any], where: str, *, complete: bool = False) -> Table:
    """A list of objects; what one of them lacks is null, as in pandas, unless all have to be complete."""
    if set(map(type, records)) > {dict} or (records and type(records[0]) is not dict):
        fields = [Field(f"{where}[{n}]", "an object") for n, item in enumerate(records) if not isinstance(item, dict)]
        raise BadRequestError("every row is an object", fields)
    names = list(records[0]) if records else []
    try:
        rows = [[record[name] for name in names] for record in records]
        uniform = sum(map(len, records)) == len(names) * len(records)
    except KeyError:
        uniform = False
    if not uniform:
        names = list(dict.fromkeys(name for record in records for name in record))
        if complete:
            fields = [
                Field(f"{where}[{n}]", "the columns of all rows")
                for n, item in enumerate(records)
                if len(item) < len(names)
            ]
            raise SchemaError("rows have different columns", fields)
        rows = [[record.get(name) for name in names] for record in records]
    return Table(names, rows, lambda row, column: f"{where}[{row}].{column}", where)


def _hold_rows(count: int, limit: int) -> None:
    if count > limit:
        raise TooManyRowsError(f"a request has at most {limit} rows")
