"""Files that hold a fitted Python object; those that can run code are opened only where `serve.json` allows it."""

from __future__ import annotations

import importlib
import os
import zipfile
from typing import Any

from ..description import Description
from ..errors import LoadError

SUFFIXES = (".pkl", ".pickle", ".joblib", ".cloudpickle", ".dill", ".pt", ".pth", ".bin")
MODULES = {"pickle": "pickle", "cloudpickle": "cloudpickle", "joblib": "joblib"}


def open_object(description: Description, name: str, kind: str) -> Any:
    """The object in one of the model's files.

    Args:
        name: of the file, relative to the model's folder.
        kind: `skops`, `pickle`, `cloudpickle` or `joblib`, as `MLmodel` says.

    Raises:
        LoadError: it could run code and that is not allowed, or it cannot be opened.
    """
    path = description.path(name)
    if kind == "skops":
        skops: Any = importlib.import_module("skops.io")
        try:
            return skops.load(path, trusted=description.trusted_types)
        except Exception as error:
            reason = "it has types that are not trusted" if "ntrusted" in type(error).__name__ else _kind(error)
            raise LoadError(f"the model's file {name} cannot be opened: {reason}") from error
    if kind not in MODULES:
        raise LoadError(f"the model's file {name} has the format {kind}, which this server does not know")
    require_pickle(description, name)
    module = importlib.import_module(MODULES[kind])
    try:
        if kind == "joblib":
            return module.load(path)
        with open(path, "rb") as file:
            return module.load(file)
    except ImportError:
        raise
    except Exception as error:
        raise LoadError(f"the model's file {name} cannot be opened: {_kind(error)}") from error


def require_pickle(description: Description, what: str) -> None:
    """Hold that opening what can run code was allowed.

    Raises:
        LoadError: it was not.
    """
    if not description.allow_pickle:
        raise LoadError(f"{what} can run any code when it is opened, and serve.json does not allow it (allow_pickle)")


def file_with_pickle(folder: str) -> str | None:
    """The first file of a model that is a pickle, holds one or is code, by name or first bytes; relative."""
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(parent, name)
            if name.endswith((*SUFFIXES, ".py", ".pyc", ".so")) or _begins_as_pickle(path):
                return os.path.relpath(path, folder)
    return None


def _begins_as_pickle(path: str) -> bool:
    with open(path, "rb") as file:
        head = file.read(2)
    if len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return True
    if head == b"PK" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(SUFFIXES) for name in archive.namelist())
    return False


def _kind(error: BaseException) -> str:
    return type(error).__name__
