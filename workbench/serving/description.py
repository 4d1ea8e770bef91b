"""What is served: `serve.json` beside the model, or, for a plain MLflow model on a laptop, its `MLmodel`.

An image needs no YAML: whoever packages a model calls `describe` and stores the result as `serve.json`, with the
model's name, version, digest and the hashes of its files.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import Any

from .errors import LoadError

FILE_NAME = "serve.json"
SCHEMA = 1
LOADERS = ("auto", "native", "pyfunc")


@dataclass(frozen=True)
class Description:
    """One model.

    Attributes:
        folder: with `MLmodel` and the model's files.
        model, version: its name and version in the registry; the folder's name and "0" where it has none.
        run_id: of the run that made it, or "".
        digest: that names its content, or "".
        created: when the version was made, ISO 8601, or "".
        files: SHA-256 in hex by path relative to the folder; checked before anything is opened.
        loader: `native`, `pyfunc`, or `auto` for the first of them that can.
        allow_pickle: whether files may be opened that can run code.
        trusted_types: what a skops file may contain beyond what skops itself trusts.
        flavors: of `MLmodel`, by name.
        inputs, outputs, params: of the signature, as MLflow writes them in JSON; None without one.
        example: path of the stored request, relative to the folder, or "".
        nulls: for integer and boolean columns that may be null: `nan`, `reject` (default), or the value to put there.
        settings: values for `Settings` by name; the environment is stronger.
    """

    folder: str
    model: str = "model"
    version: str = "0"
    run_id: str = ""
    digest: str = ""
    created: str = ""
    files: dict[str, str] = field(default_factory=dict)
    loader: str = "auto"
    allow_pickle: bool = False
    trusted_types: list[str] = field(default_factory=list)
    flavors: dict[str, Any] = field(default_factory=dict)
    inputs: list[dict[str, Any]] | None = None
    outputs: list[dict[str, Any]] | None = None
    params: list[dict[str, Any]] | None = None
    example: str = ""
    nulls: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The content of `serve.json`."""
        values = asdict(self)
        del values["folder"]
        return {"schema": SCHEMA, **values}

    def path(self, name: str) -> str:
        """The absolute path of one of its files.

        Raises:
            LoadError: it would be outside of the folder.
        """
        root = os.path.realpath(self.folder)
        path = os.path.realpath(os.path.join(root, name))
        if path != root and not path.startswith(root + os.sep):
            raise LoadError(f"{name} is outside of the model's folder")
        return path


def read_description(folder: str, *, allow_pickle: bool = False) -> Description:
    """The description of the model in `folder`: its `serve.json`, or made from its `MLmodel`.

    Args:
        allow_pickle: for a folder without `serve.json`; with one, that alone decides.

    Raises:
        LoadError: there is neither, or it cannot be read.
    """
    path = os.path.join(folder, FILE_NAME)
    if not os.path.exists(path):
        return describe(folder, allow_pickle=allow_pickle)
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        schema = document.pop("schema")
        known = {name: value for name, value in document.items() if name in Description.__dataclass_fields__}
        description = Description(folder=os.path.abspath(folder), **known)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LoadError(f"{FILE_NAME} cannot be read: {type(error).__name__}") from error
    if schema != SCHEMA:
        raise LoadError(f"{FILE_NAME} has schema {schema}; this server reads {SCHEMA}")
    if description.loader not in LOADERS:
        raise LoadError(f"{FILE_NAME} names the loader {description.loader}; there are {', '.join(LOADERS)}")
    return description


def describe(folder: str, *, allow_pickle: bool = False) -> Description:
    """The description of an MLflow model folder, from its `MLmodel`. Needs PyYAML.

    Raises:
        LoadError: it is no model, or PyYAML is missing.
    """
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError as error:
        raise LoadError(f"without {FILE_NAME} the MLmodel file is read with PyYAML, which is not installed") from error
    path = os.path.join(folder, "MLmodel")
    try:
        with open(path, encoding="utf-8") as file:
            document = yaml.safe_load(file)
        signature = document.get("signature") or {}
        example = document.get("saved_input_example_info") or {}
        flavors = document["flavors"]
        parts = {part: json.loads(signature[part]) for part in ("inputs", "outputs", "params") if signature.get(part)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise LoadError(f"{folder} holds no readable MLmodel: {type(error).__name__}") from error
    return Description(
        folder=os.path.abspath(folder),
        model=os.path.basename(os.path.abspath(folder)),
        run_id=document.get("run_id") or "",
        created=str(document.get("utc_time_created") or ""),
        allow_pickle=allow_pickle,
        trusted_types=_trusted(flavors, allow_pickle),
        flavors=flavors,
        example=example.get("serving_input_path") or "",
        **parts,
    )


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
_OWN_NAMES = ("numpy.dtype", "scipy.interpolate._bsplines.BSpline")


def _trusted(flavors: dict[str, Any], allow_pickle: bool) -> list[str]:
    """The types that `MLmodel` calls trusted: parts of scikit-learn's estimators, others only where code may run."""
    named = (flavors.get("sklearn") or flavors.get("lightgbm") or {}).get("skops_trusted_types") or []
    return [name for name in named if allow_pickle or name.startswith(_OWN_TYPES) or name in _OWN_NAMES]


def hashes(folder: str) -> dict[str, str]:
    """SHA-256 in hex of every file of a model's folder, by path; without `serve.json`, which holds them."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            relative = os.path.relpath(path, folder).replace(os.sep, "/")
            if relative != FILE_NAME:
                found[relative] = _sha256(path)
    return dict(sorted(found.items()))


def check_files(description: Description) -> None:
    """Compare every listed file with its hash.

    Raises:
        LoadError: one is missing or has another content.
    """
    for name, expected in description.files.items():
        try:
            found = _sha256(description.path(name))
        except OSError as error:
            raise LoadError(f"the model's file {name} is missing or cannot be read") from error
        if found != expected:
            raise LoadError(f"the model's file {name} is not the one that was packaged: its SHA-256 differs")


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
