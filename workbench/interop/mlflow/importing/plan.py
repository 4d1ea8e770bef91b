"""Which experiments of ours those of an MLflow store become, and what their facts are."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workbench.base.errors import NotFoundError
from workbench.interop.mlflow.experiments import DEFAULT, DEFAULT_ID, KIND, Experiments, free_id
from workbench.interop.mlflow.importing.mapping import our_name, valid_ms
from workbench.interop.mlflow.importing.places import PROXIED, local_path
from workbench.interop.mlflow.importing.records import SourceExperiment
from workbench.store.entities import read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


class ExperimentPlan:
    """What becomes of experiments.

    Attributes:
        ids, names: our id and our name by the id at the source.
        facts: fields by kind and id.
        notes: where an id could not be kept, one sentence each.
    """

    def __init__(self, db: Connection, experiments: Sequence[SourceExperiment]) -> None:
        self.ids: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.facts: dict[tuple[str, str], dict[str, object]] = {}
        self.notes: list[str] = []
        known = Experiments.read(db, 0)
        taken = {our_id: record.name for our_id, record in known.by_id.items()}
        taken |= {our_id: "" for our_id in read_entities(db, KIND) if our_id not in taken}
        taken.setdefault(DEFAULT_ID, DEFAULT)
        # The order of ids, so that the same source gives the same answer whatever order it is read in.
        for experiment in sorted(experiments, key=lambda item: (len(item.experiment_id), item.experiment_id)):
            name = our_name(experiment.experiment_id, experiment.name)
            present = known.by_name.get(name)
            if present is not None:
                our_id = present.experiment_id
            elif taken.get(experiment.experiment_id, name) == name:
                our_id = experiment.experiment_id
            else:
                our_id = free_id(name, taken.__contains__)
            if our_id != experiment.experiment_id:
                self.notes.append(
                    f"experiment {name} has the id {our_id} here; at its source it is {experiment.experiment_id}"
                )
            taken[our_id] = name
            self.ids[experiment.experiment_id] = our_id
            self.names[experiment.experiment_id] = name
            self.facts[KIND, our_id] = _fields(experiment, our_id, name) | self.facts.get((KIND, our_id), {})


def chosen_experiments(experiments: Sequence[SourceExperiment], wanted: Sequence[str]) -> list[SourceExperiment]:
    """The experiments of these names or ids; all where none is named.

    Raises:
        NotFoundError: there is no such experiment.
    """
    if not wanted:
        return list(experiments)
    by_name = {experiment.name: experiment for experiment in experiments}
    by_id = {experiment.experiment_id: experiment for experiment in experiments}
    chosen = {}
    for word in wanted:
        found = by_name.get(word) or by_id.get(word) or (by_name.get("Default") if word == DEFAULT else None)
        if found is None:
            near = get_close_matches(word, by_name, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(by_name)[:10])}"
            raise NotFoundError(f"the source has no experiment {word}", hint)
        chosen[found.experiment_id] = found
    return list(chosen.values())


def _fields(experiment: SourceExperiment, our_id: str, name: str) -> dict[str, object]:
    fields: dict[str, object] = {
        "name": None if our_id == DEFAULT_ID and name == DEFAULT else name,
        "created_at": valid_ms(experiment.created_at) or None,
        "updated_at": valid_ms(experiment.updated_at) or None,
        "deleted": experiment.deleted or None,
        "artifact_location": _own_location(experiment),
    }
    return fields | {f"tag:{key}": value for key, value in experiment.tags.items()}


def _own_location(experiment: SourceExperiment) -> str | None:
    """The place of artifacts where somebody chose one; what MLflow made up itself ends with the id."""
    location = experiment.artifact_location or ""
    local = local_path(location) is not None or location.startswith(f"{PROXIED}:")
    path = urlsplit(location).path if "://" in location else location
    made_up = local and path.rstrip("/").rpartition("/")[2] == experiment.experiment_id
    return None if not location or made_up else location
