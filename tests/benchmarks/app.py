"""The terminal app as the benchmarks start it: its command, its environment, its keys."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.harness import Row, workbench_command
from tests.benchmarks.terminal import Terminal, View, rows_and_cursor

ROW = r"\b(?:run|live|curve)-\d+\b"
"""Names a run of a made-up store or of `trainer.py`."""
LIST_VIEW = rows_and_cursor(ROW)
DROPPED = ("WORKBENCH_", "PYTHONDONTWRITEBYTECODE", "NO_COLOR", "CLICOLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TMUX")
SETTLE_S = 1.0
"""How long a screen must not have changed before the first key is timed."""
PAUSE_S = 0.05
"""The same between keys, so that what one key left to do is not counted for the next."""


def app_command(root: Path) -> list[str]:
    """Opens the app on a project."""
    return [*workbench_command(), "-C", str(root), "ui"]


def environment(folder: Path) -> dict[str, str]:
    """This environment without what changes how programs start and draw; what they remember goes into `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE", "DATA")}
    return {**kept, **homes}


def open_app(terminal: Terminal, root: Path, least: int) -> None:
    """Start the app and wait until it shows at least so many runs and has nothing left to do."""
    terminal.start(app_command(root))
    terminal.wait_for_lines(ROW, least)
    terminal.settle(SETTLE_S, 3 * SETTLE_S)


def run_workbench(root: Path, *arguments: str) -> None:
    """Run one command in a project, such as one that ingests."""
    command = [*workbench_command(), "-C", str(root), *arguments]
    done = subprocess.run(command, env=environment(root), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def keys_ms(terminal: Terminal, keys: Sequence[str], view: View = LIST_VIEW) -> list[float]:
    """Milliseconds from each key to the changed screen, one after the other has settled."""
    samples = []
    for key in keys:
        samples.append(terminal.press(key, view=view))
        terminal.settle(PAUSE_S, 10 * PAUSE_S)
    return samples


@contextmanager
def training(root: Path, runs: int, points_per_s: float) -> Iterator[None]:
    """Runs that log meanwhile, in a process of their own."""
    process = subprocess.Popen(
        _trainer(root, runs, points_per_s, 86_400), env=environment(root), stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(SETTLE_S)
        yield
    finally:
        process.kill()
        process.communicate()


def logging_rate(root: Path, duration_s: float) -> float:
    """Points that one run logs in a second, as fast as it can."""
    command = _trainer(root, 1, 0, duration_s)
    done = subprocess.run(command, env=environment(root), capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def not_measured(promise: str, why: str) -> list[Row]:
    """The row of a promise that nothing is known about."""
    return [Row(promise, f"not measured: {why}", "measured", "", False)]


def percentile(samples: Sequence[float], percent: float) -> float:
    """The least sample that so many percent of all do not exceed."""
    return sorted(samples)[max(0, math.ceil(len(samples) * percent / 100) - 1)]


def _trainer(root: Path, runs: int, points_per_s: float, duration_s: float) -> list[str]:
    script = Path(__file__).with_name("trainer.py")
    return [sys.executable, str(script), str(root), str(runs), str(points_per_s), str(duration_s)]
