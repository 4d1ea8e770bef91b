"""The loaded model, whatever library it is from, and the choice of how it is loaded."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any, NamedTuple, Protocol

from ..description import Description
from ..errors import LoadError
from ..signature import Signature

NATIVE = {"sklearn": "estimators", "xgboost": "boosters", "lightgbm": "boosters", "onnx": "sessions"}
"""The module here that opens a flavour of MLflow's."""


class Predict(Protocol):
    """Scores the data of a batch."""

    def __call__(self, data: Any, params: dict[str, Any]) -> Any:
        """The predictions, as the library returns them."""
        ...


class Predictor(NamedTuple):
    """A loaded model.

    Attributes:
        loader: `native` or `pyfunc`.
        flavor: of MLflow that was opened.
        predict: scores.
        takes_matrix: it may get numpy's matrix where a pandas frame is usual, with the same predictions.
        classes: of a classifier whose predictions are one score for each of them.
        features: names of the columns that it was fitted with, in their order; () where it does not know them.
    """

    loader: str
    flavor: str
    predict: Predict
    takes_matrix: bool = False
    classes: list[Any] | None = None
    features: tuple[str, ...] = ()


def load_predictor(description: Description, signature: Signature) -> Predictor:
    """Open the model.

    Raises:
        LoadError: no loader can, or a file could run code and that is not allowed.
    """
    _add_code(description)
    flavor = next((name for name in NATIVE if name in description.flavors), None)
    if flavor is not None and description.loader in ("auto", "native") and _is_plain(description, flavor):
        module = importlib.import_module(f".{NATIVE[flavor]}", __package__)
        try:
            predictor: Predictor = module.load(description, flavor)
        except ImportError as error:
            raise LoadError(f"the model needs the package {error.name}, which is not installed") from error
    elif description.loader == "native":
        raise LoadError(f"the native loader opens {', '.join(NATIVE)}; this model is {_names(description)}")
    else:
        if importlib.util.find_spec("mlflow") is None:
            raise LoadError(f"a model of {_names(description)} is opened by mlflow, which is not installed")
        from .pyfunc import load

        predictor = load(description)
    # With another order than the fitted one a frame is refused by the library, and a matrix would be scored wrongly.
    same_order = not predictor.features or predictor.features == getattr(signature, "names", ())
    signature.takes_matrix = predictor.takes_matrix and signature.can_be_matrix and same_order
    return predictor


def _is_plain(description: Description, flavor: str) -> bool:
    """Whether the flavour of MLflow's is itself what its pyfunc opens, and with a function that is known here."""
    pyfunc = description.flavors.get("python_function") or {}
    if pyfunc.get("loader_module", f"mlflow.{flavor}") != f"mlflow.{flavor}":
        return False
    return not (pyfunc.get("predict_fn") == "score" or pyfunc.get("config"))


def _add_code(description: Description) -> None:
    """Make the modules importable that were stored with the model.

    Raises:
        LoadError: there are some, and running code of the model is not allowed.
    """
    for settings in description.flavors.values():
        folder = settings.get("code") if isinstance(settings, dict) else None
        if not folder:
            continue
        if not description.allow_pickle:
            raise LoadError("the model brings code of its own, and serve.json does not allow it (allow_pickle)")
        path = description.path(folder)
        if os.path.isdir(path) and path not in sys.path:
            sys.path.insert(0, path)


def _names(description: Description) -> str:
    return ", ".join(name for name in description.flavors if name != "python_function") or "python_function"
