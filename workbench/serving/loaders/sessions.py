"""ONNX models, run by ONNX Runtime."""

from __future__ import annotations

from typing import Any

from ..description import Description
from ..errors import LoadError
from .predictor import Predictor


def load(description: Description, flavor: str) -> Predictor:
    """Open a model of ONNX.

    A frame or matrix becomes one input, or one for each column; the outputs become columns. Arrays by name become the
    inputs of these names. This is what MLflow does.

    Raises:
        LoadError: it cannot be opened.
    """
    import numpy as np
    import onnxruntime

    settings = description.flavors[flavor]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    path = description.path(settings["data"])
    asked = [tuple(item) if isinstance(item, list) else item for item in settings.get("providers") or []]
    there = set(onnxruntime.get_available_providers())
    usable = [item for item in asked if (item if isinstance(item, str) else item[0]) in there]
    try:
        session = onnxruntime.InferenceSession(path, sess_options=options, providers=usable or ["CPUExecutionProvider"])
    except Exception as error:
        message = f"the model's file {settings['data']} cannot be opened: {type(error).__name__}"
        raise LoadError(message) from error
    inputs = [(item.name, item.type) for item in session.get_inputs()]
    outputs = [item.name for item in session.get_outputs()]
    by_column = not any(spec.get("type") == "tensor" for spec in description.inputs or [])

    def feeds(data: Any) -> dict[str, Any]:
        if isinstance(data, dict):
            found = dict(data)
        elif hasattr(data, "columns"):
            single = len(inputs) == 1
            found = {inputs[0][0]: data.values} if single else {name: data[name].values for name, _ in inputs}
        elif len(inputs) == 1:
            found = {inputs[0][0]: data}
        else:
            raise ValueError("an array for a model of several inputs")
        for name, kind in inputs:  # JSON has doubles only
            if kind == "tensor(float)" and name in found and found[name].dtype == np.float64:
                found[name] = found[name].astype(np.float32)
        return found

    def predict(data: Any, params: dict[str, Any]) -> Any:
        found = dict(zip(outputs, session.run(outputs, feeds(data)), strict=True))
        if not by_column or isinstance(data, dict):
            return found
        columns = {name: np.asarray(value).reshape(-1) for name, value in found.items()}
        if len({len(column) for column in columns.values()}) != 1:
            raise ValueError("outputs of different lengths are no columns")
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    return Predictor("native", flavor, predict, takes_matrix=len(inputs) == 1)
