"""Our errors as MLflow's, so that code that catches an `MlflowException` catches them too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mlflow.exceptions import MlflowException
from mlflow.protos import databricks_pb2

from workbench.base.errors import (
    InputError,
    NotFoundError,
    RefusedError,
    StoreBusyError,
    StorePermissionError,
    WorkbenchError,
)

_CODES: tuple[tuple[type[WorkbenchError], int], ...] = (
    (NotFoundError, databricks_pb2.RESOURCE_DOES_NOT_EXIST),
    (InputError, databricks_pb2.INVALID_PARAMETER_VALUE),
    (RefusedError, databricks_pb2.INVALID_STATE),
    (StoreBusyError, databricks_pb2.TEMPORARILY_UNAVAILABLE),
    (StorePermissionError, databricks_pb2.PERMISSION_DENIED),
)


@contextmanager
def as_mlflow() -> Iterator[None]:
    """Turn a WorkbenchError of the block into the MlflowException that says the same, hint included."""
    try:
        yield
    except WorkbenchError as error:
        code = next((code for kind, code in _CODES if isinstance(error, kind)), databricks_pb2.INTERNAL_ERROR)
        message = f"{error.message} ({error.hint})" if error.hint else error.message
        raise MlflowException(message, code) from error


def missing(what: str) -> MlflowException:
    """RESOURCE_DOES_NOT_EXIST."""
    return MlflowException(what, databricks_pb2.RESOURCE_DOES_NOT_EXIST)


def invalid(what: str) -> MlflowException:
    """INVALID_PARAMETER_VALUE."""
    return MlflowException(what, databricks_pb2.INVALID_PARAMETER_VALUE)
