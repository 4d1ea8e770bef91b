"""What goes on beside a training while its run is open: captures, heartbeats, system metrics, output.

Everything slow happens in one daemon thread that yields to the training first; nothing here raises
into the training or keeps the process alive.
"""

from __future__ import annotations

import os
import sys
import threading

from workbench.tracking.capture.process import working_directory
from workbench.tracking.notices import send_notices_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.base.project import Project
    from workbench.tracking.capture.output import OutputCapture
    from workbench.tracking.capture.system import SystemSampler
    from workbench.tracking.notices import Notices

    Emit = Callable[[Sequence[dict[str, object]]], None]

CAPTURE_DELAY_S = 0.02
SYSTEM_METRICS_DELAY_S = 0.5
HEARTBEAT_INTERVAL_S = 30.0
MAX_BATCH_LINES = 1000
CAPTURE_PATIENCE_S = 5.0


class Background:
    """The background work of one run in the process that owns it.

    Args:
        project: where large captures are stored.
        emit: appends events to the run's journal; never raises.
        notices: where trouble is said.
        capture: whether to record git, environment and packages.
        capture_output: whether to record what this process prints.
        emit_system: appends one sample of system metrics; None to take none.
    """

    def __init__(
        self,
        project: Project,
        emit: Emit,
        notices: Notices,
        *,
        capture: bool,
        capture_output: bool,
        emit_system: Callable[[dict[str, float]], None] | None,
    ) -> None:
        self._project = project
        self._emit = emit
        self._notices = notices
        self._capture = capture
        self._emit_system = emit_system
        self._cwd = working_directory()
        if capture_output:
            self._listen()
        self._stop = threading.Event()
        self._captured = threading.Event()
        self._thread = threading.Thread(target=self._work, name="workbench-background", daemon=True)
        self._thread.start()

    def stop(self, patience_s: float = CAPTURE_PATIENCE_S) -> None:
        """Wait for the captures, at most `patience_s`, and end the rest."""
        self._stop.set()
        if not self._captured.wait(patience_s):
            self._notices.say("git and environment were not captured in time", "capture")
        self._thread.join(patience_s)
        ignore_output(self._emit)

    def wait_for_captures(self) -> None:
        """Return when git and environment are recorded, or after a few seconds."""
        self._captured.wait(CAPTURE_PATIENCE_S)

    def _listen(self) -> None:
        try:
            listen_to_output(self._emit)
        except Exception as error:
            self._notices.say(f"output is not captured: {error}", "output")

    def _work(self) -> None:
        self._stop.wait(CAPTURE_DELAY_S)
        if self._capture:
            self._record("git", lambda: repository_events(self._project, self._cwd))
            self._record("the environment", environment_events)
        self._captured.set()
        sampler = None if self._stop.wait(SYSTEM_METRICS_DELAY_S) else self._start_sampler()
        while not self._stop.wait(HEARTBEAT_INTERVAL_S):
            self._emit([{"e": "hb"}])
        if sampler is not None:
            sampler.stop()

    def _record(self, what: str, capture: Callable[[], Sequence[dict[str, object]]]) -> None:
        try:
            self._emit(capture())
        except Exception as error:
            self._notices.say(f"{what} was not captured: {error}")

    def _start_sampler(self) -> SystemSampler | None:
        if self._emit_system is None:
            return None
        try:
            from workbench.tracking.capture.system import SystemSampler

            sampler = SystemSampler(self._emit_system)
            sampler.start()
        except Exception as error:
            self._notices.say(f"no system metrics: {error}", "system")
            return None
        return sampler


def repository_events(project: Project, cwd: str) -> list[dict[str, object]]:
    """The `cap` events of the repository around `cwd`, else around the script that runs; none outside of one."""
    from workbench.tracking.capture.git import capture_git, git_events

    state = capture_git(cwd)
    if state is None and sys.argv and os.path.isfile(sys.argv[0]):
        state = capture_git(os.path.dirname(os.path.abspath(sys.argv[0])))
    return [] if state is None else git_events(project, state)


def environment_events() -> list[dict[str, object]]:
    """The `cap` event of the interpreter, the machine and the installed packages."""
    from workbench.tracking.capture.environment import capture_environment

    return [{"e": "cap", "name": "environment", "value": capture_environment()}]


# ------------------------------------------------------------------ output, captured once for all open runs

_lock = threading.Lock()
_listeners: list[Emit] = []
_lines: list[dict[str, object]] = []
_output: OutputCapture | None = None
_stderr_fd = -1


def listen_to_output(emit: Emit) -> None:
    """Pass every line that this process prints to `emit` as an `out` event.

    Raises:
        OSError: descriptors 1 and 2 cannot be captured.
    """
    global _output, _stderr_fd
    with _lock:
        if _output is None:
            from workbench.tracking.capture.output import OutputCapture

            _stderr_fd = os.dup(2)
            try:
                _output = OutputCapture(_on_line, _on_pause)
                _output.start()
            except BaseException:
                _output = None
                os.close(_stderr_fd)
                raise
            send_notices_to(_stderr_fd)
        _listeners.append(emit)


def ignore_output(emit: Emit) -> None:
    """No longer pass lines to `emit`; what was printed before has been passed on when this returns.

    The descriptors are given back once nobody listens.
    """
    global _output
    with _lock:
        if emit not in _listeners or _output is None:
            return
        _output.stop()
        _listeners.remove(emit)
        if _listeners:
            try:
                _output.start()  # only the end of a capture tells that all has been passed on
                return
            except OSError:
                _listeners.clear()
        _output = None
        send_notices_to(2)
        os.close(_stderr_fd)


def _forget_output_in_child() -> None:
    """The parent's capture goes on and records what this child prints too."""
    global _lock, _output
    _lock = threading.Lock()
    _listeners.clear()
    _lines.clear()
    _output = None


def _on_line(stream: int, text: str, newline: bool) -> None:
    event: dict[str, object] = {"e": "out", "s": stream, "x": text}
    if not newline:
        event["n"] = True
    _lines.append(event)
    if len(_lines) >= MAX_BATCH_LINES:
        _on_pause()


def _on_pause() -> None:
    """Write the lines at hand as one block."""
    lines = _lines.copy()
    _lines.clear()
    for emit in _listeners.copy():
        emit(lines)


os.register_at_fork(after_in_child=_forget_output_in_child)
