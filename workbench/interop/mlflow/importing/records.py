"""What an MLflow store holds, in MLflow's own words, wherever it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workbench.interop.intake.bringing import Source
from workbench.interop.intake.records import IncomingFile, Point

ENDED = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed"}
"""States of a run that has ended, and ours."""


@dataclass(slots=True)
class SourceExperiment:
    """An experiment. Times are milliseconds since the epoch, here and below."""

    experiment_id: str
    name: str
    artifact_location: str | None = None
    created_at: int | None = None
    updated_at: int | None = None
    deleted: bool = False
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class SourceDataset:
    """A dataset that a run used; schema and profile are the texts that MLflow keeps."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None
    profile: str | None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class SourceRun:
    """A run without its metrics and files.

    Attributes:
        inputs, outputs: the logged models that it used, and those it made with their steps.
    """

    run_id: str
    experiment_id: str
    name: str | None
    user: str | None
    status: str
    started_at: int | None
    ended_at: int | None
    deleted: bool
    artifact_uri: str | None
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    datasets: list[SourceDataset] = field(default_factory=list)


@dataclass(slots=True)
class SourceModel:
    """A logged model. `metrics` are dicts with the keys of our fields `metric:…`."""

    model_id: str
    experiment_id: str
    name: str
    artifact_location: str
    created_at: int | None
    updated_at: int | None
    status: str
    status_message: str | None
    type: str | None
    run: str | None
    deleted: bool
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    metrics: list[dict[str, object]] = field(default_factory=list)


@dataclass(slots=True)
class SourceRegistered:
    """A registered model; `aliases` are version numbers."""

    name: str
    created_at: int | None
    updated_at: int | None
    description: str | None
    tags: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class SourceVersion:
    """A version of a registered model."""

    name: str
    number: int
    created_at: int | None
    updated_at: int | None
    description: str | None
    stage: str | None
    source: str | None
    run: str | None
    run_link: str | None
    model_id: str | None
    status: str | None
    status_message: str | None
    user: str | None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RunModels:
    """The logged models of a run: those that it used, and those that it made, with their steps."""

    inputs: set[str] = field(default_factory=set)
    outputs: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """How to open a source again, in another process.

    Attributes:
        kind: `sqlite`, `files` or `server`.
        place: a path or a URL.
        artifacts: whether to bring files.
        names: our name of each experiment, by its MLflow id.
        models: places of logged models' files by the id of the run that made them.
    """

    kind: str
    place: str
    artifacts: bool = True
    names: tuple[tuple[str, str], ...] = ()
    models: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()


class MlflowSource(Source, Protocol):
    """An MLflow store that is read.

    Attributes:
        label: what it is called in messages.
        opening: how it is read.
    """

    label: str
    opening: Opening

    def plan(self, opening: Opening) -> None:
        """Take over names of experiments and places of models, before runs are read."""

    def experiments(self) -> list[SourceExperiment]:
        """All experiments."""

    def run_ids(self, experiment_ids: Sequence[str]) -> list[str]:
        """The runs of experiments, deleted ones included, in a lasting order."""

    def point_counts(self) -> dict[str, int] | None:
        """How many points each run has, where that is cheap to know."""

    def logged_models(self, experiment_ids: Sequence[str]) -> list[SourceModel]:
        """The logged models of experiments."""

    def run_models(self, run_ids: Sequence[str]) -> dict[str, RunModels]:
        """The logged models that runs used and made, for those that did."""

    def registered(self) -> tuple[list[SourceRegistered], list[SourceVersion]]:
        """Registered models and their versions."""

    def model_files(self, model: SourceModel) -> Sequence[IncomingFile]:
        """The files of a logged model."""

    def close(self) -> None:
        """Let go of it."""


class OpenedSource:
    """What every source knows of how it is read.

    Attributes:
        warnings: what was left out, and why.
        names: our name of each experiment, by its MLflow id.
        model_places: the places of the logged models of each run, by their ids.
    """

    def __init__(self, opening: Opening, label: str) -> None:
        self.label = label
        self.warnings: list[str] = []
        self.plan(opening)

    def plan(self, opening: Opening) -> None:
        """See `MlflowSource`."""
        self.opening = opening
        self.names = dict(opening.names)
        self.model_places = {run: dict(models) for run, models in opening.models}


def extents(points: Mapping[str, Sequence[Point]]) -> dict[str, tuple[int, int]]:
    """How many points each metric has, and its greatest step; those without points are left out."""
    return {name: (len(found), max(point[0] for point in found)) for name, found in points.items() if found}
