"""Running monitors: every window that is closed and has no result gets one, however often that is asked for.

A result is told by its monitor, window and baseline, so two runs at once write the same one. The store is visited
before and after, never while rows are read and compared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us as clock_now_us
from workbench.base.errors import InputError, StoreError, WorkbenchError
from workbench.base.jsonvalue import loads
from workbench.base.project import Project
from workbench.drift.monitors.decisions import HookRun, handling
from workbench.drift.monitors.due import MOST_WINDOWS, Window, by_time, closed_windows, examined, next_due_us
from workbench.drift.monitors.hook import announce, wanted
from workbench.drift.monitors.monitor import KIND, ROWS, Examined, Monitor, Problem, find_monitor
from workbench.drift.monitors.results import (
    RESULT,
    Result,
    alert_states,
    course_of_steps,
    result_id,
    results_by_id,
    results_of,
    steps_of,
)
from workbench.drift.monitors.source import Part, RowSource, open_rows
from workbench.store.blobs import BlobStore
from workbench.store.entities import latest_us
from workbench.store.monitor_results import latest_result_us, results_with
from workbench.store.writing import ProjectJournal, project_journal

if TYPE_CHECKING:
    from workbench.drift.baseline import Baseline
    from workbench.drift.monitors.labels import Labels
    from workbench.drift.performance.estimator import Estimator

Reading = Callable[[], AbstractContextManager[Any]]
PICTURED = 60
"""Of so many windows, the newest of a run, all distributions are kept; of earlier ones those with a finding."""
WRITTEN_TOGETHER = 20
TOLD_ALERTS = 20


@dataclass(frozen=True)
class Outcome:
    """What a run of one monitor did.

    Attributes:
        monitor: as it was before.
        results: of the windows that were computed, the oldest first; also those whose performance alone was.
        newest: of its newest window, computed now or before.
        hooks: what became of commands that were run.
        more: whether windows are left for the next run.
        error: why it came to nothing.
        notes: what is to be said.
    """

    monitor: Monitor
    results: tuple[Result, ...] = ()
    newest: Result | None = None
    hooks: tuple[HookRun, ...] = ()
    more: bool = False
    error: WorkbenchError | None = None
    notes: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether a window that was computed, or the newest one, has drift."""
        return any(one.verdict == "drift" for one in (*self.results, *([self.newest] if self.newest else [])))


@dataclass(frozen=True)
class Asked:
    """What a run is asked for.

    Attributes:
        now_us: what counts as now, microseconds since the epoch.
        since_us: no window that begins earlier, now and later.
        again: compute windows again that have a result.
        due: leave monitors alone whose next window of time is not closed.
    """

    now_us: int
    since_us: int | None = None
    again: bool = False
    due: bool = False


@dataclass(frozen=True)
class _Piece:
    """A window, its rows unless they are done, how far the source is done then, and whether its pictures are kept."""

    window: Window
    part: Part | None
    reached: Examined
    pictures: bool = True


_NOTHING = Window("", "", 0)


@dataclass
class _Work:
    """What one run of a monitor stands on."""

    project: Project
    monitor: Monitor
    asked: Asked
    source: RowSource
    baseline: Baseline
    labels: Labels
    estimator: Estimator | None
    done: dict[str, str]
    after_us: int
    results: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: bool = False


def run(project: Project, reading: Reading, monitor: Monitor, asked: Asked) -> Outcome | None:
    """Look at every window of a monitor that is closed and has no result.

    Args:
        reading: visits the project's store.

    Returns:
        What was done; None where nothing is due and only that was asked for. What goes wrong is in it, not raised.
    """
    try:
        return _run(project, reading, monitor, asked)
    except WorkbenchError as error:
        problem = error
    except Exception as error:  # what nobody foresaw in one monitor does not keep the others from running
        if os.environ.get("WORKBENCH_DEBUG") == "1":
            raise
        problem = WorkbenchError(f"{type(error).__name__}: {error}".splitlines()[0])
    problem.message = problem.message.replace(f"{project.root}{os.sep}", "")
    if not isinstance(problem, StoreError) and (monitor.problem is None or monitor.problem.message != problem.message):
        with project_journal(project) as journal, reading() as db:
            said = asdict(Problem(problem.message, clock_now_us()))
            journal.set_fields((KIND, monitor.id, {"problem": said}), after_us=latest_us(db, KIND, monitor.id))
    return Outcome(monitor, error=problem)


def _run(project: Project, reading: Reading, monitor: Monitor, asked: Asked) -> Outcome | None:
    from workbench.drift.monitors.labels import labels_of

    with reading() as db:
        done = results_with(db, monitor.id, monitor.reference.baseline)
        labels = labels_of(db, project, monitor)
        after_us = max(latest_result_us(db, monitor.id), latest_us(db, KIND, monitor.id))
        stale = _stale(results_of(db, monitor.id, None), labels, monitor) if labels.deliveries else []
    due_us = next_due_us(monitor)
    waits = due_us is not None and due_us > asked.now_us and not asked.again
    if asked.due and waits and not stale:
        return None
    work = _work(project, monitor, asked, labels, done, after_us)
    with project_journal(project) as journal:
        _windows(work, journal)
        _again(work, journal, [one for one in stale if one.id not in work.results])
        if monitor.problem is not None:
            journal.set_fields((KIND, monitor.id, {"problem": None}), after_us=after_us)
    if asked.due and not work.results and not work.more:
        return None
    hooks, results, newest = _tell(project, reading, monitor, work.results)
    return Outcome(monitor, tuple(results), newest, tuple(hooks), work.more, notes=tuple(work.notes))


def _work(
    project: Project, monitor: Monitor, asked: Asked, labels: Labels, done: dict[str, str], after_us: int
) -> _Work:
    from workbench.drift.baseline import Baseline

    blobs = BlobStore(project)
    with blobs.open(monitor.reference.baseline) as file:
        baseline = Baseline.from_bytes(file.read())
    estimator = None
    if monitor.reference.estimator is not None:
        from workbench.drift.performance.estimator import Estimator

        with blobs.open(monitor.reference.estimator) as file:
            document = loads(file.read())
        assert isinstance(document, dict)
        estimator = Estimator.from_document(document)
    keys = bool(labels.deliveries)
    source = open_rows(project, monitor.settings, monitor.time, baseline, keys=keys)
    return _Work(project, monitor, asked, source, baseline, labels, estimator, done, after_us)


def _windows(work: _Work, journal: ProjectJournal) -> None:
    """Compute the windows that have no result, and keep how far the source was looked at."""
    changes: list[tuple[str, str, dict[str, Any]]] = []
    reached: Examined | None = None
    for piece in _pieces(work):
        reached = piece.reached
        if piece.part is not None:
            key, fields = _evaluated(work, piece.window, piece.part, pictures=piece.pictures)
            if fields["rows"] or piece.window.key not in work.done:  # what was found of rows that are gone stands
                changes.append((RESULT, key, fields))
        if len(changes) >= WRITTEN_TOGETHER:
            _keep(work, journal, changes, reached)
            changes = []
    _keep(work, journal, changes, reached)


def _keep(
    work: _Work, journal: ProjectJournal, changes: Sequence[tuple[str, str, dict[str, Any]]], reached: Examined | None
) -> None:
    """Write results together with how far the source was looked at for them."""
    work.results += [change[1] for change in changes]
    moved = reached is not None and reached != work.monitor.examined
    marks = [(KIND, work.monitor.id, {"examined": asdict(reached)})] if reached is not None and moved else []
    if changes or marks:
        journal.set_fields(*changes, *marks, after_us=work.after_us)


def _pieces(work: _Work) -> Iterator[_Piece]:
    """The windows that have no result, with their rows."""
    monitor, asked, source = work.monitor, work.asked, work.source
    start = examined(monitor)
    if by_time(monitor):
        first_us, last_us = (None, None) if _goes_on(work) else source.span_us()
        closed = closed_windows(monitor, first_us, last_us, asked.now_us, since_us=asked.since_us, again=asked.again)
        work.more = closed.more
        wanted = [window for window in closed.windows if asked.again or window.key not in work.done]
        pictured = {window.key for window in wanted[-PICTURED:]}
        for window, part in source.parts(wanted):
            reached = replace(start, until_us=max(start.until_us, window.end_us or 0))
            yield _Piece(window, part, reached, window.key in pictured)
        yield _Piece(_NOTHING, None, replace(start, until_us=max(start.until_us, closed.until_us)))
    elif monitor.divided.startswith(ROWS):
        begin = replace(start, until_us=0, rows=0, same=0) if asked.again else start
        size, closed_us = int(monitor.divided.removeprefix(ROWS)), asked.now_us - _grace_us(monitor)
        for number, (window, part, reached) in enumerate(source.by_rows(size, begin, closed_us)):
            if number == MOST_WINDOWS:
                work.more = True
                return
            is_done = window.key in work.done and not asked.again
            yield _Piece(window, None if is_done else part, reached)
    elif asked.again or f"{monitor.divided}/{source.signature()}" not in work.done:
        yield _Piece(*source.whole(), start)


def _goes_on(work: _Work) -> bool:
    """Whether windows go on from where they ended, so that the source need not be asked when it begins."""
    later = examined(work.monitor).until_us >= work.monitor.registered_us
    return later and not work.asked.again and work.asked.since_us is None


def _grace_us(monitor: Monitor) -> int:
    return monitor.settings.grace_us if monitor.time else 0


def _evaluated(work: _Work, window: Window, part: Part, *, pictures: bool) -> tuple[str, dict[str, Any]]:
    from workbench.drift.monitors.evaluating import Judged, compared, drift_fields, judged, verdict_fields

    try:
        document = compared(work.monitor, work.baseline, part, is_log=work.source.is_log)
        drift = judged(document, part)
    except WorkbenchError as error:
        document, drift = {}, Judged("insufficient", (error.message,))
    key, fields = drift_fields(work.monitor, window, part, document, drift, pictures=pictures)
    return key, {**fields, **verdict_fields(drift, *_performance(work, part)), "labels_us": work.labels.newest_us}


def _performance(work: _Work, part: Part) -> tuple[Any, Any]:
    """The verdict of a window's performance and its document."""
    if not (work.labels.deliveries or work.estimator or work.monitor.settings.label):
        return None, None
    from workbench.drift.monitors.evaluating import Judged
    from workbench.drift.monitors.judging import judged_performance, measured

    try:
        document = measured(work.monitor, part, work.labels, work.estimator, is_log=work.source.is_log)
    except InputError as error:
        return Judged("insufficient", (f"performance: {error.message}",)), None
    return judged_performance(document, work.monitor.settings), document


def _stale(results: Sequence[Result], labels: Labels, monitor: Monitor) -> list[Result]:
    """The results of this baseline whose windows got labels since they were computed."""
    return [
        one
        for one in results[::-1]
        if one.rows
        and one.baseline == monitor.reference.baseline
        and labels.newer_than(one.labels_us, one.start_us, one.end_us)
    ]


def _again(work: _Work, journal: ProjectJournal, stale: Sequence[Result]) -> None:
    """Compute the performance of windows anew that got labels."""
    from workbench.drift.monitors.evaluating import Judged, verdict_fields

    windows = {
        one.key: Window(one.key, one.window, one.position_us, one.start_us, one.end_us, one.first_row, one.rows)
        for one in stale
    }
    drifts = {one.key: one for one in stale}
    for window, part in _rows_of(work, list(windows.values())):
        before = drifts[window.key]
        if not part.table.rows:
            continue  # its rows are gone: what was computed stands
        drift = Judged(before.drift, before.drift_reasons)
        key = result_id(work.monitor.id, window.key, work.monitor.reference.baseline)
        fields = {**verdict_fields(drift, *_performance(work, part)), "labels_us": work.labels.newest_us}
        journal.set_fields((RESULT, key, fields), after_us=work.after_us)
        work.results.append(key)


def _rows_of(work: _Work, windows: Sequence[Window]) -> Iterator[tuple[Window, Part]]:
    """The rows of windows that were computed before."""
    if by_time(work.monitor):
        yield from work.source.parts(windows)
        return
    wanted = {window.key for window in windows}
    if work.monitor.divided.startswith(ROWS):
        size = int(work.monitor.divided.removeprefix(ROWS))
        begin = replace(examined(work.monitor), until_us=0, rows=0, same=0)
        for window, part, _ in work.source.by_rows(size, begin, work.asked.now_us):
            if window.key in wanted:
                yield window, part
    elif wanted:
        window, part = work.source.whole()
        if window.key in wanted:
            yield window, part


def _tell(
    project: Project, reading: Reading, monitor: Monitor, computed: Sequence[str]
) -> tuple[list[HookRun], list[Result], Result | None]:
    """Keep what windows mean for the alert, and run the command of those that were raised or cleared."""
    with reading() as db:
        monitor = find_monitor(db, monitor.name)
        steps = steps_of(db, [monitor]).get(monitor.id, [])
        found = course_of_steps(monitor, steps)
        before = alert_states(db, [step.result for step in steps])
        after_us = latest_result_us(db, monitor.id)
        told = found.alerts[-TOLD_ALERTS:]
        handled = {one.key: handling(db, monitor.id, one) for one in told}
        ids = [key for one in told for key in (one.result, one.cleared_result) if key is not None]
        by_id = {one.id: one for one in results_by_id(db, ids)}
    states = {step.result: state for step, state in zip(steps, found.states, strict=True)}
    changed = [(RESULT, key, {"alert": state}) for key, state in states.items() if before[key] != state]
    hooks: list[HookRun] = []
    with project_journal(project) as journal:
        if changed:
            journal.set_fields(*changed, after_us=after_us)
        for alert in told:
            state = wanted(monitor, alert, handled[alert.key])
            if state is not None:
                result = by_id[alert.result if state == "raised" else str(alert.cleared_result)]
                ran = announce(project, journal, monitor, alert, state, result, _muted(monitor))
                hooks += [ran] if ran is not None else []
    with reading() as db:
        newest = results_by_id(db, [steps[-1].result]) if steps else []
        return hooks, results_by_id(db, list(computed)), newest[0] if newest else None


def _muted(monitor: Monitor) -> str:
    """Why the command is quiet; "" where it is not."""
    mute = monitor.mute
    return f"muted by {mute.who}: {mute.reason}" if mute is not None and mute.holds(clock_now_us()) else ""
