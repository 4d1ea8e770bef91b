"""XGBoost's and LightGBM's models, as boosters and in their scikit-learn form."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from ..description import Description
from ..errors import LoadError
from .estimators import quiet_feature_names
from .pickles import open_object
from .predictor import Predictor


def load(description: Description, flavor: str) -> Predictor:
    """Open a model of XGBoost or LightGBM.

    Raises:
        LoadError: it cannot be opened.
    """
    quiet_feature_names()
    settings = description.flavors[flavor]
    return _xgboost(description, settings) if flavor == "xgboost" else _lightgbm(description, settings)


def _xgboost(description: Description, settings: dict[str, Any]) -> Predictor:
    import xgboost

    module, _, name = settings.get("model_class", "xgboost.core.Booster").rpartition(".")
    if module.partition(".")[0] != "xgboost":
        raise LoadError(f"the model's class {module}.{name} is not one of xgboost")
    model = getattr(importlib.import_module(module), name)()
    try:
        model.load_model(description.path(settings["data"]))
    except xgboost.core.XGBoostError as error:
        raise LoadError(f"the model's file {settings['data']} cannot be opened: {type(error).__name__}") from error
    booster = model if isinstance(model, xgboost.Booster) else model.get_booster()
    types = set(booster.feature_types or ())
    names = tuple(booster.feature_names or ())
    if not isinstance(model, xgboost.Booster):
        allowed = _keywords(model.predict)

        def predict(data: Any, params: dict[str, Any]) -> Any:
            return model.predict(data, **{key: params[key] for key in params if key in allowed})

        return Predictor("native", "xgboost", predict, takes_matrix="c" not in types, features=names)
    matrix_options = _keywords(xgboost.DMatrix.__init__) - {"self", "data", "feature_names"}

    def predict_booster(data: Any, params: dict[str, Any]) -> Any:
        options = {key: params[key] for key in params if key in matrix_options}
        if names and not hasattr(data, "columns"):
            options["feature_names"] = list(names)
        matrix = xgboost.DMatrix(data, **options)
        return booster.predict(matrix, **{key: params[key] for key in params if key in booster_options})

    booster_options = _keywords(booster.predict) - {"data"}
    return Predictor("native", "xgboost", predict_booster, takes_matrix="c" not in types, features=names)


def _keywords(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters)


def _lightgbm(description: Description, settings: dict[str, Any]) -> Predictor:
    import lightgbm

    if settings.get("model_class", "lightgbm.basic.Booster") == "lightgbm.basic.Booster":
        try:
            model: Any = lightgbm.Booster(model_file=description.path(settings["data"]))
        except lightgbm.basic.LightGBMError as error:
            raise LoadError(f"the model's file {settings['data']} cannot be opened: {type(error).__name__}") from error
        booster = model
    else:
        kind = settings.get("serialization_format") or "cloudpickle"
        model = open_object(description, settings["data"], kind)
        booster = model.booster_
    return Predictor(
        "native",
        "lightgbm",
        lambda data, params: model.predict(data),
        takes_matrix=not booster.pandas_categorical,
    )
