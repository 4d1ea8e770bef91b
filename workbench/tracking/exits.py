"""How a run ends when nobody ends it: at exit, after an exception, on SIGTERM; and what a fork does to it.

The hooks are in place only while a run is open, and pass on to whatever was there before.
`kill -9` needs no hook: the kernel drops the journal's lock, and readers see the run as crashed.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import NoReturn

    from workbench.tracking.run import Run

SPAWNED_FROM = "WORKBENCH_SPAWNED_FROM"
"""The environment variable by which a child of `multiprocessing` finds the run that it was started in."""
PATIENCE_AFTER_SIGTERM_S = 0.5
SIGTERM_EXIT_CODE = 128 + signal.SIGTERM

_open: list[Run] = []
_outcome: tuple[str, int, str | None] = ("finished", 0, None)
_excepthook = sys.excepthook
_exit = sys.exit
_closing = False


def watch(run: Run) -> None:
    """Take care that `run`, which has just opened a journal, ends with the process."""
    if "multiprocessing.util" in sys.modules:
        # Children of multiprocessing leave through os._exit, without atexit.
        from multiprocessing.util import Finalize

        Finalize(None, end_all, exitpriority=0)
    if run not in _open:
        if not _open:
            _install()
        _open.append(run)
        _tell_children()


def unwatch(run: Run) -> None:
    """`run` has ended."""
    if run in _open:
        _open.remove(run)
        _tell_children()
        if not _open:
            _uninstall()


def open_runs() -> list[Run]:
    """The runs that this process has a journal of, oldest first."""
    return _open.copy()


def end_all() -> None:
    """End every open run the way the process ends, inner ones first."""
    for run in reversed(_open.copy()):
        status, exit_code, error = _outcome
        run.finish(status, exit_code=exit_code, error=error)


def outcome_of(error: BaseException | None) -> tuple[str, int | None, str | None]:
    """`(status, exit code, error)` of a run that `error` ended; the exit code is None where it is not known yet."""
    if error is None:
        return "finished", None, None
    if isinstance(error, SystemExit):
        code = error.code
        if code is None or code == 0:
            return "finished", 0, None
        return ("failed", code, f"exit status {code}") if isinstance(code, int) else ("failed", 1, str(code))
    if isinstance(error, KeyboardInterrupt):
        return "killed", 130, "KeyboardInterrupt"
    text = str(error)
    name = type(error).__name__
    return "failed", 1, f"{name}: {text}" if text else name


def _tell_children() -> None:
    """Name the current run in the environment, with this process, so that no other program takes it for its own."""
    run = _open[-1] if _open else None
    if run is None or run.project is None:
        os.environ.pop(SPAWNED_FROM, None)
    else:
        os.environ[SPAWNED_FROM] = f"{os.getpid()}:{run.run_id}:{run.project.root}"


def spawning_run() -> tuple[str, str] | None:
    """`(run id, project folder)` of the run in which `multiprocessing` started this process, else None."""
    pid, _, place = os.environ.get(SPAWNED_FROM, "").partition(":")
    run_id, _, root = place.partition(":")
    process = sys.modules.get("multiprocessing.process")
    parent = process.parent_process() if process and root else None
    return (run_id, root) if parent is not None and str(parent.pid) == pid else None


def _install() -> None:
    global _excepthook, _exit, _outcome
    _outcome = ("finished", 0, None)
    _excepthook, sys.excepthook = sys.excepthook, _note_exception
    _exit, sys.exit = sys.exit, _note_exit
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_sigterm)


def _uninstall() -> None:
    if sys.excepthook is _note_exception:
        sys.excepthook = _excepthook
    if sys.exit is _note_exit:
        sys.exit = _exit
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _note_exception(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    global _outcome
    status, exit_code, text = outcome_of(error)
    _outcome = (status, exit_code or 1, text)
    _excepthook(kind, error, traceback)


def _note_exit(status: str | int | None = None, /) -> NoReturn:
    """`sys.exit`, remembering the status: an exit leaves no other trace for atexit to see."""
    global _outcome
    if _in_main_thread():
        noted, exit_code, text = outcome_of(SystemExit(status))
        _outcome = (noted, exit_code or 0, text)
    _exit(status)


def _on_sigterm(signum: int, frame: FrameType | None) -> None:
    """End the runs in a thread, since this one may be in the middle of a log call; then die of the signal."""
    global _closing
    if _open and not _closing:
        _closing = True
        threading.Thread(target=_end_killed, args=(signum,), daemon=True).start()
        return
    signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)


def _end_killed(signum: int) -> None:
    try:
        for run in reversed(_open.copy()):
            run.finish("killed", exit_code=SIGTERM_EXIT_CODE, error="SIGTERM", patience_s=PATIENCE_AFTER_SIGTERM_S)
    finally:
        os.kill(os.getpid(), signum)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _before_fork() -> None:
    for run in _open:
        run.before_fork()


def _after_fork_in_child() -> None:
    for run in _open:
        run.become_worker()


atexit.register(end_all)
os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
