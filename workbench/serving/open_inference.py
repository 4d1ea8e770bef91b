"""The Open Inference Protocol, version 2, over HTTP and JSON: what KServe's and Triton's clients speak.

The part of it that a model with one signature needs: health, metadata and `infer`, without binary tensors.
"""

from __future__ import annotations

from typing import Any

from . import VERSION, codec
from .batch import Batch, Table
from .errors import BadRequestError, Field, ModelError, SchemaError, TooManyRowsError
from .model import Model, Scored
from .payloads import read_object
from .signature import ColumnSignature, NoSignature

DATATYPES = {
    "boolean": "BOOL",
    "integer": "INT32",
    "long": "INT64",
    "float": "FP32",
    "double": "FP64",
    "string": "BYTES",
    "binary": "BYTES",
    "datetime": "BYTES",
}
_KINDS = {"b": "BOOL", "i": "INT", "u": "UINT", "f": "FP"}
_KNOWN = frozenset(
    ("BOOL", "BYTES", "FP16", "FP32", "FP64", *(f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)))
)


def server_document() -> dict[str, Any]:
    """The answer of `GET /v2`."""
    return {"name": "workbench", "version": VERSION, "extensions": []}


def model_document(model: Model) -> dict[str, Any]:
    """The answer of `GET /v2/models/{model}`."""
    description = model.description
    return {
        "name": description.model,
        "versions": [description.version],
        "platform": f"mlflow_{model.predictor.flavor}",
        "inputs": _tensors(description.inputs, "input"),
        "outputs": _tensors(description.outputs, "predictions"),
    }


def infer(model: Model, body: bytes, max_rows: int) -> Scored:
    """Answer one request of `infer`.

    Raises:
        ServingError: it cannot be read, is not as the signature says, or the model fails on it.
    """
    document = read_object(body)
    tensors = document.get("inputs")
    if not isinstance(tensors, list) or not tensors:
        raise BadRequestError("inputs is a list of tensors", [Field("inputs", "a list of tensors")])
    arrays = {}
    for index, tensor in enumerate(tensors):
        name, array = _read(tensor, f"inputs[{index}]")
        if name in arrays:
            raise BadRequestError("an input is there twice", [Field(f"inputs[{index}].name", "every input once")])
        arrays[name] = array
    longest = max(len(array) for array in arrays.values())
    if longest > max_rows:
        raise TooManyRowsError(f"a request has at most {max_rows} rows")
    batch = _batch(model, arrays)
    batch.params = model.params.read(document.get("parameters"))
    predictions = model.predict(batch)
    answer: dict[str, Any] = {
        "model_name": model.description.model,
        "model_version": model.description.version,
        "outputs": _outputs(predictions),
    }
    if isinstance(document.get("id"), str):
        answer["id"] = document["id"]
    try:
        return Scored(codec.dumps(answer), batch, predictions)
    except (TypeError, ValueError) as error:
        raise ModelError("the model's predictions have no form in JSON") from error


def _read(tensor: Any, path: str) -> tuple[str, list[Any]]:
    """`(name, nested lists)` of one tensor."""
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
        raise BadRequestError("a tensor has name, shape, datatype and data", [Field(f"{path}.name", "text")])
    shape, data = tensor.get("shape"), tensor.get("data")
    if tensor.get("datatype") not in _KNOWN:
        raise BadRequestError("the datatype is not known", [Field(f"{path}.datatype", "one of the protocol's")])
    if not isinstance(shape, list) or not shape or any(type(length) is not int or length < 0 for length in shape):
        raise BadRequestError("the shape is a list of lengths", [Field(f"{path}.shape", "a list of whole numbers")])
    if not isinstance(data, list):
        raise BadRequestError("data is a list", [Field(f"{path}.data", "a list")])
    flat = data
    while flat and isinstance(flat[0], list):
        if any(not isinstance(part, list) for part in flat):
            raise BadRequestError("data is not of the shape", [Field(f"{path}.data", "lists of equal depth")])
        flat = [item for part in flat for item in part]
    size = 1
    for length in shape:
        size *= length
    if size != len(flat):
        raise BadRequestError("data is not of the shape", [Field(f"{path}.data", f"{size} values")])
    for length in reversed(shape[1:]):
        flat = [flat[start : start + length] for start in range(0, len(flat), length)] if length else []
    return tensor["name"], flat


def _batch(model: Model, arrays: dict[str, list[Any]]) -> Batch:
    """The batch of tensors: the model's own, one for each column, or one matrix of all columns."""
    signature = model.signature
    first = next(iter(arrays.values()))
    if isinstance(signature, ColumnSignature):
        if len(arrays) == 1 and first and isinstance(first[0], list) and len(first[0]) == len(signature.columns) > 1:
            names = list(signature.names)
            return signature.read_table(
                Table(names, first, lambda row, name: f"inputs[0].data[{row}].{name}", "inputs")
            )
        columns = {name: _flat(values) for name, values in arrays.items()}
        if len({len(values) for values in columns.values()}) != 1:
            raise SchemaError("inputs have different lengths", [Field("inputs", "tensors of equal length")])
        rows = [list(row) for row in zip(*columns.values(), strict=True)]
        return signature.read_table(
            Table(list(columns), rows, lambda row, name: f"inputs.{name}.data[{row}]", "inputs")
        )
    if (isinstance(signature, NoSignature) or not getattr(signature, "named", False)) and len(arrays) == 1:
        return signature.read_values(first, "inputs")
    return signature.read_values(arrays, "inputs")


def _flat(values: list[Any]) -> list[Any]:
    """The values of a column of the shape `[n]` or `[n, 1]`."""
    if not values or not isinstance(values[0], list):
        return values
    if len(values[0]) != 1 or isinstance(values[0][0], list):
        raise SchemaError("a column has one value for each row", [Field("inputs", "the shape [n] or [n, 1]")])
    return [value[0] for value in values]


def _outputs(predictions: Any) -> list[dict[str, Any]]:
    """Predictions as tensors: one for each column of a frame, otherwise one named `predictions`."""
    import numpy as np

    if isinstance(predictions, list) and predictions and all(isinstance(row, dict) for row in predictions):
        predictions = {str(name): [row.get(name) for row in predictions] for name in predictions[0]}
    if not isinstance(predictions, dict):
        predictions = {"predictions": predictions}
    found = []
    for name, values in predictions.items():
        array = np.asarray(values)
        kind = array.dtype.kind
        datatype = _KINDS.get(kind, "BYTES")
        if kind in "iuf":
            datatype += str(array.dtype.itemsize * 8)
        shape = list(array.shape) or [1]
        found.append({"name": name, "shape": shape, "datatype": datatype, "data": array.ravel().tolist()})
    return found


def _tensors(specs: list[dict[str, Any]] | None, unnamed: str) -> list[dict[str, Any]]:
    """The tensors of a signature's side."""
    found = []
    for index, spec in enumerate(specs or []):
        name = spec.get("name") or (unnamed if len(specs or []) == 1 else f"{unnamed}-{index}")
        if spec.get("type") == "tensor":
            shape, datatype = spec["tensor-spec"]["shape"], _datatype(spec["tensor-spec"]["dtype"])
        else:
            shape, datatype = [-1], DATATYPES.get(spec["type"], "BYTES")
        found.append({"name": name, "datatype": datatype, "shape": shape})
    return found


def _datatype(dtype: str) -> str:
    """The protocol's name of a type of numpy."""
    if dtype == "bool":
        return "BOOL"
    name = dtype.replace("float", "FP").replace("uint", "UINT").replace("int", "INT")
    return name if name in _KNOWN else "BYTES"
