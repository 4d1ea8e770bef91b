"""A training that only logs, for benchmarks of what looks on; run as a program of its own.

    python trainer.py PROJECT RUNS POINTS_PER_S SECONDS

Each of the runs `live-0`… logs one metric, at that rate or, for 0, as fast as it can. Prints `ready` and, in the end,
how many points it logged in a second.
"""

from __future__ import annotations

import sys
import time
from itertools import count

import workbench


def train(project: str, runs: int, points_per_s: float, duration_s: float) -> float:
    """Log for so long; points per second, of all runs together."""
    live = [
        workbench.start_run(
            project=project, name=f"live-{number}", capture=False, capture_output=False, system_metrics=False,
            on_error="raise",
        )
        for number in range(runs)
    ]  # fmt: skip
    for run in live:
        run.log({"m000": 1.0}, step=0)
    print("ready", flush=True)
    began = time.perf_counter()
    for step in count(1):
        for run in live:
            run.log({"m000": 1 / step}, step=step)
        passed_s = time.perf_counter() - began
        if passed_s >= duration_s:
            break
        if points_per_s:
            time.sleep(max(0.0, step / points_per_s - passed_s))
    for run in live:
        run.end()
    return step * runs / passed_s


if __name__ == "__main__":
    print(train(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
