"""A visit of MLflow's registry to ours, with errors as MLflow's SQL store words them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlflow.utils.validation import _validate_model_version

from workbench.base.errors import ModelNotFoundError, VersionNotFoundError
from workbench.base.project import Project
from workbench.interop.mlflow.errors import missing
from workbench.interop.mlflow.place import Place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.ledger import Ledger


class RegistryVisitor:
    """What the parts of `RegistryStore` share."""

    _place: Place
    _ledger: Ledger
    _tracking_uri: str | None

    @property
    def _project(self) -> Project:
        """The project as the tracking store names it, so that both mean the same folder by its artifacts."""
        return self._place.project

    @contextmanager
    def _visit(self, name: str | None = None, version: int | None = None) -> Iterator[Connection]:
        """A visit to the store, which nobody else writes to meanwhile.

        Args:
            name, version: what is asked for, to say it where it is not there.

        Raises:
            MlflowException: a WorkbenchError of the block, translated.
        """
        with self._place.visit() as db:
            try:
                yield db
            except (ModelNotFoundError, VersionNotFoundError) as error:
                if version is not None:
                    raise missing(f"Model Version (name={name}, version={version}) not found") from error
                raise missing(f"Registered Model with name={name} not found") from error


def version_number(version: int | str) -> int:
    """A version as a number.

    Raises:
        MlflowException: INVALID_PARAMETER_VALUE, it is none.
    """
    _validate_model_version(version)  # only later releases of MLflow return the number
    return int(version)
