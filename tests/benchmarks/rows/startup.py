"""How long a fresh process takes until it is useful: help, a list of runs, the first log of a training script."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.harness import Context, Row, interleaved, median_ratio, seconds, workbench_command
from tests.benchmarks.rows.search import filling
from workbench.base.project import create_project

RUNS = 10_000
HELP_TIMES = 1.3
LIST_TIMES = 1.7
FIRST_LOG_TIMES = 3.0

BARE_TYPER = """
import typer

app = typer.Typer()


@app.command()
def hello(name: str) -> None:
    print(f"hello {name}")


@app.command()
def bye(name: str, formal: bool = False) -> None:
    print(f"bye {name}")


app()
"""
FIRST_LOG = "import workbench as wb\nwb.start_run().log({'loss': 0.5})\n"
MODULES = "import json, sys\nopen('modules.json', 'w').write(json.dumps(sorted(sys.modules)))\n"
LEAVE = "import os\nos._exit(0)\n"
"""Ends the process at once, so that what is timed ends when the log has returned."""
UNWANTED = ("duckdb", "polars", "mlflow")


def measure(context: Context) -> list[Row]:
    """Three rows."""
    folder = context.make_folder("startup")
    (folder / "bare.py").write_text(BARE_TYPER)
    runs = context.size(RUNS, 50)
    project = create_project(str(context.make_folder("listed")))
    _fill(project.root, runs)
    return [_help(context, folder), _list(context, Path(project.root), runs), _first_log(context)]


def _help(context: Context, folder: Path) -> Row:
    ours_s, bare_s = _in_turn(context, folder, [*workbench_command(), "--help"], [sys.executable, "bare.py", "--help"])
    ratio = median_ratio(ours_s, bare_s)
    return Row(
        "`workbench --help`, process start to exit",
        f"{ratio:.2f}x ({_ms(ours_s)})",
        f"≤ {HELP_TIMES}x",
        f"a bare Typer program of two commands: {_ms(bare_s)}",
        ratio <= HELP_TIMES,
        {"ratio": ratio, "help_ms": statistics.median(ours_s) * 1e3, "bare_ms": statistics.median(bare_s) * 1e3},
    )


def _list(context: Context, folder: Path, runs: int) -> Row:
    bare = [sys.executable, "-c", "import duckdb, typer"]
    ours_s, bare_s = _in_turn(context, folder, [*workbench_command(), "runs", "list"], bare)
    ratio = median_ratio(ours_s, bare_s)
    return Row(
        f"`workbench runs list` on {runs:,} runs, process start to exit",
        f"{ratio:.2f}x ({_ms(ours_s)})",
        f"≤ {LIST_TIMES}x",
        f'`python -c "import duckdb, typer"`: {_ms(bare_s)}',
        ratio <= LIST_TIMES,
        {"ratio": ratio, "list_ms": statistics.median(ours_s) * 1e3, "bare_ms": statistics.median(bare_s) * 1e3},
    )


def _first_log(context: Context) -> Row:
    folder = context.make_folder("first-log")
    _run([sys.executable, "-c", FIRST_LOG + MODULES], folder)
    modules = set(json.loads((folder / "modules.json").read_text()))
    unwanted = ", ".join(UNWANTED)
    heavy = ", ".join(name for name in UNWANTED if name in modules)
    ours_s, bare_s = _in_turn(context, folder, [sys.executable, "-c", FIRST_LOG + LEAVE], [sys.executable, "-c", LEAVE])
    ratio = median_ratio(ours_s, bare_s)
    return Row(
        "start of Python to the return of the first `log`, captures on",
        f"{ratio:.2f}x ({_ms(ours_s)}), loads {heavy or f'none of {unwanted}'}",
        f"≤ {FIRST_LOG_TIMES:g}x, none of {unwanted}",
        f"bare Python: {_ms(bare_s)}",
        ratio <= FIRST_LOG_TIMES and not heavy,
        {"ratio": ratio, "first_log_ms": statistics.median(ours_s) * 1e3, "bare_ms": statistics.median(bare_s) * 1e3},
    )


def _fill(root: str, runs: int) -> None:
    """In a process of its own, whose connection is closed before anything is timed."""
    code = (
        "import sys\nfrom workbench.base.project import Project\nfrom workbench.store.store import Store\n"
        f"with Store(Project({root!r})).reading() as db:\n"
        "    for statement in sys.argv[1:]:\n        db.execute(statement)\n"
    )
    _run([sys.executable, "-c", code, *filling(runs)], Path(root))


def _in_turn(context: Context, folder: Path, *commands: Sequence[str]) -> list[list[float]]:
    """Seconds of each command, after one unmeasured turn that warms the file cache."""
    for command in commands:
        _run(command, folder)
    sides = [lambda command=command: seconds(lambda: _run(command, folder)) for command in commands]
    return interleaved(context.repetitions * 3, *sides)


def _run(command: Sequence[str], folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def _ms(samples: Sequence[float]) -> str:
    return f"{statistics.median(samples) * 1e3:.0f} ms"
