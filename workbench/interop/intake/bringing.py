"""Bringing one run in: its files into the store of contents, everything else into one journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.interop.intake.difference import Event, changes, count_facts, new_points, start_events
from workbench.interop.intake.known import KnownRun
from workbench.interop.intake.records import IncomingFile, IncomingRun, Point, Series, Tally
from workbench.interop.intake.sealed import event_payloads, key_events, point_payloads, write_sealed

MODELS = "models/"
"""What the paths of a logged model's files begin with, before its id."""


class Source(Protocol):
    """Where runs come from.

    Attributes:
        warnings: what could not be read, one sentence each; whoever reads takes them.
    """

    warnings: list[str]

    def runs(self, run_ids: Sequence[str]) -> Iterable[IncomingRun]:
        """These runs, but those that cannot be read."""

    def series(self, run: IncomingRun, names: Sequence[str]) -> Iterable[tuple[str, Series]]:
        """The points of metrics of a run."""

    def store_file(self, project: Project, file: IncomingFile) -> tuple[str, int]:
        """Put the contents of a file into the project's store; returns SHA-256 and size.

        Raises:
            InputError: they cannot be read.
            StoreError: they cannot be stored.
        """


def bring_new(project: Project, source: Source, run: IncomingRun, tally: Tally, *, dry_run: bool = False) -> None:
    """Write a run that the store does not have.

    Raises:
        StoreError: it cannot be written; nothing of it is.
    """
    tally.new_runs += 1
    count_facts(run, tally)
    if dry_run:
        tally.points += sum(count for count, _ in run.series.values())
        tally.artifacts += len(run.files)
        tally.bytes += sum(file.size_bytes for file in run.files)
        return
    events = [*start_events(run), *_file_events(project, source, run, run.files, {}, tally)]
    _write(project, run, events, run.outputs, source.series(run, list(run.series)), tally)


def bring_changes(
    project: Project,
    source: Source,
    run: IncomingRun,
    known: KnownRun,
    points_of: Callable[[Sequence[str]], Mapping[str, list[Point]]],
    tally: Tally,
    *,
    dry_run: bool = False,
) -> None:
    """Write what is new of a run that the store has.

    Args:
        points_of: the points that the store has of metrics of this run.

    Raises: as `bring_new`.
    """
    events = changes(run, known, tally)
    grown = [name for name, state in run.series.items() if known.series.get(name) != state]
    fresh: dict[str, list[Point]] = {}
    if grown:
        present = points_of(grown)
        for name, series in source.series(run, grown):
            added = new_points(series.points(), present.get(name, ()))
            if added:
                fresh[name] = added
    outputs = run.outputs[known.outputs :]
    files = [file for file in run.files if _may_differ(file, known)]
    if dry_run:
        tally.artifacts += len([file for file in files if file.path not in known.artifacts])
        tally.points += sum(map(len, fresh.values()))
        changed = bool(events or fresh or outputs or [file for file in files if file.path not in known.artifacts])
    else:
        for file in run.files:
            sha256, size, _ = known.artifacts.get(file.path, (None, 0, 0))
            if file.kind == "model" and sha256 is not None and not _may_differ(file, known):
                _note_model_file(file.path, (sha256, size), tally)
        events += _file_events(project, source, run, files, known.artifacts, tally)
        changed = bool(events or fresh or outputs)
        if changed:
            _write(project, run, events, outputs, ((name, Series(added)) for name, added in fresh.items()), tally)
    tally.updated_runs += changed
    tally.unchanged_runs += not changed


def _write(
    project: Project,
    run: IncomingRun,
    events: list[Event],
    outputs: Sequence[tuple[int, str, bool, int]],
    series: Iterable[tuple[str, Series]],
    tally: Tally,
) -> None:
    """Write one journal. The order of what is in it depends on what is in it alone."""
    last = run.started_us
    names: list[str] = []
    payloads: list[bytes] = []
    count = 0
    for name, found in series:
        if len(found):
            payloads += point_payloads(found.lines(len(names)))
            names.append(name)
            count += len(found)
            last = max(last, found.last_us())
    said: list[Event] = [
        {"e": "out", "s": stream, "x": text, **({} if newline else {"n": True}), "t": t}
        for stream, text, newline, t in outputs
    ]
    for event in said + events:
        t = event["t"]
        assert isinstance(t, int)
        last = max(last, t)
    keys = key_events(names, run.started_us)
    write_sealed(project, run.run_id, [*event_payloads(events + keys), *payloads, *event_payloads(said)], last)
    tally.points += count


def _file_events(
    project: Project,
    source: Source,
    run: IncomingRun,
    files: Sequence[IncomingFile],
    known: Mapping[str, tuple[str | None, int, int]],
    tally: Tally,
) -> list[Event]:
    """Store files and return the events of those whose contents are new to the run."""
    events: list[Event] = []
    for file in files:
        try:
            sha256, size = source.store_file(project, file)
        except InputError as error:
            tally.warnings.append(f"run {run.run_id[:8]}: {error.message}")
            continue
        if file.kind == "model":
            _note_model_file(file.path, (sha256, size), tally)
        before = known.get(file.path)
        if before is not None and before[0] == sha256:
            continue
        t = max(file.changed_us if file.changed_us is not None else run.started_us, 0)
        if before is not None:
            t = max(t, before[2] + 1)
        events.append({"e": "art", "path": file.path, "sha256": sha256, "size": size, "kind": file.kind, "t": t})
        tally.artifacts += 1
        tally.bytes += size
    return events


def _may_differ(file: IncomingFile, known: KnownRun) -> bool:
    """Whether the contents of a file have to be looked at: not where hash, or size and time, are as they were."""
    before = known.artifacts.get(file.path)
    if before is None:
        return True
    if before[0] is None:  # removed here
        return False
    if file.sha256 is not None:
        return file.sha256 != before[0]
    return before[1] != file.size_bytes or (file.changed_us is not None and file.changed_us != before[2])


def _note_model_file(path: str, content: tuple[str, int], tally: Tally) -> None:
    model_id, _, rest = path.removeprefix(MODELS).partition("/")
    if path.startswith(MODELS) and rest:
        tally.model_files.setdefault(model_id, {})[rest] = content
