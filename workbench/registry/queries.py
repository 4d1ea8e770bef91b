"""Questions about models and versions.

Two machines may give one name or one number to two things before their stores meet. Then the one that was created
first has it; `contested` shows the versions that came later, and `versions.renumber` gives them numbers of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.registry.columns import (
    CLAIMED_VERSIONS,
    LIVE_MODELS,
    LIVE_VERSIONS,
    MODEL_COLUMNS,
    VERSION_COLUMNS,
    read_models,
    read_versions,
)
from workbench.registry.conditions import Condition, compile_conditions
from workbench.registry.records import Model, Version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Order = tuple[str, bool]
"""A column, and whether it ascends."""


@dataclass(frozen=True)
class Search:
    """What to look for.

    Attributes:
        conditions: all must hold.
        order: by which columns, the first one first; what is equal in all of them has no order.
        without_models_tagged: leave out models that have this tag with this value; among versions, those of a model
            of which any version has it, deleted ones included.
        limit, offset: which part of what is found.
    """

    conditions: Sequence[Condition] = ()
    order: Sequence[Order] = ()
    without_models_tagged: tuple[str, str] | None = None
    limit: int | None = None
    offset: int = 0


def model_named(db: Connection, name: str) -> Model | None:
    """The model of this name that is not deleted."""
    models = read_models(db, _ids(db, f"FROM {LIVE_MODELS} WHERE name = $name", {"name": name}))
    return models[0] if models else None


def version_numbered(db: Connection, model: Model, number: int) -> Version | None:
    """The version of a model with this number that is not deleted."""
    found = f"FROM {LIVE_VERSIONS} WHERE model = $model AND number = $number"
    number = max(-1, min(number, 2**63 - 1))  # DuckDB takes no larger ones, and no version has them
    versions = read_versions(db, _ids(db, found, {"model": model.id, "number": number}))
    return versions[0] if versions else None


def versions_of(db: Connection, model: Model) -> list[Version]:
    """The versions of a model that are not deleted, by number."""
    found = f"FROM {LIVE_VERSIONS} WHERE model = $model ORDER BY number"
    return read_versions(db, _ids(db, found, {"model": model.id}))


def newest_of_each_stage(db: Connection, models: Iterable[Model]) -> dict[str, list[Version]]:
    """By id of the model, the version with the highest number in each stage, the stage of the lowest number first."""
    found = (
        f"FROM {LIVE_VERSIONS} WHERE model IN (SELECT unnest($models::VARCHAR[])) "
        "QUALIFY row_number() OVER (PARTITION BY model, stage ORDER BY number DESC) = 1 "
        "ORDER BY model, min(number) OVER (PARTITION BY model, stage)"
    )
    newest = defaultdict(list)
    for version in read_versions(db, _ids(db, found, {"models": [model.id for model in models]})):
        newest[version.model].append(version)
    return newest


def highest_number(db: Connection, model: Model) -> int:
    """The highest number that any version of a model ever had, deleted ones included; 0 where there is none."""
    query = "SELECT coalesce(max(number), 0) FROM version WHERE model = $1"
    return int(db.execute(query, [model.id]).fetchall()[0][0])


def search_models(db: Connection, search: Search) -> list[Model]:
    """Models that are not deleted.

    Raises:
        InputError: a condition cannot be understood.
    """
    where, parameters = compile_conditions(MODEL_COLUMNS, search.conditions)
    if search.without_models_tagged is not None:
        where += f" AND id NOT IN ({_tagged(search.without_models_tagged, parameters)})"
    found = f"FROM {LIVE_MODELS} WHERE {where} {_page(search)}"
    return read_models(db, _ids(db, found, parameters))


def search_versions(db: Connection, search: Search) -> list[Version]:
    """Versions that are not deleted, of models that are not; `name` is the name of the model.

    Raises:
        InputError: a condition cannot be understood.
    """
    where, parameters = compile_conditions(("name", *VERSION_COLUMNS), search.conditions)
    if search.without_models_tagged is not None:
        tagged = _tagged(search.without_models_tagged, parameters)
        where += f" AND model NOT IN (SELECT model FROM version WHERE id IN ({tagged}))"
    found = f"FROM {LIVE_VERSIONS} WHERE {where} {_page(search)}"
    return read_versions(db, _ids(db, found, parameters))


def contested(db: Connection, model: Model | None = None) -> list[Version]:
    """Versions that no number leads to: another machine gave theirs to a version that was created before them.

    Args:
        model: only its versions.
    """
    found = f"FROM {CLAIMED_VERSIONS} WHERE claim > 1 AND deleted IS NOT true AND model = coalesce($model, model)"
    return read_versions(db, _ids(db, f"{found} ORDER BY name, number, claim", {"model": model and model.id}))


def _ids(db: Connection, found: str, parameters: dict[str, object]) -> list[str]:
    return [row[0] for row in db.execute(f"SELECT id {found}", parameters).fetchall()]


def _tagged(tag: tuple[str, str], parameters: dict[str, object]) -> str:
    parameters["tag_name"], parameters["tag_value"] = tag
    return "SELECT id FROM model_label WHERE kind = 'tag' AND name = $tag_name AND value = $tag_value"


def _page(search: Search) -> str:
    order = ", ".join(f'"{column}" {"ASC" if ascending else "DESC"}' for column, ascending in search.order)
    limit = "" if search.limit is None else f"LIMIT {int(search.limit)}"
    return f"{'ORDER BY ' + order if order else ''} {limit} OFFSET {int(search.offset)}"
