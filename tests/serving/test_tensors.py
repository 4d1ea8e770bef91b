"""Signatures of tensors: shape and type are held, and any form of the same numbers is the same array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.serving import codec
from workbench.serving.errors import LoadError, ServingError
from workbench.serving.payloads import read_payload
from workbench.serving.signature import NoSignature, compile_signature


def tensor(dtype: str = "float64", shape: tuple[int, ...] = (-1, 3), name: str | None = None) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}
    return spec if name is None else {**spec, "name": name}


def read(document: Any, *specs: dict[str, Any]) -> Any:
    signature = compile_signature(list(specs), {})
    return read_payload(codec.dumps_standard(document), "application/json", signature, 100).batch


ROWS = [[1, 2.5, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    "document",
    [{"inputs": ROWS}, {"instances": ROWS}, {"dataframe_split": {"columns": ["a", "b", "c"], "data": ROWS}}],
)
def test_every_shape_of_the_protocol_is_the_same_array(document: Any) -> None:
    batch = read(document, tensor())
    assert batch.data.dtype == np.float64
    assert batch.data.tolist() == ROWS
    assert (batch.count, batch.names) == (2, ("x0", "x1", "x2"))


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([[1, 2, "secret"]], "inputs[0][2]"),
        ([[1, 2]], "inputs"),
        ([1, 2, 3], "inputs"),
        ([[1, 2, 3], [4]], "inputs"),
        ([], "inputs"),
        ({"a": 1}, "inputs"),
        (5, "inputs"),
        ("secret", "inputs"),
        (None, "inputs"),
    ],
)
def test_what_is_not_of_the_shape_is_refused_by_its_place(value: Any, path: str) -> None:
    with pytest.raises(ServingError) as caught:
        read({"inputs": value}, tensor())
    assert caught.value.fields[0].path == path
    assert "secret" not in f"{caught.value.message}{caught.value.fields}"


def test_null_is_nan_where_numbers_may_be() -> None:
    assert np.isnan(read({"inputs": [[None, 1, 2]]}, tensor()).data[0, 0])
    with pytest.raises(ServingError):
        read({"inputs": [[None, 1, 2]]}, tensor("int64"))


def test_whole_numbers_stay_whole_and_within_their_type() -> None:
    assert read({"inputs": [[1.0, 2, 3]]}, tensor("int32")).data.dtype == np.int32
    for wrong in (1.5, 2**40, "1"):
        with pytest.raises(ServingError):
            read({"inputs": [[wrong, 2, 3]]}, tensor("int32"))


def test_named_tensors_are_taken_by_name_from_every_shape() -> None:
    specs = tensor(shape=(-1, 2), name="image"), tensor("int64", (-1,), "age")
    for document in (
        {"inputs": {"image": [[1, 2], [3, 4]], "age": [5, 6]}},
        {"instances": [{"image": [1, 2], "age": 5}, {"image": [3, 4], "age": 6}]},
        {"dataframe_records": [{"age": 5, "image": [1, 2]}, {"age": 6, "image": [3, 4]}]},
    ):
        data = read(document, *specs).data
        assert data["image"].tolist() == [[1, 2], [3, 4]]
        assert data["age"].dtype == np.int64
    with pytest.raises(ServingError) as caught:
        read({"inputs": {"image": [[1, 2]]}}, *specs)
    assert caught.value.fields[0].path == "inputs.age"


def test_a_flat_column_gets_the_shape_of_its_tensor() -> None:
    document = {"dataframe_split": {"columns": ["pixels"], "data": [[[1, 2, 3, 4]], [[5, 6, 7, 8]]]}}
    assert read(document, tensor(shape=(-1, 2, 2))).data.shape == (2, 2, 2)
    with pytest.raises(ServingError):
        read({"dataframe_split": {"columns": ["p"], "data": [[[1, 2, 3]]]}}, tensor(shape=(-1, 2, 2)))


def test_tensors_do_not_mix_with_columns() -> None:
    with pytest.raises(LoadError):
        compile_signature([tensor(name="a"), {"type": "double", "name": "b"}], {})


def test_without_a_signature_numpy_and_pandas_decide() -> None:
    assert isinstance(compile_signature(None, {}), NoSignature)
    assert read({"inputs": [[1, 2]]}).data.tolist() == [[1, 2]]
    assert read({"dataframe_records": [{"a": "x"}]}).data["a"].tolist() == ["x"]
    assert read({"inputs": {"a": [1], "b": [2]}}).data["b"].tolist() == [2]
    with pytest.raises(ServingError):
        read({"inputs": [[1, 2], [3]]})
