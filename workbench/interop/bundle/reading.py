"""Reading a bundle into a store, which may have some of it already."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.base.errors import InputError, StoreTooNewError
from workbench.base.ids import is_run_id
from workbench.base.jsonvalue import loads
from workbench.base.project import Project
from workbench.interop.bundle import BLOBS, ENTITIES, FORMAT, MANIFEST, RUNS
from workbench.interop.intake.bringing import bring_changes, bring_new
from workbench.interop.intake.facts import cover_facts, new_facts, write_facts
from workbench.interop.intake.known import known_ids, known_points, read_known
from workbench.interop.intake.records import IncomingFile, IncomingRun, Point, Series, Tally, shown_value
from workbench.interop.intake.running import importing
from workbench.interop.mlflow.experiments import DEFAULT, DEFAULT_ID
from workbench.interop.mlflow.importing.plan import ExperimentPlan
from workbench.interop.mlflow.importing.records import SourceExperiment
from workbench.store.blobs import BlobStore
from workbench.store.store import Store

Facts = dict[tuple[str, str], dict[str, object]]

_COMPARED_RUNS = 200


@dataclass
class BundleImport:
    """What came of a bundle: runs and their parts, contents that were new, and facts beside them."""

    tally: Tally = field(default_factory=Tally)
    contents: int = 0
    facts: int = 0
    left_out_runs: int = 0
    notes: list[str] = field(default_factory=list)


def import_bundle(
    project: Project,
    path: str,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int, int], None] = lambda done, total, points: None,
) -> BundleImport:
    """Bring a bundle into a project: only what is not there, and never over what was changed here.

    Raises:
        InputError: it is no bundle, or damaged.
        StoreTooNewError: a newer workbench wrote it.
        StoreBusyError: another import is running.
        StoreError: the project cannot be read or written.
    """
    report = BundleImport()
    with importing(project), Store(project) as store, _Bundle(path) as bundle:
        run_ids = bundle.run_ids()
        if not dry_run:
            report.contents = bundle.store_contents(BlobStore(project))
        with store.reading(wait_s=30) as db:
            known, purged = known_ids(db, run_ids)
            plan = ExperimentPlan(db, bundle.experiments())
            report.notes += plan.notes
            facts = _mapped(bundle.entities(), plan)
            events, _, kept = new_facts(db, facts)
        report.facts, report.tally.kept, report.left_out_runs = len(events), kept, len(purged)
        if not dry_run:
            write_facts(project, events)
        done = 0
        for start in range(0, len(run_ids), _COMPARED_RUNS):
            part = [run_id for run_id in run_ids[start : start + _COMPARED_RUNS] if run_id not in purged]
            with store.reading(ingest=False, wait_s=30) as db:
                present = read_known(db, [run_id for run_id in part if run_id in known])
            for run in bundle.runs(part):
                if run.run_id not in present:
                    bring_new(project, bundle, run, report.tally, dry_run=dry_run)
                else:

                    def points_of(names: Sequence[str], uid: str = run.run_id) -> dict[str, list[Point]]:
                        with store.reading(ingest=False, wait_s=30) as db:
                            return known_points(db, uid, names)

                    bring_changes(project, bundle, run, present[run.run_id], points_of, report.tally, dry_run=dry_run)
                done += 1
                progress(done, len(run_ids), report.tally.points)
        if not dry_run:
            cover_facts(store, os.path.basename(path))
    return report


class _Bundle:
    """An open bundle; see `Source`."""

    def __init__(self, path: str) -> None:
        self.warnings: list[str] = []
        self._path = path
        if not os.path.isfile(path):
            raise InputError(f"there is no file {path}", "workbench export bundle FILE.tar makes one")
        try:
            self._tar = tarfile.open(path)  # noqa: SIM115 - closed by __exit__
        except (tarfile.TarError, OSError, EOFError) as error:
            raise self._damaged(error) from None
        try:
            self._check_format()
        except BaseException:
            self._tar.close()
            raise

    def _check_format(self) -> None:
        try:
            self._members = {member.name: member for member in self._tar if member.isfile()}
        except (tarfile.TarError, OSError, EOFError) as error:
            raise self._damaged(error) from None
        version = self._object(self._read(MANIFEST)).get("format")
        if not isinstance(version, int):
            raise self._damaged("it has no format")
        if version > FORMAT:
            raise StoreTooNewError(
                f"{self._path} has format {version}; this workbench reads up to {FORMAT}", "upgrade workbench"
            )

    def __enter__(self) -> _Bundle:
        return self

    def __exit__(self, *error: object) -> None:
        self._tar.close()

    def run_ids(self) -> list[str]:
        """The ids of its runs, sorted."""
        names = [name[len(RUNS) : -len(".json")] for name in self._members if name.startswith(RUNS)]
        return sorted(name for name in names if is_run_id(name))

    def entities(self) -> Facts:
        """Fields by kind and id."""
        facts: Facts = {}
        for line in self._read(ENTITIES).splitlines():
            entity = self._object(line)
            facts[str(entity["kind"]), str(entity["id"])] = entity["fields"]
        return facts

    def experiments(self) -> list[SourceExperiment]:
        """Its experiments, to see which ids they have here."""
        return [
            SourceExperiment(entity_id, str(fields.get("name") or (DEFAULT if entity_id == DEFAULT_ID else entity_id)))
            for (kind, entity_id), fields in self.entities().items()
            if kind == "experiment"
        ]

    def runs(self, run_ids: Sequence[str]) -> Iterator[IncomingRun]:
        """See `Source`."""
        for run_id in run_ids:
            said = self._object(self._read(f"{RUNS}{run_id}.json"))
            try:
                run = _run(run_id, said)
                self._points = self._read_points(run_id)
            except (KeyError, TypeError, ValueError, IndexError) as error:
                raise self._damaged(error) from None
            run.series = {name: (len(points), max(p[0] for p in points)) for name, points in self._points.items()}
            yield run

    def series(self, run: IncomingRun, names: Sequence[str]) -> Iterator[tuple[str, Series]]:
        """See `Source`. The run is the last one that was read."""
        for name in names:
            yield name, Series(self._points[name])

    def store_file(self, project: Project, file: IncomingFile) -> tuple[str, int]:
        """See `Source`: the contents are stored already."""
        assert file.sha256 is not None
        return file.sha256, file.size_bytes

    def store_contents(self, blobs: BlobStore) -> int:
        """Store what the project does not have; returns how many contents that were.

        Raises:
            InputError: one of them is not what its name says.
        """
        count = 0
        for name, member in self._members.items():
            sha256 = name.removeprefix(BLOBS).replace("/", "")
            if name.startswith(BLOBS) and not os.path.exists(blobs.path_of(sha256)):
                content = self._tar.extractfile(member)
                assert content is not None
                with tempfile.NamedTemporaryFile(prefix="workbench-") as file:
                    shutil.copyfileobj(content, file)
                    file.flush()
                    stored, _ = blobs.put_file(file.name)
                if stored != sha256:
                    raise self._damaged(f"the content {sha256[:12]}… is not what it was")
                count += 1
        return count

    def _read_points(self, run_id: str) -> dict[str, list[Point]]:
        series: dict[bytes, list[Point]] = {}
        if f"{RUNS}{run_id}.tsv" not in self._members:
            return {}
        for line in self._read(f"{RUNS}{run_id}.tsv").splitlines():
            name, step, value, t = line.split(b"\t")
            series.setdefault(name, []).append((int(step), shown_value(float(value)), int(t)))
        return {str(loads(name)): points for name, points in series.items()}

    def _read(self, name: str) -> bytes:
        try:
            file = self._tar.extractfile(self._members[name])
            assert file is not None
            return file.read()
        except (KeyError, tarfile.TarError, OSError, EOFError) as error:
            raise self._damaged(error) from None

    def _object(self, text: bytes) -> dict[str, Any]:
        try:
            value = loads(text)
        except ValueError as error:
            raise self._damaged(error) from None
        if not isinstance(value, dict):
            raise self._damaged("a document is no object")
        return value

    def _damaged(self, error: object) -> InputError:
        return InputError(f"{self._path} is no bundle, or damaged: {error}", "make it anew: workbench export bundle")


def _run(run_id: str, said: dict[str, Any]) -> IncomingRun:
    end = None
    if said["end"] is not None:
        end = {
            "t": max(said["end"]["ended_us"], said["started_us"]),
            "at": said["end"]["ended_us"],
            **{name: said["end"][name] for name in ("status", "exit_code", "error")},
        }
    return IncomingRun(
        run_id,
        said["started_us"],
        said["fields"],
        end,
        params=said["params"],
        tags=said["tags"],
        captures=said["captures"],
        datasets=said["datasets"],
        files=[
            IncomingFile(file["path"], file["kind"], file["size"], None, "", file["sha256"])
            for file in said["artifacts"]
        ],
        outputs=[(stream, text, newline, t) for stream, text, newline, t in said["outputs"]],
    )


def _mapped(entities: Facts, plan: ExperimentPlan) -> Facts:
    """Entities with the ids that their experiments have here."""
    mapped: Facts = {}
    for (kind, entity_id), fields in entities.items():
        if kind == "experiment":
            mapped[kind, plan.ids[entity_id]] = fields
        elif "experiment_id" in fields:
            own = str(fields["experiment_id"])
            mapped[kind, entity_id] = {**fields, "experiment_id": plan.ids.get(own, own)}
        else:
            mapped[kind, entity_id] = fields
    return mapped
