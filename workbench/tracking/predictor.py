"""Predicting with a saved model in MLflow's uniform way (pyfunc), whatever library it is of, as a server of it does."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from workbench.base.errors import InputError, RefusedError
from workbench.tracking.model_safety import danger

DESCRIPTION = "MLmodel"


def open_predictor(folder: str, *, allow_pickle: bool = False) -> tuple[Callable[[Any], Any], Any]:
    """The function that predicts with the model in a folder, and the model's input example.

    Args:
        allow_pickle: also open models that run code when they are opened; only for models that you trust.

    Raises:
        InputError: the folder has no model, or the model has no input example.
        RefusedError: the model could run code and `allow_pickle` is not set.
    """
    if not os.path.exists(os.path.join(folder, DESCRIPTION)):
        raise InputError(f"the model has no {DESCRIPTION}")
    problem = danger(folder)
    if problem is not None and not allow_pickle:
        raise RefusedError(
            f"the model is not opened: {problem}, which can run any code", "allow_pickle = true trusts it"
        )
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing here talks to the network by itself
    import mlflow.pyfunc
    from mlflow.models import Model

    example = Model.load(folder).load_input_example(folder)
    if example is None:
        raise InputError("the model has no input example", "log_model(…, input_example=…)")
    predict: Callable[[Any], Any] = mlflow.pyfunc.load_model(folder).predict
    return predict, example
