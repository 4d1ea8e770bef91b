"""Models in the MLflow model format: saving a fitted one, and loading one back from a run.

MLflow's flavours do the work and are imported only here, when they are needed. A pickle runs code
when it is opened, so models are saved without one where the library allows it (`model_safety`), and
a model that holds one is loaded only when the caller says so.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from workbench.base.errors import ArtifactNotFoundError, InputError, NotFoundError, RefusedError
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


def load_model(reference: str, *, allow_pickle: bool = False, project: str | None = None) -> Any:
    """Load a model that a run stored, as its own library's object (an MLflow pyfunc model for other flavours).

    Args:
        reference: `RUN:PATH` or `runs:/RUN/PATH`; `RUN` alone where the run has one model.
        allow_pickle: also load models that run code when they are opened; only for models that you trust.
        project: the project's folder; default the nearest one at or above the working directory.

    Raises:
        NotFoundError: there is no such run or model.
        RefusedError: the model could run code and `allow_pickle` is not set.
    """
    from workbench.tracking.model_safety import danger

    place = require_project(project)
    folder = _materialised(place, *_parse(reference))
    problem = danger(folder)
    if problem is not None and not allow_pickle:
        raise RefusedError(
            f"the model {reference} is not loaded: {problem}, which can run any code",
            "if you trust where it comes from: load_model(…, allow_pickle=True)",
        )
    with _quiet():
        from mlflow.models import Model

        flavours = Model.load(folder).flavors
        native = next((name for name in _FLAVOURS.values() if name in flavours), "pyfunc")
        return _flavour_module(native).load_model(folder)


def _parse(reference: str) -> tuple[str, str | None]:
    """`(run, path or None)` of a reference.

    Raises:
        NotFoundError: it names a registered model.
    """
    if reference.startswith("runs:/"):
        run, _, path = reference.removeprefix("runs:/").lstrip("/").partition("/")
        return run, artifact_path(path) or None
    name = reference.removeprefix("models:/")
    if name != reference or "@" in name[1:].partition(":")[0] or "/" in name.partition(":")[0]:
        raise NotFoundError(
            f"there is no registered model {name!r} yet", 'load it from its run: load_model("RUN:PATH")'
        )
    run, _, path = reference.partition(":")
    return run, artifact_path(path) or None


def _materialised(project: Project, run: str, path: str | None) -> str:
    """A new folder with the model's files, each checked against its hash; it is there until the process ends.

    It cannot go earlier: models may read their files only when they are first used.
    """
    import atexit

    from workbench.store.blobs import BlobStore
    from workbench.store.runs import resolve_run, run_documents
    from workbench.store.visit import visit

    with visit(project) as db:
        run_id = resolve_run(db, run)
        artifacts: list[dict[str, Any]] = run_documents(db, [run_id])[0]["artifacts"]
    contents = {artifact_path(artifact["path"]): str(artifact["sha256"]) for artifact in artifacts}
    models = [found.removesuffix(DESCRIPTION).rstrip("/") for found in contents if found.split("/")[-1] == DESCRIPTION]
    if path is None:
        if len(models) != 1:
            hint = f"name one: {', '.join(f'{run}:{found}' for found in sorted(models))}" if models else None
            raise ArtifactNotFoundError(f"the run {run} has {len(models) or 'no'} models", hint)
        path = models[0]
    if path not in models:
        raise ArtifactNotFoundError(f"the run {run} has no model {path}", f"workbench runs artifacts {run}")
    prefix = f"{path}/" if path else ""
    folder = tempfile.mkdtemp(prefix="workbench-model-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    blobs = BlobStore(project)
    for name, sha256 in contents.items():
        if name.startswith(prefix):
            target = os.path.join(folder, name.removeprefix(prefix))
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
