"""MLflow's filters, orders and page tokens of the registry, parsed by MLflow and turned into a search of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.prompt.constants import IS_PROMPT_TAG_KEY
from mlflow.store.model_registry import (
    SEARCH_MODEL_VERSION_MAX_RESULTS_THRESHOLD,
    SEARCH_REGISTERED_MODEL_MAX_RESULTS_DEFAULT,
    SEARCH_REGISTERED_MODEL_MAX_RESULTS_THRESHOLD,
)
from mlflow.utils.search_utils import SearchModelUtils, SearchModelVersionUtils, SearchUtils

from workbench.base.project import Project
from workbench.interop.mlflow.errors import invalid
from workbench.interop.mlflow.registry_locations import movable
from workbench.registry.conditions import Condition
from workbench.registry.queries import Order, Search
from workbench.registry.records import TAG

_TAG_COMPARATORS = ("=", "!=", "LIKE", "ILIKE")
_MODEL_COLUMNS = {"name": "name"}
_VERSION_COLUMNS = {"name": "name", "version_number": "number", "run_id": "run", "source_path": "source"}
_VERSION_ORDERS = {
    "name": "name", "version_number": "number", "creation_timestamp": "created_at",
    "last_updated_timestamp": "updated_at",
}  # fmt: skip
_VERSION_DEFAULT_ORDER = ("last_updated_timestamp DESC", "name ASC", "version_number DESC")

Parsed = dict[str, Any]


def model_search(
    filter_string: str | None, max_results: int | None, order_by: Sequence[str] | None, page_token: str | None
) -> Search:
    """What to look for among models; its limit is one more than the page, to see whether another one follows.

    Raises:
        MlflowException: with the code and the message of MLflow's SQL store.
    """
    if max_results is None:
        max_results = SEARCH_REGISTERED_MODEL_MAX_RESULTS_DEFAULT
    if max_results < 0:
        raise invalid(f"Invalid value for max_results. It must not be negative, but got {max_results}")
    _check_threshold(max_results, SEARCH_REGISTERED_MODEL_MAX_RESULTS_THRESHOLD)
    parsed = SearchModelUtils.parse_search_filter(filter_string)
    order = _order(order_by or (), _model_order, (("name", True),))
    offset = SearchUtils.parse_start_offset_from_page_token(page_token)
    return _search(parsed, _model_condition, order, max_results, offset)


def version_search(
    filter_string: str | None,
    max_results: int | None,
    order_by: Sequence[str] | None,
    page_token: str | None,
    project: Project,
) -> Search:
    """What to look for among versions. See `model_search`.

    Args:
        project: whose artifacts a source may name.
    """
    if not isinstance(max_results, int) or max_results < 1:
        raise invalid(f"Invalid value for max_results. It must be a positive integer, but got {max_results}")
    _check_threshold(max_results, SEARCH_MODEL_VERSION_MAX_RESULTS_THRESHOLD)
    parsed = SearchModelVersionUtils.parse_search_filter(filter_string)
    search = _search(parsed, partial(_version_condition, project), (), max_results, 0)
    order = _order(order_by or _VERSION_DEFAULT_ORDER, _version_order, (("name", True), ("number", False)))
    offset = SearchUtils.parse_start_offset_from_page_token(page_token)
    return Search(search.conditions, order, search.without_models_tagged, search.limit, offset)


def next_page_token(search: Search, found: int) -> bytes | None:
    """The token of the page that follows one of which `found` were found, the one too many included."""
    if found != search.limit:
        return None
    token: bytes = SearchUtils.create_page_token(search.offset + search.limit - 1)
    return token


def _check_threshold(max_results: int, threshold: int) -> None:
    if max_results > threshold:
        raise invalid(
            "Invalid value for request parameter max_results. It must be at most "
            f"{threshold}, but got value {max_results}"
        )


def _search(
    parsed: Sequence[Parsed],
    condition: Callable[[Parsed], Condition],
    order: Sequence[Order],
    max_results: int,
    offset: int,
) -> Search:
    conditions = [condition(comparison) for comparison in parsed]
    without_prompts = None
    if not _asks_for_prompts(parsed):
        conditions = [c for c in conditions if c.field != TAG + IS_PROMPT_TAG_KEY]
        without_prompts = (IS_PROMPT_TAG_KEY, "true")
    return Search(conditions, order, without_prompts, max_results + 1, offset)


def _asks_for_prompts(parsed: Sequence[Parsed]) -> bool:
    """Whether the first comparison of the prompt tag asks for prompts; without one, models are meant."""
    for comparison in parsed:
        if comparison["type"] == "tag" and comparison["key"] == IS_PROMPT_TAG_KEY:
            asked = (comparison["comparator"], comparison["value"].lower())
            return asked in (("=", "true"), ("!=", "false"))
    return False


def _model_condition(comparison: Parsed) -> Condition:
    if comparison["type"] == "tag":
        return _tag_condition(comparison)
    key, comparator = comparison["key"], comparison["comparator"]
    if comparison["type"] != "attribute":
        raise invalid(f"Invalid token type: {comparison['type']}")
    if key not in _MODEL_COLUMNS:
        raise invalid(f"Invalid attribute name: {key}")
    if comparator not in ("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"):
        raise invalid(f"Invalid comparator for attribute: {comparator}")
    return Condition(_MODEL_COLUMNS[key], comparator, comparison["value"])


def _version_condition(project: Project, comparison: Parsed) -> Condition:
    if comparison["type"] == "tag":
        return _tag_condition(comparison)
    key, comparator, value = comparison["key"], comparison["comparator"], comparison["value"]
    if comparison["type"] != "attribute":
        raise invalid(f"Invalid token type: {comparison['type']}")
    if key not in _VERSION_COLUMNS:
        raise invalid(f"Invalid attribute name: {key}")
    if key in SearchModelVersionUtils.NUMERIC_ATTRIBUTES:
        if comparator not in SearchModelVersionUtils.VALID_NUMERIC_ATTRIBUTE_COMPARATORS:
            raise invalid(f"Invalid comparator for attribute {key}: {comparator}")
        try:
            if isinstance(value, float):
                raise ValueError(value)
            value = int(value)
        except (TypeError, ValueError):
            raise invalid(f"Invalid value for numeric attribute '{key}': {value!r}") from None
    elif comparator not in SearchModelVersionUtils.VALID_STRING_ATTRIBUTE_COMPARATORS or (
        comparator in ("IN", "NOT IN") and key not in ("run_id", "name")
    ):
        raise invalid(f"Invalid comparator for attribute: {comparator}")
    elif key == "source_path" and isinstance(value, str):
        value = movable(value, project)
    return Condition(_VERSION_COLUMNS[key], comparator, value)


def _tag_condition(comparison: Parsed) -> Condition:
    if comparison["comparator"] not in _TAG_COMPARATORS:
        raise invalid(f"Invalid comparator for tag: {comparison['comparator']}")
    return Condition(TAG + comparison["key"], comparison["comparator"], comparison["value"])


def _order(clauses: Sequence[str], parse: Callable[[str], Order], rest: Sequence[Order]) -> list[Order]:
    order: list[Order] = []
    for clause in clauses:
        column, ascending = parse(clause)
        if column in dict(order):
            raise MlflowException(f"`order_by` contains duplicate fields: {clauses}")
        order.append((column, ascending))
    return order + [(column, ascending) for column, ascending in rest if column not in dict(order)]


def _model_order(clause: str) -> Order:
    key, ascending = SearchUtils.parse_order_by_for_search_registered_models(clause)
    if key == "name":
        return key, ascending
    if key in SearchUtils.VALID_TIMESTAMP_ORDER_BY_KEYS:
        return "updated_at", ascending
    raise invalid(
        f"Invalid order by key '{key}' specified.Valid keys are "
        f"'{SearchUtils.RECOMMENDED_ORDER_BY_KEYS_REGISTERED_MODELS}'"
    )


def _version_order(clause: str) -> Order:
    _, key, ascending = SearchModelVersionUtils.parse_order_by_for_search_model_versions(clause)
    if key not in _VERSION_ORDERS:
        raise invalid(
            f"Invalid order by key '{key}' specified. Valid keys are "
            f"{SearchModelVersionUtils.VALID_ORDER_BY_ATTRIBUTE_KEYS}"
        )
    return _VERSION_ORDERS[key], ascending
