"""The command of an alert: run once for each that is raised, and its failure is never hidden."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from workbench.base.clock import iso_utc, now_us
from workbench.base.errors import store_error
from workbench.base.jsonvalue import dumps
from workbench.base.project import Project
from workbench.drift.monitors.alerts import CLEARED, RAISED, Alert, alert_id
from workbench.drift.monitors.decisions import ALERT, Handling, HookRun
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.monitors.results import Result
from workbench.store.writing import ProjectJournal

TIMEOUT_S = 60.0
DETAIL_LETTERS = 2000
DONE, FAILED, TIMEOUT, QUIET = "done", "failed", "timeout", "quiet"


def wanted(monitor: Monitor, alert: Alert, handled: Handling) -> str | None:
    """`raised` or `cleared`, where the command has still to be run for that; else None.

    Alerts that had been raised and cleared before the monitor was registered are history.
    """
    if not monitor.settings.on_alert:
        return None
    ran = {one.state: one.outcome for one in handled.hooks}
    if not alert.stands:
        told = ran.get(RAISED) in (DONE, FAILED, TIMEOUT)
        if monitor.settings.on_clear and told and CLEARED not in ran:
            return CLEARED
    history = alert.raised_us <= monitor.registered_us and not alert.stands
    if RAISED in ran or alert.quiet or handled.acknowledged or history:
        return None
    return RAISED


def announce(
    project: Project,
    journal: ProjectJournal,
    monitor: Monitor,
    alert: Alert,
    state: str,
    result: Result,
    quiet_for: str = "",
) -> HookRun | None:
    """Run the command of an alert and keep what became of it; None where another process does it, or has.

    Args:
        state: `raised` or `cleared`.
        result: of the window that did it.
        quiet_for: why nothing is run, now or later; "" runs it.
    """
    key = alert_id(monitor.id, alert.key)
    with _claim(project, f"{key}.{state}") as claimed:
        if not claimed:
            return None
        if quiet_for:
            ran = HookRun(state, now_us(), QUIET, quiet_for)
        else:
            ran = _run(project, monitor, state, alert_document(monitor, alert, state, result))
        journal.set_fields((ALERT, key, {"monitor": monitor.id, "window": alert.key, f"hook_{state}": asdict(ran)}))
    return ran


def alert_document(monitor: Monitor, alert: Alert, state: str, result: Result) -> dict[str, object]:
    """An alert as its command reads it on stdin."""
    return {
        "monitor": monitor.name,
        "model": monitor.version_shown or None,
        "state": state,
        "window": result.window,
        "start": None if result.start_us is None else iso_utc(result.start_us),
        "end": None if result.end_us is None else iso_utc(result.end_us),
        "windows": alert.windows,
        "rows": result.rows,
        "columns": list(result.drifted_columns),
        "reasons": list(result.reasons),
        "source": monitor.settings.source,
        "reference": monitor.reference.shown,
        "result": result.id,
    }


def _run(project: Project, monitor: Monitor, state: str, document: Mapping[str, object]) -> HookRun:
    columns = document["columns"]
    assert isinstance(columns, list)
    environment = {
        **os.environ,
        "WORKBENCH_MONITOR": monitor.name,
        "WORKBENCH_MODEL": monitor.version_shown,
        "WORKBENCH_WINDOW": str(document["window"]),
        "WORKBENCH_COLUMNS": ",".join(columns),
        "WORKBENCH_ALERT": state,
    }
    started_us, begin = now_us(), time.monotonic()
    process = subprocess.Popen(
        monitor.settings.on_alert, shell=True, cwd=project.root, env=environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(dumps(document).encode() + b"\n", timeout=TIMEOUT_S)
        outcome = DONE if process.returncode == 0 else FAILED
        status = "" if outcome == DONE else f"exit status {process.returncode}"
    except subprocess.TimeoutExpired:
        outcome, status = TIMEOUT, f"not done after {TIMEOUT_S:g} s; it was ended"
        _end(process)
        output = b""
    said = output.decode("utf-8", "replace").strip()[-DETAIL_LETTERS:]
    detail = "" if outcome == DONE else ": ".join(filter(None, (status, said)))
    return HookRun(state, started_us, outcome, detail, round(time.monotonic() - begin, 3))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and whatever it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
    if process.stdin is not None:
        process.stdin.close()


@contextmanager
def _claim(project: Project, name: str) -> Iterator[bool]:
    """Whether this process is the one that does something once: nobody else is at it, and nobody has done it.

    The lock ends with the process, so that what a kill left undone is done by the next run.

    Raises:
        StoreError: the file cannot be made.
    """
    folder = os.path.join(project.folder, "monitors")
    path = os.path.join(folder, name)
    try:
        os.makedirs(folder, exist_ok=True)
        file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - the lock is held for as long as it is open
    except OSError as error:
        raise store_error(error, path) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.seek(0)
        if file.read():
            yield False
            return
        yield True
        file.write("done\n")
