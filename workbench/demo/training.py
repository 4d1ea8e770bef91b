"""The demo's trainings: started side by side, watched through the store as any other reader would."""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from workbench.demo.plan import PLAN, PlannedRun, Round
from workbench.demo.process import TrainingProcess, stop
from workbench.demo.workspace import Workspace
from workbench.store.metrics import history
from workbench.store.runs import RunQuery, list_runs
from workbench.store.store import Store

WORKERS = 2
INTERVAL_S = 0.25
LOSS = "valid_loss"
ATTRIBUTES = ("run_id", "name", "status", "duration_s", "error")


@dataclass
class RunView:
    """What is known about one training.

    Attributes:
        name: of the run; planned names get a number where the project has them already.
        state: waiting, starting, or the status of the run.
        epoch: the last one that was logged, 0 before the first.
        values: the newest value of each metric that train.py logs.
        losses: (epoch, validation loss), one for each epoch so far.
        error: why it failed.
    """

    planned: PlannedRun
    name: str
    state: str = "waiting"
    run_id: str | None = None
    epoch: int = 0
    values: dict[str, float] = field(default_factory=dict)
    losses: list[tuple[int, float]] = field(default_factory=list)
    duration_s: float | None = None
    error: str | None = None

    @property
    def ended(self) -> bool:
        """Nothing more comes of it."""
        return self.state not in ("waiting", "starting", "running")

    @property
    def best_loss(self) -> float | None:
        """The lowest validation loss so far."""
        return min((loss for _, loss in self.losses), default=None)

    @property
    def surprising(self) -> bool:
        """It failed although it was not meant to, or the other way round."""
        return self.ended and (self.state != "finished") != self.planned.fails


@dataclass(frozen=True)
class Snapshot:
    """The state of all trainings at one moment.

    Attributes:
        news: what the demo itself did so far.
    """

    runs: Sequence[RunView]
    elapsed_s: float
    news: Sequence[str] = ()


class Training:
    """Trains the plan; a context manager that stops what still runs when it is left.

    Within it Ctrl-C is noticed between two snapshots, never in the middle of a visit to the store.

    Args:
        workspace: where.
        plan: what, round by round.
        workers: how many trainings at once.

    Attributes:
        runs: what is known about each training, in the order of the plan.
        code_changed: whether the plan's change of the code was made; an earlier demo may have made it already.
    """

    def __init__(self, workspace: Workspace, plan: Sequence[Round] = PLAN, *, workers: int = WORKERS) -> None:
        self.workspace = workspace
        self._plan = plan
        self._workers = workers
        self._store = Store(workspace.project)
        suffix = self._free_suffix()
        self.runs = [RunView(run, run.name + suffix) for group in plan for run in group.runs]
        self._active: dict[str, TrainingProcess] = {}
        self.code_changed = False
        self._news: list[str] = []
        self._handles_interrupt = self._interrupted = self._stopped = False
        self._started_s = time.monotonic()

    def __enter__(self) -> Training:
        # A caller that ignores or handles SIGINT itself, or is no main thread, knows what it does.
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
            self._handles_interrupt = True
        return self

    def __exit__(self, *error: object) -> None:
        if self._handles_interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self._stopped = True
        stop(list(self._active.values()))

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True

    def snapshots(self, interval_s: float = INTERVAL_S) -> Iterator[Snapshot]:
        """Train everything; a snapshot every `interval_s` until all is done, the last one when it is.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            StoreError: the project's store cannot be read.
        """
        views = iter(self.runs)
        for group in self._plan:
            if group.edit and group.edit.apply(self.workspace.project.root):
                self.code_changed = True
                self._news.append(f"changed {group.edit.file}, not committed: {group.edit.before} → {group.edit.after}")
            waiting = deque(next(views) for _ in group.runs)
            while waiting or self._active:
                while waiting and len(self._active) < self._workers:
                    self._start(waiting.popleft())
                yield self.snapshot()
                time.sleep(interval_s)
                if self._interrupted:
                    raise KeyboardInterrupt
        yield self.snapshot()

    def snapshot(self) -> Snapshot:
        """The state now."""
        ended = {name for name, process in self._active.items() if process.exit_status is not None}
        self._read_store()
        for name in ended:
            process = self._active.pop(name)
            view = next(view for view in self.runs if view.name == name)
            if view.run_id is None and self._stopped:  # interrupted before it began
                view.state = "waiting"
            elif view.run_id is None:  # it did not come as far as starting its run
                view.state, view.error = "failed", process.last_words()
            process.close()
        return Snapshot(self.runs, time.monotonic() - self._started_s, tuple(self._news))

    def _start(self, view: RunView) -> None:
        self._active[view.name] = TrainingProcess(view.planned.arguments(view.name), self.workspace.project.root)
        view.state = "starting"

    def _read_store(self) -> None:
        """Bring the views up to date. One visit of a few milliseconds; the trainings never wait for it."""
        views = {view.name: view for view in self.runs}
        query = RunQuery(where=_named(list(views)), columns=[f"attributes.{name}" for name in ATTRIBUTES])
        with self._store.reading() as db:
            rows = [dict(zip(ATTRIBUTES, row, strict=True)) for row in list_runs(db, query).rows]
            curves = history(db, [str(row["run_id"]) for row in rows])
        for row in rows:
            _update(views[str(row["name"])], row, curves.get(str(row["run_id"]), {}))

    def _free_suffix(self) -> str:
        """What makes the planned names new in this project: nothing, or `-2`, `-3` …"""
        planned = [run.name for group in self._plan for run in group.runs]
        number = 1
        while True:
            suffix = f"-{number}" if number > 1 else ""
            with self._store.reading() as db:
                if not list_runs(db, RunQuery(where=_named([name + suffix for name in planned]), limit=1)).total:
                    return suffix
            number += 1


def _named(names: Sequence[str]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"attributes.name IN ({quoted})"


def _update(view: RunView, row: Mapping[str, object], curves: Mapping[str, Sequence[tuple[int, float, int]]]) -> None:
    view.run_id, view.state = str(row["run_id"]), str(row["status"])
    view.error = str(row["error"]) if row["error"] else None
    view.duration_s = float(str(row["duration_s"])) if row["duration_s"] is not None else None
    view.losses = [(step, value) for step, value, _ in curves.get(LOSS, ())]
    view.epoch = view.losses[-1][0] if view.losses else 0
    view.values = {name: points[-1][1] for name, points in curves.items() if points}
