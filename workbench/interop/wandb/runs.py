"""Runs of a folder in which wandb has kept runs: `offline-run-*`, and `run-*` that were sent as well."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from workbench.base.errors import InputError
from workbench.base.project import FOLDER, Project
from workbench.interop.importing import Facts, derived_run_id, time_us
from workbench.interop.protobuf import parsed, text
from workbench.interop.wandb.log import read_records
from workbench.interop.wandb.messages import OWN, STDERR, Record, items, number, paths, timestamp_us
from workbench.interop.wandb.output import Lines
from workbench.interop.wandb.system import system_metric
from workbench.interop.whole_journal import Point
from workbench.tracking.artifacts import regular_files, stored_events
from workbench.tracking.capture.secrets import mask_command, mask_url
from workbench.tracking.events import param_events

_RUN_FILE = re.compile(r"run-.+\.wandb$")
_INTERRUPTED = 255


class WandbRun:
    """The files of one run, several where it was resumed.

    Args:
        project: where its files go.
        identity: project and id of the run, as wandb has them.
        experiment: for the run; "" is wandb's project.
        below: the folder that the user named.
    """

    timed = True

    def __init__(self, project: Project, identity: tuple[str, str], experiment: str, below: str) -> None:
        self.run_id = derived_run_id("wandb", *identity)
        self.paths: list[str] = []
        self._project = project
        self._identity = identity
        self._experiment = experiment
        self._below = below

    @property
    def label(self) -> str:
        """The run's last folder, below the one that the user named."""
        relative = os.path.relpath(os.path.dirname(self.paths[-1]), self._below)
        return os.path.basename(os.path.abspath(self._below)) if relative == os.curdir else relative

    def state(self) -> dict[str, int]:
        """The sizes of all files that are taken."""
        sizes: dict[str, int] = {}
        for path in self.paths:
            folder = os.path.dirname(path)
            for local_path, name in ((path, os.path.basename(path)), *self._files(path)):
                try:
                    sizes[f"{os.path.basename(folder)}/{name}"] = os.stat(local_path).st_size
                except OSError:  # a link that leads nowhere; reading says so
                    continue
        return sizes

    def read(self, facts: Facts) -> Iterator[Point]:
        """Every number that was logged, and what the machine did meanwhile.

        Raises:
            InputError: a file cannot be read.
        """
        reading = _Reading(facts)
        for path in self.paths:
            yield from reading.points(path)
        if not reading.began:
            raise InputError("no run in it yet")
        facts.experiment = self._experiment or self._identity[0] or "wandb"
        facts.name = facts.name or self._identity[1]
        yield from reading.finish()
        facts.events.append({"e": "tag", "name": "wandb.run_id", "value": self._identity[1]})
        for path in self.paths:
            for local_path, name in self._files(path):
                try:
                    facts.events += stored_events(self._project, local_path, name)[0]
                except InputError as error:
                    facts.notes.append(error.message)

    @staticmethod
    def _files(path: str) -> list[tuple[str, str]]:
        folder = os.path.join(os.path.dirname(path), "files")
        return list(regular_files(folder)) if os.path.isdir(folder) else []


class _Reading:
    """What is known of a run while its records are read."""

    def __init__(self, facts: Facts) -> None:
        self.began = False
        self._facts = facts
        self._config: dict[tuple[str, ...], object] = {}
        self._summary: dict[tuple[str, ...], object] = {}
        self._logged: set[str] = set()
        self._left_out: set[str] = set()
        self._lines = Lines()
        self._last_step = 0
        self._samples = 0
        self._damaged = 0
        self._tags: dict[str, str] = {}
        self._git: dict[str, object] = {}

    def points(self, path: str) -> Iterator[Point]:
        """The numbers of one file."""
        facts = self._facts
        facts.status, facts.exit_code, facts.error = "killed", None, "wandb recorded no end of the run"
        for data in read_records(path, facts.notes):
            record = parsed(Record, data)
            if record is None:
                self._damaged += 1
                continue
            if record.HasField("history"):
                yield from self._history(record.history)
            elif record.HasField("stats"):
                yield from self._stats(record.stats)
            elif record.HasField("summary"):
                _update(self._summary, record.summary)
            elif record.HasField("config"):
                _update(self._config, record.config)
            elif record.HasField("output_raw"):
                self._output(record.output_raw)
            elif record.HasField("output"):
                self._output(record.output)
            elif record.HasField("run"):
                self._run(record.run)
            elif record.HasField("environment"):
                self._environment(record.environment)
            elif record.HasField("exit"):
                self._exit(record.exit.exit_code)

    def finish(self) -> Iterator[Point]:
        """The numbers that only the summary has; the rest of what was collected goes to the facts."""
        facts = self._facts
        facts.lines += self._lines.rest()
        params = {".".join(path): value for path, value in self._config.items() if path[0] not in OWN}
        facts.events += param_events(params)
        ended = facts.ended_us or 0
        for path, value in self._summary.items():
            name = ".".join(path)
            if path[0] in OWN or name in self._logged:
                continue
            found = number(value)
            if found is not None:
                yield name, found, self._last_step, ended
            elif isinstance(value, str):
                self._left_out.discard(name)
                self._tags.setdefault(name, value)
            elif value is not None:
                self._left_out.add(name)
        facts.events += [{"e": "tag", "name": name, "value": value} for name, value in self._tags.items()]
        if self._git:
            facts.events.append({"e": "cap", "name": "git", "value": self._git})
        if self._left_out:
            facts.notes.append(f"left out, no numbers: {', '.join(sorted(self._left_out))}")
        if self._damaged:
            facts.notes.append(f"{self._damaged} damaged records are left out")

    def _history(self, history: Any) -> Iterator[Point]:
        values = dict(items(history.item))
        step = values.get(("_step",), history.step.num)
        if not isinstance(step, int):
            step = self._last_step
        self._last_step = max(self._last_step, step)
        moment = self._moment(values)
        for path, value in values.items():
            if path[0] in OWN:
                continue
            name = ".".join(path)
            found = number(value)
            if found is None:
                self._left_out.add(name)
            else:
                self._logged.add(name)
                yield name, found, step, moment

    def _moment(self, values: dict[tuple[str, ...], object]) -> int:
        """When values were logged: by their time, else by how long the run had gone on."""
        seconds = values.get(("_timestamp",))
        moment = time_us(seconds) if isinstance(seconds, (int, float)) else None
        if moment is None:
            runtime = values.get(("_runtime",))
            began = self._facts.started_us or 0
            passed = time_us(runtime) if isinstance(runtime, (int, float)) else None
            moment = began + passed if passed is not None else self._facts.ended_us or began
        return moment

    def _stats(self, stats: Any) -> Iterator[Point]:
        moment = timestamp_us(stats.timestamp)
        for path, value in items(stats.item):
            found = number(value)
            if found is not None and found - found == 0.0:
                name, found = system_metric(".".join(path), found)
                yield name, found, self._samples, moment
        self._samples += 1

    def _output(self, output: Any) -> None:
        moment = timestamp_us(output.timestamp)
        self._facts.saw(moment)
        stream = 2 if output.output_type == STDERR else 1
        self._facts.lines += self._lines.add(stream, moment, text(output.line))

    def _run(self, run: Any) -> None:
        facts = self._facts
        self.began = True
        if run.HasField("start_time"):
            facts.saw(timestamp_us(run.start_time))
        facts.name = text(run.display_name) or facts.name
        facts.origin["host"] = text(run.host) or facts.origin.get("host")
        _update(self._config, run.config)
        _update(self._summary, run.summary)
        self._add_git(run.git)
        self._tags |= {text(label): "true" for label in run.tags}
        for name, value in (("group", run.run_group), ("job_type", run.job_type), ("sweep", run.sweep_id)):
            if value:
                self._tags[name] = text(value)
        facts.events = [event for event in facts.events if event.get("field") != "note"]
        if run.notes:
            facts.events.append({"e": "set", "field": "note", "value": text(run.notes), "prev": ""})

    def _environment(self, environment: Any) -> None:
        origin = self._facts.origin
        for name, value in (
            ("user", environment.username),
            ("host", environment.host),
            ("cwd", environment.root),
            ("python", environment.python.removeprefix(b"CPython ")),
        ):
            if value:
                origin[name] = text(value)
        if environment.program:
            command = [environment.executable or b"python", environment.program, *environment.args]
            origin["command"] = mask_command([text(word) for word in command])
        self._add_git(environment.git)

    def _add_git(self, git: Any) -> None:
        if git.commit:
            self._git["commit"] = text(git.commit)
        if git.remote_url:
            self._git["remote"] = mask_url(text(git.remote_url))

    def _exit(self, code: int) -> None:
        facts = self._facts
        facts.exit_code, facts.error = code, None
        facts.status = "finished" if code == 0 else "killed" if code == _INTERRUPTED else "failed"


def find_wandb_runs(
    project: Project, directory: str, experiment: str | None
) -> tuple[list[WandbRun], list[tuple[str, str]]]:
    """The runs below `directory`, and `(file, reason)` of those that cannot be read.

    Args:
        project: where their files go.
        directory: a folder `wandb`, the one that it lies in, or that of a single run.
        experiment: for all of them; default each run's project.

    Raises:
        InputError: it is no folder, or holds no runs.
    """
    if not os.path.isdir(directory):
        what = "is no folder" if os.path.exists(directory) else "does not exist"
        raise InputError(f"{directory} {what}", "name the folder `wandb` of the training")
    runs: dict[tuple[str, str], WandbRun] = {}
    failed: list[tuple[str, str]] = []
    for path in _run_files(directory, failed):
        label = os.path.relpath(path, directory)
        try:
            identity = _identity(path)
        except InputError as error:
            failed.append((label, error.message))
            continue
        if identity is None:
            failed.append((label, "no run in it yet"))
            continue
        if identity not in runs:
            runs[identity] = WandbRun(project, identity, experiment or "", directory)
        runs[identity].paths.append(path)
    if not runs and not failed:
        raise InputError(
            f"no wandb runs in {directory} or below it", "they lie in wandb/offline-run-*/run-*.wandb of the training"
        )
    return list(runs.values()), failed


def _run_files(directory: str, failed: list[tuple[str, str]]) -> Iterator[str]:
    def on_error(error: OSError) -> None:
        failed.append((str(error.filename), f"cannot read {error.filename}: {error.strerror}"))

    for folder, folders, files in os.walk(directory, onerror=on_error):
        found = sorted(name for name in files if _RUN_FILE.match(name))
        folders[:] = [] if found else sorted(name for name in folders if name != FOLDER)
        for name in found:
            yield os.path.join(folder, name)


def _identity(path: str) -> tuple[str, str] | None:
    """Project and id of a run; None where they are not written yet."""
    for data in read_records(path, []):
        record = parsed(Record, data)
        if record is not None and record.HasField("run") and record.run.run_id:
            return text(record.run.project), text(record.run.run_id)
    return None


def _update(values: dict[tuple[str, ...], object], change: Any) -> None:
    for path in paths(change.remove):
        values.pop(path, None)
    values.update(items(change.update))
