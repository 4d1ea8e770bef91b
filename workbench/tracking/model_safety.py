"""Which saved models could run code when they are opened, and saving scikit-learn models so that they do not."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from types import ModuleType
from typing import Any

PICKLE_SUFFIXES = (".pkl", ".pickle", ".joblib", ".cloudpickle", ".dill", ".pt", ".pth", ".bin")
SAFE_FLAVOURS = frozenset(("python_function", "sklearn", "xgboost", "lightgbm", "keras", "onnx"))
SAFE_LOADERS = frozenset(f"mlflow.{name}" for name in ("sklearn", "xgboost", "lightgbm", "keras", "onnx"))

# Parts of scikit-learn's own estimators that skops does not trust by itself: plain data structures and losses.
_OWN_TYPES = tuple(
    f"sklearn.{package}."
    for package in (
        "_loss",
        "calibration",
        "cluster",
        "ensemble",
        "feature_selection",
        "gaussian_process",
        "metrics._dist_metrics",
        "neighbors",
        "neural_network",
        "tree",
    )
)
_OWN_NAMES = frozenset(("numpy.dtype", "scipy.interpolate._bsplines.BSpline"))


def danger(folder: str, flavours: Mapping[str, Any] | None = None) -> str | None:
    """Why opening the model in `folder` could run code, or None: pickles, code files, and formats not known as safe.

    Args:
        flavours: what its description says of them, where the caller has read it; MLflow takes seconds to load.
    """
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if holds_pickle(path):
                return f"it holds a pickle ({os.path.relpath(path, folder)})"
            if name.endswith((".py", ".pyc", ".so")):
                return f"it holds code ({os.path.relpath(path, folder)})"
    if flavours is None:
        from mlflow.models import Model

        flavours = Model.load(folder).flavors
    for flavour, settings in flavours.items():
        if flavour not in SAFE_FLAVOURS:
            return f"its format {flavour} is not known as safe"
        if flavour == "python_function" and settings.get("loader_module") not in SAFE_LOADERS:
            return f"it is opened by {settings.get('loader_module')}"
        if flavour == "sklearn" and settings.get("serialization_format") != "skops":
            return f"its format is {settings.get('serialization_format')}"
        if settings.get("code"):
            return "it brings its own code"
        if not is_own(settings.get("skops_trusted_types") or []):
            return "it names foreign types as trusted"
    return None


def holds_pickle(path: str) -> bool:
    """Whether a file is a pickle, or an archive with one in it, by its name or its first bytes."""
    if path.endswith(PICKLE_SUFFIXES):
        return True
    with open(path, "rb") as file:
        head = file.read(2)
    if len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return True
    if head == b"PK" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(PICKLE_SUFFIXES) for name in archive.namelist())
    return False


def is_own(types: list[str]) -> bool:
    """Whether all of these type names are parts of scikit-learn's estimators."""
    return all(name.startswith(_OWN_TYPES) or name in _OWN_NAMES for name in types)


def save_sklearn(library: ModuleType, model: object, path: str, options: dict[str, Any]) -> None:
    """Save a scikit-learn model as skops, which holds data only; as cloudpickle where it has types of its own.

    Args:
        library: the module `mlflow.sklearn`.
        path: the folder to create.
        options: further arguments of its `save_model`.
    """
    from mlflow.exceptions import MlflowException

    settings: dict[str, Any] = {"serialization_format": "skops"}
    try:
        try:
            library.save_model(model, path, **settings, pip_requirements=requirements(model, "skops"), **options)
        except MlflowException:  # MLflow reads the file back and refuses types that skops does not trust
            from importlib import import_module

            skops: Any = import_module("skops.io")
            settings["skops_trusted_types"] = skops.get_untrusted_types(file=os.path.join(path, "model.skops"))
            if not is_own(settings["skops_trusted_types"]):
                raise
            shutil.rmtree(path)
            library.save_model(model, path, **settings, pip_requirements=requirements(model, "skops"), **options)
    except Exception:
        shutil.rmtree(path, ignore_errors=True)
        library.save_model(
            model,
            path,
            serialization_format="cloudpickle",
            pip_requirements=requirements(model, "cloudpickle"),
            **options,
        )


def requirements(model: object, *further: str) -> list[str]:
    """Pinned packages that a scikit-learn model needs: those of its parts' classes, and `further` ones.

    MLflow's own way loads the model in a child process and lists everything that it happens to import.
    """
    parts = [model]
    get_params = getattr(model, "get_params", None)
    if callable(get_params):
        parts += get_params().values()
    modules = {kind.__module__.partition(".")[0] for part in parts for kind in type(part).__mro__}
    distributions = packages_distributions()
    names = {name for module in modules for name in distributions.get(module, ())}
    pinned = []
    for name in sorted(names | {"mlflow-skinny", "numpy", "pandas", "scikit-learn", *further}):
        try:
            pinned.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            continue
    return pinned
