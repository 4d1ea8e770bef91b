"""What a request becomes under a signature of columns, and what it is refused for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.serving import codec
from workbench.serving.batch import Batch
from workbench.serving.errors import LoadError, SchemaError, ServingError
from workbench.serving.payloads import read_payload
from workbench.serving.signature import ColumnSignature, compile_signature

COLUMNS = [
    {"type": "double", "name": "amount", "required": True},
    {"type": "long", "name": "count", "required": True},
    {"type": "string", "name": "country", "required": True},
    {"type": "boolean", "name": "member", "required": True},
]
NAMES = [str(spec["name"]) for spec in COLUMNS]
GOOD = [1.5, 3, "de", True]


def numbers(**rules: Any) -> ColumnSignature:
    signature = ColumnSignature(COLUMNS[:2], rules)
    signature.takes_matrix = True
    return signature


def read(document: Any, signature: Any = None) -> Batch:
    signature = signature or ColumnSignature(COLUMNS, {})
    return read_payload(codec.dumps_standard(document), "application/json", signature, 1000).batch


def split(*rows: list[Any], names: list[str] = NAMES) -> dict[str, Any]:
    return {"dataframe_split": {"columns": names, "data": list(rows)}}


def refused(document: Any, signature: Any = None) -> list[tuple[str, str]]:
    with pytest.raises(SchemaError) as caught:
        read(document, signature)
    return [(field.path, field.expected) for field in caught.value.fields]


def test_the_frame_has_the_types_of_the_signature() -> None:
    frame = read(split(GOOD, [2, 4.0, None, False])).data
    assert list(frame.columns) == NAMES
    assert frame["amount"].dtype == np.float64
    assert frame["count"].dtype == np.int64
    assert frame["member"].dtype == np.bool_
    assert frame["country"].isna().tolist() == [False, True]


SHAPES: list[Any] = [
    {"dataframe_split": {"columns": ["count", "amount"], "data": [[3, 1.5], [4, 2.5]], "index": [7, 8]}},
    {"dataframe_records": [{"count": 3, "amount": 1.5}, {"count": 4, "amount": 2.5}]},
    {"instances": [{"count": 3, "amount": 1.5}, {"count": 4, "amount": 2.5}]},
    {"inputs": [{"count": 3, "amount": 1.5}, {"count": 4, "amount": 2.5}]},
    {"inputs": {"count": [3, 4], "amount": [1.5, 2.5]}},
    {"dataframe_split": {"columns": ["x", "amount", "count"], "data": [["?", 1.5, 3], [None, 2.5, 4]]}},
]


@pytest.mark.parametrize("document", SHAPES, ids=[f"{n}-{next(iter(shape))}" for n, shape in enumerate(SHAPES)])
def test_every_shape_becomes_the_same_matrix_in_the_order_of_the_signature(document: Any) -> None:
    batch = read(document, numbers())
    assert batch.data.tolist() == [[1.5, 3.0], [2.5, 4.0]]
    assert [list(row) for row in batch.rows or ()] == [[1.5, 3], [2.5, 4]]
    assert batch.names == ("amount", "count")


def test_one_row_may_be_an_object_of_scalars() -> None:
    assert read({"inputs": {"amount": 1, "count": 2}}, numbers()).data.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (0, "secret", "a number or null"),
        (0, True, "a number or null"),
        (0, [1], "a number or null"),
        (1, 1.5, "a whole number of 64 bits"),
        (1, None, "a whole number of 64 bits"),
        (1, 2**70, "a whole number of 64 bits"),
        (1, "3", "a whole number of 64 bits"),
        (2, 7, "text or null"),
        (3, "true", "true or false"),
        (3, 2, "true or false"),
        (3, None, "true or false"),
    ],
)
def test_a_wrong_value_is_named_by_its_place_and_never_said(place: int, value: Any, expected: str) -> None:
    row = [*GOOD]
    row[place] = value
    assert refused(split(GOOD, GOOD, row)) == [(f"dataframe_split.data[2].{NAMES[place]}", expected)]
    record = dict(zip(NAMES, row, strict=True))
    assert refused({"dataframe_records": [record]}) == [(f"dataframe_records[0].{NAMES[place]}", expected)]
    columns = {name: [item] for name, item in record.items()}
    assert refused({"inputs": columns}) == [(f"inputs.{NAMES[place]}[0]", expected)]


def test_wrong_places_are_told_in_the_order_of_rows_and_not_without_end() -> None:
    fields = refused(split(*[["x", "x", 1, 2]] * 50))
    assert len(fields) == 20
    assert [path for path, _ in fields[:5]] == [
        *(f"dataframe_split.data[0].{name}" for name in NAMES),
        "dataframe_split.data[1].amount",
    ]


def test_missing_columns_are_named() -> None:
    fields = refused(split([1.5, 3], names=["amount", "count"]))
    assert [path for path, _ in fields] == ["dataframe_split.data.country", "dataframe_split.data.member"]


def test_extra_columns_are_ignored_or_rejected_as_is_set() -> None:
    document = split([*GOOD, 1], names=[*NAMES, "more"])
    assert list(read(document).data.columns) == NAMES
    assert refused(document, ColumnSignature(COLUMNS, {}, reject_extra=True))


def test_a_column_that_is_there_twice_is_refused() -> None:
    assert refused(split([1.0, 2, 3], names=["amount", "count", "count"]), numbers())


def test_what_a_record_lacks_is_null() -> None:
    batch = read({"dataframe_records": [{"amount": 1, "count": 1}, {"count": 2}]}, numbers())
    assert np.isnan(batch.data[1, 0])
    assert refused({"instances": [{"amount": 1, "count": 1}, {"count": 2}]}, numbers())


def test_whole_numbers_may_be_null_where_a_rule_says_so() -> None:
    document = split([1.0, None], [None, 2], names=["amount", "count"])
    matrix = read(document, numbers(count="nan")).data
    assert np.isnan(matrix[0, 1])
    assert matrix[1, 1] == 2
    assert read(document, numbers(count=-1)).data[0, 1] == -1
    assert refused(document, numbers(count="reject"))
    with pytest.raises(LoadError):
        numbers(count="1")


def test_a_column_that_is_not_required_may_be_absent_or_null() -> None:
    signature = ColumnSignature([COLUMNS[0], {"type": "long", "name": "count", "required": False}], {})
    assert not signature.can_be_matrix
    assert list(read({"inputs": {"amount": [1]}}, signature).data.columns) == ["amount"]
    assert refused({"inputs": {"amount": [1], "count": [None]}}, signature)
    items = {"type": "array", "items": {"type": "long"}, "name": "count", "required": False}
    assert read({"inputs": [{"amount": 1, "count": None}]}, ColumnSignature([COLUMNS[0], items], {}))


def test_columns_without_names_are_told_by_their_place() -> None:
    signature = ColumnSignature([{"type": "double"}, {"type": "double"}], {})
    signature.takes_matrix = True
    assert read({"inputs": [[1, 2], [3, 4]]}, signature).data.tolist() == [[1, 2], [3, 4]]
    assert read(split([1, 2, 3], names=["a", "b", "c"]), signature).data.tolist() == [[1, 2]]
    assert refused({"inputs": [[1]]}, signature)
    with pytest.raises(ServingError):
        read({"inputs": [[1, 2], [3]]}, signature)


def test_named_columns_are_not_taken_by_their_place() -> None:
    assert refused({"inputs": [[1.5, 3]]}, numbers())
    assert refused({"dataframe_split": {"data": [[1.5, 3]]}}, numbers())


def test_times_and_bytes_are_converted() -> None:
    signature = ColumnSignature([{"type": "datetime", "name": "at"}, {"type": "binary", "name": "raw"}], {})
    times = ["2026-01-02T03:04:05", "2026-01-02T03:04:05+01:00"]
    frame = read({"inputs": {"at": times, "raw": ["AAE=", "AAE="]}}, signature).data
    assert frame["at"].dtype == np.dtype("datetime64[ns]")
    assert str(frame["at"][1]) == "2026-01-02 02:04:05"
    assert frame["raw"][0] == b"\x00\x01"
    paths = [path for path, _ in refused({"inputs": {"at": ["yesterday"], "raw": ["?"]}}, signature)]
    assert paths == ["inputs.at[0]", "inputs.raw[0]"]


def test_nested_types_are_checked_inside() -> None:
    item = {"type": "object", "properties": {"sku": {"type": "string"}, "n": {"type": "long", "required": False}}}
    signature = ColumnSignature([{"type": "array", "items": item, "name": "items"}], {})
    assert read({"dataframe_records": [{"items": [{"sku": "a", "n": 2.0}, {"sku": "b"}]}]}, signature).data["items"][
        0
    ] == [{"sku": "a", "n": 2}, {"sku": "b"}]
    fields = refused(
        {"dataframe_records": [{"items": [{"sku": 1}, {"n": 1}, 3, {"sku": "a", "secret": 1}]}]}, signature
    )
    assert [path for path, _ in fields] == [
        "dataframe_records[0].items[0].sku",
        "dataframe_records[0].items[1].sku",
        "dataframe_records[0].items[2]",
        "dataframe_records[0].items[3]",
    ]
    assert "secret" not in str(fields)


def test_an_unknown_type_is_refused_when_the_model_is_loaded() -> None:
    with pytest.raises(LoadError):
        compile_signature([{"type": "quaternion", "name": "q"}], {})


SCALARS = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | st.text("abc\x00é", max_size=4)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["dataframe_split", "dataframe_records", "instances", "inputs"]),
    ANYTHING
    | st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, SCALARS)), max_size=3)
    | st.fixed_dictionaries({"columns": st.just(NAMES), "data": st.lists(st.lists(SCALARS, max_size=5), max_size=3)}),
)
@settings(max_examples=300, deadline=None)
def test_any_body_is_read_or_refused_and_nothing_else_happens(shape: str, value: Any) -> None:
    for signature in (ColumnSignature(COLUMNS, {}), numbers()):
        try:
            batch = read({shape: value}, signature)
        except ServingError as error:
            assert error.status in (400, 422)
        else:
            assert len(batch.data) == batch.count > 0


@given(st.lists(st.tuples(st.floats(allow_infinity=False), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_matrix_has_the_values_of_the_frame(rows: list[tuple[float, int]]) -> None:
    document = split(*[list(row) for row in rows], names=["amount", "count"])
    frame = read(document, ColumnSignature(COLUMNS[:2], {})).data
    np.testing.assert_array_equal(read(document, numbers()).data, frame.to_numpy())
