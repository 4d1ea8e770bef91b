"""Pages of results and their tokens, as MLflow's SQL store makes them."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking import SEARCH_MAX_RESULTS_THRESHOLD
from mlflow.utils.search_utils import SearchUtils

from workbench.interop.mlflow.errors import invalid

T = TypeVar("T")


def page(found: Sequence[T], offset: int, max_results: int | None) -> PagedList[T]:
    """A page with its token.

    Args:
        found: from `offset` on, one more than `max_results` where there are more.
    """
    if max_results is None or len(found) <= max_results:
        return PagedList(list(found), None)
    return PagedList(list(found[:max_results]), SearchUtils.create_page_token(offset + max_results))


def check_max_results(max_results: object, *, allow_none: bool = False) -> None:
    """Raise INVALID_PARAMETER_VALUE for a number of results that MLflow does not take."""
    if allow_none and max_results is None:
        return
    if not isinstance(max_results, int) or max_results < 1:
        raise invalid(
            f"Invalid value {max_results} for parameter 'max_results' supplied. It must be a positive integer"
        )
    if max_results > SEARCH_MAX_RESULTS_THRESHOLD:
        raise invalid(
            f"Invalid value {max_results} for parameter 'max_results' supplied. "
            f"It must be at most {SEARCH_MAX_RESULTS_THRESHOLD}"
        )


@contextmanager
def without_collecting() -> Iterator[None]:
    """A block that makes many objects and drops none: looking for garbage among them takes longer than making them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
