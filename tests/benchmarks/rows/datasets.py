"""Registering a large file: the first hash beside `sha256sum`, and the same file again when nothing has touched it."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
from pathlib import Path

from tests.benchmarks.harness import Context, Row, interleaved, median_ratio, seconds
from workbench.base.project import Project, create_project
from workbench.data.datasets import add, read_content
from workbench.store.store import Store

SIZE_BYTES, LEAST_BYTES = 5_000_000_000, 1_000_000_000
CHUNK_BYTES = 50_000_000
AGAIN_S = 0.1
RATE = 0.7
_MINUTE_NS = 60_000_000_000


def measure(context: Context) -> list[Row]:
    """Two rows: the first hash, and the second registration."""
    project = create_project(str(context.make_folder("datasets")))
    path = context.folder / "large.bin"
    size_bytes = context.size(SIZE_BYTES, LEAST_BYTES)
    with open(path, "wb") as file:
        for _ in range(0, size_bytes, CHUNK_BYTES):
            file.write(os.urandom(CHUNK_BYTES))
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - _MINUTE_NS))  # not just written: it may be remembered
    repetitions = min(3, context.repetitions)
    ours, theirs = interleaved(
        repetitions,
        lambda: _registered(project, path, forget=True),
        lambda: seconds(lambda: subprocess.run(["sha256sum", path], check=True, capture_output=True)),
    )
    again = [_registered(project, path, forget=False) for _ in range(5)]
    rate, again_s = median_ratio(theirs, ours), statistics.median(again)
    shown = f"{size_bytes / 1e9:g} GB"
    return [
        Row(
            f"`data add` of a file of {shown}, the first time",
            f"{statistics.median(ours):.2f} s",
            f"≥ {RATE:g}x as fast as sha256sum",
            f"sha256sum: {statistics.median(theirs):.2f} s, {rate:.1f}x",
            rate >= RATE,
            {"taken_s": statistics.median(ours), "sha256sum_s": statistics.median(theirs), "rate": rate},
        ),
        Row(
            f"the same file of {shown} again, unchanged",
            f"{again_s * 1000:.0f} ms",
            f"≤ {AGAIN_S:g} s",
            "",
            again_s <= AGAIN_S,
            {"taken_s": again_s},
        ),
    ]


def _registered(project: Project, path: Path, *, forget: bool) -> float:
    """How long it takes to register a file, from its path to the journal on the disk, without a profile."""
    if forget:
        shutil.rmtree(os.path.join(project.folder, "cache", "digests"), ignore_errors=True)

    def register() -> None:
        content = read_content(project, str(path))
        with Store(project).reading() as db:
            add(db, project, content, "large")

    return seconds(register)
