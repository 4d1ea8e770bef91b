"""Datasets that runs used, as MLflow has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlflow.entities import Dataset, DatasetInput, InputTag

from workbench.base.jsonvalue import dumps, loads
from workbench.interop.mlflow.dataset_facts import dataset_facts, dataset_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

CONTEXT = "mlflow.data.context"


def dataset_rows(db: Connection, where: str) -> list[tuple[Any, ...]]:
    """Datasets in the order in which runs used them: the number of the run, and what `dataset_input` takes.

    Args:
        where: a condition on `run_id`, as SQL.
    """
    return db.execute(
        f"SELECT run_id, name, digest, path, format, detail FROM dataset WHERE {where} ORDER BY t, seq"
    ).fetchall()


def dataset_events(inputs: Iterable[DatasetInput], present: set[str]) -> list[dict[str, object]]:
    """The events for datasets that the run does not have yet; the first of the same name and digest counts.

    Args:
        present: names and digests that the run has, as `dataset_id` makes them.
    """
    events: dict[str, dict[str, object]] = {}
    for given in inputs:
        dataset = given.dataset
        key = dataset_id(dataset.name, dataset.digest)
        if key in present or key in events:
            continue
        tags = {tag.key: tag.value for tag in given.tags}
        events[key] = {"e": "data", "id": key, **dataset_facts(dataset, tags)}
    return list(events.values())


def dataset_input(name: str, digest: str | None, path: str | None, kind: str | None, stored: str) -> DatasetInput:
    """One that our own SDK recorded has its path as the source, and its rows as the profile.

    Args:
        stored: what else is known, as JSON.
    """
    detail: Any = loads(stored)
    if "source_type" in detail:
        dataset = Dataset(
            name, digest, detail["source_type"], detail.get("source") or "", detail.get("schema"), detail.get("profile")
        )
        tags = detail.get("input_tags") or {}
    else:
        schema = dumps({"columns": detail["schema"]}) if detail.get("schema") else None
        profile = dumps({"num_rows": detail["rows"]}) if detail.get("rows") is not None else None
        dataset = Dataset(name, digest or "", "local", dumps({"uri": path or ""}), schema, profile)
        tags = {CONTEXT: name}
    return DatasetInput(dataset, [InputTag(key, value) for key, value in tags.items()])
