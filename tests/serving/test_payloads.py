"""The body and its content type, before the signature looks at them."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.serving.errors import BadRequestError, MediaTypeError, ServingError, TooManyRowsError
from workbench.serving.params import Params
from workbench.serving.payloads import media_type, read_payload
from workbench.serving.signature import ColumnSignature, NoSignature

COLUMNS = [{"type": "double", "name": "amount"}, {"type": "string", "name": "zip"}, {"type": "long", "name": "n"}]


def rows(body: str | bytes, kind: str = "text/csv", limit: int = 100) -> Any:
    data = body if isinstance(body, bytes) else body.encode()
    return [list(row) for row in read_payload(data, kind, ColumnSignature(COLUMNS, {}), limit).batch.rows or ()]


@pytest.mark.parametrize(
    "header", ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
def test_json_in_utf_8_is_read(header: str) -> None:
    assert media_type(header) == "application/json"


@pytest.mark.parametrize(
    "header", ["", "text/plain", "application/json; charset=latin-1", "text/csv; header=present", "application/xml"]
)
def test_other_content_types_are_refused(header: str) -> None:
    with pytest.raises(MediaTypeError):
        media_type(header)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"3",
        b"{}",
        b'{"params": {}}',
        b'{"inputs": [], "instances": []}',
        b'{"dataframe_split": []}',
        b'{"dataframe_split": {"columns": ["a"]}}',
        b'{"dataframe_split": {"data": [], "rows": []}}',
        b'{"dataframe_split": {"data": 3}}',
        b'{"dataframe_split": {"data": [3]}}',
        b'{"dataframe_split": {"data": [[1]], "index": [1, 2]}}',
        b'{"dataframe_split": {"data": [[1]], "columns": {"a": 1}}}',
        b'{"dataframe_records": {"a": 1}}',
        b'{"dataframe_records": [1]}',
    ],
)
def test_what_is_not_the_protocol_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequestError) as caught:
        read_payload(body, "application/json", NoSignature(), 100)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"dataframe_split": {"columns": ["amount"], "data": [[1], [1], [1]]}}',
        '{"dataframe_records": [{}, {}, {}]}',
        '{"instances": [{}, {}, {}]}',
        '{"inputs": {"amount": [1, 2, 3]}}',
    ],
)
def test_more_rows_than_the_limit_are_refused_before_they_are_looked_at(body: str) -> None:
    with pytest.raises(TooManyRowsError):
        rows(body, "application/json", limit=2)
    with pytest.raises(TooManyRowsError):
        rows("amount\n1\n2\n3\n", limit=2)


def test_csv_has_the_types_of_the_signature() -> None:
    body = 'n,zip,amount,more\r\n3,007,1.5,x\r\n4,"a ""b"", c",NA,\r\n\r\n5.0,NA,-1e3,\r\n'
    assert rows(body) == [[1.5, "007", 3], [None, 'a "b", c', 4], [-1000.0, "NA", 5.0]]


def test_csv_with_a_byte_order_mark_and_unicode_is_read() -> None:
    assert rows("\ufeffamount,zip,n\n1,Zürich 🏔,2\n".encode()) == [[1, "Zürich 🏔", 2]]


@pytest.mark.parametrize(
    "body", ["", "amount,zip,n\n1,2\n", 'amount,zip,n\n"1,2,3\n', "amount,zip,n\n", b"amount,zip,n\n\xff,a,1\n"]
)
def test_csv_that_is_none_is_refused(body: str | bytes) -> None:
    with pytest.raises(ServingError) as caught:
        rows(body)
    assert caught.value.status == 400


@pytest.mark.parametrize("value", ["abc", "1_000", "inf", "0x10", "--1"])
def test_csv_fields_that_are_no_numbers_are_named_by_their_row(value: str) -> None:
    with pytest.raises(ServingError) as caught:
        rows(f"amount,zip,n\n1,a,1\n{value},a,1\n")
    assert caught.value.fields[0].path == "csv[1].amount"


SPECS: list[dict[str, Any]] = [
    {"name": "limit", "type": "long", "default": 1, "shape": None},
    {"name": "names", "type": "string", "default": ["a"], "shape": [-1]},
    {"name": "scale", "dtype": "double", "default": None, "shape": None},
]


def test_parameters_have_their_defaults_and_unknown_ones_are_ignored() -> None:
    params = Params(SPECS)
    assert params.read(None) == {"limit": 1, "names": ["a"], "scale": None}
    given = {"limit": 2.0, "names": ["b", "c"], "scale": 3, "more": 1}
    assert params.read(given) == {"limit": 2, "names": ["b", "c"], "scale": 3.0}
    assert Params(None).read({"limit": 2}) == Params(None).read("anything") == {}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ([], "params"),
        ({"limit": "x"}, "params.limit"),
        ({"limit": [1]}, "params.limit"),
        ({"names": "b"}, "params.names"),
        ({"names": ["b", 1]}, "params.names[1]"),
        ({"scale": True}, "params.scale"),
    ],
)
def test_parameters_of_another_type_are_refused(given: Any, path: str) -> None:
    with pytest.raises(ServingError) as caught:
        Params(SPECS).read(given)
    assert caught.value.fields[0].path == path
