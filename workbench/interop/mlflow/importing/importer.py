"""Importing an MLflow store: what is there is compared with what is here, and only the difference is written.

A run is one journal, complete or absent. So an import that was killed goes on where it was, and one that is repeated
finds nothing to do. A run that has grown at its source gets a second journal with what it lacks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from workbench.base.project import Project
from workbench.interop.intake.bringing import bring_changes, bring_new
from workbench.interop.intake.facts import cover_facts, new_facts, write_facts
from workbench.interop.intake.known import known_ids, known_points, read_known
from workbench.interop.intake.records import Point, Tally
from workbench.interop.intake.running import importing, processes, spread
from workbench.interop.mlflow.importing.models import (
    chosen_versions,
    logged_model_facts,
    registry_facts,
    run_model_facts,
)
from workbench.interop.mlflow.importing.opening import open_source, opening_of
from workbench.interop.mlflow.importing.places import find_folder, folders_beside, local_path
from workbench.interop.mlflow.importing.plan import ExperimentPlan, chosen_experiments
from workbench.interop.mlflow.importing.records import MlflowSource, Opening, SourceExperiment, SourceModel
from workbench.store.store import Store

Progress = Callable[[int, int, int], None]
"""Receives runs done, runs in all, and points so far."""

_PART_RUNS = 20
_COMPARED_RUNS = 200
_WORTH_PROCESSES_POINTS = 300_000
_WORTH_PROCESSES_RUNS = 300


@dataclass
class ImportReport:
    """What an import brought.

    Attributes:
        source: as it is called in messages.
        experiments, logged_models, registered_models, versions: those that are new here.
        left_out_runs: runs that could not be read, or were purged here.
        tally: of runs and what belongs to them.
        notes: what is not as it was at the source.
    """

    source: str
    dry_run: bool
    experiments: int = 0
    known_experiments: int = 0
    left_out_runs: int = 0
    logged_models: int = 0
    registered_models: int = 0
    versions: int = 0
    facts: int = 0
    tally: Tally = field(default_factory=Tally)
    notes: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was new."""
        return bool(self.tally.new_runs or self.tally.updated_runs or self.facts)

    def document(self) -> dict[str, object]:
        """As JSON."""
        tally = self.tally
        return {
            "source": self.source,
            "dry_run": self.dry_run,
            "experiments": {"new": self.experiments, "known": self.known_experiments},
            "runs": {
                "new": tally.new_runs,
                "updated": tally.updated_runs,
                "unchanged": tally.unchanged_runs,
                "left_out": self.left_out_runs,
            },
            "points": tally.points,
            "params": tally.params,
            "tags": tally.tags,
            "artifacts": {"files": tally.artifacts, "bytes": tally.bytes},
            "logged_models": self.logged_models,
            "registered_models": self.registered_models,
            "versions": self.versions,
            "kept": tally.kept,
            "notes": self.notes,
            "warnings": tally.warnings,
        }


def import_mlflow(
    project: Project,
    text: str,
    *,
    experiments: Sequence[str] = (),
    artifacts: bool = True,
    dry_run: bool = False,
    progress: Progress = lambda done, total, points: None,
) -> ImportReport:
    """Bring experiments, runs, models and the registry of an MLflow store into a project.

    Args:
        text: `sqlite:///…`, a folder, or the URL of a server.
        experiments: names or ids of those to bring; all where none is named.
        artifacts: also bring files.
        dry_run: only look.

    Raises:
        InputError, ToolError: the source cannot be read.
        NotFoundError: it has no such experiment.
        StoreBusyError: another import is running.
        StoreError: the project cannot be read or written.
    """
    opening = opening_of(text, artifacts=artifacts)
    with importing(project), Store(project) as store:
        source = open_source(opening)
        try:
            return _Import(project, store, source, dry_run, progress).run(experiments)
        finally:
            source.close()


class _Import:
    """One import."""

    def __init__(self, project: Project, store: Store, source: MlflowSource, dry_run: bool, progress: Progress) -> None:
        self._project = project
        self._store = store
        self._source = source
        self._dry_run = dry_run
        self._progress = progress
        self._report = ImportReport(source.label, dry_run)
        self._done = 0
        self._total = 0

    def run(self, wanted: Sequence[str]) -> ImportReport:
        """Do it."""
        source, report, tally = self._source, self._report, self._report.tally
        chosen = chosen_experiments(source.experiments(), wanted)
        ids = [experiment.experiment_id for experiment in chosen]
        run_ids = source.run_ids(ids)
        models = source.logged_models(ids)
        report.notes += self._missing_folders(chosen)
        with self._store.reading(wait_s=30) as db:
            plan = ExperimentPlan(db, chosen)
            known, purged = known_ids(db, run_ids)
            events, new, kept = new_facts(db, plan.facts)
        report.notes += plan.notes
        report.experiments, report.known_experiments = len(new), len(plan.facts) - len(new)
        self._write(events)
        tally.kept += kept
        report.left_out_runs += len(purged)
        if purged:
            report.notes.append(f"runs that were purged here stay so: {len(purged)}")
        self._bring(_with_plan(source.opening, plan, models), run_ids, known, purged)
        here = (set(run_ids) - purged) if self._dry_run else self._ingested(run_ids)
        self._bring_models(plan, models, [run_id for run_id in run_ids if run_id in here], bool(wanted))
        tally.warnings += source.warnings
        tally.warnings = list(dict.fromkeys(tally.warnings))
        return report

    def _bring(self, opening: Opening, run_ids: Sequence[str], known: set[str], purged: set[str]) -> None:
        fresh = [run_id for run_id in run_ids if run_id not in known and run_id not in purged]
        present = [run_id for run_id in run_ids if run_id in known]
        self._total = len(fresh) + len(present)
        self._progress(0, self._total, 0)
        self._source.plan(opening)
        if opening.kind != "server" and not self._dry_run and self._is_much(fresh):
            parts = [fresh[start : start + _PART_RUNS] for start in range(0, len(fresh), _PART_RUNS)]
            for tally in spread(bring_part, [(self._project.root, opening, part) for part in parts]):
                self._count(tally)
        else:
            for run in self._source.runs(fresh):
                tally = Tally()
                bring_new(self._project, self._source, run, tally, dry_run=self._dry_run)
                self._count(tally)
        for start in range(0, len(present), _COMPARED_RUNS):
            self._compare(present[start : start + _COMPARED_RUNS])
        self._report.left_out_runs += self._total - self._done

    def _compare(self, run_ids: Sequence[str]) -> None:
        with self._store.reading(ingest=False, wait_s=30) as db:
            known = read_known(db, run_ids)
        for run in self._source.runs(run_ids):

            def points_of(names: Sequence[str], uid: str = run.run_id) -> dict[str, list[Point]]:
                with self._store.reading(ingest=False, wait_s=30) as db:
                    return known_points(db, uid, names)

            tally = Tally()
            bring_changes(self._project, self._source, run, known[run.run_id], points_of, tally, dry_run=self._dry_run)
            self._count(tally)

    def _bring_models(
        self, plan: ExperimentPlan, models: Sequence[SourceModel], run_ids: Sequence[str], filtered: bool
    ) -> None:
        """Facts of logged models and of the registry, after the runs that they speak of."""
        source, report, here = self._source, self._report, set(run_ids)
        files = report.tally.model_files
        if source.opening.artifacts and not self._dry_run:
            for model in models:
                if model.run not in here:  # no run has its files
                    files[model.model_id] = self._model_files(model)
        facts: dict[tuple[str, str], dict[str, object]] = {
            ("logged_model", model.model_id): logged_model_facts(
                model, plan.ids[model.experiment_id], files.get(model.model_id, {})
            )
            for model in models
        }
        used = source.run_models(run_ids) if models else {}
        facts |= {("run_models", run_id): run_model_facts(found) for run_id, found in used.items()}
        registered, versions = source.registered()
        if filtered:
            registered, versions = chosen_versions(registered, versions, here, {model.model_id for model in models})
        with self._store.reading(ingest=False, wait_s=30) as db:
            facts |= registry_facts(db, registered, versions, report.notes)
            events, new, kept = new_facts(db, facts)
        report.logged_models = sum(kind == "logged_model" for kind, _ in new)
        report.registered_models = sum(kind == "model" for kind, _ in new)
        report.versions = sum(kind == "version" for kind, _ in new)
        report.tally.kept += kept
        self._write(events)
        if not self._dry_run:
            cover_facts(self._store, source.label)

    def _missing_folders(self, chosen: Sequence[SourceExperiment]) -> list[str]:
        """What to say of a database whose files may be elsewhere: MLflow makes a folder with the first file in it."""
        source = self._source
        if source.opening.kind != "sqlite" or not source.opening.artifacts:
            return []
        beside = folders_beside(source.opening.place)
        roots = [
            os.path.dirname(path.rstrip("/"))
            for experiment in chosen
            if (path := local_path(experiment.artifact_location or ""))
            and find_folder(path, beside) is None
            and source.run_ids([experiment.experiment_id])
        ]
        return [
            f"there is no folder {root}: its files are on another machine, or none was logged"
            for root in dict.fromkeys(roots)
            if not os.path.isdir(root)
        ]

    def _model_files(self, model: SourceModel) -> dict[str, tuple[str, int]]:
        prefix = f"models/{model.model_id}/"
        return {
            file.path.removeprefix(prefix): self._source.store_file(self._project, file)
            for file in self._source.model_files(model)
        }

    def _ingested(self, run_ids: Sequence[str]) -> set[str]:
        self._store.ingest()
        with self._store.reading(ingest=False, wait_s=30) as db:
            return known_ids(db, run_ids)[0]

    def _is_much(self, fresh: Sequence[str]) -> bool:
        if processes() < 2 or len(fresh) < 2 * _PART_RUNS:
            return False
        counts = self._source.point_counts()
        if counts is None:
            return len(fresh) >= _WORTH_PROCESSES_RUNS
        return sum(counts.get(run_id, 0) for run_id in fresh) >= _WORTH_PROCESSES_POINTS

    def _count(self, tally: Tally) -> None:
        self._report.tally.add(tally)
        self._done += tally.new_runs + tally.updated_runs + tally.unchanged_runs
        self._progress(self._done, self._total, self._report.tally.points)

    def _write(self, events: list[dict[str, object]]) -> None:
        self._report.facts += len(events)
        if not self._dry_run:
            write_facts(self._project, events)


def bring_part(root: str, opening: Opening, run_ids: Sequence[str]) -> Tally:
    """Bring runs that are new, in a process of its own.

    Raises: as `import_mlflow`.
    """
    source = _sources.get(opening)
    if source is None:
        source = _sources[opening] = open_source(opening)
        source.plan(opening)
    tally = Tally()
    for run in source.runs(run_ids):
        bring_new(Project(root), source, run, tally)
    tally.warnings += source.warnings
    source.warnings = []
    return tally


_sources: dict[Opening, MlflowSource] = {}
"""What this process has opened."""


def _with_plan(opening: Opening, plan: ExperimentPlan, models: Sequence[SourceModel]) -> Opening:
    places: dict[str, list[tuple[str, str]]] = {}
    for model in models:
        if model.run:
            places.setdefault(model.run, []).append((model.model_id, model.artifact_location))
    return replace(
        opening,
        names=tuple(plan.names.items()),
        models=tuple((run_id, tuple(found)) for run_id, found in places.items()) if opening.artifacts else (),
    )
