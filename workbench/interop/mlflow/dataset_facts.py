"""A dataset of MLflow's as the journal says it, for runs that MLflow code logs and for those that are imported.

Nothing of MLflow is imported here: an import from its files does without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class AnyDataset(Protocol):
    """What MLflow's entity and a source's record both have."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def source_type(self) -> str | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def schema(self) -> str | None: ...
    @property
    def profile(self) -> str | None: ...


def dataset_id(name: str, digest: str) -> str:
    """What tells the datasets of a run apart."""
    return f"{name}#{digest}"


def dataset_facts(dataset: AnyDataset, input_tags: Mapping[str, str]) -> dict[str, object]:
    """The fields of the `data` event of a dataset, but for its id."""
    return {
        "name": dataset.name,
        "digest": dataset.digest,
        "path": None,
        "size": None,
        "format": dataset.source_type,
        "source_type": dataset.source_type,
        "source": dataset.source,
        "schema": dataset.schema,
        "profile": dataset.profile,
        "input_tags": dict(input_tags),
    }
