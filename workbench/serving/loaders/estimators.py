"""scikit-learn's estimators."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..description import Description
from ..errors import LoadError
from .pickles import open_object
from .predictor import Predictor

_BY_NAME = frozenset(("ColumnTransformer", "FunctionTransformer", "TransformedTargetRegressor"))
"""Parts that may address columns by name or hand them to code of the user."""


def load(description: Description, flavor: str) -> Predictor:
    """Open an estimator.

    Raises:
        LoadError: it cannot be opened or has no such function.
    """
    settings = description.flavors[flavor]
    pyfunc = description.flavors.get("python_function") or {}
    name = settings.get("pickled_model") or pyfunc.get("model_path") or ""
    estimator = open_object(description, name, settings.get("serialization_format") or "pickle")
    function = pyfunc.get("predict_fn") or "predict"
    predict: Callable[[Any], Any] | None = getattr(estimator, function, None)
    if predict is None:
        raise LoadError(f"the estimator has no function {function}")
    quiet_feature_names()
    classes: Any = getattr(estimator, "classes_", None) if function in ("predict_proba", "decision_function") else None
    return Predictor(
        "native",
        flavor,
        lambda data, params: predict(data),
        takes_matrix=takes_matrix(estimator),
        features=tuple(map(str, getattr(estimator, "feature_names_in_", ()))),
        classes=classes.tolist() if hasattr(classes, "tolist") else None,
    )


def quiet_feature_names() -> None:
    """Do not warn for each prediction that a matrix has no names of columns: their order is the signature's."""
    warnings.filterwarnings("ignore", message="X does not have valid feature names")


def takes_matrix(estimator: Any) -> bool:
    """Whether an estimator predicts the same from a matrix as from a frame with the same columns.

    So it is where every part is scikit-learn's own, none of them speaks of columns by name, and none is set to make
    frames. Where a fitted order of columns is known, it is held by the signature.
    """
    parts = [estimator]
    parameters = getattr(estimator, "get_params", None)
    if callable(parameters):
        parts += [part for part in parameters(deep=True).values() if hasattr(part, "get_params")]
    for part in parts:
        kind = type(part)
        if not kind.__module__.startswith("sklearn.") or kind.__name__ in _BY_NAME:
            return False
        if getattr(part, "_sklearn_output_config", None) or _has_categories(part):
            return False
    return True


def _has_categories(part: Any) -> bool:
    """Whether a histogram-based booster encodes columns by the types of a frame."""
    return getattr(part, "is_categorical_", None) is not None or getattr(part, "_preprocessor", None) is not None
