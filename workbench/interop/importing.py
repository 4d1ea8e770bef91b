"""Runs that other trackers wrote, brought in whole: the same source again brings nothing, a grown one what is new.

A run's id follows from its source, and its capture `import` says which state of the source it was taken from. Where
that state has changed, points that the store does not have yet become a second journal of the run. Points are never
taken away, and edits that were made here since win over what the source says.
"""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from workbench.base.errors import InputError
from workbench.base.ids import RUN_ID_LENGTH
from workbench.base.jsonvalue import dumps
from workbench.base.names import run_name
from workbench.base.project import Project
from workbench.interop.whole_journal import Point, WholeJournal, remove_leftovers
from workbench.journal.writer import MAX_STEP, MAX_TIME_US
from workbench.store.imports import CAPTURE, StoredRun, stored_runs
from workbench.store.lock import store_lock
from workbench.store.metrics import history
from workbench.store.store import Store

Events = list[dict[str, object]]
Progress = Callable[[int, int, str], None]
"""Called with how many runs are done, how many there are, and the label of the next."""

_LOCK = ".import.lock"
_LOCK_WAIT_S = 2.0


@dataclass
class Facts:
    """What a source says of a run beside its points.

    Attributes:
        name, experiment: "" where the source has none.
        started_us, ended_us: None until something with a time was seen.
        status: finished, failed or killed. exit_code, error: None where unknown.
        origin: `user`, `host`, `command`, `cwd`, `python` of the process, as far as known.
        events: parameters, tags, captures, artifacts and edits, as a journal has them but for their times.
        lines: `(stream, time, text, newline)` of the output, in order.
        notes: sentences about what was left out.
    """

    name: str = ""
    experiment: str = ""
    started_us: int | None = None
    ended_us: int | None = None
    status: str = "finished"
    exit_code: int | None = None
    error: str | None = None
    origin: dict[str, object] = field(default_factory=dict)
    events: Events = field(default_factory=list)
    lines: list[tuple[int, int, str, bool]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def saw(self, time_us: int) -> None:
        """Something happened in the run at that time."""
        if self.started_us is None or time_us < self.started_us:
            self.started_us = time_us
        if self.ended_us is None or time_us > self.ended_us:
            self.ended_us = time_us

    def digest(self) -> str:
        """A hash of what can change while the points stay the same."""
        whole = [self.events, self.status, self.exit_code, self.error]
        return blake2b(dumps(whole).encode(), digest_size=16).hexdigest()


class Source(Protocol):
    """Where one run comes from."""

    @property
    def run_id(self) -> str:
        """The id that follows from the source."""

    @property
    def label(self) -> str:
        """What the user knows the source by."""

    @property
    def timed(self) -> bool:
        """Whether its points have times of their own, which then tell them apart."""

    def state(self) -> object:
        """A JSON value that differs where the source may have changed; cheap."""

    def read(self, facts: Facts) -> Iterator[Point]:
        """Every point, filling in the facts on the way.

        Raises:
            InputError: the source cannot be read; the run is skipped.
        """


@dataclass(frozen=True)
class ImportedRun:
    """A run of a report: its id and name, and how many points were brought."""

    run_id: str
    name: str
    points: int


@dataclass(frozen=True)
class Skipped:
    """A source that no run was made of, and why."""

    source: str
    reason: str


@dataclass
class ImportReport:
    """What an import brought.

    Attributes:
        kind: tensorboard, wandb or csv. source: what was imported.
        new, updated, unchanged: the runs, each in one of the three.
        skipped: sources without a run. notes: what was left out of the others.
        points: how many points were brought.
    """

    kind: str
    source: str
    new: list[ImportedRun] = field(default_factory=list)
    updated: list[ImportedRun] = field(default_factory=list)
    unchanged: list[ImportedRun] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    points: int = 0


def derived_run_id(*parts: bytes | str) -> str:
    """The run id that follows from what tells a source from every other one."""
    digest = blake2b(digest_size=RUN_ID_LENGTH // 2)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def time_us(seconds: float) -> int | None:
    """Microseconds of a time in seconds since the epoch; None where it is no time."""
    if seconds - seconds != 0.0 or abs(seconds) * 1e6 > MAX_TIME_US:
        return None
    return round(seconds * 1e6)


def import_runs(
    project: Project,
    kind: str,
    origin: str,
    sources: Sequence[Source],
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring in the runs of `sources`; one after the other, each whole or not at all.

    Args:
        kind: tensorboard, wandb or csv.
        origin: the path that the user named.
        dry_run: only say what would be brought.
        progress: told before each run.

    Raises:
        StoreBusyError: another import into this project goes on.
        StoreError: the store cannot be read or written.
    """
    report = ImportReport(kind, origin)
    if dry_run:
        _import_all(project, sources, report, True, progress)
        return report
    with store_lock(os.path.join(project.journal_dir, _LOCK), _LOCK_WAIT_S):
        remove_leftovers(project.journal_dir)
        _import_all(project, sources, report, False, progress)
    return report


def _import_all(
    project: Project, sources: Sequence[Source], report: ImportReport, dry_run: bool, progress: Progress | None
) -> None:
    with Store(project) as store:
        with store.reading() as db:
            known = stored_runs(db, [source.run_id for source in sources])
        labels: dict[str, str] = {}
        for done, source in enumerate(sources):
            if progress is not None:
                progress(done, len(sources), source.label)
            if source.run_id in labels:
                reason = f"it is the same run as {labels[source.run_id]}"
                report.skipped.append(Skipped(source.label, reason))
                continue
            labels[source.run_id] = source.label
            try:
                _import_one(store, report, source, known.get(source.run_id), dry_run)
            except InputError as error:
                report.skipped.append(Skipped(source.label, error.message))
        report.notes += [notice for notice in store.notices if notice not in report.notes]


def _import_one(store: Store, report: ImportReport, source: Source, known: StoredRun | None, dry_run: bool) -> None:
    if known is not None and known.purged:
        raise InputError("the run was purged from this store")
    before = known.imported if known is not None else None
    if known is not None and (before is None or before.get("from") != report.kind):
        raise InputError("the run is in this store already, and does not come from here")
    state = source.state()
    if before is not None and before.get("state") == state:
        report.unchanged.append(ImportedRun(source.run_id, str(before.get("name")), 0))
        return
    facts = Facts()
    journal = WholeJournal(store.project.journal_dir, source.run_id)
    try:
        points = _sane(source.read(facts), facts)
        if before is not None:
            points = _new_points(points, _stored_points(store, source), timed=source.timed)
        added = journal.add_points(points)
        facts.name = facts.name or run_name(source.run_id)
        report.notes += [f"{source.label}: {note}" for note in facts.notes]
        run = ImportedRun(source.run_id, facts.name, added)
        value = _capture(report, source, facts, state)
        if before is None:
            if not (added or facts.events or facts.lines):
                raise InputError("nothing in it that a run could be made of")
            first, last = _beginning(facts), [*_output(facts, 0), *_end(facts, value)]
            outcome = report.new
        else:
            first, last = _continued(facts, value, before, grown=added > 0)
            outcome = report.updated if last else report.unchanged
        if last and not dry_run:
            journal.write(_started(facts), first, last)
        outcome.append(run)
        report.points += added
    finally:
        journal.close()


def _sane(points: Iterator[Point], facts: Facts) -> Iterator[Point]:
    """The points that a journal can hold; the others are counted."""
    out = 0
    for point in points:
        if -MAX_STEP <= point[2] <= MAX_STEP and abs(point[3]) <= MAX_TIME_US:
            facts.saw(point[3])
            yield point
        else:
            out += 1
    if out:
        facts.notes.append(f"{out} points have a step or a time that does not fit 64 bits, and are left out")


def _identity(name: str, value: float, step: int, time_us: int, timed: bool) -> tuple[str, bytes]:
    # Every NaN is one: a store keeps no payload of it.
    number = value if value == value else float("nan")
    return name, struct.pack("<dqq", number, step, time_us if timed else 0)


def _stored_points(store: Store, source: Source) -> Counter[tuple[str, bytes]]:
    with store.reading() as db:
        series = history(db, [source.run_id]).get(source.run_id, {})
    return Counter(
        _identity(name, value, step, time_us, source.timed)
        for name, points in series.items()
        for step, value, time_us in points
    )


def _new_points(points: Iterator[Point], stored: Counter[tuple[str, bytes]], *, timed: bool) -> Iterator[Point]:
    """The points that are not stored yet: each stored one stands for one of the source that is equal to it."""
    for point in points:
        identity = _identity(*point, timed)
        if stored[identity] > 0:
            stored[identity] -= 1
        else:
            yield point


def _beginning(facts: Facts) -> Events:
    started = _started(facts)
    start: dict[str, object] = {
        "e": "start",
        "experiment": facts.experiment,
        "name": facts.name,
        "parent": None,
        "resumed": False,
        **{name: facts.origin.get(name) for name in ("user", "host", "command", "cwd", "python")},
        "t": started,
    }
    return [start, *({**event, "t": started} for event in facts.events)]


def _continued(
    facts: Facts, value: dict[str, object], before: dict[str, object], *, grown: bool
) -> tuple[Events, Events]:
    """The events of a further journal, before and after its points; nothing where nothing is new.

    Args:
        value: of the capture; it is given what it takes from the one before.
        before: the value of the capture that is in the store.
    """
    lines = _integer(before.get("lines"))
    changed = value["facts"] != before.get("facts")
    if not (grown or changed or len(facts.lines) > lines):
        return [], []
    started, revision = _integer(before.get("started")), _integer(before.get("revision")) + 1
    value |= {"started": started, "revision": revision}
    value["order"] = max(_integer(value["order"]), _integer(before.get("order")) + 1)
    # Younger than what it replaces, but older than every edit that was made here since, whatever the source's times.
    first = [{**event, "t": started + revision} for event in facts.events] if changed else []
    return first, [*_output(facts, lines), *_end(facts, value)]


def _capture(report: ImportReport, source: Source, facts: Facts, state: object) -> dict[str, object]:
    """The value of the capture `import` for a run that is new."""
    return {
        "from": report.kind,
        "source": source.label,  # relative: the journal must be the same wherever the source lies
        "name": facts.name,
        "state": state,
        "facts": facts.digest(),
        "lines": len(facts.lines),
        "started": _started(facts),
        "revision": 0,
        "order": facts.ended_us if facts.ended_us is not None else _started(facts),
    }


def _started(facts: Facts) -> int:
    return facts.started_us if facts.started_us is not None else 0


def _output(facts: Facts, skip: int) -> Events:
    return [
        {"e": "out", "s": stream, "x": text, **({} if newline else {"n": True}), "t": time_us}
        for stream, time_us, text, newline in facts.lines[skip:]
    ]


def _end(facts: Facts, value: dict[str, object]) -> Events:
    """The state of the source and the end; of several, the one that was imported last wins."""
    ended = facts.ended_us if facts.ended_us is not None else _started(facts)
    end = {"e": "end", "status": facts.status, "exit_code": facts.exit_code, "error": facts.error, "at": ended}
    return [{"e": "cap", "name": CAPTURE, "value": value, "t": value["order"]}, {**end, "t": value["order"]}]


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
