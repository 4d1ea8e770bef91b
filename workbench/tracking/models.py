"""Models in the MLflow model format: saving a fitted one, and loading one back from a run.

MLflow's flavours do the work and are imported only here, when they are needed. A pickle runs code
when it is opened, so models are saved without one where the library allows it (`model_safety`), and
a model that holds one is loaded only when the caller says so.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from workbench.base.errors import ArtifactNotFoundError, InputError, RefusedError
from workbench.base.project import Project, require_project
from workbench.tracking.artifacts import artifact_path

DESCRIPTION = "MLmodel"
"""The file that makes a folder a model."""

_FLAVOURS = {
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "sklearn": "sklearn",
    "torch": "pytorch",
    "keras": "keras",
    "mlflow": "pyfunc",
}


def flavour_of(model: object) -> str:
    """The MLflow flavour that saves `model`, told by the packages that its classes come from.

    Raises:
        InputError: there is none for it.
    """
    for kind in type(model).__mro__:
        package = kind.__module__.partition(".")[0]
        if package in _FLAVOURS and (package != "mlflow" or kind.__name__ == "PythonModel"):
            return _FLAVOURS[package]
    raise InputError(
        f"a {type(model).__module__}.{type(model).__qualname__} cannot be saved as a model",
        "wrap it in an mlflow.pyfunc.PythonModel, or store its files with log_artifacts",
    )


@contextmanager
def saved_model(
    model: object, run_id: str, name: str, input_example: object = None, signature: object = None
) -> Iterator[str]:
    """A temporary folder with `model` in the MLflow format; removed at the end of the block.

    Args:
        run_id, name: where the model comes from; written into its description.
        input_example: some rows of input; stored, and the signature is inferred from it.
        signature: an `mlflow.models.ModelSignature`.

    Raises:
        InputError: no flavour saves such a model, its library is missing, or it cannot be saved.
    """
    flavour = flavour_of(model)
    folder = tempfile.mkdtemp(prefix="workbench-model-")
    path = os.path.join(folder, "model")
    try:
        with _quiet():
            library = _flavour_module(flavour)
            from mlflow.models import Model

            options: dict[str, Any] = {
                "mlflow_model": Model(artifact_path=name, run_id=run_id),
                "input_example": input_example,
                "signature": signature,
            }
            try:
                _save(library, flavour, model, path, options)
            except InputError:
                raise
            except Exception as error:
                raise InputError(f"the model cannot be saved: {_first_line(error)}") from error
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load_run_model(reference: str, *, allow_pickle: bool = False, project: str | None = None) -> Any:
    """Load a model that a run stored, as its own library's object (an MLflow pyfunc model for other flavours).

    Args:
        reference: `RUN:PATH` or `runs:/RUN/PATH`; `RUN` alone where the run has one model.
        allow_pickle: also load models that run code when they are opened; only for models that you trust.
        project: the project's folder; default the nearest one at or above the working directory.

    Raises:
        NotFoundError: there is no such run or model.
        RefusedError: the model could run code and `allow_pickle` is not set.
    """
    from workbench.store.runs import resolve_run, run_documents
    from workbench.store.visit import visit

    place = require_project(project)
    run, path = parse_reference(reference)
    with visit(place) as db:
        artifacts: list[dict[str, Any]] = run_documents(db, [resolve_run(db, run)])[0]["artifacts"]
    contents = {artifact_path(artifact["path"]): str(artifact["sha256"]) for artifact in artifacts}
    prefix = folder_prefix(chosen_model(run, model_folders(contents), path))
    files = {name.removeprefix(prefix): sha256 for name, sha256 in contents.items() if name.startswith(prefix)}
    return open_model(place, files, reference, allow_pickle=allow_pickle)


def open_model(project: Project, files: Mapping[str, str], shown: str, *, allow_pickle: bool = False) -> Any:
    """Load a model from the contents of artifacts.

    Args:
        files: SHA-256 by path within the model.
        shown: what the model is called in messages.
        allow_pickle: as for `load_run_model`.

    Raises:
        ArtifactNotFoundError, StoreError: a content is missing or damaged.
        RefusedError: the model could run code and `allow_pickle` is not set.
    """
    from workbench.tracking.model_safety import danger

    folder = _materialised(project, files)
    problem = danger(folder)
    if problem is not None and not allow_pickle:
        raise RefusedError(
            f"the model {shown} is not loaded: {problem}, which can run any code",
            "if you trust where it comes from: load_model(…, allow_pickle=True)",
        )
    with _quiet():
        from mlflow.models import Model

        flavours = Model.load(folder).flavors
        native = next((name for name in _FLAVOURS.values() if name in flavours), "pyfunc")
        return _flavour_module(native).load_model(folder)


def parse_reference(reference: str) -> tuple[str, str | None]:
    """Run and path of `RUN:PATH` or `runs:/RUN/PATH`; the path is None where there is none.

    Raises:
        InputError: the path leads out of the run.
    """
    if reference.startswith("runs:/"):
        run, _, path = reference.removeprefix("runs:/").lstrip("/").partition("/")
    else:
        run, _, path = reference.partition(":")
    return run, artifact_path(path) or None


def model_folders(paths: Iterable[str]) -> list[str]:
    """The folders among the artifacts of a run that are models, sorted."""
    return sorted(path.removesuffix(DESCRIPTION).rstrip("/") for path in paths if path.split("/")[-1] == DESCRIPTION)


def chosen_model(run: str, folders: Sequence[str], path: str | None) -> str:
    """The model of a run that a reference names.

    Args:
        run: as the reference names it.
        folders: its models.
        path: the folder; None where the run has one model.

    Raises:
        ArtifactNotFoundError: there is no such model, or several.
    """
    if path is None:
        if len(folders) != 1:
            hint = f"name one: {', '.join(f'{run}:{found}' for found in folders)}" if folders else None
            raise ArtifactNotFoundError(f"the run {run} has {len(folders) or 'no'} models", hint)
        return folders[0]
    if path not in folders:
        raise ArtifactNotFoundError(f"the run {run} has no model {path}", f"workbench runs artifacts {run}")
    return path


def folder_prefix(folder: str) -> str:
    """What the paths of the files in a folder begin with."""
    return f"{folder}/" if folder else ""


def _materialised(project: Project, files: Mapping[str, str]) -> str:
    """A new folder with the model's files, each checked against its hash; it is there until the process ends.

    It cannot go earlier: models may read their files only when they are first used.
    """
    import atexit

    from workbench.store.blobs import BlobStore

    folder = tempfile.mkdtemp(prefix="workbench-model-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    blobs = BlobStore(project)
    for name, sha256 in files.items():
        target = os.path.join(folder, artifact_path(name))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        blobs.copy_out(sha256, target)
    return folder


def _save(library: ModuleType, flavour: str, model: object, path: str, options: dict[str, Any]) -> None:
    from workbench.tracking.model_safety import save_sklearn

    if flavour == "pyfunc":
        library.save_model(path, python_model=model, **options)
    elif flavour == "sklearn":
        save_sklearn(library, model, path, options)
    else:
        # Given here because MLflow would otherwise load the model in a child process and list what that imports.
        library.save_model(model, path, pip_requirements=library.get_default_pip_requirements(), **options)


def _flavour_module(flavour: str) -> ModuleType:
    """The module `mlflow.FLAVOUR`.

    Raises:
        InputError: MLflow or the flavour's library is not installed.
    """
    from importlib import import_module

    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing here talks to the network by itself
    try:
        return import_module(f"mlflow.{flavour}")
    except ImportError as error:
        raise InputError(f"mlflow.{flavour} cannot be imported: {error}", "pip install mlflow-skinny") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Without MLflow's remarks on requirements and formats, which are settled here."""
    import logging
    import warnings

    import mlflow.models  # noqa: F401 - it sets its loggers up when it is first imported

    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
