"""The handle of a run: what training code calls.

`Run.log` is one acknowledged, kill-safe record and takes microseconds; nothing here raises into the
training unless it was started with `on_error="raise"`. A handle may be shared by threads, survives a
fork, and can be pickled into another process: every process writes a journal of its own.
"""

from __future__ import annotations

import os
import threading

from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.tracking import exits
from workbench.tracking.channel import Channel
from workbench.tracking.notices import Notices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import SupportsFloat, SupportsIndex

    from workbench.tracking.background import Background

STATUSES = ("finished", "failed", "killed")
PATIENCE_S = 5.0


class Run:
    """One run; made by `start_run`.

    Attributes:
        run_id: 32 hex digits.
        name: what people call it.
        experiment: the group that it belongs to.
        project: where it is stored; None where that is impossible and nothing is recorded.
    """

    def __init__(
        self,
        run_id: str,
        name: str,
        experiment: str,
        project: Project | None,
        notices: Notices,
        *,
        durability: str = "interval",
        next_step: int = 0,
        next_system_step: int = 0,
    ) -> None:
        self.run_id = run_id
        self.name = name
        self.experiment = experiment
        self.project = project
        self._notices = notices
        self._channel = Channel(project, run_id, notices, durability, lambda: exits.watch(self))
        self._background: Background | None = None
        self._next_step = next_step
        self._next_system_step = next_system_step
        self._step_lock = threading.Lock()
        self._note = ""

    def __repr__(self) -> str:
        return f"<Run {self.name} {self.run_id[:8]} of {self.experiment}{', ended' if self.ended else ''}>"

    @property
    def ended(self) -> bool:
        """Nothing more is recorded through this handle."""
        return self._channel.ended

    # ------------------------------------------------------------------ metrics

    def log(self, metrics: Mapping[str, SupportsFloat], step: SupportsIndex | float | None = None) -> None:
        """Record metrics of one step; when this returns, no signal to any process can lose them.

        Args:
            metrics: numbers by name, NaN and infinities included; scalars of NumPy and PyTorch are numbers. What is
                no number is left out and reported.
            step: a 64-bit integer; default one more than the greatest step so far.

        Raises:
            WorkbenchError: with `on_error="raise"`, something could not be recorded.
        """
        try:
            if type(step) is not int:
                step = self._step_of(step)
            if len(metrics) == 1:
                [(name, value)] = metrics.items()
                if type(value) is not float or type(name) is not str:
                    return self._log_converted(metrics, step)
                self._channel.write_one(name, value, step)
            else:
                for name, value in metrics.items():
                    if type(value) is not float or type(name) is not str:
                        return self._log_converted(metrics, step)
                self._channel.write(metrics, step)  # type: ignore[arg-type]
            if step >= self._next_step:
                self._next_step = step + 1
        except Exception as error:
            self._notices.report("log", error)

    def _log_converted(self, metrics: Mapping[str, SupportsFloat], step: int) -> None:
        numbers: dict[str, SupportsFloat] = {}
        strange: list[str] = []
        for name, value in metrics.items():
            try:
                if isinstance(value, (str, bytes)):
                    raise TypeError
                numbers["".join(name) if isinstance(name, str) else str(name)] = float(value)
            except Exception:
                strange.append(f"{name!r} is {type(value).__name__} {value!r:.80}")
        if numbers:
            self.log(numbers, step)
        if strange:
            raise InputError(f"not recorded, no number: {', '.join(strange)}")

    def _step_of(self, step: SupportsIndex | float | None) -> int:
        if step is None:
            with self._step_lock:
                self._next_step += 1
                return self._next_step - 1
        try:
            return step.__index__()  # type: ignore[union-attr]
        except (AttributeError, TypeError):
            number = float(step)
        if number != number or number - number != 0 or number != int(number):
            raise InputError(f"not recorded: step {step!r} is no whole number")
        return int(number)

    def _log_system(self, metrics: dict[str, float]) -> None:
        """Record a sample of system metrics, on a count of steps of its own."""
        self._channel.emit_metrics(metrics, self._next_system_step)
        self._next_system_step += 1

    # ------------------------------------------------------------------ facts

    def log_param(self, name: str, value: object) -> None:
        """Record a parameter with its type; recording it again corrects it. Nested mappings become `a.b.c`."""
        self.log_params({name: value})

    def log_params(self, params: object) -> None:
        """Record parameters: a mapping (nested ones become `a.b.c`), or any object with attributes (`argparse`'s)."""
        from workbench.tracking.events import param_events

        self._attempt("params", lambda: self._channel.append(param_events(params)))

    def set_tag(self, name: str, value: object) -> None:
        """Set a tag; tags are text and can be changed after the run too."""
        self.set_tags({name: value})

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Set several tags."""
        from workbench.tracking.events import tag_events

        self._attempt("tags", lambda: self._channel.append(tag_events(tags)))

    def remove_tag(self, name: str) -> None:
        """Remove a tag; no error where there is none."""
        self.set_tags({name: None})

    def note(self, text: str) -> None:
        """Set the run's note, Markdown."""
        event = {"e": "set", "field": "note", "value": str(text), "prev": self._note}
        self._attempt("note", lambda: self._channel.append([event]))
        self._note = str(text)

    # ------------------------------------------------------------------ files

    def log_artifact(self, local_path: str | os.PathLike[str], path: str | os.PathLike[str] | None = None) -> None:
        """Store a copy of a file, or of a folder with all in it.

        Args:
            local_path: the file or folder; symbolic links are followed.
            path: folder within the run to put it in; default the top.
        """
        self._attempt("artifact", lambda: self._store(os.fspath(local_path), path or "", own_name=True))

    def log_artifacts(self, local_dir: str | os.PathLike[str], path: str | os.PathLike[str] | None = None) -> None:
        """Store copies of all files below a folder, the folder's own name left out.

        Args:
            local_dir: the folder; symbolic links are followed.
            path: folder within the run to put them in; default the top.
        """
        self._attempt("artifact", lambda: self._store(os.fspath(local_dir), path or "", own_name=False))

    def log_dataset(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        """Record which data the run used: digest, size, format and, where it is cheap, rows and columns.

        Args:
            path: a file or a folder; it stays where it is and is not copied.
            name: what the run calls it (`train`); default the file's name without its suffix.
        """
        self._attempt("dataset", lambda: self._record_dataset(os.fspath(path), name))

    def log_model(
        self, model: object, name: str = "model", *, input_example: object = None, signature: object = None
    ) -> None:
        """Store a fitted model in the MLflow model format, so that MLflow and `load_model` can open it.

        Args:
            model: of scikit-learn, XGBoost, LightGBM, PyTorch or Keras, or an `mlflow.pyfunc.PythonModel`.
            name: folder within the run.
            input_example: some rows of input; the signature is inferred from it.
            signature: an `mlflow.models.ModelSignature` in place of the inferred one.
        """
        self._attempt("model", lambda: self._store_model(model, name, input_example, signature))

    def _store(self, local_path: str, folder: str | os.PathLike[str], *, own_name: bool, kind: str = "file") -> None:
        from workbench.tracking.artifacts import artifact_path, join_path, stored_events

        target = artifact_path(folder)
        if own_name:
            target = join_path(target, os.path.basename(os.path.abspath(local_path)))
        if self._channel.open("worker") is None or self.project is None:
            return
        events, problem = stored_events(self.project, local_path, target, kind, must_be_folder=not own_name)
        self._channel.append(events)
        if problem is not None:
            raise problem

    def _record_dataset(self, path: str, name: str | None) -> None:
        from workbench.tracking.datasets import dataset_event

        if self._channel.open("worker") is not None and self.project is not None:
            self._channel.append([dataset_event(self.project, path, name)])

    def _store_model(self, model: object, name: str, input_example: object, signature: object) -> None:
        from workbench.tracking.artifacts import artifact_path
        from workbench.tracking.models import saved_model

        folder = artifact_path(name)
        if not folder:
            raise InputError("a model needs a name", 'run.log_model(model, name="model")')
        if self._channel.open("worker") is not None:
            with saved_model(model, self.run_id, folder, input_example, signature) as local_dir:
                self._store(local_dir, folder, own_name=False, kind="model")

    # ------------------------------------------------------------------ beginning and end

    def begin(
        self,
        events: Sequence[Mapping[str, object]],
        *,
        role: str = "main",
        capture: bool = False,
        capture_output: bool = False,
        system_metrics: bool = False,
    ) -> None:
        """Open the journal with `events` as its first block, and start what goes on beside the training.

        Args:
            role: `main` in the process that ends the run, else `worker`.
            capture: record git, environment and packages.
            capture_output: record what this process prints.
            system_metrics: record the load of the machine.

        Raises:
            StoreError: the journal cannot be created.
        """
        self._channel.append(events, role=role, sync=True)
        if self.project is None or role != "main":
            return
        from workbench.tracking.background import Background

        self._background = Background(
            self.project,
            self._channel.emit,
            self._notices,
            capture=capture,
            capture_output=capture_output,
            emit_system=self._log_system if system_metrics else None,
        )

    def end(self, status: str = "finished", exit_code: int | None = None, error: str | None = None) -> None:
        """End the run; a second call does nothing. A process that does not own the run only lets go of it.

        Args:
            status: `finished`, `failed` or `killed`.
            exit_code: the process's exit status, where there is one.
            error: what went wrong, in one line.
        """
        self.finish(status if status in STATUSES else "failed", exit_code=exit_code, error=error)
        if status not in STATUSES:
            self._notices.report("end", InputError(f"unknown status {status!r}", f"one of: {', '.join(STATUSES)}"))

    def finish(
        self, status: str, *, exit_code: int | None = None, error: str | None = None, patience_s: float = PATIENCE_S
    ) -> None:
        """`end`, waiting at most `patience_s` for what goes on beside the training."""
        if not self._channel.refuse():
            return
        exits.unwatch(self)
        try:
            if self._background is not None:
                self._background.stop(patience_s)
            self._channel.close({"e": "end", "status": status, "exit_code": exit_code, "error": error})
        except Exception as problem:
            self._notices.report("end", problem)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        status, exit_code, text = exits.outcome_of(error)
        self.finish(status, exit_code=exit_code, error=text)

    # ------------------------------------------------------------------ other processes

    def before_fork(self) -> None:
        """Let the captures finish: a fork in the middle of their imports would leave the child with held locks."""
        if self._background is not None:
            self._background.wait_for_captures()

    def become_worker(self) -> None:
        """In a forked child: the parent keeps the run, this process only adds to it."""
        self._step_lock = threading.Lock()
        self._background = None
        self._channel.become_worker()

    def __reduce__(self) -> tuple[object, ...]:
        root = self.project.root if self.project is not None else None
        facts = (self.run_id, self.name, self.experiment, root, self._notices.on_error, self._channel.durability)
        return _reopened, (*facts, self._next_step)

    def _attempt(self, cause: str, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            self._notices.report(cause, error)


def _reopened(
    run_id: str, name: str, experiment: str, root: str | None, on_error: str, durability: str, next_step: int
) -> Run:
    """A pickled handle in the process that unpickles it: the open one where there is one, else a worker's."""
    for run in exits.open_runs():
        if run.run_id == run_id:
            return run
    project = Project(root) if root is not None else None
    return Run(run_id, name, experiment, project, Notices(on_error), durability=durability, next_step=next_step)
