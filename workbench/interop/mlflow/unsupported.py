"""What MLflow's stores can do and ours cannot: said with MLflow's own exception, never by returning None.

MLflow marks methods as abstract without enforcing it, and each release adds some. So every method that a store class
neither defines nor keeps on purpose is replaced by one that raises, those of later releases included.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import NOT_IMPLEMENTED
from mlflow.store.entities.paged_list import PagedList


def refuse_the_rest(
    base: type, kept: Collection[str], why: str, *, without: Collection[str] = ()
) -> Callable[[type], type]:
    """A class decorator: methods of `base` that the class does not define raise, except those `kept`.

    Args:
        kept: methods of `base` that work as they are.
        why: a sentence for people, without a full stop.
        without: methods of `base` that list what the store never has: they find none.
    """

    def decorate(store: type) -> type:
        for name in inherited(store, base) - set(kept):
            setattr(store, name, _finding_none(name, why) if name in without else _refusing(name, why))
        return store

    return decorate


def inherited(store: type, base: type) -> set[str]:
    """The methods that `store` has from `base`, or from what that is made of, and does not define itself."""
    ours = {name for cls in store.__mro__[: store.__mro__.index(base)] for name in vars(cls)}
    theirs = {
        name
        for cls in base.__mro__
        if cls is not object
        for name, value in vars(cls).items()
        if not name.startswith("__") and (inspect.isfunction(value) or isinstance(value, (staticmethod, classmethod)))
    }
    return theirs - ours


def _refusing(name: str, why: str) -> Callable[..., Any]:
    def refuse(*_args: object, **_options: object) -> None:
        raise MlflowException(f"{name} is not available on a workbench: store: {why}", NOT_IMPLEMENTED)

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Not available: {why}."
    return refuse


def _finding_none(name: str, why: str) -> Callable[..., Any]:
    def find(*_args: object, **_options: object) -> PagedList[Any]:
        return PagedList([], None)

    find.__name__ = find.__qualname__ = name
    find.__doc__ = f"None: {why}."
    return find
