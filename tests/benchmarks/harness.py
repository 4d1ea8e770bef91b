"""Measuring fairly on a machine that does other things too: interleaved repetitions, medians, one table."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"


@dataclass(frozen=True)
class Context:
    """What a benchmark is given.

    Attributes:
        folder: an empty folder on the file system that is measured.
        scale: 1 for the promised sizes, less for a look at whether it works.
        repetitions: of each side of a comparison.
    """

    folder: Path
    scale: float = 1.0
    repetitions: int = 5

    def size(self, full: int, least: int = 1) -> int:
        """A number of things, scaled."""
        return max(least, round(full * self.scale))

    def make_folder(self, name: str) -> Path:
        """A new folder below `folder`."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        promise: what is measured, in words.
        measured, target, peer: as they are shown; peer is "" where there is none.
        holds: whether the promise is kept.
        numbers: what it was computed from, with units in the names.
    """

    promise: str
    measured: str
    target: str
    peer: str
    holds: bool
    numbers: dict[str, float] = field(default_factory=dict)


Benchmark = Callable[[Context], list[Row]]


def seconds(action: Callable[[], object]) -> float:
    """How long a call takes, seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def medians(repetitions: int, *sides: Callable[[], float]) -> list[float]:
    """The median of what each side returns, the sides taking turns (A B A B …) so that noise meets them all."""
    samples = interleaved(repetitions, *sides)
    return [statistics.median(values) for values in samples]


def interleaved(repetitions: int, *sides: Callable[[], float]) -> list[list[float]]:
    """What each side returned, in order."""
    samples: list[list[float]] = [[] for _ in sides]
    for _ in range(repetitions):
        for values, side in zip(samples, sides, strict=True):
            values.append(side())
    return samples


def median_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> float:
    """The median of the ratios of samples taken in turn: what slows a pair down cancels out."""
    return statistics.median(a / b for a, b in zip(numerators, denominators, strict=True))


def workbench_command() -> list[str]:
    """The installed program, started by the interpreter that runs this."""
    return [sys.executable, str(Path(sys.executable).parent / "workbench")]


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| promise | measured | target | peer, same machine and run | |", "|---|---|---|---|---|"]
    for row in rows:
        verdict = "✓" if row.holds else "✗"
        lines.append(f"| {row.promise} | {row.measured} | {row.target} | {row.peer or '–'} | {verdict} |")
    return "\n".join(lines)


def document(rows: Sequence[Row], scale: float) -> str:
    """The rows and the machine as JSON."""
    return json.dumps({"machine": machine(), "scale": scale, "rows": [asdict(row) for row in rows]}, indent=2)


def report(rows: Sequence[Row]) -> str:
    """The table and the machine, as docs/performance.md shows them."""
    facts = machine()
    packages = ", ".join(f"{name} {number}" for name, number in facts["packages"].items() if number)  # type: ignore[attr-defined]
    where = f"{facts['processor']}, {facts['cores']} cores, {facts['system']}, Python {facts['python']}"
    return f"{markdown(rows)}\n\n{where}; {packages}; load {facts['load_1min']} at the end."


def put_between_marks(page: str, text: str) -> str:
    """`page` with what stands between its marks replaced.

    Raises:
        ValueError: the page has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def machine() -> dict[str, object]:
    """What the numbers depend on."""
    packages = ("duckdb", "mlflow", "textual", "typer", "mlops-workbench")
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_1min": round(os.getloadavg()[0], 2),
        "packages": {name: _version(name) for name in packages},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()
