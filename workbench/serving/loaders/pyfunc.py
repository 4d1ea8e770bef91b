"""Every other model, opened by `mlflow.pyfunc`."""

from __future__ import annotations

from typing import Any

from ..description import Description
from ..errors import LoadError
from .pickles import file_with_pickle, require_pickle
from .predictor import Predictor

SAFE_MODULES = tuple(f"mlflow.{name}" for name in ("sklearn", "xgboost", "lightgbm", "keras", "onnx"))
"""Loaders of MLflow that run no code of the model's where it holds neither a pickle nor code."""


def load(description: Description) -> Predictor:
    """Open a model through MLflow.

    Raises:
        LoadError: it could run code and that is not allowed, or it cannot be opened.
    """
    settings = description.flavors.get("python_function")
    if settings is None:
        raise LoadError("the model has no python_function flavour, which mlflow opens")
    dangerous = file_with_pickle(description.folder)
    if dangerous is not None:
        require_pickle(description, f"the model's file {dangerous}")
    if settings.get("loader_module") not in SAFE_MODULES:
        require_pickle(description, f"a model of {settings.get('loader_module')}")
    from mlflow import pyfunc

    try:
        model = pyfunc.load_model(description.folder)
    except Exception as error:
        raise LoadError(f"mlflow cannot open the model: {type(error).__name__}") from error

    def predict(data: Any, params: dict[str, Any]) -> Any:
        return model.predict(data, params=params) if params else model.predict(data)

    return Predictor("pyfunc", next(iter(description.flavors)), predict)
