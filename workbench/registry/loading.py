"""Models for Python: loading one by its run, version or alias, and registering one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.base.errors import ArtifactNotFoundError, RefusedError
from workbench.base.project import require_project
from workbench.registry.evidence import Files, digest_of, files_of
from workbench.registry.records import Version
from workbench.registry.references import is_reference, resolve_version
from workbench.tracking.models import load_run_model, open_model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def load_model(reference: str, *, allow_pickle: bool = False, project: str | None = None) -> Any:
    """Load a model as its own library's object (an MLflow pyfunc model for other flavours).

    Args:
        reference: a registered version, `NAME@ALIAS` or `NAME/3`, either after `models:/` or not; or a run's model,
            `RUN:PATH` or `runs:/RUN/PATH`, `RUN` alone where the run has one.
        allow_pickle: also load models that run code when they are opened; only for models that you trust.
        project: the project's folder; default the nearest one at or above the working directory.

    Raises:
        NotFoundError: there is no such version, run or model, or its files are not in the store.
        RefusedError: the files are not those that were registered, or the model could run code and `allow_pickle` is
            not set.
    """
    if not is_reference(reference):
        return load_run_model(reference, allow_pickle=allow_pickle, project=project)
    from workbench.store.visit import visit

    place = require_project(project)
    with visit(place) as db:
        version = resolve_version(db, reference)
        files = version_files(db, version)
    contents = {path: sha256 for path, (sha256, _) in files.items()}
    return open_model(place, contents, f"{version.name}/{version.number}", allow_pickle=allow_pickle)


def register_model(
    reference: str,
    name: str,
    *,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    alias: str | None = None,
    project: str | None = None,
) -> str:
    """Register a run's model as the next version of a registered model, which is made where it is new.

    The same model of a run is registered once; again, its version is returned.

    Args:
        reference: `RUN:PATH` or `runs:/RUN/PATH`; `RUN` alone where the run has one model.
        name: of the registered model.
        description, tags: of the version.
        alias: points to the version then.
        project: the project's folder; default the nearest one at or above the working directory.

    Returns:
        The version, as `NAME/3`.

    Raises:
        NotFoundError: there is no such run or model.
        ApprovalMissingError: the alias is protected, and the version is not approved.
    """
    from workbench.registry.registering import register_run
    from workbench.registry.writing import open_ledger
    from workbench.store.visit import visit

    place = require_project(project)
    with open_ledger(place) as ledger, visit(place) as db:
        made = register_run(db, ledger, reference, name, description=description, tags=tags, alias=alias)
    return f"{made.version.name}/{made.version.number}"


def version_files(db: Connection, version: Version) -> Files:
    """The files of a version as they were registered, by their paths within it.

    Raises:
        ArtifactNotFoundError: the store does not have them.
        RefusedError: they are others now.
    """
    shown = f"{version.name}/{version.number}"
    files = files_of(db, version.source, version.run, version.logged_model, version.storage_location)
    if not files:
        where = f"; it was registered from {version.source}" if version.source else ""
        raise ArtifactNotFoundError(f"the files of {shown} are not in this project{where}")
    if version.digest is not None and digest_of(files) != version.digest:
        raise RefusedError(
            f"the files of {shown} were changed after it was registered",
            f"register what they are now: workbench models register RUN {version.name}",
        )
    return files
