"""`workbench run -- CMD`: a run around any command, in any language.

This process owns the run: it records what is known before the command starts, copies and records the
output, samples the load, passes signals on and records how it ended. A Python command that uses the
SDK adds its metrics to the same run. What cannot be recorded is said once and never stops the command.

Without a terminal the command gets PYTHONUNBUFFERED=1 unless the variable is set: into a pipe Python
would keep its output back in blocks of 8 KiB, and following the run would show nothing for minutes.
It costs a system call for each line; PYTHONUNBUFFERED= (empty) goes back to blocks. Background
processes that outlive the command cannot print any more once this process has ended.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from workbench.base.errors import InputError, WorkbenchError
from workbench.base.ids import is_run_id, new_run_id
from workbench.base.names import run_name
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.tracking.capture.git import capture_git, git_events
from workbench.tracking.capture.probe import EnvironmentProbe
from workbench.tracking.capture.process import describe_process
from workbench.tracking.capture.pump import OutputPump, Tap, open_taps
from workbench.tracking.capture.secrets import mask_command
from workbench.tracking.capture.system import SystemSampler
from workbench.tracking.events import param_events, tag_events
from workbench.tracking.notices import Notices
from workbench.tracking.signals import ENDING, SignalInbox

DEFAULT_EXPERIMENT = "default"
NOT_FOUND_STATUS = 127
NOT_EXECUTABLE_STATUS = 126
HEARTBEAT_INTERVAL_S = 30.0
PROBE_PATIENCE_S = 2.0
OUTPUT_PATIENCE_S = 5.0
MAX_BATCH_LINES = 1000

Event = dict[str, object]


def launch(
    project: Project,
    command: Sequence[str],
    *,
    experiment: str | None = None,
    name: str | None = None,
    params: Mapping[str, object] | None = None,
    tags: Mapping[str, str] | None = None,
    on_start: Callable[[str], None] | None = None,
) -> int:
    """Run `command` as a run of `project` and wait for it.

    Standard input is the command's; output reaches the terminal unchanged. The command finds the run
    in WORKBENCH_RUN_ID and the project in WORKBENCH_DIR. A run that is launched inside a run becomes
    its child.

    Args:
        command: the program and its arguments; recorded without the values of secret options.
        experiment: default WORKBENCH_EXPERIMENT, else `default`.
        name: default two words made from the run's id.
        params, tags: recorded before the command starts.
        on_start: told the run's id once it is recorded; not called where it cannot be.

    Returns:
        What a shell would report: the command's exit status, 128 + N where signal N ended it, 127 where
        there is no such command and 126 where it cannot be executed.

    Raises:
        InputError: the command is empty.
    """
    if not command:
        raise InputError("no command to run", "workbench run -- python train.py")
    with SignalInbox() as inbox:
        run = _LaunchedRun(project, list(command), inbox)
        try:
            run.begin(experiment, name, params or {}, tags or {})
            if on_start and run.recorded:
                on_start(run.run_id)
            return run.execute()
        finally:
            run.close()


class _LaunchedRun:
    """One run and the command that it is about."""

    def __init__(self, project: Project, command: list[str], inbox: SignalInbox) -> None:
        self.run_id = new_run_id()
        self._project = project
        self._command = command
        self._inbox = inbox
        self._notices = Notices()
        self._writer = self._open_journal()
        self._environment = self._command_environment()
        self._probe: EnvironmentProbe | None = None
        self._lines: list[Event] = []
        self._last_error_line = ""
        self._system_step = 0
        self._interrupted_by: signal.Signals | None = None

    @property
    def recorded(self) -> bool:
        """Whether there is a journal."""
        return self._writer is not None

    def begin(
        self, experiment: str | None, name: str | None, params: Mapping[str, object], tags: Mapping[str, str]
    ) -> None:
        """Record who runs what, and with which code and environment."""
        self._probe = EnvironmentProbe(self._command, self._environment)
        captured = self._git_events()
        environment = self._probe.result(PROBE_PATIENCE_S)
        if environment is not None:
            captured.append({"e": "cap", "name": "environment", "value": environment})
            self._probe = None
        parent = os.environ.get("WORKBENCH_RUN_ID", "")
        start: Event = {
            "e": "start",
            "experiment": experiment or os.environ.get("WORKBENCH_EXPERIMENT") or DEFAULT_EXPERIMENT,
            "name": name or run_name(self.run_id),
            "parent": parent if is_run_id(parent) else None,
            "resumed": False,
            **describe_process(),
            "command": mask_command(self._command),
            "python": environment.get("python") if environment else None,
        }
        self._record([start, *param_events(params), *tag_events(tags), *captured], sync=True)

    def execute(self) -> int:
        """Run the command; its exit status as a shell gives it."""
        early = self._inbox.next(0)
        if early and early.number in ENDING:
            return self._end("killed", 128 + early.number, f"ended by {early.number.name} before it began")
        taps = open_taps()
        try:
            with self._inbox.spawning():
                process = subprocess.Popen(
                    self._command,
                    env=self._environment,
                    stdout=_write_end(taps, 1),
                    stderr=_write_end(taps, 2),
                )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            for tap in taps:
                tap.close()
            return self._not_started(error)
        pump = OutputPump(taps, self._on_line, self._write_lines)
        pump.start()
        sampler = SystemSampler(self._on_sample, process.pid, environment=self._environment)
        sampler.start()
        self._wait(process, pump)
        sampler.stop()
        if not pump.stop(OUTPUT_PATIENCE_S):
            self._notices.say("the terminal does not take the output; its end is not recorded", "output")
        return self._ended(process.returncode)

    def close(self) -> None:
        """Seal the journal."""
        if self._probe is not None:
            self._probe.cancel()
        if self._writer is not None:
            self._writer.close()

    def _wait(self, process: subprocess.Popen[bytes], pump: OutputPump) -> None:
        """Pass signals on and record heartbeats until the command has ended."""
        heartbeat_s = time.monotonic() + HEARTBEAT_INTERVAL_S
        while process.poll() is None:
            received = self._inbox.next(heartbeat_s - time.monotonic())
            if time.monotonic() >= heartbeat_s:
                heartbeat_s += HEARTBEAT_INTERVAL_S
                self._record([{"e": "hb"}])
            if received is None or received.number == signal.SIGCHLD:
                continue
            if received.number == signal.SIGWINCH:
                pump.copy_window_size()
                continue
            if received.number in ENDING:
                self._interrupted_by = received.number
            if not received.from_terminal:
                process.send_signal(received.number)

    def _ended(self, returncode: int) -> int:
        if returncode < 0:
            return self._end("killed", 128 - returncode, f"killed by {_signal_name(-returncode)}")
        if returncode == 0:
            return self._end("finished", 0, None)
        if self._interrupted_by is not None:
            return self._end("killed", returncode, f"ended by {self._interrupted_by.name}")
        return self._end("failed", returncode, self._last_error_line or f"exit status {returncode}")

    def _not_started(self, error: Exception) -> int:
        program = self._command[0]
        if not isinstance(error, FileNotFoundError):
            reason = error.strerror if isinstance(error, OSError) else str(error)
            status, message = NOT_EXECUTABLE_STATUS, f"cannot run {program}: {reason}"
        elif shutil.which(program, path=self._environment.get("PATH")):
            status, message = NOT_EXECUTABLE_STATUS, f"cannot run {program}: the program in its first line is missing"
        else:
            status, message = NOT_FOUND_STATUS, f"command not found: {program}"
        self._notices.say(message)
        return self._end("failed", status, message)

    def _end(self, status: str, exit_code: int, error: str | None) -> int:
        environment = self._probe.result(0) if self._probe is not None else None
        late: list[Event] = [{"e": "cap", "name": "environment", "value": environment}] if environment else []
        self._record([*late, {"e": "end", "status": status, "exit_code": exit_code, "error": error}], sync=True)
        return exit_code

    def _open_journal(self) -> JournalWriter | None:
        try:
            return JournalWriter(self._project.journal_dir, self.run_id, warn=self._notices.say)
        except WorkbenchError as error:
            self._notices.report("journal", error)
            self._notices.say("nothing of this run is recorded")
            return None

    def _command_environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        environment["WORKBENCH_DIR"] = self._project.root
        environment.pop("WORKBENCH_RUN_ID", None)
        if self._writer is not None:
            environment["WORKBENCH_RUN_ID"] = self.run_id
        if not os.isatty(1):
            environment.setdefault("PYTHONUNBUFFERED", "1")
        return environment

    def _git_events(self) -> list[Event]:
        try:
            state = capture_git(os.getcwd())
            if state is None or self._writer is None:
                return []
            return git_events(self._project, state)
        except (OSError, WorkbenchError) as error:
            self._notices.report("git", error)
            return []

    def _on_line(self, stream: int, text: str, newline: bool) -> None:
        event: Event = {"e": "out", "s": stream, "x": text}
        if not newline:
            event["n"] = True
        self._lines.append(event)
        if stream == 2 and text.strip():
            self._last_error_line = text.strip()[:500]
        if len(self._lines) >= MAX_BATCH_LINES:
            self._write_lines()

    def _write_lines(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            self._record(lines)

    def _on_sample(self, metrics: dict[str, float]) -> None:
        if self._writer is not None:
            self._writer.metrics(metrics, self._system_step)
            self._system_step += 1

    def _record(self, events: list[Event], *, sync: bool = False) -> None:
        if self._writer is not None:
            try:
                self._writer.events(events, sync=sync)
            except Exception as error:
                self._notices.report("record", error)


def _write_end(taps: Sequence[Tap], stream: int) -> int | None:
    """Where the command prints; None leaves it what we have."""
    return next((tap.write_fd for tap in taps if tap.stream == stream), None)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
